"""`comity user`."""

from __future__ import annotations

import json

import pytest

from comity.admin import credentials, links
from comity.admin.credentials import New
from comity.admin.sessions import enter
from comity.errors import NotAuthenticated
from comity.node import open_node


def test_a_link_enrols_who_has_not_and_then_signs_in_once(comity, tmp_path):
    comity("init", "--party", "KZ")
    comity("user", "link", "kz.analyst", code=3)
    added = comity("user", "add", "kz.analyst", "--party", "KZ", "--role", "analyst", "--enrol", "--url", "https://kz.example/")
    assert added.stdout.startswith(b"https://kz.example/enrol/")
    link = comity("user", "link", "kz.analyst").stdout.decode().strip()
    assert link.startswith("http://127.0.0.1:8443/enrol/")
    world = open_node(tmp_path / "node")
    secret = link.rsplit("/", 1)[1]
    credentials.enrol(world, secret, New(password="as kept", totp=links.look(world, secret).seed))
    link = comity("user", "link", "kz.analyst", "--url", "https://kz.example/").stdout.decode().strip()
    assert link.startswith("https://kz.example/enter/")
    secret = link.rsplit("/", 1)[1]
    assert enter(world, secret)
    with pytest.raises(NotAuthenticated):
        enter(world, secret)
    assert b"/enrol/" in comity("user", "link", "kz.analyst", "--enrol").stdout


def test_the_first_administrator_is_given_a_link_and_nobody_after_them(comity):
    comity("init", "--party", "KZ")
    assert comity("user", "link").stdout.startswith(b"http://127.0.0.1:8443/enrol/")
    comity("user", "add", "kz.admin", "--party", "KZ", "--role", "administrator")
    comity("user", "link", code=6)
    assert b"/enrol/" in comity("user", "link", "kz.admin", "--enrol").stdout


def test_people_are_entered_listed_and_removed(comity):
    comity("init", "--party", "KZ")
    assert b"comity token create --user uz.contact1" in comity("user", "add", "uz.contact1", "--party", "KZ", "--role", "analyst").stderr
    assert b"does not know the party ZZ" in comity("user", "add", "b", "--party", "ZZ", "--role", "auditor").stderr
    listed = [json.loads(line) for line in comity("user", "list").stdout.splitlines()]
    assert [(each["name"], each["party"], each["role"]) for each in listed] == [("b", "ZZ", "auditor"), ("uz.contact1", "KZ", "analyst")]
    comity("user", "add", "b", "--party", "KZ", "--role", "analyst", code=6)
    comity("user", "add", "c", "--party", "KZ", "--role", "robot", code=2)
    comity("token", "create", "--user", "b")
    assert b"1 token" in comity("user", "remove", "b").stderr
    assert comity("token", "list").stdout == b""
    comity("user", "remove", "b", code=3)
