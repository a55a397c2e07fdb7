"""The twins of a page, for programs: JSON is its data, CSV and NDJSON are the list on it, one row or line for each."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from starlette.responses import Response

from comity.doors.web.render import HEADERS
from comity.terms.cell import neutral

#: Ending of the path -> media type (CSV: RFC 4180 and 7111).
ENDINGS = {"json": "application/json", "csv": "text/csv; charset=utf-8; header=present", "ndjson": "application/x-ndjson"}


def twin(data: Mapping[str, Any], ending: str = "json", rows: str = "", status: int = 200) -> Response:
    """The twin with an ending of `ENDINGS`."""
    if ending == "json":
        body = msgspec.json.format(msgspec.json.encode(data), indent=2) + b"\n"
    elif ending == "ndjson":
        body = b"".join(msgspec.json.encode(row) + b"\n" for row in data[rows])
    else:
        body = _table(data[rows]).encode()
    return Response(body, status, {**HEADERS, "cache-control": "no-store"}, ENDINGS[ending])


def _table(rows: Sequence[Mapping[str, Any]]) -> str:
    """A header line and a line for each row; what is nested has a column for each of its parts, and lists are one cell."""
    flat = [dict(_cells("", row)) for row in rows]
    columns = list(dict.fromkeys(name for row in flat for name in row))
    out = io.StringIO()
    write = csv.writer(out)
    write.writerow(columns)
    write.writerows([row.get(name, "") for name in columns] for row in flat)
    return out.getvalue()


def _cells(path: str, value: Any) -> list[tuple[str, str]]:
    if isinstance(value, Mapping):
        return [cell for key, part in value.items() for cell in _cells(f"{path}.{key}" if path else str(key), part)]
    return [(path, _cell(value))]


def _cell(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        scalars = all(isinstance(part, (str, int, float)) for part in value)
        text = "; ".join(map(str, value)) if scalars else msgspec.json.encode(value).decode()
    elif value is None:
        return ""
    elif isinstance(value, bool):
        return "true" if value else "false"
    elif isinstance(value, (int, float)):
        return str(value)
    else:
        text = str(value)
    return neutral(text)
