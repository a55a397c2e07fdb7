"""The web of what else must be visible: folded the same whatever the ids, met as the definition says."""

from __future__ import annotations

import time

from hypothesis import given, settings
from hypothesis import strategies as st

from comity.store.conditions import NEVER, NOTHING, PARTS, Alternative, Needs, fold, met, read_condition, write_condition
from comity.terms.traits import Traits

IDS = "abcdef"


@st.composite
def webs(draw):
    claims = {}
    for id_ in IDS[: draw(st.integers(1, len(IDS)))]:
        nodes = st.tuples(st.integers(1, 4), st.lists(st.sampled_from(IDS), max_size=3, unique=True).map(tuple))
        claims[id_] = draw(st.lists(nodes, max_size=3))
    return draw(st.lists(st.sampled_from(IDS), min_size=1, max_size=3, unique=True)), claims


def by_definition(refs, claims, permitted, direct) -> bool:
    """Take every object for visible; take away whatever has no claim that holds; until nothing more goes."""
    there = set(IDS)
    while True:
        kept = {
            id_
            for id_ in there
            if any(row in permitted and (row in direct or there.issuperset(named)) for row, named in claims.get(id_, ()))
        }
        if kept == there:
            return there.issuperset(refs)
        there = kept


@settings(max_examples=300, deadline=None)
@given(webs(), st.sets(st.integers(1, 4)), st.sets(st.integers(1, 4)))
def test_a_folded_web_is_met_by_whom_the_definition_says(web, permitted, direct):
    refs, claims = web
    needs = fold(refs, claims)
    assert met(needs, permitted.__contains__, direct.__contains__) == by_definition(refs, claims, permitted, direct)


@settings(max_examples=200, deadline=None)
@given(webs(), st.permutations(IDS), st.randoms(use_true_random=False))
def test_neither_ids_nor_the_order_of_claims_show_in_it(web, others, random):
    refs, claims = web
    other = dict(zip(IDS, others, strict=True))
    renamed = {other[id_]: [(row, tuple(other[ref] for ref in named)) for row, named in nodes] for id_, nodes in claims.items()}
    for nodes in renamed.values():
        random.shuffle(nodes)
    order = list(renamed.items())
    random.shuffle(order)
    assert fold([other[ref] for ref in reversed(refs)], dict(order)) == fold(refs, claims)


def test_objects_that_ask_for_the_same_are_one_group():
    claims = {f"id{n}": [(7, ())] for n in range(500)}
    assert fold(list(claims), claims) == Needs((0,), ((Alternative(7),),))


def test_what_nobody_sent_is_met_by_nobody():
    assert fold(["absent"], {}) == NEVER
    assert fold(["there", "absent"], {"there": [(1, ())]}) == NEVER
    assert not met(NEVER, lambda row: True, lambda row: True)
    assert met(NOTHING, lambda row: False, lambda row: False)


def test_what_is_shown_to_its_own_party_needs_nothing_else():
    needs = fold(["a"], {"a": [(1, ("absent",))]})
    assert not met(needs, lambda row: True, lambda row: False)
    assert met(needs, lambda row: True, lambda row: row == 1)


def test_too_many_parts_are_never_met():
    many = PARTS // 4
    claims = {f"id{n}": [(n * many + row, ()) for row in range(many)] for n in range(PARTS // many + 1)}
    assert fold(list(claims), claims) == NEVER
    assert fold(list(claims)[:-1], claims | {list(claims)[-1]: []}) != NEVER


def test_a_ring_that_folds_slowly_is_never_met_and_soon_so():
    ring = {f"id{n}": [(1 if n else 2, (f"id{(n + 1) % 3000}",))] for n in range(3000)}
    began = time.process_time()
    assert fold(["id1500"], ring) == NEVER
    assert time.process_time() - began < 10


def test_a_condition_round_trips_and_equal_ones_are_equal_bytes():
    traits = Traits(type="indicator", origin="KZ", purposes=("network-defence",), tlp="amber")
    needs = fold(["a", "b"], {"a": [(1, ()), (2, ("c",))], "b": [(4, ("a",))], "c": [(3, ("b",))]})
    body = write_condition(traits, needs)
    condition = read_condition(body)
    assert (condition.base, condition.needs) == (traits, needs)
    assert write_condition(condition.base, condition.needs) == body
    assert len({body, write_condition(traits), write_condition(traits, NEVER)}) == 3
    assert read_condition(write_condition(traits)).needs == NOTHING
