"""SQL for pages: streams of items, each read from an index in the order of its stamps, merged by SQLite as far as a page needs.

Every stream is one SELECT of a compound; SQLite merges sorted SELECTs without reading them to their end. So a page costs what stands on
it, and one step into an index per stream, however much is stored or hidden.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from comity.store.protocol import Source

#: Streams in one statement: SQLite takes 500 SELECTs in a compound.
LEGS = 450

_ALIVE = "(expires IS NULL OR expires>?)"


#: A SELECT and its bound values.
_Query = tuple[str, list[object]]


def merged(sources: Sequence[Source], after: int, limit: int, now: int) -> _Query:
    """A sub-query for the first `limit` (stamp, item, late) of at most `LEGS` sources, and its bound values; `late` is 0 or 1."""
    legs = [_leg(source, after, now) for source in sources if source.base is None]
    legs += [_chain(grants, after, limit, now) for grants in _chains([source for source in sources if source.base is not None])]
    return f"({' UNION ALL '.join(query for query, _ in legs)} ORDER BY 1 LIMIT ?)", [*_values(legs), limit]


def _values(queries: Sequence[_Query]) -> list[object]:
    return [value for _, values in queries for value in values]


#: The same from a JSON array of such triples.
GIVEN = (
    "(SELECT json_extract(value,'$[0]') AS stamp,json_extract(value,'$[1]') AS item,json_extract(value,'$[2]') AS late FROM json_each(?))"
)


def listed(values: Sequence[object]) -> str:
    """Values as a JSON array for `json_each`; text with a NUL, which no column holds and SQLite would cut short, is left out."""
    return msgspec.json.encode([value for value in values if not (isinstance(value, str) and "\0" in value)]).decode()


def _leg(source: Source, after: int, now: int) -> _Query:
    if source.home > 0:
        return _run(source, after, now)
    if source.home == 0:
        query = "SELECT added AS stamp,item,0 AS late FROM items WHERE origin=? AND added>?"
    else:
        query = "SELECT l.added AS stamp,l.item,1 AS late FROM late l CROSS JOIN items i ON i.item=l.item WHERE l.reader=? AND l.added>?"
    values: list[object] = [source.reader if source.home else source.origin, after, now]
    if source.types is None:
        return f"{query} AND {_ALIVE}", values
    return f"{query} AND {_ALIVE} AND type IN (SELECT value FROM json_each(?))", [*values, listed(sorted(source.types))]


def _run(source: Source, after: int, now: int) -> _Query:
    """A run of a home row's numbers. Its ends are looked up as stamps, so that nothing outside the run is read."""
    query, values = "SELECT added AS stamp,item,0 AS late FROM items WHERE home=? AND added>", [source.home]
    if source.first > 1:
        query += "max(?,(SELECT added-1 FROM items WHERE home=? AND ordinal>=? ORDER BY ordinal LIMIT 1))"
        values += [after, source.home, source.first]
    else:
        query += "?"
        values += [after]
    if source.last is not None:
        query += " AND added<=(SELECT added FROM items WHERE home=? AND ordinal<=? ORDER BY ordinal DESC LIMIT 1)"
        values += [source.home, source.last]
    return f"{query} AND {_ALIVE}", [*values, now]


def _chains(grants: Sequence[Source]) -> list[list[Source]]:
    """Late grants in rows of ranges of stamps that follow each other. Ranges are reserved one by one, so there is one row of them."""
    chains: list[list[Source]] = []
    for grant in sorted(grants, key=_base):
        chain = next((chain for chain in chains if _end(chain[-1]) < _base(grant)), None)
        if chain is None:
            chains.append([grant])
        else:
            chain.append(grant)
    return chains


def _base(grant: Source) -> int:
    return grant.base or 0


def _end(grant: Source) -> int:
    """The last stamp of a grant's range."""
    return 1 << 62 if grant.last is None else _base(grant) + grant.last - grant.first


def _chain(grants: Sequence[Source], after: int, limit: int, now: int) -> _Query:
    """Ranges that follow each other are read one after the other: SQLite does not see that a shifted number is in order already."""
    legs: list[_Query] = []
    for grant in grants:
        shift, last = _base(grant) - grant.first, grant.last if grant.last is not None else 1 << 62
        query = f"SELECT ordinal+? AS stamp,item,0 AS late FROM items WHERE home=? AND ordinal>? AND ordinal<=? AND {_ALIVE}"
        values: list[object] = [shift, grant.home, max(after - shift, grant.first - 1), last, now, limit]
        legs.append((f"SELECT * FROM ({query} ORDER BY ordinal LIMIT ?)", values))
    return f"SELECT * FROM ({' UNION ALL '.join(query for query, _ in legs)} LIMIT ?)", [*_values(legs), limit]
