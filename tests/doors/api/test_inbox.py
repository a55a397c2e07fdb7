"""The inbox over the JSON API: the token's own party's, whatever is asked."""

from __future__ import annotations

import pytest

from comity.admin.constituency import add
from comity.terms.constituency import addition
from tests.doors.api.meeting import problem
from tests.match.constituents import BANK, about


@pytest.fixture
def sent(meeting) -> list[str]:
    add(meeting.body.world, [addition("KZ", "Bank", [BANK]), addition("UZ", "Shop", [("netblock", "198.51.100.0/24")])])
    objects = [about("192.0.2.1"), about("192.0.2.2"), about("198.51.100.1")]
    meeting.body.member("UZ").submits(*objects)
    return [each["id"] for each in objects]


def test_a_party_reads_its_own_inbox(kz, uz, ir, sent):
    assert [(each["owner"], each["id"]) for each in kz.get("/inbox")["items"]] == [("Bank", sent[1]), ("Bank", sent[0])]
    assert [(each["owner"], each["id"]) for each in uz.get("/inbox")["items"]] == [("Shop", sent[2])]
    assert ir.get("/inbox") == {"items": [], "more": False, "next": None}
    (touch,) = kz.get("/inbox")["items"][0]["touches"]
    assert (touch["value"], touch["holding"]) == ("192.0.2.2", "192.0.2.0/24")


def test_pages_follow_each_other(kz, sent):
    first = kz.get("/inbox", limit=1)
    assert first["more"]
    second = kz.get("/inbox", limit=1, next=first["next"])
    assert [each["id"] for each in first["items"] + second["items"]] == [sent[1], sent[0]]
    assert second["next"] is None


def test_it_is_asked_by_owner_and_moment(kz, sent):
    assert kz.get("/inbox", owner="Nobody")["items"] == []
    assert len(kz.get("/inbox", owner="Bank", since="2021-01-01T00:00:00Z")["items"]) == 2
    assert kz.get("/inbox", since="2031-01-01T00:00:00Z")["items"] == []
    assert problem(kz("GET", "/inbox", party="UZ"), 400)
    assert kz("GET", "/inbox", headers={"Accept": "text/csv"}).text.count("\r\n") == 3
