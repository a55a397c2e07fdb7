"""What stands on a medium between nodes without a network: a bundle of parcels and answers, in parts that fit the medium.

A bundle is lines: first a manifest under the sending node's signature (`forms.dsse`), then what it lists, each a line of its own: answers
to what came from the other node, and parcels for it (`forms.parcel`), signed themselves. A part is one line that says what it is, and then
a piece of the bundle's bytes; any file name does.

    {"form": "comity airgap part v1", "bundle": <hash of the manifest>, "part": 2, "parts": 3, ...}
    ...bytes...

A later release may say more in a manifest: what a reader does not know it passes over, unless the manifest `needs` it. The signature is
over all of it.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated

import msgspec

from comity.errors import IntegrityFault, SenderFault
from comity.forms import needs
from comity.terms.party import body_slug

MANIFEST_TYPE = "application/vnd.comity.airgap.v1+json"
#: Bounds: bytes of a manifest's line and of a part's, lines and parts of a bundle.
MANIFEST_BYTES, PART_LINE, LINES, PARTS = 16 << 20, 4_096, 50_000, 10_000
FORM = "comity airgap part v1"
_FORMS = re.compile(r"comity airgap part v[0-9]{1,3}\Z")
ANSWER, PARCEL = "answer", "parcel"
#: How a part begins: its fields are sorted.
_BEGINS = b'{"bundle":"'

_HASH = re.compile(r"[0-9a-f]{64}\Z")
_NODE = re.compile(r"[A-Z0-9-]{2,32}/[^/\x00-\x1f\x7f]{1,128}\Z")
_Moment = Annotated[datetime, msgspec.Meta(tz=True)]
_Count = Annotated[int, msgspec.Meta(ge=0, lt=1 << 53)]


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line behind the manifest: of which kind, its parcel's number, the SHA-256 of its bytes (hex), and how many they are."""

    kind: str
    sequence: _Count
    sha256: str
    size: _Count


class Manifest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is in a bundle. `number` counts the bundles of this sender for this receiver. `heard` is the last of the sender's parcels whose
    answer has reached it: no answer up to that has to be given again; `diode`: none ever will. `knows` is the turn of the receiver's keys
    that the sender has. `waits`: the sender was restored from a backup, and what came from the receiver waits since that stamp of its own
    clock; `gives` is such a stamp of the receiver's: here is all that came since where it said then that it stands. `needs` names what a
    reader has to know of.
    """

    version: int
    body: str
    sender: str
    receiver: str
    number: _Count
    made: _Moment
    heard: _Count = 0
    diode: bool = False
    knows: _Count = 0
    waits: _Count = 0
    gives: _Count = 0
    needs: tuple[str, ...] = ()
    lines: tuple[Line, ...]


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The first line of a part: of which bundle (the SHA-256 of its manifest's line), by whom for whom, the how many-eth of how many, which
    bytes of it (`offset`, `size`, of `total`), and their SHA-256.
    """

    form: str = FORM
    bundle: str
    sender: str
    receiver: str
    number: _Count
    part: _Count
    parts: _Count
    offset: _Count
    size: _Count
    total: _Count
    sha256: str

    @property
    def name(self) -> str:
        """What it is called for people, and as a file: `comity-KZ-UZ-000007-002of003.airgap`."""
        ends = f"{self.sender.partition('/')[0]}-{self.receiver.partition('/')[0]}"
        return f"comity-{ends}-{self.number:06d}-{self.part:03d}of{self.parts:03d}.airgap"


_encode = msgspec.json.Encoder(order="sorted").encode


def write_manifest(manifest: Manifest) -> bytes:
    """The manifest as it is signed (type MANIFEST_TYPE)."""
    return _encode(manifest)


def read_manifest(data: bytes) -> Manifest:
    """A manifest, whose signature was checked. Raises SenderFault for one that is malformed, or needs what this release does not know."""
    try:
        head = msgspec.json.decode(data, type=needs.Head)
        needs.check("the bundle", head.version, head.needs)
        found = msgspec.json.decode(data, type=Manifest)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise SenderFault(f"not the manifest of a bundle: {error}") from None
    body_slug(found.body)
    if not _NODE.match(found.sender) or not _NODE.match(found.receiver):
        raise SenderFault("not the manifest of a bundle: nodes read PARTY/name")
    if len(found.lines) > LINES or not all(_HASH.match(line.sha256) for line in found.lines):
        raise SenderFault(f"not the manifest of a bundle: it lists at most {LINES} lines, by their hashes")
    return found


def write_part(part: Part) -> bytes:
    """The first line of a part, with its end."""
    return _encode(part) + b"\n"


def read_part(line: bytes) -> Part:
    """The inverse of `write_part`. Raises SenderFault, IntegrityFault for one that was such a line before it was damaged."""
    try:
        found = msgspec.json.decode(line, type=Part)
        same = write_part(found) == line
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        same = False
    if not same and (line.startswith(_BEGINS) or FORM.encode() in line):
        raise IntegrityFault("its first line is not what was written", next="copy it from the medium again, or have it packed again")
    if not same:
        raise SenderFault("not a part of a bundle", next="give the files that comity airgap pack wrote")
    if found.form != FORM:
        raise SenderFault(f"a part of form {found.form[:80]!r}, which this release does not know", next="update this node")
    fits = 1 <= found.part <= found.parts <= PARTS and found.size and found.offset + found.size <= found.total
    if not fits or not all(map(_HASH.match, (found.bundle, found.sha256))) or not all(map(_NODE.match, (found.sender, found.receiver))):
        raise SenderFault("not a part of a bundle: what it says of itself does not fit")
    return found
