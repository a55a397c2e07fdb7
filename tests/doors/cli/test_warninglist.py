"""`comity warninglist`, and what a preview says of known good values."""

from __future__ import annotations

import json

import pytest

from comity import samples
from comity.admin.warninglists import index_path
from comity.terms.warninglist_index import build

LISTS = [
    {"name": "Documentation", "type": "cidr", "version": 1, "list": ["198.51.100.0/24"], "matching_attributes": ["ip-dst"]},
    {"name": "Odd", "type": "regex", "version": 1, "list": ["/(?=x)/"], "matching_attributes": ["domain"]},
]


@pytest.fixture
def known(tmp_path, monkeypatch):
    """Our own lists in place of the package's."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    index_path().parent.mkdir(parents=True)
    index_path().write_bytes(build(LISTS, b"0" * 16))


def test_values_are_checked_however_they_are_written(comity, known):
    rows = [json.loads(line) for line in comity("warninglist", "check", "198[.]51[.]100[.]7", "bad.example").stdout.splitlines()]
    assert rows == [
        {"value": "198.51.100.7", "kind": "ipv4", "lists": ["Documentation"]},
        {"value": "bad.example", "kind": "domain", "lists": []},
    ]
    assert b"'zzz' is no domain" in comity("warninglist", "check", "zzz", code=2).stderr


def test_the_lists_and_what_of_them_is_not_looked_up(comity, known):
    done = comity("warninglist", "list")
    assert [(row["name"], row["entries"], row["refused"]) for row in map(json.loads, done.stdout.splitlines())] == [
        ("Documentation", 1, 0),
        ("Odd", 0, 1),
    ]
    assert b"Odd: not looked up: /(?=x)/" in done.stderr


def test_a_preview_says_what_is_known_good(comity, known, tmp_path):
    for name in ("kz-phishing.misp.json", "sco-ict-sample.toml"):
        (tmp_path / name).write_bytes(samples.read(name))
    words = ("preview", "kz-phishing.misp.json", "--agreement", "sco-ict-sample.toml", "--as", "KZ")
    assert b"known good" not in comity(*words).stderr
    assert b"known good: 5 indicators on the warninglist 'Documentation': 198[.]51" in comity(*words, "--known-good").stderr
    (tmp_path / "list.csv").write_text("value\nbad.example\n")
    said = comity("preview", "list.csv", *words[2:], "--known-good").stderr
    assert b"known good: no indicator is on a warninglist" in said
