"""A file is there as a whole, or what was there before."""

from __future__ import annotations

import os
import stat
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from comity.durable import locked, put_whole, scratch


def test_what_is_cut_off_leaves_what_was_there(tmp_path: Path) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"half"
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space"):
        put_whole(tmp_path / "a", pieces())
    assert list(tmp_path.iterdir()) == []
    put_whole(tmp_path / "a", [b"one ", b"two"])
    with pytest.raises(OSError, match="no space"):
        put_whole(tmp_path / "a", pieces())
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a", b"one two")]


def test_it_is_on_the_disk_before_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def synced(handle: int) -> None:
        steps.append("folder" if os.path.isdir(f"/proc/self/fd/{handle}") else "file")
        fsync(handle)

    def replaced(self: Path, target: Path) -> Path:
        steps.append("name")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "replace", replaced)
    put_whole(tmp_path / "a", [b"x"])
    assert steps == ["file", "name", "folder"]


@pytest.mark.parametrize("shared", [False, True])
def test_who_has_a_lock_keeps_the_others_waiting_unless_they_share_it(tmp_path: Path, shared: bool) -> None:
    order: list[str] = []

    def other() -> None:
        with locked(tmp_path / "lock", shared=True):
            order.append("other")

    waiting = threading.Thread(target=other)
    with locked(tmp_path / "lock", shared=shared):
        waiting.start()
        waiting.join(timeout=10 if shared else 0.1)
        order.append("first")
    waiting.join()
    assert order == (["other", "first"] if shared else ["first", "other"])
    assert stat.S_IMODE((tmp_path / "lock").stat().st_mode) == 0o600


def test_what_a_killed_run_left_is_removed_by_the_next_and_what_another_works_in_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left, other = tmp_path / ".made-left", tmp_path / ".else-x"
    for folder in (left, other):
        folder.mkdir()
        (folder / "half").write_bytes(b"x")
    with scratch(tmp_path, ".made-"):
        assert left.exists()  # it may be of a run that has just begun
    later = time.time() + 61
    monkeypatch.setattr("comity.durable.time.time", lambda: later)
    with scratch(tmp_path, ".made-") as first:
        assert not left.exists() and other.exists()
        with scratch(tmp_path, ".made-") as second:
            assert first.exists() and second.exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == [".else-x"]
