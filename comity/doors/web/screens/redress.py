"""Redress: tickets of those who say that something here is wrong, or should not be; each gets a dated answer (G13)."""

from __future__ import annotations

from typing import Any

import msgspec

from comity.doors.redressing import ANSWERING, READING, told
from comity.doors.web.items import names
from comity.doors.web.page import Act, Again, Done, Form, Page, Visit
from comity.doors.web.refusing import in_full, status_of
from comity.errors import Conflict, NotFound, SenderFault
from comity.intake import redress
from comity.terms.stix import is_id

#: Tickets on one page.
SIZE = 200
STATES = ("open", "overdue", "answered")
_LIST, _ONE = "screens/redress.html", "screens/redress_ticket.html"


def build(visit: Visit, *, sent: dict[str, str] | None = None, wrong: str = "") -> dict[str, Any]:
    """The tickets, those that wait first; `sent` is what was filled in for a new one."""
    state = visit.one_of("state", STATES)
    found = [told(each, visit.at) for each in redress.tickets(visit.world)]
    groups = {name: [each for each in found if (each.state if each.answer is None else "answered") == name] for name in STATES}
    shown = found if state is None else groups[state]
    return {
        "state": state,
        "counts": {name: len(each) for name, each in groups.items()},
        "tickets": msgspec.to_builtins(shown[:SIZE]),
        "more": len(shown) > SIZE,
        "days": visit.world.settings.gate.redress_days,
        "may_open": visit.user.role in ANSWERING,
        "sent": {"about": visit.text("about") or "", "who": ""} | (sent or {}),
        "wrong": wrong,
    }


def build_one(visit: Visit, *, sent: dict[str, str] | None = None, refused: str = "") -> dict[str, Any]:
    """One ticket, with the form for its answer. Raises NotFound."""
    ticket = told(redress.ticket(visit.world, visit.part("ticket")), visit.at)
    called = names(visit, [ticket.about]) if is_id(ticket.about) else {}
    return {
        **msgspec.to_builtins(ticket),
        "rows": [msgspec.to_builtins(ticket)],
        "called": called.get(ticket.about, ""),
        "decisions": list(redress.DECISIONS),
        "longest": redress.LONGEST,
        "may_answer": visit.user.role in ANSWERING and ticket.answer is None,
        "sent": {"decision": "", "text": ""} | (sent or {}),
        "refused": refused,
    }


def waits(visit: Visit) -> dict[str, int]:
    """How many tickets wait for an answer, and how many of them are late."""
    found = [each for each in redress.tickets(visit.world) if each.answer is None]
    return {"count": len(found), "late": sum(each.overdue(visit.at) for each in found)}


def begin(visit: Visit, form: Form) -> Done | Again:
    """Open a ticket."""
    sent = {key: form.text(key) for key in ("about", "who")}
    if wrong := _wrong(visit, sent):
        return Again(template=_LIST, data=build(visit, sent=sent, wrong=wrong))
    try:
        made = redress.open_ticket(visit.world, sent["about"], sent["who"], visit.user.name)
    except SenderFault as fault:
        return Again(template=_LIST, data=build(visit, sent=sent, wrong=str(fault)))
    return Done(to=f"/redress/{made.id}")


def answer(visit: Visit, form: Form) -> Done | Again:
    """Answer a ticket. Raises NotFound where there is none."""
    sent = {key: form.text(key) for key in ("decision", "text")}
    if wrong := _wrong(visit, sent):
        return Again(template=_ONE, data=build_one(visit, sent=sent, refused=wrong))
    try:
        redress.answer(visit.world, visit.part("ticket"), sent["decision"], sent["text"], visit.user.name)
    except (SenderFault, Conflict, NotFound) as fault:
        return Again(template=_ONE, data=build_one(visit, sent=sent, refused=in_full(fault)), status=status_of(fault))
    return Done(to=f"/redress/{visit.part('ticket')}")


def _wrong(visit: Visit, sent: dict[str, str]) -> str:
    """What is missing or too long, in the person's language."""
    bad = next((name for name, text in sent.items() if not text or len(text) > redress.LONGEST), None)
    return visit.words(f"redress.wrong.{bad}", longest=redress.LONGEST) if bad else ""


PAGES = (
    Page(path="/redress", template=_LIST, build=build, rows="tickets", nav="redress", roles=READING, own=True),
    Page(path="/redress/{ticket}", template=_ONE, build=build_one, rows="rows", roles=READING, own=True),
)
ACTS = (
    Act(path="/redress", do=begin, roles=ANSWERING, own=True),
    Act(path="/redress/{ticket}/answer", do=answer, roles=ANSWERING, own=True),
)
