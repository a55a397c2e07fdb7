"""The node's people: unique names, closed roles, and a log entry for each who comes or goes."""

from __future__ import annotations

import hashlib

import pytest

from comity.admin.users import User, add, find, remove, users
from comity.errors import Conflict, NotFound, SenderFault
from comity.ledger.journal import read_entry
from comity.terms.party import PEOPLE
from tests.consortium import Body


@pytest.fixture
def body() -> Body:
    return Body()


def last_entry(body: Body):
    return read_entry(list(body.world.store.leaves())[-1].entry)


def test_a_person_has_a_party_a_role_and_a_name_of_their_own(body):
    made = add(body.world, "uz.contact1", "uz", "point_of_contact", by="the administrator")
    assert (made.name, made.party, made.role) == ("uz.contact1", "UZ", "point-of-contact")
    assert find(body.world, "uz.contact1") == made
    entry = last_entry(body)
    record = hashlib.sha256(body.world.store.private("users", "uz.contact1")).hexdigest()
    assert (entry.kind, entry.party, entry.actor) == ("user", "UZ", "the administrator")
    assert entry.detail == {"user": "uz.contact1", "role": "point-of-contact", "record": record}


def test_a_name_is_had_once_whatever_the_party(body):
    first = add(body.world, "a", "KZ", "analyst")
    with pytest.raises(Conflict):
        add(body.world, "a", "UZ", "auditor")
    assert users(body.world) == [first]


@pytest.mark.parametrize("name", ["", "A.Karimova", "a karimova", "x" * 33, "é", "a/b", "administrator", "a\n"])
def test_a_name_is_lower_case_short_and_not_the_administrators(body, name):
    size = body.world.store.head().size
    with pytest.raises(SenderFault):
        add(body.world, name, "KZ", "analyst")
    assert users(body.world) == []
    assert body.world.store.head().size == size


@pytest.mark.parametrize(("party", "role"), [("K", "analyst"), ("KZ", "robot"), ("KZ", "boss"), ("KZ", "")])
def test_unknown_words_are_refused(body, party, role):
    with pytest.raises(SenderFault):
        add(body.world, "a", party, role)
    assert users(body.world) == []


def test_every_role_can_be_given_and_all_are_listed_by_name(body):
    made = [add(body.world, f"{9 - number}.person", "KZ", role) for number, role in enumerate(PEOPLE)]
    assert users(body.world) == made[::-1]
    assert all(isinstance(each, User) for each in made)


def test_a_removed_person_is_not_there(body):
    add(body.world, "a", "KZ", "analyst")
    assert remove(body.world, "a", by="somebody") == 0
    entry = last_entry(body)
    assert (entry.kind, entry.actor, entry.detail) == ("user", "somebody", {"user": "a", "revoked": True})
    assert users(body.world) == []
    with pytest.raises(NotFound):
        find(body.world, "a")
    with pytest.raises(NotFound):
        remove(body.world, "a")
    add(body.world, "a", "UZ", "auditor")
