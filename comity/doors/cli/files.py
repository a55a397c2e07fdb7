"""Reading the files that commands are given; what is wrong with one is said as the caller's fault."""

from __future__ import annotations

from pathlib import Path

from comity.errors import NotFound, OperatorFault, SenderFault

#: The largest file that is held in memory at once: STIX, MISP, reports, agreements. Tables and logs stream.
MOST = 512 << 20


def bytes_of(path: Path, most: int = MOST) -> bytes:
    """A file's bytes. Raises NotFound, OperatorFault, or SenderFault for one that is too large."""
    try:
        size = path.stat().st_size
        if size > most:
            raise SenderFault(f"{path} has {size} bytes, more than the {most} read at once", next="split it")
        return path.read_bytes()
    except FileNotFoundError:
        raise NotFound(f"there is no file {path}") from None
    except OSError as error:
        raise OperatorFault(f"cannot read {path}: {error.strerror}", next="check that it is a file you may read") from error


def text_of(path: Path) -> str:
    """A text file, UTF-8."""
    try:
        return bytes_of(path, 16 << 20).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SenderFault(f"{path} is not UTF-8 text (byte {error.start})", next="save it as UTF-8") from None
