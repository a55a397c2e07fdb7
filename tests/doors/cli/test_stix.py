"""`comity stix check`."""

from __future__ import annotations

import json

import pytest

from tests.terms.stix_examples import DOMAIN, OBSERVABLES, U4

INDICATOR = DOMAIN["indicator"]
BROKEN = {**INDICATOR, "confidence": 101}
BARE = {name: value for name, value in INDICATOR.items() if name != "description"}


def rows(done) -> list[dict[str, str]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_bundle_is_checked_object_by_object(comity, tmp_path):
    (tmp_path / "b.json").write_text(json.dumps({"type": "bundle", "id": f"bundle--{U4}", "objects": [INDICATOR, BROKEN]}))
    done = comity("stix", "check", "b.json", code=2)
    assert rows(done) == [
        {
            "file": "b.json",
            "level": "must",
            "id": INDICATOR["id"],
            "path": "confidence",
            "rule": "",
            "message": "must be a whole number from 0 to 100",
        }
    ]
    assert b"objects checked: 2, findings that count: 1" in done.stderr


def test_recommendations_count_when_asked_for(comity, tmp_path):
    (tmp_path / "i.json").write_text(json.dumps(BARE))
    assert rows(comity("stix", "check", "i.json")) == []
    (row,) = rows(comity("stix", "check", "--strict", "i.json", code=2))
    assert (row["level"], row["path"], row["rule"]) == ("should", "description", "indicator-properties")
    assert rows(comity("stix", "check", "--strict", "--disable", "indicator-properties", "i.json")) == []
    assert len(rows(comity("stix", "check", "--strict", "--musts-only", "i.json"))) == 1


def test_lists_lines_and_standard_input(comity):
    lines = "\n".join(json.dumps(obj) for obj in (INDICATOR, OBSERVABLES["url"], BROKEN)).encode()
    done = comity("stix", "check", "-", stdin=lines, code=2)
    assert [row["path"] for row in rows(done)] == ["confidence"]
    assert b"objects checked: 3" in done.stderr
    assert b"objects checked: 2" in comity("stix", "check", "-", stdin=json.dumps([INDICATOR, INDICATOR]).encode()).stderr


@pytest.mark.parametrize("raw", [b"no", b"[1]", b"no\nno", b""])
def test_what_is_no_stix_is_the_senders_fault(comity, raw):
    done = comity("stix", "check", "-", stdin=raw, code=2)
    assert done.stdout == b""
    assert b"JSON" in done.stderr or b"not a STIX object" in done.stderr


def test_an_unknown_name_is_said_with_those_there_are(comity):
    done = comity("stix", "check", "--strict", "--disable", "nothing", "-", stdin=b"{}", code=2)
    assert b"nothing is none of" in done.stderr
    assert b"extensions-use" in done.stderr
