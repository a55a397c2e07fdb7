"""`comity log`; tampering is in tests/whole/test_tampering.py."""

from __future__ import annotations

import json

import pytest

from comity.ledger.keys import read_verifier
from comity.ledger.proof import read_proof, verify
from tests.consortium import indicator


@pytest.fixture
def node(comity, tmp_path):
    comity("init", "--party", "KZ")
    (tmp_path / "i.json").write_text(json.dumps(indicator(id="indicator--11111111-1111-4111-8111-111111111111")))
    comity("add", "i.json")
    comity("log", "export", "copy")
    return comity, read_verifier((tmp_path / "copy" / "key").read_text().strip())


def test_head_is_a_signed_note(node):
    comity, _ = node
    head = json.loads(comity("log", "head").stdout)
    assert head["size"] == 3
    assert comity("log", "head", "-o", "table").stdout.decode() == head["checkpoint"]


def test_list_shows_the_latest(node):
    comity, _ = node
    rows = [json.loads(line) for line in comity("log", "list", "--last", "2").stdout.splitlines()]
    assert [(row["index"], row["kind"]) for row in rows] == [(1, "govern"), (2, "accept")]


def test_proofs_verify_offline(node, tmp_path):
    comity, key = node
    comity("log", "prove", "2", "--out", "entry.proof")
    assert verify(read_proof((tmp_path / "entry.proof").read_bytes()), (key,))
    arrival = comity("log", "prove", "indicator--11111111-1111-4111-8111-111111111111").stdout
    assert verify(read_proof(arrival), (key,))


def test_a_proof_is_checked_here_and_anywhere(node, tmp_path):
    comity, _ = node
    key = (tmp_path / "copy" / "key").read_text()
    comity("log", "prove", "2", "--out", "entry.proof")
    said = json.loads(comity("log", "check", "entry.proof").stdout)
    assert (said["index"], said["size"], said["kind"]) == (2, 3, "accept")
    comity("log", "prove", "indicator--11111111-1111-4111-8111-111111111111", "--out", "object.proof")
    (tmp_path / "object.json").write_bytes(comity("get", "indicator--11111111-1111-4111-8111-111111111111", "-o", "json").stdout.strip())
    assert json.loads(comity("log", "check", "object.proof", "--key", key, "--node", "nowhere").stdout) == said
    for name in ("entry.proof", "object.proof"):
        proof = (tmp_path / name).read_bytes()
        (tmp_path / "bad.proof").write_bytes(proof.replace(b"index 2", b"index 1", 1))
        comity("log", "check", "bad.proof", code=8)
    (tmp_path / "other.json").write_text("{}")
    comity("log", "check", "object.proof", "--object", "other.json", code=8)
    comity("log", "check", "entry.proof", "--object", "other.json", code=2)


def test_what_is_not_there_is_not_found(node):
    comity, _ = node
    comity("log", "prove", "99", code=3)
    comity("log", "prove", "indicator--00000000-0000-4000-8000-000000000000", code=3)
    comity("log", "verify", "--export", "nowhere", code=1)


def test_an_export_goes_over_an_earlier_one_and_over_nothing_else(node, tmp_path):
    comity, _ = node
    comity("party", "add", "--party", "UZ", "--body", "sco", "--standing", "member", "--from", "2001-06-15")
    comity("log", "export", "copy")
    assert json.loads(comity("log", "verify", "--export", "copy").stdout)["size"] == 4
    comity("init", "--party", "UZ", node="other")
    before = (tmp_path / "copy" / "log.jsonl").read_bytes()
    assert b"holds other things" in comity("log", "export", "copy", node="other", code=6).stderr
    assert (tmp_path / "copy" / "log.jsonl").read_bytes() == before
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "key").write_text("mine")
    comity("log", "export", "mine", code=6)
    assert (tmp_path / "mine" / "key").read_text() == "mine"


def test_exported_tiles_are_checked_by_a_key(node, tmp_path):
    comity, _ = node
    comity("log", "export", "--tiles", "tiles")
    key = (tmp_path / "copy" / "key").read_text()
    assert json.loads(comity("log", "verify", "--export", "tiles", "--key", key, "--node", "nowhere").stdout)["size"] == 3
    comity("token", "create", "--party", "UZ")
    comity("log", "export", "--tiles", "tiles")
    assert json.loads(comity("log", "verify", "--export", "tiles").stdout)["size"] == 4
    for name in ("tile/0/000.p/4", "tile/entries/000.p/3"):
        raw = (tmp_path / "tiles" / name).read_bytes()
        (tmp_path / "tiles" / name).write_bytes(raw[:40] + bytes([raw[40] ^ 4]) + raw[41:])
        assert f"{name}: " in comity("log", "verify", "--export", "tiles", code=8).stderr.decode()
        (tmp_path / "tiles" / name).write_bytes(raw)


def test_a_page_that_checks_without_a_server(node, tmp_path):
    comity, _ = node
    key = (tmp_path / "copy" / "key").read_text().strip()
    comity("log", "page", "check.html", "--lang", "ru")
    there = (tmp_path / "check.html").read_text()
    assert f'value="{key}"' in there
    comity("log", "page", "again.html", "--lang", "ru", "--key", key, node="nowhere")
    assert (tmp_path / "again.html").read_text() == there
