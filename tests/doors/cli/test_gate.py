"""`comity gate`: what waits for the persons in it, on the command line."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from comity.admin import users
from comity.admin.tokens import create
from comity.config import Settings
from comity.intake import gate
from comity.intake.submit import Submitter, submit
from comity.node import create_node, open_node
from tests import person_public
from tests.consortium import drafts, indicator
from tests.doors.cli.walk import Walk, blocks, commands, fits

MAIL = "anna.b@mail.example"
LETTER = indicator(pattern=f"[email-message:from_ref.value = '{MAIL}']")
OTHER = indicator(pattern=f"[email-message:from_ref.value = '{MAIL}']")


@pytest.fixture
def node(comity, tmp_path):
    """A node of KZ with two indicators that lead to persons, and the tokens of anna, bulat and a tool in files."""
    world = create_node(tmp_path / "node", Settings(party="KZ", name="kz", body="sco"), "member")
    list(submit(world, drafts([LETTER, OTHER]), Submitter(party="KZ")))
    expires = world.clock() + timedelta(days=1)
    for name in ("anna", "bulat"):
        users.add(world, name, "KZ", "point-of-contact")
        made = create(world, user=name, scopes=("api:read", "api:write", "approve"), expires=expires)
        (tmp_path / f"{name}.token").write_text(made[1] + "\n")
    (tmp_path / "tool.token").write_text(create(world, party="KZ", scopes=("api:read", "api:write"), expires=expires)[1])
    world.store.close()
    return comity


def lines(done) -> list[dict]:
    return [json.loads(line) for line in done.stdout.splitlines()]


REVIEW = ("--category", "victim", "--basis", "Article 6", "--expires", "2999-01-01")


def test_g3_from_the_list_to_the_release(node):
    (waits, _) = lines(node("gate", "list"))
    assert (waits["id"], waits["state"], waits["found"]) == (LETTER["id"], "waits", "e-mail at /pattern")
    assert MAIL not in json.dumps(waits)
    assert lines(node("gate", "show", LETTER["id"], "--token-file", "anna.token"))[0]["object"] == LETTER
    assert MAIL.encode() in node("gate", "show", LETTER["id"], "-o", "table").stdout
    node("gate", "approve", LETTER["id"], "--token-file", "bulat.token", code=6)
    (said,) = lines(node("gate", "review", LETTER["id"], *REVIEW, "--token-file", "anna.token"))
    assert (said["state"], said["category"], said["reviewer"]) == ("reviewed", "victim", "anna (KZ)")
    node("gate", "approve", LETTER["id"], "--token-file", "anna.token", code=4)
    (done,) = lines(node("gate", "approve", LETTER["id"], "--token-file", "bulat.token"))
    assert done["state"] == "released"
    assert [each["id"] for each in lines(node("gate", "list", "--token-file", "anna.token"))] == [OTHER["id"]]
    assert node("fsck").stdout.strip() in (b"", b"sound")


def test_rejected_is_erased(node):
    (done,) = lines(node("gate", "reject", OTHER["id"], "--reason", "not needed", "--token-file", "anna.token"))
    assert done["state"] == "erased"
    node("gate", "show", OTHER["id"], code=3)
    node("get", OTHER["id"], code=3)


def test_g10_it_takes_a_persons_token(node):
    assert b"comity token create --user NAME" in node("gate", "review", LETTER["id"], *REVIEW, code=5).stderr
    node("gate", "review", LETTER["id"], *REVIEW, "--token-file", "tool.token", code=4)


def test_the_sample_of_what_passed(node, tmp_path):
    path = tmp_path / "node" / "node.toml"
    path.write_text(path.read_text() + "\n[gate]\nsample = 1\n")
    passing = indicator(pattern=f"[email-message:from_ref.value = '{MAIL}']")
    (tmp_path / "passing.json").write_text(json.dumps(passing))
    node("add", "passing.json", "--person", "attacker")
    assert [each["id"] for each in lines(node("gate", "sample"))] == [passing["id"]]
    assert lines(node("gate", "sample", "--seen", passing["id"])) == []


def test_what_came_before_the_gate_found_as_much(node, tmp_path, monkeypatch):
    node("gate", "review", LETTER["id"], *REVIEW, "--token-file", "anna.token")
    node("gate", "approve", LETTER["id"], "--token-file", "bulat.token")
    assert node("gate", "unlooked").stdout == b""
    early, late = indicator(name=f"ask {MAIL}"), indicator(name="nobody")
    world = open_node(tmp_path / "node")
    with monkeypatch.context() as before:
        before.setattr(gate, "findings", lambda *given: ())
        list(submit(world, drafts([early, late]), Submitter(party="KZ")))
    world.store.close()
    assert [(each["id"], each["found"]) for each in lines(node("gate", "unlooked"))] == [(early["id"], "e-mail at /name")]


def test_the_page_about_persons(monkeypatch, tmp_path):
    page = (Path(__file__).resolve().parents[3] / "docs" / "person-data.md").read_text("utf-8")
    walk, run = Walk(monkeypatch, tmp_path), set()
    for kind, content in blocks(page):
        if kind == "console":
            for command, expected in commands(content):
                said = walk.run(command)
                assert fits(said, expected), f"$ {command}\n{said}"
                run.add(" ".join(command.split()[1:3]))
        else:
            (tmp_path / kind.split()[1]).write_text(content)
    assert run >= {f"gate {verb}" for verb in ("list", "show", "review", "approve", "reject", "sample")}
    assert run >= {f"redress {verb}" for verb in ("open", "list", "answer", "show")}


def test_the_page_of_public_data(shared_data):
    assert person_public.PAGE.read_text("utf-8") == person_public.page(shared_data / "public"), "run: python -m tests.person_public DATA"
