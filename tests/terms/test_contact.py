"""A team's record: offices, telephones and keys in one spelling, no persons."""

from __future__ import annotations

import pytest

from comity.errors import SenderFault
from comity.terms.contact import FIELDS, Contact, checked, key_name

KEY = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nabc\n-----END PGP PUBLIC KEY BLOCK-----"


def test_a_record_comes_back_in_its_one_spelling():
    given = Contact(
        party="kz", team=" KZ-CERT ", mail="CERT@example.com", telephone="+7 700 000 00 00", website="https://example.com/", key=KEY
    )
    found = checked(given)
    assert (found.party, found.team, found.telephone) == ("KZ", "KZ-CERT", "+7 700 000 00 00")
    assert checked(found) == found
    assert (key_name(found), key_name(Contact(party="KZ"))) == ("openpgp", "")


@pytest.mark.parametrize("mail", ["anna.bekova@example.com", "anna_bekova@example.com"])
def test_no_persons_address_is_taken(mail):
    with pytest.raises(SenderFault, match="person"):
        checked(Contact(party="KZ", mail=mail))


@pytest.mark.parametrize("mail", ["cert@example.com", "national.cert@example.com", "duty.desk@example.com", "kzirt@example.com"])
def test_an_offices_address_is_taken(mail):
    assert checked(Contact(party="KZ", mail=mail)).mail == mail


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("telephone", "700"),
        ("fax", "call us"),
        ("emergency", "+"),
        ("website", "http://example.com/"),
        ("form", "example.com"),
        ("mail", "no address"),
        ("key", "-----BEGIN PGP PRIVATE KEY BLOCK-----"),
        ("team", "x" * 2_001),
        ("mission", "bell \x07"),
    ],
)
def test_what_is_malformed_is_refused_with_advice(field, text):
    with pytest.raises(SenderFault):
        checked(Contact(party="KZ", **{field: text}))


def test_no_field_is_for_a_person():
    assert not {"members", "person", "name", "contact_person"} & set(FIELDS)
    assert "party" not in FIELDS
