"""What goes out to a MISP, how far it may go there, and what was recorded before it left."""

from __future__ import annotations

import json
from typing import Any

import pytest

from comity.errors import NotAuthenticated, PeerFault
from comity.forms import misp as misp_form
from comity.intake.govern import add_agreement, add_standing
from comity.intake.submit import Submitter, submit
from comity.peer import book, misp, misp_push
from comity.peer.report import Report
from comity.terms.party import Standing
from tests.consortium import MEMBERS, START, indicator, relationship, report, sdo, sighting
from tests.peer.misp_standin import KEY, OTHER, OURS, THEIRS, URL, Fault, StandIn, attribute
from tests.peer.nodes import Node


@pytest.fixture
def there() -> StandIn:
    return StandIn()


def linked(agreement: str | None = MEMBERS, **more: Any) -> Node:
    node = Node("KZ", agreement)
    add_standing(node.world, Standing(party="UZ", body="sco", standing="member", since=START), by="test")
    node.link(url=URL, token=KEY, party="UZ", kind="misp", push=True, **more)
    return node


def pushed(node: Node, there: StandIn, way: Any = "push") -> Report:
    found = Report(peer="centre", pulled={}, pushed={}, problems=[])
    misp.exchange(node.desk, book.peer(node.world, "centre"), found, way, there.transport())
    assert there.dropped == []
    return found


def adds_misp(node: Node, event: Any, **options: Any) -> None:
    """Take a MISP event in as one's own, as from a file."""
    list(submit(node.world, misp_form.read(json.dumps({"Event": event}).encode()), Submitter(party="KZ", **options)))


def test_own_items_go_out_as_an_event_by_the_log_first(there: StandIn) -> None:
    node, one = linked(), indicator(name="Bad", labels=['kill-chain:delivery="mail"'])
    whole = report(one["id"], name="A campaign")
    node.adds(one, whole, tlp="green")
    there.faults.append(Fault("/events/add", 500))
    with pytest.raises(PeerFault):
        pushed(node, there)
    (entry,) = [each for each in node.log() if each.kind == "push"]
    assert (entry.party, entry.count, entry.detail) == ("UZ", 2, {"peer": "centre"})
    assert pushed(node, there).pushed == {"added": 1}
    event = there.events[whole["id"].partition("--")[2]]
    assert (event["info"], event["Orgc"]["uuid"], event["published"]) == ("A campaign", OURS["uuid"], False)
    assert {tag["name"] for tag in event["Tag"]} >= {"tlp:green"}
    (found,) = event["Attribute"]
    assert (found["uuid"], found["type"], found["value"]) == (one["id"].partition("--")[2], "domain", "bad.example")
    assert {"name": 'kill-chain:delivery="mail"'} in found["Tag"]
    again = pushed(node, there)
    assert (again.pushed, again.problems) == ({}, [])


def test_what_does_not_change_is_not_sent_again(there: StandIn) -> None:
    node, one = linked(), indicator()
    node.adds(one, report(one["id"]), tlp="green")
    pushed(node, there)
    book.change_peer(node.world, "centre", push_collection="x")  # from the beginning
    assert pushed(node, there).pushed == {"unchanged": 1}
    assert not [path for _, path, _ in there.asked if path.startswith("/events/edit")]


def test_a_newer_version_updates_the_event_whoever_changed_it_last(there: StandIn) -> None:
    node, one = linked(), indicator(description="first")
    whole = report(one["id"])
    node.adds(one, whole, tlp="green")
    pushed(node, there)
    event = there.events[whole["id"].partition("--")[2]]
    event["timestamp"] = "1700000000"  # somebody tagged it there
    node.adds({**one, "modified": "2021-10-02T00:00:00.000Z", "description": "second"}, tlp="green")
    assert pushed(node, there).pushed == {"updated": 1}
    (found,) = event["Attribute"]
    assert found["comment"] == "second"
    assert event["timestamp"] == "1700000001"


def test_what_was_changed_there_later_is_left_as_it_is(there: StandIn) -> None:
    node, one = linked(), indicator(description="first")
    node.adds(one, report(one["id"]), tlp="green")
    pushed(node, there)
    (event,) = there.events.values()
    event["Attribute"][0] |= {"comment": "theirs", "timestamp": "1700000000", "deleted": True}
    node.adds({**one, "modified": "2021-10-02T00:00:00.000Z", "description": "second"}, tlp="green")
    pushed(node, there)
    assert event["Attribute"][0]["comment"] == "theirs"


def test_later_parts_join_the_event_that_names_them(there: StandIn) -> None:
    node, one, two = linked(), indicator(), indicator()
    whole = report(one["id"])
    node.adds(one, whole, tlp="green")
    pushed(node, there)
    node.adds(two, {**whole, "modified": "2021-10-02T00:00:00.000Z", "object_refs": [one["id"], two["id"]]}, tlp="green")
    assert pushed(node, there).pushed == {"updated": 1}
    (event,) = there.events.values()
    assert {each["uuid"] for each in event["Attribute"]} == {each["id"].partition("--")[2] for each in (one, two)}


def test_nothing_comes_back_as_theirs(there: StandIn) -> None:
    node, one = linked(), indicator()
    node.adds(one, report(one["id"]), tlp="green")
    before = node.holds()
    pushed(node, there)
    (event,) = there.events.values()
    there.changes(event)
    assert pushed(node, there, None).pulled == {}
    assert node.holds() == before


def test_what_came_from_there_does_not_go_back(there: StandIn) -> None:
    node = linked()
    there.holds(attribute())
    pushed(node, there, "pull")
    assert pushed(node, there).pushed == {}
    assert [path for _, path, _ in there.asked if path.startswith(("/events/add", "/events/edit"))] == []


def test_an_event_that_somebody_else_has_there_is_not_touched(there: StandIn) -> None:
    node, one = linked(), indicator()
    whole = report(one["id"])
    there.holds(org=OTHER, uuid=whole["id"].partition("--")[2])
    node.adds(one, whole, tlp="green")
    found = pushed(node, there)
    assert found.pushed == {"kept here": 1}
    assert "another organisation's" in found.problems[0]


def test_an_event_that_is_hidden_there_is_refused_with_its_reason(there: StandIn) -> None:
    node, one = linked(), indicator()
    whole = report(one["id"])
    there.holds(org=OTHER, uuid=whole["id"].partition("--")[2], distribution="0")
    node.adds(one, whole, tlp="green")
    found = pushed(node, there)
    assert found.pushed == {"refused": 1}
    assert "already exists" in found.problems[0]


@pytest.mark.parametrize(
    ("tlp", "handling", "level"), [("clear", (), "3"), ("green", (), "2"), ("amber", (), "1"), ("amber", ("H2",), "0")]
)  # fmt: skip
def test_no_distribution_is_wider_than_the_envelope(there: StandIn, tlp: str, handling: tuple[str, ...], level: str) -> None:
    node = linked()
    node.adds(indicator(), tlp=tlp, handling=handling)
    pushed(node, there)
    (event,) = there.events.values()
    assert event["distribution"] == level
    assert {f"tlp:{tlp}"} <= {tag["name"] for tag in event["Tag"]}


@pytest.mark.parametrize(
    ("members", "more", "fits"),
    [
        ((OURS, THEIRS), {}, True),
        ((THEIRS,), {}, True),
        ((OURS, THEIRS, OTHER), {}, False),
        ((OURS, THEIRS, {"id": "8", "uuid": "00000000-0000-4000-8000-0000000000ff", "name": "Somebody else, Inc."}), {}, False),
        ((OURS, THEIRS), {"roaming": True}, False),
        ((OURS, THEIRS), {"active": False}, False),
        ((), {}, False),
    ],
)
def test_named_parties_get_a_group_of_nobody_else_or_nobody(there: StandIn, members: Any, more: Any, fits: bool) -> None:
    node = linked()
    there.group("4", *members, **more)
    node.adds(indicator(), tlp="green", to=("UZ",))
    found = pushed(node, there)
    (event,) = there.events.values()
    assert (event["distribution"], event["sharing_group_id"]) == (("4", "4") if fits else ("0", "0"))
    assert found.pushed == {"added": 1}
    assert ("no sharing group there holds UZ alone" in "".join(found.problems)) is not fits


def test_a_group_for_all_of_a_server_is_no_group_of_named_parties(there: StandIn) -> None:
    node = linked()
    there.group("4", OURS, THEIRS)["SharingGroupServer"] = [{"server_id": "0", "all_orgs": True}]
    node.adds(indicator(), tlp="green", to=("UZ",))
    pushed(node, there)
    assert [event["distribution"] for event in there.events.values()] == ["0"]


def test_what_misp_would_not_keep_stays_and_is_told(there: StandIn) -> None:
    node = linked()
    node.adds(indicator(), tlp="red", to=("UZ",))
    node.adds(indicator(), tlp="green", handling=("H1",))
    node.adds(indicator(), tlp="green", purposes=("incident-response",))
    node.adds(indicator(), tlp="green", to=())
    node.adds(sdo("identity", name="A. Person", identity_class="individual"), tlp="green")
    found = pushed(node, there)
    assert found.pushed == {"kept here": 3}
    assert sorted(each.partition(": ")[2][:9] for each in found.problems) == ["TLP:RED n", "its handl", "its handl"]
    assert (there.events, [each for each in node.log() if each.kind == "push"]) == ({}, [])


def test_nothing_goes_without_a_clause_and_goes_once_there_is_one(there: StandIn) -> None:
    node = linked(agreement=None)
    node.adds(indicator(), tlp="green")
    assert "no agreement held here lets it go to UZ" in pushed(node, there).problems[0]
    assert there.events == {}
    add_agreement(node.world, MEMBERS, "later.toml", by="test")
    assert pushed(node, there).pushed == {"added": 1}


def test_what_has_no_place_in_misp_is_told_and_not_recorded(there: StandIn) -> None:
    node, one, two = linked(), indicator(), indicator()
    odd = relationship(one["id"], two["id"])
    node.adds(one, two, odd, tlp="green")
    found = pushed(node, there)
    assert found.pushed == {"added": 1, "kept here": 1}
    assert found.problems == [f"{odd['id']}: MISP has no place for this relationship"]
    assert [each.count for each in node.log() if each.kind == "push"] == [2]


def test_a_sighting_of_theirs_is_told_there_once(there: StandIn) -> None:
    node, one = linked(), attribute()
    there.holds(one)
    pushed(node, there, "pull")
    seen = sighting(f"indicator--{one['uuid']}", last_seen="2021-11-02T00:00:00Z")
    node.adds(seen, tlp="green")
    there.faults.append(Fault("/sightings/add", 502))
    with pytest.raises(PeerFault, match="may have acted"):
        pushed(node, there)
    assert pushed(node, there).pushed == {"sightings": 1}
    (made,) = there.sightings
    assert (made["date_sighting"], made["type"], made["source"], made["Organisation"]["name"]) == ("1635811200", "0", "KZ", "KZ")
    book.change_peer(node.world, "centre", push_collection="x")
    assert pushed(node, there).pushed == {}
    assert len(there.sightings) == 1
    pushed(node, there, "pull")
    assert sum(id_.startswith("sighting--") for id_ in node.holds()) == 1


def test_sightings_of_our_own_events_are_told_too(there: StandIn) -> None:
    node, one = linked(), indicator()
    node.adds(one, report(one["id"]), sighting(one["id"], last_seen="2021-11-02T00:00:00Z"), tlp="green")
    assert pushed(node, there).pushed == {"added": 1, "sightings": 1}
    assert len(there.sightings) == 1


def test_a_false_positive_is_told_as_one(there: StandIn) -> None:
    node, one = linked(), attribute()
    there.holds(one)
    pushed(node, there, "pull")
    node.adds(sdo("opinion", opinion="strongly-disagree", object_refs=[f"indicator--{one['uuid']}"]), tlp="green")
    pushed(node, there)
    assert [each["type"] for each in there.sightings] == ["1"]


def test_a_key_that_may_not_is_said_before_anything_is_recorded() -> None:
    there = StandIn(perm_add=False)
    node = linked()
    node.adds(indicator(), tlp="green")
    with pytest.raises(NotAuthenticated, match="may not add events"):
        pushed(node, there)
    assert [each for each in node.log() if each.kind == "push"] == []


def test_a_key_that_may_not_sight_keeps_sightings_here() -> None:
    there, one = StandIn(perm_sighting=False), attribute()
    node = linked()
    there.holds(one)
    pushed(node, there, "pull")
    node.adds(sighting(f"indicator--{one['uuid']}"), tlp="green")
    assert "may not add any" in pushed(node, there).problems[0]
    assert there.sightings == []


def test_sightings_of_others_in_an_own_event_are_not_told_as_ours(there: StandIn) -> None:
    node, one = linked(), attribute()
    seen = {"uuid": "00000000-0000-4000-8000-00000000abcd", "type": "0", "date_sighting": "1635811200", "Organisation": OTHER}
    event = there.holds(attribute()) | {"uuid": "00000000-0000-4000-8000-00000000abce", "Attribute": [one | {"Sighting": [seen]}]}
    adds_misp(node, event, tlp="green")
    found = pushed(node, there)
    assert found.pushed == {"added": 1, "kept here": 1}
    assert there.sightings == []


def test_an_event_from_a_file_goes_out_as_it_came_in(there: StandIn) -> None:
    node, tag = linked(), 'admiralty-scale:source-reliability="b"'
    inner = [attribute("203.0.113.7", "ip-dst", object_relation="ip"), attribute("443", "port", object_relation="dst-port", to_ids=False)]
    holder = {
        "uuid": "00000000-0000-4000-8000-00000000abc0", "name": "ip-port", "meta-category": "network", "description": "",
        "template_uuid": "9f8cea74-16fe-4968-a2b4-026676949ac6", "template_version": "9", "timestamp": "1635768000", "comment": "",
        "distribution": "5", "Attribute": inner,
    }  # fmt: skip
    event = {
        "uuid": "00000000-0000-4000-8000-00000000abc1", "info": "As it came", "date": "2021-11-01", "timestamp": "1635768000", "analysis": "1",
        "threat_level_id": "2", "distribution": "1", "published": False, "Orgc": OTHER, "Tag": [{"name": "tlp:green"}, {"name": tag}],
        "Attribute": [attribute("bad.example", Tag=[{"name": "estimative-language:likelihood=\"likely\""}])], "Object": [holder],
    }  # fmt: skip
    adds_misp(node, event)
    pushed(node, there)
    (found,) = there.events.values()
    assert (found["info"], found["Orgc"]["name"]) == ("As it came", "KZ")
    assert [tag["name"] for tag in found["Tag"]] == ["tlp:green", tag]
    assert [(each["uuid"], each["value"]) for each in found["Attribute"]] == [(event["Attribute"][0]["uuid"], "bad.example")]
    assert {"name": 'estimative-language:likelihood="likely"'} in found["Attribute"][0]["Tag"]
    (kept,) = found["Object"]
    assert [(each["object_relation"], each["value"]) for each in kept["Attribute"]] == [("ip", "203.0.113.7"), ("dst-port", "443")]


def test_ten_pages_of_items_make_one_event(there: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(misp_push, "PAGE", 3)
    node, many = linked(), [indicator(pattern=f"[domain-name:value = 'n{number}.example']") for number in range(10)]
    node.adds(*many, report(*(each["id"] for each in many)), tlp="green")
    pushed(node, there)
    (event,) = there.events.values()
    assert {each["uuid"] for each in event["Attribute"]} == {each["id"].partition("--")[2] for each in many}


def test_parts_find_their_event_in_whatever_step_they_come(there: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(misp_push, "PAGE", 1)
    node, narrow = linked(), attribute("narrow.example", Tag=[{"name": "tlp:amber"}])
    event = {**there.holds(attribute(), narrow, Tag=[{"name": "tlp:green"}]), "Orgc": OURS}  # its report does not name the narrow one
    there.events.clear()
    adds_misp(node, event)
    pushed(node, there)
    (found,) = there.events.values()
    assert found["uuid"] == event["uuid"]
    assert {each["uuid"] for each in found["Attribute"]} == {each["uuid"] for each in event["Attribute"]}


def test_a_later_sighting_finds_what_it_is_of(there: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(misp_push, "PAGE", 1)
    node, one = linked(), indicator()
    node.adds(one, sighting(one["id"], last_seen="2021-11-02T00:00:00Z"), tlp="green")
    assert pushed(node, there).pushed["sightings"] == 1
    assert len(there.events) == 1


def test_a_push_needs_no_more_than_one_look_when_nothing_is_new(there: StandIn) -> None:
    node = linked()
    pushed(node, there)
    assert [path for _, path, _ in there.asked if path.startswith("/events")] == []
