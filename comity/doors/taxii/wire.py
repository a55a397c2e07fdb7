"""TAXII 2.1 on the wire: media types, parameters, cursors and error resources (TAXII 2.1 sections 1.6.8, 3.1-3.6)."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any

import msgspec
from starlette.datastructures import QueryParams
from starlette.responses import Response

from comity.clock import micros, parse
from comity.release.select import Query

MEDIA = "application/taxii+json;version=2.1"
#: Media ranges that take in ours, by how closely they name it (RFC 9110 section 12.5.1).
_RANGES = {"*/*": 0, "application/*": 1, "application/taxii+json": 2}
_FIELDS = ("id", "type", "version", "spec_version")
_VERSIONS = ("first", "last", "all")
#: A timestamp as STIX has it (STIX 2.1 section 2.16), and the form of a specification version.
_STIX_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z", re.ASCII)
_SPEC = re.compile(r"\d{1,4}\.\d{1,4}", re.ASCII)
#: The greatest integer that TAXII knows (section 2).
_MOST = 2**53 - 1


class Refusal(Exception):
    """An answer other than success: HTTP status, title and text of the error resource (section 3.6.1), and further headers."""

    def __init__(self, status: int, title: str, text: str = "", headers: dict[str, str] | None = None) -> None:
        super().__init__(title)
        self.status, self.title, self.text, self.headers = status, title, text, headers or {}

    def response(self) -> Response:
        """The error resource."""
        resource = {"title": self.title, "http_status": str(self.status)}
        if self.text:
            resource["description"] = self.text
        return respond(resource, self.status, self.headers)


def respond(resource: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A response with the TAXII media type; `resource` is a value to encode, or bytes that are JSON already."""
    body = resource if isinstance(resource, bytes) else msgspec.json.encode(resource)
    return Response(body, status, {"Content-Type": MEDIA, "Vary": "Accept, Authorization", "Cache-Control": "no-store", **(headers or {})})


def unauthenticated(text: str) -> Refusal:
    """401 with the schemes that are spoken here (section 1.6.9)."""
    return Refusal(401, "Not authenticated", text, {"WWW-Authenticate": 'Basic realm="comity", charset="UTF-8", Bearer realm="comity"'})


def check_accept(accept: str | None) -> None:
    """Refuse (406) only an Accept that holds no range TAXII 2.1 defines, or gives the closest one no weight (section 3.1)."""
    if not accept:
        return
    closest = (-1, False)
    for part in accept.split(","):
        media, parameters = _media(part)
        if media in _RANGES and _version_fits(parameters):
            closest = max(closest, (_RANGES[media] + ("version" in parameters), not re.fullmatch(r"0(\.0*)?", parameters.get("q", ""))))
    if not closest[1]:
        raise Refusal(406, "Not acceptable", f"this server speaks {MEDIA}")


def check_content_type(content_type: str | None) -> None:
    """Refuse (415) a POST of another media type (section 5.5)."""
    media, parameters = _media(content_type or "")
    if media != "application/taxii+json" or not _version_fits(parameters):
        raise Refusal(415, "Unsupported media type", f"post {MEDIA}")


def check_coding(encoding: str | None) -> None:
    """Refuse (415) a POST in a content coding: none is undone here (RFC 9110 sections 8.4 and 12.5.3)."""
    if (encoding or "").strip().lower() not in ("", "identity"):
        raise Refusal(415, "Unsupported content coding", "post it as it is, without a coding", {"Accept-Encoding": "identity"})


def _media(text: str) -> tuple[str, dict[str, str]]:
    """A media type or range and its parameters; names in lower case, values without quotes (RFC 9110 section 5.6.6)."""
    media, *rest = text.lower().split(";")
    pairs = (each.partition("=") for each in rest)
    return media.strip(), {name.strip(): value.strip().strip('"') for name, _, value in pairs}


def _version_fits(parameters: dict[str, str]) -> bool:
    """Whether a media type's parameters name no other version than ours."""
    return parameters.get("version", "2.1") == "2.1"


def read_query(params: QueryParams, *, own: bool, page: int, allowed: frozenset[str], ids: tuple[str, ...] | None = None) -> Query:
    """The request's parameters as a Query (section 3.4). Raises Refusal 400 for a malformed or repeated one."""
    for name in ("added_after", "limit", "next", *(name for name in params if name.startswith("match["))):
        if len(params.getlist(name)) > 1:
            raise Refusal(400, "Malformed parameter", f"{name} may be given once")
    after = _moment(params["added_after"]) if "added_after" in params else 0
    if "next" in params:
        after = max(after, read_cursor(params["next"]))
    listed = {name: _values(params, name) for name in _FIELDS if f"match[{name}]" in params}
    specs = frozenset(listed["spec_version"]) if "spec_version" in listed and "spec_version" in allowed else None
    if specs is not None and not all(map(_SPEC.fullmatch, specs)):
        raise Refusal(400, "Malformed parameter", "match[spec_version] takes versions like 2.1")
    return Query(
        own=own,
        after=after,
        limit=min(_limit(params.get("limit")), page),
        ids=ids if ids is not None else (listed.get("id") if "id" in allowed else None),
        types=frozenset(listed["type"]) if "type" in listed and "type" in allowed else None,
        versions=_versions(listed.get("version", ("last",))) if "version" in allowed else ("all",),
        spec_versions=specs,
    )


def read_deletion(params: QueryParams, id_: str) -> Query:
    """The parameters of a DELETE (section 5.7): versions and specification versions of one object.

    Any other filter is refused (400), not ignored: it can only have been meant to spare something.
    """
    for name in params:
        if name in ("added_after", "limit", "next", "match[id]", "match[type]"):
            raise Refusal(400, "Malformed parameter", f"DELETE takes match[version] and match[spec_version], not {name}")
    query = read_query(params, own=True, page=1, allowed=frozenset({"version", "spec_version"}), ids=(id_,))
    return query if "match[version]" in params else msgspec.structs.replace(query, versions=("all",))


def _values(params: QueryParams, name: str) -> tuple[str, ...]:
    values = tuple(params[f"match[{name}]"].split(","))
    if not all(values):
        raise Refusal(400, "Malformed parameter", f"match[{name}] has an empty value")
    return values


def _versions(wanted: tuple[str, ...]) -> tuple[str, ...]:
    """The values of match[version] (section 3.4.1): each once, `all` alone, exact ones as STIX writes timestamps."""
    if len(set(wanted)) < len(wanted) or (len(wanted) > 1 and "all" in wanted):
        raise Refusal(400, "Malformed parameter", "match[version] takes each value once, and `all` alone")
    for version in wanted:
        if version not in _VERSIONS:
            if not _STIX_MOMENT.fullmatch(version):
                raise Refusal(400, "Malformed parameter", "match[version] takes first, last, all, or timestamps of STIX objects")
            _moment(version, "match[version]")
    return wanted


def _limit(text: str | None) -> int:
    if text is None:
        return _MOST
    if not (text.isascii() and text.isdigit()) or len(text) > 16 or not 0 < int(text) <= _MOST:
        raise Refusal(400, "Malformed parameter", "limit is a positive integer")
    return int(text)


def _moment(text: str, name: str = "added_after") -> int:
    try:
        if len(text) <= len("2021-11-01"):
            raise ValueError("a date alone is no timestamp")
        # A plus in a query string that was not percent-encoded arrives as a space.
        return micros(parse(text.replace(" ", "+")))
    except (ValueError, OverflowError):
        raise Refusal(400, "Malformed parameter", f"{name} is not an RFC 3339 timestamp") from None


def write_cursor(at: int) -> str:
    """The opaque, stateless `next` for going on after a stamp: it holds on every server process, and after a restart."""
    return base64.urlsafe_b64encode(b"c1" + at.to_bytes(8, "big")).decode().rstrip("=")


def read_cursor(text: str) -> int:
    """The inverse of `write_cursor`. Raises Refusal 400 for anything it did not write."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != 10 or raw[:2] != b"c1" or raw[2] & 0x80 or write_cursor(int.from_bytes(raw[2:], "big")) != text:
        raise Refusal(400, "Malformed parameter", "next is not a value that this server gave")
    return int.from_bytes(raw[2:], "big")
