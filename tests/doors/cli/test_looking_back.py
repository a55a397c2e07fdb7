"""`comity match --keep` and `--history`."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.consortium import indicator

pytest.importorskip("duckdb", reason="needs the extra: pip install 'comity[history]'")


def rows(done) -> list[dict]:
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture
def node(comity, tmp_path):
    """A node that kept a log of yesterday, and then got an indicator."""
    comity("init", "--party", "KZ")
    at = (datetime.now(UTC) - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    line = {"timestamp": at, "src_ip": "10.9.8.7", "dns": {"rrname": "www.bad.test"}}
    (tmp_path / "dns.json").write_text((json.dumps(line) + "\n") * 3)
    assert b"1 value kept for 30 days" in comity("match", "dns.json", "--keep").stderr
    (tmp_path / "item.json").write_text(json.dumps(indicator(pattern="[domain-name:value = 'bad.test']")))
    comity("add", "item.json", "--known-good", "off")
    return comity, at


def test_what_came_later_is_found_and_told_once(node):
    comity, at = node
    (found,) = rows(comity("match", "--history", "--since", "30d", "--known-good", "off"))
    assert (found["day"], found["observed"], found["how"], found["count"]) == (at[:10], "www.bad.test", "subdomain", 3)
    first = comity("match", "--history", "--new", "--submit", "--known-good", "off")
    assert len(rows(first)) == 1 and b"sightings: 1 accepted" in first.stderr
    assert rows(comity("match", "--history", "--new", "--known-good", "off")) == []
    assert b"none that are new" in comity("match", "--history", "--submit", "--known-good", "off").stderr


def test_a_node_may_keep_always_and_a_damaged_part_is_said(node, tmp_path):
    comity, _ = node
    settings = tmp_path / "node" / "node.toml"
    settings.write_text(settings.read_text() + "\n[history]\nkeep = true\ndays = 7\n")
    (tmp_path / "more.json").write_text((tmp_path / "dns.json").read_text().replace("www.", "ftp."))
    assert b"kept for 7 days" in comity("match", "more.json").stderr
    assert b"not kept" in comity("match", "-", stdin=b"x\n").stderr
    (part, _) = sorted((tmp_path / "node" / "history").glob("*/*.parquet"))
    part.write_bytes(b"junk")
    done = comity("match", "--history", "--known-good", "off", code=9)
    assert len(rows(done)) == 1 and b"cannot be read and is left out" in done.stderr


def test_what_was_kept_is_counted(node):
    comity, at = node
    assert rows(comity("match", "--history", "--by", "day")) == [{"day": at[:10], "hits": 3, "indicators": 1}]
    assert rows(comity("match", "--history", "--by", "source")) == [{"source": "KZ", "hits": 3, "indicators": 1}]
    (row,) = rows(comity("match", "--history", "--summary"))
    assert (row["hits"], row["value"]) == (3, "bad.test")
    comity("match", "--history", "--by", "file", code=2)
