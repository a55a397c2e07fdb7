"""Networks of many owners, so that who has an address is one binary search: the number line cut where the owners change."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence

#: Owners of a stretch of addresses.
Owners = frozenset[int]


def stretches(networks: Mapping[tuple[int, int], Iterable[int]]) -> list[tuple[int, Owners]]:
    """(first address, owners) of each stretch, ascending; the last one is open. `networks` maps (first, last) to owners.

    Networks lie within each other or apart, never across each other (RFC 4632).
    """
    found: dict[int, Owners] = {}
    inside: list[tuple[int, Owners]] = []
    # Of many networks, owners are few: each set of them stands in memory once.
    known: dict[Owners, Owners] = {}

    def leave(until: int | None) -> None:
        while inside and (until is None or inside[-1][0] < until):
            last, _ = inside.pop()
            found[last + 1] = inside[-1][1] if inside else Owners()

    for (first, last), owners in sorted(networks.items(), key=lambda item: (item[0][0], -item[0][1])):
        leave(first)
        here = Owners(owners) | (inside[-1][1] if inside else Owners())
        found[first] = known.setdefault(here, here)
        inside.append((last, found[first]))
    leave(None)
    return sorted(found.items())


def owners(starts: Sequence[int], of: Sequence[int], sets: Sequence[Owners], first: int, last: int) -> Owners:
    """Who owns every address from first to last. `starts` are those of `stretches`, `of` the number in `sets` of each one's owners."""
    at = bisect_right(starts, first) - 1
    if at < 0:
        return Owners()
    found = sets[of[at]]
    while found and at + 1 < len(starts) and starts[at + 1] <= last:
        at += 1
        found &= sets[of[at]]
    return found
