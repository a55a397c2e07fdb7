"""STIX JSON in and out: bundles 2.0 and 2.1, TAXII envelopes, single objects, arrays and NDJSON (STIX 2.1 section 8).

Every object keeps its exact bytes; a broken one is one `Refused` and its neighbours go on. The text may be larger than memory: it is read
once, in chunks, and no more of it is held than one object. What the objects' markings say (TLP of both versions, PAP) is read beside them
as far as their definitions stand before; which do not is said too, and settled by intake. Whether an object is acceptable STIX is
`terms.stix.check`, asked by intake.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Iterator
from uuid import uuid4

import msgspec

from comity.errors import SenderFault
from comity.forms import json_text
from comity.forms.json_cut import Text, cut, key, lines, value
from comity.forms.markings import Markings
from comity.terms.item import Draft, Refused


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What one submission may cost: bytes per object, objects per submission (None: any number), JSON nesting."""

    object_bytes: int = 1_048_576
    objects: int | None = None
    depth: int = json_text.MAX_DEPTH


DEFAULT = Limits()
#: How far an id is looked for in an object that cannot be read.
_LOOKED_AT = 65_536
_ID = re.compile(rb'"[a-z0-9-]{1,250}--[0-9a-fA-F-]{36}"')
_BOM = b"\xef\xbb\xbf"


def read(source: bytes | Iterable[bytes], limits: Limits = DEFAULT) -> Iterator[Draft | Refused]:
    """The objects of any STIX JSON text, whole or in chunks, in order, each with what its markings say. Never raises for bad input.

    What is wrong with the text as a whole is one `Refused` at `document`, after the objects that were found before it.
    """
    text = Text((source,) if isinstance(source, bytes) else source)
    markings = Markings()
    count = 0
    try:
        for position, piece in _pieces(text, limits):
            count += 1
            if limits.objects is not None and count > limits.objects:
                raise SenderFault(f"more than {limits.objects} objects at once: split it")
            yield _draft(position, piece, limits, markings)
    except SenderFault as fault:
        yield Refused(position="document", why=str(fault))


def _pieces(text: Text, limits: Limits) -> Iterator[tuple[str, bytes]]:
    """(position, exact bytes) of each object. Raises SenderFault for a text that is, or goes on as, none of the known shapes."""
    text.fill(limits.object_bytes + 1)
    if text.buffer.startswith(_BOM):
        text.at = len(_BOM)
    first = text.next()
    if first == b"[":
        text.at += 1
        yield from _listed(text, "", limits)
    elif first != b"{":
        raise SenderFault("not STIX JSON: it starts with neither { nor [" if first else "not STIX JSON: it is empty")
    elif _is_lines(text):
        for number, line in enumerate(lines(text, limits.object_bytes), 1):
            if line := line.strip():
                yield f"line {number}", line
    else:
        yield from _document(text, limits)
    if text.next():
        raise SenderFault(f"it goes on after its end, at byte {text.offset}: put one object a line, or all in one bundle")


def _is_lines(text: Text) -> bool:
    """Whether the first line is an object by itself and others follow."""
    ahead = text.ahead()
    end = ahead.buffer.find(b"\n", ahead.at)
    if end < 0 or not _is_object(ahead.buffer[ahead.at : end]):
        return False
    ahead.at = end
    return bool(ahead.next())


def _document(text: Text, limits: Limits) -> Iterator[tuple[str, bytes]]:
    """The objects of a bundle or envelope; or the one object that this is."""
    begin = _list_within(text)
    if begin is not None:
        text.at = begin
        if (yield from _listed(text, "objects", limits)):
            _after_list(text, limits)
        return
    piece = next(cut(text, limits.object_bytes), b"")
    # A text that is no object is not one bad object among others.
    yield "object" if _is_object(piece) else "document", piece


def _list_within(text: Text) -> int | None:
    """Where the elements begin of the `objects` of the bundle or TAXII envelope that this is (either may leave out `type` and `id`)."""
    ahead = text.ahead()
    ahead.at += 1
    while name := key(ahead):
        if name == b'"objects"' and ahead.next() == b"[":
            return ahead.at + 1
        if not _may_be_bundle(name, value(ahead)):
            return None
    return None


def _may_be_bundle(name: bytes, said: bytes | None) -> bool:
    """Whether this member may stand in a bundle or envelope: what has another type is one object, whatever its `objects` are."""
    if said is None or (name == b'"type"' and said != b'"bundle"'):
        return False
    return name != b'"id"' or said.startswith(b'"bundle--')


def _listed(text: Text, name: str, limits: Limits) -> Generator[tuple[str, bytes], None, bool]:
    """The elements of the list that was opened just before; returns whether it was closed, else its last element is broken off.

    Raises SenderFault if the text ends between two of them.
    """
    index, piece = 0, b""
    pieces = cut(text, limits.object_bytes)
    while True:
        try:
            piece = next(pieces)
        except StopIteration as end:
            if not end.value and (not piece or _is_object(piece)):
                raise SenderFault("it ends inside its list of objects: the rest is missing") from None
            return bool(end.value)
        yield f"{name}[{index}]", piece
        index += 1


def _after_list(text: Text, limits: Limits) -> None:
    """Pass what stands behind the objects of a bundle. Raises SenderFault where that gives them another meaning, or is no JSON."""
    text.fill(limits.object_bytes + 1)
    if text.next() == b",":
        text.at += 1
    while name := key(text):
        if name == b'"objects"':
            raise SenderFault("not acceptable JSON: the key 'objects' stands twice in the bundle")
        if not _may_be_bundle(name, value(text)):
            raise SenderFault(f"it is no bundle, as its {name.decode('utf-8', 'replace')} says behind its objects")
    if text.next() != b"}":
        raise SenderFault(f"not JSON behind its list of objects, at byte {text.offset}")
    text.at += 1


def _is_object(raw: bytes) -> bool:
    try:
        msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return False
    return True


def _draft(position: str, piece: bytes, limits: Limits, markings: Markings) -> Draft | Refused:
    if len(piece) > limits.object_bytes:
        return Refused(position=position, why=f"an object of more than {limits.object_bytes} bytes", id=_id_in(piece))
    try:
        obj = json_text.loads(piece, depth=limits.depth)
    except SenderFault as fault:
        return Refused(position=position, why=str(fault), id=_id_in(piece))
    if not isinstance(obj, dict):
        return Refused(position=position, why="not a STIX object: it must be a JSON object")
    if obj.get("type") == "marking-definition":
        markings.learn(obj)
    said = markings.of(obj)
    return Draft(raw=piece, obj=obj, position=position, tlp=said.tlp, pap=said.pap, why_held=said.why_held, undefined=said.undefined)


def _id_in(piece: bytes) -> str | None:
    """The id of an object that is not read, where its text gives one away: for the message alone."""
    try:
        found = (value for key, value in json_text.members(piece[:_LOOKED_AT]) if key == "id")
        value = next(found, b"")
    except SenderFault:
        return None
    return value[1:-1].decode() if _ID.fullmatch(value) else None


def bundle(objs: Iterable[bytes]) -> bytes:
    """A STIX bundle (STIX 2.1 section 8) of a random id around objects as they are stored: a concatenation, never a re-serialisation."""
    return b'{"type":"bundle","id":"bundle--' + str(uuid4()).encode() + b'","objects":[' + b",".join(objs) + b"]}"


def envelope(objs: Iterable[bytes], more: bool = False, next: str | None = None) -> bytes:
    """A TAXII 2.1 envelope (section 3.7) around objects as they are stored: a concatenation, never a re-serialisation."""
    pieces = list(objs)
    head = b'{"more":true' if more else b'{"more":false'
    if next is not None:
        head += b',"next":' + msgspec.json.encode(next)
    if not pieces:
        return head + b"}"
    # Joined once: a page may be megabytes.
    pieces[0] = head + b',"objects":[' + pieces[0]
    pieces[-1] += b"]}"
    return b",".join(pieces)
