"""One's own account: ways to sign in and sessions, one's own alone, changed only soon after signing in."""

from __future__ import annotations

from datetime import timedelta

import pytest

from comity.admin import credentials, links, sessions, users
from comity.admin.credentials import New, Subject
from comity.doors.web.screens.account import RECENT
from tests.admin.entering import enrolled
from tests.authenticator import Passkey
from tests.consortium import Body
from tests.doors.web.visitor import Visitor


@pytest.fixture
def body():
    body = Body()
    enrolled(body, "ann", "SCO-CENTRE")
    enrolled(body, "bob", "SCO-CENTRE")
    return body


@pytest.fixture
def ann(body):
    return Visitor(body, name="ann")


def add_passkey(visitor, key, label="office <key>"):
    question = visitor.data("/account/question.json")
    return visitor.client.post(
        "/account/passkey", data={"sealed": question["sealed"], "answer": key.makes(question["options"]), "label": label}
    )


def test_what_one_signs_in_with_and_where_one_is_signed_in(body, ann):
    Visitor(body, name="bob")
    data = ann.data("/account.json")
    assert (data["password"], data["passkeys"], data["identities"]) == (True, [], [])
    assert [(each["how"], each["agent"], each["this"]) for each in data["sessions"]] == [
        ("link", "testclient", True),
        ("enrolment", "", False),
    ]
    page = ann.see("/account")
    assert "this browser" in page
    assert body.world.store.private("credentials", "ann").decode() not in page


def test_a_passkey_is_added_and_removed(body, ann):
    key = Passkey()
    assert add_passkey(ann, key).headers["location"] == "/account"
    assert "office &lt;key&gt;" in ann.see("/account")
    (held,) = ann.data("/account.json")["passkeys"]
    assert held["id"] == key.id.hex()
    assert ann.client.post("/account/drop", data={"passkey": held["id"]}).status_code == 303
    assert ann.data("/account.json")["passkeys"] == []
    assert ann.client.post("/account/drop", data={"passkey": held["id"]}).status_code == 404


def test_nobody_elses_ways_are_touched(body, ann):
    key = Passkey()
    add_passkey(Visitor(body, name="bob"), key)
    assert ann.client.post("/account/drop", data={"passkey": key.id.hex()}).status_code == 404
    assert len(credentials.held(body.world, "bob").passkeys) == 1
    assert add_passkey(ann, key).status_code == 409


def test_the_answer_to_somebody_elses_question_is_none(body, ann):
    question = Visitor(body, name="bob").data("/account/question.json")
    sent = {"sealed": question["sealed"], "answer": Passkey().makes(question["options"])}
    answer = ann.client.post("/account/passkey", data=sent)
    assert answer.status_code == 422
    assert "passkey was not used" in answer.text


def test_the_only_way_in_stays(body):
    users.add(body.world, "carl", "SCO-CENTRE", "analyst")
    carl = Visitor(body, name="carl")
    key = Passkey()
    add_passkey(carl, key)
    answer = carl.client.post("/account/drop", data={"passkey": key.id.hex()})
    assert answer.status_code == 409
    assert "Add another first" in answer.text
    assert len(credentials.held(body.world, "carl").passkeys) == 1


def test_an_identity_is_taken_away_and_unreadable_ones_are_not_there(body, ann):
    me = sessions.find(body.world, sessions.enter(body.world, links.create(body.world, "ann")))
    credentials.add(body.world, me, New(subject=Subject(issuer="https://id.example", subject="4<2")))
    ann = Visitor(body, name="ann")
    assert "id[.]example" in ann.see("/account")
    for sent in ({"passkey": "zz"}, {"issuer": "https://id.example", "subject": "5"}, {}):
        assert ann.client.post("/account/drop", data=sent).status_code == 404
    assert ann.client.post("/account/drop", data={"issuer": "https://id.example", "subject": "4<2"}).status_code == 303
    assert ann.data("/account.json")["identities"] == []


def test_another_password_is_chosen_at_a_link_of_ones_own(body, ann):
    to = ann.client.post("/account/renew").headers["location"]
    assert to.startswith("/enrol/")
    link = links.look(body.world, to.rpartition("/")[2])
    assert (link.user, link.renew) == ("ann", True)
    assert "Choose how you sign in" in ann.see(to)


@pytest.mark.parametrize(("path", "data"), [("/account/renew", {}), ("/account/passkey", {}), ("/account/drop", {"passkey": "00"})])
def test_a_browser_that_was_left_open_changes_nothing(body, ann, path, data):
    body.clock.at += RECENT
    before = credentials.held(body.world, "ann")
    answer = ann.client.post(path, data=data)
    assert answer.status_code == 422
    assert "sign in again first" in answer.text
    assert 'href="/sign-in?next=/account"' in ann.see("/account")
    assert "data-passkey-button" not in ann.see("/account")
    assert credentials.held(body.world, "ann") == before


def test_sessions_are_ended_one_or_all_others(body, ann):
    first, second, bobs = Visitor(body, name="ann"), Visitor(body, name="ann"), Visitor(body, name="bob")
    opened = next(each["opened"] for each in first.data("/account.json")["sessions"] if each["this"])
    assert bobs.client.post("/account/sessions", data={"opened": opened}).status_code == 303
    first.see("/account")
    ann.client.post("/account/sessions", data={"opened": opened})
    assert [each.get("/account").status_code for each in (ann, first, second, bobs)] == [200, 401, 200, 200]
    ann.client.post("/account/sessions")
    assert [each.get("/account").status_code for each in (ann, second, bobs)] == [200, 401, 200]
    body.clock.at += timedelta(hours=1)
    assert ann.get("/account").status_code == 401


def test_a_moment_that_no_session_has_ends_none(body, ann):
    other = Visitor(body, name="ann")
    ann.client.post("/account/sessions", data={"opened": "never"})
    other.see("/account")


def test_choices_are_kept(ann):
    assert 'lang="zh"' in ann.see("/account?lang=zh&theme=dark")
    page = ann.see("/log")
    assert 'lang="zh"' in page and 'data-theme="dark"' in page


def test_no_passkey_is_offered_at_an_ip_address(ann):
    assert "data-passkey-part" in ann.see("/account")
    for address in ("127.0.0.1", "[::1]"):
        page = ann.client.get("/account", headers={"host": address}).text
        assert "opened at an IP address" in page and "data-passkey-part" not in page
    assert "opened at an IP address" not in ann.see("/account")
