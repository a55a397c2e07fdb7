"""Routing: what came is looked at once; again after the constituency changed; late grants late; hidden things never."""

from __future__ import annotations

import msgspec
import pytest

from comity.admin.constituency import add, remove
from comity.admin.fsck import fsck
from comity.intake.govern import add_standing
from comity.match import routed
from comity.match.routed import noted, number, route, route_all
from comity.release.routing import router
from comity.terms.constituency import addition
from comity.terms.party import Standing
from tests.consortium import Body
from tests.match.constituents import BANK, about, banking


@pytest.fixture
def body() -> Body:
    return banking()


def found(body: Body, party: str = "KZ") -> dict[str, tuple[str, ...]]:
    return {id_: each.owners for id_, each in noted(body.desk, party, "sco")}


def member(body: Body, code: str):
    return body.member(code)


def test_what_touches_is_noted_with_its_owners_and_nothing_else(body):
    uz = member(body, "UZ")
    uz.submits(in_bank := about("192.0.2.1"), in_branch := about("192.0.2.129"), about("198.51.100.1"), named := about("www.bank.example"))
    assert route(body.desk, "KZ", "sco") == 3
    assert set(found(body)) == {in_bank["id"], in_branch["id"], named["id"]}
    owners = found(body)
    assert owners[in_bank["id"]] == owners[named["id"]] != owners[in_branch["id"]]
    assert route(body.desk, "UZ", "sco") == 0 == len(found(body, "UZ"))
    assert list(fsck(body.world)) == []


def test_only_what_is_new_is_looked_at(body, monkeypatch):
    uz, looked = member(body, "UZ"), []
    real = routed.met

    def counting(*args):
        page = real(*args)
        looked.extend(page.found)
        return page

    monkeypatch.setattr(routed, "met", counting)
    uz.submits(*(about("192.0.2.1") for _ in range(30)))
    assert route(body.desk, "KZ", "sco") == 30 == len(looked)
    assert route(body.desk, "KZ", "sco") == 0
    uz.submits(about("192.0.2.2"))
    assert route(body.desk, "KZ", "sco") == 1
    assert len(looked) == 31


def test_everything_is_looked_at_again_after_a_change(body):
    uz = member(body, "UZ")
    uz.submits(outside := about("198.51.100.1"), inside := about("192.0.2.1"))
    route(body.desk, "KZ", "sco")
    add(body.world, [addition("KZ", "Shop", [("netblock", "198.51.100.0/24")])])
    assert route(body.desk, "KZ", "sco") == 2
    assert set(found(body)) == {outside["id"], inside["id"]}
    remove(body.world, "KZ", "Bank", [])
    route(body.desk, "KZ", "sco")
    assert set(found(body)) == {outside["id"]}
    remove(body.world, "KZ", None, [])
    assert route(body.desk, "KZ", "sco") == 0 == len(found(body))
    add(body.world, [addition("KZ", "Bank", [BANK])])
    route(body.desk, "KZ", "sco")
    assert set(found(body)) == {inside["id"]}


def test_somebody_elses_change_changes_nothing(body):
    member(body, "UZ").submits(about("192.0.2.1"))
    route(body.desk, "KZ", "sco")
    add(body.world, [addition("UZ", "Shop", [BANK])])
    assert route(body.desk, "KZ", "sco") == 0
    route_all(body.desk)
    assert len(found(body)) == 1 == len(found(body, "UZ"))


def test_what_is_hidden_is_not_noted_until_it_is_granted_and_then_late(body):
    add(body.world, [addition("IR", "Bank", [BANK])])
    uz = member(body, "UZ")
    uz.submits(amber := about("192.0.2.1"), tlp="amber")
    uz.submits(green := about("192.0.2.2"), tlp="green")
    route(body.desk, "IR", "sco")
    assert set(found(body, "IR")) == {green["id"]}
    add_standing(body.world, Standing(party="IR", body="sco", standing="member", since=body.clock()), by="test")
    assert route(body.desk, "IR", "sco") == 1
    stamps = {id_: each.at for id_, each in noted(body.desk, "IR", "sco")}
    assert stamps[amber["id"]] > stamps[green["id"]]
    assert list(fsck(body.world)) == []


def test_an_address_goes_by_the_system_it_belongs_to(body):
    system = {
        "type": "autonomous-system",
        "spec_version": "2.1",
        "id": "autonomous-system--00000000-0000-5000-8000-000000000001",
        "number": 64496,
    }
    address = {
        "type": "ipv4-addr", "spec_version": "2.1", "id": "ipv4-addr--00000000-0000-5000-8000-000000000001", "value": "203.0.113.5",
        "belongs_to_refs": [system["id"]],
    }  # fmt: skip
    member(body, "UZ").submits(system, address)
    route(body.desk, "KZ", "sco")
    assert set(found(body)) == {system["id"], address["id"]}
    numbers: dict[str, str] = {}
    number(body.desk, router(body.desk, "KZ", "sco"), [address, address | {"belongs_to_refs": ["autonomous-system--x"]}], numbers)
    assert numbers == {system["id"]: "AS64496", "autonomous-system--x": ""}


def test_one_that_was_cut_off_goes_on_and_one_that_was_overtaken_too(body, monkeypatch):
    monkeypatch.setattr(routed, "_PAGE", 2), monkeypatch.setattr(routed, "_PAGES", 1)
    member(body, "UZ").submits(*(about("192.0.2.1") for _ in range(7)))
    real, calls = routed.met, []

    def failing(*args):
        calls.append(args)
        if len(calls) == 3:
            raise RuntimeError("cut off")
        if len(calls) == 5:  # another one looks at the same meanwhile
            route(body.desk, "KZ", "sco")
        return real(*args)

    monkeypatch.setattr(routed, "met", failing)
    with pytest.raises(RuntimeError):
        route(body.desk, "KZ", "sco")
    assert len(found(body)) == 4
    route(body.desk, "KZ", "sco")
    assert len(found(body)) == 7
    assert msgspec.json.decode(body.world.store.private("inbox-marks", "KZ|sco"))["after"] == body.world.store.last_added()
