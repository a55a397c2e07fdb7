"""From one body into another: to whom there a hub's decision lets an item go, through which hub, and as which words it is read (ADR 18).

The hub that sends decides, for each party of the other body, as for any party of its own (`decide`, with `Question.across`), and says to
which it lets the item go; the hub that receives decides for itself among these. So nobody is given more than both give.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from comity.agree.accord import Agreement
from comity.agree.mapping import WordMap
from comity.agree.rules import Rules
from comity.terms.party import ENDED, Register


def protocols(rules: Rules, body: str, other: str, hub: str, at: datetime) -> list[Agreement]:
    """The protocols between two bodies in which a hub holds and forwards for the parties, and is bound, at a moment; by id.

    Without one nothing goes to that hub for others: what it holds it would hold for itself.
    """
    own = rules.governing(hub, hub, at)
    return [each for each in own if body != other and {body, other} <= set(each.bodies) and each.custodian(hub, rules.register, at)]


def maps(agreements: Iterable[Agreement], body: str) -> list[WordMap]:
    """How some protocols read what comes from a body, in their order."""
    return [each for agreement in agreements for each in agreement.maps if each.of == body]


def parties(register: Register, body: str, at: datetime) -> list[str]:
    """Who has a standing in a body at a moment that is neither suspended nor withdrawn, by code."""
    return [code for code in register.parties(body) if register.standing(code, body, at) not in (None, *ENDED)]


def only_in(register: Register, body: str, not_in: str, at: datetime) -> frozenset[str]:
    """The parties of one body that have no standing in another at a moment: what is for them goes through the first body's hub."""
    return frozenset(parties(register, body, at)) - frozenset(parties(register, not_in, at))


def speaks_for(rules: Rules, hub: str, origin: str, body: str, at: datetime, *, ended: bool = False) -> bool:
    """Whether a hub may hand on what an origin shared in a body: it is the centre there, and the origin has a standing there.

    With `ended` a standing that has come to its end will do, as for taking back what was shared before. Anybody may speak for itself.
    Another's word for an origin is a forged one.
    """
    held = rules.register.standing(origin, body, at)
    stands = held not in (None, *ENDED) or (ended and origin in rules.register.parties(body))
    return hub == origin or (stands and rules.custody(hub, body, at))
