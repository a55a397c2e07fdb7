from __future__ import annotations

from pathlib import Path

import pytest

from comity.errors import NotFound
from comity.match.inputs import logs_in


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
