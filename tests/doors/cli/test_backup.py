"""`comity backup`, `comity restore` and `comity log renew`: put back whole, or refused and named; never two pasts of one log."""

from __future__ import annotations

import json
import shutil

import pytest

from comity import samples


@pytest.fixture
def node(comity, tmp_path):
    comity("init", "--party", "KZ")
    (tmp_path / "kz.json").write_bytes(samples.read("kz-phishing.misp.json"))
    comity("add", "kz.json", code=None)
    (tmp_path / "secret").write_text("correct horse\n")
    return comity


def entries(comity, node=None) -> int:
    return json.loads(comity("log", "verify", node=node).stdout)["size"]


def test_a_backup_is_put_back_and_goes_on(node, tmp_path):
    size = entries(node)
    made = json.loads(node("backup", "b", "--keys", "--passphrase-file", "secret").stdout)
    assert (made["size"], sorted(made["parts"])) == (size, ["comity.db", "keys", "node.toml"])
    assert (tmp_path / "b").stat().st_mode & 0o077 == 0
    node("backup", "b", "--check")
    node("backup", "b", code=6)
    told = node("restore", "b", "--passphrase-file", "secret", node="again").stderr.splitlines()[-1]
    assert b"two pasts of one log" in told
    assert node("fsck", node="again").stdout == b""
    assert node("search", "type:indicator", node="again", code=None).stdout == node("search", "type:indicator", code=None).stdout
    node("token", "create", "--party", "UZ", node="again")
    assert entries(node, "again") == size + 1
    assert sorted(path.name for path in (tmp_path / "again" / "keys").iterdir())[0] == "acts"


def test_keys_come_with_a_passphrase_or_by_hand(node, tmp_path):
    node("backup", "b", "--keys", "--passphrase-file", "secret")
    (tmp_path / "wrong").write_text("battery staple\n")
    node("restore", "b", "--passphrase-file", "wrong", node="again", code=2)
    node("restore", "b", node="again", code=2)
    assert not (tmp_path / "again" / "node.toml").exists()
    plain = node("backup", "p")
    assert b"keys are not in it" in plain.stderr
    secret = (tmp_path / "node" / "keys" / "log").read_bytes().strip()
    assert secret not in (tmp_path / "p").read_bytes() + (tmp_path / "b").read_bytes()
    node("restore", "p", node="third", code=2)
    shutil.copytree(tmp_path / "node" / "keys", tmp_path / "third" / "keys")
    node("restore", "p", node="third")
    node("backup", "k", "--keys", code=1)


@pytest.mark.parametrize("part", range(12))
def test_one_changed_bit_anywhere_is_found(node, tmp_path, part):
    node("backup", "b", "--keys", "--passphrase-file", "secret")
    raw = bytearray((tmp_path / "b").read_bytes())
    at = (len(raw) - 10_240) * part // 12 + 700  # not in the padding at the end
    while not raw[at]:
        at += 1
    raw[at] ^= 1 << part % 8
    (tmp_path / "b").write_bytes(bytes(raw))
    done = node("backup", "b", "--check", code=None)
    restored = node("restore", "b", "--passphrase-file", "secret", node="again", code=None)
    assert (done.returncode, restored.returncode) == (8, 8), at
    assert not (tmp_path / "again" / "node.toml").exists()


def test_a_cut_backup_and_a_node_that_is_there(node, tmp_path):
    node("backup", "b", "--keys", "--passphrase-file", "secret")
    raw = (tmp_path / "b").read_bytes()
    for end in (0, 400, 1_000, len(raw) // 2):
        (tmp_path / "cut").write_bytes(raw[:end])
        node("backup", "cut", "--check", code=8)
    node("restore", "b", "--passphrase-file", "secret", code=6)
    assert entries(node)


def test_yesterday_put_back_signs_no_second_past(node, tmp_path):
    node("backup", "b")
    node("token", "create", "--party", "UZ")
    lost = entries(node)
    for name in ("comity.db", "comity.db-wal", "comity.db-shm", "node.toml"):
        (tmp_path / "node" / name).unlink(missing_ok=True)
    told = node("restore", "b")
    assert b"put back" in told.stderr
    assert b"log renew" in told.stderr
    refused = node("token", "create", "--party", "UZ", code=8)
    assert b"nothing was appended" in refused.stderr
    node("log", "verify")
    node("log", "renew", "--reason", "the disk failed")
    node("token", "create", "--party", "UZ")
    (entry,) = [json.loads(line) for line in node("log", "list").stdout.splitlines() if b'"renew"' in line]
    assert entry["detail"]["had"] == lost
    assert entry["detail"]["kept"] < lost
    assert node("fsck").stdout == b""
    assert json.loads(node("log", "verify").stdout)["signed"] is True


def test_a_short_passphrase_keeps_nobody_out(node, tmp_path):
    (tmp_path / "short").write_text("x\n")
    told = node("backup", "b", "--keys", "--passphrase-file", "short", code=2).stderr
    assert b"12 or more" in told and not (tmp_path / "b").exists()
