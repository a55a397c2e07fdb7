"""The conformance statement (docs/taxii.md) has a line for each requirement, and each test that it names is there."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "taxii.md").read_text("utf-8")
#: Line by line: id -> cells. The checklist has no 40.
LINES = [[cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if re.match(r"\| [SX]\d", line)]
REQUIREMENTS = [f"S{number}" for number in range(1, 46) if number != 40]
RULES = [f"X{number}" for number in range(1, 9)]


@cache
def names_in(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    return {each.name for each in tree.body if isinstance(each, ast.FunctionDef) and each.name.startswith("test_")}


def test_a_line_for_each_in_order():
    assert [cells[0] for cells in LINES] == REQUIREMENTS + RULES


@pytest.mark.parametrize("cells", LINES, ids=[cells[0] for cells in LINES])
def test_each_line_says_how_and_names_tests_that_are_there(cells):
    assert len(cells) == (5 if cells[0].startswith("S") else 3)
    assert all(cells[:-1])
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", cells[-1])
    assert named or "does not apply" in cells[-2]
    assert re.sub(r"`[^`]*`|[, ]", "", cells[-1]) == ""
    for path, name in named:
        assert name in names_in(path), f"{path}::{name}"


def test_every_requirement_that_the_prober_checks_is_one():
    names = names_in("tests/whole/test_taxii_probe.py") | names_in("tests/whole/test_taxii_probe_reading.py")
    checked = {f"S{number}" for name in names for number in re.findall(r"(?<=_s)\d+(?=_)", name)}
    assert checked <= set(REQUIREMENTS)
    # Not over the wire: how long a status is kept takes two days, and there is no SRV record.
    assert set(REQUIREMENTS) - checked == {"S34", "S41"}


def test_what_is_not_met_is_said():
    told = PAGE.split("**Not met, plainly**")[1].split("## Requirements")[0]
    assert {"S9", "S41", "S39", "S33"} <= set(re.findall(r"\*\*(S\d+)\*\*", told))
