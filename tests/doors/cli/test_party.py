"""`comity party`: the register, as of any date."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests import register_file

#: The parties of two real bodies, where they are at hand.
REAL = Path(__file__).resolve().parents[4] / "shared" / "data" / "parties.json"


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


def rows(comity, *words: str) -> list[dict]:
    return [json.loads(line) for line in comity("party", *words).stdout.splitlines()]


@pytest.fixture
def imported(comity, tmp_path):
    comity("init", "--party", "AA", "--body", "river")
    (tmp_path / "river.json").write_bytes(register_file.raw())
    comity("party", "import", str(tmp_path / "river.json"))
    return comity


def test_a_register_comes_in_from_a_file_once(imported, tmp_path):
    again = imported("party", "import", str(tmp_path / "river.json"))
    counts = {row["what"]: (row["new"], row["known"]) for row in map(json.loads, again.stdout.splitlines())}
    assert counts == {"bodies": (0, 2), "parties": (0, 6), "sources": (0, 3), "claims": (0, 10), "disputes": (0, 4)}
    said = again.stderr.decode()
    assert "kept as a conflict: RIVER: Birch: gazette says 'absent from the list in gazette'; charter says" in said
    assert "DD is member of river from 2023-07-04, after the file's own date (memory)" in said
    assert "left: 1 instruments" in said
    assert imported("fsck").stdout == b""


def test_who_accedes_has_the_rights_it_had(imported):
    (dogwood,) = [row for row in rows(imported, "list", "--body", "river", "--on", "2021-11-01") if row["party"] == "DD"]
    assert (dogwood["standing"], dogwood["status"]) == ("observer", "acceding")
    counted = rows(imported, "list", "--body", "river", "--on", "2021-11-01", "--count")
    assert {(row["status"], row["standing"]): row["parties"] for row in counted} == {
        ("member", "member"): 3, ("acceding", "observer"): 1, ("acceding", "none"): 1, ("dialogue-partner", "dialogue-partner"): 1,
    }  # fmt: skip
    assert rows(imported, "list", "--on", "2021-11-01", "--known", "2021-11-01") == []


def test_a_party_is_shown_with_every_source_and_what_others_say(imported):
    birch = [row for row in rows(imported, "show", "BB") if row["body"] == "river"]
    assert birch[0]["conflict"] is True
    assert (birch[0]["source"], birch[0]["confidence"]) == ("charter, yearbook", "cited")
    assert {row["source"] for row in birch[1:]} == {"gazette", "charter", "yearbook"}
    assert {row["party"] for row in birch} == {"BB"}
    imported("party", "show", "BB", "--known", "2021-11-01", code=3)


def test_conflicts_are_listed_with_both_sides(imported):
    imported("party", "add", "--party", "AA", "--body", "river", "--standing", "member", "--from", "2001-06-16", "--source", "memoirs")
    found = rows(imported, "conflicts", "--body", "river")
    assert {row["source"] for row in found if row["about"] == "RIVER: Birch"} == {"gazette", "charter", "yearbook"}
    assert {row["source"]: row["says"] for row in found if row["about"] == "standing of AA"} == {
        "charter": "member from 2001-06-15", "memoirs": "member from 2001-06-16",
    }  # fmt: skip
    assert [row for row in rows(imported, "conflicts", "--body", "hill") if row["body"] != "hill"] == []


def test_a_political_status_is_entered_without_rights(register):
    register("party", "add", "--party", "XX", "--body", "sco", "--standing", "acceding", "--from", "2021-09-17")
    (found,) = [row for row in rows(register, "list", "--on", "2021-11-01") if row["party"] == "XX"]
    assert (found["standing"], found["status"]) == ("none", "acceding")


def test_what_is_no_register_is_refused(register, tmp_path):
    (tmp_path / "wrong.json").write_text('{"schema": "domain.parties/1"}', "utf-8")
    assert b"not a register" in register("party", "import", str(tmp_path / "wrong.json"), code=2).stderr
    register("party", "import", str(tmp_path / "absent.json"), code=3)


def test_the_real_register(comity):
    if not REAL.is_file():
        pytest.skip("no real register: put parties.json in ../shared/data")
    comity("init", "--party", "KZ", "--body", "sco")
    comity("party", "import", str(REAL))

    def having(on: str, standing: str, body: str = "sco") -> list[str]:
        return [row["party"] for row in rows(comity, "list", "--body", body, "--on", on) if row["standing"] == standing]

    assert having("2017-06-08", "member") == ["CN", "KG", "KZ", "RU", "TJ", "UZ"]
    assert having("2021-11-01", "member") == ["CN", "IN", "KG", "KZ", "PK", "RU", "TJ", "UZ"]
    assert having("2021-11-01", "observer") == ["AF", "BY", "IR", "MN"]
    assert len(having("2021-11-01", "dialogue-partner")) == 6
    assert len(having("2021-11-01", "member", "cica")) == 27
    assert len(having("2021-11-01", "observer", "cica")) == 13
    assert [row["status"] for row in rows(comity, "list", "--body", "sco", "--on", "2021-11-01") if row["party"] == "IR"] == ["acceding"]
    assert "IR" in having("2023-07-04", "member")
    assert {"seed-sputnik", "ccdcoe-sco"} <= {row["source"] for row in rows(comity, "show", "TJ") if row["conflict"]}
