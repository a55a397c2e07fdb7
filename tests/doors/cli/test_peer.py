"""`comity peer` and `comity sync`; the exchange itself is in tests/peer and tests/whole."""

from __future__ import annotations

import json
import socket
import time

import pytest


@pytest.fixture
def node(comity, tmp_path):
    comity("init", "--party", "UZ")
    (tmp_path / "secret").write_text("cmt_00000000_" + "0" * 64 + "\n")
    return comity


def test_the_token_never_shows_again(node):
    node("peer", "add", "centre", "--taxii", "https://centre.example/taxii2/", "--party", "SCO-CENTRE", "--token-file", "secret")
    listed = node("peer", "list").stdout
    assert b"centre.example" in listed
    assert b"cmt_" not in listed
    node("peer", "add", "centre", "--taxii", "https://centre.example/taxii2/", "--party", "SCO-CENTRE", "--token-file", "secret", code=6)


def test_plain_http_beyond_loopback_is_refused(node):
    said = node("peer", "add", "x", "--taxii", "http://centre.example/taxii2/", "--party", "XX", "--token-file", "secret", code=2).stderr
    assert b"use https" in said


def test_a_peer_needs_a_token(node):
    assert b"COMITY_PEER_TOKEN" in node("peer", "add", "x", "--taxii", "https://centre.example/", "--party", "XX", code=2).stderr


def test_a_server_that_is_not_there_is_unavailable(node):
    node("peer", "add", "x", "--taxii", "http://127.0.0.1:9/taxii2/", "--party", "XX", "--token-file", "secret")
    assert b"nothing is lost" in node("sync", code=7).stderr
    node("sync", "nobody", code=3)


def test_without_peers_sync_says_so(comity):
    comity("init", "--party", "UZ")
    assert b"no peers yet" in comity("sync").stderr


def test_a_peer_is_changed_and_removed(node, tmp_path):
    node("peer", "add", "centre", "--taxii", "https://centre.example/taxii2/", "--party", "SCO-CENTRE", "--token-file", "secret")
    again = node("peer", "add", "centre", "--taxii", "https://centre.example/", "--party", "SCO-CENTRE", "--token-file", "secret", code=6)
    assert b"comity peer set centre" in again.stderr
    (tmp_path / "other").write_text("cmt_11111111_" + "1" * 64 + "\n")
    said = node("peer", "set", "centre", "--token-file", "other", "--push", "--no-pull", "--taxii", "https://new.example/taxii2/")
    (listed,) = map(json.loads, node("peer", "list").stdout.splitlines())
    assert (listed["url"], listed["push"], listed["pull"]) == ("https://new.example/taxii2/", True, False)
    node("peer", "remove", "centre")
    assert node("peer", "list").stdout == b""
    log = node("log", "list").stdout
    assert [row["kind"] for row in map(json.loads, log.splitlines())][-3:] == ["peer"] * 3
    assert b"1" * 64 not in said.stdout + said.stderr + log


def test_what_cannot_be_changed_is_said(node, tmp_path):
    node("peer", "set", "nobody", "--push", code=3)
    node("peer", "remove", "nobody", code=3)
    node("peer", "add", "x", "--taxii", "https://centre.example/", "--party", "XX", "--token-file", "secret")
    assert b"nothing to change" in node("peer", "set", "x", code=2).stderr
    (tmp_path / "empty").write_text("\n")
    assert b"is empty" in node("peer", "set", "x", "--token-file", "empty", code=2).stderr
    assert b"use https" in node("peer", "set", "x", "--taxii", "http://centre.example/", code=2).stderr


def test_a_refused_connection_is_told_soon(node):
    with socket.socket() as taken:  # bound and not listening: every connection is refused
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/taxii2/"
        node("peer", "add", "x", "--taxii", url, "--party", "XX", "--token-file", "secret")
        began = time.monotonic()
        assert b"cannot reach" in node("sync", code=7).stderr
    assert time.monotonic() - began < 5  # the start of Python included, on a busy machine
