"""A TAXII server that says exactly what a test wants it to say, and remembers what it was asked."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

import httpx2

from comity.forms.wire_envelope import PROPERTY
from comity.peer.taxii_client import MEDIA, Collection, TaxiiClient

HOST = "https://peer.example"
ROOT = f"{HOST}/api/"
ID = "7a1c1f1e-0000-4000-8000-000000000001"
COLLECTION = Collection(root=ROOT, id=ID, can_read=True, can_write=True)

Answer = httpx2.Response | Callable[[httpx2.Request], httpx2.Response] | Exception


def answer(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> httpx2.Response:
    """A response; bytes are sent as they are."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return httpx2.Response(status, headers={"Content-Type": MEDIA, **(headers or {})}, content=content)


def page(*objects: Any, last: str | None = None, **envelope: Any) -> httpx2.Response:
    """An envelope response with its date header."""
    body = ({"objects": list(objects)} if objects else {}) | envelope
    return answer(body, headers={"X-TAXII-Date-Added-Last": last} if last else {})


class Stub:
    """Answers requests from a list, in order; an exception in it is raised as a broken connection. The last one is repeated."""

    def __init__(self, answers: Iterable[Answer] = ()) -> None:
        self.answers = list(answers)
        self.asked: list[httpx2.Request] = []
        self.waits: list[float] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request)
        given = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(given, Exception):
            raise given
        return given(request) if callable(given) else httpx2.Response(given.status_code, headers=given.headers, content=given.content)

    def client(self) -> TaxiiClient:
        return TaxiiClient("KZ", "secret", transport=httpx2.MockTransport(self), wait=self.waits.append)

    def queries(self) -> list[dict[str, str]]:
        """The parameters of each request, without what every one has."""
        return [{k: v for k, v in dict(r.url.params).items() if k not in ("limit", "match[version]")} for r in self.asked]


class Feed:
    """The objects of one collection, given out by date as far as its habits let it. `asked` are the queries.

    Habits: `names_next` (else the date is the way on), `cap` (objects per page, whatever is asked for), `used_up` (a `next` is the same
    throughout and gives each page once), `deaf` (it ignores `added_after`), `more_at_end` (it says that there is more after all).
    """

    def __init__(
        self, *rows: tuple[str, Any], names_next: bool = False, cap: int = 10_000, used_up: bool = False, deaf: bool = False,
        more_at_end: bool = False,
    ) -> None:  # fmt: skip
        self.rows = list(rows)
        self.names_next, self.cap, self.used_up, self.deaf, self.more_at_end = names_next, cap, used_up, deaf, more_at_end
        self.asked: list[dict[str, str]] = []
        self.waiting: list[tuple[str, Any]] = []
        self.faults: dict[int, Answer] = {}

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        query = dict(request.url.params)
        self.asked.append(query)
        fault = self.faults.pop(len(self.asked), None)
        given = self._page(query)
        if isinstance(fault, Exception):
            raise fault
        return fault if isinstance(fault, httpx2.Response) else given

    def _page(self, query: dict[str, str]) -> httpx2.Response:
        size = min(int(query["limit"]), self.cap)
        rows = self.rows if self.deaf else [row for row in self.rows if row[0] > query.get("added_after", "")]
        if self.used_up and "next" in query:
            if not self.waiting:
                return answer({"title": "next not valid"}, 400)
            rows, start = self.waiting, 0
        else:
            start = int(query.get("next", "0"))
        given, rest = rows[start : start + size], rows[start + size :]
        self.waiting = rest
        more: dict[str, Any] = {"more": True} if rest or self.more_at_end else {}
        if rest and self.names_next:
            more["next"] = "7" if self.used_up else str(start + size)
        return page(*(obj for _, obj in given), last=given[-1][0] if given else None, **more)

    def client(self) -> TaxiiClient:
        return TaxiiClient("KZ", "secret", transport=httpx2.MockTransport(self), wait=lambda _: None)


class Server:
    """A plain TAXII server that keeps what is posted and gives it out page by page, every post stamped as a whole."""

    def __init__(self, *, understands: bool = False, most: int = 10_000_000, page: int = 2) -> None:
        self.root: dict[str, Any] = {"title": "peer", "versions": [MEDIA], "max_content_length": most}
        if understands:
            self.root[PROPERTY] = True
        self.most, self.page = most, page
        self.held: list[tuple[str, Any]] = []
        self.posts: list[dict[str, Any]] = []
        self.broken_after: int | None = None
        self.pages_given = 0

    def add(self, last: str, *objects: Any) -> None:
        self.held += [(last, obj) for obj in objects]

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        path = request.url.path
        if path == "/taxii2/":
            return answer({"title": "peer", "default": ROOT, "api_roots": [ROOT]})
        if path == "/api/":
            return answer(self.root)
        if path == "/api/collections/":
            return answer({"collections": [{"id": ID, "title": "all", "can_read": True, "can_write": True}]})
        if path != f"/api/collections/{ID}/objects/":
            return answer({"title": "Not found"}, 404)
        return self._post(request) if request.method == "POST" else self._get(dict(request.url.params))

    def _post(self, request: httpx2.Request) -> httpx2.Response:
        if len(request.content) > self.most:
            return answer({"title": "Too large"}, 413)
        self.posts.append(json.loads(request.content))
        count = len(self.posts[-1]["objects"])
        return answer({"id": "s", "status": "complete", "success_count": count, "failure_count": 0}, 202)

    def _get(self, params: dict[str, str]) -> httpx2.Response:
        if self.broken_after is not None and self.pages_given >= self.broken_after:
            raise httpx2.ReadError("cut")
        self.pages_given += 1
        rows = [row for row in self.held if row[0] > params.get("added_after", "")]
        start = int(params.get("next", "0"))
        given, rest = rows[start : start + self.page], rows[start + self.page :]
        more: dict[str, Any] = {"more": True, "next": str(start + self.page)} if rest else {}
        return page(*(obj for _, obj in given), last=given[-1][0] if given else None, **more)
