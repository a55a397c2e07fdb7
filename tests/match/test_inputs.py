from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from comity.errors import NotFound
from comity.match.inputs import known_as, logs_in


def test_files_directories_and_standard_input(tmp_path: Path) -> None:
    for name in ("b.log", "a.log", ".hidden", "sub/c.log", ".git/d"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    told: list[str] = []
    found = logs_in([str(tmp_path / "b.log"), "-", str(tmp_path), str(tmp_path / "none")], told.append)
    assert [name if name == "-" else str(Path(name).relative_to(tmp_path)) for name in found] == ["b.log", "-", "a.log", "sub/c.log"]
    assert told == [f"no such file: {tmp_path / 'none'}"]


def test_nothing_at_all_is_a_fault(tmp_path: Path) -> None:
    for name in ("none", ""):
        with pytest.raises(NotFound):
            logs_in([str(tmp_path / name) if name else str(tmp_path)], lambda _: None)


def test_a_log_is_known_by_its_beginning_and_a_small_one_by_its_name(tmp_path: Path) -> None:
    large, small = b"".join(b"%06d\n" % number for number in range(1_000)), b"one line\n"
    for name, raw in {"a.log": large, "b.log": large, "c.gz": gzip.compress(large), "more.log": large + b"x\n"}.items():
        (tmp_path / name).write_bytes(raw)
    (tmp_path / "other.log").write_bytes(b"x" + large)
    assert len({known_as(str(tmp_path / name)) for name in ("a.log", "b.log", "c.gz", "more.log")}) == 1
    assert known_as(str(tmp_path / "other.log")) != known_as(str(tmp_path / "a.log"))
    (tmp_path / "small.log").write_bytes(small)
    (tmp_path / "cut.gz").write_bytes(b"\x1f\x8b\x08\x00junk")
    for name in ("small.log", "cut.gz", "none.log", "sub/"):
        assert known_as(str(tmp_path / name)) == Path(name).name
    assert known_as("-") == "-"
