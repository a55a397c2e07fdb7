"""A client of the JSON API: typed, synchronous, and as polite as a good neighbour.

    with Client("https://node.example", token) as node:
        for item in node.items(type=("indicator",)):
            print(item.id, item.origin)

Lists are iterators that go from page to page. Refusals are raised as the faults of `comity.errors` that they are at the node; what the
node itself gets wrong is a PeerFault. The token goes to the one origin it was given for: redirects are not followed, proxies of the
environment not used, and plain http is for loopback alone.
"""

from __future__ import annotations

import ipaddress
import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

import httpx2
import msgspec

from comity.agree.findings import Finding
from comity.errors import Fault, NotAuthenticated, OperatorFault, PeerFault, SenderFault
from comity.terms.contact import Contact
from comity.terms.item import Outcome
from comity.wire import (
    FAULTS,
    MOST_VALUES,
    Agreement,
    AgreementPage,
    AgreementText,
    Approval,
    ApprovalPage,
    Approvals,
    AskApproval,
    Audience,
    Claims,
    Findings,
    Item,
    ItemPage,
    Known,
    KnownValues,
    LogEntry,
    LogHead,
    LogPage,
    Me,
    Party,
    PartyPage,
    Problem,
    Simulation,
    Verdict,
    Withdrawn,
)
from comity.wire_constituency import AddOwner, InboxItem, InboxPage, Owner, OwnerPage
from comity.wire_links import Arrival, RecallStatus, RecallStatuses
from comity.wire_register import Accession, AccessionPage, ContactPage, Ping, PingPage, TakeStep

JSON, NDJSON = "application/json", "application/x-ndjson"
_TRIES = 4
#: Tries of a node that no connection can be made to, and the pause between them: who waits at a terminal is told soon.
_CALLS, _CALL_PAUSE = 2, 0.5
#: The longest pause between two tries, in seconds; a node that asks for more is left alone.
_LONGEST_WAIT = 30.0
#: The most bytes of one answer, and of one line of a stream.
_MOST = 256 << 20
_BUSY = (429, 502, 503, 504)
#: Faults of the node itself: to its client it did not do what it promises.
_THEIRS = ("operator", "node")
_UNFIT = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
T = TypeVar("T")


class Client:
    """Talks to one node for one token. With `party` the token is sent as HTTP Basic of that user, else as Bearer.

    `ca` is a file of certificates to trust instead of the system's. `wait` sleeps between tries; replaced in tests, like `transport`.
    Raises SenderFault for a URL that would send the token in the clear, OperatorFault for a `ca` that cannot be read.
    """

    def __init__(
        self, url: str, token: str, party: str | None = None, ca: Path | None = None, *,
        transport: httpx2.BaseTransport | None = None, wait: Callable[[float], None] = time.sleep,
    ) -> None:  # fmt: skip
        check_url(url)
        self.url = url.rstrip("/")
        headers = {"User-Agent": "comity", "Accept-Encoding": "identity", **({} if party else {"Authorization": f"Bearer {token}"})}
        try:
            trusted = ssl.create_default_context(cafile=ca)
        except OSError as error:  # of which ssl.SSLError is one
            raise OperatorFault(f"cannot read certificates from {ca}: {error}", next="name a PEM file") from None
        self._http = httpx2.Client(
            auth=(party, token) if party else None,
            headers=headers,
            verify=trusted,
            timeout=httpx2.Timeout(60.0, connect=10.0),
            trust_env=False,
            follow_redirects=False,
            transport=transport,
        )
        self._wait = wait

    def __enter__(self) -> Client:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    # Reading

    def me(self) -> Me:
        """What the token is good for, and at which node."""
        return self._get("/me", Me)

    def items(
        self, *, type: Sequence[str] = (), id: Sequence[str] = (), value: str | None = None, version: str | None = None,
        modified: datetime | str | None = None, whose: str | None = None, after: datetime | str | None = None,
        purpose: Sequence[str] = (), page: int = 1_000,
    ) -> Iterator[Item]:  # fmt: skip
        """What the party may see, in the order in which it came into view. The words are the parameters of `GET /items`."""
        asked = {
            "type": type,
            "id": id,
            "value": value,
            "version": version,
            "modified": modified,
            "whose": whose,
            "after": after,
            "purpose": purpose,
        }
        for each in self._pages("/items", ItemPage, {**asked, "limit": page}):
            yield from each.items

    def claims(self, id: str, *, version: str | None = None, modified: datetime | str | None = None) -> Iterator[Item]:
        """Every visible copy of one object. Raises NotFound."""
        for each in self._pages(f"/items/{quote(id, safe='')}", Claims, {"version": version, "modified": modified}):
            yield from each.items

    def search(self, text: str, *, purpose: Sequence[str] = ()) -> Iterator[Item]:
        """The visible objects that carry an observable value, or have this id. Raises Denied for those shared for something else."""
        for each in self._pages("/search", ItemPage, {"q": text, "purpose": purpose, "limit": 1_000}):
            yield from each.items

    def known(self, values: Iterable[str]) -> Iterator[Known]:
        """Which values are known, in order; any number of them."""
        waiting = iter(values)
        while part := list(islice(waiting, MOST_VALUES)):
            content = msgspec.json.encode({"values": part})
            yield from self._read(self._ask("POST", "/search", content=content, media=JSON), KnownValues).items

    def audience(
        self, id: str, *, purpose: Sequence[str] = (), on: datetime | str | None = None, known: datetime | str | None = None,
        modified: datetime | str | None = None, body: str | None = None,
    ) -> Iterator[Verdict]:  # fmt: skip
        """A verdict for every party of the body. Raises NotFound, Denied."""
        asked = {"purpose": purpose, "on": on, "known": known, "modified": modified, "body": body}
        for each in self._pages(f"/items/{quote(id, safe='')}/audience", Audience, asked):
            yield from each.items

    def why(
        self, id: str, party: str, *, purpose: Sequence[str] = (), on: datetime | str | None = None, known: datetime | str | None = None,
        modified: datetime | str | None = None, body: str | None = None,
    ) -> Verdict:  # fmt: skip
        """The verdict about one party. Raises NotFound, Denied."""
        asked = {"party": party, "purpose": purpose, "on": on, "known": known, "modified": modified, "body": body}
        return self._get(f"/items/{quote(id, safe='')}/why", Verdict, asked)

    def arrival(self, id: str, party: str, *, purpose: Sequence[str] = (), body: str | None = None) -> Arrival:
        """How far an object has come on its way to a party. Raises NotFound, Denied."""
        return self._get(f"/items/{quote(id, safe='')}/arrival", Arrival, {"party": party, "purpose": purpose, "body": body})

    def recalled(self, id: str) -> tuple[RecallStatus, ...]:
        """What became of an object that was taken back, for each recall of it. Raises NotFound."""
        return self._get(f"/recalls/{quote(id, safe='')}", RecallStatuses).items

    def agreements(self) -> Iterator[Agreement]:
        """The agreements that the party has a part in."""
        for each in self._pages("/agreements", AgreementPage, {}):
            yield from each.items

    def agreement(self, ref: str) -> AgreementText:
        """One of them with its text, by id or `id@version`. Raises NotFound."""
        return self._get(f"/agreements/{quote(ref, safe='')}", AgreementText)

    def lint(self, text: str) -> tuple[Finding, ...]:
        """What is to be said of an agreement's text."""
        return self._read(self._ask("POST", "/agreements/lint", content=text.encode(), media="text/plain"), Findings).items

    def simulate(
        self, text: str, *, since: str | None = None, on: datetime | str | None = None, body: str | None = None, purpose: Sequence[str] = ()
    ) -> Simulation:
        """Who would receive more or less if a text governed. The words are the parameters of `POST /agreements/simulate`."""
        asked = {"since": since, "on": on, "body": body, "purpose": purpose}
        return self._read(self._ask("POST", "/agreements/simulate", asked, content=text.encode(), media="text/plain"), Simulation)

    def parties(self, *, on: datetime | str | None = None, body: str | None = None) -> Iterator[Party]:
        """Who has which standing in the bodies that the party takes part in."""
        for each in self._pages("/parties", PartyPage, {"on": on, "body": body}):
            yield from each.items

    def inbox(self, *, since: datetime | str | None = None, owner: str | None = None, body: str | None = None) -> Iterator[InboxItem]:
        """What is about the party's constituency, the newest first."""
        for each in self._pages("/inbox", InboxPage, {"since": since, "owner": owner, "body": body, "limit": 1_000}):
            yield from each.items

    # Sending

    def add(
        self, content: bytes, media: str, *, kind: str | None = None, tlp: str | None = None, purpose: Sequence[str] = (),
        handling: Sequence[str] = (), to: Sequence[str] = (), named: bool = False, sealed: bool = False,
        person: str = "unknown",
    ) -> Iterator[Outcome]:  # fmt: skip
        """Send objects in; each outcome as the node gives it, durable by then. The words are the parameters of `POST /items`."""
        asked = {"kind": kind, "tlp": tlp, "purpose": purpose, "handling": handling, "to": to}
        asked |= {name: "true" for name, flag in (("named", named), ("sealed", sealed)) if flag}
        asked |= {"person": person} if person != "unknown" else {}
        with self._opened("POST", "/items", asked, content, media, accept=NDJSON) as response:
            for line in _lines(response):
                yield self._read(line, Outcome)

    def withdraw(self, id: str, *, version: str = "last") -> Withdrawn:
        """Take back the party's own object. Raises NotFound."""
        return self._read(self._ask("DELETE", f"/items/{quote(id, safe='')}", {"version": version}), Withdrawn)

    # The constituency

    def constituency(self) -> Iterator[Owner]:
        """What the party answers for, by owner."""
        for each in self._pages("/constituency", OwnerPage, {"limit": 1_000}):
            yield from each.items

    def add_to_constituency(self, owner: AddOwner) -> Owner:
        """Add to what an owner answers for; the owner as it is then. Raises SenderFault."""
        return self._read(self._ask("POST", "/constituency", content=msgspec.json.encode(owner), media=JSON), Owner)

    def remove_from_constituency(
        self, *, owner: str | None = None, netblock: Sequence[str] = (), asn: Sequence[str] = (), domain: Sequence[str] = ()
    ) -> None:
        """Take away what is no longer answered for, or an owner. Raises NotFound."""
        self._ask("DELETE", "/constituency", {"owner": owner, "netblock": netblock, "asn": asn, "domain": domain})

    # Approvals

    def approvals(self, *, state: str | None = None) -> Iterator[Approval]:
        """The requests for approval that are the party's business, those that wait first."""
        for each in self._pages("/approvals", ApprovalPage, {"state": state}):
            yield from each.items

    def approval(self, id: str) -> Approval:
        """One of them. Raises NotFound."""
        return self._get(f"/approvals/{quote(id, safe='')}", Approval)

    def accessions(self, *, body: str | None = None) -> Iterator[Accession]:
        """Accessions that the party may know of, those that go on first."""
        for each in self._pages("/accessions", AccessionPage, {"body": body}):
            yield from each.items

    def accession(self, id: str) -> Accession:
        """One of them. Raises NotFound."""
        return self._get(f"/accessions/{quote(id, safe='')}", Accession)

    def take_accession_step(self, id: str, step: TakeStep) -> Accession:
        """Speak for a party that accedes, or object. Raises NotFound, Denied, Conflict."""
        return self._read(
            self._ask("POST", f"/accessions/{quote(id, safe='')}/steps", content=msgspec.json.encode(step), media=JSON), Accession
        )

    def contacts(self) -> Iterator[Contact]:
        """How the parties are reached that the party may know of."""
        for each in self._pages("/contacts", ContactPage, {}):
            yield from each.items

    def pings(self) -> Iterator[Ping]:
        """The pings that the party sent or was sent, the latest first."""
        for each in self._pages("/pings", PingPage, {}):
            yield from each.items

    def answer_ping(self, id: str) -> Ping:
        """Say that somebody is there. Raises NotFound, Denied for a tool, Conflict."""
        return self._read(self._ask("POST", f"/pings/{quote(id, safe='')}/answer"), Ping)

    def ask_approval(
        self, ids: Sequence[str], to: Sequence[str], *, clause: str | None = None, origin: str | None = None
    ) -> tuple[Approval, ...]:  # fmt: skip
        """Ask that objects go to parties. Raises NotFound, SenderFault."""
        content = msgspec.json.encode(AskApproval(ids=tuple(ids), to=tuple(to), clause=clause, origin=origin))
        return self._read(self._ask("POST", "/approvals", content=content, media=JSON), Approvals).items

    def act_on_approval(self, id: str, act: str) -> Approval:
        """`approve`, `object` or `revoke`, with a person's token. Raises NotFound, Denied, Conflict."""
        return self._read(self._ask("POST", f"/approvals/{quote(id, safe='')}/{act}"), Approval)

    # The log

    def log_head(self) -> LogHead:
        """The log's size, root, signed checkpoint and key."""
        return self._get("/log/head", LogHead)

    def log_entries(self, first: int = 0) -> Iterator[LogEntry]:
        """The log's entries in order, from an index on."""
        for each in self._pages("/log/entries", LogPage, {"first": first, "limit": 1_000}):
            yield from each.items

    def log_entry(self, index: int) -> LogEntry:
        """One entry. Raises NotFound."""
        return self._get(f"/log/entries/{index}", LogEntry)

    def proof(self, of: str) -> bytes:
        """A proof file, of an entry by its index or of an object's arrival by its id. Raises NotFound."""
        with self._opened("GET", "/log/proof", {"of": of}, accept="text/plain") as response:
            return _whole(response)

    def log_copy(self) -> Iterator[bytes]:
        """The lines of the whole log, as `comity log export` writes them."""
        with self._opened("GET", "/log/copy", {}, accept=NDJSON) as response:
            for line in _lines(response):
                yield line + b"\n"

    # How

    def _get(self, path: str, shape: type[T], asked: Mapping[str, Any] | None = None) -> T:
        return self._read(self._ask("GET", path, asked or {}), shape)

    def _pages(self, path: str, shape: type[T], asked: Mapping[str, Any]) -> Iterator[T]:
        """Page after page. Raises PeerFault for a node that gives a cursor twice."""
        cursor: str | None = None
        seen: set[str] = set()
        while True:
            page: Any = self._get(path, shape, {**asked, "next": cursor})
            yield page
            cursor = page.next
            if cursor is None:
                return
            if cursor in seen:
                raise PeerFault(f"{self.url} gives the same page again and again", next="tell its operator")
            seen.add(cursor)

    def _read(self, content: bytes, shape: type[T]) -> T:
        try:
            return msgspec.json.decode(content, type=shape)
        except _UNFIT as error:
            raise PeerFault(f"{self.url} answered with something else than this client knows: {error}", next="check the URL") from None

    def _ask(self, method: str, path: str, asked: Mapping[str, Any] | None = None, content: bytes | None = None, media: str = "") -> bytes:
        with self._opened(method, path, asked or {}, content, media) as response:
            return _whole(response)

    @contextmanager
    def _opened(
        self, method: str, path: str, asked: Mapping[str, Any], content: bytes | None = None, media: str = "", *, accept: str = JSON
    ) -> Iterator[httpx2.Response]:
        """A successful answer, open for reading. A busy or absent node is asked again, not often; a POST only where it was not begun."""
        url = f"{self.url}/api/v1{path}"
        params = {name: text for name, value in asked.items() if (text := _text(value)) is not None}
        headers = {"Accept": accept, **({"Content-Type": media} if media else {})}
        problem, pause, calls = "", 0.0, 0
        for attempt in range(_TRIES):
            if attempt:
                self._wait(_CALL_PAUSE if calls else max(pause, 0.5 * 2**attempt))
            try:
                with self._http.stream(method, url, params=params, content=content, headers=headers) as response:
                    if response.status_code not in _BUSY or (method != "GET" and response.status_code not in (429, 503)):
                        _check(response, url)
                        yield response
                        return
                    problem, pause, calls = f"{url} answered {response.status_code}", _retry_after(response.headers), 0
            except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
                problem, pause, calls = f"cannot reach {self.url}: {error}", 0.0, calls + 1
                if calls == _CALLS:
                    break
            except httpx2.InvalidURL as error:
                raise SenderFault(f"{url!r} is no URL: {error}") from None
            except httpx2.HTTPError as error:
                raise PeerFault(f"{self.url} broke off: {error}", next="try again; what was sent twice is told apart") from None
            if pause > _LONGEST_WAIT:
                raise PeerFault(f"{problem} and asks for {pause:.0f} s of rest", next="try again after that")
        raise PeerFault(problem, next="check that the node is up, or try again later")


def check_url(url: str) -> None:
    """Refuse what is no node's address, and plain http to anywhere but this machine. Raises SenderFault."""
    try:
        parts = urlsplit(url)
        host, sound = parts.hostname or "", parts.port != 0
    except ValueError:
        host, sound, parts = "", False, urlsplit("")
    if parts.scheme not in ("http", "https") or not host or not sound or parts.username or parts.query or parts.fragment:
        raise SenderFault(f"{url!r} is not a node's address", next="use https://host or https://host:port")
    try:
        loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if parts.scheme == "http" and not loopback:
        raise SenderFault("plain http would send the token in the clear", next="use https")


def _text(value: Any) -> str | None:
    """A parameter's value as text; None for one that is not given."""
    if value is None or value == ():
        return None
    if isinstance(value, datetime):
        return value.isoformat()
    return value if isinstance(value, str) else ",".join(value) if isinstance(value, Sequence) else str(value)


def _check(response: httpx2.Response, url: str) -> None:
    """Raise the fault that an answer is, if it is not a success."""
    status = response.status_code
    if 200 <= status < 300:
        return
    if 300 <= status < 400:
        raise PeerFault(f"{url} redirects to {response.headers.get('Location', 'elsewhere')}, which is not followed", next="use that URL")
    try:
        said = msgspec.json.decode(_whole(response), type=Problem)
    except _UNFIT:
        kind: type[Fault] = NotAuthenticated if status == 401 else PeerFault
        raise kind(f"{url} answered {status}", next="check the URL: it is the node's address alone") from None
    if said.fault in _THEIRS or said.fault not in FAULTS:
        raise PeerFault(f"the node says: {said.detail}", next=said.next or "tell its operator")
    raise FAULTS[said.fault](said.detail, next=said.next)


def _whole(response: httpx2.Response) -> bytes:
    pieces, size = [], 0
    for piece in response.iter_bytes():
        size += len(piece)
        if size > _MOST:
            raise PeerFault(f"{response.url} answered with more than {_MOST} bytes", next="tell its operator")
        pieces.append(piece)
    return b"".join(pieces)


def _lines(response: httpx2.Response) -> Iterator[bytes]:
    """The lines of a stream without their ends. Raises PeerFault for one that is beyond all measure."""
    left = b""
    for piece in response.iter_bytes():
        *lines, left = (left + piece).split(b"\n")
        yield from lines
        if len(left) > _MOST:
            raise PeerFault(f"{response.url} answered with a line of more than {_MOST} bytes", next="tell its operator")
    if left:
        yield left


def _retry_after(headers: Mapping[str, str]) -> float:
    """Seconds to wait (RFC 9110 section 10.2.3: a number, or a date), 0 if not said."""
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        return max(0.0, (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return 0.0
