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
    assert time.monotonic() - began < 20  # on a busy machine; how long it pauses is tested to the second: tests/peer/test_channel.py


def test_a_peer_without_a_token_is_said_to_be_one(node):
    node("peer", "add", "open", "--taxii", "https://open.example/taxii2/", "--party", "XX", "--anonymous", "--collection", "news")
    (listed,) = map(json.loads, node("peer", "list").stdout.splitlines())
    assert listed["url"] == "https://open.example/taxii2/"


def test_an_authority_is_read_when_it_is_given(node, tmp_path):
    (tmp_path / "ca.pem").write_text("nonsense")
    add = ("peer", "add", "x", "--taxii", "https://centre.example/", "--party", "XX", "--token-file", "secret")
    assert b"no certificate" in node(*add, "--ca", "ca.pem", code=2).stderr
    assert b"no file" in node(*add, "--ca", "absent.pem", code=3).stderr


def test_plain_http_is_taken_only_by_its_name(node):
    add = ("peer", "add", "x", "--taxii", "http://centre.example/taxii2/", "--party", "XX", "--token-file", "secret")
    assert b"--insecure-http" in node(*add, code=2).stderr
    node(*add, "--insecure-http")


def test_one_peer_is_looked_at_pulled_and_pushed(node):
    node("peer", "add", "x", "--taxii", "http://127.0.0.1:9/taxii2/", "--party", "XX", "--token-file", "secret")
    (row,) = map(json.loads, node("peer", "status", code=7).stdout.splitlines())
    assert "cannot reach" in row["server"]
    for way in ("pull", "push"):
        assert b"cannot reach" in node("peer", way, "x", code=7).stderr
        node("peer", way, "nobody", code=3)
    (listed,) = map(json.loads, node("peer", "list").stdout.splitlines())
    assert "cannot reach" in listed["result"]
    assert b"cmt_" not in node("peer", "status", code=7).stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), b"either --taxii or --misp"),
        (("--taxii", "https://x.example/", "--misp", "https://x.example/"), b"either --taxii or --misp"),
        (("--misp", "https://x.example/", "--collection", "y"), b"are for --taxii"),
        (("--misp", "https://x.example/", "--anonymous"), b"are for --taxii"),
        (("--taxii", "https://x.example/", "--tag", "tlp:green"), b"are for --misp"),
        (("--taxii", "https://x.example/", "--since", "2021-11-01"), b"are for --misp"),
        (("--misp", "http://misp.example/"), b"use https"),
        (("--misp", "misp.example"), b"use https://host/"),
    ],
)
def test_options_of_one_kind_of_server_are_not_for_the_other(node, words, said):
    assert said in node("peer", "add", "x", "--party", "UZ", "--key-file", "secret", *words, code=2).stderr


def test_a_misp_is_kept_with_its_filters(node):
    words = ("--misp", "https://misp.example/", "--tag", "tlp:green", "--tag", "!secret", "--unpublished", "--since", "2021-11-01")
    node("peer", "add", "partner", "--party", "UZ", "--key-file", "secret", *words)
    (listed,) = map(json.loads, node("peer", "list").stdout.splitlines())
    assert (listed["kind"], listed["pulled"]) == ("misp", "2021-11-01T00:00:00.000000Z")
