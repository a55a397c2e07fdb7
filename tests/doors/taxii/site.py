"""A centre that serves TAXII in this process, for its tests."""

from __future__ import annotations

import base64
import json
from datetime import timedelta

from starlette.applications import Starlette
from starlette.exceptions import HTTPException

from comity.admin.tokens import create
from comity.doors.taxii import app
from tests.consortium import Body
from tests.inside import Inside

MEDIA = "application/taxii+json;version=2.1"
ROOT = "/taxii2/sco/"
EXCHANGE = ROOT + "collections/exchange/"


class Site:
    """A centre served in this process, and clients of its parties."""

    def __init__(self) -> None:
        self.body = Body()
        application = Starlette(routes=app.routes(self.body.desk), exception_handlers={HTTPException: app.not_found})
        self.http = Inside(application, raise_server_exceptions=False)

    def client(self, code: str, scopes: tuple[str, ...] = ("taxii:read", "taxii:write"), **options):
        _, text = create(self.body.world, party=code, scopes=scopes, expires=self.body.clock() + timedelta(days=1), **options)
        headers = {"Authorization": "Basic " + base64.b64encode(f"{code}:{text}".encode()).decode(), "Accept": MEDIA}

        def call(method: str, path: str, **more):
            return self.http.request(method, path, headers={**headers, **more.pop("headers", {})}, **more)

        return call

    def posts(self, client, *objects, content: bytes | None = None, media: str = MEDIA):
        body = content if content is not None else json.dumps({"objects": objects}).encode()
        return client("POST", EXCHANGE + "objects/", content=body, headers={"Content-Type": media})
