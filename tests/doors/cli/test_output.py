"""What goes to stdout, in each format."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.doors.cli import output, report
from comity.doors.cli.explain import _text
from comity.errors import SenderFault
from comity.release import explain
from tests.consortium import Body, indicator
from tests.doors.cli.terminal import HOSTILE, OBEYED, on_terminal

ROWS = [{"a": "x", "b": 1}, {"a": "=1+1", "b": ["p", "q"]}]


def test_ndjson_comes_line_by_line(capsysbinary):
    """Each record is out before the next is looked for."""
    out = []

    def rows():
        for row in ROWS:
            yield row
            out.append(capsysbinary.readouterr().out)

    assert output.write(rows(), "ndjson") == 2
    assert [json.loads(line) for line in out] == ROWS


def test_json_is_one_document(capsys):
    output.write(iter(ROWS), "json")
    assert json.loads(capsys.readouterr().out) == ROWS


def test_csv_cells_are_no_formulas(capsys):
    output.write(iter(ROWS), "csv", ("a", "b"))
    assert capsys.readouterr().out.splitlines() == ["a,b", "x,1", '\'=1+1,"p, q"']


def test_a_table_is_aligned_and_clean(capsys):
    output.write([{"name": "a\x1b[31mb", "n": 5}, {"name": "longer name", "n": 6}], "table")
    head, first, second = capsys.readouterr().out.splitlines()
    assert "\x1b" not in first
    assert head.index("N", 1) == second.index("6") or head.split() == ["NAME", "N"]


@pytest.mark.parametrize(
    ("first", "shown"),
    [
        ("a", ["A    LAST", "a    one two three four five", "     six", "bbb  seven"]),
        ("a" * 20, ["A                     LAST", "a" * 20, "    one two three four five", "    six", "bbb                   seven"]),
        ("a" * 40, ["A" + " " * 29, "a" * 30, "    one two three four five", "    six", "bbb", "    seven"]),
    ],
)
def test_on_a_terminal_the_last_column_goes_on_below(monkeypatch, first, shown):
    monkeypatch.setenv("COLUMNS", "30")
    with on_terminal() as terminal:
        output.write([{"a": first, "last": "one two three four five six"}, {"a": "bbb", "last": "seven"}], "table")
    assert terminal.said().splitlines() == shown


# Terminals


def test_what_a_terminal_obeys_is_replaced_one_for_one():
    shown = output.safe(HOSTILE)
    assert not OBEYED & set(shown)
    assert (len(shown), shown[0], shown[-2]) == (len(HOSTILE), "a", "e")
    assert output.safe("one\ntwo\tthree") == "one\ufffdtwo\ufffdthree"
    assert output.safe("one\ntwo\tthree\r", lines=True) == "one\ntwo\tthree\ufffd"
    assert output.safe("\udcff") == "\ufffd"


@pytest.mark.parametrize("text", ["Ünï 中文\u3000x", "مي\u200cخواهم", "क्\u200dष", "✓ → 🇰🇿", "a\xa0b"])
def test_words_of_any_language_stay(text):
    assert output.safe(text) == text


@given(st.text())
def test_safe_text_is_safe(text):
    shown = output.safe(text)
    assert output.safe(shown) == shown
    assert all(character >= " " and character not in OBEYED for character in shown)
    assert shown.encode().decode() == shown


def test_notes_and_faults():
    with on_terminal() as terminal:
        output.note(f"see {HOSTILE}\nnext")
        assert report(SenderFault(f"no {HOSTILE}", next=f"try {HOSTILE}")) == 2
    assert not OBEYED & set(terminal.said())
    assert len(terminal.said().splitlines()) == 4


@pytest.mark.parametrize("form", output.FORMATS)
def test_records(form):
    with on_terminal() as terminal:
        output.write([{"name": HOSTILE, HOSTILE: 1}, {"name": [HOSTILE]}], form, ("name",) if form in ("table", "csv") else None)
        output.document({"name": HOSTILE}, form, HOSTILE)
    assert terminal.said().strip()
    assert not OBEYED & set(terminal.said())


def test_json_on_a_terminal_says_the_same():
    raw = b'{"name":\r\n\t"' + HOSTILE.replace("\x1b", "").replace("\x07", "").encode() + b'"}'
    with on_terminal() as terminal:
        output.line({"name": HOSTILE})
        output.write([{"name": HOSTILE}], "json")
        output.put(raw)
    first, rest = terminal.said().split("\n", 1)
    assert json.loads(first) == {"name": HOSTILE}
    decoder = json.JSONDecoder()
    document, end = decoder.raw_decode(rest)
    assert document == [{"name": HOSTILE}]
    assert decoder.decode(rest[end:].strip()) == json.loads(raw)
    assert not OBEYED & set(terminal.said())
    assert "\r" not in terminal.said()


def test_json_elsewhere_is_the_very_bytes(capsysbinary):
    raw = '{"name": "\x9b\u202e"}\r'.encode()
    output.put(raw)
    assert capsysbinary.readouterr().out == raw + b"\n"


def test_the_words_of_a_decision():
    body = Body()
    kz = body.member("KZ")
    body.member("UZ")
    item = indicator()
    kz.submits(item)
    verdict = explain.why(body.desk, item["id"], body.member("UZ").reader)
    verdict = msgspec.structs.replace(verdict, party=HOSTILE)
    text = _text(verdict.as_json(), verdict.sentences())
    assert not OBEYED & set(text)
    assert len(text.splitlines()) == 1 + len(verdict.sentences())


def test_amounts_are_said_in_words() -> None:
    assert [output.amount(n, word) for n, word in ((1, "hit"), (0, "hit"), (2000, "hit"), (3, "entry"), (1, "entry"), (2, "day"))] == [
        "1 hit",
        "0 hits",
        "2,000 hits",
        "3 entries",
        "1 entry",
        "2 days",
    ]
