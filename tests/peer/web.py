"""A web server on loopback that answers as a test tells it to, byte by byte if need be."""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Callable, Iterable, Iterator

from tests.peer.loopback import Loopback

#: What a test makes of a request: the bytes to send, in pieces (a piece may be slow to come).
Answer = Callable[["Asked"], "bytes | Iterable[bytes]"]


class Asked:
    """One request: method and target, headers by lower-case name, body."""

    def __init__(self, raw: bytes) -> None:
        head, _, self.body = raw.partition(b"\r\n\r\n")
        first, *rest = head.decode("latin-1").split("\r\n")
        self.method, self.target, _ = first.split(" ", 2)
        self.headers = {line.partition(":")[0].lower(): line.partition(":")[2].strip() for line in rest if ":" in line}


def http(body: bytes = b"", status: str = "200 OK", **headers: str) -> bytes:
    """A response; header names with `_` for `-`."""
    given = {"Content-Length": str(len(body)), **{name.replace("_", "-"): value for name, value in headers.items()}}
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in given.items()), "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


class Web(Loopback):
    """Serves until the context closes; `asked` holds the requests in order."""

    def __init__(self, answer: Answer, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(tls)
        self.answer = answer
        self.asked: list[Asked] = []
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"

    def talk(self, connection: socket.socket) -> None:
        """Take one request and answer it."""
        plain = self.tls.wrap_socket(connection, server_side=True) if self.tls else connection
        raw = b""
        while b"\r\n\r\n" not in raw:
            piece = plain.recv(65536)
            if not piece:
                return
            raw += piece
        asked = Asked(raw)
        while len(asked.body) < int(asked.headers.get("content-length", "0")):
            asked.body += plain.recv(65536)
        self.asked.append(asked)
        said = self.answer(asked)
        for piece in [said] if isinstance(said, bytes) else said:
            plain.sendall(piece)
        plain.close()


def pages(found: dict[str, bytes]) -> Answer:
    """Answers by target; 404 for others."""
    return lambda asked: found.get(asked.target, http(b"", "404 Not Found"))


@contextlib.contextmanager
def serving(answer: Answer | dict[str, bytes], tls: ssl.SSLContext | None = None) -> Iterator[Web]:
    with Web(pages(answer) if isinstance(answer, dict) else answer, tls) as web:
        yield web
