"""One MISP server's REST API, by PyMISP over our own channel: one origin, checked TLS, bounded answers, polite repetition. No decisions.

PyMISP knows the API; this adds whose fault it is when the server says no, and pages that miss nothing. Importing it takes a second, so
only the link to a MISP does.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import pairwise
from typing import Any
from urllib.parse import urljoin

import msgspec
from pymisp import PyMISP
from pymisp.exceptions import PyMISPError

from comity.errors import Fault, NotAuthenticated, PeerFault
from comity.forms.misp_fields import text_of, true, uuid_of
from comity.peer.channel import Answer, Channel

#: Events that one answer of the index names, attributes or objects of one page of a large event.
INDEX_PAGE, PART_PAGE = 1_000, 5_000
#: A MISP writes an answer whole before it sends its first byte, which may take it minutes.
_SILENCE = 300.0
_KEY_HINT = "check the key in MISP: its expiry, the addresses it is allowed from, its user's role"

# What PyMISP logs about refused requests is said by our faults; without a handler Python would print it too.
logging.getLogger("pymisp").addHandler(logging.NullHandler())


class TooMuchError(Exception):
    """The answer was larger or slower than is allowed, or the server broke over it: less may be asked for."""


class Organisation(msgspec.Struct, frozen=True):
    """An organisation as the server knows it."""

    uuid: str
    name: str


class Listed(msgspec.Struct, frozen=True, order=True):
    """An event in the index: when it changed (seconds; of published ones, when it was published) and how many attributes it has."""

    at: int
    uuid: str
    attributes: int


class MispServer:
    """Talks to one MISP as the user of a key. Raises NotAuthenticated or PeerFault, from the beginning on and from every method.

    `organisation` is that user's own, `may_add` and `may_sight` what its role lets it do. `version` is MISP's.
    """

    def __init__(
        self, url: str, key: str, *, ca: str = "", transport: Any = None, wait: Callable[[float], None] = time.sleep
    ) -> None:  # fmt: skip
        headers = {"Accept": "application/json", "Authorization": key}
        self._channel = Channel("", "", headers=headers, ca=ca, silence=_SILENCE, transport=transport, wait=wait)
        self.url = url if url.endswith("/") else url + "/"
        try:
            self._api = _Carried(self._channel, self.url, key)
            about, me = self._api.misp_instance_version, _sound(self._api.get_user("me"), self.url)
        except Exception as error:
            self.close()
            raise _unusable(url, error) from None
        self.version = text_of(about, "version") if isinstance(about, dict) else ""
        self.organisation = Organisation(uuid_of(me.get("Organisation") or {}), text_of(me.get("Organisation") or {}, "name"))
        role = me.get("Role") or {}
        self.may_add, self.may_sight = true(role.get("perm_add")), true(role.get("perm_sighting"))

    def close(self) -> None:
        """Close the connections."""
        self._channel.close()

    def index(self, since: int, *, tags: Sequence[str] = (), unpublished: bool = False) -> Iterator[list[Listed]]:
        """The events that changed in a second or later, in that order, page by page.

        Each step asks for what changed from the last second of the page before on: whatever changes meanwhile moves to the end, so nothing
        is passed over. An event may stand on two pages. A server that does not sort is asked for everything at once.
        """
        moment = "timestamp" if unpublished else "publish_timestamp"
        page = 1
        while True:
            found = self._index(moment, since, tags, limit=INDEX_PAGE, page=page)
            if any(later.at < one.at for one, later in pairwise(found)):
                yield sorted(self._index(moment, since, tags))
                return
            yield found
            if len(found) < INDEX_PAGE:
                return
            since, page = (found[-1].at, 1) if found[-1].at > since else (since, page + 1)

    def _index(self, moment: str, since: int, tags: Sequence[str], **paged: int) -> list[Listed]:
        asked: dict[str, Any] = {moment: since, "tags": list(tags) or None, "sort": moment, "desc": False, **paged}
        if moment == "publish_timestamp":
            asked["published"] = True
        found = _sound(self._less(lambda: self._api.search_index(**asked)), self.url)
        events = [each.get("Event", each) for each in _dicts(found)]
        return [Listed(_number(each, moment), uuid_of(each), _number(each, "attribute_count")) for each in events]

    def events(self, uuids: Sequence[str]) -> list[dict[str, Any]]:
        """Events with everything in them, deleted parts too; those that are gone meanwhile are left out. Raises TooMuchError."""
        asked: dict[str, Any] = {"uuid": list(uuids), "deleted": [0, 1], "with_attachments": False, "include_sightings": True}
        found = _asked(lambda: self._api.search("events", **asked))
        return [each["Event"] for each in _dicts(_sound(found, self.url)) if isinstance(each.get("Event"), dict)]

    def header(self, uuid: str) -> dict[str, Any] | None:
        """An event without its parts, None if there is none that this user may see."""
        found = _sound(self._less(lambda: self._api.search("events", uuid=uuid, metadata=True)), self.url)
        return next((each["Event"] for each in _dicts(found) if uuid_of(each.get("Event") or {}) == uuid), None)

    def event_by_parts(self, uuid: str) -> dict[str, Any] | None:
        """A large event, its attributes and objects asked for page by page; what hangs on the event itself but its tags is left out."""
        header = self.header(uuid)
        if header is None:
            return None
        loose = [each for each in self._pages("attributes", uuid) if str(each.get("object_id", "0")) in ("0", "")]
        return header | {"Attribute": loose, "Object": list(self._pages("objects", uuid))}

    def _pages(self, kind: str, uuid: str) -> Iterator[dict[str, Any]]:
        page, key = 1, kind.capitalize().removesuffix("s")
        asked: dict[str, Any] = {"eventid": uuid, "deleted": [0, 1], "limit": PART_PAGE, "include_sightings": True}
        while True:
            found = _sound(self._less(partial(self._api.search, kind, page=page, **asked)), self.url)
            listed = found.get(key) if isinstance(found, dict) else found
            parts = [each[key] if isinstance(each.get(key), dict) else each for each in _dicts(listed)]
            yield from parts
            if len(parts) < PART_PAGE:
                return
            page += 1

    def groups(self) -> list[dict[str, Any]]:
        """The sharing groups that this user may use, each described with its organisations and servers."""
        return [_whole_group(each) for each in _dicts(_sound(self._less(self._api.sharing_groups), self.url))]

    def sightings(self, first: int, last: int, by: str = "") -> list[dict[str, Any]]:
        """The sightings of a span (seconds, both included), each with its attribute and event; `by` an organisation (UUID) alone.

        A span that is too much for one answer is asked for in halves.
        """
        try:
            asked: dict[str, Any] = {"date_from": first, "date_to": last, "org": by or None}
            found = _asked(lambda: self._api.search_sightings(**asked, include_attribute=True, include_event_meta=True))
        except TooMuchError as error:
            if first >= last:
                raise PeerFault(str(error), next="tell its operator") from None
            middle = (first + last) // 2
            return self.sightings(first, middle, by) + self.sightings(middle + 1, last, by)
        return [each["Sighting"] for each in _dicts(_sound(found, self.url)) if isinstance(each.get("Sighting"), dict)]

    def add(self, event: Mapping[str, Any]) -> str:
        """Make an event; why not, or "". Raises NotAuthenticated for a key that is refused altogether."""
        return self._written(lambda: self._api.add_event({"Event": dict(event)}, metadata=True))  # type: ignore[arg-type]

    def edit(self, event: Mapping[str, Any]) -> str:
        """Bring an event up to date; why not, or ""."""
        return self._written(lambda: self._api.update_event({"Event": dict(event)}, event["uuid"], metadata=True))  # type: ignore[arg-type]

    def sight(self, attribute: str, said: Mapping[str, str]) -> str:
        """Add a sighting (`type`, `source`, `timestamp`) of an attribute (UUID); why not, or ""."""
        return self._written(lambda: self._api.add_sighting(dict(said), attribute))

    def _written(self, request: Callable[[], Any]) -> str:
        found = self._less(request)
        errors = found.get("errors") if isinstance(found, dict) else None
        if not errors:
            return ""
        status, said = errors if isinstance(errors, tuple) else (0, errors)
        if status == 401:
            raise _refused(self.url, status, said)
        return _short(_said(said)) or f"it answered {status}"

    def _less(self, request: Callable[[], Any]) -> Any:
        """A request that cannot ask for less."""
        try:
            return _asked(request)
        except TooMuchError as error:
            raise PeerFault(str(error), next="try again later, or tell its operator; nothing is lost") from None


class _Carried(PyMISP):
    """PyMISP whose requests go through a channel."""

    def __init__(self, channel: Channel, url: str, key: str) -> None:
        self._channel = channel
        super().__init__(url, key)

    def _prepare_request(
        self, request_type: str, url: str, data: Any = None, params: Mapping[str, Any] = {}, kw_params: Mapping[str, Any] = {},
        output_type: str = "json", content_type: str = "json",
    ) -> Any:  # fmt: skip
        whole = urljoin(self.root_url, url.lstrip("/")) + "".join(f"/{key}:{value}" for key, value in kw_params.items())
        body = None if data is None else msgspec.json.encode({key: value for key, value in data.items() if value is not None})
        # A sighting has no id of ours, so that a second one would be another.
        answer = self._channel.ask(
            request_type, whole, content=body, headers={"Content-Type": "application/json"}, once="/sightings/add" in whole
        )
        if answer is None:
            raise PeerFault(f"{whole} broke off, and may have acted", next="sync again later: what it has already it is asked for first")
        if request_type == "GET" and answer.status in (401, 403):
            raise _refused(whole, answer.status, answer.content[:300].decode("utf-8", "replace"))
        if not answer.whole or answer.status >= 500:
            raise TooMuchError(f"{whole} answered {answer.status}" + ("" if answer.whole else " with more than is allowed"))
        return _Reply(answer)


class _Reply:
    """An answer as PyMISP reads one."""

    def __init__(self, answer: Answer) -> None:
        self.status_code, self.headers, self.content = answer.status, answer.headers, answer.content

    @property
    def text(self) -> str:
        """Its body for messages."""
        return self.content[:1_000].decode("utf-8", "replace")


def _unusable(url: str, error: Exception) -> Fault:
    """Why a server cannot be used; PyMISP wraps whatever goes wrong while it begins."""
    found = error if isinstance(error, Fault) else error.__context__
    return found if isinstance(found, Fault) else PeerFault(_short(f"{url} does not answer as a MISP: {error}"), next=_URL)


_URL = "check the URL: it is that of MISP's own start page"


def _asked(request: Callable[[], Any]) -> Any:
    """What PyMISP made of an answer. Raises PeerFault for one that is not what MISP would say."""
    try:
        return request()
    except PyMISPError as error:
        raise PeerFault(_short(f"it does not answer as a MISP: {error}"), next="check the URL, or tell its operator") from None


def _sound(found: Any, url: str) -> Any:
    """What was asked for. Raises NotAuthenticated or PeerFault for an error in its place."""
    errors = found.get("errors") if isinstance(found, dict) else None
    if errors is None:
        return found
    status, said = errors if isinstance(errors, tuple) else (0, errors)
    if status in (401, 403):
        raise _refused(url, status, said)
    raise PeerFault(
        f"{url} answered {status or 'with an error'}: {_short(_said(said))}", next=_URL if status == 404 else "tell its operator"
    )


def _refused(url: str, status: int, said: Any) -> NotAuthenticated:
    return NotAuthenticated(f"{url} refused the key ({status}): {_short(_said(said))}", next=_KEY_HINT)


def _said(error: Any) -> str:
    """What an error of MISP says: its `errors` in full if it has any, else its message."""
    if isinstance(error, dict):
        found = error.get("errors") or error.get("message") or error.get("name") or error
        return found if isinstance(found, str) else msgspec.json.encode(found).decode()
    return str(error)


def _short(text: str) -> str:
    return " ".join(text.split())[:300]


def _dicts(found: Any) -> list[dict[str, Any]]:
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _number(node: Mapping[str, Any], key: str) -> int:
    text = text_of(node, key)
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 11 else 0


def _whole_group(found: Mapping[str, Any]) -> dict[str, Any]:
    """A sharing group as the index lists it, with its members inside it, as events have it."""
    inner = found.get("SharingGroup")
    return (
        {**inner, **{key: found[key] for key in ("SharingGroupOrg", "SharingGroupServer") if key in found}}
        if isinstance(inner, dict)
        else dict(found)
    )
