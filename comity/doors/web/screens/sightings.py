"""What is said about an object: who saw it, what people think of it; and saying so oneself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from comity.clock import parse
from comity.doors.web.items import parsed
from comity.doors.web.once import Told
from comity.doors.web.page import Act, Again, Done, Form, Page, Visit
from comity.doors.web.screens.inbox import ACTING
from comity.doors.web.show import address, stamped
from comity.doors.web.subject import meant, subject
from comity.errors import Denied, NotFound, SenderFault
from comity.match.feedback import feedback, opinion_id
from comity.match.saying import LONGEST, Person, sighted
from comity.release.remarks import Remarks, gathered, remarks
from comity.release.surroundings import facts
from comity.release.views import Seen
from comity.terms.decay import score
from comity.terms.stix import timestamp, version_moment
from comity.terms.values import observables

TEMPLATE = "screens/sightings.html"
#: Sightings and opinions on one page.
SIZE = 50
#: STIX 2.1 section 10.3, from no to yes.
OPINIONS = ("strongly-disagree", "disagree", "neutral", "agree", "strongly-agree")


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What the forms hold, and what is wrong with it. `was` is the version of the party's own opinion that the form was drawn with."""

    count: str = "1"
    first: str = ""
    last: str = ""
    named: bool = False
    opinion: str = ""
    text: str = ""
    was: str = ""
    wrong: str = ""
    next: str = ""
    about: str = ""


def build(visit: Visit) -> dict[str, Any]:
    """What is said, last first, and its tallies. Raises NotFound for a hidden or absent object."""
    return _page(visit, None)


def _page(visit: Visit, said: Said | None, conflict: Mapping[str, str] | None = None) -> dict[str, Any]:
    opened, head = subject(visit)
    found = remarks(visit.desk, visit.reader, opened.seen.row.id)
    rows = sorted((*found.sightings, *found.opinions), key=lambda one: one.stamp, reverse=True)
    kind = visit.text("kind")
    rows = [one for one in rows if kind in (None, one.row.type)]
    at = visit.number("at") or 0
    own = _own(visit)
    return {
        **head,
        "remarks": [_row(one) for one in rows[at : at + SIZE]],
        "found": len(rows),
        "more": found.more,
        "at": at,
        "next": at + SIZE if at + SIZE < len(rows) else None,
        "kind": kind,
        "tally": _tally(visit, found, opened.seen),
        "opinions": list(OPINIONS),
        "own_opinion": own,
        "said": msgspec.to_builtins(said or _drawn(own)),
        "conflict": conflict,
        "drawn": timestamp(visit.world.clock()),
        "longest": LONGEST,
        "may": visit.user.role in ACTING,
    }


def _drawn(own: Mapping[str, str] | None) -> Said:
    """The forms as they are drawn first: with the party's own opinion in them."""
    return Said(opinion=own["opinion"], text=own["text"], was=own["version"]) if own else Said()


def _own(visit: Visit) -> dict[str, str] | None:
    """The opinion of the person's own party, if it has one."""
    seen = gathered(visit.desk, visit.reader, (opinion_id(visit.user.party, meant(visit)[0]),))
    if not seen:
        return None
    obj = parsed(seen[0].body)
    return {"opinion": str(obj.get("opinion")), "text": str(obj.get("explanation", "")), "version": seen[0].row.version}


def _row(one: Seen) -> dict[str, Any]:
    """A sighting, an opinion or a note. A sighter who is not named is counted only, so whose it is stands here as far as it may be told."""
    obj = parsed(one.body)
    count = obj.get("count", 1)
    return {
        "id": one.row.id,
        "type": one.row.type,
        "origin": one.row.origin,
        "arrived": stamped(one.stamp),
        "tlp": one.envelope.tlp,
        "named": one.envelope.named,
        "count": count if isinstance(count, int) and one.row.type == "sighting" else None,
        "first": str(obj.get("first_seen") or ""),
        "last": str(obj.get("last_seen") or ""),
        "opinion": str(obj.get("opinion") or ""),
        "text": str(obj.get("explanation") or obj.get("content") or obj.get("description") or ""),
        "revoked": obj.get("revoked") is True,
    }


def _tally(visit: Visit, found: Remarks, seen: Seen) -> dict[str, Any]:
    """What it comes to: how often seen, by how many parties, when; how many think what; the score of an indicator."""
    about = found.about
    obj = parsed(seen.body)
    kind = next((kind for kind, _ in observables(obj)), "")
    seen_at = [_times(one) for one in found.sightings if parsed(one.body).get("count") != 0]
    opinions = Counter(str(parsed(one.body).get("opinion")) for one in found.opinions if one.row.type == "opinion")
    basis = facts(kind, obj, seen.envelope.expires, about)
    return {
        "times": sum(one.count for one in about.seen),
        "parties": len({one.party for one in about.seen}),
        "first": timestamp(min(first for first, _ in seen_at)) if seen_at else None,
        "last": timestamp(max(last for _, last in seen_at)) if seen_at else None,
        "not_seen": sum(parsed(one.body).get("count") == 0 for one in found.sightings),
        "opinions": {name: opinions[name] for name in OPINIONS},
        "score": score(basis, visit.world.clock()) if seen.row.type == "indicator" else None,
    }


def _times(one: Seen) -> tuple[datetime, datetime]:
    """When a sighting says that it first and last was (STIX 2.1 section 5.2); what is not said is when it was made."""
    obj = parsed(one.body)
    first, last = (version_moment(text) if isinstance(text := obj.get(name), str) else None for name in ("first_seen", "last_seen"))
    made = version_moment(one.row.version)
    return first or last or made, last or first or made


def see(visit: Visit, form: Form) -> Done | Again:
    """Take in a sighting. What is wrong is said beside what was sent."""
    said = Said(
        count=form.text("count"), first=form.text("first"), last=form.text("last"), named=form.text("named") == "true", about="sighting"
    )  # fmt: skip
    try:
        outcome = sighted(
            visit.desk, _who(visit), meant(visit)[0], at=_moment(form.needed("drawn")) or visit.world.clock(), count=_count(said.count),
            first=_moment(said.first), last=_moment(said.last), named=said.named,
        )  # fmt: skip
        if outcome.outcome == "rejected":
            raise SenderFault(outcome.why, next="")
    except (SenderFault, NotFound, Denied) as fault:
        return _again(visit, said, fault)
    return Done(to=f"{address(visit.part('id'))}/sightings", told=Told(word="said.made"))


def opine(visit: Visit, form: Form) -> Done | Again:
    """Take in the party's opinion, unless a colleague said another one since the form was drawn: then both are shown."""
    said = Said(opinion=form.text("opinion"), text=form.text("text"), was=form.text("was"), about="opinion")
    own = _own(visit)
    if own is not None and own["version"] != said.was:
        data = _page(visit, msgspec.structs.replace(said, was=own["version"]), own)
        return Again(template=TEMPLATE, data=data, status=409)
    try:
        if said.opinion not in OPINIONS:
            raise SenderFault("the form says nothing for the opinion", next="choose one")
        if len(said.text) > LONGEST:
            raise SenderFault(f"the text has {len(said.text)} characters, more than {LONGEST}", next="make it shorter")
        outcome = feedback(
            visit.desk, meant(visit)[0], said.opinion, said.text, visit.user.name, reader=visit.reader, role=visit.user.role
        )  # fmt: skip
        if outcome.outcome == "rejected":
            raise SenderFault(outcome.why, next="")
    except (SenderFault, NotFound, Denied) as fault:
        return _again(visit, said, fault)
    return Done(to=f"{address(visit.part('id'))}/sightings", told=Told(word="said.made"))


def _again(visit: Visit, said: Said, fault: SenderFault | NotFound | Denied) -> Again:
    return Again(template=TEMPLATE, data=_page(visit, msgspec.structs.replace(said, wrong=str(fault), next=fault.next)))


def _who(visit: Visit) -> Person:
    return Person(reader=visit.reader, by=visit.user.name, role=visit.user.role)


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise SenderFault(f"{text[:40]!r} is no count", next="give a number, 0 for: looked for and not seen")
    return int(text)


def _moment(text: str) -> datetime | None:
    try:
        return parse(text) if text else None
    except ValueError as error:
        raise SenderFault(str(error), next="give a date like 2021-11-01, or a moment like 2021-11-01T13:27:00Z") from None


PAGES = (Page(path="/o/{id}/sightings", template=TEMPLATE, build=build, rows="remarks"),)
ACTS = (
    Act(path="/o/{id}/sightings", do=see, roles=ACTING),
    Act(path="/o/{id}/opinion", do=opine, roles=ACTING),
)
