"""My shift: what needs this person since their last shift, and what is handed over at its end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from comity.admin import shifts, triage
from comity.admin.shifts import Handover
from comity.clock import micros, parse
from comity.doors.gating import LOOKING, REVIEWING
from comity.doors.redressing import ANSWERING
from comity.doors.web import columns
from comity.doors.web.items import ends, heading, names, parsed
from comity.doors.web.page import Act, Again, Done, Form, Page, Visit
from comity.doors.web.screens import approvals, gate, inbox, redress
from comity.doors.web.show import stamped
from comity.intake.withdraw import recalls
from comity.release import arrivals, due
from comity.release.arrivals import Narrow
from comity.release.together import together
from comity.store.protocol import Row

#: Items of one heading on the page; counts go further, and then say that there are more.
SHOWN, COUNTED = 8, 100
#: How far ahead deadlines and ends are looked for, and how long what is overdue stays.
AHEAD, BEHIND = timedelta(days=7), timedelta(days=14)
#: What others gave, and what of one's own is held back.
_GIVEN, _HELD = Narrow(own=False), Narrow(others=False, gate="quarantine")


def build(visit: Visit) -> dict[str, Any]:
    """What waits, by heading; each with how many there are and the first of them."""
    now, since = visit.world.clock(), _since(visit)
    return {
        "since": stamped(micros(since)),
        "begun": stamped(micros(shifts.begun(visit.world, visit.user))),
        "acting": inbox.acts(visit),
        "columns": columns.of(visit.request, inbox.READING),
        "begin": visit.tally.counts(visit.desk, visit.reader).total == 0,
        **_new(visit, since),
        "mine": _mine(visit),
        "requests": approvals.mine(visit),
        "held": _held(visit),
        "may_look": visit.user.role in LOOKING,
        "review": gate.waits(visit) if visit.user.role in REVIEWING else None,
        "tickets": redress.waits(visit) if visit.own and visit.user.role in ANSWERING else None,
        "owed": _owed(visit, now),
        "expiring": _expiring(visit, now),
        "recalled": _recalled(visit, since),
        "settled": _settled(visit, since),
        "handovers": [_told(name, each) for name, each in shifts.handovers(visit.world, visit.user.party)[:3]],
        "note": "",
        "wrong": "",
    }


def hand_over(visit: Visit, form: Form) -> Done | Again:
    """End the shift: keep what is open and a word to the next, and begin again."""
    note, since = form.text("note"), _since(visit)
    if len(note) > shifts.LONGEST:
        return Again(template="screens/shift.html", data={**build(visit), "note": note, "wrong": "shift.long"})
    now = visit.world.clock()
    new, mine = _new(visit, since)["new"], _mine(visit)
    open_ = [*(each["id"] for each in mine["items"]), *(each["id"] for each in (*_owed(visit, now)["items"], *_held(visit)["items"]))]
    left = Handover(
        user=visit.user.name, since=since, until=now, note=note, arrived=new["count"], more=new["more"], settled=_settled(visit, since),
        objects=tuple(dict.fromkeys(open_)), requests=tuple(each["id"] for each in approvals.mine(visit)),
    )  # fmt: skip
    return Done(to=f"/handovers/{shifts.hand_over(visit.world, visit.user, left)}")


def build_handover(visit: Visit) -> dict[str, Any]:
    """A handover, to read or to print: what is still to be seen of it now. Raises NotFound."""
    name = visit.part("handover")
    found = shifts.handover(visit.world, visit.user.party, name)
    called, notes = _titles(visit, found.objects), dict(_notes(visit, found.objects))
    return {
        **_told(name, found),
        "items": [{**each, **inbox.told(notes.get(each["id"]), micros(parse(each["arrived"])))} for each in called],
        "requests": list(found.requests),
    }


def _since(visit: Visit) -> datetime:
    """Since when the page looks: as the address says, or since the person's shift began."""
    asked = visit.moment("since") or shifts.begun(visit.world, visit.user)
    return max(asked, visit.world.clock() - shifts.FURTHEST)


def _new(visit: Visit, since: datetime) -> dict[str, Any]:
    """What others gave since then and nobody has seen to, what is about the constituency first; and how many wait from before."""
    first, party = micros(since), visit.user.party

    def fresh(stamp: int, row: Row) -> bool:
        note = triage.note(visit.world, party, row.id)
        return note is None or note.stands(stamp) == triage.NEW

    found, more = arrivals.waiting(visit.desk, visit.reader, _GIVEN, COUNTED, fresh, after=first - 1)
    earlier, many = arrivals.waiting(visit.desk, visit.reader, _GIVEN, COUNTED, fresh, before=first)
    ids = list(dict.fromkeys(row.id for _, row in found))
    touched = inbox.touched(visit, ids)
    groups = together(visit.desk, found)
    groups.sort(key=lambda group: all(row.id not in touched for _, row in (group.head, *group.below)))
    told = {"new": {"count": len(ids), "more": more, "about": len(touched)}, "earlier": {"count": len(earlier), "more": many}}
    return {**told, "items": inbox.grouped(visit, groups[:SHOWN])}


def _mine(visit: Visit) -> dict[str, Any]:
    """What is assigned to the person and not settled."""
    every = triage.notes(visit.world, visit.user.party)
    ids = [id_ for id_, note in sorted(every, key=lambda each: each[1].at) if note.assignee == visit.user.name and note.state == triage.NEW]
    seen = arrivals.named(visit.desk, visit.reader, Narrow(), ids[:COUNTED])
    return {"count": len(seen), "more": len(ids) > COUNTED, "items": inbox.rows(visit, seen)}


def _held(visit: Visit) -> dict[str, Any]:
    """What the person's party sent and the node keeps back until somebody has looked."""
    found, more = arrivals.waiting(visit.desk, visit.reader, _HELD, COUNTED)
    return {"count": len(found), "more": more, "items": _titles(visit, [row.id for _, row in found[:SHOWN]])}


def _owed(visit: Visit, now: datetime) -> dict[str, Any]:
    """Duties whose deadline is near or past."""
    found, more = due.owed(visit.desk, visit.reader, now - BEHIND, now + AHEAD, COUNTED)
    called = {each["id"]: each for each in _titles(visit, [one.row.id for one in found[:SHOWN]])}
    items = [
        {**called[one.row.id], "duty": one.duty, "due": stamped(micros(one.due)), "late": one.due < now}
        for one in found[:SHOWN]
        if one.row.id in called
    ]
    return {"count": len(found), "more": more, "items": items}


def _expiring(visit: Visit, now: datetime) -> dict[str, Any]:
    found, more = due.expiring(visit.desk, visit.reader, now, now + AHEAD, COUNTED)
    ends = {row.id: stamped(row.expires) for row in found[:SHOWN] if row.expires is not None}
    return {"count": len(found), "more": more, "items": [{**each, "expires": ends[each["id"]]} for each in _titles(visit, list(ends))]}


def _recalled(visit: Visit, since: datetime) -> list[dict[str, Any]]:
    """What its origin has taken back since then, of what this party's people had seen to: of nothing else is it told."""
    found = [each for each in recalls(visit.world) if each.at >= since and each.party != visit.user.party]
    known = dict(_notes(visit, [each.id for each in found]))
    return [
        {
            "id": each.id,
            "type": each.id.partition("--")[0],
            "origin": each.party,
            "at": stamped(micros(each.at)),
            "state": known[each.id].state,
        }
        for each in found
        if each.id in known
    ]


def _settled(visit: Visit, since: datetime) -> dict[str, int]:
    """How many objects the person has seen to since then, by what was made of them."""
    theirs = [note.state for _, note in triage.notes(visit.world, visit.user.party) if note.by == visit.user.name and note.at >= since]
    return {state: theirs.count(state) for state in triage.STATES if state in theirs}


def _notes(visit: Visit, ids: Iterable[str]) -> list[tuple[str, triage.Note]]:
    found = ((id_, triage.note(visit.world, visit.user.party, id_)) for id_ in dict.fromkeys(ids))
    return [(id_, note) for id_, note in found if note is not None]


def _titles(visit: Visit, ids: Sequence[str]) -> list[dict[str, Any]]:
    """Objects by name: those of these that may be seen now, in this order."""
    seen = arrivals.named(visit.desk, visit.reader, Narrow(), list(dict.fromkeys(ids)))
    objects = [parsed(one.body) for one in seen]
    called = names(visit, [end for obj in objects for end in ends(obj)])
    return [
        {
            "id": one.row.id, "type": one.row.type, "heading": heading(obj, called), "tlp": one.envelope.tlp, "origin": one.envelope.origin,
            "arrived": stamped(one.stamp),
        }
        for one, obj in zip(seen, objects, strict=True)
    ]  # fmt: skip


def _told(name: str, each: Handover) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(each)
    plain["by"] = plain.pop("user")
    moments = {key: stamped(micros(getattr(each, key))) for key in ("since", "until")}
    return {**plain, **moments, "name": name, "left": len(each.objects) + len(each.requests)}


PAGES = (
    Page(path="/", template="screens/shift.html", build=build, rows="items", nav="shift"),
    Page(path="/handovers/{handover}", template="screens/handover.html", build=build_handover, rows="items"),
)
ACTS = (Act(path="/handovers", do=hand_over),)
