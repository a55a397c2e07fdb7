"""No other site can send a form in somebody's name: every form of ours has a token, and without one nothing is done."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

from comity.admin import links, sessions
from comity.doors.web import app, forgery
from comity.doors.web.asking import cookie_name
from comity.doors.web.page import Act, Done
from tests.consortium import Body
from tests.doors.web.routes import addresses
from tests.doors.web.sending import SHOWN
from tests.doors.web.visitor import Visitor, body_that_reads, link

DONE: list[str] = []
#: A form's start tag, as far as its end: conditions in it may hold a `>`.
FORM = re.compile(r"<form(?=[^\n]*\smethod=[\"']?post)(?:\{[%{].*?[%}]\}|[^>{])*>", re.IGNORECASE)


@pytest.fixture
def body():
    return body_that_reads()[0]


@pytest.fixture
def ann(body, monkeypatch):
    """A visitor to a node with an act that takes a text."""
    DONE.clear()

    def write(visit, form):
        DONE.append(f"{form.fields}")
        return Done(to="/")

    monkeypatch.setattr(app, "ACTS", (Act(path="/write", do=write),))
    return Visitor(body, name="ann")


def posts(body: Body) -> list[str]:
    """The address of every form, its parts filled in with what may or may not be there."""
    return [re.sub(r"\{\w+(:path)?\}", "x", route.path) for route in app.Pages(body.desk).routes() if "POST" in (route.methods or ())]


def sends(visitor: Visitor, path: str, token: str | None, **headers: str):
    """A form with exactly that token."""
    data = {"text": "x"} | ({} if token is None else {forgery.FIELD: token})
    return visitor.client.request("POST", path, data=data, headers=headers)


def test_every_form_is_refused_that_has_neither_token_nor_origin(body):
    paths = posts(body)
    assert {"/sign-in", "/sign-out", "/enter/x", "/enrol/x", "/share/new", "/inbox/triage"} <= set(paths)
    for role in ("analyst", "administrator", "agreement-officer"):
        visitor = Visitor(body, role=role)
        other = forgery.token(sessions.enter(body.world, links.create(body.world, f"own.{role}")))
        before = body.world.store.head().size
        for path in paths:
            for token in (None, "", "x", "\u00e9", other):
                for headers in ({}, {"referer": "http://evil.example/"}, {"sec-fetch-site": "none"}):
                    answer = sends(visitor, path, token, **headers)
                    assert answer.status_code == 403, (path, token)
                    assert "set-cookie" not in answer.headers
        assert body.world.store.head().size == before


def test_a_good_token_does_not_help_another_site(body):
    for path in posts(body):
        for headers in ({"origin": "https://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}):
            visitor = Visitor(body)
            assert sends(visitor, path, visitor.client.token(), **headers).status_code == 403


def test_a_form_of_this_site_without_its_token_is_shown_again_and_not_carried_out(ann):
    for headers in ({"origin": "http://localhost"}, {"sec-fetch-site": "same-origin"}):
        for token in (None, "x"):
            answer = sends(ann, "/write", token, **headers)
            assert answer.status_code == 403
            assert "data-resumed" in answer.text
    assert DONE == []
    shown = SHOWN.search(answer.text)
    assert shown
    assert sends(ann, "/write", shown[1]).status_code == 303
    assert len(DONE) == 1
    assert forgery.FIELD not in DONE[0]


def test_the_token_of_the_pages_before_is_none_of_a_session(ann):
    guest = SHOWN.search(ann.see("/sign-in"))
    assert guest
    assert sends(ann, "/write", guest[1]).status_code == 403
    assert sends(ann, "/sign-in", guest[1]).status_code == 401
    assert DONE == []


def test_nobody_signs_a_browser_in_that_was_not_here(body):
    """Login forgery: a form made up elsewhere has no token of this browser."""
    theirs = SHOWN.search(Visitor(body, signed_in=False).see("/sign-in"))
    assert theirs
    victim = Visitor(body, signed_in=False)
    victim.see("/sign-in")
    path = link(body)
    answer = sends(victim, path, theirs[1])
    assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)
    assert victim.client.post(path).status_code == 303


def test_the_secret_before_a_session_is_as_well_kept_as_one(body):
    visitor = Visitor(body, signed_in=False)
    visitor.client.base_url = "https://localhost"
    cookie = visitor.get("/sign-in").headers["set-cookie"]
    assert cookie.startswith(f"__Host-{cookie_name(body.desk)}_guest=")
    assert all(word in cookie for word in ("HttpOnly", "SameSite=lax", "Secure", "Path=/"))
    assert "max-age" not in cookie.lower()
    assert "set-cookie" not in visitor.get("/sign-in").headers


def test_a_form_whose_session_ended_is_kept_if_it_is_from_here(ann):
    ann.client.cookies.clear()
    assert sends(ann, "/write", None).status_code == 403
    answer = sends(ann, "/write", None, origin="http://localhost")
    assert answer.status_code == 401
    assert 'name="held"' in answer.text
    held = re.search(r'name="held" value="([^"]+)"', answer.text)
    assert held
    again = ann.client.request("POST", "/sign-in", data={"held": held[1]}, headers={"origin": "http://localhost"})
    assert again.status_code == 403
    assert held[0] in again.text  # a page to sign in that has a token, and what was written still in it


def test_every_template_has_the_token_in_every_form():
    found = 0
    for folder in ("templates", "templates/screens", "templates/components"):
        for file in (files("comity.doors.web") / folder).iterdir():
            if not file.name.endswith(".html"):
                continue
            text = file.read_text()
            for form in FORM.finditer(text):
                found += 1
                assert text[form.end() :].startswith("{{ token }}"), (file.name, form[0])
            assert len(FORM.findall(text)) == len(re.findall(r"method=.?post", text, re.IGNORECASE)), file.name
            # What htmx sends has the fields of the form that it is of, so it has the token: there is no other that changes anything.
            assert not re.search(r"hx-(post|put|patch|delete)", re.sub(FORM, "", text)), file.name
            # What is sent by address is seen by whoever the address is shown to.
            assert "formmethod" not in text, file.name
    assert found > 35


@pytest.mark.parametrize("role", ["analyst", "duty-officer", "administrator", "agreement-officer"])
def test_every_form_of_every_page_has_the_token_of_its_session(body, role):
    visitor = Visitor(body, role=role)
    token, found = visitor.client.token(), 0
    for path in addresses([row.id for row in body.world.store.by_type("indicator")], twins=False):
        answer = visitor.get(path)
        forms = re.findall(r'<form[^>]*method="post"[^>]*>(.*?)</form>', answer.text, re.DOTALL)
        found += len(forms)
        for form in forms:
            assert SHOWN.findall(form) == [token], path
        assert len(SHOWN.findall(answer.text)) == len(forms), path
    assert found > 2
