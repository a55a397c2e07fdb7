"""Constituencies as they are kept: one record an owner, the log vouching for each, and nobody's but those a node may keep."""

from __future__ import annotations

import pytest

from comity.admin.constituency import CHANGED, add, check_may, constituents, may, record_digest, remove
from comity.admin.fsck import fsck
from comity.errors import Denied, NotFound, SenderFault
from comity.ledger.journal import read_entry
from comity.terms.constituency import Contact, Holding, addition
from tests.consortium import Body


@pytest.fixture
def body() -> Body:
    made = Body()
    made.member("KZ")
    return made


def entries(body: Body):
    return [entry for leaf in body.world.store.leaves() if (entry := read_entry(leaf.entry)).kind == "constituency"]


BLOCK, NAME = ("netblock", "192.0.2.0/24"), ("domain", "example.com")


def test_an_owner_is_one_record_and_the_log_has_its_digest_and_not_its_name(body):
    assert add(body.world, [addition("KZ", "Bank", [BLOCK]), addition("KZ", "Bank", [NAME], Contact(mail="a@example.com"))], by="me") == 1
    (kept,) = constituents(body.world, "kz")
    assert kept.holdings == (Holding("domain", "example.com"), Holding("netblock", "192.0.2.0/24"))
    assert kept.contact == Contact(mail="a@example.com")
    (entry,) = entries(body)
    assert (entry.party, entry.actor) == ("KZ", "me")
    assert entry.detail == {"constituency": kept.id, "record": record_digest(kept)}
    assert list(fsck(body.world)) == []


def test_what_is_added_again_changes_nothing_and_a_contact_changes_where_it_is_said(body):
    add(body.world, [addition("KZ", "Bank", [BLOCK], Contact(mail="a@example.com", webhook="https://a.example/"))])
    before = body.world.store.counter(CHANGED), len(entries(body))
    assert add(body.world, [addition("KZ", "Bank", [BLOCK])]) == 0
    assert (body.world.store.counter(CHANGED), len(entries(body))) == before
    assert add(body.world, [addition("KZ", "Bank", [], Contact(mail="b@example.com"))]) == 1
    (kept,) = constituents(body.world)
    assert kept.contact == Contact(mail="b@example.com", webhook="https://a.example/")
    assert body.world.store.counter(CHANGED) == before[0] + 1


def test_removing_takes_holdings_owners_and_nobody_elses(body):
    both = [BLOCK, NAME]
    add(body.world, [addition("KZ", "A", both), addition("KZ", "B", both), addition("UZ", "A", both)])
    assert remove(body.world, "KZ", None, [Holding(*NAME)]) == 2
    assert remove(body.world, "KZ", "A", [Holding(*BLOCK)]) == 1
    assert remove(body.world, "KZ", "B", []) == 1
    assert [(each.party, each.owner, len(each.holdings)) for each in constituents(body.world)] == [("UZ", "A", 2)]
    with pytest.raises(NotFound):
        remove(body.world, "KZ", "B", [])
    assert list(fsck(body.world)) == []


def test_a_record_that_was_changed_behind_the_log_is_found(body):
    add(body.world, [addition("KZ", "A", [BLOCK])])
    (kept,) = constituents(body.world)
    with body.world.store.write() as tx:
        tx.put_private("constituency", kept.id, b'{"id":"x"}')
    assert [problem for problem in fsck(body.world) if "constituency" in problem]


def test_all_of_an_addition_or_nothing(body):
    with pytest.raises(SenderFault):
        add(body.world, [addition("KZ", "A", [BLOCK]), addition("KZ", "A", [("asn", "0")])])
    assert constituents(body.world) == [] == entries(body)


def test_a_centre_keeps_them_for_all_and_a_member_for_itself(body):
    assert may(body.world, "KZ")
    member = Body(party="KZ")
    assert may(member.world, "KZ")
    assert not may(member.world, "UZ")
    with pytest.raises(Denied):
        check_may(member.world, "UZ")
