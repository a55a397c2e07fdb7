"""All items that expire within a time, the first to go first, read part by part."""

from __future__ import annotations

from collections.abc import Iterator

from comity.store.protocol import Row, Store

_PART = 200


def going(store: Store, since: int, until: int) -> Iterator[Row]:
    """The items that expire within [since, until) (microseconds). What is removed meanwhile is passed over."""
    passed: set[int] = set()
    while True:
        rows = store.expiring(since, until, _PART + len(passed))
        yield from (row for row in rows if row.item not in passed)
        if len(rows) < _PART + len(passed) or rows[-1].expires is None:
            return
        # Several may expire at one moment: those are met again, and passed over.
        passed = {row.item for row in rows if row.expires == rows[-1].expires}
        since = rows[-1].expires
