"""Fetching: against a server of ours on loopback that behaves as badly as it can."""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import io
import ssl
import time
import zlib

import pytest

from comity.errors import NotAuthenticated, PeerFault, SenderFault
from comity.peer.fetch import REDIRECTS, fetch
from comity.peer.place import Limits
from tests.peer.web import Web, http, serving

BODY = b"login.example.net\n" * 100


def limits(web: Web, *hosts: str, **more) -> Limits:
    return Limits(**{"hosts": ("127.0.0.1", *hosts), "ports": (web.port,), "own": True, "plain": True, "seconds": 5.0, **more})


def got(web: Web, target: str = "/", *hosts: str, headers=None, secret=None, resolver=None, host: str = "127.0.0.1", **more):
    """What came, and the bytes."""
    file = io.BytesIO()
    scheme = web.url.partition(":")[0]
    given = {"resolver": resolver} if resolver else {}
    found = fetch(f"{scheme}://{host}:{web.port}{target}", file, limits(web, *hosts, **more), headers=headers, secret=secret, **given)
    return found, file.getvalue()


def test_a_body_arrives_with_what_is_said_of_it():
    with serving(
        {"/l?x=1": http(BODY, Content_Type="Text/Plain; charset=utf-8", ETag='"1"', Last_Modified="Mon, 01 Nov 2021 09:00:00 GMT")}
    ) as web:
        found, raw = got(web, "/l?x=1")
    assert raw == BODY
    assert (found.state, found.type, found.etag, found.modified) == ("new", "text/plain", '"1"', "Mon, 01 Nov 2021 09:00:00 GMT")
    assert (found.size, found.sha256) == (len(BODY), hashlib.sha256(BODY).hexdigest())
    assert web.asked[0].headers["host"] == f"127.0.0.1:{web.port}"
    assert web.asked[0].headers["accept-encoding"] == "gzip"


def test_not_changed():
    with serving(
        lambda asked: http(b"", "304 Not Modified") if asked.headers.get("if-none-match") == '"1"' else http(BODY, ETag='"2"')
    ) as web:
        assert got(web, headers={"If-None-Match": '"1"'})[0].state == "same"
        assert got(web, headers={"If-None-Match": '"0"'})[0].etag == '"2"'


def test_not_changed_without_having_been_asked_is_no_answer():
    with serving(lambda asked: http(b"", "304 Not Modified")) as web, pytest.raises(PeerFault, match="304"):
        got(web)


@pytest.mark.parametrize(("status", "said", "wait"), [("429 Slow", "120", 120.0), ("503 Busy", "", 0.0), ("429 Slow", "soon", 0.0)])
def test_a_busy_server_is_left_in_peace(status, said, wait):
    with serving(lambda asked: http(b"", status, **({"Retry_After": said} if said else {}))) as web:
        found, _ = got(web)
    assert (found.state, found.wait, found.status) == ("later", wait, int(status[:3]))
    assert len(web.asked) == 1


def test_refusals_and_failures_say_whose_fault_it_is():
    with serving(lambda asked: http(b"", "403 Forbidden")) as web, pytest.raises(NotAuthenticated):
        got(web)
    with serving({}) as web, pytest.raises(PeerFault, match="answered 404"):
        got(web)
    with serving(lambda asked: http(b"x", "206 Partial Content")) as web, pytest.raises(PeerFault, match="answered 206"):
        got(web)


# Redirects


def moved(where: str, status: str = "302 Found") -> bytes:
    return http(b"", status, Location=where)


def test_redirects_are_followed_within_what_is_allowed():
    with serving({"/a": moved("b", "301 Moved"), "/b": moved("/c?d", "308 Moved"), "/c?d": http(BODY)}) as web:
        found, raw = got(web, "/a")
    assert raw == BODY and found.url.endswith("/c?d")


@pytest.mark.parametrize(
    "where",
    [
        "http://localhost:{port}/b", "http://169.254.169.254/latest/meta-data/", "http://10.0.0.1/", "http://[::1]:{port}/b", "//evil.example/b",
        "file:///etc/passwd", "gopher://127.0.0.1:6379/_x", "/\\evil.example/b", "http://127.0.0.1:22/", "http://u@127.0.0.1:{port}/b",
        "http://2130706433:{port}/b", "http://127.0.0.1:{port}\\@evil.example/", "http://[/", "http://evil.example@127.0.0.1:{port}/b",
    ],
)  # fmt: skip
def test_redirects_lead_nowhere_else(where):
    with serving(lambda asked: moved(where.replace("{port}", str(web.port))) if asked.target == "/a" else http(BODY)) as web:
        with pytest.raises(PeerFault, match="redirects to"):
            got(web, "/a")
        assert [asked.target for asked in web.asked] == ["/a"]


def test_a_redirect_to_an_allowed_name_at_a_private_address():
    """Allowed by name, refused by address: the second hop is checked like the first."""
    with serving(lambda asked: moved(f"http://inside.example:{web.port}/b")) as web:
        resolver = {"inside.example": ["169.254.169.254"]}
        with pytest.raises(PeerFault, match=r"inside\.example is at 169\.254\.169\.254"):
            got(web, "/a", "inside.example", resolver=lambda host, port: resolver[host])


def test_redirects_end():
    with serving(lambda asked: moved(asked.target + "x")) as web:
        with pytest.raises(PeerFault, match="more than 5"):
            got(web)
        assert len(web.asked) == REDIRECTS + 1


def test_credentials_go_to_the_first_origin_alone():
    with (
        serving(lambda asked: http(BODY)) as other,
        serving(lambda asked: moved("/b") if asked.target == "/a" else moved(f"{other.url}/c")) as web,
    ):
        file = io.BytesIO()
        fetch(
            f"{web.url}/a", file, limits(web, ports=(web.port, other.port)), secret={"Authorization": "Bearer x"}, headers={"X-Plain": "1"}
        )
    assert [asked.headers.get("authorization") for asked in web.asked] == ["Bearer x", "Bearer x"]
    assert other.asked[0].headers.get("authorization") is None and other.asked[0].headers["x-plain"] == "1"


# The address


def test_a_name_is_asked_once_and_its_second_answer_is_never_used():
    """DNS rebinding: public while it is checked, private when it is called."""
    answers = [["8.8.8.8"], ["127.0.0.1"]]
    asked = []

    def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return answers[min(len(asked) - 1, 1)]

    with serving(lambda request: http(BODY)) as web:
        strict = Limits(hosts=("lists.example",), ports=(web.port,), plain=True, seconds=0.5)
        with pytest.raises(PeerFault):
            fetch(f"http://lists.example:{web.port}/", io.BytesIO(), strict, resolver=rebinding)
        assert asked == ["lists.example"] and not web.asked


def test_the_call_goes_to_the_address_and_speaks_of_the_name():
    with serving(lambda asked: http(BODY)) as web:
        _, raw = got(web, "/", "lists.example", host="lists.example", resolver=lambda host, port: ["127.0.0.1"])
    assert raw == BODY and web.asked[0].headers["host"] == f"lists.example:{web.port}"


def test_an_address_that_does_not_answer_leaves_the_next_one():
    with serving(lambda asked: http(BODY)) as web:
        _, raw = got(web, "/", "lists.example", host="lists.example", resolver=lambda host, port: ["127.0.0.9", "127.0.0.1"])
    assert raw == BODY


def test_no_proxy_of_the_environment_is_used(monkeypatch):
    with serving(lambda asked: http(b"proxied")) as proxy, serving(lambda asked: http(BODY)) as web:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        assert got(web)[1] == BODY and not proxy.asked


def test_nobody_there():
    with serving({}) as web:
        pass
    with pytest.raises(PeerFault, match="cannot be read"):
        got(web)


# TLS


def certificate(name: str) -> tuple[ssl.SSLContext, str]:
    """A server context with a certificate for a name that signs itself, and its PEM."""
    import tempfile

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile() as file:
        file.write(private + pem)
        file.flush()
        context.load_cert_chain(file.name)
    return context, pem.decode()


def test_tls_is_checked_against_the_name_not_the_address():
    context, pem = certificate("lists.example")
    here = lambda host, port: ["127.0.0.1"]  # noqa: E731
    with serving(lambda asked: http(BODY), context) as web:
        _, raw = got(web, "/", "lists.example", host="lists.example", resolver=here, ca=pem)
        assert raw == BODY
        for bad in ({"host": "other.example", "ca": pem}, {"host": "lists.example", "ca": ""}):
            with pytest.raises(PeerFault, match="certificate"):
                got(web, "/", "lists.example", "other.example", resolver=here, **bad)
    assert len(web.asked) == 1


# Bodies


@pytest.mark.parametrize("packed", [gzip.compress(BODY), gzip.compress(BODY[:99]) + gzip.compress(BODY[99:])], ids=["one", "two members"])
def test_packed_bodies_are_unpacked(packed):
    with serving(
        {
            "/coded": http(packed, Content_Encoding="gzip"),
            "/file": http(packed),
            "/both": http(gzip.compress(packed), Content_Encoding="gzip"),
        }
    ) as web:
        assert [got(web, target)[1] for target in ("/coded", "/file", "/both")] == [BODY] * 3


def test_a_bomb_is_stopped_at_the_limit_with_little_written():
    bomb = zlib.compressobj(9, wbits=31)
    packed = b"".join([bomb.compress(bytes(1 << 20)) for _ in range(256)]) + bomb.flush()
    with serving(
        {
            "/coded": http(packed, Content_Encoding="gzip"),
            "/file": http(packed),
            "/both": http(gzip.compress(packed), Content_Encoding="gzip"),
        }
    ) as web:
        for target in ("/coded", "/file", "/both"):
            file = io.BytesIO()
            with pytest.raises(PeerFault, match="more than 1048576 bytes"):
                fetch(f"{web.url}{target}", file, limits(web, most=1 << 20))
            assert len(file.getvalue()) <= 1 << 20


def test_an_endless_body_is_stopped():
    def endless(asked):
        yield b"HTTP/1.1 200 OK\r\n\r\n"
        while True:
            yield bytes(65536)

    with serving(endless) as web, pytest.raises(PeerFault, match="more than 1048576 bytes"):
        got(web, most=1 << 20)


@pytest.mark.parametrize("coding", ["br", "zstd", "deflate", "gzip, gzip"])
def test_other_packings_are_refused(coding):
    with serving(lambda asked: http(BODY, Content_Encoding=coding)) as web, pytest.raises(PeerFault, match="packed"):
        got(web)


@pytest.mark.parametrize(
    "said",
    [
        http(BODY)[:-10],
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nlogin.example.ne\r\n",
        http(gzip.compress(BODY)[:-10], Content_Encoding="gzip"),
        http(gzip.compress(BODY)[:20] + b"junk" * 9, Content_Encoding="gzip"),
        http(BODY, Content_Encoding="gzip"),
        b"HTTP/1.1 200",
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
    ],
)
def test_what_is_cut_off_or_damaged_is_an_error(said):
    with serving(lambda asked: said) as web, pytest.raises(PeerFault, match=r"cannot be read|damaged"):
        got(web)


def dripping(head: bytes, piece: bytes):
    def answer(asked):
        yield head
        while True:
            time.sleep(0.05)
            yield piece

    return answer


@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\nX-", b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n"])
def test_what_drips_ends_with_the_time_for_the_whole(head):
    began = time.monotonic()
    with serving(dripping(head, b"a")) as web, pytest.raises(PeerFault, match="took longer than"):
        got(web, seconds=0.5)
    assert time.monotonic() - began < 10


def test_headers_without_end_are_stopped():
    def endless(asked):
        yield b"HTTP/1.1 200 OK\r\n"
        while True:
            yield b"X-Pad: " + b"a" * 4096 + b"\r\n"

    with serving(endless) as web, pytest.raises(PeerFault, match="cannot be read"):
        got(web)


def test_what_a_server_says_in_headers_is_kept_only_if_it_is_plain():
    with serving(lambda asked: http(BODY, ETag="a" * 5000, Content_Type="text/csv")) as web:
        assert got(web)[0].etag == ""


def test_a_url_that_is_refused_is_the_callers_fault():
    with serving({}) as web, pytest.raises(SenderFault):
        fetch("file:///etc/passwd", io.BytesIO(), limits(web))
