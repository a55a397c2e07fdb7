"""STIX JSON in and out: bundles 2.0 and 2.1, TAXII envelopes, single objects, arrays and NDJSON (STIX 2.1 section 8).

Every object keeps its exact bytes; a broken one is one `Refused` and its neighbours go on. What the objects' markings say
(TLP of both versions, PAP) is read beside them. Whether an object is acceptable STIX is `terms.stix.check`, asked by intake.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from comity.errors import SenderFault
from comity.forms import json_text
from comity.forms.markings import Markings
from comity.terms.item import Draft, Refused


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What one submission may cost: bytes per object, objects per submission, JSON nesting."""

    object_bytes: int = 1_048_576
    objects: int = 1_000_000
    depth: int = json_text.MAX_DEPTH


DEFAULT = Limits()
_BOM = b"\xef\xbb\xbf"


def read(raw: bytes, limits: Limits = DEFAULT) -> Iterator[Draft | Refused]:
    """The objects of any STIX JSON text, in order, each with what its markings say. Never raises for bad input."""
    raw = raw.removeprefix(_BOM).strip()
    try:
        pieces = list(_pieces(raw))
    except SenderFault as fault:
        yield Refused(position="document", why=str(fault))
        return
    if len(pieces) > limits.objects:
        yield Refused(position="document", why=f"{len(pieces)} objects: at most {limits.objects} at once, split it")
        return
    markings = Markings(_definitions(pieces, limits))
    for position, piece in pieces:
        yield _draft(position, piece, limits, markings)


def _pieces(raw: bytes) -> Iterator[tuple[str, bytes]]:
    """(position, exact bytes) of each object. Raises SenderFault for a text that is none of the known shapes."""
    if raw.startswith(b"["):
        return ((f"[{index}]", piece) for index, piece in enumerate(json_text.elements(raw)))
    if not raw.startswith(b"{"):
        raise SenderFault("not STIX JSON: it starts with neither { nor [" if raw else "not STIX JSON: it is empty")
    try:
        outer = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        if _is_object(raw.partition(b"\n")[0]):
            return _lines(raw)
        return _broken(raw)
    if "objects" not in outer or (bytes(outer.get("type", msgspec.Raw(b'"bundle"'))) != b'"bundle"'):
        return iter((("object", raw),))
    if raw.count(b'"objects"') > 1 and sum(key == "objects" for key, _ in json_text.members(raw)) > 1:
        raise SenderFault("not acceptable JSON: the key 'objects' stands twice in the bundle")
    return _objects(bytes(outer["objects"]))


def _objects(raw: bytes) -> Iterator[tuple[str, bytes]]:
    return ((f"objects[{index}]", piece) for index, piece in enumerate(json_text.elements(raw)))


def _lines(raw: bytes) -> Iterator[tuple[str, bytes]]:
    for number, line in enumerate(raw.split(b"\n"), 1):
        line = line.strip()
        if line:
            yield f"line {number}", line


def _broken(raw: bytes) -> Iterator[tuple[str, bytes]]:
    """The objects of a bundle whose text is not JSON as a whole; if it has none, the text itself, to be refused exactly."""
    found = [value for key, value in json_text.members(raw) if key == "objects" and value.startswith(b"[")]
    return _objects(found[0]) if len(found) == 1 else iter((("document", raw),))


def _is_object(raw: bytes) -> bool:
    try:
        msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return False
    return True


def _definitions(pieces: list[tuple[str, bytes]], limits: Limits) -> Iterator[Mapping[str, Any]]:
    """The marking definitions among the pieces, which may stand after their use."""
    for _, piece in pieces:
        if len(piece) > limits.object_bytes or (b'"definition_type"' not in piece and b'"tlp_2_0"' not in piece):
            continue
        try:
            obj = json_text.loads(piece, depth=limits.depth)
        except SenderFault:
            continue
        if isinstance(obj, dict) and obj.get("type") == "marking-definition":
            yield obj


def _draft(position: str, piece: bytes, limits: Limits, markings: Markings) -> Draft | Refused:
    if len(piece) > limits.object_bytes:
        return Refused(position=position, why=f"an object of {len(piece)} bytes: at most {limits.object_bytes}")
    try:
        obj = json_text.loads(piece, depth=limits.depth)
    except SenderFault as fault:
        return Refused(position=position, why=str(fault))
    if not isinstance(obj, dict):
        return Refused(position=position, why="not a STIX object: it must be a JSON object")
    said = markings.of(obj)
    return Draft(raw=piece, obj=obj, position=position, tlp=said.tlp, pap=said.pap, why_held=said.why_held)


def envelope(objs: Iterable[bytes], more: bool = False, next: str | None = None) -> bytes:
    """A TAXII 2.1 envelope (section 3.7) around objects as they are stored: a concatenation, never a re-serialisation."""
    pieces = list(objs)
    head = b'{"more":true' if more else b'{"more":false'
    if next is not None:
        head += b',"next":' + msgspec.json.encode(next)
    return head + (b',"objects":[' + b",".join(pieces) + b"]}" if pieces else b"}")
