"""What the log keeps: entries, the leaves they become, the openings of their objects, the head (model.md, How it is recorded).

Nothing in the tree is readable by itself. A leaf holds SHA-256(domain, salt, entry); an entry holds the root of salted
commitments to its objects. Whoever is given a salt and what it hides can check both; nobody can guess the rest, however short.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Any

import msgspec
import rfc8785

from comity.clock import micros, stamp
from comity.errors import IntegrityFault, OurFault
from comity.ledger.merkle import EMPTY, WIDTH, Frontier, leaf_hash, root, write_frontier

#: Bytes of a salt, and of one record in an opening.
SALT = 16
RECORD = 49
#: First byte of a record: salt and object hash follow, or only the commitment that is left of them.
OPEN, ERASED = b"\x00", b"\x01"
#: What is hashed before salt and contents, so that a commitment of one sort can never be read as the other.
ENTRY_DOMAIN = b"comity/entry/v1:"
OBJECT_DOMAIN = b"comity/object/v1:"
_KIND = re.compile(r"[a-z][a-z-]{0,31}\Z")
_ROOT = re.compile(r"[0-9a-f]{64}\Z")


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One thing that happened: `kind` (accept, disclose, refuse, erase ...), when, by whom (a pseudonymous id), to which party.

    `agreements` are the clauses relied on; `count` objects are committed to under `root` (hex), which the journal fills in;
    `detail` is any further JSON. Raises ValueError for values that do not fit together.
    """

    kind: str
    at: Annotated[datetime, msgspec.Meta(tz=True)]
    actor: str = ""
    party: str | None = None
    agreements: tuple[str, ...] = ()
    count: int = 0
    root: str | None = None
    detail: dict[str, Any] = {}

    def __post_init__(self) -> None:
        if self.at.tzinfo is None or not _KIND.match(self.kind) or self.count < 0:
            raise ValueError("an entry needs a kind of lower-case letters, a moment with an offset, and no negative count")
        if self.root is not None and (not _ROOT.match(self.root) or self.count == 0):
            raise ValueError("an entry's root is 64 lower-case hex digits, and only an entry with objects has one")


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """The records that open a leaf's object commitments: `RECORD` bytes per object, in order.

    Open: 0x00, salt (16), object hash (32). Erased: 0x01, commitment (32), 16 zero bytes.
    """

    records: bytes

    def __len__(self) -> int:
        return len(self.records) // RECORD

    def commitments(self) -> list[bytes]:
        """The commitment each record opens or keeps. Raises IntegrityFault for a malformed record."""
        if len(self.records) % RECORD:
            raise IntegrityFault(f"{len(self.records)} bytes are no whole number of {RECORD}-byte records")
        found = []
        for position in range(len(self)):
            record = self.records[position * RECORD : (position + 1) * RECORD]
            if record[:1] == OPEN:
                found.append(sha256(OBJECT_DOMAIN + record[1:]).digest())
            elif record[:1] == ERASED and not any(record[1 + WIDTH :]):
                found.append(record[1 : 1 + WIDTH])
            else:
                raise IntegrityFault(f"object {position}: its record is neither open nor erased")
        return found

    def hashes(self) -> list[bytes | None]:
        """The object hash each record opens, None where it was erased."""
        records = (self.records[n * RECORD : (n + 1) * RECORD] for n in range(len(self)))
        return [record[1 + SALT :] if record[:1] == OPEN else None for record in records]

    def erased(self) -> list[int]:
        """The positions (0-based) of erased records."""
        return [n for n in range(len(self)) if self.records[n * RECORD : n * RECORD + 1] == ERASED]


def commit_objects(hashes: Sequence[bytes], salts: bytes) -> tuple[bytes, bytes]:
    """The opening's records and the root over the commitments of 32-byte object hashes; `salts` has 16 bytes for each.

    Commitment i is SHA-256(OBJECT_DOMAIN, salt i, hash i); the root is RFC 6962's over `leaf_hash(commitment i)`.
    """
    if len(salts) != SALT * len(hashes) or set(map(len, hashes)) - {WIDTH}:
        raise OurFault(f"{len(hashes)} objects need {WIDTH}-byte hashes and {SALT} bytes of salt each, got {len(salts)} bytes")
    if not hashes:
        return b"", root([])
    bodies = [salts[at : at + SALT] + h for at, h in zip(range(0, len(salts), SALT), hashes)]
    # `leaf_hash`, written out: this runs for every object that leaves.
    leaves = [sha256(b"\x00" + sha256(OBJECT_DOMAIN + body).digest()).digest() for body in bodies]
    return OPEN + OPEN.join(bodies), root(leaves)


def opened_root(opening: Opening) -> bytes:
    """The root that `commit_objects` gave for these records, erased ones included. Raises IntegrityFault."""
    return root([leaf_hash(commitment) for commitment in opening.commitments()])


class Leaf(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One stored log entry. `hash` is the RFC 6962 leaf hash in the tree, over a commitment that `salt` and canonical `entry` open.

    `opening` are the records of its objects (b"" if none). Of an erased entry the commitment is left, in the salt's place, and no more.
    """

    index: int
    hash: bytes
    salt: bytes
    entry: bytes
    opening: bytes = b""


class Head(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the log ends: number of entries, frontier bytes (`merkle.write_frontier`), root, and the signed checkpoint note."""

    size: int
    frontier: bytes
    root: bytes
    checkpoint: bytes


#: The head of a log that has no entry yet: there is nothing to sign.
EMPTY_HEAD = Head(size=0, frontier=write_frontier(Frontier()), root=EMPTY, checkpoint=b"")


def commit_entry(salt: bytes, entry: bytes) -> bytes:
    """The 32-byte commitment to a 16-byte salt and canonical entry bytes: what the log holds as the contents of a leaf."""
    return sha256(ENTRY_DOMAIN + salt + entry).digest()


def entry_hash(salt: bytes, entry: bytes) -> bytes:
    """The leaf hash of a 16-byte salt and canonical entry bytes."""
    return leaf_hash(commit_entry(salt, entry))


def write_entry(entry: Entry) -> bytes:
    """The entry as canonical JSON (RFC 8785), `at` in UTC with six fraction digits. Raises OurFault for what JSON cannot hold."""
    try:
        body: dict[str, Any] = msgspec.to_builtins(entry)
        body["at"] = stamp(micros(entry.at))
        return rfc8785.dumps(body)
    except (rfc8785.CanonicalizationError, TypeError, ValueError, RecursionError) as fault:
        raise OurFault(f"an entry of kind {entry.kind!r} cannot be written: {fault}") from fault


_decode = msgspec.json.Decoder(Entry).decode


def read_entry(data: bytes) -> Entry:
    """The inverse of `write_entry`. Raises IntegrityFault unless these are exactly the bytes that it writes."""
    try:
        entry = _decode(data)
        canonical = write_entry(entry)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, OurFault) as fault:
        raise IntegrityFault(f"not a log entry: {fault}") from fault
    if (entry.root is None) != (entry.count == 0):
        raise IntegrityFault("not a log entry: it counts objects without committing to them")
    if canonical != data:
        raise IntegrityFault("not a log entry: its JSON is not in canonical form")
    return entry
