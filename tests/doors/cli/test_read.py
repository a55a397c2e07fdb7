"""`comity get` and `comity search`."""

from __future__ import annotations

import json

import pytest

from tests.consortium import indicator


@pytest.fixture
def held(comity, tmp_path):
    comity("init", "--party", "KZ")
    item = indicator(pattern="[domain-name:value = 'bad.example']", name="one")
    (tmp_path / "a.json").write_text(json.dumps(item, indent=1))
    comity("add", "a.json")
    return comity, item, tmp_path


def test_get_prints_the_very_bytes(held):
    comity, item, folder = held
    assert comity("get", item["id"]).stdout.rstrip(b"\n") == (folder / "a.json").read_bytes()
    assert json.loads(comity("get", f"{item['id']}@{item['modified']}").stdout) == item
    comity("get", f"{item['id']}@2001-01-01T00:00:00Z", code=3)


def test_hidden_and_absent_are_told_apart_by_nothing(held, tmp_path):
    comity, _, _ = held
    hidden = indicator()
    (tmp_path / "h.json").write_text(json.dumps(hidden))
    comity("add", "h.json", "--as", "UZ")
    absent = "indicator--00000000-0000-4000-8000-00000000ffff"
    one, other = comity("get", hidden["id"], code=3), comity("get", absent, code=3)
    assert one.stdout == other.stdout == b""
    assert one.stderr.replace(hidden["id"].encode(), b"") == other.stderr.replace(absent.encode(), b"")


@pytest.mark.parametrize("query", ["bad.example", "BAD[.]example", "hxxp://x.example/", "indicator"])
def test_search(held, query):
    comity, item, _ = held
    found = comity("search", query if query != "indicator" else item["id"], code=3 if query.startswith("hxxp") else 0)
    assert (item["id"].encode() in found.stdout) == (not query.startswith("hxxp"))
