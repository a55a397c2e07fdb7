"""Going somewhere by name."""

from __future__ import annotations

import pytest

from comity.doors.web.screens.palette import RECENT
from tests.consortium import indicator
from tests.doors.web.visitor import Visitor, body_that_reads, named


@pytest.fixture
def place():
    """A centre that reads GREEN, with an item that it sees and one that it does not."""
    body, kz = body_that_reads()
    seen = indicator(name="seen one", pattern="[domain-name:value = 'seen.example']")
    hidden = indicator(name="hidden one", pattern="[domain-name:value = 'hidden.example']")
    kz.submits(seen, tlp="green")
    kz.submits(hidden, tlp="red", to=("UZ",))
    return Visitor(body), seen["id"], hidden["id"]


def answers(visitor: Visitor, query: str) -> list[str]:
    return [each["id"] for each in visitor.data(f"/palette.json?{query}")["answers"] if each["kind"] != "search"]


@pytest.mark.parametrize("q", ["seen.example", "seen[.]example", " SEEN.example "])
def test_a_whole_value_is_found(place, q):
    visitor, seen, _ = place
    assert answers(visitor, f"q={q}") == [seen]


def test_an_id_is_found(place):
    visitor, seen, _ = place
    assert answers(visitor, f"q={seen}") == [seen]


def test_an_agreement_in_force_is_found_by_its_title(place):
    visitor, *_ = place
    title = next(iter(visitor.data("/.json")["agreements"].values()))["title"]
    found, _ = visitor.data(f"/palette.json?q={title[:8]}")["answers"]
    assert found["kind"] == "agreement"
    assert visitor.get(found["to"]).status_code in (200, 404)


@pytest.mark.parametrize("q", ["KZ", "kz", "azakh"])
def test_a_party_is_found_by_its_code_and_its_name(q):
    body, _ = body_that_reads()
    named(body, "KZ", "member", "Kazakhstan")
    assert answers(Visitor(body), f"q={q}") == ["KZ"]


def test_the_last_answer_is_the_search(place):
    visitor, *_ = place
    last = visitor.data("/palette.json?q=a+%26+b")["answers"][-1]
    assert (last["kind"], last["to"]) == ("search", "/search?q=a+%26+b")
    assert visitor.get(last["to"]).status_code == 200
    assert visitor.data("/palette.json?q=")["answers"] == []


def test_hidden_and_absent_are_the_same(place):
    visitor, _, hidden = place
    absent = "indicator--00000000-0000-4000-8000-000000000000"
    for one, other in (("hidden.example", "absent.example"), (hidden, absent)):
        assert answers(visitor, f"q={one}") == answers(visitor, f"q={other}") == []
        assert answers(visitor, f"recent={one}") == answers(visitor, f"recent={other}") == []


def test_what_was_open_last_comes_back_in_its_order_and_narrowed_by_what_is_written(place):
    visitor, seen, hidden = place
    assert answers(visitor, f"recent={hidden}&recent={seen}") == [seen]
    assert answers(visitor, f"q=SEEN&recent={seen}") == [seen]
    assert answers(visitor, f"q=other&recent={seen}") == []
    assert answers(visitor, f"q=seen.example&recent={seen}") == [seen], "once"


def test_a_browser_asks_about_so_many_at_most(place):
    visitor, seen, _ = place
    many = "&".join(f"recent=indicator--ffffffff-0000-4000-8000-{n:012}" for n in range(RECENT))
    assert answers(visitor, f"{many}&recent={seen}") == []


def test_what_is_no_question_has_no_answers_and_the_page_says_what_to_write(place):
    visitor, *_ = place
    assert answers(visitor, "q=&recent=x&recent='") == []
    assert "defanged or not" in visitor.see("/palette")
    assert "Search for" in visitor.see("/palette?q=nothing")


def test_words_find_objects_and_persons_are_not_looked_up():
    body, kz = body_that_reads()
    item, mail = indicator(name="Emotet loader"), indicator(pattern="[email-addr:value = 'me@mail.example']", name="A sender")
    kz.submits(item, mail, tlp="green", person="attacker")
    kz.submits(indicator(name="Emotet hidden"), tlp="amber")
    visitor = Visitor(body)

    def ids(q: str) -> list[str]:
        return [answer["id"] for answer in visitor.client.get("/palette.json", params={"q": q}).json()["answers"] if answer["id"]]

    assert ids("emot") == [item["id"]]
    assert ids("me@mail.example") == []
