from __future__ import annotations

from typing import Any

import pytest

from comity.forms.misp_links import step, uuid_in, written_reference, written_report, written_sighting
from tests.forms.misp_events import ORG, UUIDS, attribute, back, event, objects, run


def seen(kind: str, **more: Any) -> dict[str, Any]:
    return {
        "uuid": UUIDS[40],
        "type": kind,
        "date_sighting": "1700000500",
        "source": "a sensor",
        "Organisation": ORG | {"uuid": UUIDS[31], "name": "Other"},
        **more,
    }


def test_a_sighting() -> None:
    node = event(attribute(1, Sighting=[seen("0")]))
    (made,) = objects(node, "sighting")
    assert (made["id"], made["sighting_of_ref"], made["count"]) == (f"sighting--{UUIDS[40]}", f"indicator--{UUIDS[1]}", 1)
    assert made["first_seen"] == made["last_seen"] == "2023-11-14T22:21:40.000Z"
    assert made["where_sighted_refs"] == [f"identity--{UUIDS[31]}"]
    assert {obj["name"] for obj in objects(node, "identity")} == {"Example CERT", "Other"}


def test_a_false_positive_denies() -> None:
    (made,) = objects(event(attribute(1, Sighting=[seen("1")])), "opinion")
    assert (made["opinion"], made["object_refs"], made["authors"]) == ("strongly-disagree", [f"indicator--{UUIDS[1]}"], ["Other"])


def test_an_end_is_noted() -> None:
    (made,) = objects(event(attribute(1, Sighting=[seen("2")])), "note")
    assert "2023-11-14" in made["content"]
    assert made["object_refs"] == [f"indicator--{UUIDS[1]}"]


@pytest.mark.parametrize("kind", ["0", "1", "2"])
@pytest.mark.parametrize("flagged", [True, False])
def test_sightings_come_back(kind: str, flagged: bool) -> None:
    out = back(event(attribute(1, Sighting=[seen(kind)], to_ids=flagged)))
    assert out["Attribute"][0]["Sighting"] == [seen(kind) | {"attribute_uuid": UUIDS[1]}]


def test_a_sighting_without_an_organisation_or_a_uuid() -> None:
    bare = {"type": "0", "date_sighting": "1700000500"}
    (made,) = objects(event(attribute(1, Sighting=[bare])), "sighting")
    assert "where_sighted_refs" not in made
    assert made == objects(event(attribute(1, Sighting=[bare])), "sighting")[0]


def test_event_reports_go_as_far_as_they_say() -> None:
    report = {"uuid": UUIDS[41], "name": "What we saw", "content": "# Words\n", "timestamp": "1700000300"}
    node = event(
        attribute(1), EventReport=[report, report | {"uuid": UUIDS[42], "distribution": "0"}, report | {"uuid": UUIDS[43], "deleted": True}]
    )
    found, _ = run(node)
    one, other = found["Event.EventReport[0]"], found["Event.EventReport[1]"]
    assert (one.obj["abstract"], one.obj["content"], one.obj["object_refs"]) == ("What we saw", "# Words\n", [f"report--{UUIDS[0]}"])
    assert (one.to, other.to) == (None, ())
    assert back(node)["EventReport"] == [report | {"distribution": "5"}, report | {"uuid": UUIDS[42], "distribution": "0"}]


def test_analysts_words_come_back() -> None:
    said = {"created": "2023-11-14 22:30:00", "modified": "2023-11-14 22:31:00", "authors": "x@a.example"}
    note = {"uuid": UUIDS[41], "note": "Words", "language": "en", **said}
    opinion = {"uuid": UUIDS[42], "opinion": "15", "comment": "No", **said}
    node = event(attribute(1, Note=[note], Opinion=[opinion]), Note=[note | {"uuid": UUIDS[43]}])
    (made,) = objects(node, "opinion")
    assert (made["opinion"], made["explanation"], made["created"]) == ("strongly-disagree", "No", "2023-11-14T22:30:00.000Z")
    out = back(node)
    assert (out["Attribute"][0]["Note"], out["Attribute"][0]["Opinion"], out["Note"]) == ([note], [opinion], [note | {"uuid": UUIDS[43]}])


@pytest.mark.parametrize(
    ("number", "want"),
    [
        ("0", "strongly-disagree"),
        ("21", "disagree"),
        ("50", "neutral"),
        ("80", "agree"),
        ("100", "strongly-agree"),
        ("x", "neutral"),
        ("", "neutral"),
    ],
)
def test_steps(number: str, want: str) -> None:
    assert step(number) == want


def test_what_did_not_come_from_misp() -> None:
    sighting = {"type": "sighting", "id": f"sighting--{UUIDS[1]}", "last_seen": "2023-11-14T22:21:40Z", "created": "2020-01-01T00:00:00Z"}
    by = {"id": f"identity--{UUIDS[2]}", "name": "A CERT"}
    want = {"uuid": UUIDS[1], "type": "0", "date_sighting": "1700000500", "source": "KZ"}
    assert written_sighting(sighting, by, "KZ") == want | {"Organisation": {"uuid": UUIDS[2], "name": "A CERT"}}
    assert written_sighting(sighting, None, "KZ") == want
    opinion = {"type": "opinion", "id": f"opinion--{UUIDS[1]}", "created": "2023-11-14T22:21:40Z"}
    assert (written_sighting(opinion | {"opinion": "disagree"}, None, "KZ") or {})["type"] == "1"
    assert written_sighting(opinion | {"opinion": "agree"}, None, "KZ") is None
    note = {"type": "note", "id": f"note--{UUIDS[1]}", "content": "Words", "modified": "2023-11-14T22:21:40Z"}
    assert written_report(note) == {"uuid": UUIDS[1], "name": "Note", "content": "Words", "timestamp": "1700000500"}
    joined = {"id": f"relationship--{UUIDS[1]}", "relationship_type": "uses", "modified": "2023-11-14T22:21:40Z"}
    assert written_reference(joined, UUIDS[3])["referenced_uuid"] == UUIDS[3]
    assert uuid_in(joined) == UUIDS[1]
