"""What a server does by itself, in turn and again, whatever fails."""

from __future__ import annotations

import threading

import pytest

from comity.match.beside import Beside


@pytest.mark.loop
def test_a_failure_is_said_and_neither_ends_it_nor_keeps_the_next_from_its_turn(capsys):
    again, done = threading.Event(), list[str]()

    def fails() -> None:
        done.append("fails")
        raise OSError("no space")

    def works() -> None:
        done.append("works")
        if done.count("works") == 3:
            again.set()

    with Beside(fails, works, look=0.01):
        assert again.wait(10)
    assert done[:4] == ["fails", "works", "fails", "works"]
    assert "no space" in capsys.readouterr().err
