"""Reading the files that commands are given; what is wrong with one is said as the caller's fault."""

from __future__ import annotations

from pathlib import Path

from comity.errors import NotFound, OperatorFault, SenderFault
from comity.match.openfile import whole


def bytes_of(path: Path, most: int | None = None) -> bytes:
    """A file's bytes. Raises NotFound, OperatorFault, or SenderFault for one that is too large."""
    try:
        # What it says of its size is not asked: a pipe or a device says nothing true.
        with path.open("rb") as file:
            return whole(file, str(path), most)
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
