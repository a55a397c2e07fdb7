"""What an operation of the API says of itself. Nothing about it is written down anywhere else: `app` serves it, `openapi` describes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from comity.terms.item import HANDLING, PURPOSES

JSON = "application/json"
NDJSON = "application/x-ndjson"
CSV = "text/csv"
#: What a list can be given as: a page, or all that follows as lines or a table.
LISTS = (JSON, NDJSON, CSV)

Limit = Annotated[int, Meta(ge=1, le=1_000_000, description="At most so many; the node's own page size is the upper bound of a page.")]
Cursor = Annotated[str, Meta(pattern="^([0-9a-f]{2}){1,256}$", description="`next` of the page before, as it was given.")]
Purpose = Annotated[str, Meta(pattern=f"^({'|'.join(PURPOSES)})$")]
Purposes = Annotated[tuple[Purpose, ...], Meta(min_length=1, description="For these purposes.")]
Handling = Annotated[tuple[Annotated[str, Meta(pattern=f"^({'|'.join(HANDLING)})$")], ...], Meta(min_length=1)]
Code = Annotated[str, Meta(pattern="^[A-Z0-9-]{2,32}$", description="A party's code, like KZ.")]
Slug = Annotated[
    str, Meta(pattern="^[a-z0-9][a-z0-9-]{0,31}$", description="A body that this node serves. [default: the token's, else the node's]")
]


class Nothing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """No parameters."""


class Paged(Nothing, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a page begins and how much it holds."""

    limit: Limit | UnsetType = UNSET
    next: Cursor | UnsetType = UNSET


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """A request body that an operation takes: its media type, and its shape as a type or as a JSON schema."""

    media: str
    shape: Any


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that can be asked.

    `run` gets a `Call` and the query (an instance of `query`), and gives a value of the type `gives`, or of one of its types, or an
    `Exact`. With `rows`, that value has `items` of the type `rows`, which can be had as lines and tables too; `lines` gives them as they
    come, where that is not the same.
    `does` is a line for people, `detail` what they need to know besides. `scope` None: whatever the token may do.
    """

    method: str = "GET"
    path: str
    name: str
    does: str
    detail: str = ""
    scope: str | None = "api:read"
    query: type[Nothing] = Nothing
    takes: tuple[Content, ...] = ()
    gives: Any
    rows: type[msgspec.Struct] | None = None
    media: tuple[str, ...] = (JSON,)
    missing: bool = False
    denied: bool = False
    conflict: bool = False
    run: Callable[[Any, Any], Any]
    lines: Callable[[Any, Any], Any] | None = None


#: Parts of paths: schema and what they are.
PATH_PARTS: dict[str, tuple[dict[str, Any], str]] = {
    "id": ({"type": "string", "minLength": 1}, "A STIX id."),
    "ref": ({"type": "string", "minLength": 1}, "An agreement's id for its newest version, or `id@version`."),
    "request": ({"type": "string", "minLength": 1}, "A request for approval, like apr_1f2e3d4c5b6a."),
    "accession": ({"type": "string", "minLength": 1}, "An accession, like acc_1f2e3d4c5b6a."),
    "item": ({"type": "string", "minLength": 1}, "A STIX id, or `id@version`."),
    "ticket": ({"type": "string", "minLength": 1}, "A ticket, like rdr_1f2e3d4c5b6a."),
    "ping": ({"type": "string", "minLength": 1}, "A ping, like png_1f2e3d4c5b6a."),
    "index": ({"type": "integer", "minimum": 0}, "The index of an entry, from 0."),
}


def write_cursor(key: int | str) -> str:
    """The opaque, stateless `next` for going on after a key; it holds on every server process, and after a restart."""
    return (key.to_bytes(8, "big") if isinstance(key, int) else key.encode()).hex()


def read_number(cursor: str | UnsetType) -> int:
    """The number that a cursor goes on after, 0 without one."""
    return min(int.from_bytes(bytes.fromhex(cursor or ""), "big"), (1 << 63) - 1)


def read_key(cursor: str | UnsetType) -> bytes:
    """The key, as bytes, that a cursor goes on after; empty without one."""
    return bytes.fromhex(cursor or "")
