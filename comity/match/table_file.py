"""Tables of indicators in files: written whole or not at all, and mapped when they are opened, so that processes share them.

Crash story: a table is written beside its place and renamed into it; what was cut off before stays under another name, for nobody.
"""

from __future__ import annotations

import mmap
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import msgspec
import numpy as np

from comity.errors import IntegrityFault
from comity.match.section import Filed, Held
from comity.match.table import Arrays, Exact, Facts, Table

MAGIC = b"comity-indicators 7\n"
_ALIGN = 64
_PIECE = 1 << 20
#: Bytes of a table below which all of it is mapped: what is met there is memory then, and a log of many hits is read a tenth faster.
_MAPPED = 64 << 20


def save(table: Table, path: Path, note: bytes = b"") -> None:
    """Write a table to a file, whole or not at all, readable and writable by its owner alone."""
    sections: dict[str, tuple[int, int]] = {}
    at = total = 0
    parts = [(name, memoryview(array).cast("B") if len(array) else b"") for name, array in table.arrays._asdict().items()]
    parts += [("records", table.records), ("note", note)]
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
    raw = _mapping(data)
    for start in range(0, len(data), _PIECE):
        yield data[start : start + _PIECE]
        if raw is not None:
            raw.madvise(mmap.MADV_DONTNEED, start, min(_PIECE, len(data) - start))
    yield b"\0" * (-len(data) % _ALIGN)


def _mapping(data: Any) -> mmap.mmap | None:
    """What a section is all of, if that is a mapped file."""
    if isinstance(data, memoryview) and isinstance(data.obj, np.ndarray) and isinstance(data.obj.base, memoryview):
        data = data.obj.base.obj
    return data if isinstance(data, mmap.mmap) else None


class _Head(msgspec.Struct, frozen=True):
    facts: Facts
    sections: dict[str, tuple[int, int]]
    size: int
    sum: int


def open_table(path: Path, *, proved: bool = False) -> Table:
    """Open a table's file; `proved`: read all of it to compare its checksum. Raises IntegrityFault for one that is cut off, or none."""
    try:
        with path.open("rb") as file:
            raw = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            whole = Filed(file)
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
        begins = (start + at for at in (sections["hashes"][0], sections["places"][0], records))
        exact = Exact(*(Held(memoryview(raw)[at:]) if head.size < _MAPPED else whole.after(at) for at in begins))
        return Table(head.facts, Arrays(**arrays), exact, note=raw[start + note : start + note + noted])
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
