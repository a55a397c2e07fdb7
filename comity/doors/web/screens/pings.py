"""Pings: whom this node asked for an answer, and the answers that one's own party owes; how long they took is told to that party alone."""

from __future__ import annotations

from typing import Any

import msgspec

from comity.admin import pings
from comity.doors import pinging
from comity.doors.web.page import EVERYBODY, Act, Done, Form, Page, Visit

#: Who asks, of the node's own people, and who answers for a party.
SENDING = frozenset({"administrator", "duty-officer"})
ANSWERING = EVERYBODY - {"auditor"}
#: Pings on the page.
SIZE = 200


def build(visit: Visit) -> dict[str, Any]:
    """Those that the person's party sent or was sent, the latest first."""
    party = visit.user.party
    _, rules = visit.world.rulebook.current()
    found = [msgspec.to_builtins(pinging.told(each, party)) for each in pings.pings(visit.world, party)[:SIZE]]
    may_send = visit.own and visit.user.role in SENDING
    return {
        "pings": found,
        "median": pinging.usual(visit.world, party),
        "parties": [code for code in rules.register.parties() if code != party] if may_send else [],
        "may_answer": visit.user.role in ANSWERING,
    }


def send(visit: Visit, form: Form) -> Done:
    """Ask a party for an answer. Raises NotFound, SenderFault for too many that wait."""
    pings.send(visit.world, form.needed("to"), visit.person)
    return Done(to="/members/pings")


def answer(visit: Visit, form: Form) -> Done:
    """Say that somebody is there. Raises NotFound, Conflict."""
    pings.answer(visit.world, form.needed("ping"), visit.person)
    return Done(to="/members/pings")


PAGES = (Page(path="/members/pings", template="screens/pings.html", build=build, rows="pings"),)
ACTS = (
    Act(path="/members/pings/send", do=send, roles=SENDING, own=True),
    Act(path="/members/pings/answer", do=answer, roles=ANSWERING),
)
