"""Which files are meant by the names that somebody gives: files as they are, the files in a directory, standard input for `-`. And by what
a log is known when it comes again under another name."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable
from pathlib import Path

from comity.errors import Fault, NotFound, OperatorFault
from comity.match.openfile import DAMAGED, opened

#: Bytes by which a log is known.
_HEAD = 4_096


def known_as(path: str) -> str:
    """By what a log is known, whatever its name is now and however it is packed: a digest of its first 4,096 bytes. What is smaller, and
    what cannot be read again, is known by its name, without its folders."""
    try:
        if Path(path).is_file():
            with opened(path) as file:
                head = file.read(_HEAD)
                if len(head) == _HEAD:
                    return hashlib.sha256(head).hexdigest()
    except (Fault, *DAMAGED):
        pass
    return Path(path).name


def logs_in(names: Iterable[str], tell: Callable[[str], None]) -> list[str]:
    """The logs under some names, each once. In a directory those are its files and those of its directories, by name, without hidden ones.

    What cannot be read is told, and the others are given. Raises NotFound or OperatorFault where nothing can be read at all.
    """
    found: dict[str, None] = {}
    faults: list[Fault] = []
    for name in names:
        try:
            found.update(dict.fromkeys(_files(name)))
        except (NotFound, OperatorFault) as fault:
            faults.append(fault)
    if faults and not found:
        raise faults[0]
    for each in faults:
        tell(str(each))
    return list(found)


def _files(name: str) -> list[str]:
    path = Path(name)
    if name == "-" or not path.is_dir():
        if name != "-" and not path.exists():
            raise NotFound(f"no such file: {name}")
        return [name]
    found = []
    for place, folders, files in os.walk(path, onerror=_refuse):
        folders[:] = sorted(each for each in folders if not each.startswith("."))
        found += [str(Path(place) / each) for each in sorted(files) if not each.startswith(".")]
    if not found:
        raise NotFound(f"no files in {name}")
    return found


def _refuse(error: OSError) -> None:
    raise OperatorFault(f"cannot read {error.filename}: {error.strerror}")
