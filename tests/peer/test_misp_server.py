"""What is asked of a MISP, and what is made of its refusals."""

from __future__ import annotations

import json
from typing import Any

import httpx2
import pytest

from comity.errors import Fault as AnyFault
from comity.errors import NotAuthenticated, PeerFault
from comity.peer import misp_server
from comity.peer.misp_server import MispServer, TooMuchError
from tests.peer.misp_standin import KEY, NOON, OURS, THEIRS, URL, Fault, StandIn, attribute


def server(there: StandIn, key: str = KEY, waits: list[float] | None = None) -> MispServer:
    return MispServer(URL, key, transport=there.transport(), wait=(waits if waits is not None else []).append)


def walk(found: MispServer, since: int = 0, **more: Any) -> list[str]:
    return [each.uuid for page in found.index(since, **more) for each in page]


def test_it_says_who_it_is_and_who_we_are() -> None:
    found = server(StandIn(perm_add=False))
    assert found.version == "2.5.34"
    assert (found.organisation.uuid, found.organisation.name) == (OURS["uuid"], "KZ")
    assert (found.may_add, found.may_sight) == (False, True)


def test_a_key_that_is_refused_is_said_to_be_one_and_never_shown() -> None:
    with pytest.raises(NotAuthenticated) as raised:
        server(StandIn(), "wrong" * 8)
    assert "403" in str(raised.value) and "check the key" in raised.value.next
    assert "wrong" not in str(raised.value)


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"hello": 1}', b"{}"])
def test_what_is_no_misp_is_said_to_be_none(body: bytes) -> None:
    carry = httpx2.MockTransport(lambda _: httpx2.Response(200, content=body))
    with pytest.raises(PeerFault, match="does not answer as a MISP") as raised:
        MispServer(URL, KEY, transport=carry)
    assert "start page" in raised.value.next


@pytest.mark.parametrize("status", [404, 500])
def test_a_path_that_is_not_there_is_a_fault_of_the_peer(status: int) -> None:
    carry = httpx2.MockTransport(lambda _: httpx2.Response(status, content=b"no"))
    with pytest.raises(PeerFault, match=str(status)):
        MispServer(URL, KEY, transport=carry, wait=lambda _: None)


def test_the_key_goes_to_its_own_server_only() -> None:
    asked: list[httpx2.Request] = []

    def carry(request: httpx2.Request) -> httpx2.Response:
        asked.append(request)
        return httpx2.Response(302, headers={"Location": "https://elsewhere.example/"})

    with pytest.raises(PeerFault, match="not followed"):
        MispServer(URL, KEY, transport=httpx2.MockTransport(carry))
    assert {request.url.host for request in asked} == {"misp.example"}
    assert all(request.headers["Authorization"] == KEY for request in asked)


def test_a_busy_server_is_waited_for() -> None:
    there, waits = StandIn(), []
    there.faults.append(Fault("/servers/getVersion", 429, **{"Retry-After": "3"}))
    server(there, waits=waits)
    assert waits == [3.0]


def test_the_index_goes_on_from_the_last_second(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(misp_server, "INDEX_PAGE", 2)
    there = StandIn()
    events = [there.holds()["uuid"] for _ in range(5)]
    found = server(there)
    assert list(dict.fromkeys(walk(found))) == events
    assert {body["publish_timestamp"] for _, path, body in there.asked if path == "/events/index"} >= {0, NOON + 2, NOON + 4}
    assert list(dict.fromkeys(walk(found, NOON + 3))) == events[2:]


def test_more_events_of_one_second_than_fit_on_a_page_are_all_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(misp_server, "INDEX_PAGE", 2)
    there = StandIn()
    events = {there.holds(publish_timestamp=str(NOON))["uuid"] for _ in range(5)}
    assert set(walk(server(there))) == events


def test_a_server_that_does_not_sort_is_asked_for_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(misp_server, "INDEX_PAGE", 2)
    there = StandIn()
    there.sorts = False
    events = [there.holds()["uuid"] for _ in range(5)]
    assert walk(server(there)) == events


def test_unpublished_events_are_listed_where_asked_for() -> None:
    there = StandIn()
    event = there.holds(published=False, publish_timestamp="0")
    found = server(there)
    assert walk(found) == []
    assert walk(found, unpublished=True) == [event["uuid"]]


def test_events_by_tag_and_without_one() -> None:
    there = StandIn()
    green, red = (there.holds(Tag=[{"name": name}])["uuid"] for name in ("tlp:green", "tlp:red"))
    found = server(there)
    assert walk(found, tags=["tlp:green"]) == [green]
    assert walk(found, tags=["!tlp:green"]) == [red]


def test_an_answer_that_breaks_the_server_may_be_asked_for_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(misp_server, "PART_PAGE", 2)
    there = StandIn()
    inner = attribute("192.0.2.1", "ip-dst", object_id="9")
    holder = {"uuid": "00000000-0000-4000-8000-0000000000dd", "name": "ip-port", "timestamp": str(NOON), "Attribute": [inner]}
    gone = attribute("gone.example", deleted=True)
    event = there.holds(*(attribute(f"{number}.example") for number in range(4)), gone, Object=[holder], Tag=[{"name": "tlp:green"}])
    there.most_attributes = 3
    found = server(there)
    with pytest.raises(TooMuchError):
        found.events([event["uuid"]])
    whole = found.event_by_parts(event["uuid"])
    assert whole is not None
    assert [each["uuid"] for each in whole["Attribute"]] == [each["uuid"] for each in event["Attribute"]]
    assert [[each["value"] for each in each["Attribute"]] for each in whole["Object"]] == [["192.0.2.1"]]
    assert whole["Tag"] == [{"name": "tlp:green"}]
    assert found.event_by_parts("00000000-0000-4000-8000-000000000000") is None


def test_sightings_that_are_too_many_for_one_answer_are_asked_for_in_halves() -> None:
    there = StandIn()
    seen = attribute()
    there.holds(seen)
    for second in range(4):
        there.sees(seen, at=NOON + second)
    there.faults.append(Fault("/sightings/restSearch", 500, times=2))
    found = server(there)
    assert [int(each["date_sighting"]) - NOON for each in found.sightings(NOON, NOON + 3)] == [0, 1, 2, 3]
    there.faults.append(Fault("/sightings/restSearch", 500, times=99))
    with pytest.raises(PeerFault, match="500"):
        found.sightings(NOON, NOON)


def test_a_refused_event_is_said_with_its_reason() -> None:
    there = StandIn()
    found = server(there)
    event = {
        "uuid": "00000000-0000-4000-8000-0000000000ee",
        "info": "x",
        "timestamp": str(NOON),
        "distribution": "4",
        "sharing_group_id": "9",
    }
    assert "Invalid sharing group" in found.add(event)
    assert found.add(event | {"distribution": "0"}) == ""
    assert "already exists" in found.add(event | {"distribution": "0"})
    assert "not newer" in found.edit(event)
    there.faults.append(Fault("/events/add", 401, body={"message": "expired"}))
    with pytest.raises(NotAuthenticated, match="expired"):
        found.add(event)


def test_a_search_that_is_forbidden_is_a_matter_of_the_key() -> None:
    there = StandIn()
    found = server(there)
    there.faults.append(Fault("/events/index", 403, body={"message": "no access"}))
    with pytest.raises(NotAuthenticated, match="no access"):
        walk(found)
    there.faults.append(Fault("/events/index", 405, body={"message": "no such way"}))
    with pytest.raises(PeerFault, match="no such way"):
        walk(found)


def test_a_sighting_is_not_made_twice_by_a_broken_line() -> None:
    there = StandIn()
    seen = attribute()
    there.holds(seen)
    found = server(there)
    there.faults.append(Fault("/sightings/add", 502))
    with pytest.raises(PeerFault, match="may have acted"):
        found.sight(seen["uuid"], {"type": "0", "source": "", "timestamp": str(NOON)})
    assert [path for _, path, _ in there.asked if path.startswith("/sightings/add")] == [f"/sightings/add/{seen['uuid']}"]


def test_nothing_of_a_fault_leaks_into_logs(caplog: pytest.LogCaptureFixture) -> None:
    there = StandIn()
    there.faults.append(Fault("/events/index", 500, times=9))
    found = server(there)
    with pytest.raises(AnyFault):
        walk(found)
    assert KEY not in caplog.text


def test_a_sharing_group_is_described_as_in_an_event() -> None:
    there = StandIn()
    there.group("4", OURS, THEIRS)
    (group,) = server(there).groups()
    assert group["id"] == "4"
    assert [each["Organisation"]["name"] for each in group["SharingGroupOrg"]] == ["KZ", "UZ"]
    assert json.dumps(group)
