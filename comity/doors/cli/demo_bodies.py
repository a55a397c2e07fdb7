"""The two bodies of the federation demo: who stands in them, what is shared, and who is to have it, worked out by hand.

Nothing here asks `agree`: `entitled` is what a person reads in the three sample texts (`sco-ict-sample`, `cica-cbm-sample`,
`hub-protocol-sample`), so that the demo compares two things that do not come from each other.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec

from comity import samples
from comity.terms.party import Standing
from comity.terms.registry import Entries

HUBS = {"sco": "SCO-CENTRE", "cica": "CICA-SECRETARIAT"}
#: The members of each on 2021-11-01; the eight of the SCO are members of the CICA too.
SCO = ("CN", "IN", "KG", "KZ", "PK", "RU", "TJ", "UZ")
CICA = (
    *("AE", "AF", "AZ", "BD", "BH", "CN", "EG", "IL", "IN", "IQ", "IR", "JO", "KG", "KH", "KR", "KZ", "LK", "MN", "PK", "PS"),
    *("QA", "RU", "TH", "TJ", "TR", "UZ", "VN"),
)
#: It takes no part in the sample arrangement of the CICA since 2022-01-01, and is a member all the same.
AWAY = "AF"
#: What is shared, in turn: (kind, type, TLP, handling, whether it names three parties).
KINDS = (
    *(("green", "indicator", "green", (), False),) * 4,
    *(("amber", "indicator", "amber", (), False),) * 12,
    *(("named", "indicator", "amber", (), True),) * 2,
    ("malware", "malware", "green", (), False),
    ("kept close", "indicator", "green", ("H2",), False),
)
_SINCE = {"sco": datetime(2017, 6, 9, tzinfo=UTC), "cica": datetime(2014, 5, 20, tzinfo=UTC)}
_SPACE = uuid.UUID("7b1d6c8e-2f0a-4f57-9d53-0c6c5f0a4b11")


class Item(NamedTuple):
    """One object to share: its number, origin, kind, object, and what is said of it."""

    number: int
    origin: str
    kind: str
    obj: dict[str, Any]
    tlp: str
    handling: tuple[str, ...]
    to: tuple[str, ...] | None


def home(party: str) -> str:
    """The body of a party's node: the SCO where it is a member of both."""
    return "sco" if party in SCO else "cica"


def hubs(party: str) -> tuple[str, ...]:
    """The bodies whose hubs a party's node is linked to."""
    return ("sco", "cica") if party in SCO else ("cica",)


def register() -> Entries:
    """Who is a member of which body. Dates before 2021 do not matter to what is shared now."""
    claims = [(party, "sco") for party in SCO] + [(party, "cica") for party in CICA]
    standings = [
        Standing(party=party, body=body, standing="member", since=_SINCE[body], source="register as of 2021-11-01")
        for party, body in claims
    ]
    return Entries(standings=tuple(standings))


def texts() -> Iterator[tuple[str, str]]:
    """(name, text) of the three agreements. The SCO's is taken to bind every member, not only those that the sample has sections of."""
    for name in ("sco-ict-sample.toml", "cica-cbm-sample.toml", "hub-protocol-sample.toml"):
        yield name, samples.read(name).decode().replace('entry = "per-party"', 'entry = "all"')


def items(count: int) -> Iterator[Item]:
    """So many items, member by member in turn."""
    for number in range(count):
        at = number % len(CICA)
        origin, (kind, type_, tlp, handling, named) = CICA[at], KINDS[number // len(CICA) % len(KINDS)]
        to = tuple(sorted(CICA[(at + step) % len(CICA)] for step in (1, 6, 13))) if named else None
        yield Item(number, origin, kind, _object(number, type_), tlp, handling, to)


def _object(number: int, type_: str) -> dict[str, Any]:
    moment = "2021-10-30T08:00:00.000Z"
    id_ = f"{type_}--{uuid.uuid5(_SPACE, str(number))}"
    common = {"type": type_, "spec_version": "2.1", "id": id_, "created": moment, "modified": moment, "name": f"n{number:05d}"}
    if type_ == "malware":
        return {**common, "is_family": True}
    pattern = {"pattern": f"[domain-name:value = 'n{number:05d}.example']", "pattern_type": "stix", "valid_from": "2021-10-30T08:00:00Z"}
    return {**common, **pattern}


def entitled(item: Item) -> set[str]:
    """Whose nodes are to have an item, besides its origin's.

    From a member of the SCO, by its hub. To the other seven whatever is up to AMBER (its art-2.1). To members of the CICA by the protocol:
    indicators up to GREEN, AMBER to those whom it names (art-1); malware is in no clause, and H2 does not go across by itself.

    From a member of the CICA alone, by that hub. To the others what is GREEN (m-1), but for AF, which takes no part; AMBER awaits approval
    (m-2). To members of the SCO by the protocol: indicators up to GREEN, AMBER to those whom it names (art-2).

    From AF nothing: no agreement binds it by which the hub of the CICA would hold for others what it shares. It receives by the protocol.
    """
    others = set(CICA) - {item.origin}
    named = set(item.to or ()) - {item.origin}
    if item.origin in SCO:
        return others if item.kind == "green" else named if item.kind == "named" else others & set(SCO)
    if item.origin == AWAY:
        return set()
    if item.kind == "named":
        return named & set(SCO)
    return set() if item.kind == "amber" else others - {AWAY}


def crosses(item: Item) -> bool:
    """Whether an item goes from the one hub to the other: somebody there is to have it by the protocol."""
    if item.origin in SCO:
        return item.kind in ("green", "named")
    return item.origin != AWAY and (item.kind == "green" or (item.kind == "named" and not set(SCO).isdisjoint(item.to or ())))


def raw(item: Item) -> bytes:
    """An item's object as JSON."""
    return msgspec.json.encode(item.obj)
