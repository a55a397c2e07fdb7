"""Which of this node's indicators its own tools may look for: held for network defence, in force, and worth enough.

    1. held     an indicator the node's own party may see for network defence, given for it (G2); real, not in quarantine
    2. in force not revoked, `valid_from` has come, neither `valid_until` nor the envelope's end has
    3. score    where a least score is chosen, the value's score is not below it (`terms.decay`)
    4. value    of a simple pattern; any other where the caller takes it

What is passed over is told with the reason. Values that are known to be good are left out later, of the hits (`match.suppression`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

import msgspec

from comity.release.desk import Desk
from comity.release.holdings import every, own_reader
from comity.release.sight import Reader
from comity.release.surroundings import NOTHING, About, facts, surroundings
from comity.store.protocol import Row
from comity.terms.decay import score
from comity.terms.force import Passed, not_in_force
from comity.terms.item import Envelope
from comity.terms.pattern_atoms import PATTERN
from comity.terms.values import observables

#: What indicators are matched and blocked for.
PURPOSE = "network-defence"
_PAGE = 1_000


class Held(msgspec.Struct, frozen=True):
    """An indicator with its envelope, and what is said of it. `at` is the stamp at which its reader meets it.

    `fits`: it was given for network defence (G2).
    """

    at: int
    row: Row
    obj: dict[str, Any]
    envelope: Envelope
    about: About
    fits: bool


def reader(desk: Desk) -> Reader:
    """The node's own party, reading for network defence."""
    return own_reader(desk, (PURPOSE,))


def held(desk: Desk, around: Mapping[str, About], after: int = 0, client: str = "") -> Iterator[Held]:
    """The indicators the node's own party may see, those met after a stamp, with what `around` says of each.

    A `client` that reads on has a cursor of its own.
    """
    by = msgspec.structs.replace(own_reader(desk), client=client)
    sight = desk.sight(reader(desk))
    batch: list[tuple[int, Row, bytes]] = []

    def opened() -> Iterator[Held]:
        envelopes = desk.world.store.envelopes([row.item for _, row, _ in batch])
        for at, row, body in batch:
            if row.item in envelopes:
                envelope = msgspec.json.decode(envelopes[row.item], type=Envelope)
                fits = PURPOSE in envelope.purposes and sight.sees(row.traits)
                yield Held(at, row, msgspec.json.decode(body), envelope, around.get(row.id, NOTHING), fits)

    for found in every(desk, by, frozenset({"indicator"}), after):
        batch.append(found)
        if len(batch) == _PAGE:
            yield from opened()
            batch = []
    yield from opened()


def matchable(
    desk: Desk, min_score: int = 0, passed: Callable[[Passed], None] = lambda _: None, *, patterns: bool = False, after: int = 0,
    met: Callable[[Held], None] = lambda _: None,
) -> Iterator[tuple[str, str, str]]:  # fmt: skip
    """(kind, value, indicator id) of what may be matched now, of what came after a stamp; what is passed over is told to `passed`, and
    every indicator that is looked at to `met`.

    With `patterns`, also ("pattern", text, indicator id) of those that are not about single values.
    """
    now = desk.world.clock()
    around = surroundings(desk, reader(desk)) if min_score else {}
    for each in held(desk, around, after):
        met(each)
        yield from _values(each, min_score, passed, now, patterns)


def newer(desk: Desk, after: int, client: str) -> tuple[list[tuple[str, str, str]], int]:
    """What may be matched now of what a client has not met yet, having come as far as a stamp; and how far it has come with that."""
    now = desk.world.clock()
    found: list[tuple[str, str, str]] = []
    for each in held(desk, {}, after, client):
        found += _values(each, 0, lambda _: None, now)
        after = max(after, each.at)
    return found, after


def _values(
    each: Held, min_score: int, passed: Callable[[Passed], None], now: datetime, patterns: bool = False
) -> Iterator[tuple[str, str, str]]:  # fmt: skip
    """Steps 1 to 4 for one indicator."""
    why = _outside(each, now) or not_in_force(each.obj, now)
    values = observables(each.obj)
    if not values and patterns and each.obj.get("pattern_type") == "stix" and isinstance(each.obj.get("pattern"), str):
        values = [(PATTERN, each.obj["pattern"])]
    if not values:
        name = str(each.obj.get("name") or each.obj.get("pattern") or "")
        passed(Passed(id=each.row.id, value=name, why=why or "its pattern is not about single values"))
    for kind, value in values:
        reason = why or _worthless(each, kind, min_score, now)
        if reason:
            passed(Passed(id=each.row.id, value=value, why=reason))
        else:
            yield kind, value, each.row.id


def _outside(each: Held, now: datetime) -> str:
    """Step 1, but for what the reader may see; and the envelope's end."""
    envelope = each.envelope
    if envelope.realm != "real" or envelope.gate != "open":
        return "in quarantine or of an exercise"
    if not each.fits:
        return "not for network defence"
    return "expired" if envelope.expires is not None and envelope.expires <= now else ""


def _worthless(each: Held, kind: str, min_score: int, now: datetime) -> str:
    """Step 3."""
    if not min_score or score(facts(kind, each.obj, each.envelope.expires, each.about), now) >= min_score:
        return ""
    return f"its score is below {min_score}"
