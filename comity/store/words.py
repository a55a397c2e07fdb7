"""Finding items by their words in SQLite: an FTS5 index whose row numbers say item and home row.

So what a reader may not see is passed over without a look at the item, and the newest come first as they are met. FTS5 keeps the words of
removed items in what it wrote before, until that is merged: `tidied` does so a step at a time.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Sequence
from itertools import islice

import msgspec

from comity.store.merge import listed
from comity.store.placing import words_of
from comity.store.protocol import NewItem, Row
from comity.terms.item import read_envelope

#: Bits of a row number that say the home row. Greater ones are not said there: such items are looked at.
_BITS = 22
_MASK = (1 << _BITS) - 1
#: Where it is kept that removed words may be left: 1 before the first step of merging, 2 after it.
LEFT = ("words", "left")
#: Pages that one step of merging writes, some milliseconds' work.
_STEP = 64
_FILL = 1_000
#: Words with one beginning that are asked for as they are; items that are few; items that are looked at from the latest on.
_WAYS, _FEW, _LATEST = 64, 20_000, 50_000
#: No character of a word comes after this one.
_LAST = "\U0010ffff"


def number(item: int, home: int) -> int:
    """The row number of an item in the index."""
    return item << _BITS | (home if home <= _MASK else 0)


def put(db: sqlite3.Connection, rows: Iterable[tuple[Row, NewItem]]) -> None:
    """Add items, ascending by item."""
    found = [(number(row.item, row.home), " ".join(new.words)) for row, new in rows if new.words]
    db.executemany("INSERT INTO texts(rowid,words) VALUES(?,?)", found)


def take(db: sqlite3.Connection, items: Collection[int]) -> None:
    """Remove items, which are still there. Their words stay where they were written until that is merged."""
    homes = db.execute("SELECT item,home FROM items WHERE item IN (SELECT value FROM json_each(?))", (listed(list(items)),)).fetchall()
    db.executemany("DELETE FROM texts WHERE rowid=?", [(number(item, home),) for item, home in homes])
    db.execute("INSERT OR REPLACE INTO private VALUES(?,?,?)", (*LEFT, b"1"))


def fill(db: sqlite3.Connection) -> None:
    """Add all items that there are: once, when a store is brought up to date."""
    after = 0
    while True:
        query = "SELECT item,home,body,envelope FROM items WHERE item>? ORDER BY item LIMIT ?"
        rows = db.execute(query, (after, _FILL)).fetchall()
        if not rows:
            return
        found = [(number(item, home), words_of(msgspec.json.decode(body), read_envelope(said))) for item, home, body, said in rows]
        db.executemany("INSERT INTO texts(rowid,words) VALUES(?,?)", [(at, " ".join(words)) for at, words in found if words])
        after = rows[-1][0]


def found(
    db: sqlite3.Connection, words: Sequence[str], homes: Collection[int], items: Collection[int], limit: int, before: int | None
) -> list[int]:
    """Item numbers, as `Store.by_words` says.

    FTS5 gathers all that a begun word fits before it gives the first of it, and that may be most of a store. So it is the last way:

    1. few words begin so         these are asked for, and met one by one
    2. the others are rare        what has them is looked at
    3. few items may be met       they are looked at
    4. all else                   the latest items are looked at: what fits much is met there
    5. not enough was met         FTS5 gathers, and there is not much
    """
    if not words or not (homes or items):
        return []
    seen, known = _seen(homes, items)
    end = before << _BITS if before is not None else (1 << 63) - 1

    def ask(match: str, has: str = "", *values: str) -> list[int]:
        query = f"SELECT rowid>>{_BITS} FROM texts WHERE texts MATCH ? AND rowid<? AND {seen}{has} ORDER BY rowid DESC LIMIT ?"
        return [item for (item,) in db.execute(query, (match, end, *known, *values, limit))]

    # Words have nothing but letters and digits, so quoting them is enough.
    whole = [f'"{word}"' for word in words if word[-1] != "*"]
    begun = [word[:-1] for word in words if word[-1] == "*"]
    # 1.
    ways = [_beginning(db, stem) for stem in begun]
    if not all(ways):
        return []
    if all(len(way) <= _WAYS for way in ways):
        return ask(" AND ".join([*whole, *(f"({' OR '.join(way)})" for way in ways)]))
    # 2.
    if whole and _rare(db, whole):
        return ask(" ".join(whole), " AND instr(' '||words,?)" * len(begun), *(f" {stem}" for stem in begun))
    forms = [f" {word[:-1]}" if word[-1] == "*" else f" {word} " for word in words]
    has = " AND ".join(["instr(' '||words||' ',?)"] * len(words))
    # 3.
    few = _few(db, homes, items)
    if few is not None:
        query = f"SELECT rowid>>{_BITS} FROM texts WHERE rowid IN (SELECT value FROM json_each(?)) AND rowid<? AND {has}"
        return sorted((item for (item,) in db.execute(query, (listed(few), end, *forms))), reverse=True)[:limit]
    # 4.
    query = f"SELECT rowid>>{_BITS},{has} FROM texts WHERE rowid<? AND {seen} ORDER BY rowid DESC LIMIT {_LATEST}"
    latest = list(islice((item for item, fits in db.execute(query, (*forms, end, *known)) if fits), limit))
    # 5.
    return latest if len(latest) == limit else ask(" ".join([*whole, *(f'"{stem}"*' for stem in begun)]))


def _seen(homes: Collection[int], items: Collection[int]) -> tuple[str, tuple[str, ...]]:
    """The condition that a row is of one of these home rows or items, and its values."""
    condition = f"""(
        rowid&{_MASK} IN (SELECT value FROM json_each(?)) OR rowid>>{_BITS} IN (SELECT value FROM json_each(?))
        OR (rowid&{_MASK}=0 AND (SELECT home FROM items WHERE item=texts.rowid>>{_BITS}) IN (SELECT value FROM json_each(?)))
    )"""
    near, far = [home for home in homes if home <= _MASK], [home for home in homes if home > _MASK]
    return condition, (listed(near), listed(list(items)), listed(far))


def _beginning(db: sqlite3.Connection, stem: str) -> list[str]:
    """The words that begin so, quoted; of more than `_WAYS`, one more than these."""
    db.execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.begun USING fts5vocab(main, texts, instance)")
    ways: list[str] = []
    at = stem
    while len(ways) <= _WAYS:
        row = db.execute("SELECT term FROM temp.begun WHERE term>=? AND term<? LIMIT 1", (at, stem + _LAST)).fetchone()
        if row is None:
            break
        ways.append(f'"{row[0]}"')
        # Straight to the next word, however many items have this one.
        at = row[0] + "\0"
    return ways


def _few(db: sqlite3.Connection, homes: Collection[int], items: Collection[int]) -> list[int] | None:
    """The row numbers of the items of these home rows, and of `items`, if they are few."""
    query = "SELECT item,home FROM items WHERE home IN (SELECT value FROM json_each(?)) LIMIT ?"
    found = db.execute(query, (listed(list(homes)), _FEW)).fetchall()
    if len(found) + len(items) >= _FEW:
        return None
    found += db.execute("SELECT item,home FROM items WHERE item IN (SELECT value FROM json_each(?))", (listed(list(items)),)).fetchall()
    return [number(item, home) for item, home in dict(found).items()]


def _rare(db: sqlite3.Connection, whole: Sequence[str]) -> bool:
    """Whether few items have all of these words."""
    query = "SELECT count(*) FROM (SELECT 1 FROM texts WHERE texts MATCH ? LIMIT ?)"
    (count,) = db.execute(query, (" ".join(whole), _FEW)).fetchone()
    return bool(count < _FEW)


def tidied(db: sqlite3.Connection, steps: int = 16) -> bool:
    """Some steps of merging, in the critical section; whether no removed words are left."""
    row = db.execute("SELECT value FROM private WHERE space=? AND key=?", LEFT).fetchone()
    state = int(row[0]) if row else 0
    for _ in range(steps):
        if not state:
            break
        before = db.total_changes
        # A negative number begins to merge all there is, a positive one goes on; less than two changes: there was nothing left to do.
        db.execute("INSERT INTO texts(texts,rank) VALUES('merge',?)", (-_STEP if state == 1 else _STEP,))
        state = 0 if db.total_changes - before < 2 else 2
    if row and state:
        db.execute("UPDATE private SET value=? WHERE space=? AND key=?", (b"%d" % state, *LEFT))
    elif row:
        db.execute("DELETE FROM private WHERE space=? AND key=?", LEFT)
    return not state


def strays(db: sqlite3.Connection) -> list[int]:
    """Items in the index that are not there."""
    query = f"SELECT rowid>>{_BITS} FROM texts WHERE NOT EXISTS (SELECT 1 FROM items WHERE item=texts.rowid>>{_BITS}) LIMIT 20"
    return [item for (item,) in db.execute(query)]


def kept(db: sqlite3.Connection, items: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """item -> its words as they were put; items without any are left out."""
    query = "SELECT rowid,words FROM texts WHERE rowid IN (SELECT value FROM json_each(?))"
    homes = db.execute("SELECT item,home FROM items WHERE item IN (SELECT value FROM json_each(?))", (listed(list(items)),)).fetchall()
    found = db.execute(query, (listed([number(item, home) for item, home in homes]),))
    return {row >> _BITS: tuple(words.split(" ")) for row, words in found}


def unsound(db: sqlite3.Connection) -> list[str]:
    """What of the index is not as its words say; writers wait meanwhile."""
    try:
        db.execute("INSERT INTO texts(texts) VALUES('integrity-check')")
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError) and "locked" in str(error):
            raise
        return [str(error)]
    return []
