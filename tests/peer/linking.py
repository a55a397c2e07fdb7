"""Nodes with keys of their own that are linked, and requests between them, in memory and over real TLS."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import msgspec
from starlette.applications import Starlette

from comity.doors.peering.app import Door, Exchange, others
from comity.ledger.journal import Entry, read_entry
from comity.ledger.keys import LogKey
from comity.node import scratch_world
from comity.peer import certificate, enrol
from comity.peer.book import Peer
from comity.peer.enrol import Hello
from comity.peer.guard import Guard
from comity.peer.identity import Own
from comity.peer.invitation import read
from comity.peer.keyring import Keyring
from tests.inside import Inside

URL = "https://127.0.0.1:8444/"


class Post:
    """An exchange that gives out what was put into it and keeps what comes."""

    def __init__(self) -> None:
        self.out: list[bytes] = []
        self.came: list[tuple[str, bytes]] = []
        self.answers: list[tuple[str, bytes]] = []

    def outgoing(self, link: Peer) -> bytes | None:
        done = len(self.answers)
        return self.out[done] if done < len(self.out) else None

    def incoming(self, link: Peer, raw: bytes) -> bytes:
        self.came.append((link.name, raw))
        return b"got " + raw[:20]

    def settled(self, link: Peer, raw: bytes) -> None:
        self.answers.append((link.name, raw))

    def stands(self, link: Peer, raw: bytes) -> bytes:
        return raw

    def arrival(self, link: Peer, id_: str, party: str) -> bytes:
        return f"{link.name} {id_} {party}".encode()

    def news(self) -> object:
        return len(self.out)


class Node:
    """A node in memory, with keys in a folder."""

    def __init__(self, folder: Path, party: str) -> None:
        folder.mkdir(parents=True)
        (folder / "parcels").write_bytes(LogKey.generate(f"{party}/parcels").to_bytes())
        self.world = scratch_world(party, "sco")
        self.keys = Keyring(folder, party, "sco", f"{party}-sco", f"comity.example/sco/{party}")
        self.guard = Guard(self.world, self.keys.own)
        self.post = Post()

    @property
    def own(self) -> Own:
        return self.keys.own()

    def invites(self, party: str, **more: Any) -> str:
        return enrol.invite(self.world, self.own, party, URL, **more)

    def joins(self, text: str, host: Node, name: str = "") -> Peer:
        """Use an invitation, without any HTTP between."""
        return enrol.join(self.world, self.own, text, name, lambda _, hello: _shown(host, hello))

    def hello(self, text: str) -> Hello:
        return Hello(secret=read(text).secret, node=self.own.note)

    def log(self) -> list[Entry]:
        return [read_entry(leaf.entry) for leaf in self.world.store.leaves()]

    def app(self, exchange: Exchange | None = None, *, front: bool = False) -> Starlette:
        return others(Door(self.guard, exchange or self.post, front=front))


def _shown(host: Node, hello: Hello) -> None:
    from comity.peer.identity import open_identity

    enrol.admit(host.world, hello, open_identity(hello.node))


def linked(folder: Path) -> tuple[Node, Node]:
    """A centre and the member KZ, which calls it: their links are called `centre` and `kz`."""
    centre, kz = Node(folder / "centre", "SCO-CENTRE"), Node(folder / "kz", "KZ")
    kz.joins(centre.invites("KZ"), centre, "centre")
    return centre, kz


def carrying(app: Starlette, shown: bytes = b"", alter: Callable[[httpx2.Request], None] = lambda _: None) -> httpx2.MockTransport:
    """A transport that brings requests to an application as a TLS listener would, from a caller that showed a certificate (DER)."""
    import ssl

    async def over_tls(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            chain = [ssl.DER_cert_to_PEM_cert(shown)] if shown else []
            scope.setdefault("extensions", {})["tls"] = {"client_cert_chain": chain}
        await app(scope, receive, send)

    client = Inside(over_tls, base_url="https://127.0.0.1:8444")

    def carry(request: httpx2.Request) -> httpx2.Response:
        alter(request)
        given = client.request(request.method, str(request.url), headers=request.headers, content=request.content)
        packed = given.headers.get("Content-Encoding") == "gzip"  # the test client has unpacked it
        return httpx2.Response(given.status_code, headers=given.headers, content=gzip.compress(given.content) if packed else given.content)

    return httpx2.MockTransport(carry)


def raw_hello(hello: Hello) -> bytes:
    return msgspec.json.encode({"secret": hello.secret, "node": base64.b64encode(hello.node).decode()})


def pem() -> bytes:
    return certificate.make()
