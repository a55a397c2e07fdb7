"""A party's consent, after the fact, to be named as the sighter of an object: its sightings of it become versions that may go as they are.

Without it a sighting is only counted, and told with those of others (G16). What is named once stays so: the producer may have it already.

Crash story: each new version enters by `submit`. Cut off between, those that entered are named; the next time finds only the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import msgspec

from comity.intake.submit import Submitter, submit
from comity.release.desk import Desk
from comity.release.holdings import own_named
from comity.release.sight import Reader
from comity.terms.item import Draft, Envelope, Outcome
from comity.terms.stix import timestamp, version_moment

#: The gate of a sighting that is only counted.
COUNTED = "counted"


def consent(desk: Desk, reader: Reader, ids: list[str], by: str = "", role: str = "") -> list[Outcome]:
    """Name the reader's party in those of its sightings of these ids that are only counted; `by` and `role` are the person's."""
    return [
        outcome
        for draft, envelope in _counted(desk, reader, ids)
        for outcome in submit(desk.world, [draft], _as(reader, envelope, by, role))
    ]


def _counted(desk: Desk, reader: Reader, ids: list[str]) -> Iterator[tuple[Draft, Envelope]]:
    """The next version of each, with what was said of the last."""
    latest: dict[str, tuple[dict[str, object], Envelope]] = {}
    for _, row, body, envelope in own_named(desk, ids, reader):
        obj = msgspec.json.decode(body)
        known = latest.get(row.id)
        if obj.get("type") == "sighting" and (known is None or _moment(known[0]) <= _moment(obj)):
            latest[row.id] = obj, envelope
    now = timestamp(desk.world.clock())
    for id_, (obj, envelope) in latest.items():
        if envelope.gate == COUNTED and obj.get("revoked") is not True:
            new = {**obj, "modified": now}
            yield Draft(raw=msgspec.json.encode(new), obj=new, position=id_), envelope


def _moment(obj: dict[str, object]) -> datetime:
    return version_moment(str(obj.get("modified", "")))


def _as(reader: Reader, envelope: Envelope, by: str, role: str) -> Submitter:
    """As it was submitted, but named."""
    return Submitter(
        party=reader.party, by=by, role=role, tlp=envelope.tlp, purposes=envelope.purposes, handling=envelope.handling, to=envelope.to,
        expires=envelope.expires, named=True,
    )  # fmt: skip
