"""What a person says of an object before them: that it was seen, or how it is tied to another. Opinions are `match.feedback`.

It is submitted for the person's party like any item, marked and addressed no wider than what it is about. The same said twice is one
object: its id is made of what is said.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import msgspec

from comity.errors import SenderFault
from comity.intake.submit import Submitter, submit
from comity.release.desk import Desk
from comity.release.holdings import envelope_of, get, own_named
from comity.release.sight import Reader
from comity.store.protocol import Row
from comity.terms import tlp
from comity.terms.item import Draft, Envelope, Outcome
from comity.terms.stix import derived_id, timestamp

#: Relationship types that a person is offered; others are lower-case words joined by hyphens (STIX 2.1 section 5.1).
TIES = (
    "indicates", "based-on", "uses", "targets", "attributed-to", "communicates-with", "exploits", "mitigates", "delivers", "drops",
    "located-at", "part-of", "variant-of", "duplicate-of", "derived-from", "related-to",
)  # fmt: skip
_WORD = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")
#: The most that a sighting counts (STIX 2.1 section 5.2).
MOST = 999_999_999
#: Characters of a text that goes with what is said.
LONGEST = 5_000


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Who says it: their party's eyes, their name for the log, and their role."""

    reader: Reader
    by: str
    role: str


def sighted(
    desk: Desk, who: Person, id_: str, *, at: datetime, count: int = 1, first: datetime | None = None, last: datetime | None = None,
    named: bool = False,
) -> Outcome:  # fmt: skip
    """Take in a sighting of an object that the person's party sees; a count of 0 says that it was looked for and not seen.

    `at` is when it is said, `named` whether the party consents to be known as the sighter (G16). Raises NotFound, SenderFault.
    """
    row, about = subject(desk, who, id_)
    if not 0 <= count <= MOST:
        raise SenderFault(f"{count} is no count", next=f"give 0 to {MOST}")
    if first and last and last < first:
        raise SenderFault("the last time is before the first", next="give them the other way round")
    said, times = timestamp(at), {"first_seen": first, "last_seen": last}
    obj: dict[str, Any] = {
        "type": "sighting",
        "spec_version": "2.1",
        "id": derived_id(
            "sighting", who.reader.party, id_, said, str(count), *(timestamp(each) if each else "" for each in times.values())
        ),
        "created": said,
        "modified": said,
        **{name: timestamp(each) for name, each in times.items() if each},
        "count": count,
        "sighting_of_ref": id_,
    }
    return say(desk, obj, submitter(who, row, about, named=named))


def related(desk: Desk, who: Person, source: str, kind: str, target: str, text: str = "") -> Outcome:
    """Take in a relationship between two objects that the person's party sees, marked as the stricter of them.

    A party says of two objects once how they are tied in one way: with another text it is the next version. Raises NotFound, SenderFault.
    """
    if not _WORD.match(kind) or len(kind) > 100:
        raise SenderFault(f"{kind[:40]!r} is no relationship type", next="use lower-case words joined by hyphens, like " + TIES[0])
    if source == target:
        raise SenderFault("an object is not tied to itself", next="name another object")
    if len(text) > LONGEST:
        raise SenderFault(f"the text has {len(text)} characters, more than {LONGEST}", next="make it shorter")
    (row, one), (_, other) = subject(desk, who, source), subject(desk, who, target)
    own = derived_id("relationship", who.reader.party, source, kind, target)
    earlier = said_before(desk, who, own)
    if earlier and earlier[-1].get("description", "") == text:
        return Outcome(outcome="duplicate", position=source, id=own, type="relationship", version=earlier[-1]["modified"])
    obj: dict[str, Any] = {
        **version(desk, "relationship", own, earlier),
        "relationship_type": kind,
        "source_ref": source,
        "target_ref": target,
        **({"description": text} if text else {}),
    }
    return say(desk, obj, submitter(who, row, _stricter(one, other)))


def submitter(who: Person, row: Row, about: Envelope, *, named: bool = False) -> Submitter:
    """As whom something is said of an object: marked, handled and addressed as it is, for its purposes, and as long as it lasts."""
    # RED names its recipients: those who know of it already.
    to = (row.origin,) if about.tlp == "red" else None
    return Submitter(
        party=who.reader.party, by=who.by, role=who.role, tlp=about.tlp, purposes=about.purposes, handling=about.handling, to=to,
        expires=about.expires, named=named,
    )  # fmt: skip


def _stricter(one: Envelope, other: Envelope) -> Envelope:
    """What holds for both. Raises SenderFault for objects that share no purpose."""
    purposes = tuple(name for name in one.purposes if name in other.purposes)
    if not purposes:
        raise SenderFault("the two were shared for different purposes", next="tie objects that share a purpose")
    return msgspec.structs.replace(
        one,
        tlp=tlp.strictest((one.tlp, other.tlp)) or one.tlp,
        purposes=purposes,
        handling=tuple(sorted({*one.handling, *other.handling})),
        expires=min((each for each in (one.expires, other.expires) if each), default=None),
    )


def subject(desk: Desk, who: Person, id_: str) -> tuple[Row, Envelope]:
    """What something is said of, as the person's party sees it. Raises NotFound."""
    row, _ = get(desk, id_, purposes=who.reader.purposes, reader=who.reader)
    return row, envelope_of(desk, row)


def said_before(desk: Desk, who: Person, own: str) -> list[dict[str, Any]]:
    """The versions of what the person's party said under an id of its own."""
    return [msgspec.json.decode(body) for _, _, body, _ in own_named(desk, [own], who.reader)]


def version(desk: Desk, type_: str, own: str, earlier: list[dict[str, Any]]) -> dict[str, Any]:
    """The first properties of what is said now, which takes the place of what was said before."""
    now = timestamp(desk.world.clock())
    return {"type": type_, "spec_version": "2.1", "id": own, "created": earlier[0]["created"] if earlier else now, "modified": now}


def say(desk: Desk, obj: dict[str, Any], by: Submitter, position: str | None = None) -> Outcome:
    """Take in what is said; `position` is what the outcome calls it, its id if not given."""
    (outcome,) = submit(desk.world, [Draft(raw=msgspec.json.encode(obj), obj=obj, position=position or str(obj["id"]))], by)
    return outcome
