"""What leaves only sealed: what is stored for it, and what is said where it cannot be."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from comity.admin.fsck import fsck
from comity.config import Sealing
from comity.errors import SenderFault
from comity.forms.sealing_key import OpeningKey, write
from comity.intake.govern import add_key
from comity.intake.submit import Submitter, submit
from comity.intake.withdraw import withdraw
from comity.release.holdings import own_items
from comity.terms.item import inward, unnamed_red
from comity.terms.stix import SEALED_TYPE
from tests.consortium import MEMBERS, Body, drafts, indicator, sdo

KEYS = {code: OpeningKey(f"comity.example/sco/{code}/{code}-sco/sealing", code.encode() * 16) for code in ("UZ", "KG")}


def node(policy: Sealing | None = None, keys: tuple[str, ...] = ("UZ", "KG")) -> Body:
    """KZ's own node, which knows these parties' sealing keys."""
    body = Body(MEMBERS, party="KZ")
    if policy:
        object.__setattr__(body.world, "settings", msgspec.structs.replace(body.world.settings, sealing=policy))
    for code in ("KZ", "UZ", "KG", "TJ"):
        body.member(code)
    for code in keys:
        add_key(body.world, code, write(KEYS[code].public), by="test")
    return body


def adds(body: Body, *objects: dict[str, Any], to: tuple[str, ...] | None = ("UZ", "KG"), **options: Any) -> list[tuple[str, str]]:
    by = Submitter(party="KZ", to=to, **{"tlp": "red", **options})
    return [(outcome.outcome, outcome.why) for outcome in submit(body.world, drafts(objects), by)]


def leaves(body: Body) -> list[str]:
    """The types of the own items that a link takes."""
    return [row.type for _, row, _, envelope in own_items(body.desk, 0, 100) if not inward(envelope) and not unnamed_red(envelope)]


def test_red_that_names_its_recipients_leaves_only_sealed() -> None:
    body = node()
    secret = indicator()
    assert adds(body, secret, indicator(), tlp="amber+strict") == [("accepted", ""), ("accepted", "")]
    assert leaves(body) == [SEALED_TYPE, SEALED_TYPE]
    assert adds(body, secret, tlp="amber+strict") == [("duplicate", "")]
    assert leaves(body) == [SEALED_TYPE, SEALED_TYPE]
    assert adds(body, indicator(), tlp="amber") == [("accepted", "")]
    assert leaves(body)[2:] == ["indicator"]
    (own,) = body.world.store.by_id([secret["id"]])
    sealed = msgspec.json.decode(body.world.store.envelopes([own.item])[own.item])["sealed"]
    assert sealed["key_ids"] == sorted(key.public.key_id for key in KEYS.values())


def test_any_level_is_sealed_when_it_is_asked_for_and_refused_when_it_cannot_be() -> None:
    body = node(keys=("UZ",))
    assert adds(body, indicator(), tlp="green", to=("UZ",), sealed=True) == [("accepted", "")]
    assert leaves(body) == [SEALED_TYPE]
    ((outcome, why),) = adds(body, indicator(), to=("UZ", "KG"), sealed=True)
    assert outcome == "rejected" and "no sealing key of KG" in why
    ((outcome, why),) = adds(body, indicator(), to=None, sealed=True)
    assert outcome == "rejected" and "names its recipients" in why
    assert leaves(body) == [SEALED_TYPE]
    with pytest.raises(SenderFault, match="only KZ itself seals here"):
        submit(body.world, drafts([indicator()]), Submitter(party="UZ", to=("KG",), sealed=True))


def test_without_a_key_it_goes_as_before_and_that_is_said() -> None:
    body = node(keys=("UZ",))
    ((outcome, why),) = adds(body, indicator(), to=("UZ", "KG"))
    assert outcome == "accepted" and why == "not sealed: no sealing key of KG is known here (comity party key add)"
    assert leaves(body) == ["indicator"]
    nobody_seals = node(keys=())
    assert adds(nobody_seals, indicator(), to=("UZ",)) == [
        ("accepted", "not sealed: no sealing key of UZ is known here (comity party key add)")
    ]
    assert adds(nobody_seals, indicator(), to=None, tlp="amber+strict") == [("accepted", "")]
    before = leaves(nobody_seals)
    assert adds(nobody_seals, indicator(), to=None) == [("accepted", "TLP:RED that names no recipients (--to) is not given to a centre")]
    assert leaves(nobody_seals) == before


def test_a_policy_may_require_it_or_name_other_levels() -> None:
    strict = node(Sealing(required=True), keys=("UZ",))
    assert adds(strict, indicator(), to=("UZ", "KG"))[0][0] == "rejected"
    assert adds(strict, indicator(), to=())[0][0] == "accepted"  # it stays here
    assert adds(strict, indicator(), to=("KZ",))[0][0] == "accepted"
    assert adds(strict, indicator(), to=None, tlp="amber")[0][0] == "accepted"
    off = node(Sealing(levels=()))
    assert adds(off, indicator()) == [("accepted", "")] and leaves(off) == ["indicator"]


def test_what_waits_for_a_person_is_not_sealed() -> None:
    body = node()
    assert adds(body, sdo("identity", identity_class="individual"))[0][0] == "quarantined"
    assert leaves(body) == []


def test_versions_of_an_object_are_versions_of_one_sealed_object() -> None:
    body = node()
    first = indicator()
    adds(body, first)
    adds(body, {**first, "modified": "2021-10-02T00:00:00.000Z"})
    rows = list(body.world.store.by_type(SEALED_TYPE))
    assert len({row.id for row in rows}) == 1
    assert [row.version for row in rows] == ["2021-10-01T00:00:00.000Z", "2021-10-02T00:00:00.000Z"]


def test_the_sealed_object_goes_with_the_object() -> None:
    body = node()
    first, second = indicator(), indicator()
    adds(body, first, second)
    recalls = withdraw(body.world, "KZ", first["id"])
    assert {recall.id.partition("--")[0] for recall in recalls} == {"indicator", SEALED_TYPE}
    assert leaves(body) == [SEALED_TYPE]
    assert adds(body, first) == [("accepted", "")]
    assert leaves(body) == [SEALED_TYPE, SEALED_TYPE]


def test_a_store_with_sealed_objects_is_sound() -> None:
    body = node()
    adds(body, *(indicator() for _ in range(5)))
    withdraw(body.world, "KZ", next(iter(body.world.store.by_type("indicator"))).id)
    assert list(fsck(body.world)) == []


def test_a_batch_fits_a_log_entry_with_what_is_sealed() -> None:
    body = node(keys=("UZ",))
    assert len(adds(body, *(indicator() for _ in range(1_100)), to=("UZ",))) == 1_100
    assert len(leaves_all(body)) == 1_100


def leaves_all(body: Body) -> list[str]:
    return [row.id for row in body.world.store.by_type(SEALED_TYPE)]
