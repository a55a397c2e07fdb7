"""What people write and have not sent yet."""

from __future__ import annotations

import pytest

from comity.admin import drafts, users
from comity.errors import Conflict, NotFound, SenderFault
from comity.share import drafts as sharing
from comity.share.drafts import Said
from tests.consortium import Body


@pytest.fixture
def world():
    body = Body()
    for name in ("anna", "boris"):
        users.add(body.world, name, "SCO-CENTRE", "agreement-officer")
    return body.world


def test_a_draft_is_kept_for_its_person_and_place(world):
    assert drafts.find(world, "anna", "new") is None
    first = drafts.save(world, "anna", "new", "one", 0)
    drafts.save(world, "anna", "test@1", "other", 0)
    second = drafts.save(world, "anna", "new", "two", first.revision)
    assert drafts.find(world, "anna", "new") == second
    assert [each.text for each in drafts.of(world, "anna")] == ["two", "other"]
    assert drafts.of(world, "boris") == []


def test_who_began_from_an_older_text_is_told(world):
    drafts.save(world, "anna", "new", "one", 0)
    for revision in (0, 7):
        with pytest.raises(Conflict):
            drafts.save(world, "anna", "new", "two", revision)
    assert drafts.find(world, "anna", "new").text == "one"
    assert drafts.save(world, "anna", "new", "one", 0).revision == 1


def test_there_is_an_end_to_them(world, monkeypatch):
    monkeypatch.setattr(drafts, "MOST", 2)
    monkeypatch.setattr(drafts, "LONGEST", 5)
    drafts.save(world, "anna", "a", "text", 0)
    drafts.save(world, "anna", "b", "text", 0)
    with pytest.raises(SenderFault):
        drafts.save(world, "anna", "c", "text", 0)
    with pytest.raises(SenderFault):
        drafts.save(world, "anna", "a", "longer", 1)
    drafts.discard(world, "anna", "a")
    drafts.discard(world, "anna", "absent")
    drafts.save(world, "anna", "c", "text", 0)


def test_they_go_with_their_person(world):
    drafts.save(world, "anna", "new", "one", 0)
    users.remove(world, "anna")
    assert drafts.of(world, "anna") == []


def test_they_go_with_their_person_and_stand_apart_from_what_is_shared(world):
    """The sharing desk has drafts of its own: whoever writes an agreement must not break it for everybody."""
    drafts.save(world, "anna", "new", "one", 0)
    boris = users.find(world, "boris")
    shared = sharing.begin(world, boris, Said(text="x"))
    assert sharing.of(world, boris) == [shared]
    assert [each.text for each in drafts.of(world, "anna")] == ["one"]
    with pytest.raises(NotFound):
        sharing.find(world, boris, "anna new")
    users.remove(world, "anna")
    assert drafts.find(world, "anna", "new") is None
