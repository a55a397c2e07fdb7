"""Zeek intelligence files, read back as Zeek's reader does."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings

from comity.forms.zeek_intel import FIELDS, TYPES, escaped, write
from tests.forms.lists import FRAME, HOSTILE, entries, entry, one_of_each

_ESCAPE = re.compile(rb"\\x([0-9a-f]{2})")


def read(text: str) -> list[dict[str, str]]:
    """The rows: a header, lines that begin with # skipped, fields between tabs, `\\xHH` taken back."""
    assert text.endswith("\n") and text.isascii()
    lines = text.split("\n")[:-1]
    head, *fields = lines[0].split("\t")
    assert head == "#fields"
    rows = []
    for line in lines[1:]:
        if not line.startswith("#"):
            cells = line.split("\t")
            assert len(cells) == len(fields)
            rows.append({name: _plain(cell) for name, cell in zip(fields, cells, strict=True)})
    return rows


def _plain(cell: str) -> str:
    return _ESCAPE.sub(lambda found: bytes.fromhex(found[1].decode()), cell.encode()).decode()


def expected(listed) -> set[tuple[str, str]]:
    return {(one.value.partition("://")[2] if one.kind == "url" else one.value, TYPES[one.kind]) for one in listed if one.kind in TYPES}


def test_what_is_written_reads_back():
    written = write(one_of_each(), FRAME)
    rows = read(written.text)
    assert {(row["indicator"], row["indicator_type"]) for row in rows} == expected(one_of_each())
    assert set(rows[0]) == set(FIELDS)
    assert {row["meta.source"] for row in rows} == {"comity"}
    assert all("indicator--a932fcc6-e032-476c-826f-cb970a5a1ade" in row["meta.desc"] and "TLP:AMBER" in row["meta.desc"] for row in rows)
    assert {row["meta.url"] for row in rows} == {"https://cert.example/report/7"}
    assert [(one.kind, why) for one, why in written.left_out] == [("sha512", "Zeek has no intelligence type for a sha512")]


def test_two_urls_that_differ_in_scheme_alone_are_one():
    written = write([entry("url", "http://a.example/x"), entry("url", "https://a.example/x")], FRAME)
    assert [row["indicator"] for row in read(written.text)] == ["a.example/x"]


@pytest.mark.parametrize("value", ["#fields@a.example", "a\\x41@a.example", "-", "(empty)", "ё@a.example"])
def test_values_that_the_reader_would_take_for_something_else(value):
    assert _plain(escaped(value)) == value
    assert escaped(value) not in ("-", "(empty)") and not escaped(value).startswith("#")


def test_hostile_texts_end_nothing():
    (row,) = read(write([entry(evidence=HOSTILE, threat=(HOSTILE,), origin=HOSTILE)], FRAME).text)
    assert row["indicator"] == "login.example.net" and row["meta.url"] == "-"


@settings(max_examples=60, deadline=None)
@given(entries)
def test_whatever_the_values_it_reads_back_and_is_the_same_again(listed):
    written = write(listed, FRAME)
    assert {(row["indicator"], row["indicator_type"]) for row in read(written.text)} == expected(listed)
    assert write(listed[::-1], FRAME) == written
