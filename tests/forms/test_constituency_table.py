"""The table of a constituency: each bad line told, the rest taken."""

from __future__ import annotations

import pytest

from comity.errors import SenderFault
from comity.forms.constituency_table import COLUMNS, read, rows
from comity.terms.constituency import Addition, Constituent, Contact, Holding, addition, contact
from comity.terms.item import Refused

HEADER = ",".join(COLUMNS) + "\r\n"


def test_lines_are_taken_one_by_one():
    text = HEADER + (
        "KZ,netblock,192.0.2.0/24,\"Example, Bank\",abuse@example.com,https://hooks.example/x\r\n"
        "KZ,netblock,nonsense,,,\r\n"
        "\r\n"
        "kz,ASN,64496,,,\r\n"
        "KZ,person,somebody,,,\r\n"
        "KZ,domain,example.org,A,not an address,\r\n"
        "K,domain,example.org,A,,\r\n"
        "KZ,domain\r\n"
        "KZ,domain,example.org,'=A,,\r\n"
    )  # fmt: skip
    found = list(read(text))
    taken = [each for each in found if isinstance(each, Addition)]
    assert taken == [
        addition("KZ", "Example, Bank", [("netblock", "192.0.2.0/24")], contact("abuse@example.com", "https://hooks.example/x")),
        addition("KZ", "KZ", [("asn", "AS64496")]),
        addition("KZ", "=A", [("domain", "example.org")]),
    ]
    refused = [each for each in found if isinstance(each, Refused)]
    assert [each.position for each in refused] == ["line 3", "line 6", "line 7", "line 8", "line 9"]
    assert all(each.why for each in refused)


def test_columns_go_by_their_names_and_a_party_may_be_given_for_all():
    assert list(read("Value,extra,KIND\nexample.com,x,domain\n", "uz")) == [addition("UZ", "UZ", [("domain", "example.com")])]


@pytest.mark.parametrize("text", ["", "party,value\nKZ,example.com\n", "kind,value\ndomain,example.com\n"])
def test_a_table_without_what_is_needed_is_refused(text):
    with pytest.raises(SenderFault):
        list(read(text))


def test_what_is_kept_is_a_row_for_each_thing():
    kept = Constituent(
        id="1", party="KZ", owner="A", holdings=(Holding("asn", "AS1"), Holding("domain", "a.example")), contact=Contact(mail="a@a.example")
    )
    assert [tuple(row.values()) for row in rows([kept])] == [
        ("KZ", "asn", "AS1", "A", "a@a.example", ""),
        ("KZ", "domain", "a.example", "A", "a@a.example", ""),
    ]
