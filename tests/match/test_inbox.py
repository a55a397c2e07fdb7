"""The inbox: what is given, to whom, in which order, and that it is on record."""

from __future__ import annotations

from datetime import timedelta

import pytest

from comity.admin.constituency import add
from comity.clock import from_micros
from comity.intake.withdraw import withdraw
from comity.ledger.journal import read_entry
from comity.match.inbox import everything, read
from comity.terms.constituency import addition
from tests.consortium import Body, indicator
from tests.match.constituents import BANK, about, banking, reads


@pytest.fixture
def body() -> Body:
    return banking()


def listed(body: Body, party: str = "KZ", **more) -> list[tuple[str, str]]:
    return [(each.item.owner, each.item.id) for each in everything(body.desk, reads(party), **more)]


def disclosures(body: Body):
    return [entry for leaf in body.world.store.leaves() if (entry := read_entry(leaf.entry)).kind == "disclose"]


def test_the_newest_is_first_and_each_owner_is_told_of_its_own(body):
    uz = body.member("UZ")
    uz.submits(first := about("192.0.2.1"), second := about("192.0.2.200"))
    uz.submits(both := indicator(pattern="[ipv4-addr:value IN ('192.0.2.3', '192.0.2.201')]"))
    assert listed(body) == [("Bank", both["id"]), ("Branch", both["id"]), ("Branch", second["id"]), ("Bank", first["id"])]
    assert listed(body, owner="Branch") == [("Branch", both["id"]), ("Branch", second["id"])]
    assert listed(body, owner="Nobody") == []
    part = read(body.desk, reads("KZ")).told
    bank, branch = part[0].item, part[1].item
    assert [(t.value, t.holding, t.why, t.also) for t in bank.touches] == [
        ("192.0.2.3", "192.0.2.0/24", "the address is in 192.0.2.0/24", ())
    ]
    assert [(t.value, t.also) for t in branch.touches] == [("192.0.2.201", ("Bank",))]
    assert (bank.origin, bank.tlp, bank.type) == ("UZ", "amber", "indicator")


def test_what_is_given_is_on_record_and_nothing_else(body):
    uz = body.member("UZ")
    uz.submits(*(about(f"198.51.100.{n}") for n in range(20)), about("192.0.2.1"))
    list(everything(body.desk, reads("KZ")))
    (entry,) = disclosures(body)
    assert (entry.party, entry.count) == ("KZ", 1)


def test_parts_follow_each_other_and_end(body):
    uz = body.member("UZ")
    sent = [about("192.0.2.1") for _ in range(5)]
    uz.submits(*sent)
    found, after = [], ""
    while after is not None:
        part = read(body.desk, reads("KZ"), after=after, limit=2)
        assert len(part.told) <= 2
        found += [each.item.id for each in part.told]
        after = part.next
    assert found == [each["id"] for each in sent[::-1]]
    assert [entry.count for entry in disclosures(body)] == [2, 2, 1]


def test_since_goes_by_when_it_came_into_view(body):
    uz = body.member("UZ")
    uz.submits(about("192.0.2.1"))
    body.clock.at += timedelta(days=8)
    uz.submits(late := about("192.0.2.1"))
    week = body.clock() - timedelta(days=7)
    assert listed(body, since=week) == [("Bank", late["id"])]
    (told,) = read(body.desk, reads("KZ"), since=week).told
    assert told.item.added == from_micros(body.world.store.last_added())
    assert len(listed(body)) == 2


def test_what_was_withdrawn_or_says_something_else_now_is_gone(body):
    uz = body.member("UZ")
    uz.submits(first := about("192.0.2.1"), second := about("192.0.2.2"))
    assert len(listed(body)) == 2
    withdraw(body.world, "UZ", first["id"])
    uz.submits(about("198.51.100.1", id=second["id"], modified="2021-10-02T00:00:00.000Z"))
    assert listed(body) == []


def test_a_claim_of_each_origin_goes_by_the_rights_of_the_moment(body):
    add(body.world, [addition("IR", "Bank", [BANK])])
    uz = body.member("UZ")
    uz.submits(amber := about("192.0.2.1"), tlp="amber"), uz.submits(green := about("192.0.2.1"), tlp="green")
    assert listed(body, "IR") == [("Bank", green["id"])]
    assert [id_ for _, id_ in listed(body)] == [green["id"], amber["id"]]


def test_hidden_and_absent_are_the_same_to_the_inbox():
    worlds = []
    for hidden in (True, False):
        body = banking()
        uz = body.member("UZ")
        uz.submits(about("192.0.2.1", id="indicator--00000000-0000-4000-8000-000000000001"))
        if hidden:
            uz.submits(about("192.0.2.1"), tlp="red", to=("UZ",))
        found = read(body.desk, reads("KZ"))
        worlds.append(([(each.item.id, each.item.touches) for each in found.told], found.next))
    assert worlds[0] == worlds[1]


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("[domain-name:value = 'bank.example']", "the name is bank.example"),
        ("[domain-name:value = 'www.bank.example']", "the name is below bank.example"),
        ("[url:value = 'https://www.bank.example/x']", "the URL's host is bank.example or below it"),
        ("[url:value = 'https://192.0.2.1/x']", "the URL's host is in 192.0.2.0/24"),
        ("[email-addr:value = 'office@bank.example']", "its mail domain is bank.example"),
        ("[email-addr:value = 'office@m.bank.example']", "its mail domain is below bank.example"),
        ("[ipv4-addr:value ISSUBSET '192.0.2.0/26']", "the network overlaps 192.0.2.0/24"),
        ("[ipv4-addr:value ISSUBSET '192.0.2.0/24']", "the network is 192.0.2.0/24"),
        ("[autonomous-system:number = 64496]", "it is AS64496"),
    ],
)
def test_why_it_is_there_is_said(body, pattern, why):
    body.member("UZ").submits(indicator(pattern=pattern))
    (told,) = [each for each in read(body.desk, reads("KZ")).told if each.item.owner == "Bank"]
    assert [touch.why for touch in told.item.touches] == [why]
