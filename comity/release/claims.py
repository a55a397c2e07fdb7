"""What each source says of one thing, side by side: every origin's claim that the node's own party may see, and where they differ.

Nothing is merged and nobody is believed more than another: claims of one id by several origins, and claims of one value under several ids.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from comity.clock import stamp
from comity.errors import NotFound, SenderFault
from comity.release.desk import Desk
from comity.release.holdings import open_to_search, own_reader
from comity.release.select import Query
from comity.release.sight import Reader
from comity.release.surroundings import NOTHING, About, facts, surroundings, words
from comity.store.copied import originals
from comity.store.protocol import Row
from comity.terms.decay import score
from comity.terms.item import Envelope
from comity.terms.observable import guess
from comity.terms.stix import timestamp
from comity.terms.values import observables

#: The most claims that are shown of one thing.
_MOST = 10_000
#: What is compared: name of the field of `Claim`.
COMPARED = ("tlp", "words", "confidence", "pattern", "revoked")


def disputed(desk: Desk, reader: Reader, ids: Iterable[str], most: int) -> list[tuple[str, tuple[Row, ...]]]:
    """Of some ids those under which the reader sees different things of several origins, at most so many: each origin's latest version."""
    feed, found = desk.feed(reader), []
    for id_ in ids:
        rows = desk.world.store.by_id([id_])
        seen = feed.stamps(rows)
        latest = {row.origin: row for row in sorted(rows, key=lambda row: (row.version or "", row.added)) if row.item in seen}
        if len({row.sha for row in latest.values()}) > 1:
            found.append((id_, tuple(latest[origin] for origin in sorted(latest))))
            if len(found) == most:
                break
    return found


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """One origin's latest word on an object. Times are STIX timestamps or empty; `score` is of its first value, None without one.

    `words` are its types and labels. `sightings` counts how often it was seen, by whomever the reader may see do so; `confirmed` and
    `doubts` how many parties confirm and doubt it. `received` is when it came. `derived_from` is the original of a redacted copy, where
    the reader sees that.
    """

    origin: str
    received_from: str
    derived_from: str
    id: str
    type: str
    version: str
    received: str
    tlp: str
    words: tuple[str, ...]
    confidence: int | None
    pattern: str
    revoked: bool
    valid_from: str
    valid_until: str
    first_seen: str
    last_seen: str
    sightings: int
    confirmed: int
    doubts: int
    score: int | None
    sha256: str


class Claims(msgspec.Struct, frozen=True, kw_only=True):
    """The claims in order of id and origin, and what they do not agree on: field -> the different things that are said."""

    claims: tuple[Claim, ...]
    conflicts: dict[str, tuple[str, ...]]


def claims(desk: Desk, text: str) -> Claims:
    """The claims of an object (its id) or of an observable value, defanged or not.

    Raises NotFound when there is none for the node's party to see, SenderFault for a mail address (G6: nobody looks people up here).
    """
    reader = own_reader(desk)
    value = open_to_search(text)
    if value is None and guess(text) is not None:
        raise SenderFault("mail addresses lead to people and are looked up in a case only (G6)", next="name the object by its id")
    named = Query(ids=(text.strip(),), **_ALL) if value is None else Query(values=(value,), **_ALL)
    page = desk.object(reader, named)
    if not page.found:
        raise NotFound(f"nothing known here about {text}")
    rows = [row for _, row in page.found]
    around = surroundings(desk, reader, {row.id for row in rows})
    envelopes = desk.world.store.envelopes([row.item for row in rows])
    sight, of = desk.sight(reader), originals(desk.world.store, [row.item for row in rows])
    seen = {item: row.id for item, row in of.items() if sight.sees(row.traits)}
    found = [
        _claim(
            desk,
            row,
            seen.get(row.item, ""),
            msgspec.json.decode(body),
            msgspec.json.decode(envelopes[row.item], type=Envelope),
            around.get(row.id, NOTHING),
        )
        for row, body in zip(rows, page.bodies, strict=True)
        if row.item in envelopes
    ]
    found.sort(key=lambda claim: (claim.id, claim.origin, claim.version))
    return Claims(claims=tuple(found), conflicts=conflicts(found))


_ALL: dict[str, Any] = {"limit": _MOST, "copies": True, "spec_versions": frozenset({"2.0", "2.1"})}


def conflicts(found: list[Claim]) -> dict[str, tuple[str, ...]]:
    """The fields in which claims differ, with all that is said, each once and in order."""
    said = {name: tuple(dict.fromkeys(_text(getattr(claim, name)) for claim in found)) for name in COMPARED}
    return {name: texts for name, texts in said.items() if len(texts) > 1}


def _text(value: Any) -> str:
    if value is None or value in ((), ""):
        return "unsaid"
    return ", ".join(value) if isinstance(value, tuple) else str(value).lower() if isinstance(value, bool) else str(value)


def _claim(desk: Desk, row: Row, derived_from: str, obj: dict[str, Any], envelope: Envelope, about: About) -> Claim:
    values = observables(obj)
    basis = facts(values[0][0] if values else "", obj, envelope.expires, about)
    until = basis.valid_until
    seen = [one.at for one in about.seen]
    return Claim(
        origin=row.origin,
        received_from=envelope.received_from or "",
        derived_from=derived_from,
        id=row.id,
        type=row.type,
        version=row.version,
        received=stamp(row.added),
        tlp=envelope.tlp,
        words=tuple(sorted(set(words(obj)))),
        confidence=basis.confidence,
        pattern=str(obj.get("pattern") or obj.get("value") or ""),
        revoked=basis.revoked,
        valid_from=str(obj.get("valid_from") or ""),
        valid_until=timestamp(until) if until else "",
        first_seen=timestamp(min(seen)) if seen else "",
        last_seen=timestamp(max(seen)) if seen else "",
        sightings=sum(one.count for one in about.seen),
        confirmed=len({one.party for one in about.confirmed}),
        doubts=len({one.party for one in about.doubts}),
        score=score(basis, desk.world.clock()) if row.type == "indicator" else None,
        sha256=row.sha.hex(),
    )
