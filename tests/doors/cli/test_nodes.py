"""`comity init` and `comity up`."""

from __future__ import annotations

import stat


def test_a_node_has_private_keys_and_its_own_standing(comity, tmp_path):
    comity("init", "--party", "kz", "--body", "SCO", "--name", "KZ-CERT")
    keys = tmp_path / "node" / "keys"
    assert {path.name for path in keys.iterdir()} == {"log", "parcels"}
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in keys.iterdir())
    assert stat.S_IMODE((tmp_path / "node").stat().st_mode) == 0o700
    assert b'"standing":"member"' in comity("party", "list").stdout
    assert b"KZ-CERT" in (tmp_path / "node" / "node.toml").read_bytes()


def test_a_node_is_made_once(comity):
    comity("init", "--party", "KZ")
    assert b"is a node already" in comity("init", "--party", "KZ", code=6).stderr


def test_wrong_words_are_usage_errors(comity):
    assert b"not a party code" in comity("init", "--party", "K!", code=2).stderr
    assert b"--party" in comity("init", code=2).stderr


def test_a_folder_that_is_no_node_says_what_next(comity):
    said = comity("party", "list", node="nowhere", code=1).stderr
    assert b"is not a node" in said
    assert b"comity init" in said


def test_beyond_loopback_a_node_refuses_to_serve_in_the_clear(comity):
    comity("init", "--party", "KZ")
    assert b"--behind-proxy" in comity("up", "--host", "0.0.0.0", code=1).stderr
