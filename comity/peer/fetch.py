"""Fetching a URL that others may influence, without being led anywhere else: the one way by which feeds are read (CWE-918).

    1. the URL     https (http where allowed), a name or a plain address, an allowed host and port, no user, nothing odd
    2. the address the name is resolved once; every address must be reachable in the sense of `terms.address_space`
    3. the call    goes to these very addresses, with the name in TLS and `Host`: a second answer of the DNS is never asked for
    4. a redirect  is followed by hand, through 1 to 3 again, at most `REDIRECTS` times; credentials go to the first origin alone
    5. the body    is unpacked here, piece by piece, into a file; what is over the limits, damaged or cut off is an error

The time limit is on the whole: connecting, TLS, headers (however slowly they drip), and body. No proxies, cookies or `.netrc`.
"""

from __future__ import annotations

import hashlib
import ssl
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import IO, Any
from urllib.parse import urljoin

import httpcore2
import msgspec

from comity.errors import NotAuthenticated, PeerFault, SenderFault
from comity.peer.channel import retry_after, tls
from comity.peer.place import Limits, Place, Resolve, pinned, place, resolve

REDIRECTS = 5
_MOVED = frozenset({301, 302, 303, 307, 308})
_PIECE = 1 << 16


class Fetched(msgspec.Struct, frozen=True, kw_only=True):
    """What came. `state` is `new` (a body was written), `same` (not modified since) or `later` (busy; `wait` seconds if it says).

    `type` is the media type in lower case; `etag` and `modified` are what to ask with next time.
    """

    state: str
    url: str
    type: str = ""
    etag: str = ""
    modified: str = ""
    size: int = 0
    sha256: str = ""
    wait: float = 0.0
    status: int = 200


def fetch(
    url: str,
    into: IO[bytes],
    limits: Limits,
    *,
    headers: Mapping[str, str] | None = None,
    secret: Mapping[str, str] | None = None,
    resolver: Resolve = resolve,
) -> Fetched:
    """All five steps. `headers` go along everywhere, `secret` ones only to the origin of `url`.

    Raises SenderFault (the URL), NotAuthenticated (401, 403) or PeerFault (anything that the other side does wrong).
    """
    deadline = time.monotonic() + limits.seconds
    first = at = place(url, limits)
    for _ in range(REDIRECTS + 1):
        said = {"Host": at.hostport, "User-Agent": "comity", "Accept": "*/*", "Accept-Encoding": "gzip", **(headers or {})}
        said |= (secret or {}) if at.origin == first.origin else {}
        found = _call(at, pinned(at, limits, resolver), said, into, limits, deadline)
        if isinstance(found, Fetched):
            return found
        # 4.
        try:
            at = place(urljoin(at.url, found), limits)
        except (SenderFault, ValueError) as fault:
            raise PeerFault(f"{at.shown} redirects to {found[:200]!r}: {fault}", next=getattr(fault, "next", "")) from None
    raise PeerFault(f"{first.shown} redirects more than {REDIRECTS} times", next="check the URL, or tell its operator")


def _call(at: Place, addresses: list[str], said: Mapping[str, str], into: IO[bytes], limits: Limits, deadline: float) -> Fetched | str:
    """Steps 3 and 5 for one hop: what came, or the `Location` of a redirect."""
    backend = Pinned(addresses, deadline)
    context = tls(limits.ca) if at.scheme == "https" else None
    try:
        with (
            httpcore2.ConnectionPool(ssl_context=context, network_backend=backend, max_connections=1, max_keepalive_connections=0) as pool,
            pool.stream(
                "GET",
                httpcore2.URL(scheme=at.scheme, host=at.host, port=at.port, target=at.target),
                headers=[(name, value) for name, value in said.items()],
            ) as response,
        ):
            got = _Headers(response.headers)
            if response.status in _MOVED and got("location"):
                return got("location")
            early = _early(at, response.status, got, said)
            return early if early is not None else _body(at, got, response.iter_stream(), into, limits)
    except (httpcore2.TimeoutException, httpcore2.NetworkError, httpcore2.ProtocolError, ssl.SSLError) as error:
        late = time.monotonic() >= deadline
        problem = f"took longer than {limits.seconds:.0f} s" if late else f"cannot be read: {error or type(error).__name__}"
        raise PeerFault(f"{at.shown} {problem}", next="it is tried again later; what was received before is kept") from None


class _Headers:
    """Response headers by lower-case name; "" for one that is not there, text safe to keep."""

    def __init__(self, headers: Iterable[tuple[bytes, bytes]]) -> None:
        self._found = {name.decode("latin-1").lower(): value.decode("latin-1").strip() for name, value in headers}

    def __call__(self, name: str) -> str:
        value = self._found.get(name, "")
        return value if len(value) <= 2048 and value.isprintable() else ""


def _early(at: Place, status: int, got: _Headers, said: Mapping[str, str]) -> Fetched | None:
    """What a status other than 200 means; None for 200."""
    if status == 304 and {"If-None-Match", "If-Modified-Since"} & set(said):
        return Fetched(state="same", url=at.url, etag=got("etag"), modified=got("last-modified"), status=status)
    if status in (429, 503):
        return Fetched(state="later", url=at.url, wait=retry_after({"Retry-After": got("retry-after")}), status=status)
    if status in (401, 403):
        raise NotAuthenticated(f"{at.shown} refused ({status})", next="check whether it needs a token, and the token")
    if status != 200:
        raise PeerFault(f"{at.shown} answered {status}", next="check the URL, or tell its operator")
    return None


def _body(at: Place, got: _Headers, pieces: Iterable[bytes], into: IO[bytes], limits: Limits) -> Fetched:
    """Step 5."""
    coding = got("content-encoding").lower()
    if coding not in ("", "identity", "gzip", "x-gzip"):
        raise PeerFault(f"{at.shown} is packed in a way that was not asked for: {coding[:40]!r}", next="tell its operator")
    digest, size = hashlib.sha256(), 0
    stream = _unpacked(pieces) if coding.endswith("gzip") else iter(pieces)
    try:
        for piece in _unpacked_if_packed(stream):
            size += len(piece)
            if size > limits.most:
                raise PeerFault(f"{at.shown} holds more than {limits.most} bytes", next="if it should: --max-size")
            digest.update(piece)
            into.write(piece)
    except (zlib.error, EOFError) as error:
        raise PeerFault(f"{at.shown} is damaged: {error}", next="it is tried again later; what was received before is kept") from None
    type_ = got("content-type").partition(";")[0].strip().lower()
    return Fetched(
        state="new", url=at.url, type=type_, etag=got("etag"), modified=got("last-modified"), size=size, sha256=digest.hexdigest()
    )  # fmt: skip


def _unpacked_if_packed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """A body that is a gzip file as its content (`list.csv.gz`), any other as it is."""
    stream = iter(pieces)
    head = b""
    for piece in stream:
        head += piece
        if len(head) >= 2:
            break
    rest = _chain(head, stream)
    return _unpacked(rest) if head[:2] == b"\x1f\x8b" else rest


def _chain(head: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield head
    yield from rest


def _unpacked(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Gzip, member after member, never more than a piece at a time. Raises zlib.error or EOFError."""
    unpacker = zlib.decompressobj(wbits=31)
    fresh = True
    for piece in pieces:
        data = piece
        while data:
            if unpacker.eof:
                unpacker, fresh = zlib.decompressobj(wbits=31), True
            out = unpacker.decompress(data, _PIECE)
            fresh = False
            if out:
                yield out
            data = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
    while not unpacker.eof and not fresh:
        out = unpacker.decompress(unpacker.unconsumed_tail, _PIECE)
        if not out:
            raise EOFError("it ends in the middle")
        yield out


class Pinned(httpcore2.NetworkBackend):
    """Step 3: connects to the given addresses, whatever name it is asked for; nothing waits beyond the deadline (`time.monotonic`)."""

    def __init__(self, addresses: list[str], deadline: float) -> None:
        self._addresses = addresses
        self._deadline = deadline
        self._network = httpcore2.SyncBackend()

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None, socket_options: Any = None
    ) -> httpcore2.NetworkStream:
        fault: Exception = httpcore2.ConnectError("no address")
        for address in self._addresses:
            try:
                return _Timed(self._network.connect_tcp(address, port, _left(self._deadline, 10.0)), self._deadline)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                fault = error
        raise fault


class _Timed(httpcore2.NetworkStream):
    """A stream on which nothing waits beyond the deadline."""

    def __init__(self, stream: httpcore2.NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(self._deadline, 60.0))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(self._deadline, 60.0))

    def close(self) -> None:
        self._stream.close()

    def start_tls(self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None) -> _Timed:
        return _Timed(self._stream.start_tls(ssl_context, server_hostname, _left(self._deadline, 30.0)), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(deadline: float, most: float) -> float:
    """Seconds to wait for one step. Raises httpcore2.ReadTimeout when there are none."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore2.ReadTimeout("out of time")
    return min(left, most)
