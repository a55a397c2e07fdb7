"""The page that leads from an empty file to an agreement in force does so: each command is run, each answer compared."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.doors.cli.walk import Walk, blocks, commands, fits

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "agreements.md").read_text("utf-8")


def test_from_an_empty_file_to_an_agreement_in_force(monkeypatch, tmp_path):
    walk = Walk(monkeypatch, tmp_path)
    run = 0
    for kind, content in blocks(PAGE):
        if kind.startswith("diff"):
            file = tmp_path / ([*kind.split(), "ours.toml"])[1]
            if not file.exists():
                shutil.copy(tmp_path / "ours.toml", file)
            walk.edit(file, content)
        elif kind == "console":
            for command, expected in commands(content):
                said = walk.run(command)
                assert fits(said, expected), f"$ {command}\n{said}"
                run += 1
        else:
            assert content in (tmp_path / "ours.toml").read_text("utf-8")  # a clause as it stands in the new text
    assert run >= 25


def test_how_something_goes_with_approval_only(monkeypatch, tmp_path):
    page = (Path(__file__).resolve().parents[3] / "docs" / "approvals.md").read_text("utf-8")
    walk, run = Walk(monkeypatch, tmp_path), set()
    for kind, content in blocks(page):
        if kind == "console":
            for command, expected in commands(content):
                said = walk.run(command)
                assert fits(said, expected), f"$ {command}\n{said}"
                run.add(" ".join(command.split()[1:3]))
        else:
            assert kind.split()[0] == "json"
            (tmp_path / kind.split()[1]).write_text(content)
    assert run >= {f"approval {verb}" for verb in ("request", "approve", "object", "revoke", "list", "show")} | {"user add", "token create"}


def test_what_the_page_says_of_clauses_in_prose_is_what_the_text_has():
    console = "".join(content for kind, content in blocks(PAGE) if kind == "console")
    for command in ("new", "lint", "show", "diff", "simulate", "add", "sign", "ratify", "reserve", "act", "status", "suspend", "withdraw"):
        assert re.search(rf"^\$ comity agreement {command} ", console, re.MULTILINE), command


@pytest.mark.parametrize(
    ("said", "expected", "same"),
    [
        ("a\nb\n", "a\nb\n", True),
        ("a\nb\n", "a\n", False),
        ("a 1 b\n", "a … b\n", True),
        ("a 1\n2 b\n", "a … b\n", False),
        ("a\nx\ny\nb\n", "a\n…\nb\n", True),
        ("a.c\n", "abc\n", False),
        ("abc\n", "a.c\n", False),
        ("a  \n", "a\n", True),
    ],
)
def test_an_answer_is_the_one_of_the_page_or_not(said, expected, same):
    assert fits(said, expected) is same


def test_how_members_come_and_go(monkeypatch, tmp_path):
    page = (Path(__file__).resolve().parents[3] / "docs" / "members.md").read_text("utf-8")
    walk, run = Walk(monkeypatch, tmp_path), set()
    for kind, content in blocks(page):
        if kind == "console":
            for command, expected in commands(content):
                said = walk.run(command)
                assert fits(said, expected), f"$ {command}\n{said}"
                run.add(" ".join(command.split()[1:3]))
        else:
            (tmp_path / kind.split()[1]).write_text(content)
    accession = {f"accession {verb}" for verb in ("start", "step", "object", "admit", "list")}
    assert run >= accession | {f"party {verb}" for verb in ("import", "list", "show", "conflicts", "contact", "ping")}
