"""`comity inbox`, at the node itself and over its API."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from comity.admin.constituency import add
from comity.admin.tokens import create
from comity.config import Settings
from comity.intake.govern import add_agreement, add_standing
from comity.intake.submit import Submitter, submit
from comity.node import create_node
from comity.terms.constituency import addition
from comity.terms.party import Standing
from tests.consortium import MEMBERS, START, drafts
from tests.match.constituents import BANK, BRANCH, about
from tests.whole.test_live_node import serving

SENT = [about("192.0.2.1"), about("192.0.2.200"), about("198.51.100.1")]


@pytest.fixture
def node(comity, tmp_path):
    """A centre; KZ answers for a bank and a branch, UZ has sent something about both."""
    world = create_node(tmp_path / "node", Settings(party="SCO-CENTRE", name="centre", body="sco"), "partner")
    for party in ("KZ", "UZ"):
        add_standing(world, Standing(party=party, body="sco", standing="member", since=START), by="test")
    add_agreement(world, MEMBERS, "members.toml", by="test")
    add(world, [addition("KZ", "Bank", [BANK]), addition("KZ", "Branch", [BRANCH])])
    list(submit(world, drafts(SENT), Submitter(party="UZ")))
    made = create(world, party="KZ", scopes=("api:read",), expires=world.clock() + timedelta(days=1))
    (tmp_path / "token").write_text(made[1])
    world.store.close()
    return comity


def lines(done) -> list[tuple[str, str]]:
    return [(row["owner"], row["id"]) for row in map(json.loads, done.stdout.splitlines())]


HERS = [("Branch", SENT[1]["id"]), ("Bank", SENT[0]["id"])]


def test_a_centre_looks_into_a_members(node):
    done = node("inbox", "--party", "KZ")
    assert lines(done) == HERS
    assert b"2 items about 2 owners" in done.stderr
    assert lines(node("inbox", "--party", "KZ", "--owner", "Bank", "--since", "1d")) == HERS[1:]
    assert b"192[.]0[.]2[.]1" in node("inbox", "--party", "KZ", "-o", "table").stdout
    assert lines(node("inbox")) == []


def test_a_member_looks_into_its_own_alone(comity):
    comity("init", "--party", "KZ")
    assert comity("inbox").stdout == b""
    comity("inbox", "--party", "UZ", code=4)


@pytest.mark.loop
def test_the_same_over_the_api(node, tmp_path):
    with serving(tmp_path / "node") as (url, *_):
        there = ("--url", url, "--token-file", str(tmp_path / "token"))
        assert lines(node("inbox", *there)) == HERS
        assert lines(node("inbox", "--party", "KZ", "--owner", "Branch", "--since", "1d", *there)) == HERS[:1]
        node("inbox", "--party", "UZ", *there, code=2)
