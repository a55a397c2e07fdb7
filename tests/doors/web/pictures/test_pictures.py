"""Every picture has a table with the same numbers: criterion 17 of docs/ux.md, for all of them at once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

import comity.doors.web as web
from tests.consortium import Member, relationship, sighting
from tests.doors.web.visitor import Visitor
from tests.furnished import furnished
from tests.release.test_techniques import technique

SCREENS = Path(web.__file__).parent / "templates" / "screens"


def _numbers(text: str) -> list[str]:
    return [each.replace(",", "") for each in re.findall(r"[0-9][0-9,]*", text)]


def _texts(page: str, start: str, end: str) -> list[str]:
    """What stands between the end of a tag that begins so, and the next `end`, without tags."""
    found = re.findall(rf"{start}[^>]*>(.*?){end}", page, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]*>", " ", each).split()) for each in found]


def _graph(picture: str, table: str) -> tuple[Counter[str], Counter[str]]:
    """What is only counted, and how many are drawn one by one."""
    rest = [_numbers(each)[0] for each in _texts(picture, '<g class="node rest"', "</g>")]
    ties = len(re.findall('<g class="node(?! rest| root)', picture))
    counts = [_numbers(each)[-1] for each in _texts(table, '<tr role="row"', "</tr>")[1:]]
    return Counter(rest + ["1"] * ties), Counter(counts)


def _timeline(picture: str, table: str) -> tuple[Counter[str], Counter[str]]:
    """The times of every span."""
    drawn = re.findall(r'<a class="span"[^>]*aria-label="[^"]*?(\d{4}-\d\d-\d\d \d\d:\d\d)', picture)
    return Counter(drawn), Counter(each[:16].replace("T", " ") for each in re.findall(r'data-span="([^"]+)"', table))


def _attack(picture: str, table: str) -> tuple[Counter[str], Counter[str]]:
    """The count of every technique, in each of its tactics once."""
    cells = set(re.findall(r'data-technique="([^"]+)">.*?<b>([0-9+]+)</b>', picture))
    lines = re.findall(r'<tr role="row" data-item data-technique="([^"]+)">.*?class="num"[^>]*><div>([0-9+]+)', table, re.DOTALL)
    return Counter(map(" ".join, cells)), Counter(map(" ".join, lines))


def _days(picture: str, table: str) -> tuple[Counter[str], Counter[str]]:
    bars = re.findall(r'data-day="([^"]+)"><title>[^:]+: ([0-9]+)<', picture)
    lines = re.findall(r'data-row="([^"]+)">.*?class="num"[^>]*><div>([0-9]+)<', table, re.DOTALL)
    return Counter(map(" ".join, bars)), Counter(map(" ".join, lines))


def _flows(picture: str, table: str) -> tuple[Counter[str], Counter[str]]:
    """Party, objects, objects a day, of each flow."""
    told = [" ".join(_numbers(each)[:1]) for each in _texts(picture, r"<a href=\"[^\"]*\"><title", "</title><line")]
    lines = re.findall(r'class="num"[^>]*>(?:<div>)?([0-9,]+)', table)[::2]
    return Counter(told), Counter(each.replace(",", "") for each in lines)


#: The template of a picture -> where one is, its table, and what both say.
PICTURES: dict[str, tuple[str, str, Callable[[str, str], tuple[Counter[str], Counter[str]]]]] = {
    "graph.html": ("/o/{malware}/graph", "?view=table", _graph),
    "timeline.html": ("/o/{indicator}/timeline", "?view=table", _timeline),
    "timeline_many.html": ("/timeline", "?view=table", _timeline),
    "attack.html": ("/attack", "?view=table", _attack),
    "matches.html": ("/matches?scope=all", "&by=day", _days),
    "flows.html": ("/members/flows?days=90", "&view=table", _flows),
}


@pytest.fixture(scope="module")
def site() -> tuple[Visitor, dict[str, str]]:
    """The furnished body with two techniques, and sightings on two days."""
    body = furnished()
    kz = Member(body, "KZ")
    held: dict[str, str] = {}
    for row in body.world.store.recent(1_000):
        if row.origin == "KZ":
            held[row.type] = row.id
    first, second = technique("T1059", "execution", "impact"), technique("T1566", "initial-access")
    kz.submits(first, second, relationship(held["indicator"], first["id"]), relationship(held["malware"], first["id"]), tlp="green")
    kz.submits(relationship(held["malware"], second["id"]), tlp="green")
    kz.submits(sighting(held["indicator"], count=4, last_seen="2021-10-05T00:00:00Z"), sighting(held["indicator"]), tlp="green")
    # Members read: there are flows.
    for code in ("UZ", "IR"):
        Member(body, code).reads()
    return Visitor(body, name="own.auditor", role="auditor"), held


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_and_its_table_say_the_same(site, name):
    visitor, held = site
    path, table, read = PICTURES[name]
    path = path.format(**held)
    drawn, listed = read(visitor.see(path), visitor.see(path + table))
    assert drawn == listed
    assert drawn, "nothing to compare"


def test_no_picture_is_left_out():
    drawn = {file.name for file in SCREENS.glob("*.html") if re.search(r"data-picture=|rings\.map|ui\.picture", file.read_text("utf-8"))}
    assert drawn == set(PICTURES)
