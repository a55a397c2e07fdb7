"""Writing an answer: a value as JSON; a list as a page, or all that follows as lines or as a table; a problem for a refusal."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from starlette.responses import Response, StreamingResponse

from comity.doors.api.asked import Call
from comity.doors.api.declare import JSON, NDJSON, Nothing, Operation, Paged
from comity.terms.cell import neutral
from comity.wire import Problem

PROBLEM = "application/problem+json"
_HEADERS = {"Cache-Control": "no-store", "Vary": "Accept, Authorization", "X-Content-Type-Options": "nosniff"}
#: Bytes gathered before a piece of a stream is sent.
_PIECE = 1 << 16


class Exact(msgspec.Struct, frozen=True):
    """Bytes that are the answer as they are."""

    content: bytes


class Lines(msgspec.Struct, frozen=True):
    """An answer that is written line by line as it comes: values, or lines that are written already."""

    lines: Iterator[Any]


def answer(operation: Operation, call: Call, query: Nothing, media: str, *, body: bool = True) -> Response:
    """Run an operation and write what it gives as `media`. Without `body` (HEAD) nothing is done beyond the first page."""
    run = operation.lines if media == NDJSON and operation.lines else operation.run
    found = run(call, query)
    if isinstance(found, Exact):
        return _response(found.content, media)
    if isinstance(found, Lines):
        return _stream(_lines(found.lines), media, body)
    if media == JSON or operation.rows is None:
        return _response(msgspec.json.encode(found), media)
    rows = _following(operation, call, query, found)
    return _stream(_lines(rows) if media == NDJSON else _table(rows, operation.rows), media, body)


def problem(said: Problem, headers: dict[str, str] | None = None) -> Response:
    """A refusal (RFC 9457)."""
    return Response(msgspec.json.encode(said), said.status, {**_HEADERS, "Content-Type": PROBLEM, **(headers or {})})


def _response(content: bytes, media: str) -> Response:
    return Response(content, 200, {**_HEADERS, "Content-Type": media + _charset(media)})


def _stream(pieces: Iterator[bytes], media: str, body: bool) -> Response:
    headers = {**_HEADERS, "Content-Type": media + _charset(media)}
    return StreamingResponse(pieces, 200, headers) if body else Response(b"", 200, headers)


def _charset(media: str) -> str:
    return "; charset=utf-8" if media.startswith("text/") else ""


def _following(operation: Operation, call: Call, query: Any, page: Any) -> Iterator[Any]:
    """The items of a page and of all that follow it, at most the query's `limit` if it has one. Each page is recorded as it is asked."""
    if not isinstance(query, Paged):
        yield from page.items
        return
    left = query.limit
    while True:
        yield from page.items
        left = left - len(page.items) if left else left
        if page.next is None or left == 0:
            return
        query = msgspec.structs.replace(query, next=page.next, limit=left or call.world.settings.limits.page)
        page = operation.run(call, query)


def _lines(values: Iterable[Any]) -> Iterator[bytes]:
    """NDJSON. An object that came with line ends between its members gets spaces there: in JSON they stand nowhere else."""
    gathered, size = [], 0
    for value in values:
        line = value if isinstance(value, bytes) else msgspec.json.encode(value).replace(b"\n", b" ").replace(b"\r", b" ") + b"\n"
        gathered.append(line)
        size += len(line)
        if size >= _PIECE:
            yield b"".join(gathered)
            gathered, size = [], 0
    yield b"".join(gathered)


def _table(values: Iterable[Any], shape: type[msgspec.Struct]) -> Iterator[bytes]:
    """CSV of everything but objects. What is no text or number is JSON; no cell is taken for a formula by a spreadsheet."""
    names = [name for name in shape.__struct_fields__ if name != "object"]
    yield _row(names)
    gathered, size = [], 0
    for value in values:
        line = _row(_cell(getattr(value, name)) for name in names)
        gathered.append(line)
        size += len(line)
        if size >= _PIECE:
            yield b"".join(gathered)
            gathered, size = [], 0
    yield b"".join(gathered)


def _row(cells: Iterable[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue().encode("utf-8", "replace")


def _cell(value: Any) -> str:
    if value is None or value is msgspec.UNSET:
        return ""
    value = msgspec.to_builtins(value)
    if isinstance(value, (list, tuple)) and all(isinstance(part, str) for part in value):
        value = " ".join(value)
    return neutral(value) if isinstance(value, str) else msgspec.json.encode(value).decode()
