"""Walks through a page of the documentation: edits the files that it says to edit, runs its commands, and compares what they say."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path

import pytest

from comity import node
from comity.doors.cli import _carry_out
from tests.doors.cli.terminal import on_terminal

#: What stands for an id in a command, and how such ids begin.
_NAMED = {"REQUEST": "apr", "ACCESSION": "acc", "PING": "png", "TICKET": "rdr"}
_ESCAPES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


class Walk:
    """One reader in one folder. `KEY` in a command stands for what `comity party key show` printed last; `REQUEST`, `ACCESSION`, `PING` and `TICKET`
    for the one that was told of last."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self._patch = monkeypatch
        self._named = {"KEY": "", **dict.fromkeys(_NAMED, "")}
        monkeypatch.chdir(folder)
        monkeypatch.setenv("COLUMNS", "200")
        monkeypatch.setenv("NO_COLOR", "1")
        for name in ("COMITY_NODE", "COMITY_URL", "COMITY_TOKEN"):
            monkeypatch.delenv(name, raising=False)

    def run(self, command: str) -> str:
        """What a command line says on a terminal, both streams."""
        words = shlex.split(command)
        self._patch.setattr(sys, "argv", [self._named.get(each, each) for each in words])
        with on_terminal() as terminal:
            _carry_out(node)
        # What a progress line wrote is written over.
        said = "".join(line.rpartition("\r")[2] for line in re.findall(r".*\n|.+", _ESCAPES.sub("", terminal.said())))
        if words[1:4] == ["party", "key", "show"]:
            self._named["KEY"] = said.strip()
        for name, begins in _NAMED.items():
            if found := re.findall(rf"\b{begins}_[0-9a-f]{{12}}\b", said):
                self._named[name] = found[-1]
        return said

    @staticmethod
    def edit(file: Path, change: str) -> None:
        """Replace each line marked `-` by the one marked `+` after it."""
        text = file.read_text("utf-8")
        for old, new in re.findall(r"^-(.*)\n\+(.*)$", change, re.MULTILINE):
            assert text.count(f"{old}\n") == 1, old
            text = text.replace(f"{old}\n", f"{new}\n")
        file.write_text(text, "utf-8")


def blocks(page: str) -> list[tuple[str, str]]:
    """(kind, content) of the fenced blocks of a page, in order."""
    return re.findall(r"^```([\w. ]+)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


def commands(block: str) -> list[tuple[str, str]]:
    """(command, what the page says it answers) of a console block."""
    found = re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]
    return [(command, said) for each in found for command, _, said in [each.partition("\n")]]


def fits(said: str, expected: str) -> bool:
    """Whether the answer is the one of the page: `…` is any text, alone on its line any lines."""
    lines = [".*" if line.strip() == "…" else "[^\n]*".join(map(re.escape, line.rstrip().split("…"))) for line in expected.splitlines()]
    actual = "\n".join(line.rstrip() for line in said.splitlines())
    return re.fullmatch("\n".join(lines), actual, re.DOTALL) is not None
