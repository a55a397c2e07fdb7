"""Pulling a feed: fetch it within its limits, read it with the forms that `comity add` reads with, submit it, keep how it went.

    1. claim   the next time is set ahead, so that of two processes one pulls
    2. fetch   through `peer.fetch`, into a temporary file
    3. read    as the kind that was set up says; of a MISP feed's manifest the events that are new
    4. submit  in batches, each durable for itself
    5. keep    validators (ETag, Last-Modified) and the result, only after 4

Crash story: a pull that is cut off keeps nothing of step 5, so it is made again, and what came twice is a duplicate.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from tempfile import TemporaryFile
from typing import IO, Any
from urllib.parse import urljoin

import msgspec

from comity.clock import micros, parse, stamp
from comity.errors import Fault, PeerFault
from comity.forms import feed_indicators, misp, records, stix_json, table
from comity.intake.submit import submit
from comity.peer.feeds import FEEDS, LISTS, STATES, Feed, State, feed, shown, state, submitter
from comity.peer.fetch import Fetched, fetch
from comity.peer.place import Resolve, resolve
from comity.terms.item import Draft, Refused
from comity.world import World

#: How much earlier or later than due a feed is pulled, at most, as a part of its interval: many nodes must not ask at one moment.
JITTER = 0.1
_LONGEST_PAUSE = 86_400.0
#: How soon a MISP feed goes on of which more events are waiting.
_SOON = 60.0
#: Problems that are kept of a pull, ids of which a full list is remembered (and bytes of each mark), events of a MISP feed per pull.
_SHOWN, _REMEMBERED, _MARK, _EVENTS = 20, 2_000_000, 8, 500
_PIECE = 1 << 20
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def pull(world: World, name: str, *, again: bool = False, scheduled: bool = False, resolver: Resolve = resolve) -> State:
    """Pull a feed and keep how it ended, as its new state. `again` takes the list even if it has not changed.

    `scheduled`: only if it is still due. Raises NotFound; what goes wrong with the pull is raised after it was kept.
    """
    set_up = feed(world, name)
    before = _claim(world, set_up, scheduled)
    if before is None:
        return state(world, name)
    try:
        after = _pull(world, set_up, before, again, resolver)
    except Fault as fault:
        failures = before.failures + 1
        pause = min(set_up.every * 2 ** min(failures - 1, 10), max(_LONGEST_PAUSE, set_up.every))
        _keep(world, set_up, msgspec.structs.replace(before, result=f"failed: {fault}", failures=failures), pause)
        raise
    return after


def _claim(world: World, set_up: Feed, scheduled: bool) -> State | None:
    """Step 1: the state before, with the next time set ahead; None if another process was quicker."""
    with world.store.write() as tx:
        before = state(world, set_up.name)
        now = world.clock()
        if scheduled and before.next > micros(now):
            return None
        ahead = micros(now + timedelta(seconds=set_up.every + set_up.seconds))
        claimed = msgspec.structs.replace(before, next=ahead, tried=stamp(micros(now)))
        tx.put_private(STATES, set_up.name, msgspec.json.encode(claimed))
    return claimed


def _keep(world: World, set_up: Feed, after: State, pause: float) -> State:
    """Step 5, unless the feed was removed meanwhile."""
    pause *= 1 + random.uniform(-JITTER, JITTER)
    kept = msgspec.structs.replace(after, next=micros(world.clock() + timedelta(seconds=pause)))
    with world.store.write() as tx:
        if world.store.private(FEEDS, set_up.name) is not None:
            tx.put_private(STATES, set_up.name, msgspec.json.encode(kept))
    return kept


def _pull(world: World, set_up: Feed, before: State, again: bool, resolver: Resolve) -> State:
    """Steps 2 to 5."""
    life = timedelta(seconds=set_up.life) if set_up.life else None
    period = feed_indicators.period(world.clock(), parse(set_up.added), life)
    # When a new version is due, the list is needed whole, changed or not; so is a list of events of which some are still to come.
    fresh = again or before.period != stamp(micros(period)) or before.more
    with TemporaryFile() as file:
        asked = {} if fresh else {"If-None-Match": before.etag, "If-Modified-Since": before.modified}
        came = _get(set_up, set_up.url, file, resolver, asked)
        if came.state == "later":
            wait = min(max(came.wait, set_up.every), 7 * _LONGEST_PAUSE)
            busy = msgspec.structs.replace(before, result=f"the server asks for rest ({came.status})", failures=before.failures + 1)
            return _keep(world, set_up, busy, wait)
        if came.state == "same" or (not fresh and came.sha256 == before.sha256):
            return _keep(world, set_up, msgspec.structs.replace(before, result="not changed", failures=0), set_up.every)
        taken = _Taken(0 if again else before.cursor)
        drafts = _drafts(set_up, file, came, period, taken, resolver)
        for outcome in submit(world, taken.of(drafts), submitter(world, set_up)):
            taken.note(outcome.outcome, outcome.position, outcome.why)
    after = _after(world, set_up, before, came, taken, period)
    return _keep(world, set_up, after, min(_SOON, set_up.every) if taken.more else set_up.every)


def _get(set_up: Feed, url: str, file: IO[bytes], resolver: Resolve, asked: Mapping[str, str]) -> Fetched:
    secret = {set_up.header: set_up.secret} if set_up.secret else {}
    return fetch(url, file, set_up.limits(), headers={k: v for k, v in asked.items() if v}, secret=secret, resolver=resolver)


class _Taken:
    """What one pull brought: outcomes, problems, and of a MISP feed the latest event and whether there are `more`."""

    def __init__(self, cursor: int = 0) -> None:
        self.cursor = cursor
        self.more = False
        self.counts: Counter[str] = Counter()
        self.problems: list[str] = []
        self.whole = True
        self._marks: set[bytes] = set()
        self._many = False

    def of(self, drafts: Iterable[Draft | Refused]) -> Iterator[Draft | Refused]:
        """The same drafts, remembered as marks of their ids."""
        for draft in drafts:
            if isinstance(draft, Draft):
                self._many = self._many or len(self._marks) >= _REMEMBERED
                if not self._many:
                    self._marks.add(sha256(str(draft.obj.get("id")).encode()).digest()[:_MARK])
            elif draft.position == "document":
                self.whole = False
            yield draft

    def note(self, outcome: str, position: str, why: str) -> None:
        """Count an outcome."""
        self.counts[outcome] += 1
        if why and len(self.problems) < _SHOWN:
            self.problems.append(f"{position}: {why}")

    @property
    def marks(self) -> bytes | None:
        """What was listed; None when that is more than is remembered."""
        return None if self._many else b"".join(sorted(self._marks))


def _after(world: World, set_up: Feed, before: State, came: Fetched, taken: _Taken, period: datetime) -> State:
    """The state after a list was taken in. Raises PeerFault for what is no list: no byte, or nothing in it that could be taken."""
    if came.size == 0 or (taken.counts and taken.counts["rejected"] == taken.counts.total()):
        said = taken.problems[0] if taken.problems else "it is empty"
        raise PeerFault(f"{shown(set_up.url)} is no {set_up.kind} feed: {said}", next="check its --kind and --column, or tell its operator")
    gone = _gone(world, set_up, taken) if set_up.full and taken.whole else None
    return msgspec.structs.replace(
        before,
        taken=stamp(micros(world.clock())),
        result="taken in" if taken.whole else "taken in as far as it could be read",
        failures=0,
        # A list that was not read to its end is asked for anew.
        etag=came.etag if taken.whole else "",
        modified=came.modified if taken.whole else "",
        sha256=came.sha256 if taken.whole else "",
        period=stamp(micros(period)) if taken.whole else "",
        counts=dict(taken.counts),
        problems=tuple(taken.problems),
        gone=gone,
        cursor=taken.cursor,
        more=taken.more,
    )


def _gone(world: World, set_up: Feed, taken: _Taken) -> int | None:
    """How many objects of the last full list are not in this one, which is remembered in its place; None if it cannot be known."""
    marks = taken.marks
    earlier = world.store.private(LISTS, set_up.name)
    with world.store.write() as tx:
        tx.put_private(LISTS, set_up.name, marks)
    if marks is None or earlier is None:
        return None
    have = _split(marks)
    return len(_split(earlier) - have)


def _split(marks: bytes) -> set[bytes]:
    return {marks[at : at + _MARK] for at in range(0, len(marks), _MARK)}


def _drafts(set_up: Feed, file: IO[bytes], came: Fetched, period: datetime, taken: _Taken, resolver: Resolve) -> Iterator[Draft | Refused]:
    """Step 3. Raises PeerFault for a page where a list should be."""
    file.seek(0)
    head = file.read(512).lstrip().lower()
    file.seek(0)
    if came.type == "text/html" or head.startswith((b"<!doctype html", b"<html")):
        raise PeerFault(f"{shown(came.url)} answers with a web page, not with a list", next="check the URL, or whether it needs a token")
    if set_up.kind == "stix":
        return stix_json.read(iter(lambda: file.read(_PIECE), b""))
    if set_up.kind == "misp":
        raw = file.read()
        found = manifest(raw)
        return misp.read(raw) if found is None else _events(set_up, found, taken, resolver)
    life = timedelta(seconds=set_up.life) if set_up.life else None
    source = feed_indicators.Source(
        name=set_up.name, url=shown(set_up.url), since=parse(set_up.added), at=period, threat=set_up.threat, life=life
    )  # fmt: skip
    if set_up.kind == "json":
        rows = records.of_json(file.read(), set_up.columns)
    else:
        rows = records.of_csv(file, set_up.columns) if set_up.columns else table.rows(file)
    return feed_indicators.drafts(rows, source)


def manifest(raw: bytes) -> list[tuple[int, str]] | None:
    """(seconds, uuid) of the events that a MISP feed's manifest lists, oldest first; None for what is no manifest."""
    try:
        found = msgspec.json.decode(raw, type=dict[str, dict[str, Any]])
        listed = [(int(about["timestamp"]), uuid.lower()) for uuid, about in found.items()]
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError, KeyError, TypeError, ValueError):
        return None
    return sorted(listed) if found and all(_UUID.fullmatch(uuid) for _, uuid in listed) else None


def _events(set_up: Feed, listed: list[tuple[int, str]], taken: _Taken, resolver: Resolve) -> Iterator[Draft | Refused]:
    """The objects of the events that are new in a manifest, `_EVENTS` at most; `taken` keeps how far that was."""
    new = [(at, uuid) for at, uuid in listed if at > taken.cursor]
    cut = min(_EVENTS, len(new))
    while cut and cut < len(new) and new[cut][0] == new[cut - 1][0]:
        cut += 1
    # Of the cursor's own second an event may have come since.
    chosen = [(at, uuid) for at, uuid in listed if at == taken.cursor] + new[:cut]
    for at, uuid in chosen:
        with TemporaryFile() as file:
            came = _get(set_up, urljoin(set_up.url, f"{uuid}.json"), file, resolver, {})
            if came.state != "new":
                raise PeerFault(f"{shown(came.url)} asks for rest ({came.status})", next="the rest is pulled later")
            file.seek(0)
            yield from misp.read(file.read())
        taken.cursor = at
    taken.more = cut < len(new)
