"""A centre served in this process, and clients of its parties, for the tests of the JSON API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException

from comity.admin.tokens import SCOPES, create
from comity.doors.api import app
from tests.consortium import Body
from tests.inside import Inside

CENTRE = "SCO-CENTRE"
BASE = "/api/v1"


class Caller:
    """One token's way to the API: `caller("GET", "/items", limit=1)`; keywords that are no options of the request are parameters."""

    def __init__(self, http: Inside, authorization: str) -> None:
        self.http = http
        self.authorization = authorization

    def __call__(
        self, method: str, path: str, *, headers: dict[str, str] | None = None, content: Any = None, json: Any = None, **params: Any
    ):
        given = {"Authorization": self.authorization, **(headers or {})}
        return self.http.request(method, BASE + path, headers=given, params=params, content=content, json=json)

    def get(self, path: str, **params: Any) -> Any:
        """What a GET gives, which must succeed."""
        response = self("GET", path, **params)
        assert response.status_code == 200, response.text
        return response.json()


class Meeting:
    """The centre's API over one body."""

    def __init__(self, body: Body | None = None) -> None:
        self.body = body or Body()
        application = Starlette(routes=app.routes(self.body.desk), exception_handlers={HTTPException: app.not_found})
        self.http = Inside(application, raise_server_exceptions=False)

    def secret(self, party: str | None, scopes: tuple[str, ...] = SCOPES, **options: Any) -> str:
        expires = self.body.clock() + timedelta(days=1)
        return create(self.body.world, party=party, scopes=scopes, expires=expires, **options)[1]

    def caller(self, party: str | None, scopes: tuple[str, ...] = SCOPES, **options: Any) -> Caller:
        return Caller(self.http, f"Bearer {self.secret(party, scopes, **options)}")


def problem(response: Any, status: int) -> dict[str, Any]:
    """The problem that an answer is (RFC 9457)."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    said = response.json()
    assert said["status"] == status
    assert said["detail"]
    return said
