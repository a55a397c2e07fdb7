"""C2SP signed notes and checkpoints (tlog-checkpoint), both directions, strict: `write(read(b)) == b` or a refusal.

A checkpoint says how long a log is and what its root is; a signed note is a text and signatures over it. Refused, for example,
are sizes like `+12`, ` 12` and `012`, base64 that is not canonical, no newline at the end, two signatures of one key.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence

import msgspec

from comity.errors import IntegrityFault
from comity.ledger.keys import LogKey, Verifier, read_verifier, write_verifier
from comity.ledger.merkle import WIDTH
from comity.terms.key_text import decode_base64, valid_name

__all__ = [
    "Checkpoint",
    "LogKey",
    "Note",
    "Signature",
    "Verifier",
    "cosign",
    "open_note",
    "read_checkpoint",
    "read_note",
    "read_verifier",
    "sign",
    "verified",
    "write_checkpoint",
    "write_note",
    "write_verifier",
]

#: The longest note that is looked at, in bytes, and the most signatures (C2SP asks for at least 16).
MAX_NOTE = 65_536
MAX_SIGNATURES = 100
_SIZE = re.compile(r"(?:0|[1-9][0-9]{0,18})\Z")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_DASH = "\u2014 "


class Signature(msgspec.Struct, frozen=True, kw_only=True):
    """One signature line: the key's name, its 4-byte id, and the signature bytes (64 for Ed25519)."""

    name: str
    key_id: bytes
    value: bytes


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """A signed note: the text, ending in a newline, and its signatures in order."""

    text: str
    signatures: tuple[Signature, ...]


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """What a log commits to: its origin (identity), size in entries, 32-byte RFC 6962 root, and opaque extension lines."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()


def write_checkpoint(checkpoint: Checkpoint) -> str:
    """The checkpoint's text. Raises IntegrityFault for one that could not be read back."""
    root = base64.b64encode(checkpoint.root).decode()
    text = "".join(line + "\n" for line in (checkpoint.origin, str(checkpoint.size), root, *checkpoint.extensions))
    if read_checkpoint(text) != checkpoint:
        raise IntegrityFault("this checkpoint has no text form: a line break in a line")
    return text


def read_checkpoint(text: str) -> Checkpoint:
    """The inverse of `write_checkpoint`. Raises IntegrityFault, naming the line."""
    lines = text.split("\n")
    if len(lines) < 4 or lines.pop() or not all(lines) or _CONTROL.search(text):
        raise IntegrityFault("not a checkpoint: it needs three or more non-empty lines of plain text, each ending in a newline")
    if not _SIZE.match(lines[1]):
        raise IntegrityFault(f"not a checkpoint: {lines[1][:40]!r} is not a size in plain decimal digits")
    try:
        root = decode_base64(lines[2])
    except ValueError as fault:
        raise IntegrityFault(f"not a checkpoint: {fault}") from fault
    if len(root) != WIDTH:
        raise IntegrityFault(f"not a checkpoint: a root of {len(root)} bytes instead of {WIDTH}")
    return Checkpoint(origin=lines[0], size=int(lines[1]), root=root, extensions=tuple(lines[3:]))


def write_note(note: Note) -> bytes:
    """The note's bytes."""
    return (note.text + "\n" + write_signatures(note.signatures)).encode()


def write_signatures(signatures: Sequence[Signature]) -> str:
    """Signature lines as they stand in a note."""
    return "".join(f"{_DASH}{s.name} {base64.b64encode(s.key_id + s.value).decode()}\n" for s in signatures)


def read_note(data: bytes) -> Note:
    """The inverse of `write_note`; verifies no signature. Raises IntegrityFault."""
    if len(data) > MAX_NOTE:
        raise IntegrityFault(f"a note of {len(data)} bytes is longer than {MAX_NOTE}")
    try:
        whole = data.decode()
    except UnicodeDecodeError as fault:
        raise IntegrityFault(f"not a signed note: not UTF-8 at byte {fault.start}") from fault
    text, blank, block = whole.rpartition("\n\n")
    if not blank or not text or not block.endswith("\n") or _CONTROL.search(whole):
        raise IntegrityFault("not a signed note: text, an empty line and signature lines, each ending in a newline")
    lines = block.removesuffix("\n").split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise IntegrityFault(f"a note with more than {MAX_SIGNATURES} signatures")
    signatures = tuple(_read_signature(line) for line in lines)
    if len({(s.name, s.key_id) for s in signatures}) != len(signatures):
        raise IntegrityFault("not a signed note: two signatures of one key")
    return Note(text=text + "\n", signatures=signatures)


def _read_signature(line: str) -> Signature:
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    try:
        value = decode_base64(encoded)
    except ValueError as fault:
        raise IntegrityFault(f"not a signature line: {fault}") from fault
    if not line.startswith(_DASH) or not valid_name(name) or len(value) < 5:
        raise IntegrityFault(f"not a signature line: {line[:120]!r}")
    return Signature(name=name, key_id=value[:4], value=value[4:])


def sign(checkpoint: Checkpoint, key: LogKey) -> bytes:
    """The checkpoint as a note with this key's signature."""
    return cosign(Note(text=write_checkpoint(checkpoint), signatures=()), key)


def cosign(note: Note, key: LogKey) -> bytes:
    """The note with one more signature. Raises IntegrityFault if the key has already signed it."""
    return write_signed(note, Signature(name=key.name, key_id=key.verifier.key_id, value=key.sign(note.text.encode())))


def write_signed(note: Note, *more: Signature) -> bytes:
    """The note with more signatures. Raises IntegrityFault for two of one key."""
    data = write_note(Note(text=note.text, signatures=(*note.signatures, *more)))
    read_note(data)
    return data


def open_note(data: bytes, verifiers: Sequence[Verifier]) -> Checkpoint:
    """The checkpoint in a note that at least one of these keys signed, as `verified`. Raises IntegrityFault."""
    return read_checkpoint(verified(data, verifiers, "checkpoint").text)


def verified(data: bytes, verifiers: Sequence[Verifier], what: str = "note") -> Note:
    """A note that at least one of these keys signed; messages call it a `what`. Raises IntegrityFault.

    Signatures of unknown keys are ignored (C2SP signed-note); a wrong signature under a known key refuses the whole note.
    """
    note = read_note(data)
    known = {(v.name, v.key_id): v for v in verifiers}
    message, verified = note.text.encode(), 0
    for signature in note.signatures:
        verifier = known.get((signature.name, signature.key_id))
        if verifier is None:
            continue
        if not verifier.valid(message, signature.value):
            raise IntegrityFault(f"the {what}'s signature by {signature.name} is wrong")
        verified += 1
    if not verified:
        signers = ", ".join(s.name for s in note.signatures)
        raise IntegrityFault(f"none of the given keys signed this {what} (signed by {signers})")
    return note
