"""P6: whatever arrives at a node in whatever order, and however often, in the end it is as if each thing had come once.

Two nodes get the same agreements, standings and objects: one in the order in which they were made, the other in any, with repetitions.
Sightings are left out: whom they go back to is settled when they enter (`intake.producers`), so for them the order counts.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from comity.intake.govern import add_agreement, add_standing
from comity.intake.submit import Submitter, submit
from comity.release import select
from comity.terms.party import Register, Standing
from tests.consortium import START, Body, Member, drafts, sdo
from tests.whole.laws import caught, dices, play
from tests.whole.years import IDS, OPEN, PARTIES, TLPS, clause, toml

#: Something that happens to a node.
Delivery = Callable[[Body], None]
#: When an object was changed.
DATES = tuple(f"2021-10-0{day}T00:00:00.000Z" for day in (1, 5, 9))


class Deliveries(RuleBasedStateMachine):
    """One node in order, the other in disorder."""

    @initialize()
    def begin(self) -> None:
        self.ordered, self.other = Body(None), Body(None)
        self.bag: list[Delivery] = []
        self.left: list[Delivery] = []
        self.sent: set[tuple[str, str, str]] = set()
        self.hours = self.version = 0
        self.governs(toml("test", 1, START - timedelta(days=300), OPEN))
        for party, word in zip(PARTIES, ("member", "member", "member", "observer"), strict=True):
            self.stands(party, "guest")
            self.stands(party, word)
        for modified in DATES:
            self.submits("KZ", sdo("indicator", id=IDS[0], modified=modified), tlp="green")

    def comes(self, delivery: Delivery) -> None:
        delivery(self.ordered)
        self.bag.append(delivery)
        self.left.append(delivery)

    def governs(self, text: str) -> None:
        self.version += 1
        self.comes(lambda body: add_agreement(body.world, text, "test.toml", by="test"))

    def stands(self, party: str, word: str) -> None:
        # Each from another moment on: of two from the same, the one learnt last counts, and that is the order.
        self.hours += 1
        made = Standing(party=party, body="sco", standing=word, since=START - timedelta(days=90) + timedelta(hours=self.hours))
        self.comes(lambda body: add_standing(body.world, made, by="test"))

    @rule(dice=dices)
    def a_version_is_made(self, dice: Random) -> None:
        clauses = {name: keys for name, keys in OPEN.items() if dice.random() < 0.9} | {"more": clause(dice, START)}
        self.governs(toml("test", self.version + 1, START - timedelta(days=dice.randint(0, 200)), clauses))

    @rule(party=st.sampled_from(PARTIES), word=st.sampled_from(["member", "member", "observer", "suspended"]))
    def a_standing_is_made(self, party: str, word: str) -> None:
        self.stands(party, word)

    @rule(
        dice=dices, party=st.sampled_from(PARTIES), tlp=st.sampled_from(TLPS), type_=st.sampled_from(["indicator", "indicator", "report"])
    )
    def an_object_is_made(self, dice: Random, party: str, tlp: str, type_: str) -> None:
        id_ = dice.choice(IDS[:3]) if type_ == "indicator" else f"report--00000000-0000-4000-8000-{dice.randrange(4):012d}"
        more: dict[str, Any] = {"object_refs": dice.sample(IDS[:4], 2)} if type_ == "report" else {}
        obj = sdo(type_, id=id_, modified=dice.choice(DATES), description=f"{len(self.sent)} of {party}", **more)
        self.submits(party, obj, tlp=tlp, to=dice.choice((None, None, ("UZ", "IR"))))

    def submits(self, party: str, obj: dict[str, Any], **said: Any) -> None:
        key, by = (party, obj["id"], obj["modified"]), Submitter(party=party, **said)
        if key not in self.sent:  # two contents of one version: the first to come counts
            self.sent.add(key)
            self.comes(lambda body: all(each.outcome != "rejected" for each in submit(body.world, drafts([obj]), by)))

    @precondition(lambda self: self.left)
    @rule(dice=dices)
    def something_arrives(self, dice: Random) -> None:
        """Whatever it is, perhaps for the second time."""
        delivery = dice.choice(self.bag) if dice.random() < 0.3 else dice.choice(self.left)
        delivery(self.other)
        self.left = [each for each in self.left if each is not delivery]

    @rule(party=st.sampled_from(PARTIES))
    def somebody_reads_meanwhile(self, party: str) -> None:
        Member(self.other, party).reads(versions=("all",))

    @rule(dice=dices)
    def p6_in_the_end_it_is_as_if_each_had_come_once(self, dice: Random) -> None:
        rest = [*self.left, *dice.choices(self.bag, k=3)]
        dice.shuffle(rest)
        for delivery in rest:
            delivery(self.other)
        self.left = []
        size = self.other.world.store.head().size
        for delivery in dice.sample(self.bag, min(5, len(self.bag))):
            delivery(self.other)
        assert self.other.world.store.head().size == size, "a repetition is on record"
        for party in PARTIES:
            for query in ({"versions": ("all",), "copies": True}, {"versions": ("last",), "copies": True}, {"versions": ("first",)}):
                one, other = (self.given(body, party, **query) for body in (self.ordered, self.other))
                assert one == other

    def given(self, body: Body, party: str, **query: Any) -> list[str]:
        """What a party reads, as what is in it: of equal copies of two origins either may stand for both."""
        found, after = [], 0
        while True:
            page = Member(body, party).page(after=after, limit=50, **query)
            found += [
                (row.id, row.version) if "copies" not in query else raw for (_, row), raw in zip(page.found, page.bodies, strict=True)
            ]
            if not page.more:
                return sorted(map(str, found))
            after = page.found[-1][0]

    def teardown(self) -> None:
        for body in (getattr(self, "ordered", None), getattr(self, "other", None)):
            if body:
                body.world.store.close()


def test_p6_order_and_repetition_change_nothing() -> None:
    play(Deliveries, 25)


def test_caught_p6_the_last_to_arrive_is_the_last_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(select, "version_moment", lambda version: DATES[0])
    caught(Deliveries)


def test_caught_p6_what_is_learnt_last_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A standing that was learnt later is taken for the later one."""

    def wrong(self: Register, party: str, body: str, at: Any, known_at: Any = None) -> str | None:
        return next((s.standing for s in reversed(self.standings) if (s.party, s.body) == (party, body) and s.holds(at)), None)

    monkeypatch.setattr(Register, "standing", wrong)
    caught(Deliveries)
