"""Block-lists as CSV, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io

from hypothesis import given, settings

from comity.forms.value_table import COLUMNS, write
from comity.terms.cell import plain
from tests.forms.lists import FRAME, HOSTILE, entries, entry, one_of_each


def read(written: str) -> list[dict[str, str]]:
    return [{key: plain(cell) for key, cell in row.items()} for row in csv.DictReader(io.StringIO(written, newline=""))]


def test_what_is_written_reads_back():
    rows = read(write(one_of_each(), FRAME).text)
    assert {(row["kind"], row["value"]) for row in rows} == {(one.kind, one.value) for one in one_of_each()}
    assert list(rows[0]) == list(COLUMNS)
    row = next(row for row in rows if row["kind"] == "domain")
    assert (row["origin"], row["tlp"], row["confidence"], row["score"], row["expires"]) == (
        "UZ",
        "amber",
        "75",
        "80",
        "2022-01-01T00:00:00.000Z",
    )
    assert row["evidence"] == "https://cert.example/report/7" and row["dispute"].startswith("mail abuse")


def test_no_cell_is_a_formula():
    listed = [entry("email", "=cmd()@a.example"), entry("email", "+1@a.example"), entry("email", "'=1@a.example"), entry(threat=(HOSTILE,))]
    for row in csv.reader(io.StringIO(write(listed, FRAME).text, newline="")):
        assert not any(cell[:1] in ("=", "+", "-", "@", "\t", "\r") for cell in row)
    assert {row["value"] for row in read(write(listed, FRAME).text)} == {one.value for one in listed}


@settings(max_examples=60, deadline=None)
@given(entries)
def test_whatever_the_values_it_reads_back_and_is_the_same_again(listed):
    written = write(listed, FRAME)
    assert {(row["kind"], row["value"]) for row in read(written.text)} == {(one.kind, one.value) for one in listed}
    assert write(listed[::-1], FRAME) == written
