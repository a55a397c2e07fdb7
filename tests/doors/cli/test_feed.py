"""`comity feed`: set up, pull, show. How feeds are pulled is in tests/peer."""

from __future__ import annotations

import json

import pytest

from tests.peer.web import http, serving

HERE = ("--allow-private", "--allow-http")


@pytest.fixture
def node(comity):
    comity("init", "--party", "KZ")
    return comity


def test_a_feed_from_beginning_to_end(node, tmp_path):
    (tmp_path / "token").write_text("s3cret\n")
    with serving({"/l.csv?key=k3y": http(b"id,host\n1,login.example.net\n2,what is this\n")}) as web:
        url = f"{web.url}/l.csv?key=k3y"
        options = ["--column=value=host", "--threat=phishing", "--expires=30d", "--full", "--token-file=token", "--every=12h"]
        node("feed", "add", "hosts", url, "--kind", "csv", *HERE, *options)
        done = node("feed", "pull", code=9)
        (told,) = [json.loads(line) for line in done.stdout.splitlines()]
        assert (told["result"], told["counts"]) == ("taken in", {"accepted": 1, "rejected": 1})
        assert b"hosts: line 3" in done.stderr
        assert web.asked[0].headers["authorization"] == "Bearer s3cret"
        assert json.loads(node("feed", "pull", "hosts").stdout)["result"] == "not changed"
        assert json.loads(node("feed", "pull", "hosts", "--again", code=9).stdout)["counts"] == {"duplicate": 1, "rejected": 1}
    shown = node("feed", "show", "hosts").stdout + node("feed", "list").stdout + node("feed", "list", "-o", "table").stdout
    assert b"s3cret" not in shown and b"k3y" not in shown
    assert b"login.example.net" in node("blocklist", "export", "--to", "zeek").stdout
    node("feed", "remove", "hosts")
    assert node("feed", "list").stdout == b""
    assert b'"from":"KZ"' in node("search", "login.example.net").stdout


def test_one_feed_that_is_away_keeps_no_other_waiting(node):
    with serving({"/b": http(b"login.example.net\n")}) as web:
        for name in ("a", "b"):
            node("feed", "add", name, f"{web.url}/{name}", "--kind", "text", *HERE)
        done = node("feed", "pull", code=7)
    assert b"a: " in done.stderr and b"404" in done.stderr
    assert [json.loads(line)["failures"] for line in done.stdout.splitlines()] == [1, 0]


@pytest.mark.parametrize(
    "wrong",
    [
        ["http://lists.example/a", "--kind", "text"],
        ["https://u:p@lists.example/", "--kind", "text"],
        ["https://lists.example/", "--kind", "text", "--column", "value"],
        ["https://lists.example/", "--kind", "csv", "--column", "colour=x"],
        ["https://lists.example/", "--kind", "text", "--tlp", "blue"],
        ["https://lists.example/", "--kind", "text", "--every", "soon"],
        ["https://lists.example/", "--kind", "text", "--allow", "a b"],
        ["https://lists.example/"],
    ],
)
def test_what_would_never_work_is_refused(node, wrong):
    node("feed", "add", "x", *wrong, code=2)
    assert node("feed", "list").stdout == b""


def test_a_token_that_would_break_out_of_its_header(node, tmp_path):
    (tmp_path / "token").write_bytes(b"a\r\nHost: evil.example\n")
    node("feed", "add", "x", "https://lists.example/", "--kind", "text", "--token-file", "token", code=2)
    (tmp_path / "token").write_text("plain")
    node("feed", "add", "x", "https://lists.example/", "--kind", "text", "--token-file", "token", "--header", "A: b", code=2)


def test_names_are_taken_once_and_unknown_ones_are_not_found(node):
    node("feed", "add", "x", "https://lists.example/", "--kind", "text")
    node("feed", "add", "x", "https://lists.example/", "--kind", "text", code=6)
    for verb in ("show", "remove", "pull"):
        node("feed", verb, "y", code=3)


def test_a_private_address_needs_leave(node):
    node("feed", "add", "x", "https://127.0.0.1/l", "--kind", "text")
    assert b"no public address" in node("feed", "pull", code=7).stderr
