"""Requests to servers that are busy, absent, hostile or only slow; no network."""

from __future__ import annotations

import base64
import gzip
import ssl
import threading
import zlib
from collections.abc import Iterator
from datetime import timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from comity.clock import now
from comity.errors import Fault, NotAuthenticated, PeerFault, SenderFault
from comity.peer import channel
from comity.peer.channel import Channel, check_url, tls
from comity.peer.paging import Fetched
from comity.peer.taxii_client import MEDIA, TaxiiClient
from tests.peer.stub import COLLECTION, Stub, answer, page

OBJECTS = [{"type": "campaign", "id": f"campaign--{n}"} for n in range(100)]
AT = "https://peer.example/a/"


def pages(stub: Stub, after: str | None = None) -> list[Fetched]:
    return list(stub.client().pages(COLLECTION, after, 10))


def channel_to(stub: Stub, user: str = "KZ", token: str = "secret") -> Channel:
    return Channel(user, token, headers={}, transport=httpx2.MockTransport(stub), wait=stub.waits.append)


class Hello(BaseHTTPRequestHandler):
    """Answers with an empty resource."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: Any) -> None:
        pass


def certificate(path: Path) -> str:
    """Make a key and a certificate for localhost that is its own authority; the certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(now() - timedelta(days=1)).not_valid_after(now() + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = made.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(secret + pem)
    return pem.decode()


# Answers


@pytest.mark.parametrize("packed", [False, True])
def test_a_huge_answer_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch, packed: bool) -> None:
    monkeypatch.setattr(channel, "MOST_BYTES", 100_000)
    read = 0

    class Endless(httpx2.SyncByteStream):
        def __iter__(self):  # type: ignore[no-untyped-def]
            nonlocal read
            piece = gzip.compress(b" " * 1_000_000) if packed else b" " * 65_536
            for _ in range(10_000):
                read += len(piece)
                yield piece

    headers = {"Content-Encoding": "gzip"} if packed else {}
    with pytest.raises(PeerFault, match="more than 100000 bytes"):
        pages(Stub([lambda request: httpx2.Response(200, headers=headers, stream=Endless())]))
    assert read < 1_000_000


@pytest.mark.parametrize("packed", ["zstd", "br", "gzip, gzip", "gzip,deflate", "x-unknown"])
def test_what_could_swell_without_bound_is_not_unpacked(packed: str) -> None:
    with pytest.raises(PeerFault, match="not asked for"):
        pages(Stub([lambda r: httpx2.Response(200, headers={"Content-Encoding": packed}, stream=httpx2.ByteStream(b"x"))]))


def test_packed_answers_are_unpacked_and_broken_ones_said() -> None:
    whole = page(OBJECTS[0]).content
    for packed, content in (
        ("gzip", gzip.compress(whole)),
        ("deflate", zlib.compress(whole)),
        ("identity", whole),
        ("GZIP", gzip.compress(whole)),
    ):
        headers = {"Content-Encoding": packed, "Content-Type": MEDIA}
        stub = Stub([lambda r, h=headers, c=content: httpx2.Response(200, headers=h, stream=httpx2.ByteStream(c))])
        assert pages(stub)[0].raw == whole
    stub = Stub([lambda r: httpx2.Response(200, headers={"Content-Encoding": "gzip"}, stream=httpx2.ByteStream(b"nonsense"))])
    with pytest.raises(PeerFault, match="cannot reach"):
        pages(stub)


def test_an_answer_that_drips_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each piece comes in time; all of them never would."""
    seconds = 0.0

    class Dripping(httpx2.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            nonlocal seconds
            for _ in range(100_000):
                seconds += 30
                yield b" "

    to = Channel(
        "", "", headers={}, transport=httpx2.MockTransport(lambda r: httpx2.Response(200, stream=Dripping())), clock=lambda: seconds
    )
    got = to.ask("GET", AT)
    assert got is not None
    assert (got.whole, got.content) == (False, b"")
    assert seconds <= channel.MOST_SECONDS + 60


# Redirects


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_within_the_origin_is_followed(status: int) -> None:
    for where in ("/b/?x=1", "https://peer.example/b/?x=1", "https://peer.example:443/b/?x=1", "../b/?x=1"):
        stub = Stub([answer({}, status, {"Location": where}), answer({"ok": 1})])
        got = channel_to(stub).ask("GET", AT, params={"limit": "1"})
        assert got is not None
        assert got.ok
        assert [request.url.raw_path for request in stub.asked] == [b"/a/?limit=1", b"/b/?x=1"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "where",
    ["https://other.example/", "http://peer.example/b/", "https://peer.example:8443/b/", "//other.example/b/", "https://[::1/", "file:///b", ""],
)  # fmt: skip
def test_a_redirect_elsewhere_is_not_followed_and_sees_no_token(status: int, where: str) -> None:
    stub = Stub([answer({}, status, {"Location": where}), answer({})])
    with pytest.raises(PeerFault, match="redirects to"):
        channel_to(stub).ask("GET", AT)
    assert len(stub.asked) == 1


def test_a_post_is_led_on_only_as_a_post() -> None:
    for status, asked in ((301, 1), (302, 1), (303, 1), (307, 2), (308, 2)):
        stub = Stub([answer({}, status, {"Location": "/b/"}), answer({})])
        try:
            channel_to(stub).ask("POST", AT, content=b"body")
        except PeerFault:
            assert status < 307
        assert [(r.method, r.content) for r in stub.asked] == [("POST", b"body")] * asked


def test_redirects_in_a_ring_end() -> None:
    stub = Stub([answer({}, 302, {"Location": "/a/"})])
    with pytest.raises(PeerFault, match="redirects more than"):
        channel_to(stub).ask("GET", AT)
    assert len(stub.asked) <= 6


# Busy and absent servers


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_busy_server_is_left_alone_for_as_long_as_it_says(status: int) -> None:
    stub = Stub([answer({}, status, {"Retry-After": "7"}), answer({}, status), page(OBJECTS[0])])
    assert len(pages(stub)) == 1
    assert len(stub.asked) == 3
    assert stub.waits[0] == 7
    assert 0 < stub.waits[1] <= 30
    assert len(stub.waits) == 2


def test_retry_after_may_be_a_date() -> None:
    when = format_datetime(now() + timedelta(seconds=20), usegmt=True)
    stub = Stub([answer({}, 503, {"Retry-After": when}), page(OBJECTS[0])])
    pages(stub)
    assert 15 < stub.waits[0] <= 20


@pytest.mark.parametrize("said", ["soon", "-5", "Mon, 99 Foo 2021", "Mon, 01 Nov 2021 00:00:00 GMT", "²"])
def test_a_retry_after_that_says_nothing_useful_is_a_short_pause(said: str) -> None:
    stub = Stub([lambda r: httpx2.Response(503, headers=[(b"Retry-After", said.encode())], content=b""), page(OBJECTS[0])])
    pages(stub)
    assert 0 < stub.waits[0] < 5


def test_a_server_that_asks_for_a_long_rest_gets_it() -> None:
    stub = Stub([answer({}, 429, {"Retry-After": "3600"}), page(OBJECTS[0])])
    with pytest.raises(PeerFault, match="3600 s of rest"):
        pages(stub)
    assert (len(stub.asked), stub.waits) == (1, [])


def test_a_server_that_stays_busy_or_absent_is_given_up_without_a_last_wait() -> None:
    for given_ in (answer({}, 503), httpx2.ReadError("cut")):
        stub = Stub([given_])
        with pytest.raises(PeerFault) as fault:
            pages(stub)
        assert "nothing is lost" in fault.value.next
        assert len(stub.asked) == len(stub.waits) + 1 == 4
        assert stub.waits == sorted(stub.waits)


@pytest.mark.parametrize("fault", [httpx2.ConnectError("refused"), httpx2.ConnectTimeout("silent")])
def test_a_server_that_cannot_be_connected_to_is_given_up_soon(fault: httpx2.HTTPError) -> None:
    stub = Stub([fault])
    with pytest.raises(PeerFault, match="cannot reach") as said:
        pages(stub)
    assert "nothing is lost" in said.value.next
    assert len(stub.asked) == 2
    assert sum(stub.waits) <= 1
    stub = Stub([fault, answer({}, 503), fault, page(OBJECTS[0])])
    assert len(pages(stub)) == 1


def test_a_connection_that_breaks_once_is_tried_again() -> None:
    assert len(pages(Stub([httpx2.ReadTimeout("slow"), page(OBJECTS[0])]))) == 1


def test_pauses_differ_from_client_to_client() -> None:
    """Many clients that were turned away together do not come back together."""
    waits = set()
    for _ in range(20):
        stub = Stub([answer({}, 503), page()])
        pages(stub)
        waits.add(stub.waits[0])
    assert len(waits) > 10
    assert all(0.5 < wait < 2 for wait in waits)


def test_what_must_not_be_repeated_is_not_where_the_server_may_have_acted() -> None:
    for trouble in (
        httpx2.ReadError("cut"),
        httpx2.ReadTimeout("slow"),
        httpx2.RemoteProtocolError("torn"),
        answer({}, 502),
        answer({}, 504),
    ):
        stub = Stub([trouble, answer({})])
        assert channel_to(stub).ask("GET", AT, once=True) is None
        assert len(stub.asked) == 1
    for harmless in (httpx2.ConnectError("refused"), answer({}, 503), answer({}, 429)):
        stub = Stub([harmless, answer({})])
        assert channel_to(stub).ask("GET", AT, once=True) is not None


def test_a_certificate_that_is_not_trusted_is_said_at_once() -> None:
    stub = Stub([httpx2.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate")])
    with pytest.raises(PeerFault, match="VERIFY_FAILED") as fault:
        channel_to(stub).ask("GET", AT)
    assert "--ca" in fault.value.next
    assert len(stub.asked) == 1


# Who asks, and over what


def test_c1_c3_who_asks_is_said_by_http_basic_and_a_user_agent() -> None:
    stub = Stub([answer({})])
    channel_to(stub).ask("GET", AT)
    (asked,) = stub.asked
    assert asked.headers["Authorization"] == "Basic " + base64.b64encode(b"KZ:secret").decode()
    assert asked.headers["User-Agent"] == "comity"
    assert asked.headers["Accept-Encoding"] == "gzip"
    stub = Stub([answer({})])
    channel_to(stub, "", "").ask("GET", AT)
    assert "Authorization" not in stub.asked[0].headers


def test_c1_certificates_are_checked_and_tls_is_1_2_or_later() -> None:
    context = tls("")
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    with pytest.raises(SenderFault, match="no certificate"):
        tls("nonsense")


def test_c1_a_server_is_trusted_by_the_authority_that_is_named(tmp_path: Path) -> None:
    """A real handshake on loopback: refused by the system's authorities and another's, taken by its own."""
    ca, other = certificate(tmp_path / "server.pem"), certificate(tmp_path / "other.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "server.pem")
    with HTTPServer(("127.0.0.1", 0), Hello) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        url = f"https://localhost:{server.server_address[1]}/"
        try:
            found = Channel("KZ", "x", headers={}, ca=ca).ask("GET", url)
            assert found is not None
            assert found.content == b"{}"
            for wrong in ("", other):
                with pytest.raises(PeerFault, match="CERTIFICATE_VERIFY_FAILED"):
                    Channel("KZ", "x", headers={}, ca=wrong).ask("GET", url)
        finally:
            server.shutdown()
            thread.join()


# Refusals


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_token_is_said_at_once(status: int) -> None:
    stub = Stub([answer({"title": "no"}, status)])
    with pytest.raises(NotAuthenticated, match=str(status)):
        pages(stub)
    assert len(stub.asked) == 1


@pytest.mark.parametrize("body", [{"title": "made up", "description": "why not"}, b"<html>", b"[]"])
@pytest.mark.parametrize("status", [400, 404, 406, 422, 500])
def test_any_other_answer_is_told_with_the_servers_words(status: int, body: Any) -> None:
    with pytest.raises(PeerFault, match=f"answered {status}: {'why not' if isinstance(body, dict) else ''}"):
        pages(Stub([answer(body, status)]))


@pytest.mark.parametrize(
    "url",
    [
        "http://peer.example/taxii2/",
        "http://192.0.2.1/taxii2/",
        "http://localhost.example/",
        "ftp://peer.example/",
        "https://",
        "https:///taxii2/",
        "https://user:word@peer.example/",
        "https://[::1",
        "https://peer.example:99999/",
        "https://peer.example/?a=b",
        "peer.example",
        "",
    ],
)
def test_a_url_that_would_leak_the_token_or_is_none_is_refused(url: str) -> None:
    stub = Stub([page()])
    with pytest.raises(SenderFault):
        stub.client().collections(url)
    assert stub.asked == []


@pytest.mark.parametrize("url", ["https://peer.example/", "http://localhost:8000/", "http://127.0.0.1/", "http://[::1]:80/taxii2/"])
def test_loopback_may_be_plain_http(url: str) -> None:
    check_url(url)


def test_plain_http_beyond_loopback_goes_only_where_it_is_named() -> None:
    check_url("http://peer.example/", plain=True)
    with pytest.raises(SenderFault):
        check_url("ftp://peer.example/", plain=True)


def test_faults_never_name_the_token() -> None:
    for given_ in (answer({}, 401), answer({}, 500), httpx2.ConnectError("x"), answer(b"{")):
        with pytest.raises(Fault) as fault:
            pages(Stub([given_]))
        assert "secret" not in f"{fault.value} {fault.value.next}"


def test_a_client_closes() -> None:
    client = TaxiiClient("KZ", "secret", transport=httpx2.MockTransport(Stub([page()])))
    client.close()
    with pytest.raises(RuntimeError):
        list(client.pages(COLLECTION, None, 1))
