"""Routes, tokens and refusals of the API: problem details throughout (RFC 9457)."""

from __future__ import annotations

import base64
import json
import logging

import pytest

from comity.admin.tokens import revoke
from comity.doors.api import app, items, submitting
from comity.errors import (
    AgreementFault,
    Conflict,
    Denied,
    IntegrityFault,
    NotAuthenticated,
    NotFound,
    OperatorFault,
    OurFault,
    PeerFault,
    SenderFault,
)  # fmt: skip
from comity.wire import FAULTS
from tests.consortium import indicator
from tests.doors.api.meeting import BASE, CENTRE, Caller, Meeting, problem


@pytest.mark.parametrize(("method", "path"), app.paths())
def test_every_operation_asks_who_you_are(meeting, method, path):
    path = path.removeprefix(BASE).replace("{id}", "x").replace("{ref}", "x").replace("{index}", "0")
    for authorization in ("", "Bearer x", "Basic eDp4", "Digest x", "Bearer"):
        response = Caller(meeting.http, authorization)(method, path)
        said = problem(response, 401)
        assert said["fault"] == "not-authenticated"
        assert response.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("operation", [operation for operation in app.OPERATIONS if operation.scope], ids=lambda operation: operation.name)
def test_every_operation_but_me_asks_for_its_scope(meeting, operation):
    others = tuple({"api:read", "api:write", "log:read", "taxii:read", "taxii:write"} - {operation.scope})
    path = operation.path.replace("{id}", "x").replace("{ref}", "x").replace("{index}", "0")
    said = problem(meeting.caller(CENTRE, others)(operation.method, path), 403)
    assert operation.scope in said["detail"]


def test_basic_is_as_good_as_bearer(meeting):
    secret = meeting.secret("KZ", name="sensor")
    for user in ("KZ", "sensor"):
        basic = base64.b64encode(f"{user}:{secret}".encode()).decode()
        assert Caller(meeting.http, f"Basic {basic}").get("/me")["party"] == "KZ"


def test_the_document_is_for_everybody(meeting):
    response = meeting.http.get("/api/openapi.json")
    assert (response.status_code, response.json()["openapi"]) == (200, "3.1.0")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/items", {"GET", "HEAD", "POST"}),
        ("POST", "/items/x", {"DELETE", "GET", "HEAD"}),
        ("DELETE", "/me", {"GET", "HEAD"}),
        ("TRACE", "/log/head", {"GET", "HEAD"}),
    ],
)
def test_methods_that_a_path_does_not_have(kz, method, path, allowed):
    response = kz(method, path)
    problem(response, 405)
    assert set(response.headers["allow"].split(", ")) == allowed


@pytest.mark.parametrize("path", ["", "/", "/nothing", "/items/a/b", "/items/a/why/b", "/items/a%2Fb", "/log"])
def test_paths_that_are_not_there(kz, path):
    problem(kz("GET", path), 404)


def test_forms_that_are_not_had(kz):
    problem(kz("GET", "/me", headers={"Accept": "text/html"}), 406)
    problem(kz("GET", "/items", headers={"Accept": "application/xml"}), 406)


STATUSES = {
    NotAuthenticated: 401, Denied: 403, NotFound: 404, Conflict: 409, SenderFault: 400, AgreementFault: 400,
    OperatorFault: 500, IntegrityFault: 500, PeerFault: 500, OurFault: 500,
}  # fmt: skip


@pytest.mark.parametrize("word", FAULTS)
def test_each_fault_keeps_its_words(monkeypatch, meeting, word):
    def wrong(*args):
        raise FAULTS[word]("what is wrong", next="what to do")

    monkeypatch.setattr(items.holdings, "known", wrong)
    said = problem(meeting.caller("KZ")("POST", "/search", json={"values": ["a.example"]}), STATUSES[FAULTS[word]])
    assert (said["fault"], said["detail"], said["next"]) == (word, "what is wrong", "what to do")


def test_a_defect_tells_nobody_of_its_inside(monkeypatch, meeting, caplog):
    def wrong(*args):
        raise RuntimeError("an inside story")

    monkeypatch.setattr(items.holdings, "known", wrong)
    with caplog.at_level(logging.ERROR):
        response = meeting.caller("KZ")("POST", "/search", json={"values": ["a.example"]})
    assert "inside" not in response.text
    assert problem(response, 500)["fault"] == "node"
    assert "an inside story" in caplog.text


def test_nothing_is_kept_on_the_way(kz):
    response = kz("GET", "/me")
    assert response.headers["cache-control"] == "no-store"
    assert "Authorization" in response.headers["vary"]


def test_nothing_that_governs_can_be_written():
    """Agreements, standings, tokens and peers are the administrator's, at the node itself."""
    assert {(method, path) for method, path in app.paths() if method != "GET"} == {
        ("POST", BASE + "/items"), ("DELETE", BASE + "/items/{id}"), ("POST", BASE + "/search"), ("POST", BASE + "/agreements/lint"),
        ("POST", BASE + "/agreements/simulate"), ("POST", BASE + "/approvals"), *((kind, BASE + "/constituency") for kind in ("POST", "DELETE")),
        *(("POST", BASE + f"/approvals/{{request}}/{kind}") for kind in ("approve", "object", "revoke")),
        ("POST", BASE + "/pings"), ("POST", BASE + "/pings/{ping}/answer"),
        *(("POST", BASE + f"/gate/{{item}}/{kind}") for kind in ("review", "approve", "reject")), ("POST", BASE + "/gate/sample/{id}/seen"),
        ("POST", BASE + "/redress"), ("POST", BASE + "/redress/{ticket}/answer"),
        ("POST", BASE + "/accessions/{accession}/steps"),  # members speak and object, which gives nobody a right
    }  # fmt: skip


def test_an_expired_or_revoked_token_ends_at_once():
    from datetime import timedelta

    from comity.admin.tokens import revoke, tokens

    meeting = Meeting()
    one, other = meeting.caller("KZ"), meeting.caller("KZ")
    assert one("GET", "/me").status_code == 200
    revoke(meeting.body.world, tokens(meeting.body.world)[0].id)
    assert sorted(each("GET", "/me").status_code for each in (one, other)) == [200, 401]
    meeting.body.clock.at += timedelta(days=2)
    assert {each("GET", "/me").status_code for each in (one, other)} == {401}


def test_a_token_revoked_while_a_body_arrives_writes_nothing(meeting):
    """A body has two minutes to arrive."""
    secret = meeting.secret("KZ")
    bundle = json.dumps({"type": "bundle", "id": "bundle--00000000-0000-4000-8000-000000000001", "objects": [indicator()]}).encode()

    def slowly():
        yield bundle[:10]
        assert revoke(meeting.body.world, secret.split("_")[1])
        yield bundle[10:]

    response = Caller(meeting.http, f"Bearer {secret}")("POST", "/items", headers={"Content-Type": submitting.STIX}, content=slowly())
    assert problem(response, 401)["fault"] == "not-authenticated"
    assert list(meeting.body.world.store.by_type("indicator")) == []
