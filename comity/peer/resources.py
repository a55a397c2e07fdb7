"""The resources of TAXII 2.1 sections 3-5 as a client reads them: every property, unknown ones ignored, unfit ones as if not given."""

from __future__ import annotations

from typing import Any, TypeVar, get_args, get_origin

import msgspec

from comity.errors import PeerFault
from comity.forms.json_text import split_array
from comity.forms.wire_envelope import PROPERTY

S = TypeVar("S", bound=msgspec.Struct)
#: The most elements of one list, such as the objects of a page.
MOST_LISTED = 100_000
UNFIT = (msgspec.MsgspecError, RecursionError, UnicodeDecodeError)


#: An error resource longer than this is not read: its text is shown to a person.
_ERROR = 64 << 10


class Discovery(msgspec.Struct, frozen=True, kw_only=True):
    """Section 4.1.1."""

    title: str = ""
    description: str = ""
    contact: str = ""
    default: str = ""
    api_roots: tuple[str, ...] = ()


class ApiRoot(msgspec.Struct, frozen=True, kw_only=True):
    """Section 4.2.1. `understands` is true for a Comity node: it keeps the envelopes beside objects (ADR 4)."""

    title: str = ""
    description: str = ""
    versions: tuple[str, ...] = ()
    max_content_length: int = 0
    understands: bool = msgspec.field(default=False, name=PROPERTY)


class Details(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one posted object (section 4.3.1)."""

    id: str = ""
    version: str = ""
    message: str = ""


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a post (section 4.3.1)."""

    id: str = ""
    status: str = ""
    request_timestamp: str = ""
    total_count: int = 0
    success_count: int = 0
    successes: tuple[Details, ...] = ()
    failure_count: int = 0
    failures: tuple[Details, ...] = ()
    pending_count: int = 0
    pendings: tuple[Details, ...] = ()


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A collection (section 5.2.1)."""

    id: str = ""
    title: str = ""
    description: str = ""
    alias: str = ""
    can_read: bool = False
    can_write: bool = False
    media_types: tuple[str, ...] = ()


class Collections(msgspec.Struct, frozen=True, kw_only=True):
    """The collections of an API root (section 5.1.1)."""

    collections: tuple[Listed, ...] = ()


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """An envelope (section 3.7); its objects stay bytes, unsound ones too, which intake says of each."""

    more: bool = False
    next: str = ""
    objects: tuple[msgspec.Raw, ...] = ()


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """What a manifest says of one version of an object (section 5.3.1)."""

    id: str = ""
    date_added: str = ""
    version: str = ""
    media_type: str = ""


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """A manifest (section 5.3.1)."""

    more: bool = False
    objects: tuple[Record, ...] = ()


class Error(msgspec.Struct, frozen=True, kw_only=True):
    """An error (section 3.6.1)."""

    title: str = ""
    description: str = ""
    error_id: str = ""
    error_code: str = ""
    http_status: str = ""
    external_details: str = ""
    details: dict[str, Any] = {}


def read(kind: type[S], raw: bytes) -> S | None:
    """A resource as far as it has the shape it should have; None for what is no JSON object.

    Raises PeerFault for a list of more than `MOST_LISTED` elements, before they are held.
    """
    try:
        members = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
    except UNFIT:
        return None
    found = {}
    for field in msgspec.structs.fields(kind):
        if field.encode_name in members:
            value = _value(field.type, members[field.encode_name])
            if value is not None:
                found[field.name] = value
    return kind(**found)


def _value(kind: Any, raw: msgspec.Raw) -> Any:
    """One property; None if it is unfit. Of a list, the fit ones."""
    if get_origin(kind) is tuple:
        _check_length(bytes(raw))
        pieces = _value(list[msgspec.Raw], raw)
        (inner, _) = get_args(kind)
        return None if pieces is None else tuple(value for piece in pieces if (value := _value(inner, piece)) is not None)
    if kind is msgspec.Raw:
        return raw
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return read(kind, bytes(raw))
    try:
        return msgspec.json.decode(raw, type=kind)
    except UNFIT:
        return None


def _check_length(raw: bytes) -> None:
    """Raise PeerFault for a list that is too long: a few bytes an element, it would take many times its own size."""
    if raw.startswith(b"[") and raw.count(b",") >= MOST_LISTED and any(index == MOST_LISTED for index, _ in split_array(raw)):
        raise PeerFault(f"the server gives more than {MOST_LISTED} of a kind at once", next="tell its operator")


def said(raw: bytes) -> str:
    """What an error resource says, shortened; empty if it is none."""
    error = read(Error, raw) if len(raw) <= _ERROR else None
    return (error.description or error.title)[:200] if error else ""
