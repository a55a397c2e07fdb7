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


def test_the_mark_follows_each_entry(log: Any, tmp_path: Path) -> None:
    journal = marked(log, tmp_path / "mark")
    assert HighWater(tmp_path / "mark").read() is None
    for size in (7, 8, 9):
        say(log, journal)
        assert HighWater(tmp_path / "mark").read() == (size, log.stored.root.hex())
        assert (tmp_path / "mark").stat().st_size == 86


def test_one_entry_after_the_backup_is_enough(log: Any, tmp_path: Path) -> None:
    backup = (list(log.leaves), log.stored)
    say(log, marked(log, tmp_path / "mark"))
    log.leaves, log.stored = backup
    with pytest.raises(IntegrityFault, match="had 7 entries and has 6"):
        say(log, marked(log, tmp_path / "mark"))
    assert log.stored.size == 6


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("step", ["put_leaf", "commit", "then"])
@pytest.mark.parametrize("entries", [0, 2])
def test_killed_between_any_two_steps_the_log_goes_on_from_what_was_committed(log: Any, tmp_path: Path, step: str, entries: int) -> None:
    """What was committed is known by the store alone, so the mark is written before the next entry and after the commit, never between."""
    for _ in range(entries):
        say(log, marked(log, tmp_path / "mark"))
    before = (list(log.leaves), log.stored)

    class Cut:
        """The log's store, until the step."""

        head = log.head
        put_tree_hash = log.put_tree_hash

        def put_leaf(self, leaf: Any, head: Any) -> None:
            if step == "put_leaf":
                raise Killed
            log.put_leaf(leaf, head)

        def then(self, done: Any) -> None:
            if step == "commit":
                log.leaves, log.stored = before
            raise Killed

    with pytest.raises(Killed):
        say(Cut(), marked(log, tmp_path / "mark"))
    kept = before[1].size + (step == "then")
    assert log.stored.size == kept
    mark = HighWater(tmp_path / "mark").read()
    assert mark is None or mark[0] <= kept
    say(log, marked(log, tmp_path / "mark"))
    assert HighWater(tmp_path / "mark").read() == (kept + 1, log.stored.root.hex())
    log.leaves, log.stored = before
    with pytest.raises(IntegrityFault, match=f"had {kept + 1} entries"):
        say(log, marked(log, tmp_path / "mark"))


def test_a_mark_that_could_not_follow_stops_the_next_entry(log: Any, tmp_path: Path) -> None:
    """The entry is committed and is said to be; what would follow it waits until the mark can be written."""
    journal = marked(log, tmp_path / "gone" / "mark")
    (tmp_path / "gone").mkdir()
    (tmp_path / "gone" / "mark").mkdir()
    with pytest.raises(OperatorFault):
        say(log, journal)
    (tmp_path / "gone" / "mark").rmdir()
    say(log, journal)
    assert log.stored.size == 7


def test_a_file_that_was_made_and_not_yet_written_marks_nothing(log: Any, tmp_path: Path) -> None:
    (tmp_path / "mark").touch()
    say(log, marked(log, tmp_path / "mark"))
    assert HighWater(tmp_path / "mark").read() == (7, log.stored.root.hex())


def test_a_process_that_is_late_does_not_put_the_mark_back(log: Any, tmp_path: Path) -> None:
    early = log.stored
    say(log, marked(log, tmp_path / "mark"))
    HighWater(tmp_path / "mark").follow(early)
    assert HighWater(tmp_path / "mark").read() == (7, log.stored.root.hex())


def test_an_earlier_or_another_past_is_not_gone_on_from(log: Any, tmp_path: Path, new_log: Any) -> None:
    yesterday = (list(log.leaves), log.stored)
    journal = marked(log, tmp_path / "mark")
    for _ in range(3):
        say(log, journal)
    log.leaves, log.stored = yesterday
    for again in (journal, marked(log, tmp_path / "mark")):
        with pytest.raises(IntegrityFault, match="had 9 entries and has 6") as refused:
            say(log, again)
        assert "comity log renew" in refused.value.next
    other = new_log()
    for _ in range(9):
        other.say("init")
    with pytest.raises(IntegrityFault, match="not the one that was signed"):
        say(other, marked(other, tmp_path / "mark"))
    assert other.stored.size == 9


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


@pytest.mark.parametrize("entries", [0, 2])
def test_several_entries_of_one_transaction_that_was_cut_off_leave_the_mark_where_it_was(log: Any, tmp_path: Path, entries: int) -> None:
    path = tmp_path / "mark"
    for _ in range(entries):
        say(log, marked(log, path))
    before, stood, journal = (list(log.leaves), log.stored), HighWater(path).read(), marked(log, path)

    class Open:
        """The log's store within a transaction that does not come to its end."""

        head, put_leaf, put_tree_hash = log.head, log.put_leaf, log.put_tree_hash

        @staticmethod
        def then(done: Any) -> None:
            del done

    for _ in range(3):
        journal.append(Open, Entry(kind="note", at=START))  # type: ignore[arg-type]
    marked_now = HighWater(path).read()
    assert marked_now in (stood, (before[1].size, before[1].root.hex()))
    log.leaves, log.stored = before
    for again in (journal, marked(log, path)):  # the process goes on, or another one does
        say(log, again)
    assert HighWater(path).read() == (log.stored.size, log.stored.root.hex())
