"""A compact, immutable table of indicators: arrays that are the same in memory and in a file, so that a file is mapped, not loaded.

Two parts. What the pass over raw bytes needs (`prefilter`): sorted keys with a directory, a Bloom filter over them, a bitmap of the
networks. And the exact part: sorted hashes of (kind, value), each with the place of its record, and the records themselves, as text.
"""

from __future__ import annotations

import hashlib
import io
import mmap
import tempfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from comity.errors import IntegrityFault
from comity.match.keys import Keys, handles, keys
from comity.terms.pattern_atoms import PATTERN
from comity.terms.stix import derived_id

#: (kind, normal value, indicator id or None where the source gives none)
Entry = tuple[str, str, str | None]

MAGIC = b"comity-indicators 6\n"
#: Bits of the Bloom filter for each key.
BITS = 16
_CHUNK = 10_000
_ALIGN = 64
#: Keys that are taken into a filter at a time, and bytes of a file.
_PART, _PIECE = 1 << 17, 1 << 20


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What else the passes have to know.

    `lengths` are the prefix lengths of networks by version; `whole` the (length, first byte) of texts without a dot; `fours`: some
    text is an address of version 4; `tops`: some domain has no dot; `numbers` the (length, first byte, length of the
    last label) of hosts that end in a number and are no address; `patterns` (text, id) of those that are no values.
    """

    count: int
    kinds: tuple[str, ...]
    lengths: dict[str, tuple[int, ...]]
    six: bool
    whole: tuple[tuple[int, int], ...]
    fours: bool
    tops: bool
    numbers: tuple[tuple[int, int, int], ...]
    patterns: tuple[tuple[str, str], ...]


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


class Table:
    """An immutable set of indicators, with a `note` of whoever saved it. Made by `build` or `open_table`.

    `records` begin at byte `begin` of what is given.
    """

    def __init__(self, facts: Facts, arrays: Arrays, records: Any, begin: int = 0, note: bytes = b"") -> None:
        self.facts = facts
        self.note = note
        self.arrays = arrays
        self._records = records
        self._begin = begin
        self._hashes: Any = memoryview(arrays.hashes.data)
        self._firsts: Any = memoryview(arrays.firsts.data)
        self._places: Any = memoryview(arrays.places.data)
        self._shift = 65 - (len(self._firsts) - 1).bit_length()

    def ids(self, kind: str, value: str) -> tuple[str, ...] | None:
        """The ids under one value, empty where the source gave none; None if the value is not in the table."""
        named = f"{kind} {value}"
        wanted = _hash(named.encode())
        bucket = wanted >> self._shift
        for at in range(self._firsts[bucket], self._firsts[bucket + 1]):
            if self._hashes[at] == wanted:
                place = self._begin + self._places[at]
                found, *ids = self._records[place : self._records.find(b"\n", place)].decode().split("\t")
                if found == named:
                    return tuple(ids) if ids != [""] else ()
        return None


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
        self._hashes, self._places, self._keys = (_beside(records) for _ in range(3))
        self._nets: NDArray[np.uint8] = np.zeros(0, np.uint8)
        self._kinds: set[str] = set()
        self._lengths: dict[str, set[int]] = {"4": set(), "6": set()}
        self._six = self._fours = self._tops = False
        self._numbers: set[tuple[int, int, int]] = set()
        self._whole: set[tuple[int, int]] = set()
        self._patterns: dict[tuple[str, str], None] = {}
        self._end = 0

    def add(self, chunk: Sequence[Entry]) -> None:
        """Take some entries."""
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
        self._places.write((ends - sizes).data)
        self._end = int(ends[-1])
        self._hashes.write(np.fromiter(map(_hash, named), np.uint64, len(named)).data)
        self._kinds.update(kind for kind, _, _ in chunk)
        self._recognise(chunk)

    def _recognise(self, chunk: Sequence[Entry]) -> None:
        found = handles([(kind, value) for kind, value, _ in chunk])
        self._keys.write(keys(found.texts).data)
        self._keys.write(np.array(found.sixes, np.uint64).data)
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
        hashes = _taken(self._hashes)
        order = np.argsort(hashes, kind="stable")
        hashes = hashes[order]
        places = _taken(self._places)[order]
        del order
        hashes, places = self._merged(hashes, places)
        found = _distinct(_taken(self._keys))
        facts = Facts(
            count=len(hashes), kinds=tuple(sorted(self._kinds)), lengths={name: tuple(sorted(had)) for name, had in self._lengths.items()},
            six=self._six, whole=tuple(sorted(self._whole)), fours=self._fours, tops=self._tops, numbers=tuple(sorted(self._numbers)),
            patterns=tuple(self._patterns),
        )  # fmt: skip
        arrays = Arrays(found, directory(found), bloom(found), self._nets, hashes, directory(hashes), places)
        return Table(facts, arrays, _view(self._records, self._end))

    def _merged(self, hashes: Keys, places: Keys) -> tuple[Keys, Keys]:
        """One record for each value: where several were given, a new one with all ids."""
        repeated = np.flatnonzero(hashes[1:] == hashes[:-1]) + 1
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
        self._records.flush()
        return hashes[keep], places[keep]


def _plain(id_: str) -> bytes:
    """An id as it stands in a record, whose parts end with tabs and line breaks: no id that STIX allows has one."""
    return id_.translate({9: 0xFFFD, 10: 0xFFFD}).encode()


def _named(start: bytes, ids: Iterable[str]) -> list[str]:
    """The ids of one value, where some source gave none the one that is made of the value."""
    kind, _, value = start.decode().partition(" ")
    return list(dict.fromkeys(id_ or derived_id("indicator", kind, value) for id_ in ids))


def _hash(text: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little")


def _joined(parts: list[Keys]) -> Keys:
    return np.concatenate(parts) if parts else np.zeros(0, np.uint64)


def _beside(records: IO[bytes]) -> IO[bytes]:
    return io.BytesIO() if isinstance(records, io.BytesIO) else tempfile.TemporaryFile()


def _taken(file: IO[bytes]) -> Keys:
    """The numbers that were written to a file, which is closed then."""
    with file:
        found = np.empty(file.tell() // 8, np.uint64)
        file.seek(0)
        file.readinto(found)  # type: ignore[attr-defined]
    return found


def _distinct(found: Keys) -> Keys:
    """Sorted, in place, and without what repeats."""
    found.sort()
    return found[np.concatenate(([True], found[1:] != found[:-1]))] if len(found) else found


def _view(records: IO[bytes], size: int) -> Any:
    if isinstance(records, io.BytesIO):
        return records.getvalue()
    return mmap.mmap(records.fileno(), size, access=mmap.ACCESS_READ) if size else b""


def bloom(found: Keys) -> Keys:
    """The Bloom filter of some keys: three bits of one word each (`kernel._held`)."""
    words = 1
    while words * 64 < len(found) * BITS:
        words *= 2
    bits = np.zeros(words, np.uint64)
    for first in range(0, len(found), _PART):
        part = found[first : first + _PART]
        place = (part >> np.uint64(20)) & np.uint64(words - 1)
        for shift in (0, 6, 12):
            np.bitwise_or.at(bits, place, np.uint64(1) << ((part >> np.uint64(shift)) & np.uint64(63)))
    return bits


def directory(found: Keys) -> NDArray[np.uint32]:
    """Where the sorted keys of each bucket start: some eight keys have their highest bits in common."""
    bits = max(0, (len(found) >> 3).bit_length())
    firsts = np.arange(1 << bits, dtype=np.uint64) << np.uint64(64 - bits) if bits else np.zeros(1, np.uint64)
    return np.append(np.searchsorted(found, firsts), len(found)).astype(np.uint32)


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
    found = np.unique(_joined([each.keys for each in others]))
    nets = [each.nets for each in others if len(each.nets)]
    merged = Facts(
        count=sum(each.count for each in facts), kinds=tuple(sorted({kind for each in facts for kind in each.kinds})),
        lengths={name: tuple(sorted({n for each in facts for n in each.lengths.get(name, ())})) for name in ("4", "6")},
        six=any(each.six for each in facts), whole=tuple(sorted({one for each in facts for one in each.whole})),
        fours=any(each.fours for each in facts), tops=any(each.tops for each in facts),
        numbers=tuple(sorted({one for each in facts for one in each.numbers})), patterns=(),
    )  # fmt: skip
    none = np.zeros(0, np.uint64)
    every = np.bitwise_or.reduce(nets) if nets else np.zeros(0, np.uint8)
    more = Arrays(found, directory(found), bloom(found), every, none, np.zeros(2, np.uint32), none)
    return Wanted(merged, first, more)


def save(table: Table, path: Path, note: bytes = b"") -> None:
    """Write a table to a file, whole or not at all, readable and writable by its owner alone."""
    sections: dict[str, tuple[int, int]] = {}
    at = total = 0
    parts = [(name, memoryview(array).cast("B") if len(array) else b"") for name, array in table.arrays._asdict().items()]
    parts += [("records", table._records), ("note", note)]
    for name, data in parts:
        sections[name] = at, len(data)
        for piece in _pieces(data):
            total = zlib.crc32(piece, total)
        at += len(data) + -len(data) % _ALIGN
    total = zlib.crc32(msgspec.json.encode((table.facts, sections)), total)
    head = msgspec.json.encode({"facts": table.facts, "sections": sections, "size": at, "sum": total})
    head = MAGIC + len(head).to_bytes(8, "little") + head
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=path.name, suffix=".part", delete=False) as file:
        try:
            file.write(head + b"\0" * (-len(head) % _ALIGN))
            for _, data in parts:
                file.writelines(_pieces(data))
            file.flush()
            Path(file.name).replace(path)
        except OSError:
            Path(file.name).unlink(missing_ok=True)
            raise


def _pieces(data: Any) -> Iterator[bytes]:
    """A section piece by piece, and what fills it up. What is mapped is not held: it counts as memory that is used."""
    for start in range(0, len(data), _PIECE):
        yield data[start : start + _PIECE]
        if isinstance(data, mmap.mmap):
            data.madvise(mmap.MADV_DONTNEED, start, min(_PIECE, len(data) - start))
    yield b"\0" * (-len(data) % _ALIGN)


class _Head(msgspec.Struct, frozen=True):
    facts: Facts
    sections: dict[str, tuple[int, int]]
    size: int
    sum: int


def open_table(path: Path, *, proved: bool = False) -> Table:
    """Map a table's file; `proved`: read all of it to compare its checksum. Raises IntegrityFault for one that is cut off, or none."""
    try:
        with path.open("rb") as file:
            raw = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            head, start = _head(raw)
            said = msgspec.json.encode((head.facts, head.sections))
            if proved and zlib.crc32(said, _sum(file, start)) != head.sum:
                raise ValueError("it is damaged")
        sections = dict(head.sections)
        (records, _), (note, noted) = sections.pop("records"), sections.pop("note")
        if any(at + length > head.size for at, length in head.sections.values()):
            raise ValueError("its sections are not in it")
        arrays: dict[str, Any] = {
            name: np.frombuffer(raw, _type(name), length // _type(name).itemsize, start + at) for name, (at, length) in sections.items()
        }
        return Table(head.facts, Arrays(**arrays), raw, start + records, raw[start + note : start + note + noted])
    except (ValueError, KeyError, TypeError, msgspec.MsgspecError) as error:
        raise IntegrityFault(f"{path} is no table of indicators: {error}", next="delete it; it is made again") from None


def _head(raw: mmap.mmap) -> tuple[_Head, int]:
    """What stands at the beginning of a table's file, and where its sections begin."""
    begin = len(MAGIC) + 8
    if raw[: len(MAGIC)] != MAGIC:
        raise ValueError("it does not begin as one")
    size = int.from_bytes(raw[len(MAGIC) : begin], "little")
    head = msgspec.json.decode(raw[begin : begin + size], type=_Head)
    start = begin + size
    start += -start % _ALIGN
    if start + head.size != len(raw):
        raise ValueError("it is cut off")
    return head, start


def _sum(file: IO[bytes], start: int) -> int:
    """The checksum of a file from a place on; read, not mapped, so that it fills no memory."""
    total = 0
    file.seek(start)
    while piece := file.read(_PIECE):
        total = zlib.crc32(piece, total)
    return total


def _type(name: str) -> np.dtype[Any]:
    return np.dtype({"nets": np.uint8, "starts": np.uint32, "firsts": np.uint32}.get(name, np.uint64))
