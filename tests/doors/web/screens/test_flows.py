"""Members and flows."""

from __future__ import annotations

import pytest

from tests.consortium import Body
from tests.doors.web.visitor import Visitor
from tests.release.test_traffic import story

PATH = "/members/flows"


@pytest.fixture
def body() -> Body:
    return story()


def told(visitor: Visitor, query: str = "") -> set[tuple[str, str]]:
    return {(each["party"], each["way"]) for each in visitor.data(f"{PATH}.json{query}")["flows"]}


@pytest.mark.parametrize("role", ["auditor", "analyst"])
def test_the_nodes_own_people_see_all(body, role):
    visitor = Visitor(body, role=role)
    assert told(visitor) == {("KZ", "in"), ("UZ", "out"), ("IR", "out")}
    assert {each["party"] for each in visitor.data(f"{PATH}.json")["parties"]} == {"KZ", "UZ", "IR"}


def test_others_see_those_of_their_own_party_and_the_register(body):
    kz = Visitor(body, party="KZ", role="auditor")
    assert told(kz) == {("KZ", "in")}
    assert {each["party"] for each in kz.data(f"{PATH}.json")["parties"]} == {"KZ", "UZ", "IR"}
    stranger = Visitor(body, party="XX")
    assert stranger.data(f"{PATH}.json")["parties"] == []
    assert "Nothing went either way" in stranger.see(PATH)


def test_the_table_has_the_numbers_of_the_picture(body):
    visitor = Visitor(body, role="auditor")
    picture, table = visitor.see(PATH), visitor.see(f"{PATH}?view=table")
    for each in visitor.data(f"{PATH}.json")["flows"]:
        said = (
            f"{'to' if each['way'] == 'out' else 'from'} {each['party']}: {each['items']} {'deliver' if each['way'] == 'out' else 'object'}"
        )
        assert said in picture
        assert f'<td role="cell" class="num" data-name="Deliveries">{each["items"]}</td>' in table


def test_a_line_leads_to_its_clause(body):
    visitor = Visitor(body, role="auditor")
    (out,) = [each for each in visitor.data(f"{PATH}.json")["flows"] if (each["party"], each["way"]) == ("UZ", "out")]
    assert out["clause"] == "test@1/members"
    assert '<a href="/agreements/test@1#clause-members"><title>to UZ' in visitor.see(PATH)


def test_days_are_chosen_by_the_address(body):
    visitor = Visitor(body, role="auditor")
    assert visitor.data(f"{PATH}.json?days=1")["days"] == 1
    assert visitor.get(f"{PATH}.json?days=12345").status_code == 422
    month, day = (next(each for each in visitor.data(f"{PATH}.json?days={n}")["flows"] if each["party"] == "KZ") for n in (30, 1))
    assert (month["items"], day["items"]) == (3, 1)
    assert day["per_day"] == 1


def test_every_language_says_it(body):
    visitor = Visitor(body, role="auditor")
    for lang in ("ru", "zh", "fa"):
        for view in ("map", "table"):
            assert visitor.see(f"{PATH}?lang={lang}&view={view}")
