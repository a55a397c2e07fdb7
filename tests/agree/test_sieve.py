"""The fast path, the reasoned path and a brute-force oracle must always give one answer."""

from __future__ import annotations

from time import process_time

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.agree.decide import Question, Rules, decide
from comity.agree.sieve import Sieve, permits
from comity.terms.item import DERIVED_FROM
from comity.terms.traits import Traits
from tests.agree.oracle import oracle
from tests.agree.treaty import ask, item, rules
from tests.agree.worlds import PARTIES, PROFILES, items, questions, worlds


@given(worlds, questions, items)
@settings(max_examples=300, deadline=None)
def test_sieve_decision_and_oracle_agree(world: Rules, question: Question, traits: Traits) -> None:
    expected = oracle(question, traits, world)
    assert decide(question, traits, world).effect == expected
    assert Sieve(question, world).permits(traits) is (expected == "permit")
    assert permits(question, traits, world) is (expected == "permit")
    decision = decide(question, traits, world)
    assert Sieve(question, world).copy(traits) == (decision.profile if expected == "redact" else None)


KEYS = (*(profile.key for profile in PROFILES), DERIVED_FROM)


@given(worlds, questions, items, st.sampled_from(KEYS))
@settings(max_examples=300, deadline=None)
def test_a_copy_goes_where_its_original_goes_and_to_whom_its_profile_is_meant_for(
    world: Rules, question: Question, traits: Traits, key: str
) -> None:
    original, copy = decide(question, traits, world), msgspec.structs.replace(traits, profile=key)
    found = decide(question, copy, world)
    if original.effect != "redact":
        assert found == original
    elif original.profile is not None and original.profile.key == key:
        assert found == msgspec.structs.replace(original, effect="permit", profile=None)
    else:
        assert (found.effect, found.rule) == ("deny", "copy")
    sieve = Sieve(question, world)
    assert sieve.permits(copy) is found.permits
    assert sieve.copy(copy) is None


@given(worlds, questions, items, items, items)
@settings(max_examples=60, deadline=None)
def test_what_a_sieve_has_compiled_for_one_item_does_not_colour_another(
    world: Rules, question: Question, one: Traits, two: Traits, three: Traits
) -> None:
    sieve = Sieve(question, world)
    for traits in (one, two, three, one):
        assert sieve.permits(traits) is decide(question, traits, world).permits


def test_a_sieve_is_fast_enough_for_a_page() -> None:
    sieve = Sieve(ask("UZ"), rules())
    rows = [item(tlp=tlp, threat=(threat,)) for tlp in ("clear", "green", "amber", "red") for threat in ("phishing", "attribution")]
    began = process_time()
    allowed = sum(sieve.permits(row) for _ in range(1_000) for row in rows)
    took = process_time() - began
    assert allowed == 3_000
    assert 8_000 / took > 50_000, f"{8_000 / took:.0f} rows a second"


@given(worlds, questions, items, st.sets(st.sampled_from(PARTIES), min_size=1))
@settings(max_examples=150, deadline=None)
def test_what_came_from_a_node_that_is_waited_for_goes_nowhere(world: Rules, question: Question, traits: Traits, unheard: set[str]) -> None:
    waiting = Rules(world.agreements, world.register, world.approvals.values(), world.deeds, unheard)
    before, found = decide(question, traits, world), decide(question, traits, waiting)
    assert Sieve(question, waiting).permits(traits) is found.permits
    assert (Sieve(question, waiting).copy(traits) is not None) is (found.effect == "redact")
    if waiting.waits(question, traits.giver) and before.rule not in ("own", "received", "public", "gate", "counted", "realm"):
        assert (found.effect, found.rule) == ("deny", "restored")
    else:
        assert found == before
    assert decide(question, traits, waiting.heard()) == before
