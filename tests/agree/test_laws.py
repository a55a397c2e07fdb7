"""Laws that every decision obeys, each shown to catch a mistake that somebody could make.

The letters are those of the project's list of properties: P1 non-interference, P2 replay, P3 monotonicity, P4 re-sharing, P6 idempotence,
P9 paging, P13 revocation. A law is a function of the decision function, so that it can be run on a wrong one.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from random import Random

import hypothesis
import msgspec
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from comity.agree.accord import Agreement
from comity.agree.approval import Act, Approval, Person
from comity.agree.clauses import Clause, Selector
from comity.agree.decide import Decision, Question, Rules, decide
from comity.agree.question import EFFECTS
from comity.agree.relay import relay
from comity.agree.sieve import Sieve
from comity.terms.party import ENDED, Register, Standing
from comity.terms.tlp import LEVELS
from comity.terms.traits import Traits
from tests.agree import worlds
from tests.agree.oracle import oracle
from tests.agree.treaty import day

Decide = Callable[[Question, Traits, Rules], Decision]
Law = Callable[[Decide, Random], None]
CASES = 1_500


def wider(one: Decision, other: Decision) -> bool:
    """Whether one decision gives more than another."""
    return EFFECTS.index(one.effect) < EFFECTS.index(other.effect)


def holds(law: Law, by: Decide = decide) -> None:
    for seed in range(CASES):
        law(by, Random(seed))


def caught(law: Law, by: Decide) -> None:
    """The law fails on a wrong decision function, sooner or later."""
    with pytest.raises(AssertionError):
        for seed in range(10 * CASES):
            law(by, Random(seed))


# P1


def others_do_not_matter(by: Decide, dice: Random) -> None:
    """What a third party is, or does, changes nothing in a decision, its reasons included."""
    world, question, traits = worlds.world(dice), worlds.question(dice), msgspec.structs.replace(worlds.item(dice), approvals=())
    third = {*worlds.PARTIES} - {traits.origin, question.recipient, question.holder}
    register = [s for s in world.register.standings if s.party not in third]
    register += [msgspec.structs.replace(worlds.standing(dice), party=party) for party in (*third, "ZZ") for _ in range(2)]
    agreements = [
        msgspec.structs.replace(a, parties=tuple(s if s.party not in third else worlds.signatory(dice, s.party) for s in a.parties))
        for a in world.agreements
    ]
    assert by(question, traits, Rules(agreements, Register(register), world.approvals.values())) == by(question, traits, world)


def unknown_is_like_the_last(question: Question, traits: Traits, rules: Rules) -> Decision:
    """A mistake: a recipient without a standing is taken for whatever the register ends with."""
    held = list(rules.register.standings)
    if not any(s.party == question.recipient and s.body == question.body for s in held[3:]):
        held.append(msgspec.structs.replace(held[-1], party=question.recipient))
    return decide(question, traits, Rules(rules.agreements, Register(held), rules.approvals.values()))


def test_p1_others_do_not_matter() -> None:
    holds(others_do_not_matter)
    caught(others_do_not_matter, unknown_is_like_the_last)


# P3


def less_never_gives_more(by: Decide, dice: Random) -> None:
    """Fewer permits, memberships, consents or recipients, and stricter markings, never widen what the origin itself gives."""
    world, traits = worlds.world(dice, ("permit",)), worlds.item(dice)
    question = msgspec.structs.replace(worlds.question(dice), holder=traits.origin)
    before = by(question, traits, world)
    agreements, register, approvals = world.agreements, world.register, list(world.approvals.values())
    step = dice.randrange(6)
    if step == 0:
        gone = dice.choice([c.id for a in agreements for c in a.clauses])
        agreements = tuple(msgspec.structs.replace(a, clauses=tuple(c for c in a.clauses if c.id != gone)) for a in agreements)
    elif step == 1:
        party = dice.choice([traits.origin, question.recipient])
        register = Register([s for s in register.standings if s.party != party or s.standing in ENDED])
    elif step == 2:
        approvals = [msgspec.structs.replace(a, acts=tuple(act for act in a.acts if act.kind != "approve")) for a in approvals]
        approvals = [a for a in approvals if (p := world.procedure(a.clause)) is None or p.kind != "silence"]
    elif step == 3:
        traits = msgspec.structs.replace(traits, tlp=LEVELS[min(4, LEVELS.index(traits.tlp) + 1)])
    elif step == 4:
        traits = msgspec.structs.replace(traits, handling=tuple({*traits.handling, dice.choice(worlds.HANDLING)}))
    elif traits.to is not None:
        traits = msgspec.structs.replace(traits, to=traits.to[1:])
    assert not wider(by(question, traits, Rules(agreements, register, approvals)), before)


def nobody_is_everybody(question: Question, traits: Traits, rules: Rules) -> Decision:
    """A mistake: an empty list of recipients is read as no list."""
    return decide(question, msgspec.structs.replace(traits, to=traits.to or None), rules)


def test_p3_less_never_gives_more() -> None:
    holds(less_never_gives_more)
    caught(less_never_gives_more, nobody_is_everybody)


# P4


def no_hop_gives_more_than_the_origin(by: Decide, dice: Random) -> None:
    """What a holder may pass on to somebody, the origin itself would give it, and gave to the holder."""
    world, question, traits = worlds.world(dice), worlds.question(dice), worlds.item(dice)
    passed = by(question, traits, world)
    if question.holder in (traits.origin, question.recipient) or passed.rule not in ("clause", "approval"):
        return
    direct = by(msgspec.structs.replace(question, holder=traits.origin), traits, world)
    assert not wider(passed, direct)
    held = by(msgspec.structs.replace(question, holder=traits.origin, recipient=question.holder), traits, world)
    centre = world.custody(question.holder, question.body, question.valid_at, question.known_at)
    assert held.permits or centre


def whoever_is_bound_may_have_it(question: Question, traits: Traits, rules: Rules) -> Decision:
    """A mistake: `onward = "parties"` is read as "any party", whatever the clauses say of it."""
    found = decide(question, traits, rules)
    held = decide(msgspec.structs.replace(question, recipient=question.holder, holder=traits.origin), traits, rules)
    passes = held.rule == "clause" and held.onward == "parties" and question.recipient != question.holder
    return held if passes and found.effect == "deny" else found


def test_p4_no_hop_gives_more_than_the_origin() -> None:
    holds(no_hop_gives_more_than_the_origin)
    caught(no_hop_gives_more_than_the_origin, whoever_is_bound_may_have_it)


def test_p4_over_any_path() -> None:
    arrived = 0
    for seed in range(CASES):
        dice = Random(seed)
        world, question, traits = worlds.world(dice), worlds.question(dice), worlds.item(dice)
        path = [traits.origin, *(dice.choice(worlds.PARTIES) for _ in range(3))]
        hops = relay(path, question, traits, world)
        for hop, hand in zip(hops, path[1:], strict=False):
            direct = decide(msgspec.structs.replace(question, holder=traits.origin, recipient=hand), traits, world)
            if hop.rule == "clause":
                assert not wider(hop, direct)
                arrived += 1
    assert arrived > 50


# P6


def order_and_repetition_change_nothing(by: Decide, dice: Random) -> None:
    """The rules are what is known, however and how often it came."""
    world, question, traits = worlds.world(dice), worlds.question(dice), worlds.item(dice)
    # Two claims of equal dates contradict each other: which one counts is the register's own order.
    claims = {(s.party, s.body, s.since, s.known): s for s in world.register.standings}
    before = by(question, traits, Rules(world.agreements, Register(claims.values()), world.approvals.values()))
    agreements, held = [*world.agreements, *world.agreements[:1]], [*claims.values(), *claims.values()]
    split = [msgspec.structs.replace(a, acts=a.acts[cut:][:2]) for a in world.approvals.values() for cut in range(max(1, len(a.acts)))]
    for each in (agreements, held, split):
        dice.shuffle(each)
    assert by(question, traits, Rules(agreements, Register(held), split)) == before


def the_first_version_wins(question: Question, traits: Traits, rules: Rules) -> Decision:
    """A mistake: of one agreement's versions, the one that came first is asked."""
    first = {agreement.id: agreement for agreement in reversed(rules.agreements)}
    return decide(question, traits, Rules(first.values(), rules.register, rules.approvals.values()))


def test_p6_order_and_repetition_change_nothing() -> None:
    holds(order_and_repetition_change_nothing)
    caught(order_and_repetition_change_nothing, the_first_version_wins)


# P9


def pages_are_the_whole(permits: Callable[[Question, Rules], Callable[[Traits], bool]], dice: Random) -> None:
    """Whatever the order and the pages in which items are asked about, the visible ones are those that are permitted."""
    world, question = worlds.world(dice), worlds.question(dice)
    rows = [worlds.item(dice) for _ in range(12)]
    expected = [decide(question, row, world).permits for row in rows]
    sieve, order = permits(question, world), list(range(12))
    dice.shuffle(order)
    size = dice.randint(1, 12)
    found = {at: sieve(rows[at]) for start in range(0, 12, size) for at in order[start : start + size]}
    assert [found[at] for at in range(12)] == expected


def remembering_too_much(question: Question, rules: Rules) -> Callable[[Traits], bool]:
    """A mistake: an answer is kept for all items of one origin and type."""
    kept: dict[tuple[str, str], bool] = {}
    return lambda traits: kept.setdefault((traits.origin, traits.type), Sieve(question, rules).permits(traits))


def test_p9_pages_are_the_whole() -> None:
    for seed in range(CASES // 5):
        pages_are_the_whole(lambda question, rules: Sieve(question, rules).permits, Random(seed))
    with pytest.raises(AssertionError):
        for seed in range(CASES // 5):
            pages_are_the_whole(remembering_too_much, Random(seed))


# P2 and P13, over the years

FIRST = Agreement(
    id="ict",
    version=1,
    title="Members give each other what they have",
    body="sco",
    purposes=("network-defence",),
    in_force=day(1),
    clauses=(Clause(id="c0", text="All.", effect="permit", to=Selector(standing=("member",)), types=("*",), onward="parties"),),
)


class Years(RuleBasedStateMachine):
    """A body as it goes on: agreements, standings, requests and acts come in, time passes, and what was decided is asked about again."""

    decide: staticmethod[[Question, Traits, Rules], Decision] = staticmethod(decide)

    @initialize()
    def begin(self) -> None:
        self.now = day(1)
        self.agreements = [msgspec.structs.replace(FIRST, known=self.now)]
        self.register = [
            Standing(party=party, body="sco", standing="member", since=self.now, known=self.now) for party in ("KZ", "UZ", "HUB")
        ]
        self.approvals: list[Approval] = []
        self.decided: list[tuple[Question, Traits, Decision]] = []
        self.suspended: set[str] = set()
        self.rules = Rules(self.agreements, Register(self.register))

    def learn(self) -> None:
        """Whatever is new is known from now on, and everything later is later."""
        self.rules = Rules(self.agreements, Register(self.register), self.approvals)

    def tick(self) -> None:
        self.now += timedelta(hours=1)

    @rule(dice=st.randoms(use_true_random=False))
    def a_version_comes(self, dice: Random) -> None:
        self.tick()
        id_ = worlds.one(dice, ("data",), ("ict",))
        version = 1 + max((a.version for a in self.agreements if a.id == id_), default=0)
        self.agreements.append(
            msgspec.structs.replace(worlds.agreement(dice, id_, version, ("permit", "permit", "forbid")), known=self.now)
        )
        self.learn()

    @rule(dice=st.randoms(use_true_random=False))
    def a_standing_comes(self, dice: Random) -> None:
        self.tick()
        made = msgspec.structs.replace(worlds.standing(dice), since=self.now, known=self.now)
        if made.party not in self.suspended and made.standing not in ENDED:
            self.register.append(made)
            self.learn()

    @rule(party=st.sampled_from(["UZ", "IR"]))
    def a_party_is_suspended(self, party: str) -> None:
        self.tick()
        self.register.append(Standing(party=party, body="sco", standing="suspended", since=self.now, known=self.now))
        self.suspended.add(party)
        self.learn()

    @rule(dice=st.randoms(use_true_random=False))
    def a_request_is_made(self, dice: Random) -> None:
        self.tick()
        if len(self.approvals) < 3:
            made = worlds.approval(dice, f"r{len(self.approvals)}", self.agreements)
            self.approvals.append(msgspec.structs.replace(made, requested=self.now, acts=()))
            self.learn()

    @rule(dice=st.randoms(use_true_random=False))
    def somebody_acts(self, dice: Random) -> None:
        self.tick()
        if self.approvals:
            at = dice.randrange(len(self.approvals))
            act = Act(
                kind=worlds.one(dice, ("approve", "object", "revoke")),
                by=Person(party=worlds.one(dice, worlds.PARTIES), id="a"),
                at=self.now,
            )
            self.approvals[at] = msgspec.structs.replace(self.approvals[at], acts=(*self.approvals[at].acts, act))
            self.learn()

    @rule(days=st.sampled_from([1, 20, 31]))
    def time_passes(self, days: int) -> None:
        self.now += timedelta(days=days)

    @rule(dice=st.randoms(use_true_random=False))
    def somebody_asks(self, dice: Random) -> None:
        self.tick()
        for _ in range(5):
            question = msgspec.structs.replace(worlds.question(dice), valid_at=self.now, known_at=self.now)
            traits = worlds.item(dice)
            decision = self.decide(question, traits, self.rules)
            assert decision.effect == oracle(question, traits, self.rules)
            # P13: what is suspended neither gives nor receives by any clause.
            if decision.rule in ("clause", "approval"):
                assert self.suspended.isdisjoint({question.recipient, traits.origin})
            self.decided.append((question, traits, decision))

    @invariant()
    def p2_what_was_decided_can_be_worked_out_again(self) -> None:
        for question, traits, decision in getattr(self, "decided", [])[-20:]:
            assert self.decide(question, traits, self.rules) == decision


SHORT = settings(max_examples=25, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck))
HUNT = settings(SHORT, max_examples=3_000, phases=[Phase.generate], database=None, print_blob=False)

TestYears = Years.TestCase
TestYears.settings = SHORT


class Forgetful(Years):
    """A mistake: what is known now is taken for what was known then."""

    decide = staticmethod(lambda question, traits, rules: decide(msgspec.structs.replace(question, known_at=None), traits, rules))


class Stale(Years):
    """A mistake: a register that was read once is not read again."""

    def learn(self) -> None:
        self.seen = getattr(self, "seen", self.register[:3])
        self.rules = Rules(self.agreements, Register(self.seen), self.approvals)


@pytest.mark.parametrize("wrong", [Forgetful, Stale])
def test_p2_and_p13_catch(wrong: type[Years]) -> None:
    with pytest.raises(AssertionError):
        run_state_machine_as_test(hypothesis.seed(20210917)(wrong), settings=HUNT)


def test_the_sample_of_a_law_is_not_empty() -> None:
    """The random worlds do release things: a law about releases is about something."""
    found = [decide(worlds.question(dice), worlds.item(dice), worlds.world(dice)).rule for dice in map(Random, range(CASES))]
    assert found.count("clause") > CASES // 50
