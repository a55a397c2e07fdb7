"""Hits become sightings: one aggregate per indicator, without member hosts or users, and they arrive like any other item."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cache

import msgspec

from comity.intake.submit import Submitter, submit
from comity.match.hit import Hit
from comity.match.inputs import known_as
from comity.terms.item import Draft, Outcome
from comity.terms.stix import derived_id, timestamp
from comity.world import World


def sightings(hits: Iterable[Hit], created: str) -> Iterator[Draft]:
    """A STIX sighting per indicator with its number of hits, and when the events say that they were (STIX 2.1 section 5.2).

    The same hits give the same ids again, wherever their files lie and whatever they are called then.
    """
    log = cache(known_as)
    counts: dict[str, int] = {}
    digests: dict[str, hashlib._Hash] = {}
    times: dict[str, tuple[datetime, datetime]] = {}
    for hit in hits:
        counts[hit.indicator] = counts.get(hit.indicator, 0) + 1
        digest = digests.setdefault(hit.indicator, hashlib.sha256())
        # Not by line and text alone: the first line of yesterday's log and of today's may well say the same.
        when = hit.at or log(hit.file)
        digest.update(msgspec.json.encode([when, hit.line, hit.field, hit.observed]))
        if hit.at is not None:
            first, last = times.get(hit.indicator, (hit.at, hit.at))
            times[hit.indicator] = min(first, hit.at), max(last, hit.at)
    for indicator, count in counts.items():
        seen = zip(("first_seen", "last_seen"), map(timestamp, times.get(indicator, ())))
        obj = {
            "type": "sighting",
            "spec_version": "2.1",
            "id": derived_id("sighting", indicator, digests[indicator].hexdigest()),
            "created": created,
            "modified": created,
            **dict(seen),
            "count": min(count, 999_999_999),
            "summary": True,
            "sighting_of_ref": indicator,
        }
        yield Draft(raw=msgspec.json.encode(obj), obj=obj, position=indicator, derived=True)


def submit_sightings(world: World, hits: Iterable[Hit], *, named: bool = False) -> list[Outcome]:
    """Take sightings of held indicators in as the node's own items. They go back to the producers over the node's links.

    Where the party consents to be `named` (or its settings do) as they are, else as counts of several parties together (`match.returning`).
    """
    by = Submitter(party=world.settings.party, by="match", named=named or world.settings.sightings.named)
    return list(submit(world, sightings(hits, timestamp(world.clock())), by))
