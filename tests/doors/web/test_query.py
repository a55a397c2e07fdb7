"""What an address asks for and nobody can read is refused, on every page and in every language, with what it could be."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from comity.doors.web import query
from comity.doors.web.words import Words
from comity.errors import SenderFault
from tests.consortium import indicator
from tests.doors.web.visitor import Visitor, body_that_reads

EN = Words("en")
#: Below an object's own address, and everywhere else.
OBJECTS = (
    "timeline?from=abc", "timeline?to=2021-13-01", "timeline?view=chart", "graph?view=chart", "graph?way=up&of=x", "history?old=KZ@1",
    "audience?effect=maybe", "audience?sort=age", "audience?log=some", "audience?fields=some", "claims?only=x", "relations?at=x", "sightings?at=-1",
)  # fmt: skip
PAGES = (
    "/?since=yesterday", "/inbox?state=lost", "/inbox?whose=theirs", "/inbox?sort=age", "/inbox?at=x", "/timeline?from=abc", "/attack?show=x",
    "/attack?domain=x", "/attack?from=x", "/members?view=x", "/members?body=x", "/members/flows?days=3", "/matches?by=x", "/matches?scope=x",
    "/matches?muted=x", "/matches?at=x", "/approvals?state=x", "/log?since=abc", "/log?until=abc", "/log?before=x",
)  # fmt: skip


@pytest.fixture(scope="module")
def visitor():
    body, kz = body_that_reads()
    made = indicator(name="seen")
    kz.submits(made, tlp="green")
    visitor = Visitor(body)
    visitor.held = made["id"]
    return visitor


@pytest.mark.parametrize("path", [*(f"/o/ID/{each}" for each in OBJECTS), *PAGES])
def test_it_is_said_what_cannot_be_read(visitor, path):
    path = path.replace("ID", visitor.held)
    page, asked = path.split("?")
    answer = visitor.get(path)
    assert answer.status_code == 422, answer.text
    name = asked.partition("=")[0]
    assert f"The address asks for {name} = " in answer.text
    twin = visitor.get(f"{'/index' if page == '/' else page}.json?{asked}", **{"accept-language": "ru"})
    assert twin.status_code == 422
    assert twin.json()["error"].startswith(f"Адрес запрашивает {name} = ") and twin.json()["next"]


def test_what_can_be_read_is():
    assert query.number(EN, "at", "007") == 7
    assert query.moment(EN, "on", "2021-11-01") == datetime(2021, 11, 1, tzinfo=UTC)
    assert query.one_of(EN, "by", "day", ("day", "")) == "day"


@pytest.mark.parametrize("text", ["-1", "1.5", "٣", "", "9" * 19, "x" * 500])
def test_what_is_no_number(text):
    with pytest.raises(SenderFault) as caught:
        query.number(EN, "at", text)
    assert len(str(caught.value)) < 200
