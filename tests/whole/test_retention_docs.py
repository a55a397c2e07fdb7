"""docs/retention.md as somebody would follow it: each of its commands, on a node."""

from __future__ import annotations

import re
import shlex
from datetime import timedelta
from pathlib import Path

from comity import node
from comity.clock import now
from comity.intake.submit import Submitter, submit
from tests.consortium import drafts, indicator

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "retention.md").read_text("utf-8")


def commands() -> list[str]:
    """The lines that begin with the program's name in the page's blocks."""
    return [line.strip() for line in PAGE.splitlines() if re.match(r" {4}comity ", line)]


def test_every_command_of_the_page_does_what_it_says(comity, tmp_path: Path) -> None:
    comity("init", "--party", "KZ")
    world = node.open_node(tmp_path / "node")
    named = indicator(id="indicator--a932fcc6-e032-476c-826f-cb970a5a1ade")
    list(submit(world, drafts([named]), Submitter(party="KZ")))
    world.store.close()
    until = (now() + timedelta(days=500)).strftime("%Y-%m-%d")
    assert len(commands()) >= 6
    for command in commands():
        comity(*shlex.split(command.replace("DATE", until))[1:])
