"""One clause of an agreement, and its matching as a list of facts: what was expected, what is, whether it holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import lru_cache

import msgspec

from comity.agree.approval import Procedure
from comity.agree.wording import day, words
from comity.terms import pap, tlp
from comity.terms.party import ENDED
from comity.terms.stix import GROUPS
from comity.terms.traits import Traits

#: The fact that an item's threat kinds are.
THREAT = "threat"
EFFECTS = ("permit", "forbid")
#: To whom a recipient may pass an item on: nobody, or the parties of the same agreement. Any other word is another agreement's id.
ONWARD = ("none", "parties")
#: H1: no judicial use. The purposes that it takes away from an item.
JUDICIAL = frozenset({"criminal-investigation"})

#: (party, body) -> its standing there at the moment of the question, None for none.
Standings = Callable[[str, str], str | None]


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """One test: `fact` names it ("recipient standing"), `expected` and `actual` are words for people."""

    fact: str
    expected: str
    actual: str
    holds: bool


class Selector(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which parties a clause is about: fields are ANDed, values within a field ORed, an empty field says nothing.

    `standing` is judged in the bodies that `body` names, else in those in which the agreement works. `body` alone asks for any
    standing there that is not suspended or withdrawn.
    """

    standing: tuple[str, ...] = ()
    party: tuple[str, ...] = ()
    role: tuple[str, ...] = ()
    body: tuple[str, ...] = ()

    @property
    def specificity(self) -> int:
        """2 when it names parties, 1 when standings, roles or bodies, 0 when it says nothing."""
        return 2 if self.party else 1 if self.standing or self.role or self.body else 0


class Clause(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One permission or prohibition.

    In a prohibition `to` None is everyone and `types` empty every type; a permission names both. `from_` None is any
    origin, `tlp_max` and `pap_max` None no ceiling, `handling` the only codes that the item may bear (empty: any), `purposes`
    empty the agreement's own. A permission may ask for `approval`, and give a copy without what the profile `redact` leaves out.
    `retain` is an ISO 8601 duration. The clause is in force over [since, until); `line` is where it stands in the agreement's text
    (1-based).
    """

    id: str
    text: str
    effect: str
    to: Selector | None = None
    from_: Selector | None = msgspec.field(default=None, name="from")
    types: tuple[str, ...] = ()
    threat: tuple[str, ...] = ()
    tlp_max: str | None = None
    pap_max: str | None = None
    handling: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    redact: str = ""
    approval: Procedure | None = None
    onward: str = "none"
    retain: str | None = None
    duty: tuple[str, ...] = ()
    line: int = 0

    @property
    def specificity(self) -> tuple[int, int]:
        """How narrowly it names recipients, then origins: a named party before a standing or role before anybody."""
        return (self.to.specificity if self.to else 0, self.from_.specificity if self.from_ else 0)

    @property
    def names_nothing(self) -> bool:
        """Whether it leaves recipients or types open: a permit that does is a permit to nobody (`read` refuses it)."""
        return self.to is None or self.to == Selector() or not self.types

    def holds(self, valid_at: datetime) -> bool:
        """Whether the clause's own dates include a moment."""
        return (self.since is None or self.since <= valid_at) and (self.until is None or valid_at < self.until)


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """A party as one agreement sees it in one question: `roles` are `centre` or `party`, and `producer` where it is one."""

    side: str
    party: str
    roles: frozenset[str]


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One item and one recipient under one agreement. `purposes` are those both the question and the item declare.

    `bodies` are those in which the agreement works: where a selector names none, a standing in any of them counts.
    """

    bodies: tuple[str, ...]
    purposes: tuple[str, ...]
    valid_at: datetime
    traits: Traits
    origin: Actor
    recipient: Actor
    agreement_purposes: tuple[str, ...]
    standing: Standings


@lru_cache(maxsize=4096)
def covered(types: tuple[str, ...]) -> frozenset[str] | None:
    """The STIX types that a clause's `types` stand for, groups spelt out; None is every type (`*`, or nothing said)."""
    if not types or "*" in types:
        return None
    return frozenset(type_ for name in types for type_ in GROUPS.get(name, frozenset({name})))


def facts(clause: Clause, case: Case) -> list[Fact]:
    """Every test of one clause on one case, in a fixed order; the clause matches when all hold.

    The agreement's own facts (in force, and for whom) are `accord.Agreement.facts`; passing on is judged in `onward`.
    """
    traits = case.traits
    types = covered(clause.types)
    found = [_dates(clause, case.valid_at)]
    found += selects(clause.from_, case.origin, case)
    found += selects(clause.to, case.recipient, case)
    custody = _named(clause, case.recipient)
    found += [custody] if custody else []
    if clause.effect == "permit" and clause.names_nothing:
        found.append(Fact(fact="clause", expected="names recipients and types", actual="names none", holds=False))
    if types is not None:
        found.append(_fact("type", clause.types, traits.kind, traits.kind in types))
    if clause.threat:
        found.append(_fact(THREAT, clause.threat, words(traits.threat), not set(clause.threat).isdisjoint(traits.threat)))
    if clause.tlp_max is not None:
        holds = tlp.within(traits.tlp, clause.tlp_max)
        found.append(Fact(fact="TLP", expected=f"at most {clause.tlp_max}", actual=traits.tlp, holds=holds))
    if clause.pap_max is not None:
        holds = pap.within(traits.pap, clause.pap_max)
        found.append(Fact(fact="PAP", expected=f"at most {clause.pap_max}", actual=traits.pap or "none", holds=holds))
    if clause.handling:
        found.append(_fact("handling", clause.handling, words(traits.handling), set(traits.handling) <= set(clause.handling)))
    purposes = clause.purposes or case.agreement_purposes
    found.append(_fact("purpose", purposes, words(case.purposes), not set(purposes).isdisjoint(case.purposes)))
    return found


def _named(clause: Clause, recipient: Actor) -> Fact | None:
    """The centre holds and forwards: it reads what a permit names it for, by role or party, and nothing by a standing (model.md, Who)."""
    named = clause.to is not None and (clause.to.role or clause.to.party)
    if clause.effect != "permit" or "centre" not in recipient.roles or named:
        return None
    return Fact(fact="recipient role", expected="centre, named by role or party", actual="centre, by standing only", holds=False)


def selects(selector: Selector | None, actor: Actor, case: Case) -> list[Fact]:
    """The tests of a `to` or `from` selector on a party; none where the clause has no selector."""
    if selector is None:
        return []
    found = []
    bodies = selector.body or case.bodies
    if selector.standing:
        held = {case.standing(actor.party, body) for body in bodies} - {None}
        holds = not held.isdisjoint(selector.standing)
        found.append(_fact(f"{actor.side} standing", selector.standing, words(sorted(filter(None, held))), holds))
    if selector.party:
        found.append(_fact(f"{actor.side} party", selector.party, actor.party, actor.party in selector.party))
    if selector.role:
        holds = not actor.roles.isdisjoint(selector.role)
        found.append(_fact(f"{actor.side} role", selector.role, words(sorted(actor.roles)), holds))
    if selector.body:
        live = [body for body in bodies if case.standing(actor.party, body) not in (None, *ENDED)]
        found.append(_fact(f"{actor.side} body", selector.body, words(live), bool(live)))
    return found


def common(asked: Iterable[str], traits: Traits) -> tuple[str, ...]:
    """The purposes for which an item may be used among those asked for: the item declares them, and H1 takes away judicial use."""
    barred = JUDICIAL if "H1" in traits.handling else frozenset()
    return tuple(purpose for purpose in asked if purpose in traits.purposes and purpose not in barred)


def _dates(clause: Clause, valid_at: datetime) -> Fact:
    since = f"from {day(clause.since)}" if clause.since else "from the agreement's start"
    until = f" until {day(clause.until)}" if clause.until else ""
    return Fact(fact="clause in force", expected=since + until, actual=day(valid_at), holds=clause.holds(valid_at))


def _fact(name: str, expected: Iterable[str], actual: str, holds: bool) -> Fact:
    return Fact(fact=name, expected=" or ".join(expected), actual=actual, holds=holds)
