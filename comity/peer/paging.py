"""A walk through the pages of a collection that ends, whatever the server says, and that can be taken up again (TAXII 2.1 section 3.5).

    1. ask      `added_after` of the run of pages under way, and the `next` it gave: never a `next` beside another `added_after`
    2. doubt    an answer that broke, or a `next` that is refused: begin again just before the last moment seen; too large: ask for fewer
    3. compare  a page of objects that were all seen before does not count as a step; a few in a row end the walk
    4. give     the page, and from where a later walk goes on: nothing at or after that moment is missed, some may come twice
    5. go on    with `next`; without one, with the date of the last object, asked from just before it, since others may share it

A `next` is good for this walk only: servers forget it, and some give each page of it once (so it is never asked for twice).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

import msgspec

from comity.clock import micros, now, parse, stamp
from comity.errors import PeerFault
from comity.peer.channel import Answer, good
from comity.peer.resources import Page, read, said

#: Objects that are remembered, to tell a page that was given before.
WINDOW = 100_000
#: How many pages in a row may say that there is more and hold nothing; how often a walk begins again without a step between.
_HOLLOW, _AGAIN = 20, 3
#: How many pages, and objects on them, may come under one `next` that never changes.
_STEADY_PAGES, _STEADY_OBJECTS = 10_000, 1_000_000
#: The most objects asked for at once, to get past a moment that many objects share.
_WIDEST = 64_000
#: How long after a moment a server may still add objects under it (a post under way, a slow transaction).
_SETTLING = timedelta(seconds=60)
#: How far a server's dates may be ahead of its own clock before they are not believed.
_AHEAD = timedelta(days=1)
_KEPT = "what was received before is kept"


class Fetched(msgspec.Struct, frozen=True, kw_only=True):
    """One page: the envelope's bytes as received, how many objects it has, and from where a later walk goes on (None: as before).

    `note` says what cannot be known, or what is wrong with the server and could be lived with.
    """

    raw: bytes
    count: int
    resume: str | None = None
    note: str = ""


class Walk:
    """One walk. `ask` makes one request, given its query; `unique` says that the server gives each object a moment of its own."""

    def __init__(self, ask: Callable[[dict[str, str]], Answer | None], name: str, after: str | None, limit: int, *, unique: bool) -> None:
        self._ask, self._name, self._unique = ask, name, unique
        self._begun = self._after = after
        self._next = ""
        self._limit = self._most = limit
        self._exact = ""  # the last date, while it is asked for from just before it
        self._widest = 0  # objects on a page from just before it
        self._last: str | None = None
        self._ordered = True
        self._pages = self._hollow = self._again = self._barren = self._grace = 0
        self._steady = self._steadily = 0  # pages, and objects on them, under the present `next`
        self._seen = _Window()

    def pages(self) -> Iterator[Fetched]:
        """The pages. Every one is given before what is wrong is said. Raises PeerFault or NotAuthenticated."""
        while True:
            answer = self._ask(self._query())
            if answer is None or (self._next and not answer.ok and answer.whole and answer.status not in (401, 403)):
                self._begin_again(answer)
                continue
            if self._exact and answer.whole and answer.status in (400, 404, 416, 422):
                self._step_over()
                continue
            if not answer.whole and self._limit > 1:
                self._fewer()
                continue
            page = read(Page, good(answer, said).content)
            if page is None:
                raise PeerFault(f"{self._name} did not answer with a TAXII envelope", next="check the URL, or tell its operator")
            fetched, going, problem = self._weigh(answer, page)
            yield fetched
            if problem:
                raise PeerFault(f"{self._name} {problem}", next=f"tell its operator; {_KEPT}")
            if not going:
                return

    def _query(self) -> dict[str, str]:
        query = {"limit": str(self._limit), "match[version]": "all"}
        if self._after is not None:
            query["added_after"] = self._after
        if self._next:
            query["next"] = self._next
        return query

    def _weigh(self, answer: Answer, page: Page) -> tuple[Fetched, bool, str]:
        """(the page, whether to go on, what is wrong)."""
        self._pages += 1
        last = _moment(answer.headers.get("X-TAXII-Date-Added-Last"))
        note = self._note(last)
        fresh = self._seen.add(page.objects)
        self._hollow = 0 if page.objects else self._hollow + 1
        if fresh:
            self._barren = self._again = self._grace = 0
        elif page.objects:
            self._barren += 1
        going, problem = page.more, ""
        if self._exact and not page.objects:
            # It holds the last object of the page before, so a server that gives none does not do what it was asked.
            self._step_over()
            going = True
        elif page.more:
            going, problem, more = self._onward(page, last)
            note = note or more
        resume = self._resume(answer, ended=not going and not problem)
        return Fetched(raw=answer.content, count=len(page.objects), resume=resume, note=note), going, problem

    def _onward(self, page: Page, last: str | None) -> tuple[bool, str, str]:
        """(whether there is a way on, what is wrong, what cannot be known) after a page that says that there is more."""
        if self._hollow > _HOLLOW or (not page.objects and page.next and page.next == self._next):
            return False, "says again and again that there is more, and gives nothing", ""
        # While the limit widens within one moment, what is known of it comes again each time.
        if self._barren > self._grace + (0 if page.next else _WIDEST.bit_length()):
            return False, "gives the same objects again and again", ""
        if page.next:
            return self._follow(page)
        if not page.objects:
            return False, "", ""
        if last is None or not _later(last, self._after):
            return False, "says that there is more, and not how to get it", ""
        self._next = ""
        back = _before(last)
        if self._after is None or _later(back, self._after):
            self._after, self._exact, self._widest, self._limit = back, last, 0, self._most
        elif len(page.objects) > self._widest and self._limit < _WIDEST:
            self._exact, self._widest, self._limit = last, len(page.objects), min(_WIDEST, self._limit * 2)
        else:
            self._exact = last
            self._step_over()
            many = f"added more than {len(page.objects)} objects at {last} and names no way to those beyond"
            return True, "", f"{self._name} {many}: whether any was missed cannot be known"
        return True, "", ""

    def _follow(self, page: Page) -> tuple[bool, str, str]:
        """Go on with the `next` of a page. One that stays the same may lead through a collection, and need not come to an end."""
        if page.next != self._next:
            self._steady = self._steadily = 0
        self._steady += 1
        self._steadily += len(page.objects)
        self._next, self._exact = page.next, ""
        if self._steady > _STEADY_PAGES or self._steadily > _STEADY_OBJECTS:
            return False, f"names the same way on after {self._steady} pages with {self._steadily} objects, and comes to no end", ""
        return True, "", ""

    def _step_over(self) -> None:
        """Go on after the last date itself, as the standard has it."""
        self._after, self._exact, self._limit, self._widest = self._exact, "", self._most, 0

    def _begin_again(self, answer: Answer | None) -> None:
        """Leave a `next` that is not good any more, or whose page was lost on the way."""
        self._again += 1
        if self._again > _AGAIN:
            said_ = f"answered {answer.status}: {said(answer.content)}" if answer else "breaks the connection"
            raise PeerFault(f"{self._name} {said_}, {self._again} times in a row", next=f"try again later; {_KEPT}")
        self._next = self._exact = ""
        self._grace = self._pages
        self._limit = self._most
        self._after = self._begun
        if self._last is not None and self._ordered and _later(_before(self._last), self._begun):
            self._after = _before(self._last)

    def _fewer(self) -> None:
        """Ask for fewer objects from now on; a `next` may be used up."""
        self._limit = self._most = max(1, self._limit // 4)
        if self._next:
            self._begin_again(None)
            self._again -= 1

    def _note(self, last: str | None) -> str:
        """Remember the latest date; say so once when dates go back."""
        if last is None:
            return ""
        if self._last is None or _later(last, self._last):
            self._last = last
        elif self._ordered and not self._grace and _later(self._last, last):
            self._ordered = False
            return f"{self._name} goes back in time ({last} after {self._last}): an exchange that is cut begins anew"
        return ""

    def _resume(self, answer: Answer, *, ended: bool) -> str | None:
        """Step 4. At the end of a walk, the last date; a server whose moments may still grow is asked for them again."""
        if self._last is None or (not ended and not self._ordered):
            return None
        today = _date(answer)
        if parse(self._last) > today + _AHEAD:
            return None
        if not ended:
            return _before(self._last)
        if not self._unique and parse(self._last) > today - _SETTLING:
            return stamp(micros(today - _SETTLING))
        return self._last


class _Window:
    """The objects seen last."""

    def __init__(self) -> None:
        self._marks: dict[bytes, None] = {}

    def add(self, objects: Iterable[msgspec.Raw]) -> int:
        """How many of these were not seen; they are now."""
        fresh = 0
        for each in objects:
            mark = hashlib.blake2b(each, digest_size=8).digest()
            if mark not in self._marks:
                fresh += 1
                self._marks[mark] = None
        while len(self._marks) > WINDOW:
            del self._marks[next(iter(self._marks))]
        return fresh


def _date(answer: Answer) -> datetime:
    """The server's present moment; ours where it does not say, or says what cannot be."""
    ours = now()
    try:
        theirs = parsedate_to_datetime(answer.headers.get("Date", ""))
        return theirs if abs(theirs - ours) < timedelta(days=366) else ours
    except (ValueError, TypeError, OverflowError):
        return ours


def _moment(text: str | None) -> str | None:
    """A timestamp as the server gave it, None if it is none: kept, it would spoil every later request."""
    return text if text is not None and _later(text, None) else None


def _before(text: str) -> str:
    """The moment one microsecond before."""
    return stamp(micros(parse(text)) - 1)


def _later(text: str, than: str | None) -> bool:
    try:
        moment = micros(parse(text))
        stamp(moment - 1)
        return than is None or moment > micros(parse(than))
    except (ValueError, OverflowError):
        return False
