"""Drafts: one person's alone, kept over restarts, never overwritten unseen."""

from __future__ import annotations

import pytest

from comity.admin import users
from comity.errors import Conflict, NotFound, SenderFault
from comity.share import drafts
from comity.share.drafts import LONGEST, MOST, Overtaken, Said, begin, discard, find, of, save
from comity.terms.item import Outcome
from tests.consortium import Body


@pytest.fixture(params=["memory", "sqlite"])
def body(request, tmp_path):
    body = Body(store="memory:" if request.param == "memory" else f"sqlite:{tmp_path / 'store.db'}")
    yield body
    body.world.store.close()


def person(body, name="ann"):
    return users.add(body.world, name, "KZ", "analyst")


def test_what_was_saved_is_there_again(body):
    ann = person(body)
    made = begin(body.world, ann, Said(text="203.0.113.1\nплохой.example", tlp="red", to=("UZ",)))
    assert find(body.world, ann, made.id) == made
    saved = save(body.world, ann, made.id, 1, Said(title="Новое", text="x"))
    assert (saved.version, saved.said.title, saved.sent) == (2, "Новое", None)
    assert of(body.world, ann) == [saved]


def test_nothing_is_overwritten_unseen(body):
    ann = person(body)
    made = begin(body.world, ann, Said(text="first"))
    save(body.world, ann, made.id, 1, Said(text="in one tab"))
    with pytest.raises(Overtaken) as overtaken:
        save(body.world, ann, made.id, 1, Said(text="in the other"))
    assert (overtaken.value.draft.version, overtaken.value.draft.said.text) == (2, "in one tab")
    assert find(body.world, ann, made.id).said.text == "in one tab"
    assert save(body.world, ann, made.id, 2, Said(text="in the other")).version == 3


def test_others_drafts_are_not_there(body):
    ann, bob = person(body), person(body, "bob")
    made = begin(body.world, ann, Said(text="hers"))
    for act in (
        lambda: find(body.world, bob, made.id), lambda: find(body.world, bob, "no such"), lambda: discard(body.world, bob, made.id),
        lambda: save(body.world, bob, made.id, 1, Said()), lambda: drafts.current(body.world, bob, made.id, 1),
    ):  # fmt: skip
        with pytest.raises(NotFound, match="no such draft of yours"):
            act()
    assert of(body.world, bob) == []


def test_nor_are_those_of_somebody_who_had_the_name_before(body):
    made = begin(body.world, person(body), Said(text="x"))
    users.remove(body.world, "ann")
    assert body.world.store.private("drafts", made.id) is None
    again = person(body)
    assert of(body.world, again) == []


def test_what_was_sent_stays_as_it_is(body):
    ann = person(body)
    made = begin(body.world, ann, Said(text="x"))
    with body.world.store.write() as tx:
        sent = drafts.close(body.world, tx, made, (Outcome(outcome="accepted", position="line 1"),))
    with pytest.raises(Conflict, match="has been sent"):
        save(body.world, ann, made.id, 2, Said(text="y"))
    begin(body.world, ann, Said(text="another"))
    assert [each.sent is None for each in of(body.world, ann)] == [True, False]
    assert find(body.world, ann, made.id) == sent
    discard(body.world, ann, made.id)
    with pytest.raises(NotFound):
        find(body.world, ann, made.id)


def test_drafts_are_bounded(body):
    ann = person(body)
    with pytest.raises(SenderFault):
        begin(body.world, ann, Said(text="x" * LONGEST, title="y"))
    for _ in range(MOST):
        begin(body.world, ann, Said())
    with pytest.raises(SenderFault):
        begin(body.world, ann, Said())
    begin(body.world, person(body, "bob"), Said())
