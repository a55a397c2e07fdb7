"""The offline copy of a log: a folder with `log.jsonl`, `checkpoint` and `key`. The line format, both directions; no I/O.

`log.jsonl` has the head on its first line and one leaf on each further line, byte strings in base64. `checkpoint` is the signed
note as other tools read it; `key` is the verifier key line. `write(read(line)) == line` or a refusal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from comity.errors import IntegrityFault
from comity.ledger.leaf import Head, Leaf
from comity.ledger.note import Verifier, read_verifier, write_verifier

#: File names within the folder.
LOG, CHECKPOINT, KEY = "log.jsonl", "checkpoint", "key"
#: The longest line of `log.jsonl` that is looked at, in bytes.
MAX_LINE = 1 << 24


class _First(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"version": "comity-log"}):
    version: int = 1
    head: Head


_read_first = msgspec.json.Decoder(_First).decode
_read_leaf = msgspec.json.Decoder(Leaf).decode
_encode = msgspec.json.Encoder().encode


def export_lines(leaves: Iterable[Leaf], head: Head) -> Iterator[bytes]:
    """The lines of `log.jsonl`, each with its newline. Leaves and head must be of one moment."""
    yield _encode(_First(head=head)) + b"\n"
    for leaf in leaves:
        yield _encode(leaf) + b"\n"


def read_head(line: bytes) -> Head:
    """The head on the first line. Raises IntegrityFault."""
    try:
        first = _read_first(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as fault:
        raise IntegrityFault(f"not the head of an exported log: {fault}") from fault
    if first.version != 1 or _encode(first) + b"\n" != line:
        raise IntegrityFault("not the head of an exported log: another version or spelling")
    return first.head


def read_leaf(line: bytes) -> Leaf:
    """The leaf on a further line. Raises IntegrityFault."""
    try:
        leaf = _read_leaf(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as fault:
        raise IntegrityFault(f"not a leaf: {fault}") from fault
    if _encode(leaf) + b"\n" != line:
        raise IntegrityFault("not a leaf: it differs from what its own contents would be written as")
    return leaf


def write_key(verifier: Verifier) -> bytes:
    """The contents of the `key` file."""
    return write_verifier(verifier).encode() + b"\n"


def read_key(data: bytes) -> Verifier:
    """The inverse of `write_key`. Raises IntegrityFault."""
    try:
        text = data.decode()
    except UnicodeDecodeError as fault:
        raise IntegrityFault("the key file is not text") from fault
    if not text.endswith("\n"):
        raise IntegrityFault("the key file does not end in a newline")
    return read_verifier(text[:-1])
