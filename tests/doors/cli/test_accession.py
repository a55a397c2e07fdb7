"""`comity accession`: begun, gone through and ended at the node."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def body(comity):
    comity("init", "--party", "SCO-CENTRE", "--standing", "guest")
    for party in ("KZ", "UZ", "CN"):
        comity("party", "add", "--party", party, "--body", "sco", "--standing", "member", "--from", "2001-06-15")
    comity("party", "add", "--party", "IR", "--body", "sco", "--standing", "observer", "--from", "2005-07-05")
    return comity


def told(done) -> dict:
    return json.loads(done.stdout)


def at(body, on: str, party: str = "IR") -> tuple[str, str] | None:
    rows = [json.loads(line) for line in body("party", "list", "--on", on).stdout.splitlines()]
    return next(((row["standing"], row["status"]) for row in rows if row["party"] == party), None)


def test_from_application_to_admission(body, tmp_path):
    (tmp_path / "list.txt").write_text("Charter=2022-12-31\n\nConvention\n", "utf-8")
    made = told(body("accession", "start", "--party", "IR", "--documents", str(tmp_path / "list.txt"), "--on", "2021-09-01"))
    id_ = made["accession"]
    assert [each["due"][:10] for each in made["documents"]] == ["2022-12-31", "2022-09-01"]
    late = body("accession", "step", id_, "launch", "--on", "2021-09-17")
    assert b"2 of 2 documents are late" in late.stderr
    assert at(body, "2021-11-01") == ("observer", "acceding")
    assert b"waits for: document" in body("accession", "admit", id_, "--from", "2023-07-04", code=6).stderr
    for title, on in (("Charter", "2022-09-15"), ("Convention", "2023-01-25")):
        body("accession", "step", id_, "document", "--document", title, "--on", on)
    body("accession", "step", id_, "recommend", "--on", "2023-02-01")
    assert told(body("accession", "admit", id_, "--from", "2023-07-04", "--on", "2023-07-03"))["stage"] == "admitted"
    assert at(body, "2023-07-03") == ("observer", "acceding")
    assert at(body, "2023-07-04") == ("member", "member")
    shown = body("accession", "show", id_, "-o", "table").stdout.decode()
    assert "ADMITTED since 2023-07-03" in shown
    assert "document   2022-09-15 by SCO-CENTRE: Charter" in shown
    assert body("fsck").returncode == 0


def test_two_speak_and_one_objects(body):
    id_ = told(body("accession", "start", "--party", "TM", "--to", "observer", "--sponsors", "--on", "2021-09-01"))["accession"]
    for party in ("KZ", "UZ"):
        body("accession", "step", id_, "sponsor", "--party", party, "--on", "2021-09-02")
    assert told(body("accession", "show", id_))["stage"] == "unopposed"
    body("accession", "object", id_, "--party", "IR", code=4)
    assert b"observer" in body("accession", "object", id_, "--party", "CN", "--on", "2021-09-10", "--reason", "early").stdout
    (row,) = [json.loads(line) for line in body("accession", "list").stdout.splitlines()]
    assert (row["stage"], row["steps"][-1]["note"]) == ("objected", "early")


def test_a_notice_and_its_end(body):
    made = told(body("accession", "start", "--party", "UZ", "--to", "withdrawn"))
    assert made["stage"] == "noticed"
    assert "effect" in body("accession", "show", made["accession"], "-o", "table").stdout.decode()
    assert told(body("accession", "step", made["accession"], "end"))["stage"] == "ended"
    assert at(body, "2100-01-01", "UZ") == ("member", "member")
    assert body("party", "conflicts").stdout == b""


def test_who_is_suspended_may_still_withdraw(body):
    body("accession", "start", "--party", "UZ", "--to", "suspended", "--on", "2021-01-01")
    assert told(body("accession", "start", "--party", "UZ", "--to", "withdrawn"))["stage"] == "noticed"
    wrong = ("--from", "2021-01-01", "--until", "2020-01-01")
    assert b"would end before" in body("party", "add", "--party", "QQ", "--body", "sco", "--standing", "member", *wrong, code=2).stderr


def test_usage_and_absence(body):
    body("accession", "show", "acc_0", code=3)
    body("accession", "start", "--party", "IR", "--document", "Charter=soon", code=2)
    body("accession", "start", "--party", "TM", "--to", "observer")
    assert b"on its way there already" in body("accession", "start", "--party", "TM", "--to", "observer", code=6).stderr
    assert b"is member in sco already" in body("accession", "start", "--party", "UZ", code=6).stderr
    body("accession", "start", "--party", "IR", "--to", "boss", code=2)
    assert len(body("accession", "list").stdout.splitlines()) == 1
