"""`comity add`: what a user has, told apart by content; exit codes by what became of it."""

from __future__ import annotations

import gzip
import json
from collections import Counter

import pytest

from comity import samples
from comity.doors.cli.add import FileOutcome, _for_people, drafts_of
from comity.errors import SenderFault
from comity.match import openfile
from tests.consortium import indicator
from tests.doors.cli.terminal import HOSTILE, OBEYED, on_terminal


@pytest.fixture
def node(comity):
    comity("init", "--party", "KZ")
    return comity


def outcomes(done) -> list[dict]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_bundle_and_again(node, tmp_path):
    (tmp_path / "b.json").write_bytes(samples.read("kz-threat-report.stix.json"))
    first, again = outcomes(node("add", "b.json")), outcomes(node("add", "b.json"))
    assert {o["outcome"] for o in first} == {"accepted"}
    assert {o["outcome"] for o in again} == {"duplicate"}
    assert len(first) == len(again) == 128


def test_the_same_objects_in_other_spelling_are_duplicates(node, tmp_path):
    (tmp_path / "b.json").write_bytes(samples.read("kz-threat-report.stix.json"))
    node("add", "b.json")
    (tmp_path / "c.json").write_text(json.dumps(json.loads(samples.read("kz-threat-report.stix.json")), indent=3, sort_keys=True))
    assert {o["outcome"] for o in outcomes(node("add", "c.json"))} == {"duplicate"}


def test_other_content_under_one_version_is_quarantined(node, tmp_path):
    item = indicator()
    for name, obj in (("a.json", item), ("b.json", {**item, "name": "changed"})):
        (tmp_path / name).write_text(json.dumps(obj))
    node("add", "a.json")
    (o,) = outcomes(node("add", "b.json"))
    assert o["outcome"] == "quarantined"
    assert "other content" in o["why"]


def test_tables_lists_and_compressed_ones(node, tmp_path):
    (tmp_path / "t.csv").write_text("type,value,first_seen\ndomain,bad.example,2021-10-01\nipv4,192.0.2.7,2021-10-02\n")
    (tmp_path / "l.txt.gz").write_bytes(gzip.compress(b"# a list\nevil[.]example\n198.51.100.9\n"))
    assert [o["outcome"] for o in outcomes(node("add", "t.csv", "l.txt.gz"))] == ["accepted"] * 4
    assert {o["outcome"] for o in outcomes(node("add", "t.csv", "l.txt.gz"))} == {"duplicate"}


def test_standard_input(node):
    assert len(outcomes(node("add", "-", stdin=json.dumps(indicator()).encode()))) == 1


def test_on_behalf_of_a_party_with_envelope_options(node, tmp_path):
    item = indicator()
    (tmp_path / "a.json").write_text(json.dumps(item))
    node("add", "a.json", "--as", "UZ", "--tlp", "red", "--to", "TJ", "--handling", "H1", "--purpose", "network-defence,statistics")
    node("get", item["id"], code=3)
    said = json.loads(node("why", item["id"], "TJ").stdout)
    assert said["origin"] == "UZ"


@pytest.mark.parametrize(
    "option", [("--tlp", "purple"), ("--purpose", "x"), ("--handling", "H9"), ("--as", "?"), ("--to", "?"), ("--kind", "x")]
)
def test_unknown_words_are_usage_errors(node, tmp_path, option):
    (tmp_path / "a.json").write_text(json.dumps(indicator()))
    node("add", "a.json", *option, code=2)


def test_csv_and_json_output(node, tmp_path):
    (tmp_path / "a.json").write_text(json.dumps({**indicator(), "name": "=cmd()"}))
    assert node("add", "a.json", "-o", "csv").stdout.splitlines()[0] == b"outcome,file,position,id,type,version,why"
    assert json.loads(node("add", "a.json", "-o", "json").stdout)[0]["outcome"] == "duplicate"


def test_a_log_is_not_taken_as_indicators(node, tmp_path):
    (tmp_path / "dns.log").write_bytes(samples.read("uz-dns.log"))
    assert b"comity match" in node("add", "dns.log", code=2).stderr


def test_the_table_for_people_tells_what_was_not_taken(node, tmp_path):
    (tmp_path / "a.json").write_text(json.dumps([indicator(), {"type": "indicator"}]))
    done = node("add", "a.json", "-o", "table", code=9)
    assert b"rejected" in done.stdout
    assert b"1 accepted, 1 rejected" in done.stderr


@pytest.mark.parametrize("text", [b'{"type": "bundle", "objects": []}', b'{"Event": {"info": "x"}}', b"<html><body>x</body></html>"])
def test_a_document_that_unpacks_to_too_much(tmp_path, monkeypatch, text):
    monkeypatch.setattr(openfile, "MOST", 1_000)
    (tmp_path / "bomb").write_bytes(gzip.compress(text + b" " * 1_000))
    with pytest.raises(SenderFault, match="more than the 1000"):
        list(drafts_of(None, str(tmp_path / "bomb"), None))


def test_what_was_not_taken_is_told_to_people_without_what_a_terminal_obeys():
    told = FileOutcome(outcome="rejected", file=HOSTILE, position=HOSTILE, id=HOSTILE, why=HOSTILE)
    with on_terminal() as terminal:
        _for_people([told], Counter())
    assert not OBEYED & set(terminal.said().replace("\r\x1b[K", ""))  # our own progress line
    assert terminal.said().count("\n") == 1


def test_a_party_that_the_register_does_not_know_is_noted(comity, tmp_path):
    comity("init", "--party", "KZ")
    (tmp_path / "list.txt").write_text("bad.example\n")
    assert b"does not know the party ZZ" in comity("add", "list.txt", "--as", "zz").stderr
    assert b"does not know" not in comity("add", "list.txt", "--as", "KZ").stderr
