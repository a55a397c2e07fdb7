"""Parts of an event that go to named parties, and the sharing groups that a server has for them."""

from __future__ import annotations

from typing import Any

from comity.forms.misp_reached import sharing_group
from comity.peer.misp_groups import Groups, parts_of
from comity.peer.misp_server import MispServer
from tests.peer.misp_standin import KEY, OTHER, OURS, THEIRS, URL, StandIn, attribute


def groups(there: StandIn) -> Groups:
    return Groups(MispServer(URL, KEY, transport=there.transport()), "KZ")


def to(*codes: str) -> dict[str, Any]:
    group = sharing_group(codes)
    return {"distribution": "4", "sharing_group_id": group["id"], "SharingGroup": group}


def test_the_largest_group_that_fits_is_taken_for_each_part() -> None:
    there = StandIn()
    there.group("1", OURS)
    there.group("2", OURS, THEIRS)
    there.group("3", OURS, THEIRS, OTHER)
    event = {**to("IN", "UZ"), "Attribute": [attribute(**to("UZ")), attribute()], "Object": [{"Attribute": [attribute(**to("IN"))]}]}
    assert groups(there).confine(event) == []
    assert [(each.get("distribution"), each.get("sharing_group_id")) for each in parts_of(event)] == [
        ("4", "3"),
        ("4", "2"),
        ("5", None),
        (None, None),
        ("4", "1"),
    ]
    assert all("SharingGroup" not in each for each in parts_of(event))


def test_without_one_a_part_goes_to_nobody_and_that_is_told() -> None:
    event = {**to("IN", "UZ"), "EventReport": [to("UZ")]}
    told = groups(StandIn()).confine(event)
    assert [each["distribution"] for each in parts_of(event)] == ["0", "0"]
    assert ["IN, UZ alone" in told[0], "UZ alone" in told[1]] == [True, True]


def test_a_server_is_not_asked_for_groups_that_nothing_needs() -> None:
    there = StandIn()
    found = groups(there)
    assert found.confine({"distribution": "1", "Attribute": [attribute()]}) == []
    assert not [path for _, path, _ in there.asked if "sharing" in path.lower()]


def test_our_own_organisation_is_known_by_its_uuid_whatever_its_name() -> None:
    there = StandIn()
    there.group("1", {**OURS, "name": "National CERT (formerly KZ)"}, THEIRS)
    event = to("UZ")
    assert groups(there).confine(event) == []
    assert event["sharing_group_id"] == "1"
