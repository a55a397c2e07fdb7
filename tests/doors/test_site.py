"""Everything a node serves under one application: whom it answers, and each door in its own terms."""

from __future__ import annotations

import asyncio
import dataclasses
import re
from contextlib import asynccontextmanager
from datetime import timedelta

import msgspec
import pytest
from starlette.testclient import TestClient

from comity.admin import links, sessions, tokens, users
from comity.doors.site import site
from comity.doors.taxii.wire import MEDIA
from comity.doors.web.asking import cookie_name
from comity.ledger.journal import Journal
from comity.ledger.keys import LogKey
from comity.release.desk import Desk
from tests.consortium import Body
from tests.doors.web.sending import Tab
from tests.inside import Inside

PUBLIC = {"/healthz", "/readyz", "/.well-known/security.txt", "/static/{name:path}", "/api/openapi.json"}
#: The way in (`doors/web/entrance.py`).
PUBLIC |= {"/sign-in", "/sign-in/question.json", "/sign-in/oidc", "/sign-in/oidc/back", "/sign-out", "/enter/{secret}", "/enrol/{secret}"}


@pytest.fixture
def body():
    return Body()


@pytest.fixture
def http(body):
    return Inside(site(body.desk), base_url="http://localhost:8443", raise_server_exceptions=False)


@pytest.mark.parametrize("host", ["localhost", "localhost:8443", "127.0.0.1", "127.0.0.1:1", "[::1]", "[::1]:8443", "LOCALHOST"])
def test_hosts_that_are_configured(http, host):
    assert http.get("/healthz", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "192.0.2.1",
        "[2001:db8::1]:8443",
        "",
        "localhost@evil.example",
        "www.localhost",
    ],
)
@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/", "/taxii2/", "/enter/x", "/nowhere"])
def test_every_other_host_is_refused_whatever_is_asked(http, host, path):
    """DNS rebinding: a page of another site must not speak to a node on loopback."""
    response = http.get(path, headers={"host": host}, follow_redirects=False)
    assert response.status_code == 400


def test_a_host_of_the_settings(body):
    object.__setattr__(body.world, "settings", msgspec.structs.replace(body.world.settings, hosts=("node.example",)))
    http = Inside(site(body.desk), base_url="http://node.example")
    assert http.get("/healthz").status_code == 200
    assert http.get("/healthz", headers={"host": "localhost"}).status_code == 400


def test_alive_and_ready(http):
    assert (http.get("/healthz").status_code, http.get("/healthz").text) == (200, "ok\n")
    assert (http.get("/readyz").status_code, http.get("/readyz").text) == (200, "ready\n")


def test_alive_but_not_ready(tmp_path):
    body = Body(store=f"sqlite:{tmp_path / 'store.db'}")
    http = Inside(site(body.desk), base_url="http://localhost", raise_server_exceptions=False)
    assert http.get("/readyz").status_code == 200
    with body.world.store.write() as tx:
        tx._db.execute("DROP TABLE head")
    assert http.get("/healthz").status_code == 200
    assert http.get("/readyz").status_code == 500
    body.world.store.close()


def test_not_ready_where_the_log_cannot_go_on(body):
    other = Journal(LogKey.generate("comity.example/other"), "comity.example/other")
    http = Inside(site(Desk(dataclasses.replace(body.world, journal=other))), base_url="http://localhost")
    assert (http.get("/readyz").status_code, http.get("/healthz").status_code) == (503, 200)


def test_no_contact_is_made_up(http):
    assert http.get("/.well-known/security.txt").status_code == 404


def token(body: Body) -> dict[str, str]:
    _, text = tokens.create(body.world, party="KZ", scopes=tokens.SCOPES, expires=body.clock() + timedelta(days=1))
    return {"authorization": f"Bearer {text}"}


@pytest.mark.parametrize("path", ["/taxii2/nowhere/at/all/", "/taxii2", "/taxii2/sco/collections/nonesuch/", "/taxii2/none/"])
def test_taxii_answers_in_its_own_terms(body, http, path):
    response = http.get(path, headers=token(body), follow_redirects=False)
    if response.status_code != 307:
        assert (response.status_code, response.headers["content-type"]) == (404, MEDIA)
        assert response.json()["http_status"] == "404"


def test_a_method_that_taxii_does_not_have(body, http):
    response = http.delete("/taxii2/sco/collections/exchange/objects/", headers=token(body))
    assert (response.status_code, response.headers["content-type"]) == (405, MEDIA)


@pytest.mark.parametrize("path", ["/nowhere", "/nowhere/at/all", "/o", "/taxii", "/.well-known/nothing"])
def test_pages_answer_in_theirs(http, path):
    response = http.get(path, follow_redirects=False)
    assert response.status_code == 404
    assert response.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/v1", "/api/v1/nothing", "/api/v2/items"])
def test_the_api_answers_in_its_own_terms(http, path):
    response = http.get(path, follow_redirects=False)
    assert (response.status_code, response.headers["content-type"]) == (404, "application/problem+json")


def entered(body):
    users.add(body.world, "a.person", "SCO-CENTRE", "analyst")
    return sessions.enter(body.world, links.create(body.world, "a.person"))


def test_the_api_knows_tokens_and_no_sessions(body, http):
    assert http.get("/api/v1/me", headers=token(body)).json()["party"] == "KZ"
    http.cookies.set(cookie_name(body.desk), entered(body))
    assert http.get("/api/v1/me").status_code == 401


def test_twins_answer_in_theirs(http):
    response = http.get("/nowhere.json")
    assert response.status_code == 404
    assert response.headers["content-type"].startswith("application/json")


def test_a_method_that_a_page_does_not_have(http):
    response = http.post("/log")
    assert response.status_code == 405
    assert response.headers["content-type"].startswith("text/html")


def test_a_token_opens_no_page_and_a_session_no_taxii(body, http):
    assert http.get("/", headers=token(body)).status_code == 401
    session = entered(body)
    http.cookies.set(cookie_name(body.desk), session)
    assert http.get("/").status_code == 200
    assert http.get("/taxii2/").status_code == 401


def test_every_route_but_the_public_ones_asks_who_you_are(body):
    """Enumerated, so that a new route without a guard fails here."""
    application = site(body.desk)
    http = Tab(application, base_url="http://localhost", raise_server_exceptions=False)
    asked = 0
    parts = {"body": "sco", "collection": "exchange", "index": "0", "rest": "/elsewhere/"}
    for route in application.routes:
        if route.path in PUBLIC:
            continue
        asked += 1
        path = re.sub(r"\{(\w+)(?::path)?\}", lambda found: parts.get(found[1], "x"), route.path)
        for method in sorted((route.methods or set()) - {"HEAD"}):
            answer = http.post(path) if method == "POST" else http.request(method, path)
            assert answer.status_code == 401, (method, path)
    assert asked > 10


def test_it_lives_as_long_as_it_is_told(body):
    events: list[str] = []

    @asynccontextmanager
    async def lifespan(_):
        events.append("up")
        await asyncio.sleep(0)
        yield
        events.append("down")

    with TestClient(site(body.desk, lifespan), base_url="http://localhost") as http:
        assert events == ["up"]
        assert http.get("/healthz").status_code == 200
    assert events == ["up", "down"]
