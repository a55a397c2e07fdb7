"""Conditions: who sees an object that names others, whatever the order in which they came."""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.ledger.journal import Head
from comity.store.conditions import NEVER, PARTS, read_condition
from comity.store.memory import MemoryStore
from comity.store.placing import GAP, place, refit, reserve, stamps, value_hash
from comity.store.protocol import NewItem, Row
from comity.terms.traits import Traits
from tests.consortium import RETURNING, Body, Member, indicator, relationship, report, sdo, sighting

STANDINGS = {"KZ": "member", "UZ": "member", "TJ": "member", "IR": "observer"}
SHOWN = {"member": ("green", "amber"), "observer": ("green",)}


@dataclass(frozen=True)
class Claimed:
    """One claim as the story tells it: `refs` are numbers of objects."""

    number: int
    origin: str
    about: int
    tlp: str
    refs: tuple[int, ...]


#: Objects of the stories: two that name nothing, four that name anything, two sightings.
KINDS = ("indicator", "indicator", "report", "report", "report", "report", "sighting", "sighting")


def object_id(number: int) -> str:
    return f"{KINDS[number]}--00000000-0000-4000-8000-{number:012d}"


def as_object(claim: Claimed) -> dict:
    modified = f"2021-10-02T00:00:00.{claim.number:03d}Z"
    head = {"id": object_id(claim.about), "modified": modified}
    refs = [object_id(ref) for ref in claim.refs]
    kind = KINDS[claim.about]
    if kind == "indicator":
        return indicator(**head)
    return report(*refs, **head) if kind == "report" else sighting(refs[0], **head)


@st.composite
def stories(draw):
    count = draw(st.integers(1, 12))
    claims = []
    for number in range(count):
        about = draw(st.integers(0, len(KINDS) - 1))
        kind = KINDS[about]
        if kind == "indicator":
            refs: tuple[int, ...] = ()
        elif kind == "sighting":
            refs = (draw(st.integers(0, 5)),)
        else:
            refs = tuple(draw(st.lists(st.integers(0, len(KINDS) - 1), min_size=1, max_size=3, unique=True)))
        origin, levels = draw(st.sampled_from(list(STANDINGS))), ["green", "amber", "red"]
        # A version that is stricter than earlier ones would take those back.
        earlier = [levels.index(other.tlp) for other in claims if (other.origin, other.about) == (origin, about)]
        tlp = draw(st.sampled_from(levels[: min(earlier, default=2) + 1]))
        claims.append(Claimed(number, origin, about, tlp, refs))
    order = draw(st.permutations(claims))
    cuts = sorted(draw(st.sets(st.integers(1, count), max_size=4)))
    return claims, [list(order[a:b]) for a, b in zip([0, *cuts], [*cuts, count], strict=True)], draw(st.sets(st.integers(0, 5)))


def seen_by(party: str, claims: list[Claimed], entered: dict[int, int]) -> set[int]:
    """By the definition: the greatest set of claims that are permitted and, unless they are its own, name only what is in the set.

    `entered` says with which submission a claim came: a sighting goes back to those whose claims its sighter could see before it.
    """

    def producers(claim: Claimed) -> set[str]:
        before = (c for c in claims if c.about == claim.refs[0] and entered[c.number] < entered[claim.number])
        return {other.origin for other in before if permitted(other, claim.origin)}

    def permitted(claim: Claimed, to: str = party) -> bool:
        if claim.origin == to:
            return True
        if KINDS[claim.about] == "sighting":
            return claim.tlp != "red" and to in producers(claim)
        return claim.tlp in SHOWN[STANDINGS[to]]

    shown = {claim.number: claim for claim in claims if permitted(claim)}
    while True:
        there = {claim.about for claim in shown.values()}
        kept = {n: c for n, c in shown.items() if c.origin == party or there.issuperset(c.refs)}
        if len(kept) == len(shown):
            return set(kept)
        shown = kept


def shown_to(member: Member) -> set[int]:
    page = member.page(limit=1000, versions=("all",))
    return {int(row.version[20:23]) for _, row in page.found}


@settings(max_examples=250, deadline=None)
@given(stories())
def test_whatever_the_order_each_party_sees_what_the_definition_says(story):
    claims, batches, polls = story
    body = Body(RETURNING)
    members = {code: body.party(code, standing) for code, standing in STANDINGS.items()}
    polled: dict[str, list[int]] = {code: [] for code in members}
    entered: dict[int, int] = {}

    def poll() -> None:
        for code, member in members.items():
            for stamp, row in member.page(after=member.cursor, limit=1000, versions=("all",)).found:
                member.cursor = stamp
                polled[code].append(int(row.version[20:23]))

    for at, batch in enumerate(batches):
        for origin, group in itertools.groupby(batch, key=lambda claim: claim.origin):
            for tlp, few in itertools.groupby(group, key=lambda claim: claim.tlp):
                together = list(few)
                entered.update((claim.number, len(entered)) for claim in together[:1])
                entered.update((claim.number, entered[together[0].number]) for claim in together)
                outcomes = members[origin].submits(*map(as_object, together), tlp=tlp)
                assert {outcome.outcome for outcome in outcomes} == {"accepted"}
        if at in polls:
            poll()
    poll()
    for code, member in members.items():
        expected = seen_by(code, claims, entered)
        assert shown_to(member) == expected, code
        # A client that polls meets every item that it may see, however late, and none that it may not.
        assert set(polled[code]) == expected, code


def test_a_circle_is_shown_whole_or_not_at_all():
    body = Body()
    kz, uz = body.member("KZ"), body.member("UZ")
    a, b = (f"report--00000000-0000-4000-8000-00000000000{n}" for n in "ab")
    kz.submits(report(b, id=a))
    assert uz.reads() == []
    kz.submits(report(a, id=b))
    assert set(uz.reads()) == {a, b}


def test_a_circle_with_a_hidden_member_is_hidden():
    body = Body()
    kz, uz = body.member("KZ"), body.member("UZ")
    a, b = (f"report--00000000-0000-4000-8000-00000000000{n}" for n in "ab")
    hidden = indicator()
    kz.submits(hidden, tlp="red")
    kz.submits(report(b, id=a), report(a, hidden["id"], id=b))
    assert uz.reads() == []


def test_what_was_worked_out_inside_a_circle_is_not_taken_for_the_whole_truth():
    """Asked for by way of A, B seems to need only itself (A is on the way there); asked for alone, it needs A, and A the hidden one."""
    body = Body()
    kz, uz, tj = body.member("KZ"), body.member("UZ"), body.member("TJ")
    hidden = indicator()
    kz.submits(hidden, tlp="red")
    ids = {name: f"report--00000000-0000-4000-8000-00000000000{name}" for name in "abcde"}
    kz.submits(report(ids["b"], hidden["id"], id=ids["a"]), report(ids["a"], id=ids["b"]))
    plain = indicator()
    kz.submits(plain)
    # Two claims of C: one leads into the circle, the other does not.
    kz.submits(report(ids["a"], id=ids["c"]))
    tj.submits(report(plain["id"], id=ids["c"]))
    kz.submits(report(ids["b"], id=ids["d"]))
    kz.submits(report(ids["c"], ids["d"], id=ids["e"]))
    assert ids["d"] not in uz.reads()
    assert ids["e"] not in uz.reads()


def test_what_names_a_sighting_goes_where_the_sighting_goes():
    """What names a sighting asks for the facts it has, whichever came first; the producer is settled when the sighting enters."""
    for order in (order for order in itertools.permutations(range(3)) if order.index(0) < order.index(1)):
        body = Body(RETURNING)
        kz, uz, tj = body.member("KZ"), body.member("UZ"), body.member("TJ")
        item = indicator()
        seen = sighting(item["id"])
        naming = report(seen["id"])
        steps = [(kz, item), (uz, seen), (uz, naming)]
        for step in order:
            member, obj = steps[step]
            member.submits(obj)
        assert set(kz.reads()) == {item["id"], seen["id"], naming["id"]}, order
        assert set(tj.reads()) == {item["id"]}, order


def test_a_chain_as_long_as_allowed_and_one_longer():
    for length, whole in ((32, True), (33, False)):
        body = Body()
        kz, uz = body.member("KZ"), body.member("UZ")
        ids = [f"report--00000000-0000-4000-8000-{n:012d}" for n in range(length)]
        last = indicator()
        for id_, ref in zip(ids, [*ids[1:], last["id"]], strict=True):
            kz.submits(report(ref, id=id_))
        assert uz.reads() == []
        kz.submits(last)
        assert (ids[0] in uz.reads()) is whole


@pytest.mark.parametrize("dense", [False, True])
def test_a_web_with_two_claims_per_object_stays_bounded(dense):
    """Layers of objects that all name the whole next layer (dense: that name all others), two parties' claims of each."""
    body = Body()
    kz, uz, tj = body.member("KZ"), body.member("UZ"), body.member("TJ")
    ids = [[f"report--00000000-0000-4000-8000-{layer * 10 + n:012d}" for n in range(3)] for layer in range(6)]
    everything = [id_ for layer in ids for id_ in layer]
    leaf = indicator()
    kz.submits(leaf)
    began = time.process_time()
    for layer, named in zip(ids, [*ids[1:], [leaf["id"]]], strict=True):
        for member in (kz, uz):
            member.submits(*(report(*(everything if dense else named), id=id_) for id_ in layer))
    took = time.process_time() - began
    assert took < 10
    for _, raw in body.world.store.trait_rows(0):
        assert len(raw) < 200 * PARTS
    assert leaf["id"] in tj.reads()


def test_a_crowd_of_claims_does_not_push_out_the_first_one():
    """An object stays visible by its first claim, however many others come to be made of it under other facts."""
    body = Body()
    kz, uz, tj = body.member("KZ"), body.member("UZ"), body.member("TJ")
    target = indicator()
    kz.submits(target)
    moments = (f"2021-10-03T00:{n // 60:02d}:{n % 60:02d}.000Z" for n in range(PARTS + 50))
    crowd = [{**target, "modified": moment, "indicator_types": [moment]} for moment in moments]
    uz.submits(*crowd, tlp="red")
    link = relationship(target["id"], target["id"])
    kz.submits(link)
    assert link["id"] in tj.reads()


def test_a_reference_to_what_nobody_sent_is_met_by_nobody_but_the_origin():
    body = Body()
    kz, uz = body.member("KZ"), body.member("UZ")
    absent = "indicator--00000000-0000-4000-8000-000000000999"
    link = relationship(absent, absent)
    kz.submits(link)
    (row,) = body.world.store.by_id([link["id"]])
    (condition,) = (read_condition(raw) for number, raw in body.world.store.trait_rows(0) if number == row.traits)
    assert condition.needs == NEVER
    assert uz.reads() == []
    assert kz.reads() == [link["id"]]


def test_value_hashes_are_signed_64_bit_and_keep_kinds_apart():
    assert value_hash("domain", "a.example") != value_hash("url", "a.example")
    assert value_hash("a", "b\0c") != value_hash("a\0b", "d")
    assert all(-(1 << 63) <= value_hash("domain", f"{n}.example") < 1 << 63 for n in range(200))


def test_stamps_are_unique_increasing_never_early_and_not_evenly_apart():
    store = MemoryStore()
    with store.write() as tx:
        made = stamps(tx, 1_000, 2_000)
        later = stamps(tx, 5, 10)
        first = reserve(tx, 5, 100)
        after = stamps(tx, 5, 1)
    assert made[0] > 1_000
    gaps = {b - a for a, b in itertools.pairwise(made)}
    assert min(gaps) >= 1
    assert max(gaps) <= GAP
    assert len(gaps) > GAP // 2
    assert made[-1] < later[0] < later[-1] < first < first + 99 < after[0]


def test_place_numbers_items_densely_within_their_home_row():
    store = MemoryStore()
    head = Head(size=0, frontier=b"", root=b"", checkpoint=b"")

    def item(number: int, tlp: str) -> NewItem:
        traits = Traits(type="indicator", origin="KZ", purposes=("network-defence",), tlp=tlp)
        return NewItem("KZ", f"indicator--{number}", "indicator", "1", "2.1", b"", b"", b"", traits, (), (), None)

    rows: list[Row] = []
    for batch in ((1, 2, 3), (4, 5)):
        with store.write() as tx:
            rows += place(tx, [item(n, "green" if n % 2 else "amber") for n in batch], 10, head.size)
    green = [row.ordinal for row in rows if int(row.id[11:]) % 2]
    assert green == [1, 2, 3]
    assert [row.item for row in rows] == [1, 2, 3, 4, 5]


def greener(facts: Traits) -> Traits:
    return msgspec.structs.replace(facts, tlp="green")


@pytest.mark.parametrize("url", ["memory:", "sqlite"])
def test_other_facts_widen_what_is_seen_and_so_does_what_leads_to_it(url, tmp_path):
    body = Body(store=url if url == "memory:" else f"sqlite:{tmp_path / 'store.db'}")
    kz, ir = body.member("KZ"), body.observer("IR")
    one, two, other = indicator(), sdo("malware"), indicator()
    link = relationship(one["id"], two["id"])
    kz.submits(one, two, other, tlp="amber")
    kz.submits(link, report(link["id"]), tlp="green")
    assert ir.polls() == []
    moves = body.world.store.counter("moves")
    with body.world.store.write() as tx:
        refit(tx, body.world.store.by_id([one["id"], two["id"]]), greener)
    rows = body.world.store.by_id([one["id"], two["id"], link["id"]])
    assert all(row.home != row.traits for row in rows)
    assert body.world.store.counter("moves") >= moves + 3
    found = ir.polls()
    assert found[:2] == [one["id"], two["id"]] and found[2] == link["id"] and len(found) == 4
    assert ir.polls() == []
    kz.submits(indicator(), tlp="green")
    assert len(ir.polls()) == 1


def test_facts_change_of_objects_that_name_each_other():
    body = Body()
    kz, ir = body.member("KZ"), body.observer("IR")
    one, two = report("note--11111111-1111-4111-8111-111111111111"), sdo("note", id="note--11111111-1111-4111-8111-111111111111")
    one["object_refs"], two["object_refs"] = [two["id"]], [one["id"]]
    kz.submits(one, two, tlp="amber")
    ir.polls()
    with body.world.store.write() as tx:
        refit(tx, body.world.store.by_id([one["id"]]), greener)
    assert ir.polls() == []
    with body.world.store.write() as tx:
        refit(tx, body.world.store.by_id([two["id"]]), greener)
    assert sorted(ir.polls()) == sorted([one["id"], two["id"]])


def test_words_of_facts_that_no_item_has_any_more_are_overwritten() -> None:
    from comity.store.placing import forget_facts
    from tests.consortium import Body, indicator, relationship, sdo

    body = Body()
    kz = body.member("KZ")
    going, staying = sdo("malware", malware_types=["mark-gone"]), sdo("malware", malware_types=["mark-kept"])
    kz.submits(going, staying)
    kz.submits(relationship(indicator()["id"], staying["id"]))
    store = body.world.store
    with store.write() as tx:
        assert forget_facts(store, tx) == 0
        tx.delete([row.item for row in store.by_id([going["id"]])])
        assert forget_facts(store, tx) == 1 and forget_facts(store, tx) == 0
    bodies = b"".join(raw for _, raw in store.trait_rows(0))
    assert b"mark-gone" not in bodies and b"mark-kept" in bodies
    kz.submits(going)
    assert b"mark-gone" in b"".join(raw for _, raw in store.trait_rows(0)) and len(kz.reads()) == 3
