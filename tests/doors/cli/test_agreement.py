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
    assert shown["document"].startswith("Sample agreement on the exchange")
    comity("agreement", "show", "nothing", code=3)


def test_an_agreement_of_another_body_is_taken_and_that_is_said(comity, sample):
    comity("init", "--party", "KZ", "--body", "reg")
    said = comity("agreement", "add", sample).stderr
    assert b"note: this node is of reg, the agreement of sco: comity why and comity audience take --body sco\n" in said
    comity("init", "--party", "KZ", node="other")
    assert b"--body" not in comity("agreement", "add", sample, node="other").stderr


@pytest.mark.parametrize(("role", "told"), [("", True), ('role = "centre"\n', False)])
def test_a_node_that_is_not_the_centre_is_told_so(comity, tmp_path, role, told):
    text = samples.read("sco-ict-sample.toml").decode().replace('role = "centre"', "") + f"\n[party.QQ]\nin_force = 2021-09-17\n{role}"
    (tmp_path / "own.toml").write_text(text)
    comity("init", "--party", "QQ", "--body", "sco")
    assert (
        b"note: QQ is not its centre: this node passes on items of others only as" in comity("agreement", "add", "own.toml").stderr
    ) == told


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


def test_show_is_a_document_and_the_text_on_demand(comity, sample, tmp_path):
    shown = comity("agreement", "show", sample, "-o", "table", "--html", "a.html", node="none").stdout.decode()
    assert "Clause art-2.1: a permission" in shown
    assert "Members receive from members threat objects" in shown
    assert "<h2>Parties</h2>" in (tmp_path / "a.html").read_text()
    written = comity("agreement", "show", sample, "--toml", "-o", "table", node="none")
    assert written.stdout.strip() == samples.read("sco-ict-sample.toml").strip()
    assert b"not the text of any treaty" in written.stderr
    comity("agreement", "show", sample, "--html", "no/such/place.html", node="none", code=1)


def test_diff_in_words(comity, sample, tmp_path):
    (tmp_path / "b.toml").write_text((tmp_path / sample).read_text().replace('types = ["indicator", "@observables"]', 'types = ["report"]'))
    found = comity("agreement", "diff", sample, "b.toml", node="none")
    said = [json.loads(line)["change"] for line in found.stdout.splitlines()]
    assert any(line.startswith("gives ") and "observer" in line and "reports up to TLP:GREEN" in line for line in said)
    assert any(line.startswith("takes from ") for line in said)
    assert b"sco-ict-sample@1 -> sco-ict-sample@1: 3 changes" in found.stderr
    assert comity("agreement", "diff", sample, sample, node="none").stdout == b""
    comity("agreement", "diff", sample, "missing.toml", node="none", code=3)


def test_export_to_cedar(comity, sample):
    text = comity("agreement", "export", sample, "--cedar", node="none").stdout.decode()
    assert '@id("sco-ict-sample@1/art-2.1")' in text
    comity("agreement", "export", sample, node="none", code=2)


def test_lint_says_whose_fault_it_is(comity, sample, tmp_path):
    (tmp_path / "b.toml").write_text((tmp_path / sample).read_text().replace('onward = "parties"', 'onward = "other-ict"'))
    found = [json.loads(row) for row in comity("agreement", "lint", "b.toml", node="none").stdout.splitlines()]
    assert [row["fault"] for row in found if "other-ict" in row["message"]] == ["operator"]
