"""What people make of arrivals."""

from __future__ import annotations

import pytest

from comity.admin import triage, users
from comity.errors import NotFound, SenderFault
from tests.consortium import START, Body


@pytest.fixture(params=["memory", "sqlite"])
def body(request, tmp_path):
    body = Body(store="memory:" if request.param == "memory" else f"sqlite:{tmp_path / 'store.db'}")
    yield body
    body.world.store.close()


def people(body: Body) -> tuple[users.User, users.User, users.User]:
    return (
        users.add(body.world, "one", "KZ", "analyst"),
        users.add(body.world, "two", "KZ", "analyst"),
        users.add(body.world, "stranger", "UZ", "analyst"),
    )


def test_a_state_is_that_of_what_was_seen(body):
    one, _, _ = people(body)
    assert triage.note(body.world, "KZ", "a") is None
    assert triage.decide(body.world, one, {"a": 10}, "filed", since=START, why="old") == {}
    note = triage.note(body.world, "KZ", "a")
    assert (note.state, note.by, note.why) == ("filed", "one", "old")
    assert [note.stands(stamp) for stamp in (9, 10, 11)] == ["filed", "filed", "new"]


def test_nothing_is_told_to_other_parties(body):
    one, _, stranger = people(body)
    triage.decide(body.world, one, {"a": 1}, "accepted", since=START)
    assert triage.note(body.world, "UZ", "a") is None
    assert triage.decide(body.world, stranger, {"a": 1}, "filed", since=START) == {}
    assert dict(triage.notes(body.world, "KZ"))["a"].state == "accepted"
    assert triage.colleagues(body.world, "KZ") == ["one", "two"]


def test_notes_are_read_anew_after_every_step(body):
    one, two, _ = people(body)
    for state in ("accepted", "filed", "new"):
        triage.decide(body.world, one, {"a": 1}, state, since=body.world.clock())
        assert [(id_, note.state) for id_, note in triage.notes(body.world, "KZ")] == [("a", state)]
        assert list(triage.notes(body.world, "UZ")) == []
    triage.assign(body.world, one, {"a": 1, "b": 1}, two.name, since=body.world.clock())
    assert {id_: note.assignee for id_, note in triage.notes(body.world, "KZ")} == {"a": "two", "b": "two"}


def test_nobodys_word_is_overwritten_unseen(body):
    one, two, _ = people(body)
    drawn = body.world.clock()
    triage.decide(body.world, one, {"a": 1}, "accepted", since=drawn)
    left = triage.decide(body.world, two, {"a": 1, "b": 1}, "filed", since=drawn)
    assert {id_: note.by for id_, note in left.items()} == {"a": "one"}
    assert {id_: note.state for id_, note in triage.notes(body.world, "KZ")} == {"a": "accepted", "b": "filed"}
    # Who says the same, has said it oneself, or has seen what the other said, is not in the way.
    assert triage.decide(body.world, two, {"a": 1}, "accepted", since=drawn) == {}
    assert triage.decide(body.world, two, {"a": 1}, "filed", since=drawn) == {}
    assert triage.decide(body.world, one, {"a": 1}, "disputed", since=body.world.clock()) == {}


def test_objects_are_assigned_to_colleagues_only(body):
    one, two, _ = people(body)
    drawn = body.world.clock()
    triage.decide(body.world, one, {"a": 5}, "accepted", since=drawn)
    assert triage.assign(body.world, one, {"a": 5, "b": 6}, "two", since=drawn) == {}
    assert {id_: (note.state, note.assignee) for id_, note in triage.notes(body.world, "KZ")} == {
        "a": ("accepted", "two"),
        "b": ("new", "two"),
    }
    assert set(triage.assign(body.world, two, {"a": 5}, "", since=drawn)) == {"a"}
    assert triage.assign(body.world, one, {"a": 5}, "", since=drawn) == {}
    assert triage.note(body.world, "KZ", "a").assignee == ""
    for name in ("stranger", "nobody"):
        with pytest.raises(NotFound):
            triage.assign(body.world, one, {"a": 5}, name, since=drawn)


def test_an_assignment_outlives_a_decision(body):
    one, two, _ = people(body)
    triage.assign(body.world, one, {"a": 5}, "two", since=START)
    triage.decide(body.world, two, {"a": 5}, "accepted", since=body.world.clock())
    assert triage.note(body.world, "KZ", "a").assignee == "two"


def test_what_is_no_state_or_too_much_is_refused(body):
    one, _, _ = people(body)
    with pytest.raises(SenderFault, match="not a state"):
        triage.decide(body.world, one, {"a": 1}, "liked", since=START)
    with pytest.raises(SenderFault, match="more than 2000"):
        triage.decide(body.world, one, {"a": 1}, "filed", since=START, why="x" * 2001)
    with pytest.raises(SenderFault, match="more than 1000"):
        triage.decide(body.world, one, {str(n): 1 for n in range(1001)}, "filed", since=START)
    assert list(triage.notes(body.world, "KZ")) == []
