"""What a client that polls meets where something was taken back."""

from __future__ import annotations

import json

import pytest

from comity.intake.telling import tell
from comity.intake.withdraw import withdraw
from comity.ledger.journal import read_entry
from comity.release.select import Query
from comity.release.tombstones import Met, joined
from comity.store import tombstones
from tests.consortium import Body, Member, indicator, sdo


@pytest.fixture
def body() -> Body:
    return Body()


@pytest.fixture
def kz(body: Body) -> Member:
    return body.member("KZ")


@pytest.fixture
def uz(body: Body) -> Member:
    return body.member("UZ")


def reads(member: Member, **query) -> tuple[list[dict], bool]:
    """The next page that a client gets, whose cursor moves on."""
    asked = Query(after=member.cursor, **query)
    page = member.body.desk.page(member.reader, asked)
    stamps, found, more = joined(member.body.desk, member.reader, asked, page, page.bodies, lambda met: met.body)
    assert stamps == sorted(stamps)
    member.cursor = stamps[-1] if stamps else member.cursor
    return [json.loads(raw) for raw in found], more


def taken_back(body: Body, *items: dict, party: str = "KZ") -> None:
    for item in items:
        assert withdraw(body.world, party, item["id"], reason="wrong host", cause="recalled")
    tell(body.world)


def test_the_object_comes_again_as_revoked_and_the_party_counts_as_told(body, kz, uz):
    item = indicator()
    kz.submits(item)
    assert [each["id"] for each in reads(uz)[0]] == [item["id"]]
    taken_back(body, item)
    name = next(tombstones.after(body.world.store, "UZ", 0))[1].recalls[0]
    assert tombstones.told(body.world.store, "UZ", name) is None
    ((last,), more) = reads(uz)
    assert (last["id"], last["revoked"], more) == (item["id"], True, False)
    assert tombstones.told(body.world.store, "UZ", name) is not None
    entries = [read_entry(leaf.entry) for leaf in body.world.store.leaves()]
    assert [(each.party, each.count) for each in entries if each.kind == "tell"] == [("UZ", 1)]
    assert reads(uz) == ([], False)


def test_who_did_not_receive_it_meets_nothing(body, kz, uz):
    item = indicator()
    kz.submits(item)
    taken_back(body, item)
    assert reads(uz) == ([], False)


def test_a_note_says_it_where_anothers_copy_is_still_seen_and_for_what_has_no_versions(body, kz, uz):
    tj = body.member("TJ")
    item, host = indicator(), sdo("domain-name", value="bad.example.com")
    kz.submits(item, {key: host[key] for key in ("type", "spec_version", "id", "value")})
    tj.submits({**item, "modified": "2021-10-05T00:00:00.000Z"})
    reads(uz)
    taken_back(body, item, host)
    found, _ = reads(uz)
    assert [(each["type"], each["object_refs"]) for each in found] == [("note", [item["id"]]), ("note", [host["id"]])]


def test_nothing_is_said_of_what_is_there_again(body, kz, uz):
    item = indicator()
    kz.submits(item)
    reads(uz)
    taken_back(body, item)
    kz.submits(item)
    assert [each.get("revoked") for each in reads(uz)[0]] == [None]


def test_pages_hold_no_more_than_asked_for_and_lose_none(body, kz, uz):
    items = [indicator() for _ in range(7)]
    kz.submits(*items)
    reads(uz)
    taken_back(body, *items[:5])
    kz.submits(*(fresh := [indicator() for _ in range(3)]))
    met: list[str] = []
    for _ in range(20):
        found, more = reads(uz, limit=2)
        assert len(found) <= 2
        met += [each["id"] for each in found]
        if not more:
            break
    assert met == [item["id"] for item in [*items[:5], *fresh]]


@pytest.mark.parametrize(
    ("query", "met"),
    [({"types": frozenset({"malware"})}, 0), ({"types": frozenset({"indicator"})}, 1), ({"versions": ("first",)}, 0), ({"versions": ("all",)}, 1),
     ({"spec_versions": frozenset({"2.0"})}, 0)],
)  # fmt: skip
def test_filters_hold_for_them_too(body, kz, uz, query, met):
    item = indicator()
    kz.submits(item)
    reads(uz)
    taken_back(body, item)
    assert len(reads(uz, **query)[0]) == met


def test_by_name_nothing_is_found(body, kz, uz):
    item = indicator()
    kz.submits(item)
    reads(uz)
    taken_back(body, item)
    asked = Query(ids=(item["id"],))
    page = body.desk.page(uz.reader, asked)
    told: list[Met] = []
    assert joined(body.desk, uz.reader, asked, page, [], told.append)[1] == [] and told == []
