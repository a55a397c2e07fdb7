"""Reading a request: parameters, what answer is wanted, the body. Everything is checked against what the operation declares."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

import msgspec
from msgspec import UnsetType
from starlette.datastructures import QueryParams

from comity.admin.collections import bodies
from comity.admin.tokens import Token
from comity.doors.api.declare import Content, Nothing, Operation, Paged, read_key, write_cursor
from comity.doors.received import UnknownContent
from comity.errors import NotFound, SenderFault
from comity.release.desk import Desk
from comity.release.sight import Reader
from comity.world import World

_T = TypeVar("_T")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


class Unacceptable(SenderFault):
    """No answer in a form that the client takes."""


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One request to one operation: who asks (`token`), the parts of its path, and its body with its media type."""

    desk: Desk
    token: Token
    path: Mapping[str, str]
    media: str = ""
    body: bytes = b""

    @property
    def world(self) -> World:
        """What the node holds."""
        return self.desk.world

    def reader(self, body: str | UnsetType) -> Reader:
        """The token as a reader within a body. Raises NotFound for a body that it may not use or that is not served here."""
        slug = body or self.token.body or self.world.settings.body
        if slug not in bodies(self.world) or self.token.body not in (None, slug):
            raise NotFound(f"this node serves no body {slug} to you")
        return Reader(party=self.token.party, body=slug, purposes=self.token.purposes, client=self.token.id)

    def limit(self, asked: int | UnsetType) -> int:
        """How many a page holds."""
        return min(asked or 100, self.world.settings.limits.page)


def read_query(params: QueryParams, shape: type[Nothing]) -> Nothing:
    """The parameters of a request. Lists are separated by commas. Raises SenderFault for one that is unknown, repeated or malformed."""
    readers = _readers(shape)
    given: dict[str, Any] = {}
    for name, text in params.multi_items():
        if name not in readers:
            raise SenderFault(f"there is no parameter {name!r} here", next="one of " + (", ".join(readers) or "none"))
        if name in given:
            raise SenderFault(f"{name} may be given once", next="lists are separated by commas")
        given[name] = readers[name](text)
    try:
        return msgspec.convert(given, shape)
    except msgspec.ValidationError as error:
        raise SenderFault(f"malformed parameter: {error}".replace("`$.", "`"), next="see /api/openapi.json") from None


@cache
def _readers(shape: type[Nothing]) -> dict[str, Callable[[str], Any]]:
    """For each parameter, how its text becomes a value; what is no value of its type stays text, which the type then refuses."""
    schemas = {field.encode_name: msgspec.json.schema(field.type) for field in msgspec.structs.fields(shape)}
    by_type: dict[str, Callable[[str], Any]] = {"array": lambda text: text.split(","), "integer": _number, "date-time": _moment}
    return {name: by_type.get(schema.get("format", schema.get("type", "")), str) for name, schema in schemas.items()}


def _moment(text: str) -> str:
    """A bare date means its first moment (model.md, Time)."""
    return f"{text}T00:00:00Z" if _DATE.fullmatch(text) else text


def _number(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else text


def wanted(accept: str | None, operation: Operation) -> str:
    """The media type to answer in: of those that the client likes best, the first that the operation declares. Raises Unacceptable."""
    if not accept:
        return operation.media[0]
    likes: dict[str, float] = {}
    for part in accept.split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = next((text[2:] for text in parameters if text.startswith("q=")), "1")
        likes[name] = float(quality) if quality.replace(".", "", 1).isdecimal() and len(quality) < 8 else 0.0

    def like(media: str) -> float:
        ranges = (media, media.partition("/")[0] + "/*", "*/*")
        return next((likes[each] for each in ranges if each in likes), 0.0)

    best = max(operation.media, key=like)
    if like(best) <= 0.0:
        raise Unacceptable("no answer in a form that the Accept header names", next="one of " + ", ".join(operation.media))
    return best


def content_of(content_type: str | None, operation: Operation) -> Content:
    """Which of the declared bodies a request has. Raises UnknownContent."""
    name = (content_type or "").partition(";")[0].strip().lower()
    found = next((content for content in operation.takes if content.media == name), None)
    if found is None:
        given = f"of type {name}" if name else "without a Content-Type"
        raise UnknownContent(f"a body {given} is not taken here", next="one of " + ", ".join(c.media for c in operation.takes))
    return found


def cut(call: Call, query: Paged, found: Sequence[_T], key: Callable[[_T], str]) -> tuple[tuple[_T, ...], bool, str | None]:
    """The page of a sorted list that a query asks for: items, whether more follow, and the cursor to go on with."""
    after = read_key(query.next)
    rest = [each for each in found if key(each).encode() > after]
    kept = tuple(rest[: call.limit(query.limit)])
    more = len(kept) < len(rest)
    return kept, more, write_cursor(key(kept[-1])) if more else None
