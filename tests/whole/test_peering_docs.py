"""The page about links between nodes: each command is run, each answer compared, with a centre that runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.consortium import MEMBERS
from tests.doors.cli.walk import blocks, commands, fits
from tests.running import free_port, running

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "peering.md").read_text("utf-8")


@pytest.mark.loop
def test_from_an_invitation_to_a_compromise_and_back(comity, tmp_path):
    import shlex

    (tmp_path / "a.toml").write_text(MEMBERS)
    comity("init", "--party", "SCO-CENTRE", "--standing", "partner", node="centre")
    comity("agreement", "add", "a.toml", node="centre")
    comity("party", "add", "--party", "KZ", "--body", "sco", "--standing", "member", "--from", "2001-06-15", node="centre")
    comity("init", "--party", "KZ", node="kz")
    port, run = free_port(), set()
    with running(tmp_path / "centre", port):
        for kind, content in blocks(PAGE):
            for command, expected in commands(content) if kind == "console" else ():
                words = shlex.split(command.replace("centre.example:8444", f"127.0.0.1:{port}"))
                done = comity(*words[1:], code=None)
                said = (done.stderr + done.stdout).decode()
                assert fits(said, expected), f"$ {command}\n{said}"
                run.add(" ".join(words[1:3]))
    assert run >= {"peer invite", "peer join", "peer status", "peer rotate", "peer revoke", "peer remove", "sync centre"}
