"""The node's people: for the administrator of its own party, every step in the log."""

from __future__ import annotations

import html
import re

import pytest

from comity.admin import credentials, links, users
from comity.ledger.journal import read_entry
from tests.admin.entering import enrolled
from tests.consortium import Body
from tests.doors.web.visitor import Visitor


@pytest.fixture
def body():
    body = Body()
    body.member("KZ")
    return body


@pytest.fixture
def admin(body):
    return Visitor(body, role="administrator", name="the.admin")


def shown(answer) -> str:
    found = re.search(r"http://localhost/enrol/([\w-]+)", html.unescape(answer.text))
    assert found, answer.text
    return found[1]


@pytest.mark.parametrize("role", ["analyst", "duty-officer", "point-of-contact", "agreement-officer", "auditor"])
@pytest.mark.parametrize("party", ["SCO-CENTRE", "KZ"])
def test_for_nobody_else_there_is_no_such_page(body, role, party):
    visitor = Visitor(body, role=role, party=party)
    absent = visitor.get("/no/such/page")
    assert (visitor.get("/people").status_code, visitor.get("/people").text) == (404, absent.text.replace("/no/such/page", "/people"))
    for path in ("/people/add", "/people/link", "/people/remove"):
        assert visitor.client.post(path, data={"name": "x", "party": "KZ", "role": "administrator"}).status_code == 404
    assert "/people" not in visitor.see("/account")


def test_nor_for_another_partys_administrator(body):
    visitor = Visitor(body, role="administrator", party="KZ")
    assert visitor.get("/people").status_code == 404
    assert visitor.client.post("/people/add", data={"name": "x", "party": "SCO-CENTRE", "role": "administrator"}).status_code == 404
    assert all(each.name != "x" for each in users.users(body.world))


def test_a_person_is_added_with_a_link_that_is_shown_once(body, admin):
    answer = admin.client.post("/people/add", data={"name": "kz.one", "party": "kz", "role": "point-of-contact"})
    assert answer.status_code == 200
    secret = shown(answer)
    assert (links.look(body.world, secret).user, links.look(body.world, secret).enrol) == ("kz.one", True)
    assert secret not in admin.see("/people")
    row = next(each for each in admin.data("/people.json")["people"] if each["name"] == "kz.one")
    assert (row["party"], row["role"], row["password"], row["sessions"]) == ("KZ", "point-of-contact", False, 0)
    made, link = [read_entry(leaf.entry) for leaf in list(body.world.store.leaves())[-2:]]
    assert [(each.kind, each.actor, each.detail["user"]) for each in (made, link)] == [
        ("user", "the.admin", "kz.one"),
        ("link", "the.admin", "kz.one"),
    ]
    assert secret.encode() not in b"".join(leaf.entry for leaf in body.world.store.leaves())


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"name": "Bad Name", "party": "KZ", "role": "analyst"}, 422), ({"name": "x", "party": "?", "role": "analyst"}, 422),
        ({"name": "x", "party": "KZ", "role": "robot"}, 422), ({"name": "the.admin", "party": "KZ", "role": "analyst"}, 409), ({}, 422),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_with_what_was_filled_in(body, admin, sent, status):
    before = users.users(body.world)
    answer = admin.client.post("/people/add", data=sent)
    assert answer.status_code == status
    assert f'value="{sent.get("name", "")}"' in answer.text
    assert "/enrol/" not in answer.text
    assert users.users(body.world) == before


def test_a_lost_phone_is_recovered_by_a_new_link(body, admin):
    enrolled(body, "ann", "SCO-CENTRE")
    secret = shown(admin.client.post("/people/link", data={"name": "ann"}))
    assert not links.look(body.world, secret).renew
    assert credentials.held(body.world, "ann") is not None  # until it has been used
    assert admin.client.post("/people/link", data={"name": "nobody"}).status_code == 404


def test_removal_asks_first_and_ends_everything_at_once(body, admin):
    ann = Visitor(body, name="ann")
    assert "Remove ann?" in admin.see("/people?remove=ann")
    assert "Remove nobody" not in admin.see("/people?remove=nobody")
    ann.see("/")
    assert admin.client.post("/people/remove", data={"name": "ann"}).status_code == 303
    assert ann.get("/").status_code == 401
    assert admin.client.post("/people/remove", data={"name": "ann"}).status_code == 404
    answer = admin.client.post("/people/remove", data={"name": "the.admin"})
    assert answer.status_code == 409
    assert "cannot remove yourself" in answer.text
    admin.see("/people")


def test_the_table_in_the_docs_is_what_pages_and_acts_ask_for():
    from pathlib import Path

    from comity.doors.web.page import EVERYBODY
    from comity.doors.web.screens import ACTS, PAGES
    from comity.terms.party import PEOPLE

    lines = (Path(__file__).parents[4] / "docs" / "web.md").read_text("utf-8").splitlines()
    table = {cells[0].strip(): cells[1:7] for line in lines if (cells := line.strip("|").split("|")) and len(cells) == 7}
    told = {row: {role for role, cell in zip(PEOPLE, cells, strict=True) if cell.strip() == "yes"} for row, cells in table.items()}
    rows = {
        "/share": "share, withdraw, ask for approval", "/approvals/ask": "share, withdraw, ask for approval",
        "/approvals": "approve, object, revoke", "/people": "people, links to enrol; the register (node's own party)",
        "/members/accessions/begin": "begin an accession, record its steps; propose a notice, an admission (node's own party)",
        "/members/{party}/contact": "how a party is reached (node's own party; of others at a centre's node)",
        "/members/pings/send": "send pings", "/members/pings/answer": "answer a ping",
        "/members": "people, links to enrol; the register (node's own party)", "/account": "own account, own sessions",
        "/inbox": "sort the inbox; opinions, relations, sightings by hand", "/o": "sort the inbox; opinions, relations, sightings by hand",
        "/matches": "sort the inbox; opinions, relations, sightings by hand",
    }  # fmt: skip
    acts = {"/gate": "review and release it", "/redress": "open and answer them (node's own party)"}
    pages = {"/gate": "look at person data that waits", "/redress": "read redress tickets (node's own party)"}
    for place in (*PAGES, *ACTS):
        rows |= acts if place in ACTS else pages
        if place.roles != EVERYBODY or place.path.startswith("/account"):
            row = next(rows[begins] for begins in sorted(rows, key=len, reverse=True) if place.path.startswith(begins))
            assert place.roles == told[row], place.path
