"""A stranger at the door of a TAXII server: asks over the wire, and holds every answer to what all must be (S4, S38)."""

from __future__ import annotations

import base64
import http.client
import itertools
import json
import re
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from comity.admin.tokens import create

MEDIA = "application/taxii+json;version=2.1"
BOTH = ("taxii:read", "taxii:write")
SIX_DIGITS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
ABSENT = "indicator--99999999-9999-4999-8999-999999999999"
#: Four versions of one object; a moment is the same whatever its zeros.
DAYS = [f"2021-10-0{day}T00:00:00.{'0' * digits}Z" for day, digits in ((1, 3), (2, 3), (3, 6), (4, 3))]
FIRST, LAST = "x-taxii-date-added-first", "x-taxii-date-added-last"


class Answer:
    """A response, held to what every one must be."""

    def __init__(self, method: str, path: str, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.raw = response.read()
        assert self.headers["content-type"] == MEDIA, f"S4: {method} {path}"
        if self.status >= 400 and method != "HEAD":
            said = self.json()
            assert isinstance(said["title"], str) and said["http_status"] == str(self.status), f"S38: {method} {path}"

    def json(self) -> Any:
        return json.loads(self.raw)

    @property
    def objects(self) -> list[dict[str, Any]]:
        return self.json().get("objects", [])

    @property
    def ids(self) -> list[str]:
        return [each["id"] for each in self.objects]


class Client:
    """One set of credentials; `root` and `at` (the read-write collection) are found as a stranger finds them."""

    def __init__(self, port: int, user: str, password: str) -> None:
        self.port = port
        self.user, self.password = user, password
        self.authorization = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
        self.root = self.at = ""

    def find(self) -> Client:
        self.root = self.ask("GET", "/taxii2/").json()["default"]
        self.at = next(f"{self.root}collections/{each['id']}/" for each in self.collections() if each["alias"] == "exchange")
        return self

    def collections(self) -> list[dict[str, Any]]:
        return self.ask("GET", self.root + "collections/").json()["collections"]

    def ask(self, method: str, path: str, body: Any = None, **headers: str | None) -> Answer:
        given: dict[str, str | None] = {"Accept": MEDIA, "Authorization": self.authorization}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            chunked = "Transfer-Encoding" in given
            connection.request(
                method, path, body, {name: value for name, value in given.items() if value is not None}, encode_chunked=chunked
            )
            return Answer(method, path, connection.getresponse())
        finally:
            connection.close()

    def get(self, path: str = "objects/", **headers: str | None) -> Answer:
        return self.ask("GET", self.at + path, **headers)

    def posts(self, body: Any, content_type: str = MEDIA, **headers: str | None) -> Answer:
        return self.ask("POST", self.at + "objects/", body, Content_Type=content_type, **headers)

    def adds(self, *objects: dict[str, Any]) -> dict[str, Any]:
        answer = self.posts(json.dumps({"objects": objects}))
        assert answer.status == 202
        return answer.json()

    def pages(self, path: str, step: str) -> Iterator[Answer]:
        """All pages, by `next` or by the header of the last date added."""
        query = path
        for _ in range(1_000):
            answer = self.get(query)
            assert answer.status == 200
            yield answer
            if not answer.json().get("more"):
                return
            mark = answer.json()["next"] if step == "next" else answer.headers[LAST]
            query = f"{path}&{step}={quote(mark)}"
        raise AssertionError("paging does not end")


class Place:
    """A node that serves, and credentials for it."""

    def __init__(self, world: Any, port: int) -> None:
        self.world, self.port = world, port
        self._codes = (f"P{number:03d}" for number in itertools.count())

    def client(self, party: str, scopes: tuple[str, ...] = BOTH, **options: Any) -> Client:
        until = datetime.now(UTC) + timedelta(days=1)
        _, text = create(self.world, party=party, scopes=scopes, expires=until, **options)
        return Client(self.port, party, text).find()

    def alone(self, scopes: tuple[str, ...] = BOTH) -> Client:
        """A party that nobody shares with: its collection holds what it posts."""
        return self.client(next(self._codes), scopes)


def item(**more: Any) -> dict[str, Any]:
    moment = more.pop("modified", "2021-10-01T00:00:00.000Z")
    return {
        "type": "indicator", "spec_version": "2.1", "id": f"indicator--{uuid.uuid4()}", "created": "2021-10-01T00:00:00.000Z", "modified": moment,
        "pattern": "[domain-name:value = 'bad.example']", "pattern_type": "stix", "valid_from": "2021-10-01T00:00:00Z", **more,
    }  # fmt: skip
