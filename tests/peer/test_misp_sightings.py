"""Own sightings for a MISP: which attribute they are of, and that each is told once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from comity.forms import misp as misp_form
from comity.forms.misp_out import Held
from comity.intake.submit import Submitter, submit
from comity.peer.misp_server import MispServer
from comity.peer.misp_sightings import Told, of_theirs, taken_out, tell
from comity.terms.item import Envelope
from tests.consortium import indicator, sdo, sighting
from tests.peer.misp_standin import KEY, NOON, OTHER, OURS, URL, StandIn, attribute
from tests.peer.nodes import Node

AT = str(NOON)


def told(there: StandIn, *sightings: Told) -> list[tuple[str, str]]:
    counted: list[tuple[str, str]] = []
    tell(MispServer(URL, KEY, transport=there.transport()), list(sightings), lambda *each: counted.append(each))
    return counted


def test_sightings_leave_the_event_they_stand_in() -> None:
    seen = {"type": "1", "date_sighting": AT, "source": "KZ", "uuid": "x", "attribute_uuid": "y"}
    one, inner = attribute(Sighting=[seen]), attribute(Sighting=[{"date_sighting": AT}])
    event = {"Attribute": [one, attribute()], "Object": [{"Attribute": [inner]}]}
    assert taken_out(event) == [
        (one["uuid"], {"type": "1", "source": "KZ", "timestamp": AT}),
        (inner["uuid"], {"type": "0", "source": "", "timestamp": AT}),
    ]
    assert "Sighting" not in one and "Sighting" not in inner
    assert taken_out(event) == []


@pytest.mark.parametrize("within", [False, True])
def test_the_attribute_is_that_which_their_object_was_made_of(within: bool) -> None:
    node, there = Node("KZ"), StandIn()
    one = attribute("203.0.113.7", "ip-dst", object_relation="ip")
    port = attribute("443", "port", object_relation="dst-port", to_ids=False)
    holder = {"uuid": "00000000-0000-4000-8000-0000000000dd", "name": "ip-port", "timestamp": AT, "Attribute": [port, one]}
    event = there.holds(*([] if within else [one]), Object=[holder] if within else [])
    by = Submitter(party="UZ", to=("KZ",), received_from="UZ", hops=("UZ",))
    made = list(submit(node.world, misp_form.read(json.dumps({"Event": event}).encode()), by))
    (subject,) = [outcome.id for outcome in made if outcome.type == "indicator"]
    mine = Held(obj=sighting(str(subject), last_seen="2021-11-01T12:00:00Z"), envelope=Envelope(origin="KZ"))
    neutral = Held(obj=sdo("opinion", opinion="neutral", object_refs=[subject]), envelope=Envelope(origin="KZ"))
    other = Held(obj=sighting(indicator()["id"]), envelope=Envelope(origin="KZ"))
    expected = {mine.id: (one["uuid"], {"type": "0", "source": "KZ", "timestamp": "1635768000"})}
    assert of_theirs(node.desk, "UZ", [mine, neutral, other]) == expected
    assert of_theirs(node.desk, "IN", [mine]) == {}
    assert of_theirs(node.desk, "UZ", []) == {}


def test_what_is_there_already_is_not_told_again() -> None:
    there, one = StandIn(), attribute()
    there.holds(one)
    there.sees(one, OURS, at=NOON)
    said: list[Any] = [(one["uuid"], {"type": type_, "source": "KZ", "timestamp": AT}) for type_ in ("0", "1")]
    assert told(there, *said) == [("sightings", "")]
    assert [each["type"] for each in there.sightings] == ["0", "1"]
    assert told(there, *said) == []


def test_what_another_organisation_saw_is_not_what_we_saw() -> None:
    there, one = StandIn(), attribute()
    there.holds(one)
    there.sees(one, OTHER, at=NOON)
    assert told(there, (one["uuid"], {"type": "0", "source": "KZ", "timestamp": AT})) == [("sightings", "")]


def test_a_refusal_is_counted_with_its_reason() -> None:
    ((what, why),) = told(StandIn(), ("00000000-0000-4000-8000-0000000000dd", {"type": "0", "source": "", "timestamp": AT}))
    assert what == "refused" and "No valid attributes" in why


def test_nothing_to_tell_asks_nothing() -> None:
    there = StandIn(perm_sighting=False)
    assert told(there) == []
    assert not [path for _, path, _ in there.asked if "ighting" in path]
