"""Tables of indicators: CSV, TSV, `;` and `|` tables, plain lists, hosts files, intelligence files of Zeek. Streams: memory does not grow
with rows.

A header is recognised by its words; without one, the columns are found from the first rows by what stands in them. One record
is one physical line. A row that does not say an observable is refused with its line number and the others go on.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Set
from datetime import datetime
from itertools import chain, islice
from typing import NamedTuple

import msgspec

from comity.clock import parse_loosely
from comity.forms.list_values import HOSTS_OWN, OTHER_TYPES, several, values_in
from comity.terms import tlp
from comity.terms.item import Draft, Refused
from comity.terms.observable import evident, guess
from comity.terms.stix import indicator

#: Words for kinds in type columns; the empty kind means "see what the value is".
KIND_WORDS = {
    **dict.fromkeys(("domain", "hostname", "host", "fqdn", "domain-name", "domainname", "dns"), "domain"),
    **dict.fromkeys(("ipv4", "ipv4-addr"), "ipv4"),
    **dict.fromkeys(("ipv6", "ipv6-addr"), "ipv6"),
    **dict.fromkeys(("ip", "ip-dst", "ip-src", "ipaddress", "address", "addr", "hash", "file", "ioc", "filehash", "ip:port"), ""),
    **dict.fromkeys(("cidr", "net", "network", "netblock", "subnet"), "cidr"),
    **dict.fromkeys(("url", "uri", "link"), "url"),
    **dict.fromkeys(("email", "e-mail", "email-addr", "email-src", "email-dst", "mail"), "email"),
    **dict.fromkeys(("md5", "filehash-md5", "md5_hash"), "md5"),
    **dict.fromkeys(("sha1", "sha-1", "filehash-sha1", "sha1_hash"), "sha1"),
    **dict.fromkeys(("sha256", "sha-256", "filehash-sha256", "sha256_hash"), "sha256"),
    **dict.fromkeys(("sha512", "sha-512", "filehash-sha512"), "sha512"),
    "intel::domain": "domain",
    "intel::addr": "",
    "intel::subnet": "cidr",
    "intel::url": "url",
    "intel::email": "email",
    "intel::file_hash": "",
}
#: How types of Zeek's begin, and its header.
_INTEL, _FIELDS = "intel::", "#fields\t"
_BYTE = re.compile(r"\\x([0-9a-fA-F]{2})")
#: Words for columns in headers.
COLUMN_WORDS = {
    **dict.fromkeys(("type", "kind", "ioc_type", "indicator_type", "indicatortype"), "kind"),
    **dict.fromkeys(("value", "indicator", "ioc", "ioc_value", "observable", "indicatorvalue", "indicator_value", "data"), "value"),
    **dict.fromkeys(("source", "feed", "reporter", "provider"), "source"),
    **dict.fromkeys(("tlp", "marking"), "tlp"),
    **dict.fromkeys(("first_seen", "firstseen", "first_seen_utc", "date", "created", "dateadded", "date_added"), "at"),
    **dict.fromkeys(("description", "comment", "comments", "note", "threat", "malware"), "description"),
    **dict.fromkeys(("confidence", "confidence_level"), "confidence"),
    "to_ids": "to_ids",
}
#: All columns that a row may have, and those without which it still says an observable.
COLUMNS = frozenset(COLUMN_WORDS.values())
_PLAIN = frozenset(("kind", "value"))
_SAMPLE = 20
_COMMENT = ("#", ";", "//", "!", "[Adblock")
#: How filters of Adblock begin, and exceptions to them: their `|` divides no columns.
_FILTER = ("||", "@@")
#: What says of a row that nothing is to be looked for by it (MISP).
_NOT = ("0", "false", "no")
_encode = msgspec.json.Encoder().encode


class Row(NamedTuple):
    """One row that says an observable. `at` and `tlp` are None where it does not say them; `line` is 1-based."""

    line: int
    kind: str
    value: str
    at: datetime | None = None
    tlp: str | None = None
    description: str = ""
    source: str = ""
    confidence: int | None = None


def rows(lines: Iterable[bytes], wanted: Set[str] = COLUMNS) -> Iterator[Row | Refused]:
    """The rows of a table or list, from its physical lines (with or without line ends). Columns besides `wanted` are not looked at."""
    numbered = ((number, _text(line, number)) for number, line in enumerate(lines, 1))
    content = ((number, text) for number, text in numbered if text and not text.startswith(_COMMENT))
    sample = list(islice(content, _SAMPLE))
    if not sample:
        return
    delimiter = _delimiter([text for _, text in sample])
    first = _cells(sample[0][1], delimiter)
    columns = _header(first)
    if columns:
        sample = sample[1:]
    else:
        delimiter = delimiter if _in_columns([text for _, text in sample]) else ""
        columns = _layout([_cells(text, delimiter) for _, text in sample])
    columns = {name: at for name, at in columns.items() if name in wanted or name == "to_ids"}
    flag = columns.pop("to_ids", None)
    for number, text in chain(sample, content):
        cells = _cells(text, delimiter)
        if flag is not None and flag < len(cells) and cells[flag].strip(" \"'").lower() in _NOT:
            continue
        row = row_of(number, cells, columns)
        if isinstance(row, Refused):
            yield from _meant(row, number, cells, columns)
        else:
            yield row


def read(lines: Iterable[bytes], *, at: datetime) -> Iterator[Draft | Refused]:
    """One derived indicator per row. Its times are the row's own, or `at` (which must then be fixed per file, not the clock)."""
    for row in rows(lines):
        if isinstance(row, Refused):
            yield row
            continue
        obj = indicator(
            row.kind,
            row.value,
            created=row.at or at,
            description=row.description,
            labels=(f"source:{row.source}",) if row.source else (),
            confidence=row.confidence,
        )
        yield Draft(raw=_encode(obj), obj=obj, position=f"line {row.line}", tlp=row.tlp, derived=True)


def _text(line: bytes, number: int) -> str:
    text = line.decode("utf-8", "replace").removeprefix(_FIELDS)
    return (text.removeprefix("\ufeff") if number == 1 else text).strip("\r\n ")


def _delimiter(texts: list[str]) -> str:
    """The delimiter that most sample lines have; none for a plain list."""
    texts = [text for text in texts if not text.startswith(_FILTER)]
    for delimiter in "\t,;|":
        if sum(delimiter in text for text in texts) * 2 > len(texts):
            return delimiter
    return ""


def _cells(text: str, delimiter: str) -> list[str]:
    if not delimiter:
        return [_bare(text)]
    if '"' not in text:
        return text.split(delimiter)
    try:
        return next(csv.reader([text], delimiter=delimiter), [])
    except csv.Error:
        return text.split(delimiter)


def _bare(text: str) -> str:
    """The value of a list's line: without a trailing comment, without a hosts file's sink address."""
    value = text.split(" #")[0].split("\t#")[0].strip()
    sink, *names = value.split(None, 2)
    return names[0] if sink in ("0.0.0.0", "127.0.0.1", "::1") and len(names) == 1 and names[0] not in HOSTS_OWN else value


def _header(cells: list[str]) -> dict[str, int]:
    """Column name -> where it stands, if these cells are a header that names the values; else empty."""
    words = [cell.strip(" \"'\ufeff").lower().replace(" ", "_") for cell in cells]
    found: dict[str, int] = {}
    for at, word in enumerate(words):
        name = COLUMN_WORDS.get(word)
        if name and name not in found:
            found[name] = at
    if not found.keys() >= _PLAIN and any(guess(cell) for cell in cells):
        return {}
    if "value" not in found:
        named = next((at for at, word in enumerate(words) if word in KIND_WORDS), None)
        if named is not None:
            found["value"] = named
    return found if "value" in found else {}


def _layout(sample: list[list[str]]) -> dict[str, int]:
    """Where the values and the words for their kinds stand, by majority over headerless rows."""
    width = max(map(len, sample))
    kinds = [sum(len(row) > at and row[at].strip().lower() in KIND_WORDS for row in sample) for at in range(width)]
    values = [sum(len(row) > at and bool(values_in(row[at])) for row in sample) for at in range(width)]
    columns = {"value": values.index(max(values))}
    best = kinds.index(max(kinds))
    if kinds[best] * 2 >= len(sample) and best != columns["value"]:
        columns["kind"] = best
        if "source" not in columns and width == 3:
            columns["source"] = 3 - best - columns["value"]
    return columns


def _in_columns(texts: list[str]) -> bool:
    """Whether what stands between delimiters in lines without a header are columns: not so in the only line, if it is one value; nor where
    each line has values alone, no two the same (sources are), and no addresses of pages behind other values (references are)."""
    found = [several(text) for text in texts]
    if not all(found):
        return len(texts) > 1 or guess(texts[0]) is None
    values = [value for each in found for value in each]
    pages = any(kind == "url" for each in found for kind, _ in each[1:]) and any(each[0][0] != "url" for each in found)
    return pages or len(set(values)) < len(values)


def row_of(number: int, cells: list[str], columns: dict[str, int]) -> Row | Refused:
    """The row that cells say; `columns` are where the fields of `Row` (and `kind`) stand, `value` among them."""
    position = f"line {number}"
    at = columns["value"]
    text = cells[at].strip(" \"'") if at < len(cells) else ""
    if not text:
        return Refused(position=position, why="no value in this row")
    word = _cell(cells, columns, "kind").lower()
    if word == "ip:port":
        text = text.rpartition(":")[0] or text
    if word.startswith(_INTEL):
        if word not in KIND_WORDS:
            return Refused(position=position, why=f"nothing is matched of type {word[:80]!r}")
        text = _BYTE.sub(lambda byte: chr(int(byte[1], 16)), text)
    if word in OTHER_TYPES:
        return Refused(position=position, why=f"nothing is matched of type {word!r}")
    kind = KIND_WORDS.get(word, "")
    try:
        found = evident(kind, text) if kind else guess(text)
    except ValueError as error:
        return Refused(position=position, why=str(error))
    if found is None:
        return Refused(position=position, why=f"{text[:80]!r} is not an observable of a known kind")
    return _full(number, found, cells, columns)


def _meant(refused: Refused, number: int, cells: list[str], columns: dict[str, int]) -> Iterator[Row | Refused]:
    """What else the value of a row that was refused can mean."""
    word = _cell(cells, columns, "kind").lower()
    found = None if word in OTHER_TYPES or word.startswith(_INTEL) else values_in(_cell(cells, columns, "value"), word)
    if found is None:
        yield refused
    else:
        yield from (_full(number, value, cells, columns) for value in found)


def _full(number: int, found: tuple[str, str], cells: list[str], columns: dict[str, int]) -> Row | Refused:
    if columns.keys() <= _PLAIN:
        return Row(number, *found)
    level = _cell(cells, columns, "tlp")
    try:
        marked = tlp.level(level) if level else None
    except ValueError as error:
        # Never guessed: a row whose marking cannot be read must not go out wider than it said.
        return Refused(position=f"line {number}", why=str(error))
    confidence = _cell(cells, columns, "confidence")
    return Row(
        line=number,
        kind=found[0],
        value=found[1],
        at=_moment(_cell(cells, columns, "at")),
        tlp=marked,
        description=_cell(cells, columns, "description"),
        source=_cell(cells, columns, "source"),
        confidence=int(confidence) if confidence.isdecimal() and len(confidence) < 4 and int(confidence) <= 100 else None,
    )


def _cell(cells: list[str], columns: dict[str, int], name: str) -> str:
    at = columns.get(name)
    return cells[at].strip(" \"'") if at is not None and at < len(cells) else ""


def _moment(text: str) -> datetime | None:
    """A row's date, None where it has none that can be read; a time without an offset is UTC (model.md, When)."""
    if not text:
        return None
    text = text.replace(" UTC", "Z").replace(" ", "T", 1)
    for form in (text, text + "Z"):
        try:
            return parse_loosely(form)
        except ValueError:
            continue
    return None
