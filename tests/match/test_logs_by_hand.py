"""Logs whose hits are known line by line are read alike, by themselves and in blocks, with numba and without."""

from __future__ import annotations

from pathlib import Path

import pytest

from comity.match import blocks
from comity.match.index import Index
from comity.match.scan import scan
from tests.match.logs_by_hand import LOGS, VALUES

INDEX = Index.build((kind, value, None) for kind, value in VALUES)


@pytest.mark.parametrize("way", ["lines", "numba", "numpy"])
def test_each_line_shows_what_was_put_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    if way != "lines":
        monkeypatch.setattr(blocks, "SMALL", 0)
        monkeypatch.setenv("COMITY_NUMBA", "off" if way == "numpy" else "on")
    for name, lines in LOGS.items():
        log = tmp_path / name
        log.write_bytes(b"\n".join(line for line, _ in lines))
        found = {(hit.line, hit.value) for hit in scan([str(log)], INDEX)}
        assert found == {(number, value) for number, (_, values) in enumerate(lines, 1) for value in values.split()}, name
