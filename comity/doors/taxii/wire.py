"""TAXII 2.1 on the wire: media types, parameters, cursors and error resources (TAXII 2.1 sections 1.6.8, 3.1-3.6)."""

from __future__ import annotations

import base64
import binascii
from typing import Any

import msgspec
from starlette.datastructures import QueryParams
from starlette.responses import Response

from comity.clock import micros, parse
from comity.release.select import Query

MEDIA = "application/taxii+json;version=2.1"
_RANGES = {"application/taxii+json", "application/*", "*/*"}
_VERSIONS = ("first", "last", "all")
_SPECS = {"2.0", "2.1"}


class Refusal(Exception):
    """An answer other than success: HTTP status, title and text of the error resource (section 3.6.1)."""

    def __init__(self, status: int, title: str, text: str = "") -> None:
        super().__init__(title)
        self.status, self.title, self.text = status, title, text

    def response(self) -> Response:
        """The error resource."""
        resource = {"title": self.title, "http_status": str(self.status)}
        if self.text:
            resource["description"] = self.text
        headers = {"WWW-Authenticate": 'Basic realm="comity", charset="UTF-8"'} if self.status == 401 else {}
        return respond(resource, self.status, headers)


def respond(resource: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A response with the TAXII media type; `resource` is a value to encode, or bytes that are JSON already."""
    body = resource if isinstance(resource, bytes) else msgspec.json.encode(resource)
    return Response(body, status, {"Content-Type": MEDIA, "Vary": "Accept, Authorization", "Cache-Control": "no-store", **(headers or {})})


def check_accept(accept: str | None) -> None:
    """Refuse (406) only an Accept that holds no range TAXII 2.1 defines (section 3.1)."""
    if not accept:
        return
    for part in accept.split(","):
        media, _, rest = part.strip().partition(";")
        if media.strip().lower() in _RANGES and _version_fits(rest):
            return
    raise Refusal(406, "Not acceptable", f"this server speaks {MEDIA}")


def check_content_type(content_type: str | None) -> None:
    """Refuse (415) a POST of another media type (section 5.5)."""
    media, _, rest = (content_type or "").partition(";")
    if media.strip().lower() != "application/taxii+json" or not _version_fits(rest):
        raise Refusal(415, "Unsupported media type", f"post {MEDIA}")


def _version_fits(parameters: str) -> bool:
    """Whether a media type's parameters name no other version than ours; values may be quoted (RFC 9110 section 5.6.6)."""
    values = parameters.replace(" ", "").replace('"', "").lower().split(";")
    return all(value == "version=2.1" for value in values if value.startswith("version="))


def read_query(params: QueryParams, *, own: bool, page: int, allowed: frozenset[str], ids: tuple[str, ...] | None = None) -> Query:
    """The request's parameters as a Query (section 3.4). Raises Refusal 400 for a malformed or repeated one."""
    for name in ("added_after", "limit", "next", *(name for name in params if name.startswith("match["))):
        if len(params.getlist(name)) > 1:
            raise Refusal(400, "Malformed parameter", f"{name} may be given once")
    after = _moment(params["added_after"]) if "added_after" in params else 0
    if "next" in params:
        after = max(after, read_cursor(params["next"]))
    listed = {name: _values(params, name) for name in ("id", "type", "version", "spec_version") if f"match[{name}]" in params}
    versions = listed.get("version", ("last",)) if "version" in allowed else ("all",)
    if len(versions) > 1 and "all" in versions:
        raise Refusal(400, "Malformed parameter", "match[version]=all stands alone")
    for version in versions:
        if version not in _VERSIONS:
            _moment(version, "match[version]")
    specs = frozenset(listed["spec_version"]) if "spec_version" in listed and "spec_version" in allowed else None
    if specs is not None and not specs <= _SPECS:
        raise Refusal(400, "Malformed parameter", "match[spec_version] knows 2.0 and 2.1")
    return Query(
        own=own,
        after=after,
        limit=min(_limit(params.get("limit")), page),
        ids=ids if ids is not None else (listed.get("id") if "id" in allowed else None),
        types=frozenset(listed["type"]) if "type" in listed and "type" in allowed else None,
        versions=tuple(dict.fromkeys(versions)),
        spec_versions=specs,
    )


def _values(params: QueryParams, name: str) -> tuple[str, ...]:
    values = tuple(params[f"match[{name}]"].split(","))
    if not all(values):
        raise Refusal(400, "Malformed parameter", f"match[{name}] has an empty value")
    return values


def _limit(text: str | None) -> int:
    if text is None:
        return 1 << 30
    if not (text.isascii() and text.isdigit()) or len(text) > 9 or int(text) == 0:
        raise Refusal(400, "Malformed parameter", "limit is a positive integer")
    return int(text)


def _moment(text: str, name: str = "added_after") -> int:
    try:
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
