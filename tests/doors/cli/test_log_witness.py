"""`comity log witness` and `comity log publish`, between two real nodes."""

from __future__ import annotations

import json

import pytest

from tests.whole.test_live_node import serving


def keys(comity, node):
    return json.loads(comity("log", "witness", "key", "-o", "json", node=node).stdout)


def test_without_witnesses_it_is_said(comity):
    comity("init", "--party", "KZ")
    done = comity("log", "publish")
    assert json.loads(done.stdout)["witnessed"] is False
    assert b"unwitnessed" in done.stderr
    assert comity("log", "witness", "list").stdout == b""


def test_what_is_told_wrongly_is_refused(comity):
    comity("init", "--party", "KZ")
    own = keys(comity, None)
    comity("log", "witness", "add", "uz", "--url", "https://uz.example/tlog", "--key", own["log"], "--party", "UZ", code=8)
    comity("log", "witness", "add", "uz", "--url", "ftp://uz.example/tlog", "--key", own["witness"], "--party", "UZ", code=2)
    comity("log", "witness", "drop", "uz", code=3)
    comity("log", "witness", "trust", own["witness"], "--party", "UZ", code=8)
    comity("log", "witness", "add", "uz", "--url", "https://uz.example/tlog", "--key", own["witness"], "--party", "UZ")
    (row,) = map(json.loads, comity("log", "witness", "list").stdout.splitlines())
    assert (row["name"], row["size"], row["cosigned"]) == ("uz", 0, None)
    comity("log", "witness", "drop", "uz")


@pytest.mark.loop
def test_three_nodes_make_a_log_witnessed(comity, tmp_path):
    nodes = {"centre": "SCO-CENTRE", "uz": "UZ", "kg": "KG"}
    for node, party in nodes.items():
        comity("init", "--party", party, node=node)
    own = {node: keys(comity, node) for node in nodes}
    for node in ("uz", "kg"):
        comity("log", "witness", "trust", own["centre"]["log"], "--party", "SCO-CENTRE", node=node)
    with serving(tmp_path / "uz") as (uz, *_), serving(tmp_path / "kg") as (kg, *_):
        for node, url in (("uz", uz), ("kg", kg)):
            more = ("--url", f"{url}/tlog", "--key", own[node]["witness"], "--party", nodes[node])
            comity("log", "witness", "add", node, *more, node="centre")
        done = comity("log", "publish", node="centre")
        assert json.loads(done.stdout)["witnessed"] is True
        assert json.loads(done.stdout)["checkpoint"].count("\u2014 ") == 3
        assert b"cosigned by 2 other parties" in done.stderr
    rows = [json.loads(line) for line in comity("log", "witness", "list", node="centre").stdout.splitlines()]
    assert [(row["name"], row["problem"], row["cosigned"] is not None) for row in rows] == [("kg", "", True), ("uz", "", True)]
    (row,) = map(json.loads, comity("log", "witness", "watched", node="uz").stdout.splitlines())
    assert (row["party"], row["forks"]) == ("SCO-CENTRE", 0)
    comity("token", "create", "--party", "UZ", node="centre")
    away = comity("log", "publish", node="centre", code=7)
    assert json.loads(away.stdout)["independent"] == 0
