"""What comes in from a MISP, what is withdrawn because of it, and where an exchange goes on."""

from __future__ import annotations

import json
from typing import Any

import pytest

from comity.errors import Conflict, NotAuthenticated, PeerFault
from comity.forms.misp_reached import organisation
from comity.intake.withdraw import recalls
from comity.peer import book, misp, misp_pull, misp_server
from comity.peer.report import Report
from tests.peer.misp_standin import KEY, OTHER, OURS, THEIRS, URL, Fault, Part, StandIn, attribute
from tests.peer.nodes import Node


@pytest.fixture
def there() -> StandIn:
    return StandIn()


def linked(**more: Any) -> Node:
    node = Node("KZ")
    node.link(url=URL, token=KEY, party="UZ", kind="misp", **more)
    return node


def pulled(node: Node, there: StandIn) -> Report:
    kept = book.peer(node.world, "centre")
    report = Report(peer="centre", pulled={}, pushed={}, problems=[])
    misp.exchange(node.desk, kept, report, "pull", there.transport())
    return report


def asked(there: StandIn, path: str) -> list[Any]:
    """The bodies of the requests since the last look."""
    found = [body for _, at, body in there.asked if at == path]
    there.asked.clear()
    return found


def values(node: Node, type_: str = "indicator") -> list[str]:
    return sorted(id_ for id_ in node.holds() if id_.startswith(f"{type_}--"))


def test_an_event_comes_in_for_this_node_alone(there: StandIn) -> None:
    node, one = linked(), attribute()
    event = there.holds(one, Tag=[{"name": "tlp:green"}])
    report = pulled(node, there)
    held = node.holds()
    assert set(held) == {f"indicator--{one['uuid']}", f"report--{event['uuid']}", f"identity--{THEIRS['uuid']}"}
    origin, envelope = held[f"indicator--{one['uuid']}"]
    assert (origin, envelope.tlp, envelope.to, envelope.handling, envelope.received_from) == ("UZ", "green", ("KZ",), ("H2",), "UZ")
    assert report.pulled == {"accepted": 3}
    assert report.problems == []


def test_an_exchange_goes_on_where_the_last_one_ended(there: StandIn) -> None:
    node = linked()
    there.holds(attribute("a.example"))
    pulled(node, there)
    asked(there, "")
    assert pulled(node, there).pulled == {}
    assert asked(there, "/events/restSearch") == []
    later = there.holds(attribute("b.example"))
    assert pulled(node, there).pulled == {"accepted": 2, "duplicate": 1}
    (search,) = asked(there, "/events/restSearch")
    assert search["uuid"] == [later["uuid"]]


def test_what_changed_a_moment_ago_is_asked_for_again(there: StandIn) -> None:
    node = linked()
    there.now = int(node.world.clock().timestamp()) - 10
    there.holds(attribute())
    pulled(node, there)
    asked(there, "")
    pulled(node, there)
    assert len(asked(there, "/events/restSearch")) == 1


def test_an_exchange_that_is_cut_off_goes_on_after_the_last_batch(there: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(misp_pull, "_TOGETHER", 2)
    node = linked()
    for number in range(6):
        there.holds(attribute(f"{number}.example"))
    there.faults.append(Fault("/events/restSearch", 405, skip=2))
    with pytest.raises(PeerFault, match="405"):
        pulled(node, there)
    assert len(values(node)) == 4
    assert pulled(node, there).pulled == {"accepted": 4, "duplicate": 2}  # two attributes, two reports; who wrote them is known
    assert len(values(node)) == 6


def test_a_newer_state_of_an_attribute_comes_in(there: StandIn) -> None:
    node, one = linked(), attribute(comment="first")
    event = there.holds(one)
    pulled(node, there)
    one |= {"comment": "second", "timestamp": str(there.now + 100)}
    there.changes(event)
    pulled(node, there)
    _, body = max(_rows(node, f"indicator--{one['uuid']}"), key=lambda found: found[0].version)
    assert json.loads(body)["description"] == "second"


def _rows(node: Node, id_: str) -> list[tuple[Any, bytes]]:
    rows = node.world.store.by_id([id_])
    bodies = node.world.store.bodies([row.item for row in rows])
    return [(row, bodies[row.item]) for row in rows]


def test_a_deleted_attribute_is_withdrawn(there: StandIn) -> None:
    node, kept, gone = linked(), attribute("a.example"), attribute("b.example")
    event = there.holds(kept, gone)
    pulled(node, there)
    gone |= {"deleted": True, "timestamp": str(there.now + 10)}
    there.changes(event)
    report = pulled(node, there)
    assert report.pulled["withdrawn"] == 1
    assert values(node) == [f"indicator--{kept['uuid']}"]
    (recall,) = recalls(node.world)
    assert (recall.party, recall.id, recall.by) == ("UZ", f"indicator--{gone['uuid']}", "peer centre")
    assert pulled(node, there).pulled == {}


def test_what_is_no_longer_to_be_detected_is_no_indicator_any_more(there: StandIn) -> None:
    node, one = linked(), attribute()
    event = there.holds(one)
    pulled(node, there)
    one |= {"to_ids": False, "timestamp": str(there.now + 10)}
    there.changes(event)
    assert pulled(node, there).pulled["withdrawn"] == 1
    assert (values(node), values(node, "observed-data")) == ([], [f"observed-data--{one['uuid']}"])


def test_only_the_peers_own_copies_are_withdrawn(there: StandIn) -> None:
    node, one = linked(), attribute()
    event = there.holds(one)
    pulled(node, there)
    mine = json.loads(_rows(node, f"indicator--{one['uuid']}")[0][1])
    node.adds(mine)
    one |= {"deleted": True, "timestamp": str(there.now + 10)}
    there.changes(event)
    pulled(node, there)
    assert node.holds()[f"indicator--{one['uuid']}"][0] == "KZ"


def test_what_our_own_organisation_wrote_there_is_left_there(there: StandIn) -> None:
    node = linked()
    there.holds(attribute("a.example"), org=OURS)
    there.holds(attribute("b.example"), org={"id": "9", **organisation("KZ")})
    assert pulled(node, there).pulled == {}


@pytest.mark.parametrize(("members", "comes"), [((OURS, THEIRS), True), ((THEIRS, OTHER), False)])
def test_a_sharing_group_is_taken_at_its_word(there: StandIn, members: tuple[Part, ...], comes: bool) -> None:
    node = linked()
    there.group("4", *members)
    event = there.holds(attribute(), distribution="4", sharing_group_id="4")
    report = Report(peer="centre", pulled={}, pushed={}, problems=[])
    there._visible = lambda part, owner: True  # type: ignore[method-assign]  # an administrator's key sees everything
    misp.exchange(node.desk, book.peer(node.world, "centre"), report, "pull", there.transport())
    assert (f"report--{event['uuid']}" in node.holds()) is comes
    assert ("not for this node" in report.pulled) is not comes


def test_a_group_that_a_part_names_by_its_number_is_looked_up(there: StandIn) -> None:
    node = linked()
    there.group("4", OURS, THEIRS)
    one = attribute(distribution="4", sharing_group_id="4")
    there.holds(one)
    pulled(node, there)
    assert node.holds()[f"indicator--{one['uuid']}"][1].to == ("KZ",)


def test_what_is_narrowed_to_others_is_withdrawn_here(there: StandIn) -> None:
    node, one = linked(), attribute()
    event = there.holds(one)
    pulled(node, there)
    there.group("4", THEIRS, OTHER)
    one |= {"distribution": "4", "sharing_group_id": "4", "timestamp": str(there.now + 10)}
    there._visible = lambda part, owner: True  # type: ignore[method-assign]
    there.changes(event)
    assert pulled(node, there).pulled["withdrawn"] == 1
    assert values(node) == []


def test_an_event_that_breaks_the_server_is_asked_for_in_parts(there: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(misp_server, "PART_PAGE", 2)
    node = linked()
    small = there.holds(attribute("small.example"))
    large = there.holds(*(attribute(f"{number}.example") for number in range(5)))
    there.most_attributes = 3
    assert pulled(node, there).pulled == {"accepted": 9, "duplicate": 1}
    assert {f"report--{each['uuid']}" for each in (small, large)} <= set(node.holds())


def test_an_event_known_to_be_large_is_not_asked_for_whole(there: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(misp_pull, "_LARGE", 2)
    node = linked()
    there.holds(*(attribute(f"{number}.example") for number in range(3)))
    pulled(node, there)
    assert len(values(node)) == 3
    assert all(body.get("metadata") for body in asked(there, "/events/restSearch"))


def test_filters_and_a_beginning(there: StandIn) -> None:
    node = linked(tags=("tlp:green",), pulled="2021-11-01T12:00:02Z")
    early = there.holds(attribute("early.example"), Tag=[{"name": "tlp:green"}])
    other = there.holds(attribute("other.example"))
    later = there.holds(attribute("later.example"), Tag=[{"name": "tlp:green"}])
    pulled(node, there)
    assert [f"report--{each['uuid']}" in node.holds() for each in (early, other, later)] == [False, False, True]


def test_other_filters_begin_anew(there: StandIn) -> None:
    node = linked()
    there.holds(attribute())
    pulled(node, there)
    assert node.pulled
    changed = book.change_peer(node.world, "centre", tags=("tlp:green",))
    assert (changed.pulled, changed.seen, changed.sighted) == ("", (), 0)


def test_sightings_come_in_as_they_are_made(there: StandIn) -> None:
    node, one = linked(), attribute()
    there.now = int(node.world.clock().timestamp()) - 3_600
    there.holds(one)
    pulled(node, there)
    seen = there.sees(one, OTHER, at=there.now - 100)
    doubted = there.sees(one, OTHER, "1")
    report = pulled(node, there)
    held = node.holds()
    assert {f"sighting--{seen['uuid']}", f"opinion--{doubted['uuid']}"} <= set(held)
    assert held[f"sighting--{seen['uuid']}"][0] == "UZ"
    assert report.pulled["accepted"] == 3  # and who saw it
    body = json.loads(_rows(node, f"sighting--{seen['uuid']}")[0][1])
    assert body["sighting_of_ref"] == f"indicator--{one['uuid']}"
    assert set(pulled(node, there).pulled) == {"duplicate"}  # those of the last day are asked for again


def test_a_sighting_within_an_event_is_the_one_that_is_asked_for(there: StandIn) -> None:
    node, one = linked(), attribute()
    there.holds(one)
    seen = there.sees(one, OTHER)
    report = pulled(node, there)
    assert len(_rows(node, f"sighting--{seen['uuid']}")) == 1
    assert report.pulled["duplicate"] >= 1


def test_our_own_sightings_and_those_of_what_is_not_held_stay_there(there: StandIn) -> None:
    node, one, hidden = linked(tags=("!secret",)), attribute(), attribute("hidden.example")
    there.holds(one)
    there.holds(hidden, Tag=[{"name": "secret"}])
    there.sees(one, OURS)
    there.sees(hidden, OTHER)
    pulled(node, there)
    assert values(node, "sighting") == []


def test_machine_tags_are_kept_to_the_letter(there: StandIn) -> None:
    node, tag, own = linked(), 'misp-galaxy:threat-actor="Example \\"Bear\\""', 'admiralty-scale:source-reliability="b"'
    one = attribute(Tag=[{"name": own}])
    event = there.holds(one, Tag=[{"name": tag}])
    pulled(node, there)
    assert json.loads(_rows(node, f"report--{event['uuid']}")[0][1])["labels"] == [tag]
    assert json.loads(_rows(node, f"indicator--{one['uuid']}")[0][1])["labels"] == [tag, own]


def test_a_malformed_part_is_told_and_the_rest_comes_in(there: StandIn) -> None:
    node, one = linked(), attribute()
    there.holds(attribute(" "), one)
    report = pulled(node, there)
    assert report.pulled["rejected"] == 1
    assert "has no value" in report.problems[0]
    assert f"indicator--{one['uuid']}" in node.holds()


def test_there_is_an_end_to_an_exchange(there: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(misp_pull, "_TOGETHER", 1)
    node = linked()
    for _ in range(3):
        there.holds(attribute())
    report = Report(peer="centre", pulled={}, pushed={}, problems=[])
    ticks = iter([0.0, 10.0, misp_pull.LONGEST + 1])
    server = misp_server.MispServer(URL, KEY, transport=there.transport())
    misp_pull.pull(node.world, "centre", server, report, lambda: next(ticks))
    assert "goes on there" in report.problems[0]
    assert len(values(node)) == 2


def test_another_source_meanwhile_ends_it(there: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    node = linked()
    there.holds(attribute())
    events = misp_server.MispServer.events

    def changed(self: misp_server.MispServer, uuids: Any) -> Any:
        book.change_peer(node.world, "centre", unpublished=True)
        return events(self, uuids)

    monkeypatch.setattr(misp_server.MispServer, "events", changed)
    with pytest.raises(Conflict):
        pulled(node, there)
    assert node.pulled == ""


@pytest.mark.parametrize(("status", "kind"), [(403, NotAuthenticated), (404, PeerFault), (500, PeerFault)])
def test_whose_fault_it_is(there: StandIn, status: int, kind: type[Exception]) -> None:
    node = linked()
    there.faults.append(Fault("/events/index", status, times=99))
    with pytest.raises(kind):
        pulled(node, there)
    assert node.pulled == ""


def test_news_is_what_was_not_taken_in(there: StandIn) -> None:
    node = linked()

    def fresh() -> Any:
        return misp.look(book.peer(node.world, "centre"), there.transport())["news"]

    assert fresh() is False
    there.holds(attribute())
    assert fresh() is True
    pulled(node, there)
    assert fresh() is False


def test_what_others_say_is_never_passed_on(there: StandIn) -> None:
    node = linked()
    there.holds(attribute(), distribution="3", Tag=[{"name": "tlp:clear"}])
    pulled(node, there)
    assert {envelope.to for _, envelope in node.holds().values()} == {("KZ",)}
    assert {envelope.handling for _, envelope in node.holds().values()} == {("H2",)}
