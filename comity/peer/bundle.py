"""Bundles as files: split over parts that fit a medium, and put together again from parts in any order (`forms.medium`).

A part has its name only once it is whole on the disk. Reading looks at every byte of every part before anything in them is believed.
"""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from comity.errors import Fault, IntegrityFault, NotFound, OperatorFault, SenderFault
from comity.forms.medium import PART_LINE, Part, read_part, write_part
from comity.forms.parcel import MOST_BYTES

#: Bytes that are read at once; the least that a medium holds.
_CHUNK, LEAST = 1 << 20, 16 << 10


def check_size(media_size: int | None) -> None:
    """Raises SenderFault for a medium that is too small for any part."""
    if media_size is not None and media_size < LEAST:
        raise SenderFault(f"a medium of {media_size} bytes is too small", next=f"give at least {LEAST}")


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """What the system refuses within is said of the folder. Raises OperatorFault."""
    try:
        yield
    except OSError as error:
        raise OperatorFault(f"cannot write to {folder}: {error.strerror}", next="check the medium and the room on it") from error


def split(manifest: bytes, body: BinaryIO, folder: Path, part: Part, media_size: int | None) -> list[Path]:
    """Write a bundle's parts into a folder: its manifest's line, then the body. `part` says whose it is. Raises OSError."""
    total = len(manifest) + body.seek(0, os.SEEK_END)
    body.seek(0)
    room = total if media_size is None else media_size - PART_LINE
    parts = -(-total // room)
    part = msgspec.structs.replace(part, bundle=hashlib.sha256(manifest.rstrip(b"\n")).hexdigest(), parts=parts, total=total)
    whole = io.BufferedReader(_Chain([io.BytesIO(manifest), body]))
    offsets = enumerate(range(0, total, room), 1)
    pieces = [msgspec.structs.replace(part, part=number, offset=at, size=min(room, total - at)) for number, at in offsets]
    return [_write(folder, whole, piece) for piece in pieces]


def _write(folder: Path, whole: BinaryIO, part: Part) -> Path:
    """Write one part: its bytes behind room for its first line, which says their hash."""
    path, unfinished = folder / part.name, folder / f".{part.name}.unfinished"
    head = len(write_part(msgspec.structs.replace(part, sha256="0" * 64)))
    digest, left = hashlib.sha256(), part.size
    unfinished.unlink(missing_ok=True)  # of a run that was cut off, or a link that somebody put there to have another file written over
    try:
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.seek(head)
            while left:
                piece = whole.read(min(_CHUNK, left))
                digest.update(piece)
                file.write(piece)
                left -= len(piece)
            file.seek(0)
            file.write(write_part(msgspec.structs.replace(part, sha256=digest.hexdigest())))
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)
    return path


class Bundle:
    """A bundle of which all parts are here, each whole; or, with `fault`, why it is none."""

    def __init__(self, parts: Sequence[tuple[Part, Path]], fault: Fault | None = None) -> None:
        self.parts = parts
        self.fault = fault

    @property
    def part(self) -> Part:
        """Its first part."""
        return self.parts[0][0]

    def lines(self) -> Iterator[bytes]:
        """Its lines with their ends, the manifest's first; what is longer than any line comes in pieces, which nobody listed."""
        with closing(self._pieces()) as pieces:
            whole = io.BufferedReader(_Chain(pieces), _CHUNK)
            while line := whole.readline(MOST_BYTES + 1):
                yield line

    def _pieces(self) -> Generator[BinaryIO, None, None]:
        """Each part behind its first line, open until the next is asked for: there may be more than a process may have open."""
        for _, path in self.parts:
            with path.open("rb") as file:
                file.readline(PART_LINE)
                yield file


class _Chain(io.RawIOBase):
    """Files one after the other, as one."""

    def __init__(self, files: Iterable[BinaryIO]) -> None:
        self._files = iter(files)
        self._file = next(self._files, None)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while self._file is not None:
            piece = self._file.read(len(buffer))
            if piece:
                buffer[: len(piece)] = piece
                return len(piece)
            self._file = next(self._files, None)
        return 0


def gathered(paths: Sequence[Path]) -> list[Bundle]:
    """The bundles that these files are parts of, those of one sender by their numbers. What is wrong with one is told with it; a file that
    is no part, or cannot be read, is a bundle of nobody's, with that fault. Raises NotFound for a file that is not there.
    """
    met: dict[str, list[tuple[Part, Path]]] = {}
    faults: dict[str, Fault] = {}
    for path in paths:
        try:
            part = _head(path)
        except (SenderFault, IntegrityFault, OperatorFault) as none:
            part = Part(bundle=str(path), sender="", receiver="", number=0, part=1, parts=1, offset=0, size=0, total=0, sha256="")
            met[part.bundle], faults[part.bundle] = [(part, path)], none
            continue
        met.setdefault(part.bundle, []).append((part, path))
        fault = _damage(part, path)
        if fault is not None:
            faults.setdefault(part.bundle, fault)
    found = [_joined(parts, faults.get(bundle)) for bundle, parts in met.items()]
    return sorted(found, key=lambda each: (each.part.sender, each.part.number))


def _joined(found: Sequence[tuple[Part, Path]], fault: Fault | None) -> Bundle:
    """The parts of one bundle in order; one that is given twice counts once."""
    by_number = {part.part: (part, path) for part, path in found}
    parts = [by_number[number] for number in sorted(by_number)]
    first = parts[0][0]
    if fault is None and len({(p.sender, p.receiver, p.number, p.parts, p.total) for p, _ in found}) > 1:
        fault = IntegrityFault(f"the parts of bundle {first.number} of {first.sender} do not agree about it", next=_again(first))
    missing = [msgspec.structs.replace(first, part=number).name for number in range(1, first.parts + 1) if number not in by_number]
    if fault is None and missing:
        said = ", ".join(missing[:10]) + (f" and {len(missing) - 10} more" if len(missing) > 10 else "")
        fault = NotFound(
            f"bundle {first.number} of {first.sender} is not complete: {said} missing", next="give all parts at once, in any order"
        )
    ends = [0, *(part.offset + part.size for part, _ in parts)]
    if fault is None and ([part.offset for part, _ in parts] != ends[:-1] or ends[-1] != first.total):
        fault = IntegrityFault(f"the parts of bundle {first.number} of {first.sender} do not fit together", next=_again(first))
    return Bundle(parts, fault)


def _head(path: Path) -> Part:
    try:
        if not path.is_file() and path.exists():  # a pipe would keep us waiting for ever
            raise SenderFault("not a file", next="give the files that comity airgap pack wrote")
        with path.open("rb") as file:
            return read_part(file.readline(PART_LINE))
    except FileNotFoundError:
        raise NotFound(f"there is no file {path}") from None
    except OSError as error:
        raise OperatorFault(f"cannot read {path}: {error.strerror}", next="check the medium") from error
    except SenderFault as fault:
        raise SenderFault(f"{path}: {fault}", next=fault.next) from None
    except IntegrityFault as fault:
        raise IntegrityFault(f"{path} is damaged: {fault}", next=fault.next) from None


def _damage(part: Part, path: Path) -> Fault | None:
    """What is wrong with a part's bytes."""
    digest, size = hashlib.sha256(), 0
    try:
        with path.open("rb") as file:
            file.readline(PART_LINE)
            while piece := file.read(_CHUNK):
                digest.update(piece)
                size += len(piece)
    except OSError as error:
        return OperatorFault(f"cannot read {path}: {error.strerror}", next="check the medium")
    if size != part.size:
        what = "cut off" if size < part.size else "longer than it was"
        return IntegrityFault(f"{path} is {what}: it holds {size} bytes of {part.size}", next=_again(part))
    if digest.hexdigest() != part.sha256:
        return IntegrityFault(f"{path} is damaged: its bytes are not those that were written", next=_again(part))
    return None


def _again(part: Part) -> str:
    return f"copy {part.name} from the medium again, or have {part.sender} pack again"
