"""What came in a parcel goes when it is to go, or is kept for a reason."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec
import pytest

from comity.errors import NotFound
from comity.intake.erase import Notice, also_from, came_by, erase, hold, holds, let_go, taken_back, ways
from comity.intake.withdraw import recalls
from comity.ledger.journal import read_entry
from comity.terms.item import Came
from tests.consortium import Body, indicator

OBJ = indicator()
SHA = hashlib.sha256(msgspec.json.encode(OBJ)).digest()


def node(entered: int = 5) -> Body:
    """UZ's node, which has KZ's object by its centre."""
    from comity.intake.submit import Submitter, submit
    from comity.terms.item import Draft

    body = Body(party="UZ")
    draft = Draft(raw=msgspec.json.encode(OBJ), obj=OBJ, position="0", tlp="green", came=Came(entered=entered))
    list(submit(body.world, [draft], Submitter(party="KZ", received_from="SCO-CENTRE")))
    return body


def notice(**values: Any) -> Notice:
    said = {
        "sender": "SCO-CENTRE",
        "origin": "KZ",
        "id": OBJ["id"],
        "sha": SHA,
        "entered": 5,
        "cause": "recalled",
        "reason": "r",
        "by": "t",
    }
    return Notice(**{**said, **values})


def here(body: Body) -> bool:
    return bool(body.world.store.by_id([OBJ["id"]]))


def test_what_its_origin_took_back_goes_and_leaves_a_recall_and_a_mark() -> None:
    body = node()
    assert erase(body.world, notice()) == "" and not here(body)
    assert [(each.cause, each.arrival, each.reason) for each in recalls(body.world)] == [("recalled", 5, "r")]
    assert taken_back(body.world, "KZ", SHA) == 5
    assert erase(body.world, notice()) == "" and len(recalls(body.world)) == 1


def test_what_is_only_no_longer_for_us_leaves_no_mark() -> None:
    body = node()
    assert erase(body.world, notice(cause="narrowed")) == "" and not here(body)
    assert taken_back(body.world, "KZ", SHA) == 0


@pytest.mark.parametrize(
    "values",
    [{"entered": 4}, {"sender": "RU"}, {"origin": "RU"}, {"sha": b"x" * 32, "cause": "deleted"}],
    ids=["later arrival", "sender", "origin", "bytes"],
)
def test_another_arrival_sender_origin_or_content_stays(values: dict[str, Any]) -> None:
    body = node()
    assert erase(body.world, notice(**values)) == ("it came again since" if "entered" in values else "") and here(body)


def test_a_recall_means_the_object_with_what_came_before() -> None:
    """Its origin may have forgotten an earlier version: it was restored from a backup."""
    body = node()
    assert erase(body.world, notice(sha=b"x" * 32, cause="recalled", entered=4)) == "it came again since" and here(body)
    assert erase(body.world, notice(sha=b"x" * 32, cause="recalled")) == "" and not here(body)
    assert taken_back(body.world, "KZ", SHA) == taken_back(body.world, "KZ", b"x" * 32) > 0


def test_its_origin_itself_may_always() -> None:
    body = node()
    assert erase(body.world, notice(sender="KZ")) == "" and not here(body)


def test_what_is_held_is_kept_with_the_reason_until_it_is_let_go() -> None:
    body = node()
    hold(body.world, OBJ["id"], "evidence in case 7", "an")
    assert erase(body.world, notice()) == "evidence in case 7" and here(body)
    assert [each.reason for each in holds(body.world)] == ["evidence in case 7"]
    let_go(body.world, OBJ["id"], "an")
    assert erase(body.world, notice()) == "" and not here(body)
    kinds = [read_entry(leaf.entry).kind for leaf in body.world.store.leaves()]
    assert kinds.count("hold") == 2
    with pytest.raises(NotFound):
        let_go(body.world, OBJ["id"], "an")
    with pytest.raises(NotFound):
        hold(body.world, "indicator--x", "r", "an")


def test_what_another_node_gives_too_is_kept_until_that_one_takes_it_back_as_well() -> None:
    body = node()
    with body.world.store.write() as tx:
        came_by(body.world, tx, "KZ", SHA, "CICA", ("cica@1/a",))
    assert ways(body.world, "KZ", SHA) == {"CICA": ("cica@1/a",)}
    assert erase(body.world, notice(cause="narrowed")) == "it also came from CICA" and here(body)
    assert erase(body.world, notice(cause="narrowed", sender="CICA")) == "" and not here(body)
    assert ways(body.world, "KZ", SHA) == {}


def test_that_another_node_gives_it_too_is_kept_once_and_not_of_the_one_it_came_from() -> None:
    body = node()
    for sender in ("CICA", "CICA", "SCO-CENTRE"):
        also_from(body.world, "KZ", sender, [(OBJ["id"], SHA, (f"{sender}@1/a",)), (OBJ["id"], b"x" * 32, ())])
    assert ways(body.world, "KZ", SHA) == {"CICA": ("CICA@1/a",)} and ways(body.world, "KZ", b"x" * 32) == {}
