"""`comity match` against what a node may match; and a list without all that belongs to a node."""

from __future__ import annotations

import subprocess
import sys

from comity import samples


def test_the_nodes_indicators_and_sightings_once(comity, tmp_path):
    comity("init", "--party", "KZ")
    (tmp_path / "b.json").write_bytes(samples.read("kz-threat-report.stix.json"))
    (tmp_path / "dns.log").write_bytes(samples.read("uz-dns.log"))
    comity("add", "b.json")
    first = comity("match", "dns.log", "--submit")
    assert len(first.stdout.splitlines()) == 37
    assert b"accepted" in first.stderr
    assert b"duplicate" in comity("match", "dns.log", "--submit").stderr
    assert b"192.0.2" not in b"".join(line for line in comity("log", "list").stdout.splitlines() if b"sighting" in line)


def test_a_list_needs_nothing_of_a_node():
    code = "import sys, comity.__main__, comity.doors.cli.match; print([name for name in sys.modules if name.startswith('comity.')])"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "'comity.match.scan'" in loaded
    assert not any(f"'comity.{name}" in loaded for name in ("node'", "store", "ledger", "agree", "intake", "release", "world"))
