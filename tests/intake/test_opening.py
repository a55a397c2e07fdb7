"""Sealed objects on their way: KZ's node, the centre that cannot read them, and the nodes of those they are for."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from comity.admin.fsck import fsck
from comity.forms import stix_json, wire_envelope
from comity.forms.sealed import seal
from comity.forms.sealing_key import OpeningKey, write
from comity.forms.wire_envelope import Said, said_of
from comity.intake.govern import add_key
from comity.intake.opening import Opened, open_arrived, outcomes
from comity.intake.submit import Submitter, submit
from comity.intake.withdraw import withdraw
from comity.release.holdings import own_items, search
from comity.release.select import Query
from comity.terms.item import inward, read_envelope
from comity.terms.stix import SEALED_TYPE
from tests.consortium import MEMBERS, Body, drafts, indicator

KEYS = {code: OpeningKey(f"comity.example/sco/{code}/{code}-sco/sealing", code.encode() * 16) for code in ("UZ", "KG", "TJ")}
#: The members' clause goes up to TLP:AMBER; these may exchange anything.
RED = MEMBERS.replace('tlp_max = "amber"', 'tlp_max = "red"')


class Consortium:
    """KZ's node, the centre, and the nodes of UZ, KG and TJ; what is exchanged is carried by hand."""

    def __init__(self) -> None:
        self.centre = Body(RED)
        self.nodes = {code: Body(RED, party=code) for code in ("KZ", *KEYS)}
        for body in (self.centre, *self.nodes.values()):
            for code in ("KZ", *KEYS):
                body.member(code)
        for code, key in KEYS.items():
            add_key(self.nodes["KZ"].world, code, write(key.public), by="test")
        self.members = {code: self.centre.party(code) for code in ("KZ", *KEYS)}

    def adds(self, *objects: dict[str, Any], to: tuple[str, ...] = ("UZ", "KG"), tlp: str = "red", **options: Any) -> None:
        world = self.nodes["KZ"].world
        assert {o.outcome for o in submit(world, drafts(objects), Submitter(party="KZ", tlp=tlp, to=to, **options))} == {"accepted"}

    def pushes(self, **changed: Any) -> list[str]:
        """KZ's own items to the centre, envelopes beside them."""
        found = [(body, said_of(envelope)) for _, _, body, envelope in own_items(self.nodes["KZ"].desk, 0, 1_000) if not inward(envelope)]
        said = [msgspec.structs.replace(words, **changed) for _, words in found]
        into = wire_envelope.applied(stix_json.read(stix_json.envelope([body for body, _ in found])), said)
        return [outcome.outcome for outcome in submit(self.centre.world, into, Submitter(party="KZ", purposes=("network-defence",)))]

    def pulls(self, code: str) -> list[Opened]:
        """What the centre gives a member, into the member's node; what becomes of what is sealed in it."""
        member = self.members[code]
        page = member.page(after=member.cursor, limit=1_000, own=False)
        member.cursor = page.stamps[-1] if page.stamps else member.cursor
        by = Submitter(party="KZ", to=(code,), received_from="SCO-CENTRE", hops=("SCO-CENTRE",), handling=("H2",))
        list(submit(self.nodes[code].world, stix_json.read(stix_json.envelope(page.bodies)), by))
        return self.opens(code)

    def opens(self, code: str, *keys: OpeningKey) -> list[Opened]:
        return open_arrived(self.nodes[code].world, lambda: keys or (KEYS[code],))

    def finds(self, code: str, text: str) -> list[str]:
        return [row.type for row, _ in search(self.nodes[code].desk, text)]


def test_the_addressed_open_it_and_the_centre_holds_what_it_cannot_read() -> None:
    all_ = Consortium()
    secret = indicator(pattern="[domain-name:value = 'secret.example']")
    all_.adds(secret)
    assert all_.pushes() == ["accepted"]
    held = b"".join(all_.centre.world.store.bodies([row.item for row in all_.centre.world.store.recent(100)]).values())
    assert b"secret.example" not in held and secret["id"].encode() not in held
    for code in ("UZ", "KG"):
        (opened,) = all_.pulls(code)
        assert (opened.outcome, opened.id, opened.origin) == ("accepted", secret["id"], "KZ")
        assert all_.finds(code, "secret.example") == ["indicator"]  # as any other: by its value
        row = next(row for row in all_.nodes[code].world.store.by_id([secret["id"]]))
        envelope = read_envelope(all_.nodes[code].world.store.envelopes([row.item])[row.item])
        assert (envelope.origin, envelope.tlp, envelope.to, envelope.received_from) == ("KZ", "red", (code,), "SCO-CENTRE")
        assert "H2" in envelope.handling
        assert list(fsck(all_.nodes[code].world)) == []
    assert all_.pulls("TJ") == [] and all_.members["TJ"].reads() == []
    assert list(fsck(all_.centre.world)) == []


def test_the_centre_decides_by_the_type_that_is_inside() -> None:
    all_ = Consortium()
    all_.adds(indicator(indicator_types=["c2"]))
    all_.pushes()
    (row,) = [row for row in all_.centre.world.store.recent(10) if row.type == SEALED_TYPE]
    facts = all_.centre.desk.sight(all_.members["UZ"].reader).traits(row.base)
    assert (facts.type, facts.contains, facts.kind, facts.threat) == (SEALED_TYPE, "indicator", "indicator", ("c2",))
    page = all_.members["UZ"].page(types=frozenset({"indicator"}))
    assert page.found == []  # whoever asks for indicators gets none that it cannot read
    assert [row.type for _, row in all_.members["UZ"].page(types=frozenset({SEALED_TYPE})).found] == [SEALED_TYPE]


def test_what_is_there_is_not_opened_again() -> None:
    all_ = Consortium()
    all_.adds(indicator())
    all_.pushes()
    assert len(all_.pulls("UZ")) == 1
    assert all_.pulls("UZ") == all_.opens("UZ") == []
    assert [each.outcome for each in outcomes(all_.nodes["UZ"].world)] == ["accepted"]


def test_a_key_that_was_lost_is_said_and_opens_it_once_it_is_back() -> None:
    all_ = Consortium()
    secret = indicator()
    all_.adds(secret, to=("UZ",))
    all_.pushes()
    KEYS["UZ"], kept = OpeningKey.generate("new"), KEYS["UZ"]
    try:
        (opened,) = all_.pulls("UZ")
    finally:
        KEYS["UZ"] = kept
    assert opened.outcome == "waiting" and "no sealing key of this node opens it" in opened.why and "--sealing" in opened.next
    assert all_.opens("UZ", OpeningKey.generate("another"))[0].outcome == "waiting"
    assert [each.id for each in all_.opens("UZ", kept, OpeningKey.generate("new"))] == [secret["id"]]
    assert [each.outcome for each in outcomes(all_.nodes["UZ"].world)] == ["accepted"]


def test_rotation_keeps_what_was_sealed_before() -> None:
    all_ = Consortium()
    all_.adds(indicator(), to=("UZ",))
    all_.pushes()
    new = OpeningKey.generate("new")
    add_key(all_.nodes["KZ"].world, "UZ", write(new.public), by="test")
    add_key(all_.nodes["KZ"].world, "UZ", write(KEYS["UZ"].public), by="test", trusted=False)
    all_.adds(indicator(), to=("UZ",))
    all_.pushes()
    before, KEYS["UZ"] = KEYS["UZ"], new
    try:
        assert [each.outcome for each in all_.pulls("UZ")] == ["waiting", "accepted"]
    finally:
        KEYS["UZ"] = before
    assert [each.outcome for each in all_.opens("UZ", before, new)] == ["accepted"]


@pytest.mark.parametrize("widened", [{"tlp": "clear"}, {"purposes": ("network-defence", "training")}, {"handling": ()}, {"expires": None}])
def test_an_envelope_that_says_less_than_its_origin_sealed_widens_nothing(widened: dict[str, Any]) -> None:
    all_ = Consortium()
    all_.adds(indicator(), handling=("H1",))
    all_.pushes(**widened)
    (row,) = [row for row in all_.centre.world.store.recent(10) if row.type == SEALED_TYPE]
    envelope = read_envelope(all_.centre.world.store.envelopes([row.item])[row.item])
    assert (envelope.tlp, envelope.purposes, envelope.handling) == ("red", ("network-defence",), ("H1",))


def test_a_sealed_object_for_nobody_by_name_is_refused() -> None:
    all_ = Consortium()
    all_.adds(indicator())
    assert all_.pushes(to=None) == ["rejected"]


def test_a_lie_about_the_inside_is_refused_and_its_origin_told() -> None:
    all_ = Consortium()
    raw = seal(
        msgspec.json.encode(indicator()), Said(tlp="amber", purposes=("network-defence",)), origin="KZ",
        to={"UZ": [KEYS["UZ"].public]}, salt="salt", at="2021-11-01T00:00:00Z",
    )  # fmt: skip
    altered = msgspec.json.encode({**msgspec.json.decode(raw), "contains": "malware"})
    by = Submitter(party="KZ", to=("UZ",), received_from="SCO-CENTRE", hops=("SCO-CENTRE",))
    list(submit(all_.nodes["UZ"].world, stix_json.read(altered), by))
    (opened,) = all_.opens("UZ")
    assert opened.outcome == "refused" and "altered" in opened.why
    told = [msgspec.json.decode(body) for _, row, body, _ in own_items(all_.nodes["UZ"].desk, 0, 10) if row.type == "opinion"]
    assert [(each["opinion"], each["object_refs"]) for each in told] == [("strongly-disagree", [opened.sealed])]
    assert "UZ refused what is sealed in it" in told[0]["explanation"]
    assert all_.opens("UZ") == []


def test_what_is_inside_passes_the_same_checks_as_anything() -> None:
    all_ = Consortium()
    for obj in (indicator(x_ethnicity="no"), {**indicator(), "pattern": 3}):
        raw = seal(
            msgspec.json.encode(obj), Said(tlp="amber", purposes=("network-defence",)), origin="KZ",
            to={"UZ": [KEYS["UZ"].public]}, salt="salt", at="2021-11-01T00:00:00Z",
        )  # fmt: skip
        list(submit(all_.nodes["UZ"].world, stix_json.read(raw), Submitter(party="KZ", to=("UZ",), received_from="SCO-CENTRE")))
    assert [each.outcome for each in all_.opens("UZ")] == ["rejected", "rejected"]
    assert len(list(all_.nodes["UZ"].world.store.by_type("opinion"))) == 2


def test_what_was_opened_goes_with_the_sealed_object() -> None:
    all_ = Consortium()
    secret = indicator()
    all_.adds(secret)
    all_.pushes()
    (opened,) = all_.pulls("UZ")
    recalls = withdraw(all_.nodes["UZ"].world, "KZ", opened.sealed)
    assert {recall.id for recall in recalls} == {opened.sealed, secret["id"]}
    assert outcomes(all_.nodes["UZ"].world) == [] and all_.members["UZ"].page(own=False, after=0).bodies  # the centre's is the centre's


def test_it_is_for_the_nodes_party_alone() -> None:
    all_ = Consortium()
    secret = indicator()
    all_.adds(secret)
    all_.pushes()
    all_.pulls("UZ")
    kg_at_uz = all_.nodes["UZ"].party("KG")
    assert kg_at_uz.reads() == []
    assert all_.nodes["UZ"].desk.page(kg_at_uz.reader, Query(ids=(secret["id"],))).bodies == []


def test_a_cut_between_entering_and_keeping_repeats_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    import comity.intake.opening as module

    all_ = Consortium()
    secret = indicator()
    all_.adds(secret)
    all_.pushes()
    monkeypatch.setattr(module, "keep_opened", _cut)
    with pytest.raises(KeyboardInterrupt):
        all_.pulls("UZ")
    monkeypatch.undo()
    (opened,) = all_.opens("UZ")
    assert opened.outcome == "duplicate" and len(list(all_.nodes["UZ"].world.store.by_id([secret["id"]]))) == 1


def _cut(*_: object) -> None:
    raise KeyboardInterrupt


def test_what_came_since_is_looked_through_and_nothing_older() -> None:
    all_ = Consortium()
    first, second = indicator(), indicator()
    all_.adds(first, to=("UZ",))
    all_.pushes()
    assert [each.id for each in all_.pulls("UZ")] == [first["id"]]
    plain = [indicator() for _ in range(1_200)]  # more than one step of what came meanwhile
    list(submit(all_.nodes["UZ"].world, drafts(plain), Submitter(party="KZ", to=("UZ",), received_from="SCO-CENTRE")))
    all_.adds(second, to=("UZ",))
    all_.pushes()
    assert [each.id for each in all_.pulls("UZ")] == [second["id"]]
    assert [each.id for each in outcomes(all_.nodes["UZ"].world)] == [first["id"], second["id"]]
