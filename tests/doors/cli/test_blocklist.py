"""`comity blocklist export`; what is on a list and why is in tests/release and tests/forms."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest

from comity.doors.cli.blocklist import FORMATS
from tests.consortium import indicator
from tests.forms.suricata_parser import parse

_PAPER = [{"source_name": "cert", "url": "https://cert.example/7"}]


def bad(pattern: str, **more) -> dict:
    dates = {"valid_until": "2099-01-01T00:00:00Z"}
    return indicator(**{"pattern": pattern, "indicator_types": ["malicious-activity"], "external_references": _PAPER, **dates, **more})


@pytest.fixture
def node(comity, tmp_path):
    comity("init", "--party", "KZ")
    items = [
        bad("[domain-name:value = 'login.example.net']"),
        bad("[ipv4-addr:value = '198.51.100.7']"),
        bad("[file:hashes.'SHA-256' = '" + "ab" * 32 + "']"),
        bad("[domain-name:value = 'co.uk']"),
        bad("[domain-name:value = 'vpn.example.net']", indicator_types=["anonymization"]),
    ]
    (tmp_path / "in.json").write_text(
        json.dumps({"type": "bundle", "id": "bundle--0a8f1e59-0000-4000-8000-000000000001", "objects": items})
    )
    comity("add", "in.json")
    return comity


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_holds_the_same_and_says_what_it_leaves_out(node, form):
    done = node("blocklist", "export", "--to", form)
    said, told = done.stdout.decode(), done.stderr.decode()
    assert "login.example.net" in said and "198.51.100.7" in said.replace("7.100.51.198", "198.51.100.7")
    assert "co.uk" not in said and "vpn.example.net" not in said
    assert "a public suffix" in told and "anonymization is no reason to block (G8)" in told
    assert re.search(r"\d+ values on the list, \d+ left out", told)


def test_a_file_is_written_whole_with_its_lists_beside_it(node, tmp_path):
    node("blocklist", "export", "--to", "suricata", "--out", "out.rules")
    rules = [parse(line) for line in (tmp_path / "out.rules").read_text().splitlines() if not line.startswith("#")]
    assert {rule["filesha256"] for rule in rules if rule.has("filesha256")} == {"out.sha256.lst"}
    assert (tmp_path / "out.sha256.lst").read_text().startswith("ab" * 32)
    assert (tmp_path / "out.rules").stat().st_mode & 0o777 & ~0o644 == 0
    assert not [path.name for path in tmp_path.iterdir() if path.name.startswith(".out")]
    node("blocklist", "export", "--to", "suricata", "--datasets", code=2)
    node("blocklist", "export", "--to", "suricata", "--datasets", "--out", "sets.rules")
    assert (tmp_path / "sets.ip.lst").read_text() == "198.51.100.7\n"


def test_a_zone_that_says_the_same_keeps_its_serial(node, tmp_path):
    node("blocklist", "export", "--to", "rpz", "--out", "zone", "--zone", "rpz.example.")
    before = (tmp_path / "zone").read_text()
    assert "$ORIGIN rpz.example." in before
    (tmp_path / "spare.txt").write_text("198.51.100.0/24\n")
    node("blocklist", "export", "--to", "rpz", "--out", "zone", "--zone", "rpz.example", "--allow", "spare.txt")
    after = (tmp_path / "zone").read_text()
    assert "rpz-ip" in before and "rpz-ip" not in after
    serials = [int(re.search(r"\( (\d+) ", text)[1]) for text in (before, after)]
    assert serials[0] < serials[1]


def test_an_allow_list_that_cannot_be_read_stops_everything(node, tmp_path):
    (tmp_path / "spare.txt").write_text("login.example.net\nwhat is this\n")
    said = node("blocklist", "export", "--to", "csv", "--allow", "spare.txt", code=2)
    assert b"line 2" in said.stderr and not said.stdout
    node("blocklist", "export", "--to", "csv", "--allow", "missing.txt", code=3)


@pytest.mark.parametrize(
    "wrong",
    [
        ["--to", "xml"],
        [],
        ["--to", "csv", "--tlp-max", "blue"],
        ["--to", "rpz", "--zone", "a b"],
        ["--to", "rpz", "--zone", "x.\n$INCLUDE /"],
        ["--to", "csv", "--max-age", "soon"],
    ],
)
def test_wrong_words_are_usage_errors(node, wrong):
    node("blocklist", "export", *wrong, code=2)


def test_a_folder_that_is_not_there_is_the_operators(node):
    assert b"cannot write" in node("blocklist", "export", "--to", "csv", "--out", "missing/out.csv", code=1).stderr


def test_the_use_is_in_the_log(node):
    node("blocklist", "export", "--to", "csv", "--dispute", "mail abuse@cert.example")
    kinds = json.loads(node("log", "verify").stdout)["kinds"]
    assert kinds["access"] >= 1
    rows = list(
        csv.DictReader(io.StringIO(node("blocklist", "export", "--to", "csv", "--dispute", "mail abuse@cert.example").stdout.decode()))
    )
    assert {row["dispute"] for row in rows} == {"mail abuse@cert.example"}


def test_an_empty_node_gives_an_empty_list(comity):
    comity("init", "--party", "KZ")
    for form in FORMATS:
        assert b"0 values on the list" in comity("blocklist", "export", "--to", form).stderr
