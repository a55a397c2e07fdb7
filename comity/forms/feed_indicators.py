"""Rows of a feed as STIX indicators that say which feed they come from, and stop being in force when they are no longer listed.

An id belongs to a feed and a value, so what two feeds say of one value stays side by side. A value that stays listed gets a new version now
and then (`Source.at` moves on), which carries its `valid_until` further; one that is gone gets none, and runs out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

import msgspec

from comity.forms.table import Row
from comity.terms.item import Draft, Refused
from comity.terms.stix import derived_id, indicator, timestamp

_encode = msgspec.json.Encoder().encode


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """The feed that rows come from. `url` is what may be shown of its address, `since` when it was set up, `threat` what it lists.

    `at` is the moment of this version: the same for some time, so that what is read again is the same. `life` is how long after it a value
    stays in force, None for always.
    """

    name: str
    url: str
    since: datetime
    at: datetime
    threat: tuple[str, ...] = ()
    life: timedelta | None = None


def period(now: datetime, since: datetime, life: timedelta | None) -> datetime:
    """The moment of the version that is due now: half lives since the feed was set up, so that a listed value never runs out."""
    if life is None:
        return since
    half = max(life / 2, timedelta(seconds=1))
    return since + max(0, (now - since) // half) * half


def drafts(rows: Iterable[Row | Refused], source: Source) -> Iterator[Draft | Refused]:
    """An indicator per row."""
    for row in rows:
        if isinstance(row, Refused):
            yield row
            continue
        labels = [f"feed:{source.name}", *([f"source:{row.source}"] if row.source else [])]
        obj = indicator(
            row.kind,
            row.value,
            id=derived_id("indicator", "feed", source.name, row.kind, row.value),
            created=source.since,
            modified=source.at,
            valid_from=min(row.at, source.at) if row.at else source.since,
            description=row.description,
            labels=labels,
            indicator_types=source.threat,
            confidence=row.confidence,
        )
        obj["external_references"] = [{"source_name": source.name, "url": source.url}]
        expires = source.at + source.life if source.life else None
        if expires:
            obj["valid_until"] = timestamp(expires)
        dated = source.life is not None
        yield Draft(raw=_encode(obj), obj=obj, position=f"line {row.line}", tlp=row.tlp, derived=True, dated=dated, expires=expires)
