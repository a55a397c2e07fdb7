"""Notices: each owner's own part, once; what was begun comes again under the same reference; what may not leave stays."""

from __future__ import annotations

import pytest

from comity.admin.constituency import constituents, record_digest
from comity.admin.fsck import fsck
from comity.intake.withdraw import withdraw
from comity.ledger.journal import read_entry
from comity.match.notices import Due, begin, finish, gather, notice
from comity.terms.tlp import LEVELS
from tests.consortium import Body, indicator
from tests.match.constituents import about, banking


@pytest.fixture
def body() -> Body:
    return banking(mail="abuse@bank.example")


def due(body: Body, **more) -> dict[str, Due]:
    return {each.owner.owner: each for each in gather(body.desk, "KZ", "sco", **more).due}


def items(one: Due) -> list[str]:
    return [told.item.id for told in one.told]


def tell(body: Body, one: Due) -> None:
    assert begin(body.desk, one, "sco", ["mail"])
    finish(body.desk, one, "sco")


def test_each_owner_is_told_of_its_own_alone(body):
    body.member("UZ").submits(first := about("192.0.2.1"), second := about("192.0.2.200"))
    body.member("UZ").submits(both := indicator(pattern="[ipv4-addr:value IN ('192.0.2.3', '192.0.2.201')]", indicator_types=["phishing"]))
    found = due(body)
    assert items(found["Bank"]) == [both["id"], first["id"]]
    assert items(found["Branch"]) == [both["id"], second["id"]]
    read = notice(body.desk, found["Bank"], "sco", "cert@kz.example")
    assert (read.owner, read.to, read.party, read.level) == ("Bank", "abuse@bank.example", "KZ", "amber")
    assert [[value.value for value in report.values] for report in read.reports] == [["192.0.2.3"], ["192.0.2.1"]]
    assert [report.threat for report in read.reports] == [("phishing",), ()]
    assert "192.0.2.20" not in repr(read) and "Branch" not in repr(read) and "UZ" not in repr(read)


@pytest.mark.parametrize("level", LEVELS)
def test_tlp_decides_what_clients_are_told(body, level):
    # RED and AMBER+STRICT are beyond what the agreement gives to members; what is the party's own it sees itself.
    body.member("KZ").submits(about("192.0.2.1"), tlp=level, to=("UZ",) if level == "red" else None)
    found = gather(body.desk, "KZ", "sco")
    if level in ("clear", "green", "amber"):
        assert len(found.due) == 1 and found.passed == {}
    else:
        assert found.due == ()
        ((why, count),) = found.passed.items()
        assert level.upper() in why and count == 1


def test_others_h2_stays(body):
    body.member("UZ").submits(about("192.0.2.1"), tlp="green", handling=("H2",))
    found = gather(body.desk, "KZ", "sco")
    assert found.due == ()
    assert found.passed == {"H2: no onward dissemination": 1}


def test_what_was_told_is_not_new_and_a_new_version_is(body):
    uz = body.member("UZ")
    uz.submits(first := about("192.0.2.1"))
    tell(body, due(body, new=True)["Bank"])
    assert due(body, new=True) == {}
    assert items(due(body)["Bank"]) == [first["id"]]
    uz.submits(second := about("192.0.2.2"))
    assert items(due(body, new=True)["Bank"]) == [second["id"]]
    uz.submits(about("192.0.2.1", id=first["id"], modified="2021-10-02T00:00:00.000Z"))
    assert items(due(body, new=True)["Bank"]) == [first["id"], second["id"]]


def test_each_notice_is_in_the_log_by_the_digest_of_its_owner(body):
    body.member("UZ").submits(about("192.0.2.1"))
    one = due(body)["Bank"]
    tell(body, one)
    (entry,) = [entry for leaf in body.world.store.leaves() if (entry := read_entry(leaf.entry)).kind == "notify"]
    (bank,) = [each for each in constituents(body.world) if each.owner == "Bank"]
    assert (entry.party, entry.count) == ("KZ", 1)
    assert entry.detail == {"owner": record_digest(bank), "notice": one.reference, "ways": ["mail"]}
    assert list(fsck(body.world)) == []


def test_one_that_was_cut_off_comes_again_as_the_same_and_what_came_since_is_another(body):
    uz = body.member("UZ")
    uz.submits(first := about("192.0.2.1"))
    one = due(body, new=True)["Bank"]
    assert begin(body.desk, one, "sco", ["mail"])
    uz.submits(second := about("192.0.2.2"))
    again, other = gather(body.desk, "KZ", "sco", new=True).due
    assert (again.reference, items(again)) == (one.reference, [first["id"]])
    assert items(other) == [second["id"]] and other.reference != one.reference
    tell(body, again), tell(body, other)
    assert due(body, new=True) == {}


def test_one_that_was_begun_and_withdrawn_is_not_told_and_not_begun_for_ever(body):
    uz = body.member("UZ")
    uz.submits(first := about("192.0.2.1"))
    one = due(body, new=True)["Bank"]
    withdraw(body.world, "UZ", first["id"])
    assert not begin(body.desk, one, "sco", ["mail"])
    assert due(body, new=True) == {}


def test_the_reference_is_the_same_for_the_same(body):
    body.member("UZ").submits(about("192.0.2.1"), about("192.0.2.2"))
    assert due(body)["Bank"].reference == due(body)["Bank"].reference
