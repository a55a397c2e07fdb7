"""Hidden and absent are the same on the pages too: every page and twin, byte for byte (see tests/release/two_worlds.py for the stories).

The onlooker is a person of another party at the centre.
"""

from __future__ import annotations

import itertools
import re
from random import Random
from typing import Any

import pytest

from comity.clock import micros, parse, stamp
from comity.release import views
from tests.consortium import Body
from tests.doors.web.routes import addresses
from tests.doors.web.sending import SHOWN
from tests.doors.web.visitor import Visitor
from tests.release.two_worlds import KINDS, ONLOOKER, Claim, Onlooker, Step, Story, object_id, tell, told_apart

_MOMENT = re.compile(r"20\d\d-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?Z?")
#: Cursors are moments in microseconds: read as such, so that they are ranked among the others.
_CURSOR = re.compile(r'(before=|after=|since=|at=|"(?:before|after|at|next)": ?)(\d{15,17})')


class Browser(Onlooker):
    """The party's person with a browser: statuses, headers and pages as they come."""

    def __init__(self, body: Body) -> None:
        super().__init__(body)
        self.visitor = Visitor(body, party=ONLOOKER)

    def _look(self, path: str) -> Any:
        answer = self.visitor.get(path)
        # In addresses a moment's colons are escaped.
        text = _CURSOR.sub(lambda found: found[1] + stamp(int(found[2])), answer.text.replace("%3A", ":"))
        text = SHOWN.sub("<token>", _MOMENT.sub(_exact, text))
        headers = {name: value for name, value in answer.headers.items() if name not in ("content-length", "set-cookie")}
        self.stamps += re.findall(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", text)
        return path, answer.status_code, sorted(headers.items()), text

    def _pages(self, after: int, limit: int, query: dict[str, Any]) -> tuple[list[Any], int]:
        ids = [object_id(number) for number in range(len(KINDS))]
        told = [self._look(path) for path in addresses(ids)]
        return told, max(map(micros, map(parse, self.stamps)), default=after)

    def _object(self, id_: str, versions: tuple[str, ...]) -> Any:
        return [self._look(path) for path in addresses([id_])]


def _exact(found: re.Match[str]) -> str:
    """Moments shown to the second stand beside the exact ones, in another form of the same: only the exact ones are compared."""
    return found[0] if re.fullmatch(r".*\.\d{6}Z", found[0]) else "<moment>"


@pytest.mark.parametrize("seed", range(6))
def test_two_worlds_are_one_on_the_pages(seed):
    assert told_apart(tell(Random(seed), 8), eyes=Browser) == ""


HIDDEN = Story(
    steps=[
        Step(bundles=((Claim(origin="KZ", number=0, version=1, word="hidden", tlp="red", to=("UZ",)),),)),
        Step(act=("submit", (Claim(origin=ONLOOKER, number=3, version=1, word="own", refs=(0,)),))),
        Step(act=("walk", 3, {})),
    ]
)


def test_a_page_about_what_names_the_hidden_says_nothing_of_it():
    assert HIDDEN.hidden()
    assert told_apart(HIDDEN, eyes=Browser) == ""


def test_caught_a_count_of_everything(monkeypatch):
    real = views.Tally.counts

    def counts(self: views.Tally, desk: Any, reader: Any) -> views.Counts:
        found = real(self, desk, reader)
        return views.Counts(by_type={**found.by_type, f"x{len(list(desk.world.store.leaves()))}": 1}, more=found.more)

    monkeypatch.setattr(views.Tally, "counts", counts)
    assert told_apart(HIDDEN, eyes=Browser)


def test_every_page_has_what_stands_for_its_parts():
    assert all(itertools.chain(addresses(["indicator--x"])))
