"""Passkeys: of one site and one origin, with their owner verified, one answer to one question, in time."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from comity.admin import credentials, links, passkeys, sessions
from comity.admin.credentials import New
from comity.admin.passkeys import LASTS, Site
from comity.errors import NotAuthenticated
from tests.admin.entering import enrolled
from tests.authenticator import Passkey
from tests.consortium import Body

SITE = Site(rp="localhost", origin="http://localhost")
ELSEWHERE = Site(rp="evil.example", origin="https://evil.example")


@pytest.fixture
def body():
    body = Body()
    enrolled(body)
    return body


def registers(body, key, *, site=SITE, origin="http://localhost", name="ann"):
    asked = passkeys.ask_new(body.world, site, name)
    made = passkeys.made(body.world, SITE, "ann", asked.sealed, key.makes(asked.options, origin), "  my\n key  ")
    me = sessions.find(body.world, sessions.enter(body.world, links.create(body.world, "ann")))
    credentials.add(body.world, me, New(passkey=made))
    return made


def answered(body, sealed, answer, site=SITE):
    with body.world.store.write() as tx:
        return passkeys.answered(body.world, tx, site, sealed, answer)


def test_a_passkey_is_made_and_answers(body):
    key = Passkey()
    made = registers(body, key)
    assert (made.id, made.label) == (key.id, "my key")
    asked = passkeys.ask(body.world, SITE)
    assert answered(body, asked.sealed, key.answers(asked.options)).user == "ann"


def test_what_is_asked_of_the_browser(body):
    made = registers(body, Passkey())
    new = json.loads(passkeys.ask_new(body.world, SITE, "ann", [made]).options)
    assert new["rp"]["id"] == "localhost"
    assert new["authenticatorSelection"]["userVerification"] == "required"
    assert len(new["excludeCredentials"]) == 1
    old = json.loads(passkeys.ask(body.world, SITE).options)
    assert old["userVerification"] == "required"
    assert not old.get("allowCredentials")  # nothing tells who has a passkey
    assert old["challenge"] != json.loads(passkeys.ask(body.world, SITE).options)["challenge"]


@pytest.mark.parametrize(
    "how",
    [
        {"site": ELSEWHERE, "origin": "https://evil.example"},
        {"origin": "https://evil.example"},
        {"origin": "http://localhost:81"},
        {"name": "bob"},
    ],
)
def test_a_passkey_made_elsewhere_or_for_somebody_else_is_none(body, how):
    with pytest.raises(NotAuthenticated):
        registers(body, Passkey(), **how)


def test_a_passkey_that_does_not_verify_its_owner_is_none(body):
    with pytest.raises(NotAuthenticated):
        registers(body, Passkey(verifies=False))
    key = Passkey()
    registers(body, key)
    key._flags = 1
    asked = passkeys.ask(body.world, SITE)
    with pytest.raises(NotAuthenticated):
        answered(body, asked.sealed, key.answers(asked.options))


def test_an_answer_given_elsewhere_is_none(body):
    key = Passkey()
    registers(body, key)
    asked = passkeys.ask(body.world, SITE)
    phished = passkeys.ask(body.world, ELSEWHERE)
    for sealed, answer in (
        (asked.sealed, key.answers(asked.options, "https://evil.example")),
        (asked.sealed, key.answers(phished.options)),
        (phished.sealed, key.answers(asked.options)),
        (asked.sealed, Passkey().answers(asked.options)),
    ):
        with pytest.raises(NotAuthenticated):
            answered(body, sealed, answer)


def test_a_question_is_answered_once_and_in_time(body):
    key = Passkey()
    registers(body, key)
    asked = passkeys.ask(body.world, SITE)
    answer = key.answers(asked.options)
    assert answered(body, asked.sealed, answer)
    with pytest.raises(NotAuthenticated):
        answered(body, asked.sealed, answer)
    with pytest.raises(NotAuthenticated):
        answered(body, asked.sealed, key.answers(asked.options))
    asked = passkeys.ask(body.world, SITE)
    body.clock.at += LASTS + timedelta(seconds=2)
    with pytest.raises(NotAuthenticated):
        answered(body, asked.sealed, key.answers(asked.options))
    assert answered(body, (again := passkeys.ask(body.world, SITE)).sealed, key.answers(again.options))
    assert len(list(body.world.store.privates("questions answered"))) == 1


def test_a_copy_that_counts_less_is_noticed(body):
    key = Passkey()
    registers(body, key)
    key.count = 10
    asked = passkeys.ask(body.world, SITE)
    answered(body, asked.sealed, key.answers(asked.options))
    key.count = 5
    asked = passkeys.ask(body.world, SITE)
    with pytest.raises(NotAuthenticated):
        answered(body, asked.sealed, key.answers(asked.options))


def test_a_passkey_that_does_not_count_goes_on(body):
    key = Passkey(counts=False)
    registers(body, key)
    for _ in range(3):
        asked = passkeys.ask(body.world, SITE)
        assert answered(body, asked.sealed, key.answers(asked.options)).user == "ann"


NESTED = '{"id": "b25l", "x": ' + "[" * 100_000 + "]" * 100_000 + "}"


@pytest.mark.parametrize("answer", ["", "x", NESTED, "{}", "[]", "null", '{"id": 5}', '{"id": "x"}', '{"id": "b25l", "rawId": 7}'])
def test_anything_else_is_no_answer(body, answer):
    registers(body, Passkey())
    asked = passkeys.ask(body.world, SITE)
    with pytest.raises(NotAuthenticated):
        answered(body, asked.sealed, answer)
    with pytest.raises(NotAuthenticated):
        passkeys.made(body.world, SITE, "ann", passkeys.ask_new(body.world, SITE, "ann").sealed, answer, "")
