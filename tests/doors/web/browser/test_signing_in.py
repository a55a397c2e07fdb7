"""Signing in as a person does it: a first administrator, a passkey, a password with a code, without scripts, after a session has ended."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from comity.admin import credentials, links, totp
from comity.admin.sessions import IDLE
from tests.admin.entering import PASSWORD, enrolled, person
from tests.consortium import Body
from tests.served import served

pytestmark = pytest.mark.loop
AUTHENTICATOR = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True,
    "automaticPresenceSimulation": True,
}  # fmt: skip


class Browser:
    """A tab at a node under its host name, which passkeys need."""

    def __init__(self, browser: Any, url: str, **options: Any) -> None:
        self.url = url.replace("127.0.0.1", "localhost")
        self.context = browser.new_context(viewport={"width": 1280, "height": 900}, **options)
        self.page = self.context.new_page()
        self.problems: list[str] = []
        self.page.on(
            "console", lambda said: self.problems.append(said.text) if said.type == "error" and "status of 401" not in said.text else None
        )

    def with_passkeys(self) -> Any:
        cdp = self.context.new_cdp_session(self.page)
        cdp.send("WebAuthn.enable")
        cdp.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
        return cdp

    def open(self, path: str) -> Any:
        return self.page.goto(self.url + path)

    def enter(self, body: Body, name: str = "ann") -> None:
        """Fill in the form with the password and what the generator shows."""
        held = credentials.held(body.world, name)
        assert held is not None
        self.page.locator("#field-name").fill(name)
        self.page.locator("#field-password").fill(PASSWORD)
        self.page.locator("#field-code").fill(totp.code(held.totp, int(body.world.clock().timestamp()) // totp.STEP))
        self.page.get_by_role("button", name="Sign in", exact=True).click()


@pytest.fixture
def body():
    return Body()


@pytest.fixture
def at(body, browser):
    opened = []
    with served(body) as url:

        def new(**options: Any) -> Browser:
            opened.append(Browser(browser, url, **options))
            return opened[-1]

        yield new
        for each in opened:
            each.context.close()


def test_a_passkey_is_made_by_a_link_and_signs_in_afterwards(body, at):
    person(body, "ann", "SCO-CENTRE")
    tab = at()
    tab.with_passkeys()
    tab.open(f"/enrol/{links.create(body.world, 'ann', enrol=True)}")
    tab.page.locator("#field-label").fill("this laptop")
    tab.page.locator("[data-passkey=create] [data-passkey-button]").click()
    tab.page.wait_for_url(tab.url + "/")
    assert [key.label for key in credentials.held(body.world, "ann").passkeys] == ["this laptop"]
    tab.context.clear_cookies()
    tab.open("/log")
    tab.page.locator("[data-passkey=get] [data-passkey-button]").click()
    tab.page.get_by_role("heading", name="Log", exact=True).wait_for()
    assert tab.page.url == tab.url + "/log"
    assert tab.problems == []


def test_a_second_passkey_is_added_in_ones_account(body, at):
    enrolled(body, "ann", "SCO-CENTRE")
    body.clock.at += timedelta(minutes=1)
    tab = at()
    tab.with_passkeys()
    tab.open("/account")
    tab.enter(body)
    tab.page.wait_for_url(tab.url + "/account")
    tab.page.locator("#field-label").fill("spare key")
    tab.page.locator("[data-passkey=create] [data-passkey-button]").click()
    tab.page.get_by_text("spare key").wait_for()
    assert len(credentials.held(body.world, "ann").passkeys) == 1


def test_a_passkey_that_is_not_used_says_so_and_leaves_the_other_ways(body, at):
    enrolled(body, "ann", "SCO-CENTRE")
    body.clock.at += timedelta(minutes=1)
    tab = at()
    cdp = tab.with_passkeys()
    tab.open("/sign-in")
    cdp.send("WebAuthn.disable")
    tab.page.evaluate("() => { navigator.credentials.get = () => Promise.reject(new Error('cancelled')); }")
    tab.page.locator("[data-passkey=get] [data-passkey-button]").click()
    tab.page.locator("[data-passkey-failed]").wait_for(state="visible")
    tab.enter(body)
    tab.page.wait_for_url(tab.url + "/")


@pytest.mark.parametrize("scripts", [True, False])
def test_the_first_administrator_enrols_with_and_without_scripts(body, at, scripts):
    tab = at(java_script_enabled=scripts)
    secret = links.first(body.world)
    tab.open(f"/enrol/{secret}")
    assert tab.page.locator("img.code-picture").is_visible()
    assert tab.page.locator("[data-passkey-part]").first.is_visible() is scripts
    form = tab.page.locator("section[aria-labelledby=with-password]")
    form.locator("[name=name]").fill("a.karimova")
    form.locator("[name=password]").fill(PASSWORD)
    seed = links.look(body.world, secret).seed
    form.locator("[name=code]").fill(totp.code(seed, int(body.world.clock().timestamp()) // totp.STEP))
    form.locator("button").click()
    tab.page.wait_for_url(tab.url + "/")
    tab.open("/people")
    tab.page.locator("#field-name").fill("kz.one")
    tab.page.locator("#field-party").fill("KZ")
    tab.page.get_by_role("button", name="Add, and show a link").click()
    shown = tab.page.get_by_text(re.compile("/enrol/")).first
    assert shown.is_visible()


def test_what_was_written_without_scripts_survives_an_ended_session(body, at):
    enrolled(body, "ann", "SCO-CENTRE")
    body.clock.at += timedelta(minutes=1)
    body.member("KZ")
    tab = at(java_script_enabled=False)
    tab.open("/share")
    tab.enter(body)
    tab.page.get_by_role("button", name="Begin a draft").click()
    tab.page.locator("#field-text").fill("written while it ended: bad.example")
    address = tab.page.url
    body.clock.at += IDLE
    tab.page.get_by_role("button", name="Save", exact=True).click()
    assert "What you wrote is kept" in tab.page.content()
    tab.enter(body)
    assert "written while it ended: bad.example" in tab.page.content()
    tab.page.get_by_role("button", name="Send now").click()
    assert tab.page.url == address
    assert tab.page.locator("#field-text").input_value() == "written while it ended: bad.example"
