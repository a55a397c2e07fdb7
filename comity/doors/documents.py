"""The documents of an accession as people list them: a TITLE or TITLE=DATE on each line."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from comity.clock import parse
from comity.errors import SenderFault


def listed(lines: Iterable[str]) -> tuple[tuple[str, datetime | None], ...]:
    """Each document's title, and the day where one stands behind the last `=`. Raises SenderFault."""
    return tuple(_document(line) for line in lines if line.strip())


def _document(line: str) -> tuple[str, datetime | None]:
    title, equals, day = line.rpartition("=")
    if not equals:
        return line.strip(), None
    try:
        return title.strip(), parse(day.strip())
    except ValueError:
        raise SenderFault(f"{day.strip()[:40]!r} is no date", next="write TITLE=2022-12-31") from None
