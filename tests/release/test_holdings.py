"""What a node's own people and tools may use of what it holds."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from comity.errors import NotFound
from comity.intake.govern import add_agreement, add_standing
from comity.intake.submit import Submitter, submit
from comity.ledger.journal import read_entry
from comity.release import holdings
from comity.release.holdings import Outlet, claimants, every, get, others_named, own_items, own_named, own_reader, search
from comity.terms.item import PURPOSES
from comity.terms.party import Standing
from tests.consortium import MEMBERS, START, Body, drafts, indicator, relationship, sdo


@pytest.fixture(params=["memory", "sqlite"])
def body(request, tmp_path):
    """KZ's own node, linked to the centre."""
    body = Body(agreement=None, store="memory:" if request.param == "memory" else f"sqlite:{tmp_path / 'store.db'}")
    object.__setattr__(body.world, "settings", msgspec.structs.replace(body.world.settings, party="KZ", name="KZ-sco"))
    body.member("KZ")
    yield body
    body.world.store.close()


def adds(body: Body, *objects: dict, **options) -> None:
    """KZ's people add."""
    found = list(submit(body.world, drafts(objects), Submitter(**{"party": "KZ", **options})))
    assert all(outcome.outcome == "accepted" for outcome in found)


def pulls(body: Body, *objects: dict, party: str = "UZ", **options) -> None:
    """KZ's node pulls what UZ disclosed to it over the centre."""
    adds(body, *objects, party=party, received_from="SCO-CENTRE", **options)


def domain(name: str, **properties) -> dict:
    return indicator(pattern=f"[domain-name:value = '{name}']", **properties)


def test_the_nodes_own_reader(body):
    assert (own_reader(body.desk).party, own_reader(body.desk).body, own_reader(body.desk).purposes) == ("KZ", "sco", PURPOSES)
    assert own_reader(body.desk, ("training",)).purposes == ("training",)


def test_everything_in_order_with_its_bytes_over_many_pages(body, monkeypatch):
    monkeypatch.setattr(holdings, "_PAGE", 3)
    items = [indicator() for _ in range(8)]
    adds(body, *items[:4])
    pulls(body, *items[4:])
    found = list(every(body.desk, own_reader(body.desk)))
    assert [row.id for _, row, _ in found] == [item["id"] for item in items]
    assert [msgspec.json.decode(raw) for _, _, raw in found] == items
    stamps = [at for at, _, _ in found]
    assert stamps == sorted(set(stamps))


def test_everything_of_some_types(body):
    one, other = indicator(), sdo("malware")
    adds(body, one, other)
    assert [row.id for _, row, _ in every(body.desk, own_reader(body.desk), frozenset({"malware"}))] == [other["id"]]


def test_what_is_not_for_the_node_is_not_among_it(body):
    """An item put there by another party, not received for the node: no clause, no reading."""
    list(submit(body.world, drafts([indicator()]), Submitter(party="UZ")))
    assert list(every(body.desk, own_reader(body.desk))) == []


def test_reading_ones_own_is_no_disclosure(body):
    adds(body, indicator())
    pulls(body, indicator())
    size = body.world.store.head().size
    list(every(body.desk, own_reader(body.desk)))
    assert body.world.store.head().size == size
    body.desk.flush()
    entry = read_entry(list(body.world.store.leaves())[-1].entry)
    assert (entry.kind, entry.detail) == ("access", {"reads": {"KZ": 2}})


# One object


def test_get(body):
    item = indicator(name="first")
    later = {**item, "modified": "2021-10-05T00:00:00.000Z", "name": "second"}
    adds(body, item, later)
    assert msgspec.json.decode(get(body.desk, item["id"])[1]) == later
    assert msgspec.json.decode(get(body.desk, item["id"], item["modified"])[1]) == item
    assert msgspec.json.decode(get(body.desk, item["id"], "first")[1]) == item
    assert get(body.desk, item["id"])[0].version == later["modified"]


def test_hidden_and_absent_are_the_same(body):
    hidden = indicator()
    list(submit(body.world, drafts([hidden]), Submitter(party="UZ")))
    said = []
    for id_ in (hidden["id"], "indicator--99999999-9999-4999-8999-999999999999"):
        with pytest.raises(NotFound) as fault:
            get(body.desk, id_)
        said.append(str(fault.value).replace(id_, "ID"))
    assert said[0] == said[1]


@pytest.mark.parametrize("version", ["2020-01-01T00:00:00Z", "nonsense"])
def test_a_version_that_is_not_there(body, version):
    item = indicator()
    adds(body, item)
    with pytest.raises(NotFound):
        get(body.desk, item["id"], version)


# Search


@pytest.mark.parametrize("text", ["bad.example", "BAD.example.", "bad[.]example", "  bad.example  "])
def test_search_by_value_however_it_is_written(body, text):
    item, other = domain("bad.example"), domain("worse.example")
    seen = {"type": "domain-name", "spec_version": "2.1", "id": "domain-name--ecb120bf-2694-4902-a737-62b74539a41b", "value": "bad.example"}
    adds(body, item, other)
    pulls(body, seen)
    assert {row.id for row, _ in search(body.desk, text)} == {item["id"], seen["id"]}


def test_search_by_id(body):
    item = indicator()
    adds(body, item)
    ((row, raw),) = search(body.desk, f" {item['id']} ")
    assert (row.id, msgspec.json.decode(raw)) == (item["id"], item)


@pytest.mark.parametrize(
    "text", ["", "   ", "nothing.example", "just words", "indicator--99999999-9999-4999-8999-999999999999", "--", "%", "*"]
)
def test_search_finds_nothing(body, text):
    adds(body, domain("bad.example"))
    assert search(body.desk, text) == []


def test_search_does_not_find_what_the_node_may_not_see(body):
    hidden = domain("bad.example")
    list(submit(body.world, drafts([hidden]), Submitter(party="UZ")))
    assert search(body.desk, "bad.example") == []
    assert search(body.desk, hidden["id"]) == []


# Links


def test_own_items_are_those_the_node_made_in_every_version(body):
    item = indicator()
    later = {**item, "modified": "2021-10-05T00:00:00.000Z"}
    adds(body, item, later, tlp="green", to=("UZ",))
    pulls(body, indicator())
    found = own_items(body.desk, 0, 10)
    assert [(row.id, row.version) for _, row, _, _ in found] == [(item["id"], item["modified"]), (item["id"], later["modified"])]
    assert [msgspec.json.decode(raw) for _, _, raw, _ in found] == [item, later]
    assert {(envelope.origin, envelope.tlp, envelope.to) for _, _, _, envelope in found} == {("KZ", "green", ("UZ",))}


def test_own_items_and_those_of_others_are_found_by_name(body, monkeypatch):
    monkeypatch.setattr(holdings, "_PAGE", 2)
    items = [indicator() for _ in range(5)]
    later = {**items[0], "modified": "2021-10-05T00:00:00.000Z"}
    adds(body, *items, later)
    pulls(body, items[0], indicator())
    named = [item["id"] for item in items]
    assert [(row.id, envelope.origin) for _, row, _, envelope in own_named(body.desk, named)] == [(id_, "KZ") for id_ in [*named, named[0]]]
    assert [(row.id, row.origin) for row, _ in others_named(body.desk, named)] == [(named[0], "UZ")]
    assert own_named(body.desk, []) == others_named(body.desk, []) == []


def test_own_items_go_on_after_a_stamp(body):
    items = [indicator() for _ in range(5)]
    adds(body, *items)
    first = own_items(body.desk, 0, 2)
    rest = own_items(body.desk, first[-1][0], 10)
    assert [row.id for _, row, _, _ in first + rest] == [item["id"] for item in items]
    assert own_items(body.desk, rest[-1][0], 10) == []


def test_registers_are_not_sent(body):
    assert own_items(body.desk, 0, 100) == []


def test_without_an_agreement_nothing_may_be_sent(body):
    """G1."""
    item = indicator()
    adds(body, item, tlp="clear")
    (row,) = body.world.store.by_id([item["id"]])
    for party in ("UZ", "SCO-CENTRE"):
        assert Outlet(body.desk, party, ("network-defence",)).grounds(row) == ()


def test_to_the_custodian_of_an_agreement_everything_may_be_sent(body):
    add_agreement(body.world, MEMBERS, "a.toml", by="test")
    item = indicator()
    adds(body, item, tlp="red")
    (row,) = body.world.store.by_id([item["id"]])
    grounds = Outlet(body.desk, "SCO-CENTRE", ("network-defence",)).grounds(row)
    assert grounds
    assert all(ground.startswith("test") for ground in grounds)


def test_to_a_member_what_a_clause_permits_it(body):
    add_agreement(body.world, MEMBERS, "a.toml", by="test")
    add_standing(body.world, Standing(party="UZ", body="sco", standing="member", since=START - timedelta(days=9)), by="test")
    amber, red = indicator(), indicator()
    adds(body, amber, tlp="amber")
    adds(body, red, tlp="red")
    rows = [body.world.store.by_id([item["id"]])[0] for item in (amber, red)]
    outlet = Outlet(body.desk, "UZ", ("network-defence",))
    assert [outlet.grounds(row) for row in rows] == [("test@1/members",), ()]
    assert [Outlet(body.desk, "UZ", ("training",)).grounds(row) for row in rows] == [(), ()]
    assert [Outlet(body.desk, "TJ", ("network-defence",)).grounds(row) for row in rows] == [(), ()]


def test_what_names_something_hidden_is_not_sent(body):
    add_agreement(body.world, MEMBERS, "a.toml", by="test")
    add_standing(body.world, Standing(party="UZ", body="sco", standing="member", since=START - timedelta(days=9)), by="test")
    amber, red = indicator(), sdo("malware")
    link = relationship(amber["id"], red["id"])
    adds(body, amber, link, tlp="amber")
    adds(body, red, tlp="red")
    (row,) = body.world.store.by_id([link["id"]])
    assert Outlet(body.desk, "UZ", ("network-defence",)).grounds(row) == ()


def test_known_are_values_of_what_the_reader_sees(body):
    adds(
        body,
        indicator(pattern="[domain-name:value = 'one.example']"),
        indicator(pattern="[domain-name:value = 'hidden.example']"),
        party="TJ",
        to=("KZ",),
    )
    item = indicator(pattern="[domain-name:value = 'one.example' OR domain-name:value = 'two.example']")
    adds(body, item)
    values = [("domain", f"{name}.example") for name in ("one", "two", "three")]
    found = holdings.known(body.desk, own_reader(body.desk), values)
    assert list(found) == values
    assert (item["id"] in found[values[0]], found[values[1]], found[values[2]]) == (True, [item["id"]], [])


def test_known_goes_over_pages_and_many_values(body, monkeypatch):
    monkeypatch.setattr(holdings, "_PAGE", 3)
    objects = [indicator(pattern=f"[domain-name:value = 'host{n % 5}.example']") for n in range(20)]
    adds(body, *objects)
    found = holdings.known(body.desk, own_reader(body.desk), [("domain", f"host{n}.example") for n in range(8)])
    assert [len(found["domain", f"host{n}.example"]) for n in range(8)] == [4] * 5 + [0] * 3


@pytest.mark.parametrize("text", ["someone@bad.example", "someone[at]bad.example", "no value", ""])
def test_what_is_not_looked_up_for_anybody(text):
    """G6: mail addresses lead to people."""
    assert holdings.open_to_search(text) is None


def test_what_is_looked_up():
    assert holdings.open_to_search("BAD[.]example") == ("domain", "bad.example")


def test_how_many_own_items_came_since():
    body = Body(party="KZ")
    kz, uz = body.member("KZ"), body.member("UZ")
    before = holdings.own_since(body.desk, 0, 100)
    kz.submits(indicator(), indicator(), indicator())
    uz.submits(indicator())
    assert [holdings.own_since(body.desk, 0, most) - before for most in (100, before + 2)] == [3, 2]
    assert holdings.own_since(body.desk, body.world.store.last_added(), 100) == 0


def test_nobodys_newer_version_stands_for_anothers():
    body = Body()
    kz, uz = body.member("KZ"), body.member("UZ")
    obj = indicator(name="true")
    kz.submits(obj)
    uz.submits({**obj, "modified": "2031-01-01T00:00:00.000Z", "name": "false", "revoked": True})
    reader = body.member("TJ").reader
    row, raw = get(body.desk, obj["id"], purposes=reader.purposes, reader=reader)
    assert row.origin == "KZ" and b"true" in raw and claimants(body.desk, reader, obj["id"]) == ["KZ", "UZ"]
    assert get(body.desk, obj["id"], purposes=reader.purposes, reader=uz.reader)[0].origin == "UZ"
