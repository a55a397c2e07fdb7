"""The way out: who gets what, when, once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from comity.intake.govern import add_agreement, add_standing
from comity.ledger.journal import read_entry
from comity.release.desk import Desk
from comity.release.select import Query
from comity.terms.party import Standing
from tests.consortium import MEMBERS, RETURNING, START, Body, Member, indicator, relationship, report, sdo, sighting


@pytest.fixture(params=["memory", "sqlite"])
def body(request, tmp_path):
    body = Body(store="memory:" if request.param == "memory" else f"sqlite:{tmp_path / 'store.db'}")
    yield body
    body.world.store.close()


def test_members_get_amber_and_observers_green(body):
    kz, uz, ir = body.member("KZ"), body.member("UZ"), body.observer("IR")
    green, amber, red = indicator(), indicator(), indicator()
    kz.submits(green, tlp="green")
    kz.submits(amber, tlp="amber")
    kz.submits(red, tlp="red")
    assert kz.reads() == [green["id"], amber["id"], red["id"]]
    assert kz.reads(own=False) == []
    assert uz.reads() == [green["id"], amber["id"]]
    assert ir.reads() == [green["id"]]


def test_nobody_without_a_standing_gets_anything(body):
    kz = body.member("KZ")
    kz.submits(indicator(), tlp="clear")
    assert Member(body, "XX").reads() == []


def test_red_goes_to_those_it_names(body):
    kz, uz, tj = body.member("KZ"), body.member("UZ"), body.member("TJ")
    body2 = MEMBERS.replace('tlp_max = "amber"', 'tlp_max = "red"').replace("version = 1", "version = 2")
    add_agreement(body.world, body2, "v2", by="test")
    item = indicator()
    kz.submits(item, tlp="red", to=("UZ",))
    assert uz.reads() == [item["id"]]
    assert tj.reads() == []


def test_a_page_of_others_items_is_in_the_log_before_it_leaves(body):
    kz, uz = body.member("KZ"), body.member("UZ")
    kz.submits(indicator(), indicator())
    size = body.world.store.head().size
    page = uz.page()
    assert page.receipt is not None
    assert page.receipt.index == size
    entry = read_entry(list(body.world.store.leaves())[-1].entry)
    assert (entry.kind, entry.party, entry.count) == ("disclose", "UZ", 2)
    assert entry.agreements == ("test@1/members",)


def test_own_items_are_no_disclosure(body):
    kz = body.member("KZ")
    kz.submits(indicator())
    size = body.world.store.head().size
    assert kz.page().receipt is None
    assert body.world.store.head().size == size


def test_a_page_ends_at_its_limit_and_goes_on(body):
    kz, uz = body.member("KZ"), body.member("UZ")
    items = [indicator() for _ in range(25)]
    for item in items:
        kz.submits(item, tlp="green" if int(item["id"][-1], 16) % 2 else "amber")
    assert uz.reads(limit=7) == [item["id"] for item in items]


def test_what_was_granted_late_reaches_a_client_that_polled_past_it_once(body):
    kz, ir = body.member("KZ"), body.observer("IR")
    amber, green = indicator(), indicator()
    kz.submits(amber, tlp="amber")
    kz.submits(green, tlp="green")
    assert ir.polls() == [green["id"]]
    add_standing(body.world, Standing(party="IR", body="sco", standing="member", since=body.clock()), by="test")
    late = indicator()
    kz.submits(late, tlp="amber")
    assert sorted(ir.polls()) == sorted([amber["id"], late["id"]])
    assert ir.polls() == []
    assert sorted(ir.reads()) == sorted([amber["id"], green["id"], late["id"]])


def test_a_new_agreement_grants_late_too(body):
    kz, uz = body.member("KZ"), body.member("UZ")
    strict = indicator()
    kz.submits(strict, tlp="amber+strict")
    kz.submits(indicator(), tlp="green")
    assert len(uz.polls()) == 1
    wider = MEMBERS.replace('tlp_max = "amber"', 'tlp_max = "amber+strict"').replace("version = 1", "version = 2")
    add_agreement(body.world, wider, "v2", by="test")
    assert uz.polls() == [strict["id"]]
    assert uz.polls() == []


def test_a_standing_that_begins_later_grants_when_its_moment_comes(body):
    kz, ir = body.member("KZ"), body.observer("IR")
    amber = indicator()
    kz.submits(amber, tlp="amber")
    kz.submits(indicator(), tlp="green")
    add_standing(body.world, Standing(party="IR", body="sco", standing="member", since=START + timedelta(days=1)), by="test")
    assert len(ir.polls()) == 1
    body.clock.at = START + timedelta(days=1)
    assert ir.polls() == [amber["id"]]


def test_suspension_cuts_and_return_brings_only_what_was_missed(body):
    kz, uz = body.member("KZ"), body.member("UZ")
    first, second = indicator(), indicator()
    kz.submits(first)
    assert uz.polls() == [first["id"]]
    add_standing(body.world, Standing(party="UZ", body="sco", standing="suspended", since=body.clock()), by="test")
    kz.submits(second)
    assert uz.polls() == []
    assert uz.gets(first["id"]) == []
    add_standing(body.world, Standing(party="UZ", body="sco", standing="member", since=body.clock()), by="test")
    assert uz.polls() == [second["id"]]
    assert uz.polls() == []


def test_a_relationship_is_shown_when_both_its_ends_are(body):
    kz, ir, uz = body.member("KZ"), body.observer("IR"), body.member("UZ")
    green, amber = indicator(), sdo("malware")
    link = relationship(green["id"], amber["id"])
    kz.submits(green, link, tlp="green")
    kz.submits(amber, tlp="amber")
    assert uz.reads() == [green["id"], amber["id"], link["id"]] or set(uz.reads()) == {green["id"], amber["id"], link["id"]}
    assert ir.reads() == [green["id"]]


def test_a_report_that_names_a_hidden_object_is_withheld_and_comes_when_that_becomes_visible(body):
    kz, ir = body.member("KZ"), body.observer("IR")
    green, amber = indicator(), indicator()
    naming = report(green["id"], amber["id"])
    kz.submits(green, naming, tlp="green")
    kz.submits(amber, tlp="amber")
    assert ir.polls() == [green["id"]]
    assert ir.gets(naming["id"]) == []
    uz = body.member("UZ")
    uz.submits({**amber, "name": "the same id from another party"}, tlp="green")
    assert set(ir.polls()) == {amber["id"], naming["id"]}
    assert ir.polls() == []


def test_the_origin_sees_nothing_move_when_others_claims_arrive(body):
    kz, uz = body.member("KZ"), body.member("UZ")
    target = indicator()
    link = relationship(target["id"], target["id"])
    kz.submits(link)
    before = [(at, row.id) for at, row in kz.page().found]
    uz.submits(target, tlp="red", to=("TJ",))
    assert [(at, row.id) for at, row in kz.page().found] == before


def test_a_sighting_goes_to_the_producer(body):
    add_agreement(body.world, RETURNING, "v2", by="test")
    kz, uz, tj = body.member("KZ"), body.member("UZ"), body.member("TJ")
    item = indicator()
    kz.submits(item)
    seen = sighting(item["id"], count=3)
    uz.submits(seen)
    assert kz.polls() == [seen["id"]]
    assert tj.polls() == [item["id"]]


def test_hidden_and_expired_items_are_absent(body):
    kz, uz = body.member("KZ"), body.member("UZ")
    item = indicator()
    kz.submits(item, expires=START + timedelta(hours=1))
    assert uz.reads() == [item["id"]]
    body.clock.at = START + timedelta(hours=1)
    assert uz.reads() == []
    assert uz.gets(item["id"]) == []


def test_versions_are_counted_among_what_is_visible(body):
    kz, uz, ir = body.member("KZ"), body.member("UZ"), body.observer("IR")
    old = indicator()
    new = {**old, "modified": "2021-10-02T00:00:00.000Z", "name": "second"}
    kz.submits(old, tlp="amber")
    kz.submits(new, tlp="green")
    assert len(uz.reads()) == 1 and b"second" not in uz.gets(old["id"], versions=("first",))[0]
    assert b"second" in ir.gets(old["id"], versions=("first",))[0]
    assert len(uz.gets(old["id"], versions=("all",))) == 2
    assert len(ir.gets(old["id"], versions=("all",))) == 1


def test_nobody_hides_anothers_object_by_a_later_version(body):
    kz, uz, tj = body.member("KZ"), body.member("UZ"), body.member("TJ")
    real = indicator(name="real")
    kz.submits(real)
    tj.submits({**real, "modified": "2031-01-01T00:00:00.000Z", "name": "forged"})
    assert any(b"real" in raw for raw in uz.gets(real["id"]))


def test_refusals_and_own_reads_are_recorded_by_the_next_flush(body):
    kz, ir = body.member("KZ"), body.observer("IR")
    item = indicator()
    kz.submits(item, tlp="amber")
    assert ir.gets(item["id"]) == []
    assert ir.gets("indicator--00000000-0000-4000-8000-000000000000") == []
    centre = Member(body, "SCO-CENTRE")
    centre.submits(indicator())
    assert len(centre.reads()) == 1
    body.desk.flush()
    kinds = [(e.kind, e.party, e.count) for e in (read_entry(leaf.entry) for leaf in body.world.store.leaves())]
    assert ("refuse", "IR", 1) in kinds
    assert kinds[-1][0] == "access"
    size = body.world.store.head().size
    body.desk.flush()
    assert body.world.store.head().size == size


def test_the_centre_reads_only_what_a_clause_names_it_for(body):
    kz = body.member("KZ")
    kz.submits(indicator(), tlp="green")
    centre = Member(body, "SCO-CENTRE")
    add_standing(body.world, Standing(party="SCO-CENTRE", body="sco", standing="member", since=START - timedelta(days=9)), by="test")
    assert centre.reads() == []
    clause = """
[[clause]]
id = "centre"
text = "The centre may read up to GREEN."
effect = "permit"
to = { role = ["centre"] }
types = ["indicator"]
tlp_max = "green"
"""
    text = MEMBERS.replace("version = 1", "version = 2").replace("[party.SCO-CENTRE]", clause + "\n[party.SCO-CENTRE]")
    add_agreement(body.world, text, "v2", by="test")
    assert len(centre.reads()) == 1


def test_nothing_is_lost_when_others_come_between_the_pages(body):
    """A page of several was read; its origin is suspended, something else is read, the origin returns: the rest comes, once."""
    kz, uz, reader = body.member("KZ"), body.member("UZ"), body.member("IN")
    items = [indicator() for _ in range(30)]
    uz.submits(*items)
    first = reader.page(limit=10, own=False)
    reader.cursor = first.found[-1][0]
    add_standing(body.world, Standing(party="UZ", body="sco", standing="suspended", since=body.clock()), by="test")
    between = indicator()
    kz.submits(between)
    assert reader.polls() == [between["id"]]
    add_standing(body.world, Standing(party="UZ", body="sco", standing="member", since=body.clock()), by="test")
    rest = reader.polls()
    assert sorted([row.id for _, row in first.found] + rest) == sorted(item["id"] for item in items)
    assert reader.polls() == []


def test_a_cursor_moved_by_own_items_is_known_at_once(body):
    """A reader whose page had its own items only has moved its cursor: a grant that comes next must know, without any flush."""
    kz, uz = body.member("KZ"), body.member("UZ")
    strict, own = indicator(), indicator()
    kz.submits(strict, tlp="amber+strict")
    uz.submits(own)
    page = uz.page(limit=100)
    assert [row.id for _, row in page.found] == [own["id"]]
    wider = MEMBERS.replace('tlp_max = "amber"', 'tlp_max = "amber+strict"').replace("version = 1", "version = 2")
    add_agreement(body.world, wider, "v2", by="test")
    fresh = Desk(body.world)  # the process that had served the page is gone
    after = fresh.page(uz.reader, Query(after=page.found[-1][0]))
    assert [row.id for _, row in after.found] == [strict["id"]]


def test_a_page_of_large_objects_is_shorter_and_says_more(body, monkeypatch):
    monkeypatch.setattr("comity.release.desk.PAGE_BYTES", 5_000)
    kz, uz = body.member("KZ"), body.member("UZ")
    items = [indicator(description="x" * 2_000) for _ in range(7)] + [indicator(description="x" * 9_000)]
    kz.submits(*items)
    page = uz.page(limit=100)
    assert len(page.found) == 2
    assert page.more
    assert uz.reads(limit=100) == [item["id"] for item in items]


def test_a_claim_made_after_a_sighting_does_not_bring_it(body):
    """Who guesses an id and claims it learns nothing about who sees it."""
    kz, uz, ir = body.member("KZ"), body.member("UZ"), body.member("IR")
    item = indicator()
    kz.submits(item)
    add_agreement(body.world, RETURNING, "v2", by="test")
    seen = sighting(item["id"])
    uz.submits(seen)
    ir.submits(item, tlp="red")
    assert ir.gets(seen["id"]) == []
    again = sighting(item["id"])
    uz.submits(again)
    assert ir.gets(again["id"]) == []
    assert {seen["id"], again["id"]} <= set(kz.reads())


# What a page asks of the store


def statements(body: Body, member: Member, **query) -> int:
    """How many SQL statements a page takes, the commit of its log entry included."""
    said: list[str] = []
    member.page(**query)  # settles, and reads the rules
    db = body.world.store._connect()
    db.set_trace_callback(said.append)
    page = body.desk.pull(member.reader, Query(**query))
    db.set_trace_callback(None)
    assert len(page.bodies) == min(query["limit"], 1_100)
    return len(said)


@pytest.mark.parametrize("rows", [1, 30, 300])
def test_a_page_takes_the_same_statements_however_long_and_of_however_many_trait_rows(tmp_path, rows):
    body = Body(store=f"sqlite:{tmp_path / 'store.db'}")
    kz, uz = body.member("KZ"), body.member("UZ")
    for row in range(rows):
        share = 1_100 // rows + (row < 1_100 % rows)
        kz.submits(*(indicator() for _ in range(share)), to=("UZ", f"P{row}"))
    assert len(body.desk.sight(uz.reader).homes()) == rows
    counts = {limit: statements(body, uz, limit=limit, own=own) for limit in (10, 100, 1_000) for own in (False, True)}
    assert len(set(counts.values())) == 1, counts
    assert counts[10] < 20
    body.world.store.close()


@pytest.mark.parametrize("granted", [False, True])
def test_versions_and_late_items_take_one_statement_more(tmp_path, granted):
    body = Body(store=f"sqlite:{tmp_path / 'store.db'}")
    kz, ir = body.member("KZ"), body.observer("IR")
    ir.polls()
    for day in range(1, 4):
        moment = f"2021-10-{day:02}T00:00:00.000Z"
        items = [indicator(modified=moment) for _ in range(300)]
        kz.submits(*items, tlp="amber" if granted else "green")
        kz.submits(*({**item, "modified": moment.replace("2021", "2022")} for item in items[:100]), tlp="amber" if granted else "green")
    add_standing(body.world, Standing(party="IR", body="sco", standing="member", since=body.clock()), by="test")
    counts = {limit: statements(body, ir, limit=limit, versions=("all",)) for limit in (10, 100, 1_000)}
    assert max(counts.values()) - min(counts.values()) <= 1, counts
    assert max(counts.values()) < 20
    body.world.store.close()
