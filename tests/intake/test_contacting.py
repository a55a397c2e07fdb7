"""Contacts are governance items: the last one counts, the ones before stay."""

from __future__ import annotations

import pytest

from comity import registry
from comity.admin.fsck import fsck
from comity.errors import Denied, SenderFault
from comity.intake.contacting import set_contact
from comity.ledger.journal import read_entry
from comity.terms.stix import CONTACT_TYPE
from tests.consortium import Body


@pytest.fixture
def body():
    body = Body()
    body.member("KZ")
    yield body
    assert list(fsck(body.world)) == []


def test_what_is_given_takes_the_place_of_what_was(body):
    set_contact(body.world, "kz", {"team": "KZ-CERT", "mail": "cert@example.com"}, by="administrator")
    set_contact(body.world, "KZ", {"emergency": "+7 700 000 00 01", "mail": ""}, by="administrator")
    found = registry.contacts(body.world.store)["KZ"]
    assert (found.team, found.mail, found.emergency) == ("KZ-CERT", "", "+7 700 000 00 01")
    assert len(list(body.world.store.by_type(CONTACT_TYPE))) == 2


def test_the_same_again_is_not_recorded_again(body):
    set_contact(body.world, "KZ", {"team": "KZ-CERT"}, by="administrator")
    size = body.world.store.head().size
    assert set_contact(body.world, "KZ", {"team": "KZ-CERT "}, by="another").team == "KZ-CERT"
    assert body.world.store.head().size == size
    entry = read_entry(list(body.world.store.leaves())[-1].entry)
    assert (entry.kind, entry.actor, entry.detail["type"]) == ("govern", "administrator", CONTACT_TYPE)


def test_only_a_centre_keeps_those_of_others():
    body = Body(party="UZ")
    assert set_contact(body.world, "UZ", {"team": "UZ-CERT"}, by="administrator").party == "UZ"
    with pytest.raises(Denied, match="keeps no contacts of KZ"):
        set_contact(body.world, "KZ", {"team": "KZ-CERT"}, by="administrator")


def test_what_is_malformed_changes_nothing(body):
    with pytest.raises(SenderFault):
        set_contact(body.world, "KZ", {"mail": "anna.bekova@example.com"}, by="administrator")
    assert registry.contacts(body.world.store) == {}
