"""How much an indicator is still worth: a score from 0 to 100 that falls with age, rises with sightings and falls with doubt. Pure.

    1. over      revoked, or past its `valid_until`: 0
    2. base      what its producer said (`confidence`, STIX 2.1 section 3.2), else `UNSAID`
    3. seen      each party that saw it lifts the base towards 100, the more and the later it saw it, the more
    4. faded     the score halves with every half-life since it was last said or seen
    5. doubted   each party that doubts it halves the score, or quarters it where it disagrees strongly

A party has one voice, however often it speaks: nobody can hold an indicator up, or bring it down, by repeating itself. The half-lives are
our choice, not a measurement: addresses change hands in weeks, names in months, and a file stays what it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from math import exp2, log2

import msgspec

#: Kind of value -> how long until a score has halved.
HALF_LIVES: dict[str, timedelta] = {
    **dict.fromkeys(("ipv4", "ipv6", "cidr"), timedelta(days=14)),
    "url": timedelta(days=21),
    "domain": timedelta(days=60),
    "email": timedelta(days=120),
    **dict.fromkeys(("cert-sha1", "md5", "sha1", "sha256", "sha512"), timedelta(days=365)),
}
#: The half-life of any other kind.
OTHERWISE = timedelta(days=60)
#: The base where the producer says no confidence: neither for nor against.
UNSAID = 50
#: Voices that take a base half of the way to 100. One party's voice is log2(1 + times seen), halved with each half-life since.
_CHORUS = 4.0


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """A party saw it `count` times, last at `at` (a sighting, STIX 2.1 section 5.2)."""

    party: str
    at: datetime
    count: int = 1


class Doubt(msgspec.Struct, frozen=True, kw_only=True):
    """A party holds it for wrong: an opinion that disagrees (section 4.13; strongly: `weight` 2), or a sighting with count 0."""

    party: str
    at: datetime
    weight: int = 1


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What a score depends on. `said` is when the producer last said it (`modified`); all moments are timezone-aware."""

    kind: str
    said: datetime
    confidence: int | None = None
    valid_until: datetime | None = None
    revoked: bool = False
    seen: tuple[Seen, ...] = ()
    doubts: tuple[Doubt, ...] = ()


def score(facts: Facts, now: datetime) -> int:
    """The score at a moment, 0 to 100. What is dated later than `now` counts as of now: a date in the future buys no time."""
    # 1.
    if facts.revoked or (facts.valid_until is not None and facts.valid_until <= now):
        return 0
    half = HALF_LIVES.get(facts.kind, OTHERWISE)
    voices = _voices(facts.seen, now)
    # 2.
    base = float(UNSAID if facts.confidence is None else facts.confidence)
    # 3.
    chorus = sum(log2(1 + one.count) * _left(one.at, now, half) for one in voices.values())
    base += (100.0 - base) * (1.0 - exp2(-chorus / _CHORUS))
    # 4.
    last = max([facts.said, *(one.at for one in voices.values())])
    faded = base * _left(last, now, half)
    # 5. Who has seen it since has thought better of its doubt.
    against: dict[str, int] = {}
    for doubt in facts.doubts:
        if doubt.party not in voices or voices[doubt.party].at <= doubt.at:
            against[doubt.party] = max(doubt.weight, against.get(doubt.party, 0))
    return round(faded * exp2(-sum(against.values())))


def _voices(seen: Iterable[Seen], now: datetime) -> dict[str, Seen]:
    """Party -> all it saw, as one."""
    found: dict[str, Seen] = {}
    for one in seen:
        known = found.get(one.party)
        count = max(0, one.count) + (known.count if known else 0)
        at = min(now, one.at)
        found[one.party] = Seen(party=one.party, at=max(at, known.at) if known else at, count=count)
    return found


def _left(since: datetime, now: datetime, half: timedelta) -> float:
    """What is left of one after the time since a moment, 0 to 1."""
    return exp2(-(max(timedelta(), now - since) / half))
