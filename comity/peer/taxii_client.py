"""A TAXII 2.1 client: discovery, collections, pages, posts (TAXII 2.1 sections 3-5). No decisions and no store."""

from __future__ import annotations

import hashlib
import ipaddress
import time
from collections.abc import Callable, Iterator, Mapping
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import httpx2
import msgspec

from comity.clock import micros, now, parse
from comity.errors import NotAuthenticated, PeerFault, SenderFault
from comity.forms.wire_envelope import PROPERTY

MEDIA = "application/taxii+json;version=2.1"
_TRIES = 4
#: Tries of a server that no connection can be made to, and the pause between them: who waits at a terminal is told soon.
_CALLS, _CALL_PAUSE = 2, 0.5
_LONGEST_WAIT = 30.0
#: The most bytes of one response that are read.
_MOST = 256 << 20
#: How many pages in a row may say that there is more and hold nothing.
_HOLLOW = 20
_UNFIT = (msgspec.MsgspecError, RecursionError, UnicodeDecodeError)


class Collection(msgspec.Struct, frozen=True, kw_only=True):
    """A collection of a server and what its API root says. `understands` is true for a Comity node."""

    root: str
    id: str
    alias: str = ""
    can_read: bool = False
    can_write: bool = False
    understands: bool = False
    most: int = 0

    @property
    def objects(self) -> str:
        """The URL of its objects."""
        return f"{self.root}collections/{quote(self.id, safe='')}/objects/"


class Fetched(msgspec.Struct, frozen=True, kw_only=True):
    """One page as received: the envelope's bytes, whether it holds no objects, and where to go on (None: this was the last).

    `last` is when the server added the last of its objects (`X-TAXII-Date-Added-Last`), None if it does not say.
    """

    raw: bytes
    empty: bool
    going_on: dict[str, str] | None
    last: str | None


class Posted(msgspec.Struct, frozen=True, kw_only=True):
    """What a server made of a post: how many objects it took and refused, and `<id>: <why>` of refused ones."""

    taken: int
    refused: int
    problems: tuple[str, ...]


class _Answer(msgspec.Struct, frozen=True):
    """A response that was read to its end."""

    url: str
    status: int
    headers: httpx2.Headers
    content: bytes


class TaxiiClient:
    """Talks to one server. `wait` sleeps between tries; replaced in tests."""

    def __init__(self, user: str, token: str, *, transport: Any = None, wait: Callable[[float], None] = time.sleep) -> None:
        self._http = httpx2.Client(
            auth=(user, token),
            timeout=httpx2.Timeout(60.0, connect=10.0),
            headers={"Accept": MEDIA, "User-Agent": "comity"},
            trust_env=False,
            follow_redirects=False,
            transport=transport,
        )
        self._wait = wait

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def collections(self, url: str) -> list[Collection]:
        """All collections below a discovery or API root URL. Raises PeerFault, NotAuthenticated or SenderFault (the URL)."""
        check_url(url)
        base = url if url.endswith("/") else url + "/"
        first = self._json(base)
        if "api_roots" in first or "default" in first:
            base = _api_root(first, base)
            first = self._json(base)
        if "versions" not in first:
            raise PeerFault(f"{url} is neither a TAXII 2.1 discovery nor an API root", next="check the URL: it usually ends in /taxii2/")
        listed = self._json(base + "collections/").get("collections", [])
        most = first.get("max_content_length")
        return [
            Collection(
                root=base,
                id=each["id"],
                alias=str(each.get("alias", "")),
                can_read=each.get("can_read") is True,
                can_write=each.get("can_write") is True,
                understands=first.get(PROPERTY) is True,
                most=most if isinstance(most, int) and most > 0 else 0,
            )
            for each in (listed if isinstance(listed, list) else ())
            if isinstance(each, dict) and isinstance(each.get("id"), str) and each["id"].strip("./ ")
        ]

    def pages(self, collection: Collection, after: str | None, limit: int) -> Iterator[Fetched]:
        """Pages of objects added after a TAXII timestamp, following `next`; without `next`, the last date (section 3.5).

        Every page is given before what is wrong with it is said: PeerFault if the server repeats itself, or says that there is more
        and not how to get it.
        """
        query: dict[str, str] = {"limit": str(limit), "match[version]": "all", **({"added_after": after} if after else {})}
        going: dict[str, str] | None = query
        seen: set[str] = set()
        hollow = 0
        while going is not None:
            answer = self._request("GET", collection.objects, params=going)
            outer = _outer(answer)
            objects = bytes(outer.get("objects", b""))
            empty = objects.strip() in (b"", b"[]", b"null")
            last = _moment(answer.headers.get("X-TAXII-Date-Added-Last"))
            query, going, problem = _onward(outer, query, last, empty)
            hollow = hollow + 1 if empty else 0
            marks = {f"next {going['next']}"} if going and "next" in going else set()
            marks |= set() if empty else {hashlib.sha256(objects).hexdigest()}
            if going and (marks & seen or hollow > _HOLLOW):
                problem = "gives the same page again and again, or empty ones"
            seen |= marks
            yield Fetched(raw=answer.content, empty=empty, going_on=None if problem else going, last=last)
            if problem:
                raise PeerFault(f"{collection.objects} {problem}", next="tell its operator; what was received before is kept")

    def post(self, collection: Collection, envelope: bytes) -> Posted:
        """Post an envelope and wait until the server has finished (status resource, section 4.3)."""
        headers = {"Content-Type": MEDIA}
        status = _resource(self._request("POST", collection.objects, content=envelope, headers=headers))
        for pause in (0.2, 0.5, 1.0, 2.0, 5.0, 10.0):
            if status.get("status") == "complete" or not isinstance(status.get("id"), str):
                break
            self._wait(pause)
            status = self._json(f"{collection.root}status/{quote(status['id'], safe='')}/")
        if status.get("status") != "complete":
            raise PeerFault("the server has not finished with what was posted", next="sync again later: what it has already it tells apart")
        return _posted(status)

    def _json(self, url: str) -> dict[str, Any]:
        return _resource(self._request("GET", url))

    def _request(self, method: str, url: str, **options: Any) -> _Answer:
        """One request, tried again for a busy or absent server, politely."""
        problem, pause, absent = "", 0.0, 0
        for attempt in range(_TRIES):
            if attempt:
                self._wait(_CALL_PAUSE if absent else max(pause, min(_LONGEST_WAIT, 0.5 * 2**attempt)))
            try:
                answer = self._send(method, url, options)
            except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
                problem, pause, absent = f"cannot reach {url}: {error}", 0.0, absent + 1
                if absent == _CALLS:
                    break
                continue
            except httpx2.HTTPError as error:
                problem, pause, absent = f"cannot reach {url}: {error}", 0.0, 0
                continue
            except httpx2.InvalidURL as error:
                raise PeerFault(f"{url!r} is not a URL: {error}", next="check the peer's URL, or tell its operator") from None
            if answer.status not in (429, 502, 503, 504):
                return _good(answer)
            problem, pause, absent = f"{url} answered {answer.status}", _retry_after(answer.headers), 0
            if pause > _LONGEST_WAIT:
                raise PeerFault(f"{problem} and asks for {pause:.0f} s of rest", next="sync again after that; nothing is lost")
        raise PeerFault(problem, next="try again later; nothing is lost")

    def _send(self, method: str, url: str, options: dict[str, Any]) -> _Answer:
        """One request and its response, which is never read beyond what fits, unpacked."""
        pieces, size = [], 0
        with self._http.stream(method, url, **options) as response:
            for piece in response.iter_bytes():
                size += len(piece)
                if size > _MOST:
                    raise PeerFault(f"{url} answered with more than {_MOST} bytes", next="tell its operator")
                pieces.append(piece)
            return _Answer(str(response.url), response.status_code, response.headers, b"".join(pieces))


def _onward(
    outer: Mapping[str, msgspec.Raw], query: dict[str, str], last: str | None, empty: bool
) -> tuple[dict[str, str], dict[str, str] | None, str]:
    """(query of this run, what to ask next, what is wrong) after a page. A cursor holds beside the query it was given for."""
    if bytes(outer.get("more", b"")) != b"true":
        return query, None, ""
    cursor = _text(outer.get("next"))
    if cursor:
        return query, {**query, "next": cursor}, ""
    if last is not None and _later(last, query.get("added_after")):
        query = {**query, "added_after": last}
        return query, query, ""
    return query, None, "" if empty else "says that there is more, and not how to get it"


def _api_root(discovery: Mapping[str, Any], base: str) -> str:
    """The URL of the API root that a discovery resource names first. Raises PeerFault if it is on another host."""
    roots = discovery.get("api_roots")
    named = discovery.get("default") or (roots[0] if isinstance(roots, list) and roots else None)
    if not isinstance(named, str) or not named:
        raise PeerFault(f"{base} names no API root", next="ask its operator which API root the token may use")
    try:
        root = urljoin(base, named)
        # A server must not be able to send our token to another host (cf. CVE-2020-27197).
        elsewhere = _origin(root) != _origin(base)
    except ValueError:
        root, elsewhere = named, True
    if elsewhere:
        raise PeerFault(f"{base} names an API root elsewhere: {root}", next="add the peer with that API root's own URL")
    return root if root.endswith("/") else root + "/"


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"https": 443, "http": 80}.get(parts.scheme)


def _good(answer: _Answer) -> _Answer:
    """The answer, if it is a success."""
    status, url = answer.status, answer.url
    if status in (401, 403):
        raise NotAuthenticated(f"{url} refused the token ({status})", next="check the token, its scope and its expiry")
    if 300 <= status < 400:
        where = answer.headers.get("Location", "elsewhere")
        raise PeerFault(f"{url} redirects to {where}, which is not followed", next="add the peer with that URL if it is right")
    if not 200 <= status < 300:
        raise PeerFault(f"{url} answered {status}: {_said(answer)}", next="check the URL, or tell its operator")
    return answer


def check_url(url: str) -> None:
    """Refuse a URL that would send the token in the clear: plain http is for loopback only. Raises SenderFault."""
    try:
        parts = urlsplit(url)
        host, sound = parts.hostname or "", parts.port != 0
    except ValueError:
        raise SenderFault(f"{url!r} is not a TAXII server's URL", next="use https://host/taxii2/") from None
    try:
        loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if parts.scheme not in ("http", "https") or not host or not sound or parts.username or parts.query or parts.fragment:
        raise SenderFault(f"{url!r} is not a TAXII server's URL", next="use https://host/taxii2/")
    if parts.scheme == "http" and not loopback:
        raise SenderFault("plain http would send the token in the clear", next="use https")


def _resource(answer: _Answer) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(answer.content)
    except _UNFIT:
        found = None
    if not isinstance(found, dict):
        raise PeerFault(f"{answer.url} did not answer with a TAXII resource", next="check the URL")
    return found


def _outer(answer: _Answer) -> dict[str, msgspec.Raw]:
    """The members of an envelope; its objects may be unsound one by one, which intake says of each."""
    try:
        return msgspec.json.decode(answer.content, type=dict[str, msgspec.Raw])
    except _UNFIT:
        raise PeerFault(f"{answer.url} did not answer with a TAXII envelope", next="check the URL, or tell its operator") from None


def _text(raw: msgspec.Raw | None) -> str:
    try:
        return msgspec.json.decode(raw, type=str) if raw is not None else ""
    except _UNFIT:
        return ""


def _posted(status: Mapping[str, Any]) -> Posted:
    """The counts and failures of a status resource, as far as they have the shape they should have."""
    counts = [value if isinstance(value := status.get(key), int) else 0 for key in ("success_count", "failure_count")]
    failures = status.get("failures")
    told = [each for each in failures if isinstance(each, dict)] if isinstance(failures, list) else []
    problems = tuple(f"{each.get('id')}: {each.get('message', 'refused')}"[:500] for each in told)
    return Posted(taken=counts[0], refused=counts[1], problems=problems)


def _moment(text: str | None) -> str | None:
    """A timestamp as the server gave it, None if it is none: kept, it would spoil every later request."""
    return text if text is not None and _later(text, None) else None


def _later(last: str, than: str | None) -> bool:
    try:
        moment = micros(parse(last))
        return than is None or moment > micros(parse(than))
    except (ValueError, OverflowError):
        return False


def _retry_after(headers: Mapping[str, str]) -> float:
    """Seconds to wait (RFC 9110 section 10.2.3: a number, or a date), 0 if not said."""
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        return max(0.0, (parsedate_to_datetime(text) - now()).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return 0.0


def _said(answer: _Answer) -> str:
    try:
        found = msgspec.json.decode(answer.content)
        return str(found.get("description") or found.get("title") or "")[:200]
    except (*_UNFIT, AttributeError):
        return ""
