"""`comity match`: with a list and no node, with a node, from standard input."""

from __future__ import annotations

import gzip
import json
import sys

from comity import samples
from comity.doors.cli.match_output import Status, listed
from comity.match.hit import Hit
from tests.consortium import indicator
from tests.doors.cli.terminal import HOSTILE, OBEYED, on_terminal

LOG = b'192.0.2.1 - - [01/Nov/2021:00:00:00 +0000] "GET http://www.bad.example/x HTTP/1.1" 200 5 "-" "-"\n'


def test_a_list_and_no_node(comity, tmp_path):
    (tmp_path / "list.txt").write_text("bad.example\n")
    (tmp_path / "access.log.gz").write_bytes(gzip.compress(LOG))
    (hit,) = map(json.loads, comity("match", "access.log.gz", "--indicators", "list.txt", node="none").stdout.splitlines())
    assert set(hit) == {"file", "line", "field", "kind", "value", "observed", "how", "indicator", "at"}
    assert hit["at"] == "2021-11-01T00:00:00Z"
    assert (hit["line"], hit["kind"], hit["value"], hit["observed"], hit["how"]) == (
        1,
        "domain",
        "bad.example",
        "www.bad.example",
        "subdomain",
    )


def test_standard_input_and_summary(comity, tmp_path):
    (tmp_path / "list.txt").write_text("bad.example\n192.0.2.1\n")
    rows = [json.loads(line) for line in comity("match", "-", "--indicators", "list.txt", "--summary", stdin=LOG * 3).stdout.splitlines()]
    assert {(row["value"], row["hits"]) for row in rows} == {("bad.example", 3), ("192.0.2.1", 3)}


def test_submit_needs_the_nodes_own_indicators(comity, tmp_path):
    (tmp_path / "list.txt").write_text("bad.example\n")
    comity("match", "-", "--indicators", "list.txt", "--submit", stdin=LOG, code=2)


def test_a_missing_log_is_not_found(comity, tmp_path):
    (tmp_path / "list.txt").write_text("bad.example\n")
    comity("match", "none.log", "--indicators", "list.txt", code=3)


def test_the_table_for_people_has_no_control_characters(comity, tmp_path):
    (tmp_path / "list.txt").write_text("bad.example\n")
    done = comity("match", "-", "--indicators", "list.txt", "-o", "table", stdin=b"\x1b[31m bad.example \x1b[0m\n")
    assert b"bad.example" in done.stdout
    assert b"\x1b" not in done.stdout


def test_a_log_does_not_speak_to_the_terminal(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    hit = Hit(file=HOSTILE, line=1, field=HOSTILE, kind="domain", value=HOSTILE, observed=HOSTILE, how="exact", indicator=None)
    with on_terminal() as terminal:
        assert listed([hit], "table") == 1
    assert not OBEYED & set(terminal.said())
    assert terminal.said().count("\n") == 1


def test_the_end_says_how_each_file_was_read_and_what_looks_wrong(comity, tmp_path):
    (tmp_path / "list.txt").write_text("bad.example\n")
    (tmp_path / "dns.log").write_bytes(samples.read("uz-dns.log"))
    (tmp_path / "wide.log").write_bytes("GET http://bad.example/\n".encode("utf-16"))
    (tmp_path / "junk.log").write_bytes(bytes(range(256)))
    (tmp_path / "bundle.json").write_bytes(samples.read("kz-threat-report.stix.json"))
    done = comity("match", "dns.log", "wide.log", "junk.log", "bundle.json", "-", "--indicators", "list.txt", stdin=LOG)
    said = done.stderr.decode()
    assert sum(json.loads(line)["file"] == "wide.log" for line in done.stdout.splitlines()) == 1
    lines = len(samples.read("uz-dns.log").splitlines())
    assert f"dns.log: zeek, {lines:,} lines\n" in said
    assert "-: text, 1 line\n" in said
    assert "wide.log: text, 1 line\n" in said
    assert "warning: junk.log: it looks binary" in said
    assert "warning: bundle.json: it looks like STIX" in said
    assert said.count("warning: ") == 2


def test_patterns_of_a_node_become_sightings(comity, tmp_path):
    comity("init", "--party", "KZ")
    both = indicator(pattern="([domain-name:value = 'a.example'] FOLLOWEDBY [domain-name:value LIKE '%.b.example']) WITHIN 9 SECONDS")
    slow = indicator(pattern="[domain-name:value MATCHES '^c[0-9]']")
    (tmp_path / "b.json").write_text(json.dumps({"type": "bundle", "id": f"bundle--{both['id'][11:]}", "objects": [both, slow]}))
    names = ["a.example", "c1.example", "x.b.example"]
    rows = [f'{{"ts":{1_700_000_000 + at},"query":"{name}"}}' for at, name in enumerate(names)]
    (tmp_path / "dns.log").write_text("\n".join(rows) + "\n")
    comity("add", "b.json")
    found = comity("match", "dns.log", "--submit")
    (hit,) = map(json.loads, found.stdout.splitlines())
    assert (hit["line"], hit["kind"], hit["observed"], hit["indicator"]) == (3, "pattern", "x.b.example", both["id"])
    assert b"sightings: 1 accepted" in found.stderr
    assert slow["id"].encode() in found.stderr
    every = comity("match", "dns.log", "--all-patterns")
    assert {json.loads(line)["line"] for line in every.stdout.splitlines()} == {2, 3}


def test_who_has_no_node_is_told_of_lists(comity, tmp_path):
    (tmp_path / "a.log").write_bytes(LOG)
    assert b"name a list with --indicators FILE" in comity("match", "a.log", node="none", code=1).stderr
    (tmp_path / "node").mkdir()
    assert b"--indicators" not in comity("match", "a.log", node="node", code=1).stderr


def test_while_logs_are_followed_hits_become_sightings_now_and_then(monkeypatch):
    given = []
    module = sys.modules["comity.doors.cli.match"]
    monkeypatch.setattr(module, "_EVERY", 0.0)
    waiting = module._Waiting(lambda hits: given.append(list(hits)), Status())
    hit = Hit(file="a", line=1, field="f", kind="domain", value="v", observed="v", how="exact", indicator="i", at=None)
    waiting.look()
    assert list(waiting.of([hit, hit])) == [hit, hit]
    waiting.look()
    waiting.look()
    list(waiting.of([hit]))
    waiting.give()
    assert given == [[hit, hit], [hit]]
    nobody = module._Waiting(None, Status())
    assert list(nobody.of([hit])) == [hit]
    nobody.look()
    nobody.give()


def test_what_stands_in_a_directory_is_followed(tmp_path):
    for name in ("b.log", "a.log"):
        (tmp_path / name).touch()
    followed = sys.modules["comity.doors.cli.match"]._followed
    assert followed([str(tmp_path), "later.log"], print) == [str(tmp_path / "a.log"), str(tmp_path / "b.log"), "later.log"]
