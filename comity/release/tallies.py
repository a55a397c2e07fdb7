"""What a centre may tell of sightings whose sighters stay hidden: only what several of them say together (guardrail G16, ADR 12).

    1. counted  sightings of others that are `counted`, the latest version of each, not revoked, that came within the window
    2. returned each under the producers that it goes back to, as far as the agreement would let it go there by name; what a producer saw
                itself hides nobody and is left out
    3. fresh    of those that came since the last time that producer was told of that object
    4. enough   of at least so many parties, else nothing

Every tally rests on sightings that no other rests on, and on enough parties; so neither one of them nor the difference of two says what any
single party saw. It says days and a bucket, never a moment or a number.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import msgspec

from comity.agree.decide import Question, Sieve
from comity.clock import from_micros, micros
from comity.release.desk import Desk
from comity.store.conditions import read_condition
from comity.store.copied import all_copies
from comity.store.protocol import Row
from comity.terms import tlp
from comity.terms.item import PURPOSES
from comity.terms.stix import derived_id, timestamp, version_moment
from comity.terms.traits import Traits

#: Lower bounds of the buckets: 2 says 2 to 4.
BUCKETS = (1, 2, 5, 10, 100, 1_000, 10_000)
_PAGE = 1_000


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """What one producer may be told of one of its objects. `count` is a bucket's lower bound, `first` and `last` are beginnings of days."""

    subject: str
    producer: str
    count: int
    first: datetime
    last: datetime
    tlp: str
    purposes: tuple[str, ...]
    handling: tuple[str, ...]


class _Seen(msgspec.Struct, frozen=True):
    """One party's sighting, when it came, and when it says that it saw."""

    row: Row
    traits: Traits
    count: int
    first: datetime
    last: datetime


def tally_id(subject: str, producer: str, at: datetime) -> str:
    """The id of the sighting that tells a producer of an object, as of a moment."""
    return derived_id("sighting", "several-parties", subject, producer, timestamp(at))


def bucket(count: int) -> int:
    """The lower bound of the bucket that a count of at least 1 is in."""
    return max(bound for bound in BUCKETS if bound <= count)


def due(now: datetime, delay: timedelta) -> datetime:
    """The moment as of which sightings are told: the end of the last whole period that ended a period ago. Without a delay, now."""
    if not delay:
        return now
    late = micros(now - delay)
    return from_micros(late - late % (delay // timedelta(microseconds=1)))


def tallies(desk: Desk, at: datetime, parties: int, window: timedelta) -> Iterator[Tally]:
    """What is to be told as of a moment, in order of object and producer."""
    groups: dict[tuple[str, str], list[_Seen]] = {}
    told: dict[tuple[str, str], datetime] = {}
    own, sieves = desk.world.settings.party, _Sieves(desk)
    # What was seen of a redacted copy was seen of the original, which is the one that its producer knows.
    copies = all_copies(desk.world.store)
    for row, traits, obj in _sightings(desk):
        said = str(obj.get("sighting_of_ref"))
        origin, original = copies.get(said, ("", said))
        if row.origin == own:
            subject = said
            for producer in traits.about:
                if row.id == tally_id(subject, producer, version_moment(row.version)):
                    told[subject, producer] = max(version_moment(row.version), told.get((subject, producer), version_moment("")))
        elif traits.gate == "counted" and traits.realm == "real":
            seen = _seen(row, traits, obj)
            for producer in traits.about if seen else ():
                if seen and producer != row.origin and sieves.permits(producer, traits):
                    subject = original if producer == origin else said
                    groups.setdefault((subject, producer), []).append(seen)
    for (subject, producer), group in sorted(groups.items()):
        since = max(told.get((subject, producer), at - window), at - window)
        fresh = [seen for seen in group if since < from_micros(seen.row.added) <= at]
        if len({seen.row.origin for seen in fresh}) >= parties:
            yield from _tally(subject, producer, fresh)


class _Sieves:
    """Whether the agreement would let a producer have a sighting, were its sighter to consent: asked once for each of its facts."""

    def __init__(self, desk: Desk) -> None:
        self._settings = desk.world.settings
        self._rules, self._at = desk.world.rulebook.current()[1], desk.world.clock()
        self._sieves: dict[str, Sieve] = {}

    def permits(self, producer: str, traits: Traits) -> bool:
        """Step 2."""
        sieve = self._sieves.get(producer)
        if sieve is None:
            body, holder = self._settings.body, self._settings.party
            question = Question(recipient=producer, body=body, purposes=PURPOSES, holder=holder, valid_at=self._at)
            sieve = self._sieves[producer] = Sieve(question, self._rules)
        return sieve.permits(msgspec.structs.replace(traits, gate="open"))


def _sightings(desk: Desk) -> Iterator[tuple[Row, Traits, dict[str, Any]]]:
    """The latest version of each origin's sightings, with what it is decided by."""
    latest: dict[tuple[str, str], Row] = {}
    now = micros(desk.world.clock())
    for row in desk.world.store.by_type("sighting"):
        known = latest.get((row.origin, row.id))
        if (row.expires is None or row.expires > now) and (known is None or _order(known) < _order(row)):
            latest[row.origin, row.id] = row
    rows = list(latest.values())
    traits = {base: read_condition(desk.world.store.trait_body(base)).base for base in {row.base for row in rows}}
    for start in range(0, len(rows), _PAGE):
        part = rows[start : start + _PAGE]
        bodies = desk.world.store.bodies([row.item for row in part])
        for row in part:
            if row.item in bodies:
                yield row, traits[row.base], msgspec.json.decode(bodies[row.item])


def _order(row: Row) -> tuple[datetime, int]:
    return version_moment(row.version), row.added


def _seen(row: Row, traits: Traits, obj: dict[str, Any]) -> _Seen | None:
    """Step 1 for one sighting. A count of 0 says that it was not seen (STIX 2.1 section 5.2)."""
    count = obj.get("count", 1)
    if obj.get("revoked") is True or not isinstance(count, int) or count < 1:
        return None
    first, last = obj.get("first_seen"), obj.get("last_seen")
    begin = version_moment(str(first or last or row.version))
    return _Seen(row, traits, count, begin, max(begin, version_moment(str(last or first or row.version))))


def _tally(subject: str, producer: str, fresh: list[_Seen]) -> Iterator[Tally]:
    """One tally; none where the sightings share no purpose."""
    purposes = set.intersection(*(set(seen.traits.purposes) for seen in fresh))
    if purposes:
        yield Tally(
            subject=subject,
            producer=producer,
            count=bucket(sum(seen.count for seen in fresh)),
            first=_day(min(seen.first for seen in fresh)),
            last=_day(max(seen.last for seen in fresh)),
            tlp=tlp.strictest(seen.traits.tlp for seen in fresh) or "red",
            purposes=tuple(sorted(purposes)),
            handling=tuple(sorted({code for seen in fresh for code in seen.traits.handling})),
        )


def _day(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)
