"""Finding objects by their words, among what a reader may see; what is found leaves by the desk.

    1. rows    the home rows whose items the reader may see, its own among them; and the items that are visible by a row they moved to
    2. find    the latest items there that have the words                                          store
    3. check   each by the reader's own streams, as what entered visibly may have moved out of sight

Nothing that is hidden is counted, or takes the place of what is shown.
"""

from __future__ import annotations

from comity.release.arrivals import Narrow, Wanted, named
from comity.release.desk import Desk
from comity.release.feed import Feed
from comity.release.sight import Reader
from comity.release.views import Seen
from comity.store.protocol import Row
from comity.terms.words import asked

#: Items that are met first, each time twice as many, and at most: of what few fit, not all are looked for.
_PART, _MOST = 200, 12_800
EVERYTHING = Narrow()


def by_words(
    desk: Desk, reader: Reader, text: str, limit: int, narrow: Narrow = EVERYTHING, wanted: Wanted | None = None
) -> tuple[list[Seen], bool]:  # fmt: skip
    """The objects that a text's words find and that fit, the latest first, and whether there are more.

    A last word may be only begun: what has it so comes after what has it whole, as looking for beginnings takes longer.
    """
    words = asked(text)
    whole = tuple(word.removesuffix("*") for word in words)
    ids, more = _ids(desk, reader, whole, limit, narrow, wanted)
    if not more and whole != words:
        begun, more = _ids(desk, reader, words, limit, narrow, wanted)
        ids = list(dict.fromkeys((*ids, *begun)))[:limit]
    return named(desk, reader, narrow, ids, wanted), more


def _ids(
    desk: Desk, reader: Reader, words: tuple[str, ...], limit: int, narrow: Narrow, wanted: Wanted | None
) -> tuple[list[str], bool]:  # fmt: skip
    if not words:
        return [], False
    feed = desk.feed(reader)
    # What has other facts today than when it came stands in the row that it came in.
    changed = {row.home for row in desk.world.store.moved()}
    homes, moved = [home for home in _homes(feed) if home in changed or narrow.takes(feed.sight, home)], _moved(desk, feed)
    found: dict[str, None] = {}
    before, part = None, _PART
    while part < _MOST:
        # 2.
        rows = desk.world.store.by_words(words, homes, moved, part, before)
        # 3.
        stamps = feed.stamps(rows)
        for row in rows:
            fits = row.item in stamps and not feed.sight.spared(row.base) and narrow.takes(feed.sight, row.base)
            if fits and (wanted is None or wanted(stamps[row.item], row)):
                found[row.id] = None
        if len(found) > limit or len(rows) < part:
            return list(found)[:limit], len(found) > limit
        before, part = rows[-1].item, 2 * part
    return list(found)[:limit], True


def _homes(feed: Feed) -> list[int]:
    """Step 1."""
    sight = feed.sight
    return sorted({*sight.homes(), *sight.own()})


def _moved(desk: Desk, feed: Feed) -> list[int]:
    """Items that the reader may see though they entered under a row that it may not."""
    homes = set(feed.sight.homes())
    rows: list[Row] = [row for row in desk.world.store.moved() if row.home not in homes and feed.sight.sees(row.traits)]
    return [row.item for row in rows]
