"""What one version changes against another."""

from __future__ import annotations

from comity.agree.agreement import read
from comity.agree.difference import differences
from comity.intake.govern import add_agreement
from tests.consortium import MEMBERS, Body
from tests.doors.web.visitor import Visitor

SECOND = (
    MEMBERS.replace("version = 1", "version = 2")
    .replace('tlp_max = "green"', 'tlp_max = "amber"')
    .replace("in_force = 2021-01-01", "in_force = 2021-06-01")
)


def body_with_two(second: str = SECOND) -> Body:
    body = Body()
    add_agreement(body.world, second, "second", by="test")
    return body


def test_it_says_what_the_command_line_says():
    data = Visitor(body_with_two()).data("/agreements/test@2/changes.json")
    assert (data["before"], data["after"]) == ("test@1", "test@2")
    assert data["sentences"] == differences(read(MEMBERS), read(SECOND))
    (move,) = data["moves"]
    assert move["recipients"] == [{"standing": "observer", "body": "", "any": True, "parties": []}]
    assert (move["before"], move["after"], move["tlp"], move["whole"]) == ("deny", "permit", ["amber"], False)
    assert {(each["part"], each["name"], each["field"]) for each in data["amendments"]} == {
        ("agreement", "", "in_force"),
        ("clause", "observers", "tlp_max"),
    }


def test_the_older_stands_first_whichever_page_asks():
    data = Visitor(body_with_two()).data("/agreements/test@1/changes.json?against=test@2")
    assert (data["before"], data["after"]) == ("test@1", "test@2")


def test_a_draft_is_shown_as_if_it_were_in_force():
    data = Visitor(body_with_two(SECOND.replace("in_force = 2021-06-01\n", ""))).data("/agreements/test@2/changes.json")
    assert data["taken"]
    assert [each["after"] for each in data["moves"]] == ["permit"]
    (dated,) = [each for each in data["amendments"] if each["field"] == "in_force"]
    assert (dated["was"], dated["now"]) == ({"form": "day", "value": "2021-01-01T00:00:00Z"}, {"form": "none", "value": None})


def test_one_version_alone_has_an_explanation():
    visitor = Visitor(Body())
    assert "There is one version" in visitor.see("/agreements/test@1/changes")
    assert visitor.get("/agreements/test@1/changes?against=absent@1").status_code == 404


def test_each_language_shows_each_form_of_value():
    third = (
        SECOND.replace("version = 2", "version = 3")
        .replace(
            'to = { standing = ["observer"] }',
            'to = { party = ["UZ"], body = ["cica"] }\napproval = { procedure = "silence", window = "P14D" }\nretain = "P1Y"',
        )
        .replace("[party.SCO-CENTRE]", "[party.UZ]\nsuspended = [{ from = 2021-07-01, until = 2021-08-01 }]\n\n[party.SCO-CENTRE]")
        .replace('id = "members"', 'id = "all"')
    )
    body = body_with_two()
    add_agreement(body.world, third, "third", by="test")
    visitor = Visitor(body)
    forms = {each[side]["form"] for each in visitor.data("/agreements/test@3/changes.json")["amendments"] for side in ("was", "now")}
    assert {"none", "who", "approval", "text"} <= forms
    for lang in ("en", "ru", "zh", "fa"):
        assert "clause-" not in visitor.see(f"/agreements/test@3/changes?lang={lang}&against=test@2")


def test_cedar():
    visitor = Visitor(Body())
    assert '@clause("observers")' in visitor.data("/agreements/test@1/cedar.json")["policies"] or "observers" in visitor.see(
        "/agreements/test@1/cedar"
    )
