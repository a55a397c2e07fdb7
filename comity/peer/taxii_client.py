"""A TAXII 2.1 client: discovery, collections, pages, posts (TAXII 2.1 sections 3-5). No decisions and no store."""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx2
import msgspec

from comity.clock import micros, parse
from comity.errors import NotAuthenticated, PeerFault, SenderFault
from comity.forms.wire_envelope import PROPERTY

MEDIA = "application/taxii+json;version=2.1"
_TRIES = 4
_LONGEST_WAIT = 30.0
#: The most bytes of one response that are read.
_MOST = 256 << 20


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
        return f"{self.root}collections/{self.id}/objects/"


class Fetched(msgspec.Struct, frozen=True, kw_only=True):
    """One page as received: the envelope's bytes, where to go on (None: this was the last), and whether it has no objects."""

    raw: bytes
    going_on: dict[str, str] | None
    last: str | None
    empty: bool = False


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
        """All collections below a discovery or API root URL."""
        check_url(url)
        base = url if url.endswith("/") else url + "/"
        first = self._json(base)
        if "api_roots" in first or "default" in first:
            named = [first["default"]] if "default" in first else first["api_roots"][:1]
            base = urljoin(base, str(named[0]))
            # A server must not be able to send our token to another host (cf. CVE-2020-27197).
            if urlsplit(base)[:2] != urlsplit(url)[:2]:
                raise PeerFault(f"{url} names an API root elsewhere: {base}", next="add the peer with that API root's own URL")
            first = self._json(base)
        if "versions" not in first:
            raise PeerFault(f"{url} is neither a TAXII 2.1 discovery nor an API root", next="check the URL: it usually ends in /taxii2/")
        listed = self._json(base + "collections/").get("collections", [])
        return [
            Collection(
                root=base,
                id=str(each["id"]),
                alias=str(each.get("alias", "")),
                can_read=each.get("can_read") is True,
                can_write=each.get("can_write") is True,
                understands=first.get(PROPERTY) is True,
                most=int(first.get("max_content_length", 0)),
            )
            for each in listed
        ]

    def pages(self, collection: Collection, after: str | None, limit: int) -> Iterator[Fetched]:
        """Pages of objects added after a TAXII timestamp, following `next`; without `next`, the last date (section 3.5).

        Ends when neither advances. Raises PeerFault if the server repeats itself.
        """
        query: dict[str, str] = {"limit": str(limit), "match[version]": "all"}
        going: dict[str, str] | None = {**query, **({"added_after": after} if after else {})}
        seen: set[str] = set()
        while going is not None:
            response = self._request("GET", collection.objects, params=going)
            envelope = self._decode(response)
            last = response.headers.get("X-TAXII-Date-Added-Last")
            following: dict[str, str] | None = None
            if envelope.get("more") is True:
                if "next" in envelope:
                    cursor = str(envelope["next"])
                    if cursor in seen:
                        raise PeerFault(f"{collection.objects} gives the same page again and again", next="tell its operator")
                    seen.add(cursor)
                    # Never a stale added_after beside next: they would contradict each other.
                    following = {**query, "next": cursor, **({"added_after": after} if after else {})}
                elif last is not None and _later(last, going.get("added_after")):
                    following = {**query, "added_after": last}
            yield Fetched(raw=response.content, going_on=following, last=last, empty="objects" not in envelope)
            going = following

    def post(self, collection: Collection, envelope: bytes) -> dict[str, Any]:
        """Post an envelope and wait until the server has finished; its status resource (section 4.3)."""
        headers = {"Content-Type": MEDIA}
        status = self._decode(self._request("POST", collection.objects, content=envelope, headers=headers))
        for pause in (0.2, 0.5, 1.0, 2.0, 5.0, 10.0):
            if status.get("status") == "complete":
                return status
            self._wait(pause)
            status = self._json(f"{collection.root}status/{status['id']}/")
        raise PeerFault("the server has not finished with what was posted", next="sync again later: what it has already is not sent twice")

    def _json(self, url: str) -> dict[str, Any]:
        return self._decode(self._request("GET", url))

    def _decode(self, response: httpx2.Response) -> dict[str, Any]:
        try:
            found = msgspec.json.decode(response.content)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
            # Objects in it may be broken one by one; the page's own members are what is needed here.
            found = _outer(response.content)
        if not isinstance(found, dict):
            raise PeerFault(f"{response.url} did not answer with a TAXII resource", next="check the URL")
        return found

    def _request(self, method: str, url: str, **options: Any) -> httpx2.Response:
        """One request, tried again for a busy or absent server, politely."""
        problem = ""
        for attempt in range(_TRIES):
            if attempt:
                self._wait(min(_LONGEST_WAIT, 0.5 * 2**attempt))
            try:
                response = self._http.request(method, url, **options)
            except httpx2.HTTPError as error:
                problem = f"cannot reach {url}: {error}"
                continue
            if len(response.content) > _MOST:
                raise PeerFault(f"{url} answered with more than {_MOST} bytes")
            if response.status_code in (429, 502, 503, 504):
                problem = f"{url} answered {response.status_code}"
                self._wait(_retry_after(response.headers))
                continue
            if response.status_code in (401, 403):
                raise NotAuthenticated(
                    f"{url} refused the token ({response.status_code})", next="check the token, its scope and its expiry"
                )
            if not response.is_success:
                raise PeerFault(f"{url} answered {response.status_code}: {_said(response)}", next="check the URL, or tell its operator")
            return response
        raise PeerFault(problem, next="try again later; nothing is lost")


def check_url(url: str) -> None:
    """Refuse a URL that would send the token in the clear: plain http is for loopback only. Raises SenderFault."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if parts.scheme not in ("http", "https") or not host or parts.username:
        raise SenderFault(f"{url!r} is not a TAXII server's URL", next="use https://host/taxii2/")
    if parts.scheme == "http" and not loopback:
        raise SenderFault("plain http would send the token in the clear", next="use https")


def _outer(raw: bytes) -> Any:
    try:
        outer = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
        members = {key: msgspec.json.decode(outer[key]) for key in ("more", "next", "id", "status") if key in outer}
        return members | {"objects": None} if "objects" in outer else members
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return None


def _later(last: str, than: str | None) -> bool:
    try:
        return than is None or micros(parse(last)) > micros(parse(than))
    except ValueError:
        return False


def _retry_after(headers: Mapping[str, str]) -> float:
    text = headers.get("Retry-After", "")
    return min(_LONGEST_WAIT, float(text)) if text.isascii() and text.isdigit() else 0.0


def _said(response: httpx2.Response) -> str:
    try:
        found = msgspec.json.decode(response.content)
        return str(found.get("description") or found.get("title") or "")[:200]
    except (msgspec.MsgspecError, AttributeError, UnicodeDecodeError):
        return response.reason_phrase
