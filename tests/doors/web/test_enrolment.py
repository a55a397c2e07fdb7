"""Enrolling as a browser meets it."""

from __future__ import annotations

import base64
import re

import pytest

from comity.admin import credentials, links, sessions, totp, users
from comity.doors.web.asking import cookie_name
from tests.admin.entering import PASSWORD, person
from tests.authenticator import Passkey
from tests.consortium import Body
from tests.doors.web.visitor import Visitor


@pytest.fixture
def body():
    body = Body()
    person(body, "ann", "SCO-CENTRE")
    return body


@pytest.fixture
def visitor(body):
    return Visitor(body, signed_in=False)


def enrol_link(body, name="ann") -> tuple[str, bytes]:
    secret = links.create(body.world, name, enrol=True)
    return f"/enrol/{secret}", links.look(body.world, secret).seed


def now(body, seed):
    return totp.code(seed, int(body.world.clock().timestamp()) // totp.STEP)


def test_a_password_and_a_generator_are_chosen_and_sign_in(body, visitor):
    path, seed = enrol_link(body)
    page = visitor.see(path)
    assert totp.text(seed) in page
    picture = re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', page)
    assert picture and base64.b64decode(picture[1]).startswith(b"<svg")
    answer = visitor.client.post(path, data={"password": PASSWORD, "code": now(body, seed)})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    visitor.see("/")
    assert credentials.held(body.world, "ann").totp == seed
    other = Visitor(body, signed_in=False)
    assert other.get(path).status_code == 403
    assert other.client.post(path, data={"password": PASSWORD, "code": now(body, seed)}).status_code == 401
    # The code that proved the generator opens nothing more.
    sent = {"name": "ann", "password": PASSWORD, "code": now(body, seed)}
    assert other.client.post("/sign-in", data=sent).status_code == 401


@pytest.mark.parametrize(
    ("password", "typed", "said"),
    [
        ("too few", None, "too short"),
        ("sco-centre.ann.comity", None, "too short"),
        (PASSWORD, "000000", "not the code"),
        ("", "", "too short"),
    ],
)
def test_what_cannot_be_taken_is_said_and_the_link_stays_good(body, visitor, password, typed, said):
    path, seed = enrol_link(body)
    answer = visitor.client.post(path, data={"password": password, "code": now(body, seed) if typed is None else typed})
    assert answer.status_code == 422
    assert said in answer.text
    assert not password or password not in answer.text
    assert credentials.held(body.world, "ann") is None
    visitor.see(path)


def test_a_passkey_is_chosen_and_signs_in(body, visitor):
    path, _ = enrol_link(body)
    key, question = Passkey(), visitor.data(f"{path}/question.json")
    sent = {"sealed": question["sealed"], "answer": key.makes(question["options"]), "label": "office <b>"}
    answer = visitor.client.post(f"{path}/passkey", data=sent)
    assert answer.status_code == 303
    signed = sessions.find(body.world, visitor.client.cookies[cookie_name(body.desk)])
    assert signed.user.name == "ann"
    assert [each.label for each in credentials.held(body.world, "ann").passkeys] == ["office <b>"]


def test_the_first_administrator_enters_themselves(body, visitor):
    path = f"/enrol/{links.first(body.world)}"
    seed = links.look(body.world, path.rpartition("/")[2]).seed
    page = visitor.see(path)
    assert "first administrator" in page
    wrong = visitor.client.post(path, data={"name": "Not A Name", "password": PASSWORD, "code": now(body, seed)})
    assert wrong.status_code == 422
    assert "Not A Name" in wrong.text
    taken = visitor.client.post(path, data={"name": "ann", "password": PASSWORD, "code": now(body, seed)})
    assert taken.status_code == 409
    assert visitor.client.post(path, data={"name": "a.karimova", "password": PASSWORD, "code": now(body, seed)}).status_code == 303
    assert users.find(body.world, "a.karimova").role == "administrator"
    other = Visitor(body, signed_in=False)
    assert other.get(path).status_code == 403


def test_a_first_administrators_passkey_is_made_for_the_name_they_chose(body, visitor):
    path = f"/enrol/{links.first(body.world)}"
    question = visitor.data(f"{path}/question.json?name=a.karimova")
    sent = {"sealed": question["sealed"], "answer": Passkey().makes(question["options"]), "name": "somebody.else"}
    assert visitor.client.post(f"{path}/passkey", data=sent).status_code == 401
    assert visitor.client.post(f"{path}/passkey", data={**sent, "name": "a.karimova"}).status_code == 303


@pytest.mark.parametrize("secret", ["x", "sign-in"])
def test_a_link_that_is_none_for_this_says_nothing(body, visitor, secret):
    secret = links.create(body.world, "ann") if secret == "sign-in" else secret
    answer = visitor.get(f"/enrol/{secret}")
    assert answer.status_code == 403
    assert "ann" not in re.sub(r"<[^>]+>", "", answer.text).split()
    assert visitor.client.post(f"/enrol/{secret}", data={"password": PASSWORD, "code": "1"}).status_code in (401, 422)
    assert credentials.held(body.world, "ann") is None
