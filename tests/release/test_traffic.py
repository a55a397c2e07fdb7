"""How much went in and out, by the log."""

from __future__ import annotations

from datetime import timedelta

from comity.ledger.erasure import erase_entry
from comity.release import traffic
from comity.release.traffic import Traffic, seen_by
from tests.consortium import START, Body, indicator

MONTH = timedelta(days=30)


def story() -> Body:
    body = Body()
    kz, uz, ir = body.member("KZ"), body.member("UZ"), body.observer("IR")
    kz.submits(indicator(), indicator(), tlp="green")
    uz.reads()
    ir.reads()
    body.clock.at += timedelta(days=10)
    kz.submits(indicator(), tlp="amber")
    uz.reads()
    ir.reads()
    return body


def told(counted):
    return {(each.party, each.way): each.items for each in counted.flows}


def test_it_says_what_came_in_and_what_went_out_by_which_clause():
    body = story()
    found = Traffic().since(body.desk, body.clock.at - MONTH)
    assert told(found)["KZ", "in"] == 3
    assert told(found)["UZ", "out"] >= 3
    assert told(found)["IR", "out"] >= 2
    assert found.whole and found.back is None
    (out,) = [each for each in found.flows if (each.party, each.way) == ("UZ", "out")]
    assert list(out.clauses) == ["test@1/members"]


def test_it_counts_whole_days_from_a_moment_on():
    body = story()
    flows = Traffic()
    assert told(flows.since(body.desk, body.clock.at - timedelta(days=1)))["KZ", "in"] == 1
    assert told(flows.since(body.desk, START))["KZ", "in"] == 3


def test_a_partys_own_flows_do_not_depend_on_those_of_others():
    body, quiet = story(), Body()
    quiet.member("KZ")
    kz = quiet.member("UZ")
    found = Traffic().since(body.desk, START, "UZ")
    assert {each.party for each in found.flows} == {"UZ"}
    assert Traffic().since(quiet.desk, START, "UZ").flows == ()
    assert kz.reads() == []


def test_the_log_is_read_so_much_at_a_time_and_what_is_new_is_added(monkeypatch):
    monkeypatch.setattr(traffic, "LEAVES", 2)
    body, flows = story(), Traffic()
    looks = [flows.since(body.desk, START - MONTH)]
    while not looks[-1].whole:
        looks.append(flows.since(body.desk, START - MONTH))
        assert len(looks) < 100
    assert len(looks) > 2
    assert looks[0].back is not None
    monkeypatch.setattr(traffic, "LEAVES", 1_000)
    assert told(looks[-1]) == told(Traffic().since(body.desk, START - MONTH))
    body.member("KZ").submits(indicator())
    assert told(flows.since(body.desk, START - MONTH))["KZ", "in"] == 4


def test_an_erased_entry_is_passed_over():
    body = story()
    leaves = body.world.store._leaves
    index = next(leaf.index for leaf in leaves if b'"accept"' in leaf.entry)
    leaves[index] = erase_entry(leaves[index])
    assert told(Traffic().since(body.desk, START))["KZ", "in"] == 1


def test_who_sees_whose():
    desk = Body().desk
    assert seen_by(desk, "SCO-CENTRE") is None
    assert seen_by(desk, "KZ") == "KZ"
