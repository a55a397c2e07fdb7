"""MISP's warninglists (package `pymispwarninglists`) as an index in the user's cache, built once per version and mapped from then on.

Crash story: the index is written beside its place and renamed into it, so that what is found there is whole. Two processes that build it at
once build the same, and the later one stays.
"""

from __future__ import annotations

import mmap
import re
import secrets
import tempfile
from collections.abc import Callable, Iterator
from importlib import metadata, util
from pathlib import Path
from typing import Any

import msgspec

from comity.config import cache_folder
from comity.errors import IntegrityFault, OperatorFault
from comity.terms.warninglist_index import FORMAT, pieces
from comity.terms.warninglists import Warninglists

PACKAGE = "pymispwarninglists"
_TEXT = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)


def open_warninglists(building: Callable[[], None] = lambda: None) -> Warninglists:
    """The warninglists, ready to be asked. `building` is told when the index has to be built first, which takes some seconds.

    Raises OperatorFault when the package is missing or the cache cannot be written.
    """
    path = index_path()
    if not path.exists():
        building()
        _build(path)
    try:
        return _mapped(path)
    except IntegrityFault:
        building()
        _build(path)
        return _mapped(path)


def index_path() -> Path:
    """Where the index of the installed version lies: under `$XDG_CACHE_HOME`, else `~/.cache`."""
    try:
        version = metadata.version(PACKAGE)
    except metadata.PackageNotFoundError:
        raise OperatorFault(f"the package {PACKAGE} is not installed", next=f"pip install {PACKAGE}") from None
    return cache_folder() / f"warninglists-{version}-{FORMAT}"


def _mapped(path: Path) -> Warninglists:
    try:
        with path.open("rb") as file:
            view = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except OSError as error:
        raise OperatorFault(f"cannot read {path}: {error}", next="delete it: it is built anew") from None
    except ValueError:  # nothing in it to map
        view = memoryview(b"")
    return Warninglists(view)


def _build(path: Path) -> None:
    made = pieces(_lists(), secrets.token_bytes(16))
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.writelines(made)
        Path(file.name).replace(path)
    except OSError as error:
        next_ = "set XDG_CACHE_HOME to a folder that can be written"
        raise OperatorFault(f"cannot write the index of warninglists: {error}", next=next_) from None


def _lists() -> Iterator[dict[str, Any]]:
    """The lists as the package ships them, one file each; the package itself is not imported."""
    found = util.find_spec(PACKAGE)
    folder = Path(str(found and found.origin)).parent / "data" / "misp-warninglists" / "lists"
    files = sorted(folder.glob("*/list.json"))
    if not files:
        raise OperatorFault(f"the package {PACKAGE} holds no lists", next=f"pip install --force-reinstall {PACKAGE}")
    for file in files:
        # What is read only when it is asked for does not stand in memory as a million texts.
        read = msgspec.json.decode(file.read_bytes(), type=dict[str, msgspec.Raw])
        entries = _entries(read.pop("list", msgspec.Raw(b"[]")))
        yield {**{name: msgspec.json.decode(value) for name, value in read.items()}, "list": entries}


def _entries(listed: msgspec.Raw) -> Iterator[str]:
    """The texts of a list in JSON, one by one."""
    return (msgspec.json.decode(found[0], type=str) for found in _TEXT.finditer(memoryview(listed)))
