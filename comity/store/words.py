"""Finding items by their words in SQLite: an FTS5 index whose row numbers say item and home row.

So what a reader may not see is passed over without a look at the item, and the newest come first as they are met. FTS5 keeps the words of
removed items in what it wrote before, until that is merged: `tidied` does so a step at a time.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Sequence

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
    """Item numbers, as `Store.by_words` says."""
    if not words or not (homes or items):
        return []
    # Words have nothing but letters and digits, so quoting them is enough.
    asked = " ".join(f'"{word[:-1]}"*' if word[-1] == "*" else f'"{word}"' for word in words)
    far = [home for home in homes if home > _MASK]
    query = f"""
        SELECT rowid>>{_BITS} FROM texts WHERE texts MATCH ? AND rowid<? AND (
            rowid&{_MASK} IN (SELECT value FROM json_each(?)) OR rowid>>{_BITS} IN (SELECT value FROM json_each(?))
            OR (rowid&{_MASK}=0 AND (SELECT home FROM items WHERE item=texts.rowid>>{_BITS}) IN (SELECT value FROM json_each(?)))
        ) ORDER BY rowid DESC LIMIT ?"""
    end = before << _BITS if before is not None else (1 << 63) - 1
    values = (asked, end, listed([home for home in homes if home <= _MASK]), listed(list(items)), listed(far), limit)
    return [item for (item,) in db.execute(query, values)]


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
