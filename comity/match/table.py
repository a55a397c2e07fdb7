"""A compact, immutable table of indicators: arrays that are the same in memory and in a file, so that a file is mapped, not loaded.

Two parts. What the pass over raw bytes needs (`prefilter`): sorted keys with a directory, a Bloom filter over them, a bitmap of the
networks. And the exact part: sorted hashes of (kind, value), each with the place of its record, and the records themselves, as text.
Made by `table_maker`, kept by `table_file`.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from comity.match.key_set import bloom, directory
from comity.match.keys import Keys
from comity.match.section import Section

#: Bytes that a record's ids rarely exceed.
_MORE = 128

#: (kind, normal value, indicator id or None where the source gives none)
Entry = tuple[str, str, str | None]
#: The kind of an entry whose value is an id: what came under it before is of an older version.
NEWER = "newer"


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What else the passes have to know.

    `lengths` are the prefix lengths of networks by version; `whole` the (length, first byte) of texts without a dot; `fours`: some
    text is an address of version 4; `tops`: some domain has no dot; `numbers` the (length, first byte, length of the
    last label) of hosts that end in a number and are no address; `mails` the e-mail addresses that are not in lower case;
    `patterns` (text, id) of those that are no values; `newest` the ids of which an older version was met before, and what the newest
    looks for, as records name it.
    """

    count: int
    kinds: tuple[str, ...]
    lengths: dict[str, tuple[int, ...]]
    six: bool
    whole: tuple[tuple[int, int], ...]
    fours: bool
    tops: bool
    numbers: tuple[tuple[int, int, int], ...]
    mails: tuple[str, ...]
    patterns: tuple[tuple[str, str], ...]
    newest: dict[str, tuple[str, ...]]


class Arrays(NamedTuple):
    """The arrays of a table. `starts`: where the keys of each bucket (their highest bits) start among the sorted keys, and their end;
    `places` of records in the order of their `hashes`, whose buckets are `firsts`; `nets` has a bit for each network of 256 addresses, or
    nothing when no network is wanted."""

    keys: Keys
    starts: NDArray[np.uint32]
    bloom: Keys
    nets: NDArray[np.uint8]
    hashes: Keys
    firsts: NDArray[np.uint32]
    places: Keys


class Exact(NamedTuple):
    """What a value is looked up in: as in `Arrays`, and the records, a line each."""

    hashes: Section
    places: Section
    records: Section


class Table:
    """An immutable set of indicators, with a `note` of whoever saved it. `records` are all records of one that is to be saved."""

    def __init__(self, facts: Facts, arrays: Arrays, exact: Exact, records: Any = b"", note: bytes = b"") -> None:
        self.facts = facts
        self.note = note
        self.arrays = arrays
        self.records = records
        self._exact = exact
        self._firsts: Any = memoryview(arrays.firsts.data)
        self._shift = 65 - (len(self._firsts) - 1).bit_length()

    def ids(self, kind: str, value: str) -> tuple[str, ...] | None:
        """The ids under one value, empty where the source gave none; None if the value is not in the table."""
        named = f"{kind} {value}\t".encode()
        wanted = text_hash(named[:-1])
        bucket = wanted >> self._shift
        first, last = self._firsts[bucket], self._firsts[bucket + 1]
        if first == last:
            return None
        hashes, searched = self._exact.hashes.read(8 * first, 8 * (last - first)), wanted.to_bytes(8, sys.byteorder)
        at = hashes.find(searched)
        while at >= 0:
            if not at % 8 and (found := self._record(8 * first + at, named)) is not None:
                ids = tuple(found.split("\t")) if found else ()
                return ids if not self.facts.newest else self._newest(named[:-1].decode(), ids)
            at = hashes.find(searched, at + 1)
        return None

    def _newest(self, named: str, ids: tuple[str, ...]) -> tuple[str, ...] | None:
        """The ids without those whose newest version looks for something else; None where only such were."""
        left = tuple(id_ for id_ in ids if named in self.facts.newest.get(id_, (named,)))
        return left if left or not ids else None

    def _record(self, at: int, named: bytes) -> str | None:
        """What stands behind the name in the record whose place stands there; None if it is another's."""
        place, size = int.from_bytes(self._exact.places.read(at, 8), sys.byteorder), len(named) + _MORE
        found = self._exact.records.read(place, size)
        if not found.startswith(named):
            return None
        while (end := found.find(b"\n", len(named))) < 0 and len(found) == size:
            size *= 4
            found = self._exact.records.read(place, size)
        return found[len(named) : end].decode()


def text_hash(text: bytes) -> int:
    """The hash of a kind and a value, by which their record is found."""
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little")


class Wanted(NamedTuple):
    """What the pass over raw bytes looks for: the facts of all tables, the arrays of the largest, and those of all others together."""

    facts: Facts
    most: Arrays
    more: Arrays

    def nets(self) -> NDArray[np.uint8]:
        """The networks of all tables."""
        both = [each.nets for each in (self.most, self.more) if len(each.nets)]
        return np.bitwise_or(*both) if len(both) == 2 else both[0] if both else self.most.nets


def combined(tables: Sequence[Table]) -> Wanted:
    """Several tables for the pass over raw bytes (without the exact part). The largest is taken as it is."""
    first, *others = sorted((table.arrays for table in tables), key=lambda each: -len(each.keys))
    facts = [table.facts for table in tables]
    found = np.unique(np.concatenate([np.zeros(0, np.uint64), *(each.keys for each in others)]))
    nets = [each.nets for each in others if len(each.nets)]
    merged = Facts(
        count=sum(each.count for each in facts), kinds=tuple(sorted({kind for each in facts for kind in each.kinds})),
        lengths={name: tuple(sorted({n for each in facts for n in each.lengths.get(name, ())})) for name in ("4", "6")},
        six=any(each.six for each in facts), whole=tuple(sorted({one for each in facts for one in each.whole})),
        fours=any(each.fours for each in facts), tops=any(each.tops for each in facts),
        numbers=tuple(sorted({one for each in facts for one in each.numbers})), mails=(), patterns=(), newest={},
    )  # fmt: skip
    none = np.zeros(0, np.uint64)
    every = np.bitwise_or.reduce(nets) if nets else np.zeros(0, np.uint8)
    more = Arrays(found, directory([found], len(found)), bloom([found], len(found)), every, none, np.zeros(2, np.uint32), none)
    return Wanted(merged, first, more)
