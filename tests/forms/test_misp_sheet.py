from __future__ import annotations

from datetime import UTC, datetime

from comity.forms.misp_sheet import Sheet

AT = datetime(2023, 11, 14, 22, 15, tzinfo=UTC)
UUID = "00000001-1234-4234-8234-123456789012"


def test_the_day_of_the_event_is_when_its_parts_were_made() -> None:
    sheet = Sheet(uuid=UUID, moment=AT, day=datetime(2023, 11, 14, tzinfo=UTC), author="identity--1")
    head = sheet.head("indicator", (UUID,), None, ("tlp:green",))
    assert (head["id"], head["created"], head["modified"]) == (f"indicator--{UUID}", "2023-11-14T00:00:00.000Z", "2023-11-14T22:15:00.000Z")
    earlier = datetime(2020, 1, 1, tzinfo=UTC)
    assert sheet.head("indicator", (UUID,), earlier)["created"] == "2020-01-01T00:00:00.000Z"
    assert Sheet(uuid=UUID, moment=AT).head("note", (UUID,), None)["created"] == "2023-11-14T22:15:00.000Z"


def test_what_has_no_uuid_is_known_by_what_it_says() -> None:
    sheet = Sheet(uuid=UUID, moment=AT)
    one, again, other = (sheet.head("indicator", ("", *words), None)["id"] for words in (("a", "b"), ("a", "b"), ("a", "c")))
    assert one == again != other


def test_empty_properties_are_left_out() -> None:
    made = Sheet(uuid=UUID, moment=AT).filled(
        {"type": "note", "labels": [], "content": "x", "description": "", "lang": None}, {"type": "", "value": "v"}
    )
    assert {key for key in made if key != "extensions"} == {"type", "content", "x_misp_event_uuid", "x_misp_value"}
