"""Old entries lose what they say; tree, checkpoints and proofs stay, and the log says what was pruned."""

from __future__ import annotations

from datetime import timedelta

import pytest

from comity.admin import logbook
from comity.admin.fsck import fsck
from comity.admin.pruning import prunable, prune
from comity.errors import NotFound
from comity.intake.purge import purge
from comity.ledger.erasure import is_erased
from comity.ledger.proof import read_proof, verify
from comity.release.replay import case_of
from tests.consortium import START, Body, indicator

DAY = timedelta(days=1)


@pytest.fixture
def body() -> Body:
    """KZ shared three objects, one for a day only; UZ read all of it twice, the second time a year later."""
    body = Body()
    kz, uz = body.member("KZ"), body.member("UZ")
    kz.submits(indicator(), expires=START + DAY)
    kz.submits(indicator(), indicator())
    uz.reads()
    body.clock.at = START + 365 * DAY
    uz.reads()
    return body


def pruned(body: Body) -> list[int]:
    return [leaf.index for leaf in body.world.store.leaves() if is_erased(leaf)]


def kinds(body: Body) -> list[str]:
    return [each["kind"] for each in logbook.entries(body.world, 0, body.world.store.head().size)]


def sound(body: Body) -> bool:
    return logbook.verify(body.world).ok and list(fsck(body.world)) == []


def test_old_disclosures_go_and_all_else_stays(body: Body) -> None:
    before = kinds(body)
    first = before.index("disclose")
    kept = logbook.prove(body.world, str(first))
    held = body.world.store.head().checkpoint
    assert sum(map(len, prunable(body.world, START + 100 * DAY))) == 1
    assert prune(body.world, START + 100 * DAY, "test").pruned == 1 and pruned(body) == [first]
    assert kinds(body) == [*before[:first], "unreadable", *before[first + 1 :], "prune"] and sound(body)
    assert logbook.verify(body.world, held).held == len(before)
    assert verify(read_proof(kept), [body.world.journal.verifier])
    assert prune(body.world, START + 100 * DAY, "test").pruned == 0


def test_an_acceptance_goes_when_all_it_accepted_was_erased(body: Body) -> None:
    assert purge(body.world).erased == {"origin": 1}
    accepted = kinds(body).index("accept")
    prune(body.world, START + 100 * DAY, "test")
    assert accepted in pruned(body) and len(pruned(body)) == 2 and sound(body)


def test_a_pruned_disclosure_cannot_be_decided_again_and_says_why(body: Body) -> None:
    from comity.release.desk import Desk

    prune(body.world, START + 100 * DAY, "test")
    with pytest.raises(NotFound, match="is erased"):
        case_of(Desk(body.world), pruned(body)[0])


def test_what_nobody_said_was_pruned_is_found_and_so_is_what_came_back(body: Body) -> None:
    from comity.ledger.erasure import erase_entry

    store = body.world.store
    leaf = list(store.leaves())[kinds(body).index("disclose")]
    with store.write() as tx:
        tx.erase_leaf(erase_entry(leaf))
    assert logbook.verify(body.world).problems == (f"leaf {leaf.index}: erased without a tombstone",)
    with store.write() as tx:
        tx.erase_leaf(leaf)
    prune(body.world, START + 100 * DAY, "test")
    with store.write() as tx:
        tx.erase_leaf(leaf)
    (problem,) = logbook.verify(body.world).problems
    assert "says it was pruned, but it is here" in problem


def test_an_acceptance_is_no_tombstone_and_a_pruning_is_never_pruned(body: Body) -> None:
    prune(body.world, START + 100 * DAY, "test")
    body.clock.at = START + 4_000 * DAY
    prune(body.world, START + 3_999 * DAY, "test")
    assert kinds(body).count("prune") == 2 and sound(body)
