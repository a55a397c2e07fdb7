"""Requests to one server of another: its own origin only, over checked TLS, bounded in size and time, tried again politely.

Everything that comes back is hostile until read: no more of a body is kept than fits, an encoding that could swell without bound is
refused, a redirect leads nowhere but to the same origin, and the credentials never leave it (cf. CVE-2020-27197).
"""

from __future__ import annotations

import ipaddress
import random
import ssl
import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx2
import msgspec

from comity.clock import now
from comity.errors import NotAuthenticated, PeerFault, SenderFault

#: Tries of one request, and the longest pause between two; a server that wants a longer one is left alone.
_TRIES, _LONGEST_WAIT = 4, 30.0
#: Tries of a server that no connection can be made to, and the pause between them: who waits at a terminal is told soon.
_CALLS, _CALL_PAUSE = 2, 0.5
#: Redirects of one request.
_HOPS = 5
#: The most bytes of one response that are kept, and the most seconds it may take.
MOST_BYTES, MOST_SECONDS = 64 << 20, 300.0
#: Answers of a server that is busy; of a server behind another one that broke the connection, so that it may have acted.
_BUSY, _BROKEN = (429, 503), (502, 504)
_REDIRECTS = (301, 302, 303, 307, 308)


class Answer(msgspec.Struct, frozen=True):
    """A response. `whole` is false when it was larger or slower than is allowed, and `content` then empty."""

    url: str
    status: int
    headers: httpx2.Headers
    content: bytes
    whole: bool = True

    @property
    def ok(self) -> bool:
        """Whether it is a success that was read to its end."""
        return self.whole and 200 <= self.status < 300


class Channel:
    """Talks to one server, as one user (nobody if both are empty). `ca` is a PEM text to trust instead of the system's authorities.

    `auth` and `context` take the place of user and token, and of TLS by authorities.
    `silence` is how many seconds the server may take over its first byte, and between two.
    """

    def __init__(
        self, user: str, token: str, *, headers: Mapping[str, str], ca: str = "", silence: float = 60.0, transport: Any = None,
        wait: Callable[[float], None] = time.sleep, clock: Callable[[], float] = time.monotonic, auth: httpx2.Auth | None = None,
        context: ssl.SSLContext | None = None,
    ) -> None:  # fmt: skip
        self._http = httpx2.Client(
            auth=auth or ((user, token) if user or token else None),
            timeout=httpx2.Timeout(silence, connect=10.0),
            headers={"User-Agent": "comity", "Accept-Encoding": "gzip", **headers},
            # A transport that is given has its own TLS; to read the system's authorities takes longer than most requests.
            verify=context or (tls(ca) if ca or transport is None else True),
            trust_env=False,
            follow_redirects=False,
            transport=transport,
        )
        self._wait = wait
        self._clock = clock

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def wait(self, seconds: float) -> None:
        """Sleep."""
        self._wait(seconds)

    def ask(self, method: str, url: str, *, once: bool = False, **options: Any) -> Answer | None:
        """One request and its answer, whatever its status, tried again while the server is busy or away.

        With `once` it is not made again when the server may have acted on it: None says that nobody knows. Raises PeerFault.
        """
        absent = 0
        for attempt in range(1, _TRIES + 1):
            pause = 0.0
            try:
                answer = self._followed(method, url, options)
            except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
                absent, problem = absent + 1, f"cannot reach {url}: {error}"
                if "CERTIFICATE_VERIFY_FAILED" in str(error):
                    raise PeerFault(problem, next="if its certificate is right, name its authority with --ca FILE") from None
                if absent == _CALLS:
                    break
            except httpx2.InvalidURL as error:
                raise PeerFault(f"{url!r} is not a URL: {error}", next="check the peer's URL, or tell its operator") from None
            except httpx2.HTTPError as error:
                absent, problem = 0, f"cannot reach {url}: {error or type(error).__name__}"
                if once:
                    return None
            else:
                if answer.status not in _BUSY + _BROKEN:
                    return answer
                if once and answer.status in _BROKEN:
                    return None
                absent, problem, pause = 0, f"{url} answered {answer.status}", retry_after(answer.headers)
                if pause > _LONGEST_WAIT:
                    raise PeerFault(f"{problem} and asks for {pause:.0f} s of rest", next="sync again after that; nothing is lost")
            if attempt < _TRIES:
                self._wait(_CALL_PAUSE if absent else pause or min(_LONGEST_WAIT, 2.0**attempt) * random.uniform(0.4, 0.6))
        raise PeerFault(problem, next="try again later; nothing is lost")

    def _followed(self, method: str, url: str, options: dict[str, Any]) -> Answer:
        """One request, led on by redirects within its origin. A post is led on only by those that keep it a post (RFC 9110, 15.4)."""
        at = url
        for _ in range(_HOPS):
            answer = self._send(method, at, options)
            if answer.status not in _REDIRECTS:
                return answer
            where = answer.headers.get("Location", "")
            onward = _joined(at, where)
            if onward is None or origin(onward) != origin(url) or (method != "GET" and answer.status not in (307, 308)):
                raise PeerFault(
                    f"{at} redirects to {where or 'nowhere'}, which is not followed", next="add the peer with that URL if it is right"
                )
            at, options = onward, {key: value for key, value in options.items() if key != "params"}
        raise PeerFault(f"{url} redirects more than {_HOPS} times", next="tell its operator")

    def _send(self, method: str, url: str, options: dict[str, Any]) -> Answer:
        """One request and its response, of which no more is read than fits, unpacked."""
        pieces, size, began = [], 0, self._clock()
        with self._http.stream(method, url, **options) as response:
            packed = response.headers.get("Content-Encoding", "").strip().lower()
            if packed not in ("", "identity", "gzip", "deflate"):
                raise PeerFault(f"{url} answered packed as {packed[:40]!r}, which was not asked for", next="tell its operator")
            for piece in response.iter_bytes():
                size += len(piece)
                if size > MOST_BYTES or self._clock() - began > MOST_SECONDS:
                    return Answer(url, response.status_code, response.headers, b"", whole=False)
                pieces.append(piece)
            return Answer(url, response.status_code, response.headers, b"".join(pieces))


def tls(ca: str) -> ssl.SSLContext:
    """TLS 1.2 or later with checked certificates: by the authorities of a PEM text, else the system's. Raises SenderFault."""
    try:
        context = ssl.create_default_context(cadata=ca or None)
    except (ssl.SSLError, ValueError) as error:
        raise SenderFault(f"the file of authorities holds no certificate: {error}", next="give a PEM file") from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def check_url(url: str, *, plain: bool = False, example: str = "https://host/taxii2/") -> None:
    """Refuse a URL that would send the token in the clear: plain http is for loopback, or where `plain` says so. Raises SenderFault."""
    try:
        parts = urlsplit(url)
        host, sound = parts.hostname or "", parts.port != 0
    except ValueError:
        raise SenderFault(f"{url!r} is not a server's URL", next=f"use {example}") from None
    try:
        loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if parts.scheme not in ("http", "https") or not host or not sound or parts.username or parts.query or parts.fragment:
        raise SenderFault(f"{url!r} is not a server's URL", next=f"use {example}")
    if parts.scheme == "http" and not loopback and not plain:
        raise SenderFault("plain http would send the token in the clear", next="use https; --insecure-http takes the risk")


def origin(url: str) -> tuple[str, str | None, int | None]:
    """Scheme, host and port of a URL (RFC 6454). Raises ValueError."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"https": 443, "http": 80}.get(parts.scheme)


def good(answer: Answer, said: Callable[[bytes], str]) -> Answer:
    """The answer, if it is a whole success; `said` reads what an error resource says. Raises NotAuthenticated or PeerFault."""
    status, url = answer.status, answer.url
    if answer.ok:
        return answer
    if status in (401, 403):
        raise NotAuthenticated(f"{url} refused the token ({status})", next="check the token, its scope and its expiry")
    if not answer.whole:
        raise PeerFault(
            f"{url} answered with more than {MOST_BYTES} bytes, or for longer than {MOST_SECONDS:.0f} s", next="tell its operator"
        )
    hint = "it may not speak TAXII 2.1" if status in (406, 415) else "check the URL, or tell its operator"
    raise PeerFault(f"{url} answered {status}: {said(answer.content)}", next=hint)


def _joined(base: str, where: str) -> str | None:
    try:
        onward = urljoin(base, where) if where else None
        if onward is not None:
            origin(onward)
    except ValueError:
        return None
    return onward


def retry_after(headers: Mapping[str, str]) -> float:
    """Seconds to wait (RFC 9110 section 10.2.3: a number, or a date), 0 if not said."""
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        return max(0.0, (parsedate_to_datetime(text) - now()).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return 0.0
