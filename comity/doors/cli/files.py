"""The files that commands are given or asked for; what is wrong with one is said as the caller's fault."""

from __future__ import annotations

import os
from pathlib import Path

from comity.errors import Conflict, NotFound, OperatorFault, SenderFault
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


def write_new(path: Path, content: str | bytes) -> None:
    """Write a file that is not there yet, for its owner alone to read. Raises Conflict, OperatorFault."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
    except FileExistsError:
        raise Conflict(f"{path} is there already", next="choose another name") from None
    except OSError as error:
        raise OperatorFault(f"cannot write {path}: {error.strerror}", next="choose another place") from error
