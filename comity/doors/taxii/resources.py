"""TAXII 2.1 resources, each made from one call on `release` or `intake` (TAXII 2.1 sections 4 and 5)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

import msgspec
from starlette.datastructures import QueryParams
from starlette.responses import Response

from comity.admin import statuses
from comity.admin.collections import bodies, collection_ids
from comity.admin.tokens import Token
from comity.clock import stamp
from comity.doors.taxii.wire import MEDIA, Refusal, read_deletion, read_query, respond, write_cursor
from comity.errors import SenderFault
from comity.forms import json_text, stix_json, wire_envelope
from comity.forms.wire_envelope import PROPERTY
from comity.intake.submit import Submitter, submit
from comity.intake.withdraw import withdraw
from comity.release.desk import Desk
from comity.release.select import Query
from comity.release.sight import Reader
from comity.release.tombstones import Met, joined
from comity.terms.item import Draft, Refused
from comity.terms.stix import spec_version, version_moment

#: Filters that each endpoint takes (sections 5.3-5.8).
_LISTS = frozenset({"id", "type", "version", "spec_version"})
_OBJECT = frozenset({"version", "spec_version"})
_VERSIONS = frozenset({"spec_version"})
_STIX = {"2.1": "application/stix+json;version=2.1", "2.0": "application/stix+json;version=2.0"}
_TITLES = {
    "exchange": ("Exchange", "What this party has submitted, and what others have disclosed to it. Post here to share."),
    "shared": ("Shared", "What others have disclosed to this party."),
}


class Root:
    """One API root for one authenticated party."""

    def __init__(self, desk: Desk, token: Token, body: str) -> None:
        if body not in bodies(desk.world) or (token.body is not None and token.body != body):
            raise Refusal(404, "Not found")
        self._desk = desk
        self._world = desk.world
        self._token = token
        self._body = body
        self._reader = Reader(party=token.party, body=body, purposes=token.purposes, client=token.id)
        self._by = f"token {token.id}"

    def describe(self) -> Response:
        """The API root resource (section 4.2)."""
        limit = self._world.settings.limits.content_bytes
        return respond({"title": f"Comity: {self._body}", "versions": [MEDIA], "max_content_length": limit, PROPERTY: True})

    def collections(self) -> Response:
        """All collections, in stable order (section 5.1)."""
        ids = collection_ids(self._world, self._body)
        return respond({"collections": [self._collection(alias, id_) for alias, id_ in ids.items()]})

    def collection(self, name: str) -> Response:
        """One collection, by id or alias (section 5.2)."""
        alias = self._alias(name)
        return respond(self._collection(alias, collection_ids(self._world, self._body)[alias]))

    def _collection(self, alias: str, id_: str) -> dict[str, Any]:
        title, text = _TITLES[alias]
        can_read, can_write = self._may(alias)
        return {
            "id": id_,
            "title": title,
            "description": text,
            "alias": alias,
            "can_read": can_read,
            "can_write": can_write,
            "media_types": [_STIX["2.1"], _STIX["2.0"]],
        }

    def _may(self, alias: str) -> tuple[bool, bool]:
        """Whether this token may read a collection, and write to it."""
        return "taxii:read" in self._token.scopes, alias == "exchange" and "taxii:write" in self._token.scopes

    def _alias(self, name: str) -> str:
        for alias, id_ in collection_ids(self._world, self._body).items():
            if name in (alias, id_):
                return alias
        raise Refusal(404, "Not found")

    def _readable(self, name: str) -> str:
        alias = self._alias(name)
        if not self._may(alias)[0]:
            raise Refusal(403, "This token may not read")
        return alias

    def _query(self, params: QueryParams, alias: str, allowed: frozenset[str], ids: tuple[str, ...] | None = None) -> Query:
        page = self._world.settings.limits.page
        return read_query(params, own=alias == "exchange", page=page, allowed=allowed, ids=ids)

    def objects(self, name: str, params: QueryParams) -> Response:
        """An envelope of objects (section 5.4)."""
        query = self._query(params, self._readable(name), _LISTS)
        page = self._desk.pull(self._reader, query)
        return _enveloped(*joined(self._desk, self._reader, query, page, page.bodies, lambda met: met.body))

    def object(self, name: str, id_: str, params: QueryParams) -> Response:
        """An envelope of one object's versions (section 5.6); 404 when it is hidden or absent, which is the same."""
        query = self._query(params, self._readable(name), _OBJECT, (id_,))
        page = self._desk.object(self._reader, query)
        if not page.found:
            self._must_exist(id_, query)
        return _enveloped(page.stamps, page.bodies, page.more)

    def _must_exist(self, id_: str, query: Query) -> None:
        """404 unless the reader may see such an object, in the version asked for by name if one is (section 5.7: what was deleted is not
        found). Then the other filters alone left nothing, which is an empty 200."""
        anything = Query(own=query.own, ids=(id_,), versions=query.versions, spec_versions=frozenset(_STIX), limit=1)
        if not self._desk.seen(self._reader, anything):
            raise Refusal(404, "Not found")

    def delete(self, name: str, id_: str, params: QueryParams) -> Response:
        """Withdraw this party's own items of one object (section 5.7); 404 where it has none, whatever others have."""
        may = self._may(self._alias(name))
        if not any(may):
            raise Refusal(404, "Not found")
        if not all(may):
            raise Refusal(403, "This token may not both read and write this collection")
        query = read_deletion(params, id_)
        if not withdraw(self._world, self._token.party, id_, versions=query.versions, specs=query.spec_versions, by=self._by):
            raise Refusal(404, "Not found")
        return respond({})

    def manifest(self, name: str, params: QueryParams) -> Response:
        """Manifest records (section 5.3)."""
        query = self._query(params, self._readable(name), _LISTS)
        page = self._desk.page(self._reader, query)
        records = [_record(at, row.id, row.version, row.spec) for at, row in page.found]
        met = joined(self._desk, self._reader, query, page, records, _record_of)
        return respond(_listing("objects", *met), headers=_dates(met[0]))

    def versions(self, name: str, id_: str, params: QueryParams) -> Response:
        """The versions of one object (section 5.8), ascending; a page is still a stretch of dates added."""
        query = self._query(params, self._readable(name), _VERSIONS, (id_,))
        page = self._desk.object(self._reader, query)
        if not page.found:
            self._must_exist(id_, query)
        found = sorted((row.version for _, row in page.found), key=version_moment)
        return respond(_listing("versions", page.stamps, found, page.more), headers=_dates(page.stamps))

    def writable(self, name: str) -> None:
        """Refuse (404, 403) a collection that this token may not post to."""
        if not self._may(self._alias(name))[1]:
            raise Refusal(403, "This collection or token does not take objects")

    def post(self, body: bytes) -> Response:
        """Take an envelope in; 202 with its finished status (section 5.5)."""
        asked = self._world.clock()
        limits = self._world.settings.limits
        try:
            envelope = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
            pieces = bytes(envelope.get("objects", b""))
            count = sum(1 for _ in islice(json_text.split_array(pieces), limits.objects + 1)) if pieces.startswith(b"[") else 0
            # Whatever else an envelope says of itself, its objects are what is posted (section 7.1).
            posted = b'{"objects":' + pieces + b"}"
            if body.count(b'"objects"') > 1 and sum(name == "objects" for name, _ in json_text.members(body)) > 1:
                raise Refusal(422, "Not a TAXII envelope", "the key `objects` stands twice in it")
        except (msgspec.MsgspecError, RecursionError, SenderFault, UnicodeDecodeError):
            # Not JSON as a whole: objects in it that are sound may still be told apart, the others fail one by one.
            count, posted = -1 if b'"objects"' in body else 0, body
        if count == 0:
            raise Refusal(422, "Not a TAXII envelope", "the body must be a JSON object whose `objects` is a list of STIX objects")
        if count > limits.objects:
            # Not 413: that is for what is longer than max_content_length alone (section 4.2.1).
            raise Refusal(422, "Too many objects", f"post at most {limits.objects} at once")
        drafts: Iterable[Draft | Refused] = stix_json.read(
            posted, stix_json.Limits(object_bytes=limits.object_bytes, objects=limits.objects)
        )
        said = wire_envelope.read(body, count)
        if said is not None:
            drafts = list(drafts)
            if len(drafts) != count:  # two lists of objects, or another sort of document: nobody can tell what is said of which
                raise Refusal(422, "Not a TAXII envelope", f"its objects are not those that {PROPERTY} speaks of")
            drafts = wire_envelope.applied(drafts, said)
        token = self._token
        by = Submitter(party=token.party, by=self._by, role=token.role, tlp=token.tlp, purposes=token.purposes)
        outcomes = list(submit(self._world, drafts, by))
        if all(outcome.position == "document" for outcome in outcomes):
            raise Refusal(422, "Not a TAXII envelope", outcomes[0].why if outcomes else "there are no objects in it")
        return respond(statuses.keep(self._world, str(uuid.uuid4()), self._token.party, self._body, outcomes, asked), 202)

    def status(self, id_: str) -> Response:
        """A status resource of this party's own (section 4.3)."""
        resource = statuses.find(self._world, id_, self._token.party, self._body)
        if resource is None:
            raise Refusal(404, "Not found")
        return respond(resource)


def _enveloped(stamps: Sequence[int], bodies: list[bytes], more: bool) -> Response:
    if not stamps:
        return respond({})
    return respond(stix_json.envelope(bodies, more, write_cursor(stamps[-1]) if more else None), headers=_dates(stamps))


def _dates(stamps: Sequence[int]) -> dict[str, str]:
    """Headers of section 3.2; without records they have no defined value and are left out."""
    if not stamps:
        return {}
    return {"X-TAXII-Date-Added-First": stamp(stamps[0]), "X-TAXII-Date-Added-Last": stamp(stamps[-1])}


def _record(at: int, id_: str, version: str, spec: str) -> dict[str, Any]:
    """A manifest record (section 5.3.1)."""
    return {"id": id_, "date_added": stamp(at), "version": version, "media_type": _STIX[spec]}


def _record_of(met: Met) -> dict[str, Any]:
    return _record(met.at, met.obj["id"], met.obj["modified"], spec_version(met.obj))


def _listing(key: str, stamps: Sequence[int], records: list[Any], more: bool) -> dict[str, Any]:
    """Empty lists are left out (section 2). `next` also here: without it the fallback by date would be the only way on."""
    listing: dict[str, Any] = {key: records} if records else {}
    if more:
        listing.update(more=True, next=write_cursor(stamps[-1]))
    return listing
