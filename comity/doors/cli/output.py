"""Results on stdout: `-o table|json|ndjson|csv`. A table on a terminal, else NDJSON; no colour when piped or with NO_COLOR."""

from __future__ import annotations

import csv
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import click
import msgspec

F = TypeVar("F", bound=Callable[..., Any])
FORMATS = ("table", "json", "ndjson", "csv")


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
        print(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())
    elif found:
        print(table(found, columns or list(found[0])))
    return len(found)


def document(value: Mapping[str, Any], output: str | None, text: str) -> None:
    """Write one record: `text` for a table, else JSON."""
    if chosen(output) == "table":
        print(text)
    elif output == "json":
        print(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())
    elif output == "csv":
        _csv([value], None)
    else:
        line(value)


def line(value: Any) -> None:
    """One NDJSON record, flushed, so that a reader sees it before the command ends."""
    sys.stdout.buffer.write(msgspec.json.encode(value) + b"\n")
    sys.stdout.buffer.flush()


def table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> str:
    """Aligned columns, the last one cut at the terminal's width."""
    cells = [[_cell(row.get(column)) for column in columns] for row in rows]
    widths = [max(len(column), *(len(row[at]) for row in cells)) for at, column in enumerate(columns)]
    width = shutil.get_terminal_size((110, 24)).columns if sys.stdout.isatty() else 1 << 30
    head = "  ".join(column.upper().ljust(widths[at]) for at, column in enumerate(columns)).rstrip()[:width]
    lines = ["  ".join(cell.ljust(widths[at]) for at, cell in enumerate(row)).rstrip()[:width] for row in cells]
    return "\n".join([head, *lines])


def _cell(value: Any) -> str:
    if value is None:
        return ""
    text = ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
    # Control characters of stored text must not reach a terminal.
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)


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


def neutral(cell: str) -> str:
    """A CSV cell that no spreadsheet takes for a formula."""
    return "'" + cell if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def note(text: str) -> None:
    """A line for a person, on stderr."""
    print(text, file=sys.stderr, flush=True)
