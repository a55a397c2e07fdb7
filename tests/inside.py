"""A client of an application in this process that costs little: the tests of doors ask some ten thousand times.

Starlette's own begins an event loop in a new thread for each request and crosses to it seven times; here one loop serves all clients,
and a request crosses once. Answers are whole when they are given: who needs an endless one asks a server (`tests.served`).
"""

from __future__ import annotations

import threading
from functools import cache
from queue import Queue
from typing import Any
from urllib.parse import unquote

import anyio
import httpx2
from anyio.from_thread import BlockingPortal
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Message


@cache
def portal() -> BlockingPortal:
    """The one event loop, in a thread of its own."""
    began: Queue[BlockingPortal] = Queue()

    async def main() -> None:
        async with BlockingPortal() as made:
            began.put(made)
            await made.sleep_until_stopped()

    threading.Thread(target=anyio.run, args=(main,), daemon=True).start()
    return began.get()


def ended() -> None:
    """Stop the loop, if there is one: its threads would keep the process."""
    if portal.cache_info().currsize:
        portal().call(portal().stop)
        portal.cache_clear()


class _Whole(httpx2.BaseTransport):
    """Asks the application, and gives its answer when all of it has come."""

    def __init__(self, app: ASGIApp, faults: bool, state: dict[str, Any]) -> None:
        self.app, self.faults, self.state = app, faults, state

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        url, body = request.url, request.read()
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": request.method,
            "path": unquote(url.path),
            "raw_path": url.raw_path.split(b"?", 1)[0],
            "root_path": "",
            "scheme": url.scheme,
            "query_string": url.query,
            "headers": [(key.lower().encode(), value.encode()) for key, value in request.headers.multi_items()],
            "client": ("testclient", 50000),
            "server": [url.raw_host.decode("ascii"), url.port or {"http": 80, "https": 443}[url.scheme]],
            "extensions": {},
            "state": self.state.copy(),
        }
        start, parts, fault = portal().call(_asked, self.app, scope, body)
        if self.faults and fault is not None:
            raise fault
        assert start is not None or fault is not None, "the application did not answer"
        status, headers = (start["status"], start.get("headers", [])) if start else (500, [])
        content = b"" if request.method == "HEAD" else b"".join(parts)
        return httpx2.Response(status, headers=list(headers), stream=httpx2.ByteStream(content), request=request)


async def _asked(app: ASGIApp, scope: dict[str, Any], body: bytes) -> tuple[Message | None, list[bytes], Exception | None]:
    """How an answer starts, its parts, and what the application failed with."""
    begun: list[Message] = []
    parts: list[bytes] = []
    read, complete = False, anyio.Event()

    async def receive() -> Message:
        nonlocal read
        if read:
            await complete.wait()
            return {"type": "http.disconnect"}
        read = True
        return {"type": "http.request", "body": body}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            assert not begun, "an answer starts twice"
            begun.append(message)
        elif message["type"] == "http.response.body":
            assert begun, "an answer's body comes before its start"
            assert not complete.is_set(), "an answer goes on after its end"
            parts.append(bytes(message.get("body", b"")))
            if not message.get("more_body", False):
                complete.set()

    fault = None
    try:
        await app(scope, receive, send)
    except Exception as error:
        fault = error
    return begun[0] if begun else None, parts, fault


class Inside(TestClient):
    """Starlette's client, that asks as this module says. Its options are the same."""

    def __init__(self, app: ASGIApp, *given: Any, raise_server_exceptions: bool = True, **options: Any) -> None:
        super().__init__(app, *given, raise_server_exceptions=raise_server_exceptions, **options)
        self._transport = _Whole(self.app, raise_server_exceptions, self.app_state)
