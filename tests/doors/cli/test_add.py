"""`comity add`: what a user has, told apart by content; exit codes by what became of it."""

from __future__ import annotations

import gzip
import json
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import zstandard

from comity import samples
from comity.doors.cli.add import FileOutcome, _for_people, drafts_in
from comity.doors.cli.progress import Progress
from comity.errors import SenderFault
from comity.match import openfile
from tests.consortium import MEMBERS, START, indicator
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


def test_whoever_is_addressed_and_not_known_is_told(node, tmp_path):
    (tmp_path / "a.json").write_text(json.dumps(indicator()))
    (tmp_path / "b.json").write_text(json.dumps(indicator()))
    (o,) = outcomes(node("add", "a.json", "--to", "KZ,QQ"))
    assert (o["outcome"], o["why"].partition(":")[0]) == ("accepted", "it is addressed to QQ")
    done = node("add", "b.json", "--to", "")
    assert outcomes(done)[0]["outcome"] == "accepted"
    assert b"note: --to names nobody: it stays with its origin\n" in done.stderr
    assert b"--to" not in node("add", "b.json").stderr


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


def test_a_document_that_unpacks_to_too_much(tmp_path, monkeypatch):
    monkeypatch.setattr(openfile, "MOST", 1_000)
    (tmp_path / "bomb").write_bytes(gzip.compress(b'{"Event": {"info": "x"}}' + b" " * 1_000))
    with openfile.opened(str(tmp_path / "bomb")) as file, pytest.raises(SenderFault, match="more than the 1000"):
        list(drafts_in(file, "bomb", "misp", START))


def test_a_bundle_may_unpack_to_any_size(node, tmp_path, monkeypatch):
    """A gigabyte of white space costs the time to pass it."""
    items = [json.dumps(indicator()) for _ in range(2)]
    (tmp_path / "b.json.gz").write_bytes(gzip.compress(("[" + items[0] + "," + " " * 200_000_000 + items[1] + "]").encode(), 1))
    assert [o["outcome"] for o in outcomes(node("add", "b.json.gz"))] == ["accepted"] * 2


@pytest.mark.parametrize("pack", [lambda raw: raw, gzip.compress, zstandard.ZstdCompressor().compress])
def test_bytes_in_are_bytes_out_whatever_the_packing(node, tmp_path, pack):
    raws = [
        json.dumps(indicator(name="\u0436 \u00e9 \U0001f600", x_n=[1.50, 1e3])),
        json.dumps(indicator(name="\u0436"), ensure_ascii=False, indent=2),
        json.dumps(dict(reversed(indicator(description='\\ "] },{ ').items())), separators=(" ,", " : ")),
        json.dumps(
            indicator(extensions={"extension-definition--12345678-1234-4234-8234-123456789012": {"extension_type": "property-extension"}})
        ),
    ]
    (tmp_path / "b").write_bytes(pack(('{"objects":[' + " ,\n".join(raws) + '],"id":"bundle--1","type":"bundle"}').encode()))
    assert {o["outcome"] for o in outcomes(node("add", "b"))} == {"accepted"}
    for raw in raws:
        assert node("get", json.loads(raw)["id"]).stdout.strip() == raw.encode()


@pytest.mark.parametrize("cut", [0.4, 0.999])
def test_what_stands_before_the_damage_is_kept(node, tmp_path, cut):
    raw = gzip.compress(json.dumps([indicator(description=random.Random(n).randbytes(500).hex()) for n in range(50)]).encode())
    (tmp_path / "b.gz").write_bytes(raw[: int(len(raw) * cut)])
    done = node("add", "b.gz", code=9)
    found = Counter(o["outcome"] for o in outcomes(done))
    assert found["accepted"] > 50 * cut * 0.8
    assert found["rejected"] in (1, 2)
    assert b"damaged" in done.stdout


@pytest.mark.parametrize(
    ("raw", "code", "said"),
    [
        (b'{"type":"bundle","objects":[' + b"[" * 2_000_000, 1, b"goes on for"),
        (b'{"type":"bundle","objects":[' + b"[" * 500_000, 1, b"nested deeper than 64"),
        (b'{"type":"bundle","objects":[{"name":"\x00"}]}', 2, b"binary"),
        ('{"type":"bundle","objects":[]}'.encode("utf-16"), 2, b"UTF-8"),
        (b'{"type":"bundle","objects":[{"id":"indicator--\\u0000"}]}', 1, b"U+0000"),
        (b'{"type":"bundle","objects":[]}', 1, b"nothing in it"),
        (b'{"type":"bundle","objects":[{"type":"x","name":"' + b"x" * 3_000_000 + b'"}]}', 1, b"more than 1048576 bytes"),
    ],
)
def test_hostile_bundles_are_refused_with_their_reason(node, tmp_path, raw, code, said):
    (tmp_path / "b.json").write_bytes(raw)
    done = node("add", "b.json", code=code)
    assert said in done.stdout + done.stderr


def test_many_tiny_objects_are_refused_one_by_one(node, tmp_path):
    (tmp_path / "b.json").write_bytes(b'{"type":"bundle","objects":[' + b"{}," * 99_999 + b"{}]}")
    assert len(outcomes(node("add", "b.json", code=1))) == 100_000


def test_a_pattern_of_many_terms_is_decided_in_time(node, tmp_path):
    terms = " OR ".join(f"url:value = 'h{n}'" for n in range(30_000))
    (tmp_path / "b.json").write_text(json.dumps([indicator(pattern=f"[{terms}]"), indicator()]))
    assert "accepted" in {o["outcome"] for o in outcomes(node("add", "b.json", code=None))}


@pytest.mark.loop
def test_what_was_acknowledged_before_a_kill_is_there(node, tmp_path):
    items = [indicator() for _ in range(12_000)]
    (tmp_path / "b.json").write_text("\n".join(map(json.dumps, items)))
    environment = {**os.environ, "COMITY_NODE": str(tmp_path / "node"), "PYTHONPATH": str(Path(__file__).parents[3])}
    with subprocess.Popen(
        [sys.executable, "-m", "comity", "add", "b.json"], stdout=subprocess.PIPE, cwd=tmp_path, env=environment
    ) as running:
        assert running.stdout
        told = [json.loads(running.stdout.readline())["id"] for _ in range(1_001)]
        running.send_signal(signal.SIGKILL)
    again = {o["id"]: o["outcome"] for o in outcomes(node("add", "b.json"))}
    assert {again[id_] for id_ in told} == {"duplicate"}
    assert set(again.values()) == {"duplicate", "accepted"}
    assert len(again) == len(items)
    node("fsck")


def test_what_was_not_taken_is_told_to_people_without_what_a_terminal_obeys():
    told = FileOutcome(outcome="rejected", file=HOSTILE, position=HOSTILE, id=HOSTILE, why=HOSTILE)
    with on_terminal() as terminal:
        _for_people([told], Progress().always())
    assert not OBEYED & set(terminal.said().replace("\r\x1b[K", ""))  # our own progress line
    assert terminal.said().count("\n") == 1


def test_a_party_that_the_register_does_not_know_is_noted(comity, tmp_path):
    comity("init", "--party", "KZ")
    (tmp_path / "list.txt").write_text("bad.example\n")
    assert b"does not know the party ZZ" in comity("add", "list.txt", "--as", "zz").stderr
    assert b"does not know" not in comity("add", "list.txt", "--as", "KZ").stderr


@pytest.mark.parametrize(("kind", "head"), [("text", b"words "), ("html", b"<html><p>words ")])
def test_a_report_that_unpacks_to_more_than_reports_are_is_refused(node, tmp_path, kind, head):
    (tmp_path / "bomb").write_bytes(gzip.compress(head + b"word\n" * 8_000_000))
    done = node("add", "bomb", "--kind", kind, code=2)
    assert b"more than the 33554432 bytes" in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_person_adds_for_their_party_up_to_the_ceiling_of_their_role(node, tmp_path):
    (tmp_path / "a.toml").write_text(MEMBERS + '\n[cap.analyst]\ntlp_max = "green"\n')
    node("agreement", "add", "a.toml")
    (tmp_path / "b.json").write_text(json.dumps(indicator()))
    node("user", "add", "anna", "--party", "KZ", "--role", "analyst")
    node("add", "b.json", "--user", "anna", "--as", "UZ", code=2)
    node("add", "b.json", "--user", "nobody", code=3)
    (refused,) = outcomes(node("add", "b.json", "--user", "anna", code=1))
    assert "beyond the role analyst, whose ceiling by test@1 is TLP:GREEN" in refused["why"]
    assert outcomes(node("add", "b.json", "--user", "anna", "--tlp", "green"))[0]["outcome"] == "accepted"
    assert json.loads(node("log", "list", "--last", "1").stdout)["actor"] == "anna"
