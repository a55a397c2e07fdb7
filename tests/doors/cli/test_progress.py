"""Progress is for people at a terminal, and for nobody else."""

from __future__ import annotations

from contextlib import redirect_stderr
from io import StringIO

from comity.doors.cli import progress as module
from comity.doors.cli.progress import Progress
from tests.doors.cli.terminal import Terminal, on_terminal


def walked(progress: Progress) -> None:
    assert b"".join(progress.chunks([b"ab", b"c"])) == b"abc"
    assert list(progress.reading("xyz")) == ["x", "y", "z"]
    assert list(progress.doing([1, 2])) == [1, 2]


def test_nothing_when_piped(monkeypatch):
    monkeypatch.setattr(module, "_OFTEN", 0)
    with redirect_stderr(StringIO()) as said:
        walked(Progress())
        walked(Progress().always())
    assert said.getvalue() == ""


def test_on_a_terminal_how_much_and_how_fast(monkeypatch):
    monkeypatch.setattr(module, "_OFTEN", 0)
    terminal = Terminal()
    with redirect_stderr(terminal):
        walked(Progress())
    assert "3 read, 0 MB, 2 done, " in terminal.said()
    assert terminal.said().endswith("\r\x1b[K")


def test_not_between_the_lines_of_data_on_the_same_terminal(monkeypatch):
    monkeypatch.setattr(module, "_OFTEN", 0)
    with on_terminal() as terminal:
        walked(Progress())
    assert terminal.said() == ""
    with on_terminal() as terminal:
        walked(Progress().always())
    assert "3 read" in terminal.said()


def test_not_at_every_object():
    terminal = Terminal()
    with redirect_stderr(terminal):
        assert sum(1 for _ in Progress().reading(range(10_000))) == 10_000
    assert terminal.said().count("read") < 10
