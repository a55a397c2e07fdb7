"""`comity peer` and `comity sync`; the exchange itself is in tests/peer and tests/whole."""

from __future__ import annotations

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
