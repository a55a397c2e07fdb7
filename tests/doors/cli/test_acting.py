"""`comity agreement sign` and the other acts, from node to node."""

from __future__ import annotations

import json

import pytest

from comity.clock import now

DAY = ("--on", "2021-09-17")


@pytest.fixture
def two(comity):
    """A centre and UZ, each with the same text, and UZ's key at the centre."""
    comity("agreement", "new", "a.toml", "--id", "ours", "--body", "sco", "--title", "Ours", "--in-force", "2021-09-17")
    for node, party in (("node", "SCO-CENTRE"), ("uz", "UZ")):
        comity("init", "--party", party, node=node)
        comity("agreement", "add", "a.toml", node=node)
    key = json.loads(comity("party", "key", "show", node="uz").stdout)["key"]
    comity("party", "key", "add", "--party", "UZ", "--key", key)
    return comity


def steps(comity, *more: str, node: str = "node") -> list[tuple[str, ...]]:
    rows = [json.loads(line) for line in comity("agreement", "status", "ours", *more, node=node).stdout.splitlines()]
    return [(row["party"], row["bound"], row["step"], row["on"], row["word"]) for row in rows if row["party"] != "SCO-CENTRE"]


def test_a_party_signs_on_its_node_and_the_centre_knows_its_signature(two, tmp_path):
    two("agreement", "sign", "ours", *DAY, "--authority", "CERT", "--out", "1.act", node="uz")
    two("agreement", "ratify", "ours", "--on", "2021-09-24", "--in-force", "2021-10-01", "--out", "2.act", node="uz")
    assert (tmp_path / "1.act").read_text("utf-8").startswith("comity agreement act v1\nagreement ours@1\n")
    expected = [
        ("UZ", True, "signed", "2021-09-17", "own signature"),
        ("UZ", True, "ratified", "2021-09-24", "own signature"),
        ("UZ", True, "in force", "2021-10-01", "own signature"),
    ]
    assert steps(two, node="uz") == expected
    said = two("agreement", "act", "2.act", "1.act").stderr.decode().splitlines()  # in the order of what was done
    assert [line.split(";")[0] for line in said] == ["UZ signed ours@1 on 2021-09-17", "UZ ratified ours@1 on 2021-09-24"]
    assert steps(two) == expected
    assert {row[1] for row in steps(two, "--on", "2021-09-30")} == {False}
    shown = two("agreement", "show", "ours", "-o", "table").stdout.decode()
    assert "UZ: signed 2021-09-17 (own signature), ratified 2021-09-24 (own signature)" in shown
    (row,) = map(json.loads, two("agreement", "list").stdout.splitlines())
    assert row["bound"] == 2
    told = [json.loads(line) for line in two("agreement", "list", "--parties").stdout.splitlines()]
    assert {(row["agreement"], row["party"]) for row in told} == {("ours@1", "SCO-CENTRE"), ("ours@1", "UZ")}
    assert two("fsck").stdout == b""


def test_what_the_administrator_says_for_a_party_is_shown_as_such(two, tmp_path):
    said = two("agreement", "sign", "ours", "--party", "KZ", *DAY).stderr
    assert b"on the administrator's word" in said
    assert b"does not know the party KZ" in said
    two("agreement", "ratify", "ours", "--party", "KZ", *DAY)
    assert {(row[1], row[4]) for row in steps(two)} == {(True, "administrator, unsigned")}
    assert b"only KZ itself can sign" in two("agreement", "suspend", "ours", "--party", "KZ", "--out", "3.act", code=2).stderr
    said = two("agreement", "reserve", "ours", "--party", "KZ", *DAY, "--clause", "art-1", "--clause", "art-2").stderr
    assert b"KZ reserved art-1 and art-2 of ours@1 on 2021-09-17" in said
    two("agreement", "suspend", "ours", "--party", "KZ", "--on", "2021-09-20")
    assert b"suspended for KZ" in two("agreement", "suspend", "ours", "--party", "KZ", "--on", "2021-09-21", code=6).stderr
    assert {row[1] for row in steps(two)} == {False}
    two("agreement", "resume", "ours", "--party", "KZ")
    said = two("agreement", "withdraw", "ours", "--party", "KZ", "--on", "2021-10-01").stderr
    assert b"KZ stays bound until 2022-04-01\n" in said
    again = two("agreement", "withdraw", "ours", "--party", "KZ", "--on", "2022-10-01", code=6).stderr
    assert b"KZ gave notice of withdrawal from ours@1 on 2021-10-01" in again
    assert [row[2] for row in steps(two)] == ["signed", "ratified", "in force", "reserves", "reserves", "suspended", "gave notice"]
    assert not (tmp_path / "3.act").exists()


def test_what_is_refused_leaves_no_file_and_no_act(two, tmp_path):
    two("agreement", "ratify", "ours", "--out", "1.act", node="uz", code=1)
    assert not (tmp_path / "1.act").exists()
    (tmp_path / "1.act").write_text("mine")
    two("agreement", "sign", "ours", "--out", "1.act", node="uz", code=6)
    two("agreement", "sign", "ours", "--out", "no/such/1.act", node="uz", code=1)
    two("agreement", "sign", "nothing", node="uz", code=3)
    assert (tmp_path / "1.act").read_text() == "mine"
    assert steps(two, node="uz") == []


def test_a_changed_file_is_named(two, tmp_path):
    two("agreement", "sign", "ours", *DAY, "--out", "1.act", node="uz")
    (tmp_path / "2.act").write_bytes((tmp_path / "1.act").read_bytes().replace(b"09-17", b"09-16"))
    assert b"2.act: not signed by UZ" in two("agreement", "act", "2.act", code=8).stderr
    two("agreement", "act", "missing.act", code=3)
    (tmp_path / "3.act").write_bytes(b"{}")
    assert b"3.act: not a signed note" in two("agreement", "act", "1.act", "3.act", code=8).stderr
    assert steps(two) == []


def test_what_the_node_knew_once(two):
    before = steps(two)
    two("agreement", "sign", "ours", "--party", "KZ", *DAY)
    two("agreement", "ratify", "ours", "--party", "KZ", *DAY)
    known = now().isoformat()
    two("agreement", "withdraw", "ours", "--party", "KZ", "--on", "2021-10-01")
    assert before == []
    assert [row[2] for row in steps(two)] == ["signed", "ratified", "in force", "gave notice"]
    assert [row[1:3] for row in steps(two, "--known", known)] == [(True, "signed"), (True, "ratified"), (True, "in force")]
    said = two("agreement", "status", "ours", "--known", "2020-01-01", code=3).stderr
    assert b"this node knew of no agreement ours on 2020-01-01" in said


def test_nobody_yet(comity, tmp_path):
    comity("init", "--party", "KZ")
    comity("agreement", "new", "a.toml", "--id", "ours", "--body", "sco", "--title", "Ours")
    text = (tmp_path / "a.toml").read_text("utf-8")
    (tmp_path / "a.toml").write_text(text[: text.index("[party.")], "utf-8")
    comity("agreement", "add", "a.toml")
    said = comity("agreement", "status", "ours")
    assert said.stdout == b""
    assert b"0 parties bound" in said.stderr
    assert b"comity agreement sign" in said.stderr
