"""The listener over real TLS: who gets in, and what silence costs."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
import pytest

from comity.doors import http
from comity.doors.peering.listener import listening
from comity.errors import NotAuthenticated, PeerFault
from comity.peer import book, certificate, enrol
from comity.peer.book import Peer
from comity.peer.caller import Caller, show, to_link
from tests.peer.linking import Node, linked

pytestmark = pytest.mark.loop


@contextmanager
def serving(node: Node) -> Iterator[int]:
    """A node's listener on loopback; its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    running = listening(node.app(), node.world, node.keys, "127.0.0.1", port)
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    until = time.monotonic() + 10
    while not running.started:
        assert time.monotonic() < until
        time.sleep(0.01)
    try:
        yield port
    finally:
        running.should_exit = True
        thread.join(timeout=10)


def there(node: Node, port: int) -> Peer:
    return msgspec.structs.replace(book.peer(node.world, "centre"), url=f"https://127.0.0.1:{port}/")


def call(node: Node, port: int, **more) -> Caller:
    return to_link(node.own, there(node, port), wait=lambda _: None, **more)


def test_linked_nodes_speak_by_their_keys(tmp_path):
    centre, kz = linked(tmp_path)
    with serving(centre) as port:
        talk = call(kz, port)
        assert talk.ask("POST", "parcels", body=b"a parcel").content == b"got a parcel"
        assert talk.ask("GET", "parcels").status == 204
        talk.close()


def test_an_invitation_is_used_over_tls(tmp_path):
    centre, kz = Node(tmp_path / "c", "SCO-CENTRE"), Node(tmp_path / "k", "KZ")
    with serving(centre) as port:
        text = enrol.invite(centre.world, centre.own, "KZ", f"https://127.0.0.1:{port}/")
        enrol.join(kz.world, kz.own, text, "centre", lambda given, hello: show(kz.own, given, hello))
        talk = call(kz, port)
        assert talk.ask("GET", "keys").content == centre.own.note
        talk.close()


def test_a_forged_certificate_does_not_get_in(tmp_path):
    centre, kz = linked(tmp_path)
    stranger = Node(tmp_path / "x", "KZ")
    with serving(centre) as port:
        with pytest.raises(PeerFault):
            Caller(stranger.own, centre.own.identity, f"https://127.0.0.1:{port}/", front=False, wait=lambda _: None).ask("GET", "keys")
        # The right key for requests over a stranger's TLS.
        mixed = msgspec.structs.replace(kz.own, tls=stranger.own.tls)
        with pytest.raises(PeerFault):
            to_link(mixed, there(kz, port), wait=lambda _: None).ask("GET", "keys")


def test_another_members_certificate_is_not_this_ones(tmp_path):
    centre, kz = linked(tmp_path)
    uz = Node(tmp_path / "uz", "UZ")
    uz.joins(centre.invites("UZ"), centre, "centre")
    with serving(centre) as port:
        mixed = msgspec.structs.replace(kz.own, tls=uz.own.tls)
        with pytest.raises(NotAuthenticated, match="certificate"):
            to_link(mixed, there(kz, port), wait=lambda _: None).ask("GET", "keys")


def test_a_false_server_is_not_spoken_to(tmp_path):
    _, kz = linked(tmp_path)
    false = Node(tmp_path / "x", "SCO-CENTRE")
    with serving(false) as port, pytest.raises(PeerFault):
        call(kz, port).ask("POST", "parcels", body=b"for the centre alone")
    assert false.post.came == []


def test_a_revoked_link_is_cut_also_within_a_connection(tmp_path):
    centre, kz = linked(tmp_path)
    with serving(centre) as port:
        talk = call(kz, port)
        assert talk.ask("GET", "keys").ok
        enrol.revoke(centre.world, "kz", "stolen")
        with pytest.raises(NotAuthenticated):
            talk.ask("GET", "keys")
        with pytest.raises(PeerFault):
            call(kz, port).ask("GET", "keys")


def test_a_listener_with_new_keys_still_answers_those_who_have_the_old(tmp_path):
    centre, kz = linked(tmp_path)
    with serving(centre) as port:
        old = centre.own
        centre.keys.rotate()
        talk = call(kz, port)
        enrol.turn(kz.world, talk.ask("GET", "keys").content)
        assert enrol.known(book.peer(kz.world, "centre")) == centre.own.identity != old.identity
        talk = call(kz, port)
        assert talk.ask("GET", "keys").ok
        assert book.peer(centre.world, "kz").turn == 1


def test_new_keys_of_a_caller_are_good_at_once(tmp_path):
    centre, kz = linked(tmp_path)
    with serving(centre) as port:
        note = kz.keys.rotate().note
        Caller(kz.own, centre.own.identity, f"https://127.0.0.1:{port}/", front=False, known_there=False).ask("POST", "keys", body=note)
        assert call(kz, port).ask("GET", "keys").ok


def test_a_handshake_that_does_not_end_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr(http, "HANDSHAKE", 0.5)
    centre, kz = linked(tmp_path)
    with serving(centre) as port:
        with socket.create_connection(("127.0.0.1", port), timeout=10) as sock:
            sock.sendall(b"\x16\x03\x01")
            began = time.monotonic()
            assert sock.recv(100) == b""
            assert time.monotonic() - began < 10
        assert call(kz, port).ask("GET", "keys").ok


def test_a_request_that_drips_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr("comity.doors.peering.listener.bounded", lambda kind: http.bounded(0.5, 10, kind))
    centre, kz = linked(tmp_path)
    with serving(centre) as port:
        context = certificate.calling(kz.own.tls, [centre.own.identity.tls])
        with socket.create_connection(("127.0.0.1", port), timeout=10) as raw, context.wrap_socket(raw) as sock:
            began = time.monotonic()
            with pytest.raises((ConnectionError, ssl.SSLError)):
                while time.monotonic() - began < 9:
                    sock.sendall(b"x")
                    time.sleep(0.05)
            assert time.monotonic() - began < 8
        assert call(kz, port).ask("GET", "keys").ok


def test_plain_http_gets_nothing(tmp_path):
    centre, _ = linked(tmp_path)
    with serving(centre) as port, socket.create_connection(("127.0.0.1", port), timeout=10) as sock:
        sock.sendall(b"GET /peering/v1/keys HTTP/1.1\r\nHost: x\r\n\r\n")
        assert not sock.recv(1_000).startswith(b"HTTP")
