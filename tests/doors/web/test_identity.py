"""The identity provider as a browser meets it: an identity is tied to a person by a link of theirs, or by themselves."""

from __future__ import annotations

import msgspec
import pytest

from comity import clock
from comity.admin import credentials, links, sessions
from comity.admin.credentials import New, Subject
from comity.config import Oidc
from comity.doors.web.asking import cookie_name
from comity.doors.web.screens.account import RECENT
from tests.admin.entering import person
from tests.consortium import Body
from tests.doors.web.visitor import Visitor
from tests.provider import provided

pytestmark = pytest.mark.loop


@pytest.fixture
def there():
    with provided() as provider:
        yield provider


@pytest.fixture
def body(there):
    body = Body()
    body.clock.at = clock.now()
    settings = msgspec.structs.replace(body.world.settings, oidc=Oidc(issuer=there.issuer, client="comity", title="Our <Id>"))
    object.__setattr__(body.world, "settings", settings)
    person(body, "ann", "SCO-CENTRE")
    return body


def comes_back(visitor, there, path):
    """Leave by a path, sign in there, come back."""
    leaving = visitor.get(path)
    assert leaving.status_code == 303, leaving.text
    return visitor.get(there.authorize(leaving.headers["location"]).removeprefix("http://localhost"))


def enrol(body, there, name="ann"):
    visitor = Visitor(body, signed_in=False)
    answer = comes_back(visitor, there, f"/enrol/{links.create(body.world, name, enrol=True)}/oidc")
    assert answer.status_code == 303
    return visitor


def test_an_enrolment_link_ties_an_identity_to_a_person(body, there):
    visitor = enrol(body, there)
    visitor.see("/")
    assert credentials.held(body.world, "ann").subjects == (Subject(issuer=there.issuer, subject="42"),)
    again = Visitor(body, signed_in=False)
    assert "Our &lt;Id&gt;" in again.see("/sign-in")
    assert comes_back(again, there, "/sign-in/oidc?next=/log").headers["location"] == "/log"
    assert sessions.find(body.world, again.client.cookies[cookie_name(body.desk)]).session.how == "oidc"


def test_an_identity_of_nobody_here_is_refused(body, there):
    visitor = Visitor(body, signed_in=False)
    answer = comes_back(visitor, there, "/sign-in/oidc")
    assert answer.status_code == 401
    assert visitor.get("/").status_code == 401
    enrol(body, there)
    there.subject = "43"
    assert comes_back(visitor, there, "/sign-in/oidc").status_code == 401


def test_an_answer_is_good_in_the_browser_that_asked_and_once(body, there):
    enrol(body, there)
    attacker, victim = Visitor(body, signed_in=False), Visitor(body, signed_in=False)
    there_again = there.authorize(attacker.get("/sign-in/oidc").headers["location"]).removeprefix("http://localhost")
    assert victim.get(there_again).status_code == 401  # nothing was asked there
    victim.get("/sign-in/oidc")
    assert victim.get(there_again).status_code == 401  # something else was
    assert attacker.get(there_again).status_code == 303
    assert attacker.get(there_again).status_code == 401


def test_one_adds_an_identity_to_ones_account_soon_after_signing_in(body, there):
    visitor = Visitor(body, name="ann")
    assert "/account/oidc" in visitor.see("/account")
    assert comes_back(visitor, there, "/account/oidc").headers["location"] == "/account"
    assert visitor.data("/account.json")["identities"] == [{"issuer": there.issuer, "subject": "42"}]
    person(body, "bob", "SCO-CENTRE")
    bob = Visitor(body, name="bob")
    assert comes_back(bob, there, "/account/oidc").status_code == 409
    body.clock.at += RECENT
    assert visitor.get("/account/oidc").status_code == 401


def test_another_session_than_the_one_that_asked_gets_nothing(body, there):
    visitor = Visitor(body, name="ann")
    back = there.authorize(visitor.get("/account/oidc").headers["location"]).removeprefix("http://localhost")
    person(body, "bob", "SCO-CENTRE")
    visitor.client.post(f"/enter/{links.create(body.world, 'bob')}")
    assert visitor.get(back).status_code == 401
    assert credentials.held(body.world, "bob") is None


@pytest.mark.parametrize("path", ["/sign-in/oidc", "/sign-in/oidc/back?code=x&state=y"])
def test_without_a_provider_there_is_no_such_page(path):
    visitor = Visitor(Body(), signed_in=False)
    assert visitor.get(path).status_code == 404
    assert "/sign-in/oidc" not in visitor.see("/sign-in")


def test_a_link_that_is_none_leads_nowhere(body, there):
    visitor = Visitor(body, signed_in=False)
    for secret in ("x", links.create(body.world, "ann"), links.first(body.world)):
        assert visitor.get(f"/enrol/{secret}/oidc").status_code == 401


def test_who_is_somebodys_already_is_nobody_elses(body, there):
    person(body, "bob", "SCO-CENTRE")
    me = sessions.find(body.world, sessions.enter(body.world, links.create(body.world, "bob")))
    credentials.add(body.world, me, New(subject=Subject(issuer=there.issuer, subject="42")))
    visitor = Visitor(body, signed_in=False)
    assert comes_back(visitor, there, f"/enrol/{links.create(body.world, 'ann', enrol=True)}/oidc").status_code == 409


def test_another_site_does_not_lead_to_a_new_way_to_sign_in(body, there):
    """It could have signed the browser in at the provider as somebody else before: that one would then be taken for ann."""
    visitor = Visitor(body, name="ann")
    for site in ("cross-site", "same-site"):
        assert visitor.get("/account/oidc", **{"sec-fetch-site": site}).status_code == 403
    assert visitor.get("/account/oidc", **{"sec-fetch-site": "same-origin"}).status_code == 303
