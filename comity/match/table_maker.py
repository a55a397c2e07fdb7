"""Tables of indicators made of entries, chunk by chunk: what is kept of each are a hash, a place and a key, in memory or in files.

What is in files is sorted a bucket at a time, so that memory holds little of it; the table is the same.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import IO

import numpy as np
from numpy.typing import NDArray

from comity.match.key_set import bloom, directory, distinct
from comity.match.keys import Keys, handles, keys
from comity.match.numbers import Numbers, buckets
from comity.match.section import mapped, section
from comity.match.table import NEWER, Arrays, Entry, Exact, Facts, Table, text_hash
from comity.terms.pattern_atoms import PATTERN
from comity.terms.stix import derived_id

_CHUNK = 10_000


def build(entries: Iterable[Entry], records: IO[bytes] | None = None) -> Table:
    """A table of entries; several ids under one value are all kept. `records` (readable too) holds the texts, memory if not given."""
    records = io.BytesIO() if records is None else records
    maker = _Maker(records)
    chunk: list[Entry] = []
    for entry in entries:
        chunk.append(entry)
        if len(chunk) >= _CHUNK:
            maker.add(chunk)
            chunk = []
    maker.add(chunk)
    return maker.table()


class _Maker:
    """Takes entries in chunks, keeps eight bytes a hash, a place and a key of each, where the records are: in memory, or in files."""

    def __init__(self, records: IO[bytes]) -> None:
        self._records = records
        self._hashes, self._places, self._keys = (Numbers(records) for _ in range(3))
        self._nets: NDArray[np.uint8] = np.zeros(0, np.uint8)
        self._kinds: set[str] = set()
        self._lengths: dict[str, set[int]] = {"4": set(), "6": set()}
        self._six = self._fours = self._tops = False
        self._numbers: set[tuple[int, int, int]] = set()
        self._whole: set[tuple[int, int]] = set()
        self._mails: set[str] = set()
        self._patterns: dict[tuple[str, str], None] = {}
        self._newest: dict[str, set[str]] = {}
        self._end = 0

    def add(self, chunk: Sequence[Entry]) -> None:
        """Take some entries."""
        if self._newest or any(entry[0] == NEWER for entry in chunk):
            chunk = [entry for entry in chunk if self._sorts_out(entry)]
        patterns = [entry for entry in chunk if entry[0] == PATTERN]
        if patterns:
            self._patterns |= {(text, id_ or derived_id("indicator", PATTERN, text)): None for _, text, id_ in patterns}
            chunk = [entry for entry in chunk if entry[0] != PATTERN]
        if not chunk:
            return
        named = [f"{kind} {value}".encode() for kind, value, _ in chunk]
        lines = [b"%b\t%b\n" % (name, _plain(id_) if id_ else b"") for name, (_, _, id_) in zip(named, chunk, strict=True)]
        self._records.write(b"".join(lines))
        sizes = np.fromiter(map(len, lines), np.uint64, len(lines))
        ends = self._end + np.cumsum(sizes, dtype=np.uint64)
        self._places.add(ends - sizes)
        self._end = int(ends[-1])
        self._hashes.add(np.fromiter(map(text_hash, named), np.uint64, len(named)))
        self._kinds.update(kind for kind, _, _ in chunk)
        self._mails.update(value for kind, value, _ in chunk if kind == "email" and value != value.lower())
        self._recognise(chunk)

    def _sorts_out(self, entry: Entry) -> bool:
        """Whether an entry is one: not the word that a newer version of an indicator follows, whose values count alone from then on."""
        kind, value, id_ = entry
        if kind == NEWER:
            self._newest[value] = set()
        elif id_ in self._newest:
            self._newest[id_].add(f"{kind} {value}")
        return kind != NEWER

    def _stands(self, text: str, id_: str) -> bool:
        """Whether a pattern is of an indicator's newest version."""
        return id_ not in self._newest or f"{PATTERN} {text}" in self._newest[id_]

    def _recognise(self, chunk: Sequence[Entry]) -> None:
        found = handles([(kind, value) for kind, value, _ in chunk])
        self._keys.add(keys(found.texts))
        self._keys.add(np.array(found.sixes, np.uint64))
        self._six |= bool(found.sixes)
        self._tops |= any(kind == "domain" and "." not in value for kind, value, _ in chunk)
        self._lengths["6"] |= found.lengths
        for network in found.networks:
            self._lengths["4"].add(network.prefixlen)
            if not len(self._nets):
                self._nets = np.zeros(1 << 21, np.uint8)
            _mark(self._nets, int(network.network_address) >> 8, (int(network.broadcast_address) >> 8) + 1)
        for text in found.texts:
            if b"." not in text:
                if 0 < len(text) <= 128:
                    self._whole.add((len(text), text[0]))
            elif text[-1:].isdigit() and text.rpartition(b".")[2].isdigit():
                self._fours |= text.count(b".") == 3
                if text.count(b".") != 3:
                    self._numbers.add((len(text), text[0], len(text) - text.rindex(b".") - 1))

    def table(self) -> Table:
        """The table of all that was added."""
        found, hashes, places = (Numbers(self._records) for _ in range(3))
        for (part,) in buckets(self._keys):
            found.add(distinct(part))
        for part, at in buckets(self._hashes, self._places):
            order = np.argsort(part, kind="stable")
            kept, where = self._merged(part[order], at[order])
            hashes.add(kept)
            places.add(where)
        facts = Facts(
            count=hashes.count, kinds=tuple(sorted(self._kinds)), lengths={name: tuple(sorted(had)) for name, had in self._lengths.items()},
            six=self._six, whole=tuple(sorted(self._whole)), fours=self._fours, tops=self._tops, numbers=tuple(sorted(self._numbers)),
            mails=tuple(sorted(self._mails)), newest={id_: tuple(sorted(said)) for id_, said in self._newest.items()},
            patterns=tuple(each for each in self._patterns if self._stands(*each)),
        )  # fmt: skip
        arrays = Arrays(
            found.all(), directory(found.pieces(), found.count), bloom(found.pieces(), found.count), self._nets,
            hashes.all(), directory(hashes.pieces(), hashes.count), places.all(),
        )  # fmt: skip
        exact = Exact(hashes.section(), places.section(), section(self._records))
        return Table(facts, arrays, exact, mapped(self._records, self._end))

    def _merged(self, hashes: Keys, places: Keys) -> tuple[Keys, Keys]:
        """One record for each value: where several were given, a new one with all ids."""
        repeated = np.flatnonzero(hashes[1:] == hashes[:-1]) + 1
        if not len(repeated):
            return hashes, places
        keep = np.ones(len(hashes), bool)
        first: dict[bytes, int] = {}
        ids: dict[bytes, dict[str, None]] = {}
        for index in np.union1d(repeated, repeated - 1).tolist():
            self._records.seek(int(places[index]))  # not mapped: it would fill the memory
            start, _, given = self._records.readline().removesuffix(b"\n").partition(b"\t")
            if start in first:
                keep[index] = False
            first.setdefault(start, index)
            ids.setdefault(start, {}).update(dict.fromkeys(given.decode().split("\t")))
        for start, given_ids in ids.items():
            if len(given_ids) > 1:
                line = start + b"\t" + "\t".join(_named(start, given_ids)).encode() + b"\n"
                self._records.seek(0, io.SEEK_END)
                self._records.write(line)
                places[first[start]] = self._end
                self._end += len(line)
        return hashes[keep], places[keep]


def _plain(id_: str) -> bytes:
    """An id as it stands in a record, whose parts end with tabs and line breaks: no id that STIX allows has one."""
    return id_.translate({9: 0xFFFD, 10: 0xFFFD}).encode()


def _named(start: bytes, ids: Iterable[str]) -> list[str]:
    """The ids of one value, where some source gave none the one that is made of the value."""
    kind, _, value = start.decode().partition(" ")
    return list(dict.fromkeys(id_ or derived_id("indicator", kind, value) for id_ in ids))


def _mark(nets: NDArray[np.uint8], first: int, end: int) -> None:
    """Set the bits from `first` to before `end`."""
    while first < end and first & 7:
        nets[first >> 3] |= 1 << (first & 7)
        first += 1
    if end - first >= 8:
        nets[first >> 3 : end >> 3] = 255
        first = end & ~7
    while first < end:
        nets[first >> 3] |= 1 << (first & 7)
        first += 1
