"""P1 as a stateful test: a body goes on step by step, and at its end one party is asked whether it could tell it from a body without what it
may not see (`two_worlds`). What others withdraw counts too: a world in which something hidden came and went is one in which it never was.
"""

from __future__ import annotations

import itertools
from random import Random
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from comity.release import desk, select, sight
from comity.store.memory import MemoryStore
from tests.release import two_worlds
from tests.release.two_worlds import ONLOOKER, OTHERS, Step, Story, told_apart
from tests.whole.laws import caught, dices, play


class TwoWorlds(RuleBasedStateMachine):
    """The steps of a story, as chance has them."""

    @initialize()
    def begin(self) -> None:
        self.steps: list[Step] = []
        self.words = itertools.count()
        self.used: dict[tuple[str, int, int], two_worlds.Claim] = {}
        self.withdrawn: set[tuple[str, int]] = set()

    @rule(dice=dices, origin=st.sampled_from(OTHERS), count=st.integers(1, 3))
    def others_submit(self, dice: Random, origin: str, count: int) -> None:
        made = [two_worlds._claim(dice, origin, self.words) for _ in range(count)]
        new = [claim for claim in made if claim.kind == "domain-name" or two_worlds.fits(self.used, claim)]
        new = [claim for claim in new if (origin, claim.number) not in self.withdrawn]
        self.steps.append(Step(bundles=tuple((claim,) for claim in new)))

    @precondition(lambda self: any(step.bundles for step in self.steps))
    @rule(dice=dices)
    def others_withdraw(self, dice: Random) -> None:
        claims = [(claim.origin, claim.number) for step in self.steps for bundle in step.bundles for claim in bundle]
        if claims:
            one = dice.choice(claims)
            self.withdrawn.add(one)
            self.steps.append(Step(withdraw=one))

    @rule(
        party=st.sampled_from([ONLOOKER, ONLOOKER, "KZ"]),
        word=st.sampled_from(["member", "member", "observer", "suspended"]),
        delay=st.sampled_from([0, 0, 2]),
    )
    def a_standing_changes(self, party: str, word: str, delay: int) -> None:
        self.steps.append(Step(standing=(party, word, delay)))

    @rule(dice=dices)
    def the_onlooker_acts(self, dice: Random) -> None:
        self.steps.append(Step(act=two_worlds._act(dice, self.words)))

    @rule(limit=st.sampled_from([1, 3]))
    def p1_the_onlooker_cannot_tell(self, limit: int) -> None:
        end: list[tuple[Any, ...]] = [("poll", limit), ("walk", 2, {}), ("walk", 100, {"versions": ("all",)})]
        found = told_apart(Story([*self.steps, *(Step(act=act) for act in end)]))
        assert found == "", found


def test_p1_a_world_is_like_one_without_what_is_hidden() -> None:
    play(TwoWorlds, 25, 20)


def test_caught_p1_references_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sight, "met", lambda needs, permits, direct: True)
    caught(TwoWorlds, steps=20)


def test_caught_p1_more_counted_before_filtering(monkeypatch: pytest.MonkeyPatch) -> None:
    real = select.cut

    def wrong(world: Any, streams: Any, query: Any, room: int | None = None) -> select.Cut:
        found = real(world, streams, query, room).found
        end = found.at[-1] if found.at else query.after
        return select.Cut(found, any(row.added > end for row in world.store.recent(1)))

    monkeypatch.setattr(desk, "cut", wrong)
    caught(TwoWorlds, steps=20)


def test_caught_p1_what_is_held_by_somebody_else_is_a_duplicate(monkeypatch: pytest.MonkeyPatch) -> None:
    held = MemoryStore.held
    everybody = (*OTHERS, ONLOOKER)
    monkeypatch.setattr(MemoryStore, "held", lambda self, origin, ids: {k: v for o in everybody for k, v in held(self, o, ids).items()})
    caught(TwoWorlds, steps=20)
