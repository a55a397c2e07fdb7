"""`comity party`: the register, as of any date."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def register(comity):
    comity("init", "--party", "KZ")
    comity("party", "add", "--party", "IN", "--body", "sco", "--standing", "observer", "--from", "2005-07-05", "--source", "Astana 2005")
    comity("party", "add", "--party", "IN", "--body", "sco", "--standing", "member", "--from", "2017-06-09", "--name", "India")
    return comity


def standing(register, on: str) -> str | None:
    rows = [json.loads(line) for line in register("party", "list", "--on", on).stdout.splitlines()]
    return next((row["standing"] for row in rows if row["party"] == "IN"), None)


def test_as_of_a_date(register):
    assert standing(register, "2017-06-08") == "observer"
    assert standing(register, "2017-06-09") == "member"
    assert standing(register, "2004-01-01") is None


def test_every_claim_with_its_source(register):
    rows = [json.loads(line) for line in register("party", "show", "in").stdout.splitlines()]
    assert [(row["standing"], row["from"], row["source"]) for row in rows] == [
        ("observer", "2005-07-05", "Astana 2005"),
        ("member", "2017-06-09", ""),
    ]


def test_an_unknown_party_is_not_found(register):
    register("party", "show", "ZZ", code=3)


def test_unknown_standings_and_dates_are_usage_errors(register):
    assert (
        b"one of" in register("party", "add", "--party", "UZ", "--body", "sco", "--standing", "boss", "--from", "2001-01-01", code=2).stderr
    )
    assert b"2021-11-01" in register("party", "list", "--on", "yesterday", code=2).stderr


def test_the_same_fact_twice_is_recorded_once(register):
    before = register("log", "list", "--last", "1").stdout
    register("party", "add", "--party", "IN", "--body", "sco", "--standing", "member", "--from", "2017-06-09", "--name", "India")
    assert register("log", "list", "--last", "1").stdout == before
