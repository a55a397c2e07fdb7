"""Feeds whose fields have names of their own: JSON (an array, an object of lists, NDJSON) and CSV with named or numbered columns.

Without a map of columns the fields are found by the words that tables use (`forms.table.COLUMN_WORDS`). A record that does not say an
observable is refused with its number, and the others go on.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from comity.forms.table import COLUMN_WORDS, KIND_WORDS, Row, row_of
from comity.terms.item import Refused

#: What a column map may say: field of a row -> header, number (from 1) or, in JSON, dotted path.
FIELDS = ("value", "kind", "at", "tlp", "description", "confidence", "source")
#: How deep in a JSON document its records may lie.
_DEPTH = 4
_COMMENT = ("#", ";", "//")
#: What a list has in its first bytes that is JSON: texts, or a key that only lists of indicators have.
_LISTED = re.compile(
    rb'\s*\[\s*"|.*?"(?:indicator|ioc|ioc_value|indicator_value|observable)"\s*:|'
    rb'.*?"value"\s*:[^{}]*"(?:type|kind)"\s*:|.*?"(?:type|kind)"\s*:[^{}]*"value"\s*:',
    re.DOTALL | re.IGNORECASE,
)
#: Keys that lists have and logs too; and what only logs say.
_VALUED = re.compile(
    rb'\{\s*"(?:value|domain|hostname|fqdn|ip|ipv4|ipv6|cidr|url|email|md5|sha1|sha256|sha512|hash)"\s*:\s*"', re.IGNORECASE
)
_LOGGED = re.compile(rb'"(?:@?timestamp|ts|time|eventtime|event_time|event|event_type|eventid|date_time|datetime)"\s*:', re.IGNORECASE)
#: Keys of reports under which their indicators stand.
_WITHIN = ("indicators", "iocs", "observables")
_LOOK = 4_096


def lists(head: bytes) -> bool:
    """Whether JSON that begins so is a list of values, and not a log."""
    return _LISTED.match(head, 0, _LOOK) is not None or (
        _VALUED.search(head, 0, _LOOK) is not None and _LOGGED.search(head, 0, _LOOK) is None
    )


def of_json(raw: bytes, columns: Mapping[str, str]) -> Iterator[Row | Refused]:
    """The records of a JSON document or of NDJSON. What is neither is one refusal."""
    try:
        found: Iterable[Any] = _records(msgspec.json.decode(raw), 0)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        lines = [line for line in raw.splitlines() if line.strip()]
        if len(lines) < 2 or not lines[0].lstrip().startswith(b"{"):
            yield Refused(position="document", why=f"not JSON: {error}")
            return
        found = (_line(line) for line in lines)
    for number, record in enumerate(found, 1):
        for part in _parts(record) if not columns else (record,):
            yield _row(number, part, columns)


def of_csv(lines: Iterable[bytes], columns: Mapping[str, str]) -> Iterator[Row | Refused]:
    """The rows of a table by a map of columns; unless all of them are numbers, its first line is its header."""
    texts = ((number, line.decode("utf-8", "replace").lstrip("\ufeff").strip("\r\n")) for number, line in enumerate(lines, 1))
    plain = ((number, text) for number, text in texts if text.strip() and not text.startswith(_COMMENT))
    names: list[str] | None = None if not all(each.isdecimal() for each in columns.values()) else []
    delimiter = ""
    for number, text in plain:
        delimiter = delimiter or max("\t,;|", key=text.count)
        try:
            cells = next(csv.reader([text], delimiter=delimiter, skipinitialspace=True), [])
        except csv.Error as error:
            yield Refused(position=f"line {number}", why=f"not a row of a table: {error}")
            continue
        if names is None:
            names = [cell.strip() for cell in cells]
            missing = [each for each in columns.values() if each not in names]
            if missing:
                yield Refused(position=f"line {number}", why=f"the header has no column {', '.join(missing)}")
                return
            continue
        where = {field: int(each) - 1 if each.isdecimal() else names.index(each) for field, each in columns.items()}
        yield row_of(number, cells, where)


def _records(found: Any, depth: int) -> Iterator[Any]:
    """The records in a parsed document: the elements of its lists, at whatever place near the top they stand."""
    if isinstance(found, list):
        for each in found:
            inner = each if isinstance(each, list) else _within(each)
            yield from _records(inner, depth + 1) if inner is not None and depth < _DEPTH else (each,)
    elif isinstance(found, dict) and not _named(found) and depth < _DEPTH and any(isinstance(v, (list, dict)) for v in found.values()):
        for each in found.values():
            if isinstance(each, (list, dict)):
                yield from _records(each, depth + 1)
    else:
        yield found


def _within(record: Any) -> list[Any] | None:
    """The list of what a report names, where this is one."""
    found = [record.get(key) for key in _WITHIN] if isinstance(record, dict) and not _named(record) else []
    return next((each for each in found if isinstance(each, list)), None)


def _line(line: bytes) -> Any:
    try:
        return msgspec.json.decode(line)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return None


def _parts(record: Any) -> Iterator[Any]:
    """A record for each value of one that has several under the names of their kinds."""
    kinds = [key for key, said in record.items() if key.lower() in KIND_WORDS and isinstance(said, str)] if isinstance(record, dict) else []
    if len(kinds) < 2 or any(COLUMN_WORDS.get(key.lower()) == "value" for key in record):
        yield record
        return
    for kind in kinds:
        yield {key: said for key, said in record.items() if key == kind or key not in kinds}


def _row(number: int, record: Any, columns: Mapping[str, str]) -> Row | Refused:
    if isinstance(record, str):
        return row_of(number, [record], {"value": 0})
    if not isinstance(record, dict):
        return Refused(position=f"record {number}", why="neither an object nor a text")
    wanted = columns or _named(record)
    if "value" not in wanted:
        return Refused(position=f"record {number}", why="no field that holds a value: name it with --column value=NAME")
    cells = [_text(_at(record, path)) for path in wanted.values()]
    found = row_of(number, cells, {field: at for at, field in enumerate(wanted)})
    return Refused(position=f"record {number}", why=found.why) if isinstance(found, Refused) else found


def _named(record: Mapping[str, Any]) -> dict[str, str]:
    """Field of a row -> the record's key that its name shows to hold it; empty without one for the value."""
    found: dict[str, str] = {}
    for key, value in record.items():
        field = COLUMN_WORDS.get(key.lower().replace(" ", "_"))
        if field in FIELDS and not isinstance(value, (list, dict)):
            found.setdefault(field, key)
    if "value" not in found:
        named = [key for key, value in record.items() if key.lower() in KIND_WORDS and isinstance(value, str)]
        if not named:
            return {}
        found |= {"value": named[0]}
    return found


def _at(record: Any, path: str) -> Any:
    """What stands at a key, or under a dotted path of keys."""
    if isinstance(record, dict) and path in record:
        return record[path]
    for key in path.split("."):
        record = record.get(key) if isinstance(record, dict) else None
    return record


def _text(value: Any) -> str:
    return value if isinstance(value, str) else str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else ""
