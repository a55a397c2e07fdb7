"""Which files are meant by the names that somebody gives: files as they are, the files in a directory, standard input for `-`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path

from comity.errors import Fault, NotFound, OperatorFault


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
