"""`comity init` and `comity up`."""

from __future__ import annotations

import socket
import stat

import pytest

from comity.doors.cli.nodes import _check_free
from comity.errors import OperatorFault


def test_a_node_has_private_keys_and_its_own_standing(comity, tmp_path):
    comity("init", "--party", "kz", "--body", "SCO", "--name", "KZ-CERT")
    keys = tmp_path / "node" / "keys"
    assert {path.name for path in keys.iterdir()} == {"acts", "high-water", "log", "parcels", "people", "sealing", "turns", "witness"}
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in keys.rglob("*") if path.is_file())
    assert stat.S_IMODE((tmp_path / "node").stat().st_mode) == 0o700
    assert b'"standing":"member"' in comity("party", "list").stdout
    assert b"KZ-CERT" in (tmp_path / "node" / "node.toml").read_bytes()


def test_a_centre_has_the_key_of_its_body_from_the_beginning(comity, tmp_path):
    assert b"rules are signed by" in comity("init", "--party", "SCO-CENTRE", "--standing", "partner", "--body-key").stderr
    assert stat.S_IMODE((tmp_path / "node" / "keys" / "body").stat().st_mode) == 0o600


def test_a_node_is_made_once(comity):
    comity("init", "--party", "KZ")
    assert b"is a node already" in comity("init", "--party", "KZ", code=6).stderr


def test_wrong_words_are_usage_errors(comity):
    assert b"not a party code" in comity("init", "--party", "K!", code=2).stderr
    assert b"--party" in comity("init", code=2).stderr


def test_a_folder_that_is_no_node_says_what_next(comity, tmp_path):
    said = comity("party", "list", node="nowhere", code=1).stderr
    assert b"there is no folder" in said
    assert b"--node DIR or COMITY_NODE" in said
    assert b"comity init" in said
    (tmp_path / "empty").mkdir()
    assert b"empty is not a node" in comity("party", "list", node="empty", code=1).stderr


def test_beyond_loopback_a_node_refuses_to_serve_in_the_clear(comity):
    comity("init", "--party", "KZ")
    assert b"--behind-proxy" in comity("up", "--host", "0.0.0.0", code=1).stderr
    said = comity("up", "--host", "0.0.0.0", "--behind-proxy", "proxy.example", code=1).stderr
    assert b"neither an address nor a network" in said and b"192.0.2.7" in said


def test_a_port_in_use_is_said_and_no_link_is_made(comity):
    comity("init", "--party", "KZ")
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = comity("up", "--port", str(port), code=1)
    assert f"port {port} is in use: choose another with --port".encode() in done.stderr
    assert b"sign in" not in done.stderr + done.stdout


def test_a_free_port_passes_and_an_address_of_others_is_said():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    _check_free("127.0.0.1", port)
    _check_free("localhost", port)
    with pytest.raises(OperatorFault, match=r"cannot listen on 192\.0\.2\.1"):
        _check_free("192.0.2.1", port)
