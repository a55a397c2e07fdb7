"""Redress tickets, for the doors at which a person is known: the node's own people in some roles, and what is told of a ticket."""

from __future__ import annotations

from datetime import datetime

from comity.errors import Denied
from comity.intake import redress
from comity.wire_gate import Answer, Ticket
from comity.world import World

#: Who opens and answers tickets, of the node's own party, and who besides may read them.
ANSWERING = frozenset({"duty-officer", "point-of-contact", "administrator"})
READING = ANSWERING | {"auditor"}


def told(each: redress.Ticket, at: datetime) -> Ticket:
    """A ticket as it stands at a moment."""
    said = each.answer
    return Ticket(
        ticket=each.id, state=said.decision if said else "overdue" if each.overdue(at) else "open", opened=each.opened, due=each.due,
        about=each.about, who=each.who,
        answer=Answer(decision=said.decision, text=said.text, by=said.by, at=said.at) if said else None,
    )  # fmt: skip


def check(world: World, party: str, role: str, roles: frozenset[str]) -> None:
    """Raise Denied for whoever may not."""
    if party != world.settings.party or role not in roles:
        raise Denied("tickets are for the node's own people: " + ", ".join(sorted(roles)), next="ask one of them")
