"""What a reader may see is decided over trait rows, never over items."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from comity.intake.govern import add_standing
from comity.intake.submit import Submitter, submit
from comity.release.sight import Conditions, Reader, Sight
from comity.store.conditions import read_condition
from comity.terms.party import Standing
from tests.consortium import START, Body, Member, drafts, indicator, relationship, report, sdo


@pytest.fixture(params=["memory", "sqlite"])
def body(request, tmp_path):
    body = Body(store="memory:" if request.param == "memory" else f"sqlite:{tmp_path / 'store.db'}")
    yield body
    body.world.store.close()


def sight(at: Body, member: Member, **options) -> Sight:
    _, rules = at.world.rulebook.current()
    reader = Reader(**{"party": member.code, "body": "sco", "purposes": ("network-defence",), **options})
    return Sight(Conditions(at.world.store), reader, at.world.settings.party, rules, at.clock())


def row(body: Body, obj: dict):
    return body.world.store.by_id([obj["id"]])[0]


# Reader


def test_a_readers_name_does_not_depend_on_the_order_of_its_purposes():
    one = Reader(party="KZ", body="sco", purposes=("training", "statistics"))
    assert one.key == Reader(party="KZ", body="sco", purposes=("statistics", "training")).key


@pytest.mark.parametrize("change", [{"party": "UZ"}, {"body": "cica"}, {"purposes": ("statistics", "training")}, {"purposes": ()}])
def test_readers_that_may_see_different_things_have_different_names(change):
    plain = {"party": "KZ", "body": "sco", "purposes": ("statistics",)}
    assert Reader(**{**plain, **change}).key != Reader(**plain).key


# Conditions


def test_conditions_are_the_stores_trait_rows(body):
    conditions = Conditions(body.world.store)
    assert conditions.refresh() == 1  # the agreement's own
    kz = body.member("KZ")
    one = indicator()
    kz.submits(one, relationship(one["id"], one["id"]))
    rows = body.world.store.trait_rows(0)
    assert [conditions[number] for number, _ in rows] == [read_condition(raw) for _, raw in rows]
    assert conditions.refresh() == len(rows)


def test_rows_that_come_later_are_read_when_asked_for(body):
    kz = body.member("KZ")
    conditions = Conditions(body.world.store)
    before = conditions.refresh()
    for tlp in ("clear", "green", "amber", "red"):
        kz.submits(indicator(), tlp=tlp)
    assert conditions[before + 4].base.tlp == "red"
    assert conditions.refresh() == before + 4


def test_threads_that_read_at_once_read_each_row_once(body):
    kz = body.member("KZ")
    for n in range(40):
        kz.submits(indicator(indicator_types=[f"kind-{n}"]))
    rows = body.world.store.trait_rows(0)
    conditions = Conditions(body.world.store)
    together = threading.Barrier(4)

    def work() -> None:
        together.wait(10)
        conditions.refresh()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert conditions.refresh() == len(rows)
    assert [conditions[number] for number, _ in rows] == [read_condition(raw) for _, raw in rows]


# Sight


def test_a_row_is_seen_when_the_agreement_permits_it(body):
    kz, uz, ir = body.member("KZ"), body.member("UZ"), body.observer("IR")
    items = {tlp: indicator() for tlp in ("clear", "green", "amber", "amber+strict", "red")}
    for tlp, item in items.items():
        kz.submits(item, tlp=tlp)
    seen = {code.code: [tlp for tlp, item in items.items() if sight(body, code).sees(row(body, item).traits)] for code in (kz, uz, ir)}
    assert seen == {"KZ": list(items), "UZ": ["clear", "green", "amber"], "IR": ["clear", "green"]}


def test_ones_own_is_seen_whatever_it_names(body):
    kz, uz = body.member("KZ"), body.member("UZ")
    naming = report("indicator--11111111-1111-4111-8111-111111111111")
    kz.submits(naming, tlp="green")
    assert sight(body, kz).sees(row(body, naming).traits)
    assert sight(body, kz).direct(row(body, naming).traits)
    assert not sight(body, uz).sees(row(body, naming).traits)
    assert not sight(body, uz).direct(row(body, naming).traits)


def test_a_row_that_names_others_asks_for_those_too(body):
    kz, uz, ir = body.member("KZ"), body.member("UZ"), body.observer("IR")
    green, amber = indicator(), sdo("malware")
    link = relationship(green["id"], amber["id"])
    kz.submits(green, link, tlp="green")
    kz.submits(amber, tlp="amber")
    place = row(body, link).traits
    assert sight(body, uz).sees(place)
    assert not sight(body, ir).sees(place)
    assert sight(body, uz).names(place)
    assert not sight(body, uz).names(row(body, green).traits)


def test_purposes_are_those_the_reader_asks_for(body):
    kz, uz = body.member("KZ"), body.member("UZ")
    item = indicator()
    kz.submits(item, tlp="green")
    assert not sight(body, uz, purposes=("training",)).sees(row(body, item).traits)
    assert not sight(body, uz, purposes=()).sees(row(body, item).traits)
    assert sight(body, uz, purposes=("training", "network-defence")).sees(row(body, item).traits)


def test_another_body_is_another_question(body):
    kz, uz = body.member("KZ"), body.member("UZ")
    item = indicator()
    kz.submits(item, tlp="green")
    assert not sight(body, uz, body="cica").sees(row(body, item).traits)


def test_homes_are_the_visible_rows_of_others_and_grow(body):
    kz, uz = body.member("KZ"), body.member("UZ")
    mine, theirs, hidden = indicator(), indicator(), indicator()
    kz.submits(theirs, tlp="green")
    kz.submits(hidden, tlp="red")
    uz.submits(mine, tlp="green")
    view = sight(body, uz)
    found = [row(body, theirs).home]
    assert [home for home in view.homes() if view.type_of(home) == "indicator"] == found
    later = indicator()
    kz.submits(later, tlp="clear")
    assert [home for home in view.homes() if view.type_of(home) == "indicator"] == [*found, row(body, later).home]
    assert view.homes() == sorted(view.homes())


def test_it_says_what_a_row_is_about(body):
    kz, uz = body.member("KZ"), body.member("UZ")
    item = indicator(indicator_types=["phishing"])
    kz.submits(item, tlp="green")
    view, place = sight(body, uz), row(body, item).traits
    assert view.type_of(place) == "indicator"
    assert (view.traits(place).origin, view.traits(place).tlp, view.traits(place).threat) == ("KZ", "green", ("phishing",))


def test_facts_sort_the_same_in_every_store(body, tmp_path):
    other = Body(store=f"sqlite:{tmp_path / 'other.db'}")
    found = []
    for each, order in ((body, ("green", "amber")), (other, ("amber", "green"))):
        kz, uz = each.member("KZ"), each.member("UZ")
        for tlp in order:
            kz.submits(indicator(), tlp=tlp)
        view = sight(each, uz)
        found.append(sorted(view.facts(home) for home in view.homes() if view.type_of(home) == "indicator"))
    assert found[0] == found[1]
    assert len(found[0]) == 2
    other.world.store.close()


def test_facts_leave_out_what_a_row_asks_for(body):
    """Which hidden objects there are must not show in an order."""
    kz, uz = body.member("KZ"), body.member("UZ")
    one = indicator()
    kz.submits(one, report(one["id"]), tlp="green")
    named = report("malware--11111111-1111-4111-8111-111111111111")
    kz.submits(named, tlp="green")
    plain = list(body.world.store.by_type("report"))
    view = sight(body, uz)
    assert plain[0].traits != plain[1].traits
    assert view.facts(plain[0].traits) == view.facts(plain[1].traits)


def test_a_decision_names_the_clause_that_permits(body):
    kz, uz, ir = body.member("KZ"), body.member("UZ"), body.observer("IR")
    item = indicator()
    kz.submits(item, tlp="green")
    base = row(body, item).base
    assert sight(body, uz).grounds(base) == ("test@1/members",)
    assert sight(body, ir).grounds(base) == ("test@1/observers",)
    assert sight(body, ir).decision(base).effect == "permit"
    hidden = indicator()
    kz.submits(hidden, tlp="red")
    assert sight(body, uz).decision(row(body, hidden).base).effect == "deny"


def test_what_a_peer_gave_came_by_what_it_may_give(body):
    """The node's own party needs no clause to read it; its people are told by which it came."""
    member = Body(party="UZ")
    uz = member.member("UZ")
    member.member("KZ")
    item, unknown = indicator(), indicator()
    for obj, origin in ((item, "KZ"), (unknown, "TJ")):
        by = Submitter(party=origin, received_from="SCO-CENTRE", tlp="amber")
        assert [outcome.outcome for outcome in submit(member.world, drafts([obj]), by)] == ["accepted"]
    view = sight(member, uz)
    assert view.grounds(row(member, item).base) == ("built-in/received",)
    assert view.came(row(member, item).base) == ("test@1/members",)
    assert view.came(row(member, unknown).base) == ("test@1",)
    member.world.store.close()


def test_a_view_is_of_one_moment_and_one_state_of_the_rules(body):
    kz, uz = body.member("KZ"), body.member("UZ")
    item = indicator()
    kz.submits(item, tlp="green")
    view = sight(body, uz)
    add_standing(body.world, Standing(party="UZ", body="sco", standing="suspended", since=START - timedelta(days=1)), by="test")
    assert view.sees(row(body, item).traits)
    assert not sight(body, uz).sees(row(body, item).traits)


def test_what_the_node_itself_pulled_is_its_own_peoples_to_read():
    """A member's node, with no custodian: what it received it may read, what others put there it may not."""
    import msgspec

    body = Body(agreement=None)
    object.__setattr__(body.world, "settings", msgspec.structs.replace(body.world.settings, party="KZ"))
    received, put = indicator(), indicator()
    list(submit(body.world, drafts([received]), Submitter(party="UZ", received_from="SCO-CENTRE", tlp="red")))
    list(submit(body.world, drafts([put]), Submitter(party="UZ", tlp="green")))
    kz, uz = Member(body, "KZ"), Member(body, "TJ")
    assert sight(body, kz).sees(row(body, received).traits)
    assert sight(body, kz).direct(row(body, received).traits)
    assert not sight(body, kz).sees(row(body, put).traits)
    assert not sight(body, uz).sees(row(body, received).traits)
