"""`comity claims`: side by side on a terminal or as data."""

from __future__ import annotations

import json

import pytest

from tests.consortium import indicator


@pytest.fixture
def node(comity, tmp_path):
    comity("init", "--party", "KZ")
    for number, (confidence, word) in enumerate([(80, "malicious-activity"), (20, "benign")]):
        item = indicator(pattern="[domain-name:value = 'login.example.net']", confidence=confidence, indicator_types=[word])
        (tmp_path / f"{number}.json").write_text(json.dumps(item))
        comity("add", f"{number}.json")
    return comity


def test_claims_and_where_they_differ(node):
    done = node("claims", "login[.]example[.]net")
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert sorted(claim["confidence"] for claim in found) == [20, 80] and all(claim["origin"] == "KZ" for claim in found)
    assert "they differ in confidence: " in done.stderr.decode() and "malicious-activity" in done.stderr.decode()
    assert b"CONFIDENCE" in node("claims", "login.example.net", "-o", "table").stdout


def test_nothing_known_and_mail_addresses(node):
    node("claims", "other.example.net", code=3)
    assert b"G6" in node("claims", "a@mail.example.net", code=2).stderr
