"""Signing in: every way, every refusal, and that refusals tell nothing apart."""

from __future__ import annotations

from datetime import timedelta

import pytest

from comity.admin import credentials, links, passkeys, sessions, users
from comity.admin.credentials import New, Subject
from comity.admin.passkeys import Site
from comity.admin.signing_in import KNOWN, Browser, Opened, SigningIn, Wait, mark
from comity.admin.throttle import BY_ADDRESS, BY_NAME, WHILE
from comity.errors import NotAuthenticated
from tests.admin.entering import PASSWORD, code, enrolled, person
from tests.authenticator import Passkey
from tests.consortium import Body

HERE = Browser(address="192.0.2.1", agent="a browser")
SITE = Site(rp="localhost", origin="http://localhost")


@pytest.fixture
def body():
    body = Body()
    enrolled(body)
    body.clock.at += timedelta(minutes=5)
    return body


@pytest.fixture
def doors(body):
    return SigningIn(body.world)


def test_a_password_and_a_code_open_a_session(body, doors):
    opened = doors.password(" Ann ", PASSWORD, code(body), HERE)
    assert isinstance(opened, Opened)
    signed = sessions.find(body.world, opened.cookie)
    assert (opened.name, signed.user.name, signed.session.how, signed.session.agent) == ("ann", "ann", "password", "a browser")


def test_every_refusal_is_the_same(body, doors):
    person(body, "not.enrolled")
    right = code(body)
    said = set()
    for name, password, typed in (
        ("nobody", PASSWORD, right), ("not.enrolled", PASSWORD, right), ("ann", "wrong", right), ("ann", PASSWORD, "000000"),
        ("ann", "", right), ("ann", PASSWORD, ""), ("", "", ""), ("\udcff", "\udcff", "\udcff"),
    ):  # fmt: skip
        with pytest.raises(NotAuthenticated) as refused:
            doors.password(name, password, typed, HERE)
        said.add((str(refused.value), refused.value.next))
    assert len(said) == 1
    assert isinstance(doors.password("ann", PASSWORD, right, HERE), Opened)


def test_every_refusal_does_the_same_work(body, doors, monkeypatch):
    """Counted, not timed: one password is checked whoever is named, and whatever was wrong before it."""
    checked = []
    from comity.admin import passwords

    real = passwords.same
    monkeypatch.setattr(passwords, "same", lambda kept, text: checked.append(text) or real(kept, text))
    for name, password, typed in (("nobody", "a", "1"), ("ann", "a", "1"), ("ann", "a", code(body)), ("nobody", "a", code(body))):
        with pytest.raises(NotAuthenticated):
            doors.password(name, password, typed, HERE)
    assert checked == ["a"] * 4


def test_a_code_is_good_once(body, doors):
    used = code(body)
    doors.password("ann", PASSWORD, used, HERE)
    with pytest.raises(NotAuthenticated):
        doors.password("ann", PASSWORD, used, HERE)
    with pytest.raises(NotAuthenticated):  # nor does a restart make it good again
        SigningIn(body.world).password("ann", PASSWORD, used, HERE)
    body.clock.at += timedelta(seconds=30)
    doors.password("ann", PASSWORD, code(body), HERE)


def test_a_code_before_the_last_one_is_not_good_any_more(body, doors):
    early = code(body)
    body.clock.at += timedelta(seconds=30)
    doors.password("ann", PASSWORD, code(body), HERE)
    with pytest.raises(NotAuthenticated):
        doors.password("ann", PASSWORD, early, HERE)


def test_too_many_guesses_are_not_listened_to_right_or_wrong(body, doors):
    for _ in range(BY_NAME):
        with pytest.raises(NotAuthenticated):
            doors.password("ann", "wrong", "000000", HERE)
    assert isinstance(doors.password("ann", PASSWORD, code(body), HERE), Wait)
    body.clock.at += WHILE
    assert isinstance(doors.password("ann", PASSWORD, code(body), HERE), Opened)


def test_who_is_guessed_at_gets_in_from_a_browser_of_theirs(body, doors):
    opened = doors.password("ann", PASSWORD, code(body), HERE)
    body.clock.at += timedelta(minutes=1)
    for _ in range(BY_NAME):
        with pytest.raises(NotAuthenticated):
            doors.password("ann", "wrong", "000000", Browser(address="203.0.113.9"))
    own = Browser(address="192.0.2.1", mark=opened.mark)
    assert isinstance(doors.password("ann", PASSWORD, code(body), HERE), Wait)
    assert isinstance(doors.password("ann", PASSWORD, code(body), own), Opened)


@pytest.mark.parametrize("whose", ["bob", "", "old"])
def test_another_browser_is_not_hers(body, doors, whose):
    forged = {"bob": mark(body.world, "bob"), "": "made up", "old": mark(body.world, "ann")}[whose]
    if whose == "old":
        body.clock.at += KNOWN + timedelta(seconds=2)
    for _ in range(BY_NAME):
        with pytest.raises(NotAuthenticated):
            doors.password("ann", "wrong", "000000", Browser(mark=forged))
    assert isinstance(doors.password("ann", PASSWORD, code(body), HERE), Wait)


def test_what_was_changed_or_removed_meanwhile_opens_nothing(body, doors):
    typed = code(body)
    users.remove(body.world, "ann")
    with pytest.raises(NotAuthenticated):
        doors.password("ann", PASSWORD, typed, HERE)
    person(body)
    with pytest.raises(NotAuthenticated):
        doors.password("ann", PASSWORD, typed, HERE)


def test_a_sign_in_ends_what_the_browser_held(body, doors):
    before = sessions.enter(body.world, links.create(body.world, "ann"))
    opened = doors.password("ann", PASSWORD, code(body), Browser(old=before))
    assert sessions.find(body.world, before) is None
    assert opened.cookie != before


def test_a_passkey_opens_a_session_without_a_name(body, doors):
    key, me = Passkey(), sessions.find(body.world, sessions.enter(body.world, links.create(body.world, "ann")))
    asked = passkeys.ask_new(body.world, SITE, "ann")
    made = passkeys.made(body.world, SITE, "ann", asked.sealed, key.makes(asked.options), "")
    credentials.add(body.world, me, New(passkey=made))
    asked = passkeys.ask(body.world, SITE)
    answer = key.answers(asked.options)
    opened = doors.passkey(SITE, asked.sealed, answer, HERE)
    assert sessions.find(body.world, opened.cookie).session.how == "passkey"
    with pytest.raises(NotAuthenticated):
        doors.passkey(SITE, asked.sealed, answer, HERE)


def test_a_passkey_on_a_node_that_never_asked(doors):
    with pytest.raises(NotAuthenticated):
        doors.passkey(SITE, "sealed by nobody", "{}", HERE)


def test_an_identity_of_somebody_here_opens_a_session(body, doors):
    me = sessions.find(body.world, sessions.enter(body.world, links.create(body.world, "ann")))
    subject = Subject(issuer="https://id.example", subject="42")
    with pytest.raises(NotAuthenticated):
        doors.subject(subject, HERE)
    credentials.add(body.world, me, New(subject=subject))
    assert sessions.find(body.world, doors.subject(subject, HERE).cookie).user.name == "ann"
    with pytest.raises(NotAuthenticated):
        doors.subject(Subject(issuer="https://other.example", subject="42"), HERE)


def test_passkeys_that_are_not_taken_are_listened_to_for_a_while(body, doors):
    for _ in range(BY_ADDRESS):
        with pytest.raises(NotAuthenticated):
            doors.passkey(SITE, "nothing", "{}", HERE)
    assert isinstance(doors.passkey(SITE, "nothing", "{}", HERE), Wait)
    with pytest.raises(NotAuthenticated):
        doors.passkey(SITE, "nothing", "{}", Browser(address="192.0.2.9", agent="a browser"))
    body.clock.at += WHILE
    with pytest.raises(NotAuthenticated):
        doors.passkey(SITE, "nothing", "{}", HERE)
