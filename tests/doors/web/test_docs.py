"""docs/ux.md: forty criteria, each with tests that are there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
ROWS = re.findall(r"^\| (\d+) \| ([^|]+) \| (.+) \|$", (ROOT / "docs" / "ux.md").read_text("utf-8"), re.MULTILINE)
#: Criteria without a test, and why. May only shrink.
LATER = {"27": "with exercises"}


def test_all_forty_are_listed_in_order():
    assert [number for number, _, _ in ROWS] == [str(n) for n in range(1, 41)]


def test_each_names_tests_that_are_there():
    for number, _, checked in ROWS:
        named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", checked)
        assert bool(named) != (number in LATER), number
        assert named or checked == LATER[number], number
        for path, name in named:
            functions = {node.name for node in ast.walk(ast.parse((ROOT / path).read_text("utf-8"))) if isinstance(node, ast.FunctionDef)}
            assert name in functions, (number, path, name)
