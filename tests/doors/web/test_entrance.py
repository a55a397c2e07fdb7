"""The way in as a browser meets it: signed in by password, passkey or link, held back, come back, nothing lost."""

from __future__ import annotations

import html
import json
import re
from datetime import timedelta

import pytest

from comity.admin import credentials, links, passkeys, sessions
from comity.admin.credentials import New
from comity.admin.passkeys import Site
from comity.admin.sessions import IDLE
from comity.admin.throttle import BY_NAME
from comity.doors.web import app
from comity.doors.web.asking import cookie_name
from comity.doors.web.page import Act, Done
from tests.admin.entering import PASSWORD, code, enrolled
from tests.authenticator import Passkey
from tests.consortium import Body
from tests.doors.web.sending import SHOWN
from tests.doors.web.visitor import Visitor, link, told

TEXT = 'What I wrote: <b>ждать</b> "quotes"\nand a second line\r\nand a third'
WRITTEN: list[str] = []


@pytest.fixture
def body():
    body = Body()
    enrolled(body, "ann", "SCO-CENTRE")
    body.clock.at += timedelta(minutes=5)
    return body


@pytest.fixture
def visitor(body):
    return Visitor(body, signed_in=False)


@pytest.fixture
def writing(body, monkeypatch):
    """A visitor to a node with an act that takes a text."""
    WRITTEN.clear()

    def write(visit, form):
        WRITTEN.append(f"{visit.user.name}: {form.text('text')}")
        return Done(to="/")

    monkeypatch.setattr(app, "ACTS", (Act(path="/write", do=write),))
    return Visitor(body, name="ann")


def signs_in(visitor, **fields):
    return visitor.client.post("/sign-in", data={"name": "ann", "password": PASSWORD, "code": code(visitor.body), **fields})


def fields(page: str) -> dict[str, str]:
    """The hidden fields and texts of a page's forms."""
    found = {name: html.unescape(text) for name, text in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page)}
    return found | {name: html.unescape(text) for name, text in re.findall(r'<textarea[^>]* name="(\w+)"[^>]*>\n?([^<]*)</textarea>', page)}


def test_a_password_and_a_code_sign_in_and_lead_back(visitor):
    page = visitor.get("/log?before=5")
    assert page.status_code == 401
    assert page.headers["www-authenticate"]
    assert fields(page.text)["back"] == "/log?before=5"
    answer = signs_in(visitor, back="/log?before=5")
    assert (answer.status_code, answer.headers["location"]) == (303, "/log?before=5")
    visitor.see("/log?before=5")


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example/", "/\\evil.example", ""])
def test_nobody_is_led_elsewhere(visitor, back):
    assert signs_in(visitor, back=back).headers["location"] == "/"


@pytest.mark.parametrize("lang", ["en", "ru", "zh"])
def test_refusals_are_one_page_byte_for_byte(body, lang):
    said = set()
    for name, password, typed in (("nobody", PASSWORD, "1"), ("ann", "wrong", "1"), ("ann", PASSWORD, "000000"), ("ann", "", "")):
        answer = Visitor(body, signed_in=False).client.post(
            f"/sign-in?lang={lang}", data={"name": "same", "password": password, "code": typed} | {"name": name}
        )
        status, text, headers = told(answer)
        assert status == 401
        text = SHOWN.sub("", text.decode()).replace(f'value="{name}"', "")
        said.add((text, headers["content-length"] if len(name) == 3 else ""))
    assert len({text for text, _ in said}) == 1
    assert not any("set-cookie" in headers for _, headers in said if headers)


def test_too_many_guesses_and_the_owners_browser(body, visitor):
    own = Visitor(body, signed_in=False)
    assert signs_in(own).status_code == 303
    for _ in range(BY_NAME):
        assert visitor.client.post("/sign-in", data={"name": "ann", "password": "x", "code": "1"}).status_code == 401
    body.clock.at += timedelta(seconds=30)
    answer = signs_in(visitor)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 900
    assert "Too many attempts: try again in 15 minutes" in answer.text
    assert signs_in(own).status_code == 303


def test_a_planted_session_is_not_the_one_that_is_opened(body):
    """Session fixation: what the browser held before the sign-in opens nothing after it."""
    name = cookie_name(body.desk)
    attacker = sessions.enter(body.world, links.create(body.world, "ann"))
    for planted in ("planted", attacker):
        visitor = Visitor(body, signed_in=False)
        visitor.client.cookies.set(name, planted)
        answer = visitor.client.post(link(body, "bob"))
        assert answer.cookies[name] not in ("planted", attacker)
        assert sessions.find(body.world, planted) is None


@pytest.mark.parametrize(
    "path", ["/sign-in", "/sign-in/passkey", "/sign-in/resume", "/sign-out", "/enter/x", "/enrol/x", "/enrol/x/passkey"]
)
@pytest.mark.parametrize("headers", [{"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}, {"origin": "null"}])
def test_another_site_can_do_nothing_here(body, path, headers):
    visitor = Visitor(body, name="ann")
    held = dict(visitor.client.cookies)
    answer = visitor.client.post(path, data={"name": "ann", "password": PASSWORD, "code": code(body)}, headers=headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert dict(visitor.client.cookies) == held
    visitor.see("/")


def test_signing_out_ends_the_session_everywhere_it_is_held(body):
    visitor, name = Visitor(body, name="ann"), cookie_name(body.desk)
    stolen = visitor.client.cookies[name]
    assert visitor.client.post("/sign-out").headers["location"] == "/sign-in"
    assert name not in visitor.client.cookies
    assert sessions.find(body.world, stolen) is None
    assert visitor.get("/").status_code == 401
    assert visitor.client.post("/sign-out").status_code == 303


def test_a_passkey_signs_in(body, visitor):
    key, site = Passkey(), Site(rp="localhost", origin="http://localhost")
    me = sessions.find(body.world, sessions.enter(body.world, links.create(body.world, "ann")))
    asked = passkeys.ask_new(body.world, site, "ann")
    credentials.add(body.world, me, New(passkey=passkeys.made(body.world, site, "ann", asked.sealed, key.makes(asked.options), "")))
    question = visitor.data("/sign-in/question.json")
    sent = {"sealed": question["sealed"], "answer": key.answers(question["options"]), "back": "/log"}
    answer = visitor.client.post("/sign-in/passkey", data=sent)
    assert (answer.status_code, answer.headers["location"]) == (303, "/log")
    visitor.see("/log")
    again = Visitor(body, signed_in=False)
    assert again.client.post("/sign-in/passkey", data=sent).status_code == 401
    phished = {"sealed": question["sealed"], "answer": key.answers(question["options"], "https://evil.example")}
    assert again.client.post("/sign-in/passkey", data=phished).status_code == 401
    assert json.loads(question["options"])["rpId"] == "localhost"


# What was sent when a session had ended


def ends(visitor):
    visitor.body.clock.at += IDLE


def test_what_was_written_survives_an_ended_session(writing):
    ends(writing)
    answer = writing.client.post("/write", data={"text": TEXT, "kind": "note", "empty": ""})
    assert answer.status_code == 401
    assert WRITTEN == []
    assert "ждать" not in answer.text  # sealed
    page = signs_in(writing, held=fields(answer.text)["held"])
    assert page.status_code == 200
    assert WRITTEN == []  # nothing is carried out without another look
    assert "<b>ждать" not in page.text
    assert re.search(r'<form method="post" action="/write"', page.text)
    again = fields(page.text)
    assert again["text"].replace("\r\n", "\n") == TEXT.replace("\r\n", "\n")
    assert (again["kind"], again["empty"]) == ("note", "")
    assert writing.client.post("/write", data=again).status_code == 303
    assert [f"ann: {TEXT}".replace("\r\n", "\n")] == WRITTEN


def test_it_survives_a_wrong_password_too(writing):
    ends(writing)
    held = fields(writing.client.post("/write", data={"text": TEXT}).text)["held"]
    wrong = signs_in(writing, held=held, password="wrong")
    assert wrong.status_code == 401
    assert "ждать" in html.unescape(signs_in(writing, held=fields(wrong.text)["held"]).text)


def test_it_survives_a_sign_in_in_another_tab(writing):
    ends(writing)
    held = fields(writing.client.post("/write", data={"text": TEXT}).text)["held"]
    assert writing.client.post("/sign-in/resume", data={"held": held}).status_code == 401
    writing.client.post(link(writing.body, "ann"))
    page = writing.client.post("/sign-in/resume", data={"held": held})
    assert "ждать" in html.unescape(page.text)


def test_what_is_not_ours_is_not_shown_and_leads_nowhere(writing):
    for held in ("x", "gAAAAA", "\udcff".encode("utf-8", "surrogatepass").decode("latin-1")):
        assert writing.client.post("/sign-in/resume", data={"held": held}).status_code == 401


def test_more_than_can_be_kept_is_refused_before_it_is_read(writing):
    ends(writing)
    assert writing.client.post("/write", data={"text": "x" * (3 << 20)}).status_code == 413


def test_a_program_is_told_in_its_own_terms(visitor):
    answer = visitor.get("/log.json")
    assert (answer.status_code, answer.json()["error"]) == (401, "not signed in")


def test_the_sign_in_page_says_nothing_of_who_is_here(body, visitor):
    enrolled(body, "a.secret.name", "SCO-CENTRE")
    assert "secret" not in visitor.see("/sign-in")
    assert "as ann" not in visitor.see("/sign-in")
    assert "You are signed in as ann" in Visitor(body, name="ann").see("/sign-in")


def test_no_passkey_is_offered_at_an_ip_address(visitor):
    assert 'data-passkey="get"' in visitor.see("/sign-in")
    for address in ("127.0.0.1", "[::1]"):
        page = visitor.client.get("/sign-in", headers={"host": address}).text
        assert 'name="password"' in page and "data-passkey" not in page
