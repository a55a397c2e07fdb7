"""A TAXII 2.1 client: discovery, collections, pages, posts (TAXII 2.1 sections 3-5). No decisions and no store."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote, unquote, urljoin

import msgspec

from comity.errors import PeerFault
from comity.peer.channel import Answer, Channel, check_url, good, origin
from comity.peer.paging import Fetched, Walk
from comity.peer.resources import ApiRoot, Collections, Discovery, Listed, Manifest, Status, read, said

MEDIA = "application/taxii+json;version=2.1"
#: What an answer may call itself; some gateways say plain JSON.
_MEDIA = ("application/taxii+json", "application/json")
#: Pauses between looks at a status; the last one is repeated until they make `_PATIENCE` seconds.
_PAUSES, _PATIENCE = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0), 120.0
#: A collection's own URL, or that of its objects (section 5.2, 5.4).
_COLLECTION = re.compile(r"(?P<root>.+/)collections/(?P<id>[^/]+)/(?:objects/)?\Z")


class Collection(msgspec.Struct, frozen=True, kw_only=True):
    """A collection of a server and what its API root says. `understands` is true for a Comity node; `most` is bytes per post, 0 unknown."""

    root: str
    id: str
    title: str = ""
    alias: str = ""
    can_read: bool = False
    can_write: bool = False
    understands: bool = False
    most: int = 0

    @property
    def url(self) -> str:
        """Its URL."""
        return f"{self.root}collections/{quote(self.id, safe='')}/"

    @property
    def objects(self) -> str:
        """The URL of its objects."""
        return self.url + "objects/"


class Posted(msgspec.Struct, frozen=True, kw_only=True):
    """What a server made of a post: how many objects it took and refused, and `<id>: <why>` of refused ones."""

    taken: int
    refused: int
    problems: tuple[str, ...]


class TaxiiClient:
    """Talks to one server. `ca` is a PEM text of authorities, `plain` lets http beyond loopback; `wait` sleeps, replaced in tests."""

    def __init__(
        self, user: str, token: str, *, ca: str = "", plain: bool = False, transport: Any = None, wait: Callable[[float], None] = time.sleep
    ) -> None:
        self._plain = plain
        self._channel = Channel(user, token, headers={"Accept": MEDIA}, ca=ca, transport=transport, wait=wait)

    def close(self) -> None:
        """Close the connections."""
        self._channel.close()

    def collections(self, url: str) -> list[Collection]:
        """All collections below a discovery, API root or collection URL. Raises PeerFault, NotAuthenticated or SenderFault (the URL)."""
        check_url(url, plain=self._plain)
        base, _ = place(url)
        first = self._json(base)
        discovery = read(Discovery, first)
        if discovery and (discovery.api_roots or discovery.default):
            base = _api_root(discovery, base)
            first = self._json(base)
        root = read(ApiRoot, first)
        if root is None or not root.versions:
            raise PeerFault(f"{url} is neither a TAXII 2.1 discovery nor an API root", next="check the URL: it usually ends in /taxii2/")
        if not any("2.1" in each for each in root.versions):
            raise PeerFault(f"{base} speaks {', '.join(root.versions)[:200]}, not TAXII 2.1", next="ask its operator for a 2.1 API root")
        listed = read(Collections, self._json(base + "collections/"))
        return [_collection(base, root, each) for each in (listed.collections if listed else ()) if each.id.strip("./ ")]

    def pages(self, collection: Collection, after: str | None, limit: int) -> Iterator[Fetched]:
        """Pages of all versions of the objects added after a TAXII timestamp (`paging`). Raises PeerFault or NotAuthenticated."""

        def ask(query: dict[str, str]) -> Answer | None:
            answer = self._channel.ask("GET", collection.objects, params=query, once="next" in query)
            return answer if answer is None or not answer.ok else _taxii(answer)

        return Walk(ask, collection.objects, after, limit, unique=collection.understands).pages()

    def more(self, collection: Collection, after: str | None) -> bool:
        """Whether a collection has anything that was added after a TAXII timestamp, by its manifest (section 5.3)."""
        query = {"limit": "1", "match[version]": "all", **({"added_after": after} if after else {})}
        manifest = read(Manifest, self._json(collection.url + "manifest/", params=query))
        return manifest is not None and bool(manifest.objects)

    def post(self, collection: Collection, envelope: bytes) -> Posted | None:
        """Post an envelope and wait until the server has finished (section 4.3), then ask no more. None: it is too large for it (413)."""
        answer = self._channel.ask("POST", collection.objects, content=envelope, headers={"Content-Type": MEDIA})
        if answer is not None and answer.status == 413:
            return None
        status = _status(_taxii(_had(answer)))
        waited = looks = 0.0
        while status.status != "complete" and status.id and waited < _PATIENCE:
            pause = _PAUSES[min(int(looks), len(_PAUSES) - 1)]
            self._channel.wait(pause)
            waited, looks = waited + pause, looks + 1
            status = _status(_taxii(_had(self._channel.ask("GET", f"{collection.root}status/{quote(status.id, safe='')}/"))))
        if status.status != "complete":
            raise PeerFault("the server has not finished with what was posted", next="sync again later: what it has already it tells apart")
        problems = tuple(f"{each.id or 'an object'}: {each.message or 'refused'}"[:500] for each in status.failures)
        return Posted(taken=status.success_count, refused=status.failure_count, problems=problems)

    def delete(self, collection: Collection, id_: str) -> bool:
        """Ask that an object of ours goes (section 5.7); whether it is gone. A server need not offer that."""
        answer = self._channel.ask("DELETE", f"{collection.objects}{quote(id_, safe='')}/")
        return answer is not None and (answer.ok or answer.status == 404)

    def _json(self, url: str, **options: Any) -> bytes:
        content = _taxii(_had(self._channel.ask("GET", url, **options))).content
        if read(ApiRoot, content) is None:
            raise PeerFault(f"{url} did not answer with a TAXII resource", next="check the URL")
        return content


def place(url: str) -> tuple[str, str]:
    """(URL to begin with, collection id or alias that the URL names, or "")."""
    base = url if url.endswith("/") else url + "/"
    found = _COLLECTION.match(base)
    return (found["root"], unquote(found["id"])) if found else (base, "")


def _collection(base: str, root: ApiRoot, listed: Listed) -> Collection:
    return Collection(
        root=base,
        id=listed.id,
        title=listed.title,
        alias=listed.alias,
        can_read=listed.can_read,
        can_write=listed.can_write,
        understands=root.understands,
        most=max(0, root.max_content_length),
    )


def _api_root(discovery: Discovery, base: str) -> str:
    """The URL of the API root that a discovery resource names first. Raises PeerFault if it is on another host."""
    named = discovery.default or discovery.api_roots[0]
    try:
        root = urljoin(base, named)
        # A server must not be able to send our token to another host (cf. CVE-2020-27197).
        elsewhere = origin(root) != origin(base)
    except ValueError:
        root, elsewhere = named, True
    if elsewhere:
        raise PeerFault(f"{base} names an API root elsewhere: {root}", next="add the peer with that API root's own URL")
    return root if root.endswith("/") else root + "/"


def _had(answer: Answer | None) -> Answer:
    """An answer to a request that is safe to repeat, so that there is one."""
    assert answer is not None
    return good(answer, said)


def _taxii(answer: Answer) -> Answer:
    """The answer, if it calls itself TAXII, whatever the parameters. Raises PeerFault."""
    kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind not in _MEDIA:
        raise PeerFault(f"{answer.url} answered with {kind[:80] or 'no media type'}, which is no TAXII", next="check the URL")
    return answer


def _status(answer: Answer) -> Status:
    status = read(Status, answer.content)
    if status is None:
        raise PeerFault(f"{answer.url} did not answer with a TAXII status", next="tell its operator")
    return status
