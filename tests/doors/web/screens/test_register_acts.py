"""Entering a standing on the pages."""

from __future__ import annotations

from typing import Any

import pytest

from tests.consortium import Body
from tests.doors.web.screens.test_members import register
from tests.doors.web.visitor import Visitor

PATH = "/members/enter"
GUEST = {
    "party": "tm",
    "body": "sco",
    "standing": "guest",
    "since": "2021-10-01",
    "until": "",
    "name": "Turkmenistan",
    "source": "a letter",
}


@pytest.fixture
def body() -> Body:
    return register()


@pytest.fixture
def administrator(body):
    return Visitor(body, role="administrator")


def shown(visitor: Visitor, **asked: str) -> Any:
    return visitor.client.get(f"{PATH}.json", params={**GUEST, **asked}).json()


def test_it_says_what_would_change_and_enters_nothing(body, administrator):
    size = body.world.store.head().size
    step = shown(administrator)["step"]
    assert (step["party"], step["before"], step["after"], step["against"]) == ("TM", None, "guest", [])
    assert body.world.store.head().size == size
    assert "TM: guest of SCO" in administrator.client.get(PATH, params=GUEST).text


def test_a_second_person_takes_it_in(body, administrator):
    answer = administrator.client.post(PATH, data=GUEST)
    assert answer.status_code == 303
    assert administrator.get("/members/TM").status_code == 404
    officer = Visitor(body, role="agreement-officer")
    taken = officer.client.post(answer.headers["location"] + "/decide", data={"do": "take"})
    assert taken.headers["location"] == "/members/TM"
    (claim,) = administrator.data("/members/TM.json")["claims"]
    assert (claim["standing"], claim["since"], claim["source"], claim["name"]) == (
        "guest",
        "2021-10-01T00:00:00Z",
        "a letter",
        "Turkmenistan",
    )


def test_what_it_contradicts_is_shown(administrator):
    step = shown(administrator, party="IR", standing="observer", since="2004-01-01")["step"]
    assert [(each["standing"], each["since"]) for each in step["against"]] == [("observer", "2005-07-05T00:00:00Z")]
    assert step["conflict"]


@pytest.mark.parametrize(
    "asked",
    [
        {"party": "?"},
        {"body": "no body"},
        {"standing": "king"},
        {"since": ""},
        {"since": "soon"},
        {"until": "2020-01-01"},
        {"until": "soon"},
    ],
)
def test_what_is_wrong_is_said(administrator, asked):
    data = shown(administrator, **asked)
    assert data["step"] is None
    assert data["wrong"] and data["next"]
    answer = administrator.client.post(PATH, data={**GUEST, **asked})
    assert answer.status_code == 422
    assert "Turkmenistan" in answer.text


def test_it_is_for_the_nodes_administrator(body):
    for visitor in (Visitor(body), Visitor(body, role="agreement-officer"), Visitor(body, party="TJ", role="administrator")):
        assert visitor.get(PATH).status_code == 404
        assert visitor.client.post(PATH, data=GUEST).status_code == 404


def test_every_language_says_both_steps(administrator):
    for lang in ("ru", "zh", "fa"):
        assert administrator.see(f"{PATH}?lang={lang}")
        assert administrator.client.get(PATH, params={**GUEST, "lang": lang, "party": "TJ", "since": "2001-06-15"}).status_code == 200
