"""Commands about a node elsewhere print what they would have printed there."""

from __future__ import annotations

import json

import pytest

from comity import samples
from comity.doors.cli import remote
from comity.errors import NotFound, SenderFault
from tests.consortium import Member, indicator
from tests.doors.api.meeting import Meeting
from tests.test_client import URL, Direct
from tests.whole.test_live_node import serving


def test_an_object_is_named_by_id_or_value():
    from comity.client import Client

    meeting = Meeting()
    meeting.body.member("KZ")
    one, other, puny = (
        indicator(pattern="[domain-name:value = 'one.example']"),
        indicator(pattern="[domain-name:value = 'one.example' OR domain-name:value = 'two.example']"),
        indicator(pattern="[domain-name:value = 'xn--e1afmkfd.example']"),
    )
    Member(meeting.body, "KZ").submits(one, other, puny)
    client = Client(URL, meeting.secret("KZ"), transport=Direct(meeting))
    assert remote.named(client, f" {one['id']} ") == (one["id"], None)
    assert remote.named(client, f"{one['id']}@{one['modified']}") == (one["id"], one["modified"])
    assert remote.named(client, "two[.]example") == (other["id"], None)
    assert remote.named(client, "xn--e1afmkfd.example") == (puny["id"], None), "a name in Punycode is no id"
    with pytest.raises(SenderFault, match="2 objects"):
        remote.named(client, "one.example")
    with pytest.raises(NotFound):
        remote.named(client, "three.example")


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (("get", "x--1", "--url", "http://node.example", "--token-file", "token"), 2),  # in the clear
        (("get", "x--1", "--url", "nonsense", "--token-file", "token"), 2),
        (("get", "x--1", "--url", "http://127.0.0.1:9"), 5),
        (("get", "x--1", "--url", "http://127.0.0.1:9", "--token-file", "absent"), 3),
        (("get", "x--1", "--url", "https://127.0.0.1:9", "--token-file", "token", "--ca", "token"), 1),
        (("add", "x", "--url", "http://127.0.0.1:9", "--token-file", "token", "--as", "UZ"), 2),
        (("add", "x", "--url", "http://127.0.0.1:9", "--token-file", "token", "--to", ","), 2),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_said_before_anything_is_sent(comity, tmp_path, monkeypatch, args, code):
    monkeypatch.delenv("COMITY_TOKEN", raising=False)
    (tmp_path / "token").write_text("cmt_x\n")
    done = comity(*args, code=code)
    assert done.stdout == b""
    assert b"Traceback" not in done.stderr


@pytest.fixture
def held(comity, tmp_path):
    """KZ's node with its sample report, and a token of its people."""
    comity("init", "--party", "KZ", node="kz")
    (tmp_path / "a.toml").write_bytes(samples.read("sco-ict-sample.toml"))
    comity("agreement", "add", "a.toml", node="kz")
    for party, standing in (("UZ", "member"), ("IR", "observer")):
        comity("party", "add", "--party", party, "--body", "sco", "--standing", standing, "--from", "2001-06-15", node="kz")
    (tmp_path / "kz.json").write_bytes(samples.read("kz-threat-report.stix.json"))
    comity("add", "kz.json", node="kz")
    made = comity("token", "create", "--party", "KZ", "--scope", "api:read,api:write,log:read", "-o", "json", node="kz")
    (tmp_path / "token").write_text(json.loads(made.stdout)["token"] + "\n")
    return tmp_path / "kz"


@pytest.mark.loop
def test_the_same_here_and_there(comity, held, tmp_path, monkeypatch):
    objects = json.loads((tmp_path / "kz.json").read_bytes())["objects"]
    one = next(each for each in objects if each["type"] == "indicator")
    on = ("--on", "2026-01-01T00:00:00Z")
    commands = [
        ("get", one["id"]), ("get", f"{one['id']}@{one['modified']}"), ("get", one["id"], "-o", "json"), ("get", "indicator--nothing"),
        ("get", f"{one['id']}@2001-01-01T00:00:00Z"), ("search", one["id"]), ("search", one["id"], "-o", "table"), ("search", "nothing.example"),
        ("audience", one["id"], *on), ("audience", one["id"], *on, "-o", "csv"), ("why", one["id"], "IR", *on), ("why", one["id"], "UZ", *on, "-o", "table"),
        ("why", one["id"], "UZ", *on, "--purpose", "statistics"), ("log", "head"), ("log", "list", "--last", "7"), ("log", "list", "-o", "table"),
        ("log", "verify"), ("log", "prove", "3"), ("log", "prove", one["id"]),
    ]  # fmt: skip
    with serving(held) as (url, _, _):
        there = ("--url", url, "--token-file", "token")
        for command in commands:
            here, away = comity(*command, node="kz", code=None), comity(*command, *there, code=None)
            assert (away.returncode, away.stdout, away.stderr) == (here.returncode, here.stdout, here.stderr), command
        # By the environment too, unless a node is named.
        monkeypatch.setenv("COMITY_URL", url)
        monkeypatch.setenv("COMITY_TOKEN", (tmp_path / "token").read_text())
        assert json.loads(comity("get", one["id"]).stdout) == one
        comity("get", one["id"], "--node", "absent", code=1)
        (tmp_path / "x.csv").write_text("value\n198.51.100.7\nlogin.example.net\n")
        first, again = comity("add", "x.csv"), comity("add", "x.csv", node="kz")
        assert [json.loads(line)["outcome"] for line in first.stdout.splitlines()] == ["accepted", "accepted"]
        monkeypatch.delenv("COMITY_URL")
        assert b"2 duplicate" in comity("add", "x.csv", node="kz").stderr
        assert again.returncode == 0
        (tmp_path / "token").write_text("cmt_wrong_token")
        monkeypatch.delenv("COMITY_TOKEN")
        comity("get", one["id"], *there, code=5)
    comity("get", one["id"], *there, code=7)
