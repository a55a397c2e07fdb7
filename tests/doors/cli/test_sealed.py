"""`comity add --sealed`, `comity party key --sealing` and `comity sealed`, over two nodes."""

from __future__ import annotations

import json

import pytest

from tests.consortium import indicator

SECRET = indicator(pattern="[domain-name:value = 'secret.example']")


def key_of(comity, node: str) -> str:
    return json.loads(comity("party", "key", "show", "--sealing", node=node).stdout)["key"]


@pytest.fixture
def nodes(comity, tmp_path):
    comity("init", "--party", "KZ", node="kz")
    comity("init", "--party", "UZ", node="uz")
    (tmp_path / "secret.json").write_text(json.dumps(SECRET))
    return tmp_path


def rows(done) -> list[dict[str, str]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def carried(comity, tmp_path) -> None:
    """The sealed object of KZ's node, as a file that was sent to UZ, and taken in there as KZ's."""
    from comity.node import open_node

    world = open_node(tmp_path / "kz")
    (row,) = world.store.by_type("comity-sealed")
    (tmp_path / "sealed.json").write_bytes(world.store.bodies([row.item])[row.item])
    world.store.close()
    comity("add", str(tmp_path / "sealed.json"), "--as", "KZ", "--to", "UZ", node="uz")


def test_it_is_sealed_carried_and_opened(comity, nodes):
    comity("party", "key", "add", "--party", "UZ", "--key", key_of(comity, "uz"), node="kz")
    comity("add", str(nodes / "secret.json"), "--tlp", "red", "--to", "UZ", node="kz")
    carried(comity, nodes)
    (came,) = rows(comity("sealed", node="uz"))
    assert (came["outcome"], came["id"], came["origin"]) == ("accepted", SECRET["id"], "KZ")
    comity("fsck", node="uz")


def test_what_cannot_be_sealed_is_rejected(comity, nodes):
    done = comity("add", str(nodes / "secret.json"), "--to", "UZ", "--sealed", node="kz", code=1)
    assert b"no sealing key of UZ is known here" in done.stdout
    done = comity("add", str(nodes / "secret.json"), "--as", "UZ", "--to", "KZ", "--sealed", node="kz", code=2)
    assert b"only KZ itself seals here" in done.stderr


def test_a_rotated_key_still_opens_and_a_lost_one_is_said(comity, nodes):
    comity("party", "key", "add", "--party", "UZ", "--key", key_of(comity, "uz"), node="kz")
    comity("add", str(nodes / "secret.json"), "--tlp", "red", "--to", "UZ", node="kz")
    comity("party", "key", "rotate", node="uz")
    file = nodes / "uz" / "keys" / "sealing"
    both = file.read_bytes()
    assert len(both.splitlines()) == 2 and key_of(comity, "uz").split("+")[1] == both.splitlines()[1].split(b"+")[3].decode()
    file.unlink()
    carried(comity, nodes)
    done = comity("sealed", node="uz", code=9)
    assert rows(done)[0]["outcome"] == "waiting" and "no sealing key of this node opens it" in rows(done)[0]["why"]
    file.write_bytes(both)
    assert rows(comity("sealed", node="uz"))[0]["outcome"] == "accepted"


def test_keys_for_acts_and_for_sealing_are_told_apart(comity, nodes):
    key = key_of(comity, "uz")
    acts = json.loads(comity("party", "key", "show", node="uz").stdout)["key"]
    comity("party", "key", "add", "--party", "UZ", "--key", acts, node="kz")
    done = comity("party", "key", "add", "--party", "UZ", "--key", key, node="kz")
    assert b"is sealed to" in done.stderr and b"the key's name" not in done.stderr
    assert [row["use"] for row in rows(comity("party", "key", "list", node="kz"))] == ["acts", "sealing"]
    comity("party", "key", "drop", "--party", "UZ", "--key", key.split("+")[1], node="kz")
    assert [row["use"] for row in rows(comity("party", "key", "list", node="kz"))] == ["acts"]
