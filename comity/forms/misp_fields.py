"""MISP's fields as exports really write them: numbers as text, flags as 0/1, seconds since 1970, and anything missing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from comity.clock import parse, parse_loosely
from comity.terms.stix import timestamp

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\Z")


def uuid_of(node: Mapping[str, Any], key: str = "uuid") -> str:
    """The RFC 4122 UUID in a field, lower-case; "" if there is none."""
    value = node.get(key)
    text = value.lower() if isinstance(value, str) else ""
    return text if UUID.match(text) else ""


def true(value: Any) -> bool:
    """Whether a flag is set: true, 1, "1" or "true"."""
    return value is True or (value not in (False, None, "") and str(value).lower() in ("1", "true"))


def text_of(node: Mapping[str, Any], key: str) -> str:
    """A field as text, "" when it is missing, or neither text, number nor flag."""
    value = node.get(key)
    return value if isinstance(value, str) else str(value) if isinstance(value, int | float) else ""


def seconds(value: Any) -> datetime | None:
    """A MISP timestamp: seconds since 1970, as a number or text; 0 is "never"."""
    return _seconds(value if isinstance(value, str) else str(value))


@lru_cache(maxsize=4096)
def _seconds(text: str) -> datetime | None:
    if not text.isascii() or not text.isdigit() or len(text) > 11 or int(text) == 0:
        return None
    return datetime.fromtimestamp(int(text), UTC)


def day(value: Any) -> datetime | None:
    """The first moment of a `YYYY-MM-DD`."""
    return moment(value) if isinstance(value, str) and len(value) == 10 else None


def moment(value: Any) -> datetime | None:
    """A moment in any ISO 8601 form, or in seconds since 1970; None for anything else."""
    try:
        found = parse_loosely(value) if isinstance(value, str) and value and not value.isdigit() else seconds(value)
    except (ValueError, OverflowError):
        return None
    # STIX writes years with four digits; whatever says an earlier one means "unknown".
    return found if found and found.year >= 1000 else None


def parts(node: Mapping[str, Any], key: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """(index, part) of a list's parts that are not deleted; a list that is none has no parts."""
    items = node.get(key)
    for index, item in enumerate(items if isinstance(items, list) else ()):
        if isinstance(item, dict) and not true(item.get("deleted")):
            yield index, item


def texts(value: Any) -> list[str]:
    """The non-empty texts of a list, or of a text that stands alone."""
    found = value if isinstance(value, list) else [value]
    return [item for item in found if isinstance(item, str) and item]


def epoch(text: Any) -> str:
    """A STIX timestamp as MISP writes it: whole seconds since 1970; "" for none."""
    try:
        return str(max(0, int(parse(text).timestamp()))) if isinstance(text, str) else ""
    except ValueError:
        return ""


@lru_cache(maxsize=4096)
def stamped(moment: datetime) -> str:
    """A STIX timestamp; the parts of one event share most of theirs."""
    return timestamp(moment)
