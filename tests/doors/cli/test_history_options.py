"""What the options of `comity match` about what was kept go with."""

from __future__ import annotations

import pytest

pytest.importorskip("duckdb", reason="needs the extra: pip install 'comity[history]'")


def test_what_does_not_go_together(comity, tmp_path):
    comity("init", "--party", "KZ")
    (tmp_path / "list.txt").write_text("bad.test\n")
    for words in (
        ["--since", "3d", "-"],
        ["--new", "-"],
        ["--history", "--indicators", "list.txt"],
        [],
        ["--keep", "-", "--indicators", "list.txt"],
    ):
        comity("match", *words, code=2, stdin=b"")
    assert b"nothing is kept" in comity("match", "--history").stderr
