"""The forms for tools say the same as each other."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import msgspec

from comity.doors.cli.preview_data import COLUMNS, document, records, rows
from comity.doors.cli.preview_look import Preview

BUNDLE, EVENT = "kz-threat-report.stix.json", "kz-phishing.misp.json"


def plain(value: Any) -> Any:
    return json.loads(msgspec.json.encode(value))


def test_the_document(previewed: Callable[..., Preview], changed: str) -> None:
    found = plain(document(previewed(BUNDLE, EVENT, change=changed)))
    assert (found["as"], found["on"], found["purposes"]) == ("KZ", "2021-11-01T00:00:00Z", ["network-defence"])
    (agreement,) = found["agreements"]
    assert (agreement["id"], agreement["version"], agreement["instead_of"]) == ("sco-ict-sample", 2, "sco-ict-sample@1")
    parties = {each["party"]: (each["standing"], each["role"]) for each in found["parties"]}
    assert parties == {
        "KZ": ("member", "party"), "UZ": ("member", "party"), "IN": ("member", "party"),
        "IR": ("observer", "party"), "SCO-CENTRE": (None, "centre"),
    }  # fmt: skip
    for item in found["items"]:
        assert set(item["decisions"]) == set(parties)
    for party, counts in found["summary"].items():
        effects = [item["decisions"][party]["effect"] for item in found["items"]]
        assert counts == {effect: effects.count(effect) for effect in ("permit", "redact", "approve", "deny")}
    amber = next(item for item in found["items"] if item["tlp"] == "amber" and item["type"] == "report")
    assert amber["decisions"]["SCO-CENTRE"]["fact"] == "TLP"
    assert [each["kind"] for each in found["tlp_breaks"]] == ["misp-distribution"]
    assert {each["kind"] for each in found["empty_groups"]} == {"sharing-group", "reaches-nobody"}
    assert {(each["change"], each["party"], each["before"]["effect"], each["after"]["effect"]) for each in found["changes"]} == {
        ("gained", "IR", "deny", "permit")
    }
    assert found["change_summary"] == ["gives 1 observer (IR) 62 objects (60 indicators, 1 email-message, 1 file) up to TLP:AMBER"]


def test_records_carry_the_whole_document(previewed: Callable[..., Preview], changed: str) -> None:
    preview = previewed(BUNDLE, EVENT, change=changed, files={"x.json": "{}"})
    whole, lines = plain(document(preview)), plain(list(records(preview)))
    named = {"items": "item", "tlp_breaks": "tlp-break", "empty_groups": "empty-group", "not_taken": "not-taken", "changes": "change"}
    for key, record in named.items():
        assert whole[key]
        assert [{k: v for k, v in line.items() if k != "record"} for line in lines if line["record"] == record] == whole[key]
    last = lines[-1]
    assert last.pop("record") == "summary"
    assert last == {key: value for key, value in whole.items() if key not in named}


def test_rows_are_item_by_party(previewed: Callable[..., Preview]) -> None:
    preview = previewed(BUNDLE)
    found = list(rows(preview))
    assert len(found) == 128 * 4
    assert all(set(row) <= set(COLUMNS) for row in found)
    assert sum(row["party"] == "IR" and row["effect"] == "permit" for row in found) == 30
