"""`comity match --known-good`."""

from __future__ import annotations

import json

import pytest

from comity.admin.warninglists import index_path
from comity.doors.cli import suppressing
from comity.doors.cli.suppressing import suppression
from comity.errors import OperatorFault
from comity.match.hit import Hit
from comity.terms.warninglist_index import build
from tests.consortium import indicator

LISTS = [{"name": "Large sites", "type": "hostname", "version": 1, "list": ["cdn.test"], "matching_attributes": ["domain"]}]
LOG = b"GET http://www.cdn.test/ and http://bad.test/\n" * 3


@pytest.fixture
def node(comity, tmp_path, monkeypatch):
    """A node that holds two indicators, one of which is known to be good."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    index_path().parent.mkdir(parents=True)
    index_path().write_bytes(build(LISTS, b"0" * 16))
    comity("init", "--party", "KZ")
    items = [indicator(pattern=f"[domain-name:value = '{name}']") for name in ("cdn.test", "bad.test")]
    items.append(indicator(pattern="[domain-name:value = 'old.test']", valid_until="2021-11-01T00:00:00Z"))
    (tmp_path / "items.json").write_text(json.dumps({"type": "bundle", "id": f"bundle{items[0]['id'][9:]}", "objects": items}))
    comity("add", "items.json", "--known-good", "off")
    return comity


def values(done) -> list[str]:
    return [json.loads(line)["value"] for line in done.stdout.splitlines()]


def test_a_node_leaves_them_out_and_says_so(node):
    done = node("match", "-", stdin=LOG)
    assert values(done) == ["bad.test"] * 3
    said = done.stderr.decode()
    assert "left out 3 hits of 1 value on warninglists (--known-good tell keeps them):\n  cdn[.]test: 3 hits, on 'Large sites'\n" in said
    assert "left out 1: expired: old[.]test (indicator--" in said


def test_unless_it_is_told_otherwise(node):
    told, off = (node("match", "-", "--known-good", word, stdin=LOG) for word in ("tell", "off"))
    assert values(told) == values(off) == ["cdn.test", "bad.test"] * 3
    assert b"note: 3 hits of 1 value on warninglists (--known-good skip leaves them out)" in told.stderr
    assert b"warninglist" not in off.stderr


def test_a_list_is_what_its_owner_asked_for_and_is_told(node, tmp_path):
    (tmp_path / "list.txt").write_text("cdn.test\nbad.test\n")
    done = node("match", "-", "--indicators", "list.txt", stdin=LOG, node="none")
    assert values(done) == ["cdn.test", "bad.test"] * 3
    assert b"cdn[.]test: 3 hits, on 'Large sites'" in done.stderr
    done = node("match", "-", "--indicators", "list.txt", "--known-good", "skip", stdin=LOG, node="none")
    assert values(done) == ["bad.test"] * 3


def test_a_file_that_says_what_is_over(node):
    done = node("match", "-", "--indicators", "items.json", stdin=LOG + b"GET http://old.test/\n")
    assert "old.test" not in values(done)
    assert b"left out 1: expired: old[.]test" in done.stderr


def test_a_least_score(node):
    assert values(node("match", "-", "--min-score", "60", stdin=LOG)) == []
    node("match", "-", "--min-score", "1", "--indicators", "items.json", stdin=LOG, code=2)


def test_more_than_some_are_counted(capsys):
    found = [suppressing.Suppressed(kind="domain", value=f"n{n}.test", lists=("A", "B"), hits=n + 1) for n in range(5)]
    suppressing.tell_suppressed(found, "skip")
    said = capsys.readouterr().err
    assert "left out 15 hits of 5 values" in said and "  n4[.]test: 5 hits, on 'A' and 1 more\n" in said
    assert "n0[.]test" not in said and "and 2 more: --explain" in said
    suppressing.tell_suppressed(found, "skip", every=True)
    assert "n0[.]test" in capsys.readouterr().err


def test_without_the_lists(monkeypatch, capsys):
    def missing(_):
        raise OperatorFault("the package is not installed")

    monkeypatch.setattr(suppressing, "open_warninglists", missing)
    hit = Hit(file="a", line=1, field="q", kind="domain", value="a.test", observed="a.test", how="exact", indicator="x")
    kept = suppression("tell")
    assert kept is not None and list(kept.of([hit])) == [hit]
    assert "not installed" in capsys.readouterr().err
    strict = suppression("skip")
    assert strict is not None
    with pytest.raises(OperatorFault):
        list(strict.of([hit]))
    assert suppression("off") is None
