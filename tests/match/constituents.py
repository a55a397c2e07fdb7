"""A centre with members, one of which answers for a bank and its branch."""

from __future__ import annotations

from typing import Any

from comity.admin.constituency import add
from comity.release.sight import Reader
from comity.terms.constituency import addition, contact
from comity.terms.item import PURPOSES
from tests.consortium import Body, indicator

BANK, BRANCH = ("netblock", "192.0.2.0/24"), ("netblock", "192.0.2.128/25")


def about(value: str, **more: Any) -> dict[str, Any]:
    """An indicator of an address, or of a domain."""
    kind = "ipv4-addr" if value[0].isdigit() else "domain-name"
    return indicator(pattern=f"[{kind}:value = '{value}']", **more)


def banking(**contacts: Any) -> Body:
    """KZ answers for both, UZ for nothing; IR is an observer. `contacts`: the bank's."""
    body = Body()
    body.member("KZ"), body.member("UZ"), body.observer("IR")
    add(body.world, [addition("KZ", "Bank", [BANK, ("domain", "bank.example"), ("asn", "64496")], contact(**contacts))])
    add(body.world, [addition("KZ", "Branch", [BRANCH])])
    return body


def reads(party: str) -> Reader:
    """A party's people."""
    return Reader(party=party, body="sco", purposes=PURPOSES)
