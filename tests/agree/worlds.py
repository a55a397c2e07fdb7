"""Random agreements, registers, requests for approval, questions and items, drawn from any `random.Random`.

Small on purpose: collisions are what finds mistakes. Skewed to the usual, so that clauses do match. Hypothesis draws from its own generator
(and shrinks), long runs from a seeded one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from random import Random
from typing import TypeVar

from hypothesis import strategies as st

from comity.agree.accord import Agreement
from comity.agree.approval import ACTS, Act, Approval, Person, Procedure
from comity.agree.clauses import Clause, Selector
from comity.agree.decide import Question, Rules
from comity.agree.life import Signatory, Suspension
from comity.agree.redact import Profile
from comity.terms import pap
from comity.terms.party import Register, Standing
from comity.terms.tlp import LEVELS
from comity.terms.traits import Traits
from tests.agree.treaty import day

T = TypeVar("T")

PARTIES = ("KZ", "UZ", "IR", "HUB")
MOMENTS = (day(1), day(2), day(3), day(4))
PROFILES = (Profile(name="p", remove=("description",)), Profile(name="q", remove=("labels", "name")))
HANDLING = ("H0", "H1", "H2", "H3")


def one(dice: Random, usual: Sequence[T], rare: Sequence[T] = (), share: float = 0.15) -> T:
    """One of the usual, or (with this share) of the rare."""
    return dice.choice(rare if rare and dice.random() < share else usual)


def some(dice: Random, words: Sequence[str], least: int = 0, most: int = 3) -> tuple[str, ...]:
    """Different words in any order."""
    return tuple(dice.sample(words, dice.randint(least, min(most, len(words)))))


def seldom(dice: Random, share: float, make: Callable[[], T], otherwise: T) -> T:
    """Made with this share, else the other."""
    return make() if dice.random() < share else otherwise


def moment(dice: Random, share: float = 0.1) -> datetime | None:
    return one(dice, (None,), MOMENTS, share)


def purposes(dice: Random) -> tuple[str, ...]:
    return seldom(
        dice,
        0.15,
        lambda: some(dice, ("network-defence", "statistics", "criminal-investigation"), 0 if dice.random() < 0.1 else 1),
        ("network-defence",),
    )


def selector(dice: Random, roles: Sequence[str]) -> Selector:
    return Selector(
        standing=one(dice, (("member",), ("member",), ("member", "observer")), ((), ("observer",), ("suspended",)), 0.25),
        party=seldom(dice, 0.15, lambda: some(dice, PARTIES), ()),
        role=seldom(dice, 0.15, lambda: some(dice, roles), ()),
        body=seldom(dice, 0.12, lambda: some(dice, ("sco", "cica")), ()),
    )


def procedure(dice: Random) -> Procedure:
    kind = one(dice, ("origin", "two-persons", "sponsors", "silence"))
    window = one(dice, ("P1M", "P28D")) if kind in ("sponsors", "silence") else None
    lapse = None if kind == "silence" else one(dice, (None, "P1M", "P2M"))
    return Procedure(kind=kind, window=window, sponsors=dice.randint(1, 2), lapse=lapse)


def clause(dice: Random, id_: str, effects: Sequence[str]) -> Clause:
    effect = one(dice, effects)
    permit = effect == "permit"
    return Clause(
        id=id_,
        text="A clause.",
        effect=effect,
        to=seldom(dice, 0.97 if permit else 0.5, lambda: selector(dice, ("centre", "party", "producer")), None),
        from_=seldom(dice, 0.2, lambda: selector(dice, ("centre", "party")), None),
        types=seldom(dice, 0.2, lambda: some(dice, ("@observables", "*", "indicator", "sighting", "x-odd")), ("@threat", "@links")),
        threat=seldom(dice, 0.12 if permit else 0.6, lambda: some(dice, ("phishing", "attribution")), ()),
        tlp_max=one(dice, ("red", "amber", None), LEVELS, 0.4),
        pap_max=one(dice, (None,), pap.LEVELS),
        handling=seldom(dice, 0.1, lambda: some(dice, HANDLING, 1), ()),
        purposes=seldom(dice, 0.15, lambda: purposes(dice), ()),
        since=moment(dice),
        until=moment(dice),
        redact=seldom(dice, 0.2, lambda: one(dice, ("p", "q")), "") if permit else "",
        approval=seldom(dice, 0.2, lambda: procedure(dice), None) if permit else None,
        onward=one(dice, ("none", "parties", "parties", "ict", "data")),
        retain=one(dice, (None, "P1Y", "P30D", "P1M")),
        duty=some(dice, ("feedback", "feedback within P30D", "report-sightings", "notify-before-court")),
    )


def signatory(dice: Random, party: str) -> Signatory:
    return Signatory(
        party=party,
        in_force=seldom(dice, 0.75, lambda: one(dice, (day(1),), MOMENTS, 0.3), None),
        until=moment(dice),
        reservations=seldom(dice, 0.1, lambda: some(dice, ("c0", "c1", "c2")), ()),
        suspended=seldom(dice, 0.1, lambda: (Suspension(since=one(dice, MOMENTS[:3]), until=one(dice, (None, day(4)))),), ()),
        withdrawal=moment(dice, 0.08),
        role=one(dice, ("party",), ("centre",), 0.3),
    )


def agreement(dice: Random, id_: str, version: int, effects: Sequence[str]) -> Agreement:
    return Agreement(
        id=id_,
        version=version,
        title="Agreement",
        body=one(dice, ("sco",), ("cica",)),
        bodies=one(dice, ((),), (("sco", "cica"),), 0.25),
        purposes=purposes(dice),
        in_force=seldom(dice, 0.95, lambda: one(dice, (day(1),), MOMENTS, 0.35), None),
        until=moment(dice, 0.08),
        entry=one(dice, ("all", "all", "per-party")),
        notice=one(dice, (None, "P1M")),
        transition=moment(dice, 0.15),
        clauses=tuple(clause(dice, f"c{number}", effects) for number in range(dice.randint(1, 4))),
        parties=tuple(signatory(dice, party) for party in some(dice, PARTIES, 0, 4)),
        profiles=PROFILES,
        known=moment(dice, 0.08),
    )


def standing(dice: Random) -> Standing:
    return Standing(
        party=one(dice, PARTIES),
        body=one(dice, ("sco", "cica")),
        standing=one(dice, ("member", "observer"), ("suspended", "withdrawn"), 0.2),
        since=one(dice, MOMENTS[:3]),
        until=moment(dice, 0.3),
        known=moment(dice),
    )


def person(dice: Random) -> Person:
    return Person(party=one(dice, ("KZ", "KZ", "UZ", "IR", "HUB")), id=one(dice, ("a", "b")), robot=dice.random() < 0.1)


def approval(dice: Random, id_: str, agreements: Sequence[Agreement]) -> Approval:
    refs = [f"{each.ref}/{made.id}" for each in agreements for made in each.clauses if made.approval] or ["built-in/H3"]
    acts = tuple(Act(kind=one(dice, ("approve",), ACTS, 0.35), by=person(dice), at=one(dice, MOMENTS)) for _ in range(dice.randint(0, 4)))
    return Approval(
        id=id_,
        clause=one(dice, refs, ["built-in/H3"], 0.25),
        origin=one(dice, ("KZ",), PARTIES, 0.1),
        recipients=one(dice, (("UZ", "IR", "HUB"),), (("IR",),), 0.2),
        requested=one(dice, MOMENTS[:2]),
        by=person(dice),
        acts=acts,
    )


def world(dice: Random, effects: Sequence[str] = ("permit", "permit", "permit", "forbid")) -> Rules:
    """One to three versions of two agreements, three members, what else the register says, and three requests."""
    refs = dice.sample([(id_, version) for id_ in ("ict", "data") for version in (1, 2)], dice.randint(1, 3))
    agreements = [agreement(dice, id_, version, effects) for id_, version in refs]
    members = [Standing(party=party, body="sco", standing="member", since=day(1)) for party in ("KZ", "UZ", "HUB")]
    register = Register([*members, *(standing(dice) for _ in range(dice.randint(0, 3)))])
    return Rules(agreements, register, [approval(dice, f"r{number}", agreements) for number in range(3)])


def question(dice: Random) -> Question:
    return Question(
        recipient=one(dice, ("UZ", "UZ", "IR", "HUB")),
        body=one(dice, ("sco",), ("cica",)),
        purposes=purposes(dice),
        holder=one(dice, ("HUB", "KZ", "KZ", "UZ")),
        valid_at=one(dice, MOMENTS),
        known_at=moment(dice),
        across=one(dice, ("",), ("cica", "sco"), 0.1),
    )


def item(dice: Random) -> Traits:
    return Traits(
        type=one(dice, ("indicator", "sighting"), ("domain-name", "x-odd", "marking-definition"), 0.1),
        threat=seldom(dice, 0.4, lambda: some(dice, ("phishing", "attribution")), ()),
        origin=one(dice, ("KZ",), PARTIES),
        received_from=one(dice, (None,), ("HUB",)),
        purposes=purposes(dice),
        tlp=one(dice, ("clear", "green", "green", "amber"), LEVELS, 0.2),
        pap=one(dice, (None,), pap.LEVELS, 0.3),
        handling=seldom(dice, 0.25, lambda: some(dice, HANDLING, 1, 2), ()),
        to=seldom(dice, 0.15, lambda: one(dice, (("UZ", "IR"), ("UZ", "HUB"), ("IR",), ())), None),
        realm=one(dice, ("real",), ("exercise-1",), 0.02),
        gate=one(dice, ("open",), ("quarantine",), 0.02),
        about=some(dice, PARTIES),
        under=one(dice, (None,), ("ict", "data"), 0.2),
        approvals=some(dice, ("r0", "r1", "r2")),
    )


_dice = st.randoms(use_true_random=False)
worlds = _dice.map(world)
permit_worlds = _dice.map(lambda dice: world(dice, ("permit",)))
questions = _dice.map(question)
items = _dice.map(item)
