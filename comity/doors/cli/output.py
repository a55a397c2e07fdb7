"""Results on stdout: `-o table|json|ndjson|csv`. A table on a terminal, else NDJSON; no colour when piped or with NO_COLOR.

What others wrote reaches a terminal through `safe` or, as JSON, with escapes: a terminal obeys control characters.
"""

from __future__ import annotations

import csv
import os
import re
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import click
import msgspec

from comity.terms.cell import neutral

#: A last column of fewer characters is not read beside the others.
_NARROW = 24
F = TypeVar("F", bound=Callable[..., Any])
FORMATS = ("table", "json", "ndjson", "csv")
#: What a terminal obeys, or what disguises the text around it: C0 and C1 controls, direction marks and overrides, invisible characters; and
#: lone surrogates, which no stream takes. Not the joiners U+200C and U+200D, which Persian and Indic words need.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)


def output_option(command: F) -> F:
    """`-o FORMAT`."""
    kind = click.Choice(FORMATS)
    return click.option("-o", "--output", type=kind, help="Output format. [default: table on a terminal, else ndjson]")(command)


def chosen(output: str | None) -> str:
    """The format to write: the option's, else by what stdout is."""
    return output or ("table" if sys.stdout.isatty() else "ndjson")


def coloured() -> bool:
    """Whether stdout takes colour."""
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ


def write(rows: Iterable[Mapping[str, Any]], output: str | None, columns: Sequence[str] | None = None) -> int:
    """Write records as they come (NDJSON, CSV) or at the end (table, JSON); how many. `columns` orders and limits table and CSV."""
    form = chosen(output)
    if form == "ndjson":
        count = 0
        for row in rows:
            line(row)
            count += 1
        return count
    if form == "csv":
        return _csv(rows, columns)
    found = list(rows)
    if form == "json":
        put(msgspec.json.format(msgspec.json.encode(found), indent=2))
    elif found:
        print(table(found, columns or list(found[0])))
    return len(found)


def document(value: Mapping[str, Any], output: str | None, text: str) -> None:
    """Write one record: `text` for a table, else JSON."""
    if chosen(output) == "table":
        print(safe(text, lines=True) if sys.stdout.isatty() else text)
    elif output == "json":
        put(msgspec.json.format(msgspec.json.encode(value), indent=2))
    elif output == "csv":
        _csv([value], None)
    else:
        line(value)


def line(value: Any) -> None:
    """One NDJSON record, flushed, so that a reader sees it before the command ends."""
    put(msgspec.json.encode(value))


def put(raw: bytes) -> None:
    """Write JSON and a line end, flushed; to a terminal with escapes for what it would obey, which leaves the value the same."""
    if sys.stdout.isatty():
        raw = _UNSAFE.sub(_escape, raw.decode("utf-8", "replace")).encode()
    sys.stdout.flush()
    sys.stdout.buffer.write(raw + b"\n")
    sys.stdout.buffer.flush()


def _escape(found: re.Match[str]) -> str:
    """A character inside a JSON string as `\\uXXXX`. Below U+0020 it is white space between values."""
    character = found.group()
    if character < " ":
        return character if character in "\n\t" else ""
    units = character.encode("utf-16-be").hex()
    return "".join("\\u" + units[at : at + 4] for at in range(0, len(units), 4))


def safe(text: str, *, lines: bool = False) -> str:
    """Text that a terminal shows and does not obey: each control or direction character becomes U+FFFD.

    `lines`: the text has lines, whose ends and tabs stay.
    """
    return _UNSAFE.sub(lambda found: found.group() if lines and found.group() in "\n\t" else "\N{REPLACEMENT CHARACTER}", text)


def table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> str:
    """Aligned columns. Where a terminal has no room for the last one it goes on below; the others are cut at its width."""
    cells = [[_cell(row.get(column)) for column in columns] for row in rows]
    widths = [max(len(column), *(len(row[at]) for row in cells)) for at, column in enumerate(columns)]
    width = shutil.get_terminal_size((110, 24)).columns if sys.stdout.isatty() else 1 << 30
    head = "  ".join(column.upper().ljust(widths[at]) for at, column in enumerate(columns)).rstrip()[:width]
    return "\n".join([head, *(_lines(row, widths, width) for row in cells)])


def _lines(row: Sequence[str], widths: Sequence[int], width: int) -> str:
    """A row of a table; the last cell below itself, or at the left where that is too narrow."""
    whole = "  ".join(cell.ljust(widths[at]) for at, cell in enumerate(row)).rstrip()
    if len(whole) <= width:
        return whole
    start = sum(widths[:-1]) + 2 * (len(widths) - 1)
    beside = width - start >= _NARROW
    indent = start if beside else 4
    rest = [" " * indent + part for part in textwrap.wrap(row[-1], max(width - indent, 1))]
    if beside:
        return whole[:start] + "\n".join(rest)[start:]
    return "\n".join([whole[:start].rstrip()[:width], *rest])


def _cell(value: Any) -> str:
    if value is None:
        return ""
    text = ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
    return safe(text)


def _csv(rows: Iterable[Mapping[str, Any]], columns: Sequence[str] | None) -> int:
    writer = None
    count = 0
    for row in rows:
        if writer is None:
            columns = columns or list(row)
            writer = csv.writer(sys.stdout)
            writer.writerow(columns)
        writer.writerow([neutral(_cell(row.get(column))) for column in columns or ()])
        count += 1
    return count


def amount(count: int, noun: str) -> str:
    """How many there are, in words: `1 hit`, `2,000 hits`, `3 entries`."""
    many = noun[:-1] + "ies" if noun.endswith("y") and noun[-2] not in "aeiou" else noun + "s"
    return f"{count:,} {noun if count == 1 else many}"


def note(text: str) -> None:
    """A line for a person, on stderr."""
    print(safe(text, lines=True), file=sys.stderr, flush=True)
