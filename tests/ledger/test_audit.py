"""The audit finds every change of every stored bit, and every entry removed, inserted, swapped or cut, and names it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comity.errors import OperatorFault
from comity.ledger.audit import MAX_PROBLEMS, Report, read_export, verify, verify_export
from comity.ledger.export import export_lines, write_key
from comity.ledger.journal import EMPTY_HEAD, Entry, Head, Journal, Leaf
from comity.ledger.keys import LogKey
from comity.ledger.leaf import entry_hash
from comity.ledger.merkle import Frontier, write_frontier
from comity.ledger.note import Checkpoint, sign


def check(log: Any, leaves: list[Leaf] | None = None, held: bytes | None = None) -> Report:
    return verify(log.leaves if leaves is None else leaves, log.stored, log.journal.verifier, held=held)


def flips(data: bytes) -> Iterator[bytes]:
    for position in range(len(data) * 8):
        changed = bytearray(data)
        changed[position // 8] ^= 1 << position % 8
        yield bytes(changed)


def test_a_sound_log(log: Any) -> None:
    held = log.stored.checkpoint
    log.say("disclose", 2, "UZ")
    found = check(log, held=held)
    assert found.ok
    assert found.signed
    assert found.held == 6
    assert (found.size, found.root, found.objects) == (7, log.stored.root.hex(), 13)
    assert found.kinds == {"accept": 2, "disclose": 3, "init": 1, "refuse": 1}
    assert found.as_json()["ok"] is True


def test_an_empty_log(new_log: Callable[[], Any]) -> None:
    log = new_log()
    assert check(log).ok
    assert not check(log).signed
    full = new_log()
    full.say("init")
    assert "its end was removed" in check(log, held=full.stored.checkpoint).problems[0]
    assert not check(full, leaves=[]).ok
    full.leaves, full.stored = [], msgspec.structs.replace(EMPTY_HEAD, checkpoint=full.stored.checkpoint)
    assert "its entries were removed" in check(full).problems[0]


def test_every_single_bit_that_is_stored_is_watched(new_log: Callable[[], Any]) -> None:
    """Exhaustive: salt, entry, hash, opening of each leaf (open, partly erased, tombstone), and all of the head."""
    log = new_log()
    log.say("a", 2)
    log.erase(0, [1])
    assert check(log).ok
    for leaf in list(log.leaves):
        for field in ("hash", "salt", "entry", "opening"):
            for changed in flips(getattr(leaf, field)):
                found = check(log, [msgspec.structs.replace(one, **{field: changed}) if one is leaf else one for one in log.leaves])
                assert any(p.startswith(f"leaf {leaf.index}: ") for p in found.problems), (leaf.index, field)
        for bit in range(20):
            moved = msgspec.structs.replace(leaf, index=leaf.index ^ 1 << bit)
            assert not check(log, [moved if one is leaf else one for one in log.leaves]).ok
    good = log.stored
    for field in ("frontier", "root", "checkpoint"):
        for changed in flips(getattr(good, field)):
            log.stored = msgspec.structs.replace(good, **{field: changed})
            found = check(log)
            assert any(p.startswith("head: ") for p in found.problems), field
    for size in (0, 1, 3):
        log.stored = msgspec.structs.replace(good, size=size)
        assert not check(log).ok


def test_an_altered_entry_is_named(log: Any) -> None:
    leaves = list(log.leaves)
    leaves[3] = msgspec.structs.replace(leaves[3], entry=leaves[3].entry.replace(b'"IN"', b'"IR"'))
    assert check(log, leaves).problems == ("leaf 3: entry does not match its hash",)


def test_a_consistent_rewrite_of_a_leaf_shows_at_the_head(log: Any, new_log: Callable[[], Any]) -> None:
    """Somebody without the key who recomputes all hashes still has no signature."""
    other = new_log()
    for leaf in log.leaves:
        other.say("init" if leaf.index == 0 else "refuse")
    assert check(log, other.leaves).problems == (
        "head: its root is not that of the 6 leaves here (altered, removed, inserted or out of order)",
        "head: its frontier is not that of the leaves here",
    )
    assert check(log, log.leaves[:5]).problems[0] == "head: it says 6 entries, 5 leaves are here: some were removed or inserted"


def test_what_a_rogue_key_holder_signed_must_still_make_sense(new_log: Callable[[], Any]) -> None:
    """Entry and tree agree, but the entry counts fewer objects than it opens."""
    log = new_log()
    log.say("accept", 2)
    leaf = log.leaves[0]
    entry = leaf.entry.replace(b'"count":2', b'"count":3')
    log.leaves = [msgspec.structs.replace(leaf, entry=entry, hash=entry_hash(leaf.salt, entry))]
    frontier = Frontier().append(log.leaves[0].hash)
    point = Checkpoint(origin=log.journal.origin, size=1, root=frontier.root())
    log.stored = Head(size=1, frontier=write_frontier(frontier), root=point.root, checkpoint=sign(point, log.key))
    assert check(log).problems == ("leaf 0: 2 object records, its entry says 3",)


def test_even_the_key_holder_cannot_rewrite_what_others_remember(log: Any, new_log: Callable[[], Any]) -> None:
    held = log.stored.checkpoint
    other = new_log()
    for _ in range(7):
        other.say("refuse")
    assert check(other).ok
    assert check(other, held=held).problems == ("the first 6 entries are not those of the checkpoint kept elsewhere",)
    assert check(other, held=held).held is None


@given(st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_removed_inserted_swapped_and_cut(log: Any, data: st.DataObject) -> None:
    leaves = list(log.leaves)
    first, second = data.draw(st.integers(0, 5)), data.draw(st.integers(0, 5))
    what = data.draw(st.sampled_from(["remove", "renumber", "insert", "swap", "cut"]))
    if what in ("remove", "renumber"):
        del leaves[first]
    elif what == "insert":
        leaves.insert(first, leaves[second])
    elif what == "swap":
        leaves[first], leaves[second] = leaves[second], leaves[first]
    else:
        leaves = leaves[:first]
    if what in ("renumber", "insert"):
        leaves = [msgspec.structs.replace(leaf, index=n) for n, leaf in enumerate(leaves)]
    assert check(log, leaves).ok == (leaves == log.leaves)


def test_removal_and_order_are_named(log: Any) -> None:
    assert check(log, [*log.leaves[:2], *log.leaves[3:]]).problems[0] == "leaf 3: missing before it: 2"
    assert check(log, [*log.leaves[:1], *log.leaves[4:]]).problems[0] == "leaf 4: missing before it: 1 to 3"
    swapped = [log.leaves[1], log.leaves[0], *log.leaves[2:]]
    assert "leaf 0: repeated or out of order" in check(log, swapped).problems


def test_a_cut_tail_needs_a_checkpoint_held_elsewhere(log: Any, new_log: Callable[[], Any]) -> None:
    earlier, cut = log.stored, list(log.leaves)
    log.say("disclose", 1, "UZ")
    held = log.stored.checkpoint
    log.leaves, log.stored = cut, earlier
    assert check(log).ok  # yesterday's log was a sound log
    assert check(log, held=held).problems == ("the log has 6 entries, the checkpoint kept elsewhere 7: its end was removed",)


def test_a_held_checkpoint_must_be_this_logs(log: Any) -> None:
    stranger = LogKey("log.kz.example/other", bytes(32))
    assert "kept elsewhere" in check(log, held=b"junk").problems[0]
    held = log.stored.checkpoint
    old = verify(log.leaves, log.stored, stranger.verifier, held=held, older=[log.journal.verifier])
    assert old.held == 6
    assert not old.signed
    assert len(old.problems) == 1
    assert verify(log.leaves, log.stored, log.journal.verifier, origin="x").problems
    log.stored, log.leaves = EMPTY_HEAD, []
    other = Journal(log.key, "log.kz.example/other")
    other.append(log, Entry(kind="init", at=datetime(2021, 10, 4, tzinfo=UTC), actor="p-1"))
    assert any("the checkpoint kept elsewhere is of" in p for p in verify(log.leaves, log.stored, other.verifier, held=held).problems)


def test_many_problems_are_counted(new_log: Callable[[], Any]) -> None:
    log = new_log()
    for _ in range(MAX_PROBLEMS + 20):
        log.say("a")
    found = check(log, [msgspec.structs.replace(leaf, salt=bytes(16)) for leaf in log.leaves])
    assert len(found.problems) == MAX_PROBLEMS
    assert found.more == 20


def export(log: Any, folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "log.jsonl").write_bytes(b"".join(export_lines(log.leaves, log.stored)))
    (folder / "checkpoint").write_bytes(log.stored.checkpoint)
    (folder / "key").write_bytes(write_key(log.journal.verifier))
    return folder


def test_an_exported_folder(log: Any, tmp_path: Path) -> None:
    log.erase(2)
    held = log.stored.checkpoint
    log.say("accept", 2)
    folder = export(log, tmp_path / "copy")
    assert verify_export(folder, key=log.journal.verifier, held=held).held == 7
    assert verify_export(folder) == check(log)
    read = read_export(folder)
    assert (read.head, read.key, list(read.leaves)) == (log.stored, log.journal.verifier, log.leaves)


def test_every_byte_of_an_exported_folder_is_watched(new_log: Callable[[], Any], tmp_path: Path) -> None:
    log = new_log()
    log.say("a", 1)
    log.say("b")
    folder = export(log, tmp_path / "copy")
    assert verify_export(folder).ok
    for file in sorted(folder.iterdir()):
        good = file.read_bytes()
        for position in range(len(good)):
            changed = bytearray(good)
            changed[position] ^= 1 << position % 8
            file.write_bytes(changed)
            assert not verify_export(folder).ok, (file.name, position)
        file.write_bytes(good[:-1])
        assert not verify_export(folder).ok
        file.write_bytes(good + b"\n")
        assert not verify_export(folder).ok
        file.write_bytes(good)
    lines = (folder / "log.jsonl").read_bytes().splitlines(keepends=True)
    (folder / "log.jsonl").write_bytes(lines[0] + b"{}\n" + lines[2])
    problems = verify_export(folder).problems
    assert problems[0].startswith("log.jsonl line 2 (leaf 0): ")
    assert not any(p.startswith("leaf 1") for p in problems)


def test_a_folder_with_another_key_or_none(log: Any, tmp_path: Path) -> None:
    folder = export(log, tmp_path / "copy")
    other = LogKey(log.key.name, bytes(32)).verifier
    assert verify_export(folder, key=other).problems[0] == "key: not the key that was given"
    (folder / "key").unlink()
    with pytest.raises(OperatorFault, match="key"):
        verify_export(folder)
    with pytest.raises(OperatorFault, match=r"log\.jsonl"):
        read_export(tmp_path)


@pytest.mark.parametrize("part", ["hash", "salt", "entry", "opening"])
def test_a_leaf_of_text_is_named_and_nothing_stumbles(log: Any, part: str) -> None:
    log.leaves[1] = msgspec.structs.replace(log.leaves[1], **{part: "text"})
    found = check(log)
    assert "leaf 1: it is stored as something else than bytes" in found.problems
    assert not any(problem.startswith("leaf 2:") for problem in found.problems)


@pytest.mark.parametrize("part", ["size", "frontier", "root", "checkpoint"])
@pytest.mark.parametrize("held", [False, True])
def test_a_head_of_text_is_named_and_nothing_stumbles(log: Any, part: str, held: bool) -> None:
    kept = log.stored.checkpoint if held else None
    log.stored = msgspec.structs.replace(log.stored, **{part: "text"})
    found = check(log, held=kept)
    assert "head: it is stored as something else than a number and bytes" in found.problems
    assert not found.signed


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 4))), st.lists(st.tuples(st.integers(0, 30), st.integers(0, 4))))
def test_runs_without_others_are_what_sets_are(these: list[tuple[int, int]], others: list[tuple[int, int]]) -> None:
    from comity.ledger.audit import _merged, _outside

    def numbers(runs: list[tuple[int, int]]) -> set[int]:
        return {n for first, length in runs for n in range(first, first + length + 1)}

    merged = [_merged((first, first + length) for first, length in runs) for runs in (these, others)]
    assert list(_outside(*merged)) == sorted(numbers(these) - numbers(others))
