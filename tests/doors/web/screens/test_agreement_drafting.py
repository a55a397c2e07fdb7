"""Writing a next version."""

from __future__ import annotations

from typing import Any

import pytest

from tests.consortium import MEMBERS, Body
from tests.doors.web.visitor import Visitor

SECOND = MEMBERS.replace("version = 1", "version = 2").replace('tlp_max = "green"', 'tlp_max = "amber"')
PATH = "/agreements/test@1/edit"


def post(visitor: Visitor, path: str = PATH, **form: str) -> Any:
    return visitor.client.post(path, data={"revision": "0", "do": "save", **form})


@pytest.fixture
def body():
    made = Body()
    made.member("KZ")
    return made


def test_it_begins_from_the_text_with_the_next_number(body):
    data = Visitor(body).data(f"{PATH}.json")
    assert data["text"] == MEMBERS.replace("version = 1", "version = 2")
    assert (data["saved"], data["revision"], data["sound"]) == (None, 0, True)


def test_it_is_kept_and_checked_line_by_line(body):
    visitor = Visitor(body)
    broken = SECOND.replace('effect = "permit"', 'effect = "maybe"', 1)
    answer = post(visitor, text=broken)
    assert (answer.status_code, answer.headers["location"]) == (303, PATH)
    data = visitor.data(f"{PATH}.json")
    (error,) = [each for each in data["findings"] if each["level"] == "error"]
    assert broken.strip().splitlines()[error["line"] - 1] == 'effect = "maybe"'
    assert data["lines"][error["line"] - 1] == {"n": error["line"], "text": 'effect = "maybe"', "level": "error"}
    assert f'href="#line-{error["line"]}"' in visitor.see(PATH)
    assert data["moves"] == [] and not data["sound"]


def test_what_it_changes_is_said_as_it_is_written(body):
    visitor = Visitor(body)
    post(visitor, text=SECOND)
    assert [(each["part"], each["field"]) for each in visitor.data(f"{PATH}.json")["amendments"]] == [("clause", "tlp_max")]


def test_two_windows_do_not_lose_each_others_text(body):
    visitor = Visitor(body)
    post(visitor, text=SECOND)
    mine = SECOND.replace("Observers receive", "Watchers receive")
    answer = post(visitor, text=mine)
    assert answer.status_code == 409
    assert "Watchers receive" in answer.text
    assert "Observers receive" in answer.text
    assert "Not saved" in answer.text
    assert "Watchers" not in visitor.data(f"{PATH}.json")["text"]
    assert post(visitor, text=mine, revision="1").status_code == 303
    assert "Watchers" in visitor.data(f"{PATH}.json")["text"]


def test_a_draft_is_its_persons_own_and_can_be_discarded(body):
    visitor = Visitor(body)
    post(visitor, text=SECOND)
    other = Visitor(body, role="agreement-officer")
    assert other.data(f"{PATH}.json")["saved"] is None
    assert post(visitor, do="discard").headers["location"] == "/agreements/test@1"
    assert visitor.data(f"{PATH}.json")["saved"] is None


def test_it_is_tried_as_it_is_written(body):
    visitor = Visitor(body)
    answer = post(visitor, text=SECOND, do="try")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/agreements/test@1/simulate/")
    assert visitor.data(answer.headers["location"] + ".json")["trial"]["draft"] is True


def test_an_officer_proposes_it(body):
    assert post(Visitor(body), text=SECOND, do="propose").status_code == 403
    officer = Visitor(body, role="agreement-officer")
    assert post(officer, text="nothing", do="propose").status_code == 422
    answer = post(officer, text=SECOND, do="propose", revision="1")
    assert answer.status_code == 303
    assert officer.data(answer.headers["location"] + ".json")["proposal"]["ref"] == "test@2"
    assert officer.data(f"{PATH}.json")["saved"] is None


def test_a_new_agreement_begins_from_a_sound_text(body):
    visitor = Visitor(body, role="agreement-officer")
    data = visitor.data("/agreements/begin.json")
    assert data["sound"] and data["before"] is None
    text = data["text"].replace('"new-agreement"', '"ours"')
    assert post(visitor, "/agreements/begin", text=text).headers["location"] == "/agreements/begin"
    assert '"ours"' in visitor.data("/agreements/begin.json")["text"]
    assert post(visitor, "/agreements/begin", text=text, do="propose").status_code == 303


def test_another_button_is_refused(body):
    visitor = Visitor(body)
    assert post(visitor, text=SECOND, do="dance").status_code == 422
    assert post(visitor, "/agreements/absent@1/edit", text=SECOND).status_code == 404


def test_every_language_shows_a_conflict(body):
    visitor = Visitor(body)
    post(visitor, text=SECOND)
    for lang, word in (("ru", "Не сохранено"), ("zh", "未保存")):
        assert word in post(visitor, f"{PATH}?lang={lang}", text=MEMBERS).text


@pytest.mark.parametrize(("lang", "said"), [("ru", "— не действие пункта"), ("zh", "不是条款效力")])
def test_what_is_wrong_is_said_in_the_readers_language(body, lang, said):
    visitor = Visitor(body)
    post(visitor, text=SECOND.replace('effect = "permit"', 'effect = "maybe"', 1))
    page = visitor.see(f"{PATH}?lang={lang}")
    assert said in page
    assert "is not an effect" not in page and 'lang="en"' not in page.partition("<main")[2].partition("</main>")[0]
    assert "is not an effect" in visitor.see(f"{PATH}?lang=en")
