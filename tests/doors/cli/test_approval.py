"""`comity approval`: the queue on the command line, at the node itself and over its API."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from comity.admin import users
from comity.admin.tokens import create
from comity.config import Settings
from comity.intake.govern import add_agreement, add_standing
from comity.intake.submit import Submitter, submit
from comity.node import create_node
from comity.terms.party import Standing
from tests.approving import TEXT, TWO
from tests.consortium import START, drafts, indicator
from tests.whole.test_live_node import serving

SHARED = indicator()


@pytest.fixture
def node(comity, tmp_path):
    """A centre with the careful agreement, KZ's AMBER indicator, and the tokens of anna, bulat (KZ), zafar (UZ) and a tool, in files."""
    world = create_node(tmp_path / "node", Settings(party="SCO-CENTRE", name="centre", body="sco"), "partner")
    for party in ("KZ", "UZ", "TJ"):
        add_standing(world, Standing(party=party, body="sco", standing="member", since=START), by="test")
    add_agreement(world, TEXT, "careful.toml", by="test")
    list(submit(world, drafts([SHARED]), Submitter(party="KZ")))
    expires = world.clock() + timedelta(days=1)
    for name, party in (("anna", "KZ"), ("bulat", "KZ"), ("zafar", "UZ")):
        users.add(world, name, party, "point-of-contact")
        made = create(world, user=name, scopes=("api:read", "api:write", "approve"), expires=expires)
        (tmp_path / f"{name}.token").write_text(made[1] + "\n")
    (tmp_path / "tool.token").write_text(create(world, party="KZ", scopes=("api:read", "api:write"), expires=expires)[1])
    world.store.close()
    return comity


def lines(done) -> list[dict]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def request(node, *args: str) -> dict:
    (made,) = lines(node("approval", "request", SHARED["id"], *args))
    return made


def acts(node, kind: str, made: dict, name: str, code: int = 0, *args: str) -> dict:
    done = node("approval", kind, made["id"], "--token-file", f"{name}.token", *args, code=code)
    return json.loads(done.stdout) if done.stdout else {"said": done.stderr.decode()}


def test_the_administrator_asks_and_two_persons_approve(node):
    done = node("approval", "request", SHARED["id"], "--to", "uz,TJ")
    (made,) = lines(done)
    assert (made["clause"], made["recipients"], made["person"], made["ids"]) == (TWO, ["TJ", "UZ"], "administrator", [SHARED["id"]])
    assert b"it takes two persons of the origin" in done.stderr
    assert acts(node, "approve", made, "anna")["words"] == "1 of 2"
    assert acts(node, "approve", made, "anna")["words"] == "1 of 2"
    again = node("approval", "approve", made["id"], "--token-file", "anna.token").stderr.decode()
    assert f"{made['id']}: it takes two persons of the origin; who consents twice counts once" in again
    assert json.loads(node("why", SHARED["id"], "UZ").stdout)["effect"] == "approve"
    assert acts(node, "approve", made, "bulat")["state"] == "approved"
    why = json.loads(node("why", SHARED["id"], "UZ").stdout)
    assert (why["effect"], why["reasons"][0]["clause"]) == ("permit", "two")
    text = node("approval", "show", made["id"], "-o", "table").stdout.decode()
    assert f"{made['id']}  APPROVED" in text and "by anna (KZ)" in text and "by bulat (KZ)" in text
    assert lines(node("approval", "list", "--state", "requested")) == []
    assert [each["state"] for each in lines(node("approval", "list"))] == ["approved"]
    assert acts(node, "revoke", made, "bulat")["state"] == "revoked"
    assert json.loads(node("why", SHARED["id"], "UZ").stdout)["effect"] == "deny"
    assert node("fsck").returncode == 0


def test_without_a_persons_token_nobody_acts(node, monkeypatch):
    monkeypatch.delenv("COMITY_TOKEN", raising=False)
    made = request(node, "--to", "UZ")
    done = node("approval", "approve", made["id"], code=5)
    assert b"comity token create --user NAME --scope approve" in done.stderr
    assert "a tool may not" in acts(node, "approve", made, "tool", 4)["said"]
    assert "a person of KZ may" not in acts(node, "approve", made, "zafar", 3)["said"]  # it is not UZ's business yet
    monkeypatch.setenv("COMITY_TOKEN", "cmt_00000000_00")
    node("approval", "approve", made["id"], code=5)
    node("user", "remove", "anna")
    acts(node, "approve", made, "anna", 5)


def test_faults_have_their_exit_codes(node):
    node("approval", "request", SHARED["id"], "--to", "KZ", code=2)
    node("approval", "request", SHARED["id"], "--to", ",", code=2)
    node("approval", "request", "indicator--nothing", "--to", "UZ", code=3)
    node("approval", "request", SHARED["id"], "--to", "UZ", "--token-file", "zafar.token", code=3)
    node("approval", "show", "apr_000000000000", code=3)
    made = request(node, "--to", "UZ", "--clause", TWO, "--token-file", "anna.token")
    assert made["person"] == "anna"
    acts(node, "object", made, "anna")
    acts(node, "approve", made, "bulat", 6)
    assert lines(node("approval", "list", "--token-file", "zafar.token")) == []
    assert len(lines(node("approval", "list", "--token-file", "bulat.token"))) == 1


@pytest.mark.loop
def test_the_same_over_the_api(node, tmp_path):
    with serving(tmp_path / "node") as (url, *_):
        there = ("--url", url)
        made = request(node, "--to", "UZ", "--token-file", "anna.token", *there)
        assert made["person"] == "anna"
        assert acts(node, "approve", made, "anna", 0, *there)["words"] == "1 of 2"
        assert "a tool may not" in acts(node, "approve", made, "tool", 4, *there)["said"]
        assert acts(node, "approve", made, "bulat", 0, *there)["state"] == "approved"
        for args in (("list",), ("list", "-o", "table"), ("show", made["id"]), ("show", made["id"], "-o", "table")):
            remote = node("approval", *args, "--token-file", "anna.token", *there)
            assert remote.stdout == node("approval", *args, "--token-file", "anna.token").stdout
        node("approval", "show", "apr_000000000000", "--token-file", "anna.token", *there, code=3)
