"""What goes to stdout, in each format."""

from __future__ import annotations

import json

import pytest

from comity.doors.cli import output

ROWS = [{"a": "x", "b": 1}, {"a": "=1+1", "b": ["p", "q"]}]


def test_ndjson_comes_line_by_line(capsysbinary):
    assert output.write(iter(ROWS), "ndjson") == 2
    assert [json.loads(line) for line in capsysbinary.readouterr().out.splitlines()] == ROWS


def test_json_is_one_document(capsys):
    output.write(iter(ROWS), "json")
    assert json.loads(capsys.readouterr().out) == ROWS


def test_csv_cells_are_no_formulas(capsys):
    output.write(iter(ROWS), "csv", ("a", "b"))
    assert capsys.readouterr().out.splitlines() == ["a,b", "x,1", "'=1+1,\"p, q\""]


def test_a_table_is_aligned_and_clean(capsys):
    output.write([{"name": "a\x1b[31mb", "n": 5}, {"name": "longer name", "n": 6}], "table")
    head, first, second = capsys.readouterr().out.splitlines()
    assert "\x1b" not in first
    assert head.index("N", 1) == second.index("6") or head.split() == ["NAME", "N"]


@pytest.mark.parametrize("cell", ["=x", "+x", "-x", "@x", "\tx"])
def test_neutral(cell):
    assert output.neutral(cell) == "'" + cell
    assert output.neutral("x" + cell) == "x" + cell
