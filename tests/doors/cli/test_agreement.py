"""`comity agreement`."""

from __future__ import annotations

import json

import pytest

from comity import samples


@pytest.fixture
def sample(tmp_path):
    (tmp_path / "a.toml").write_bytes(samples.read("sco-ict-sample.toml"))
    return "a.toml"


def test_lint_needs_no_node(comity, sample):
    assert b"nothing to complain about" in comity("agreement", "lint", sample, node="none").stderr


def test_lint_names_the_line(comity, sample, tmp_path):
    text = (tmp_path / sample).read_text().replace('"network-defence"', '"surveillance"')
    (tmp_path / "bad.toml").write_text(text)
    line = text.splitlines().index('purposes = ["surveillance"]') + 1
    found = [json.loads(row) for row in comity("agreement", "lint", "bad.toml", code=1).stdout.splitlines()]
    assert any(row["line"] == line and row["level"] == "error" for row in found)


def test_add_list_show(comity, sample):
    comity("init", "--party", "KZ")
    assert b"not the text of any treaty" in comity("agreement", "add", sample).stderr
    (row,) = (json.loads(line) for line in comity("agreement", "list").stdout.splitlines())
    assert (row["agreement"], row["governs"], row["illustrative"]) == ("sco-ict-sample@1", True, True)
    shown = json.loads(comity("agreement", "show", "sco-ict-sample").stdout)
    assert shown["text"].encode() == samples.read("sco-ict-sample.toml")
    comity("agreement", "show", "nothing", code=3)


def test_a_faulty_agreement_is_not_taken(comity, tmp_path):
    comity("init", "--party", "KZ")
    (tmp_path / "bad.toml").write_text('[agreement]\nid = "x"\nversion = 1\nbody = "sco"\nfoo = 1\n')
    assert b"line " in comity("agreement", "add", "bad.toml", code=1).stderr
    assert comity("agreement", "list").stdout == b""


def test_another_text_under_the_same_version_is_a_conflict(comity, sample, tmp_path):
    comity("init", "--party", "KZ")
    comity("agreement", "add", sample)
    comity("agreement", "add", sample)
    (tmp_path / "b.toml").write_text((tmp_path / sample).read_text().replace("TLP:AMBER.", "TLP:AMBER!"))
    assert b"count its version up" in comity("agreement", "add", "b.toml", code=6).stderr
