"""How lists and moments are written for people."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime


def words(names: Iterable[str]) -> str:
    """`a, b`, or `none`."""
    return ", ".join(names) or "none"


def day(moment: datetime) -> str:
    """`2021-09-17` for a midnight (UTC), else the whole moment."""
    text = moment.isoformat().replace("+00:00", "Z")
    return text.removesuffix("T00:00:00Z")
