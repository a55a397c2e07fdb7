"""Approvals as a state machine: asked for, and approved, adopted, objected to, lapsed or revoked by what people did and by time alone.

A clause that asks for approval permits nothing until a request about the item is granted. Four procedures:

- `origin`: one person of the origin consents (originator control).
- `two-persons`: two different persons of the origin consent (product.md G10).
- `sponsors`: so many other parties speak for it, each by a person; then it is adopted unless a party objects within the window.
- `silence`: it is adopted unless a party objects within the window.

The first outcome is final; only a grant can still be revoked, by a person of the origin. What a robot does counts for nothing (G10).
The state follows from the acts as a set, so an act that arrives twice or late changes nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

import msgspec

from comity.agree import duration
from comity.errors import Conflict, Denied, SenderFault

PROCEDURES = ("origin", "two-persons", "sponsors", "silence")
#: Procedures whose outcome depends on a window for objections.
WINDOWED = frozenset({"sponsors", "silence"})
#: In this order where acts bear the same time: whoever objects is heard first.
ACTS = ("object", "revoke", "approve")
STATES = ("requested", "approved", "adopted", "objected", "lapsed", "revoked")
GRANTED = frozenset({"approved", "adopted"})


class Procedure(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a clause asks for. `window` and `lapse` are ISO 8601 durations: for objections, and until a request without outcome ends."""

    kind: str
    window: str | None = None
    sponsors: int = 2
    lapse: str | None = None


class Person(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """Who acts: a person, or a tool (`robot`), of exactly one party."""

    party: str
    id: str
    robot: bool = False


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that somebody did about a request: one of `ACTS`."""

    kind: str
    by: Person
    at: datetime


class State(msgspec.Struct, frozen=True, kw_only=True):
    """Where a request stands, since when, and in words for people how far it has got."""

    name: str
    since: datetime
    words: str = ""

    @property
    def granted(self) -> bool:
        """Whether the item may be released on the strength of it."""
        return self.name in GRANTED


class Approval(msgspec.Struct, frozen=True, kw_only=True):
    """A request that items of `origin` go to `recipients` under one clause, and what was done about it.

    `clause` is `agreement@version/clause`. Which items it is about is said by them (`Traits.approvals`).
    """

    id: str
    clause: str
    origin: str
    recipients: tuple[str, ...]
    requested: datetime
    by: Person
    acts: tuple[Act, ...] = ()


#: (party, moment) -> whether the agreement bound it then: others have no say.
Bound = Callable[[str, datetime], bool]


def act(approval: Approval, kind: str, by: Person, at: datetime) -> Approval:
    """The request with one more act. Raises SenderFault for a robot, an unknown act, or one before the request."""
    if by.robot:
        raise SenderFault("a tool may not approve, object or revoke", next="a person decides (guardrail G10)")
    if kind not in ACTS:
        raise SenderFault(f"{kind!r} is nothing that can be done about a request", next="one of " + ", ".join(sorted(ACTS)))
    if at < approval.requested:
        raise SenderFault("the request was made later than that", next="act after it")
    return msgspec.structs.replace(approval, acts=(*approval.acts, Act(kind=kind, by=by, at=at)))


def check(approval: Approval, procedure: Procedure, kind: str, by: Person, at: datetime, bound: Bound) -> None:
    """Refuse an act that can do nothing. Raises Denied, which says who may, or Conflict once the request has its outcome."""
    each, now = Act(kind=kind, by=by, at=at), state(approval, procedure, at, None, bound)
    may = {
        "approve": _may_approve(procedure, approval, each, bound),
        "object": _may_object(procedure, approval, each, bound),
        "revoke": by.party == approval.origin,
    }
    if not may[kind]:
        raise Denied(f"{by.party} may not {kind} here", next=_who(approval, procedure, kind))
    outcome = now.name if now else "requested"
    if kind == "revoke" and outcome not in GRANTED:
        raise Conflict(f"{approval.id} is {outcome}: there is nothing to revoke", next="object to it" if outcome == "requested" else "")
    if kind != "revoke" and outcome != "requested":
        raise Conflict(
            f"{approval.id} is {outcome} already", next="its origin may revoke it" if outcome in GRANTED else "make another request"
        )


def _who(approval: Approval, procedure: Procedure, kind: str) -> str:
    """Who may do something, for whoever may not."""
    own = f"a person of {approval.origin} may"
    if kind == "approve" and procedure.kind == "silence":
        return "nobody approves: it is adopted when no party has objected in time"
    if kind == "approve" and procedure.kind == "sponsors":
        others = ", ".join((approval.origin, *approval.recipients))
        return f"a person of a party that the agreement binds may, other than {others}"
    return "a person of any party that the agreement binds may" if kind == "object" and procedure.kind in WINDOWED else own


def state(approval: Approval, procedure: Procedure, at: datetime, known_at: datetime | None, bound: Bound) -> State | None:
    """Where the request stands at a moment, by the acts known at `known_at` (None: all); None before it was made.

    1. Objections, consents and revocations in the order of their times. 2. A window or lapse that ends first decides first.
    3. After the last act only time goes on.
    """
    horizon = at if known_at is None else min(at, known_at)
    if horizon < approval.requested:
        return None
    current, ends, outcome = _opened(approval, procedure)
    yes: set[Person | str] = set()
    for each in sorted({each for each in approval.acts if approval.requested <= each.at <= horizon and not each.by.robot}, key=_order):
        # 2.
        if not current.granted and ends is not None and ends <= each.at:
            current = State(name=outcome, since=ends)
        # 1.
        if current.granted:
            if each.kind == "revoke" and each.by.party == approval.origin:
                return State(name="revoked", since=each.at, words=f"revoked by {each.by.party}")
        elif current.name != "requested":
            return current
        elif each.kind == "object" and _may_object(procedure, approval, each, bound):
            return State(name="objected", since=each.at, words=f"{each.by.party} objected")
        elif each.kind == "approve" and _may_approve(procedure, approval, each, bound):
            yes.add(each.by.party if procedure.kind == "sponsors" else each.by)
            if len(yes) < _needed(procedure):
                current = State(name="requested", since=approval.requested, words=f"{len(yes)} of {_needed(procedure)}")
            elif procedure.kind != "sponsors":
                current = State(name="approved", since=each.at)
            elif outcome != "adopted":  # the last sponsor opens the window
                ends, outcome = duration.after(each.at, procedure.window or ""), "adopted"
                current = State(name="requested", since=approval.requested, words="open to objections")
    # 3.
    if current.name == "requested" and ends is not None and ends <= at:
        return State(name=outcome, since=ends)
    return current


def moments(approval: Approval, procedure: Procedure) -> Iterator[datetime]:
    """Every moment at which the request's state may change."""
    yield approval.requested
    for period in (procedure.window, procedure.lapse):
        if period:
            yield duration.after(approval.requested, period)
    for each in approval.acts:
        yield each.at
        if procedure.kind == "sponsors" and procedure.window:
            yield duration.after(each.at, procedure.window)


def _opened(approval: Approval, procedure: Procedure) -> tuple[State, datetime | None, str]:
    """The state at the request, and when time alone would change it to what."""
    opened = State(name="requested", since=approval.requested, words="requested")
    if procedure.kind == "silence":
        return opened, duration.after(approval.requested, procedure.window or ""), "adopted"
    return opened, duration.after(approval.requested, procedure.lapse) if procedure.lapse else None, "lapsed"


def _order(act: Act) -> tuple[datetime, int, Person]:
    return act.at, ACTS.index(act.kind), act.by


def _needed(procedure: Procedure) -> int:
    return {"two-persons": 2, "sponsors": procedure.sponsors}.get(procedure.kind, 1)


def _may_approve(procedure: Procedure, approval: Approval, act: Act, bound: Bound) -> bool:
    if procedure.kind == "sponsors":
        return act.by.party not in (approval.origin, *approval.recipients) and bound(act.by.party, act.at)
    return procedure.kind != "silence" and act.by.party == approval.origin


def _may_object(procedure: Procedure, approval: Approval, act: Act, bound: Bound) -> bool:
    return act.by.party == approval.origin or (procedure.kind in WINDOWED and bound(act.by.party, act.at))
