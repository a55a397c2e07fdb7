"""What the objects around an indicator say of it: what it indicates, what it rests on, who saw it and who doubts it.

One pass over the related objects that a reader may see, so nothing else can weigh in a score or stand as evidence.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec

from comity.release.desk import Desk
from comity.release.holdings import every
from comity.release.sight import Reader
from comity.store.copied import all_copies
from comity.terms.decay import Doubt, Facts, Seen
from comity.terms.stix import version, version_moment

#: The types of objects that say something of an indicator.
SAYING = frozenset({"relationship", "sighting", "opinion", "report", "grouping"})
_DOUBTS = {"disagree": 1, "strongly-disagree": 2}
_AGREES = frozenset({"agree", "strongly-agree"})


class About(msgspec.Struct, kw_only=True):
    """What is said of one object. `indicates` are the ids its relationships name, `evidence` the ids that it rests on or stands in.

    `words` are the types and labels of the reports and groupings it stands in. `confirmed` are opinions that agree: each weighs in the
    score as one time seen.
    """

    indicates: list[str] = msgspec.field(default_factory=list)
    words: set[str] = msgspec.field(default_factory=set)
    evidence: list[str] = msgspec.field(default_factory=list)
    seen: list[Seen] = msgspec.field(default_factory=list)
    confirmed: list[Seen] = msgspec.field(default_factory=list)
    doubts: list[Doubt] = msgspec.field(default_factory=list)


#: Of an object of which nothing is said.
NOTHING = About()


def surroundings(desk: Desk, reader: Reader, ids: Iterable[str] | None = None) -> dict[str, About]:
    """id -> what is said of it by what the reader may see, of these ids or of every indicator."""
    wanted = None if ids is None else frozenset(ids)
    original = Originals(desk, reader)
    found: dict[str, About] = {}
    for _, row, body in every(desk, reader, SAYING):
        obj = msgspec.json.decode(body)
        if obj.get("revoked") is True:
            continue
        for id_ in (each for named in _subjects(obj) for each in original.also(named)):
            if id_.startswith("indicator--") if wanted is None else id_ in wanted:
                _note(found.setdefault(id_, About()), row.origin, obj)
    return found


def about(said: Iterable[tuple[str, dict[str, Any]]]) -> About:
    """What these objects (origin, object) say of the one that all of them are about."""
    found = About()
    for origin, obj in said:
        if obj.get("revoked") is not True and obj["type"] in SAYING:
            _note(found, origin, obj)
    return found


class Originals:
    """What is said of a redacted copy is said of its original: for a reader who sees that."""

    def __init__(self, desk: Desk, reader: Reader) -> None:
        self._store = desk.world.store
        self._sight = desk.sight(reader)
        self._copies = all_copies(self._store)

    def also(self, id_: str) -> tuple[str, ...]:
        """An id, and that of the original if it is a copy's."""
        origin, original = self._copies.get(id_, ("", ""))
        seen = (row for row in self._store.by_id([original] if original else ()) if row.origin == origin and self._sight.sees(row.traits))
        return (id_, original) if any(seen) else (id_,)


def facts(kind: str, obj: dict[str, Any], expires: datetime | None, about: About) -> Facts:
    """What the score of an indicator's value of a kind depends on; `expires` is its envelope's."""
    said = version_moment(version(obj))
    until = obj.get("valid_until")
    ends = [moment for moment in (expires, version_moment(until) if isinstance(until, str) else None) if moment]
    confidence = obj.get("confidence")
    return Facts(
        kind=kind,
        said=said,
        confidence=confidence if isinstance(confidence, int) and 0 <= confidence <= 100 else None,
        valid_until=min(ends, default=None),
        revoked=obj.get("revoked") is True,
        seen=(*about.seen, *about.confirmed),
        doubts=tuple(about.doubts),
    )


def words(obj: dict[str, Any]) -> list[str]:
    """The words an object is classified by: its types (`indicator_types`...), labels, and kill chain phases with their chains' names."""
    found = [word for key in (f"{obj['type'].replace('-', '_')}_types", "labels") for word in _listed(obj.get(key))]
    found += [phase.get(key) for phase in _listed(obj.get("kill_chain_phases")) if isinstance(phase, dict) for key in _PHASE]
    return [word for word in found if isinstance(word, str)]


_PHASE = ("kill_chain_name", "phase_name")


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _subjects(obj: dict[str, Any]) -> list[str]:
    """The ids that an object of the `SAYING` types is about."""
    type_ = obj.get("type")
    named = obj.get("source_ref") if type_ == "relationship" else obj.get("sighting_of_ref") if type_ == "sighting" else None
    listed = [named] if named is not None else obj.get("object_refs")
    return [id_ for id_ in _listed(listed) if isinstance(id_, str)]


def _note(about: About, origin: str, obj: dict[str, Any]) -> None:
    type_, at = obj["type"], version_moment(version(obj))
    if type_ == "relationship":
        target = str(obj.get("target_ref", ""))
        if obj.get("relationship_type") == "indicates":
            about.indicates.append(target)
        if obj.get("relationship_type") in ("indicates", "based-on"):
            about.evidence.append(target)
    elif type_ == "sighting":
        _note_sighting(about, origin, obj, at)
    elif type_ == "opinion":
        weight = _DOUBTS.get(str(obj.get("opinion")))
        if weight:
            about.doubts.append(Doubt(party=origin, at=at, weight=weight))
        elif obj.get("opinion") in _AGREES:
            about.confirmed.append(Seen(party=origin, at=at))
    else:
        about.evidence.append(str(obj["id"]))
        about.words.update(words(obj))


def _note_sighting(about: About, origin: str, obj: dict[str, Any], at: datetime) -> None:
    """A sighting: a count of 0 says that it was looked for and not seen (STIX 2.1 section 5.2)."""
    last = obj.get("last_seen") or obj.get("first_seen")
    seen_at = version_moment(last) if isinstance(last, str) else at
    count = obj.get("count", 1)
    if count == 0:
        about.doubts.append(Doubt(party=origin, at=seen_at))
    elif isinstance(count, int) and count > 0:
        about.seen.append(Seen(party=origin, at=seen_at, count=count))
