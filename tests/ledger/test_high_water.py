"""A store that was put back is told by the mark beside the keys, before anything is signed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from comity.errors import IntegrityFault, OperatorFault
from comity.ledger.high_water import HighWater
from comity.ledger.journal import EMPTY_HEAD, Entry, Journal
from comity.ledger.keys import LogKey
from tests.ledger.conftest import ORIGIN, START


def marked(log: Any, path: Path) -> Journal:
    return Journal(log.key, ORIGIN, mark=HighWater(path))


def say(log: Any, journal: Journal) -> None:
    journal.append(log, Entry(kind="note", at=START))


def test_the_mark_follows_the_log_by_one_entry(log: Any, tmp_path: Path) -> None:
    journal = marked(log, tmp_path / "mark")
    assert HighWater(tmp_path / "mark").read() is None
    for size in (6, 7, 8):
        root = log.stored.root.hex()
        say(log, journal)
        assert HighWater(tmp_path / "mark").read() == (size, root)
        assert (tmp_path / "mark").stat().st_size == 86


def test_an_earlier_or_another_past_is_not_gone_on_from(log: Any, tmp_path: Path, new_log: Any) -> None:
    yesterday = (list(log.leaves), log.stored)
    journal = marked(log, tmp_path / "mark")
    for _ in range(3):
        say(log, journal)
    log.leaves, log.stored = yesterday
    for again in (journal, marked(log, tmp_path / "mark")):
        with pytest.raises(IntegrityFault, match="had 8 entries and has 6") as refused:
            say(log, again)
        assert "comity log renew" in refused.value.next
    other = new_log()
    for _ in range(8):
        other.say("init")
    with pytest.raises(IntegrityFault, match="not the one that was signed"):
        say(other, marked(other, tmp_path / "mark"))
    assert other.stored.size == 8


def test_a_log_begun_anew_goes_on_from_the_old_one(log: Any) -> None:
    new = LogKey.generate(f"{ORIGIN}/1")
    with pytest.raises(IntegrityFault):
        say(log, Journal(new, new.name))
    say(log, Journal(new, new.name, before=log.key.verifier))
    say(log, Journal(new, new.name))
    assert log.stored.size == 8


def test_a_damaged_mark_stops_and_a_folder_that_is_not_there_is_the_operators(log: Any, tmp_path: Path) -> None:
    (tmp_path / "mark").write_bytes(b"8 x\n")
    with pytest.raises(IntegrityFault, match="damaged"):
        say(log, marked(log, tmp_path / "mark"))
    with pytest.raises(OperatorFault):
        say(log, marked(log, tmp_path / "nowhere" / "mark"))
    HighWater(tmp_path / "unmarked").check(EMPTY_HEAD)
