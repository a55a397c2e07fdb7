"""Indicators from files, without any node: plain lists, CSV and TSV, STIX, MISP events; compressed or not."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from comity.clock import now, parse_loosely
from comity.errors import SenderFault
from comity.forms import detect, misp, records, stix_json, table
from comity.match.openfile import DAMAGED, damaged, lines, opened, whole
from comity.match.recode import recoded
from comity.match.table import NEWER, Entry
from comity.terms.force import Passed, changes_of_force, not_in_force
from comity.terms.item import Draft, Refused
from comity.terms.pattern_atoms import PATTERN
from comity.terms.stix import pattern_value

#: What is read of a table: a row whose marking cannot be read is refused.
_COLUMNS = frozenset(("kind", "value", "tlp"))
#: Of what cannot be used of a file, so many are told one by one: a log given by mistake has millions.
_MOST = 100


def load(
    paths: Iterable[str], on_problem: Callable[[str], None] | None = None, passed: Callable[[Passed], None] = lambda _: None,
    changes: Callable[[datetime], None] = lambda _: None,
) -> Iterator[Entry]:  # fmt: skip
    """The indicators of some files. What cannot be used is told to `on_problem` as `file: position: why`, and the rest goes on; what says
    itself that it is not in force now is told to `passed`, and each moment at which an indicator begins or ceases to be to `changes`.

    Raises NotFound or OperatorFault for a file that cannot be opened, SenderFault for one that is no source of indicators.
    """
    versions: dict[str, str] = {}
    for path in paths:
        tell = _Tell(path, on_problem)
        with opened(path) as packed:
            try:
                file = recoded(packed)
                kind = detect.kind(file.peek(detect.HEAD)[: detect.HEAD], path)
                yield from _entries(kind, path, file, tell, passed, changes, versions)
                tell.rest()
            except DAMAGED as error:
                raise damaged(path, error) from None


class _Tell:
    """Tells what is wrong with a file: the first `_MOST` by name, the rest by their number."""

    def __init__(self, path: str, on_problem: Callable[[str], None] | None) -> None:
        self._path = path
        self._on_problem = on_problem
        self._told = 0

    def __call__(self, message: str) -> None:
        self._told += 1
        if self._on_problem is not None and self._told <= _MOST:
            self._on_problem(f"{self._path}: {message}")

    def rest(self) -> None:
        """The file is at its end."""
        if self._on_problem is not None and self._told > _MOST:
            self._on_problem(f"{self._path}: and {self._told - _MOST:,} more that are no indicators; is it a list of them?")


def _entries(
    kind: str, path: str, file: io.BufferedReader, tell: Callable[[str], None], passed: Callable[[Passed], None],
    changes: Callable[[datetime], None], versions: dict[str, str],
) -> Iterator[Entry]:  # fmt: skip
    if kind == "stix":
        yield from of_drafts(stix_json.read(whole(file, path)), tell, passed, changes, versions)
    elif kind == "misp":
        yield from of_drafts(misp.read(whole(file, path)), tell, passed, changes, versions)
    elif kind in ("csv", "list", "text") or (kind == "json" and records.lists(file.peek(detect.HEAD))):
        for row in table.rows((line for _, line in lines(file)), _COLUMNS) if kind != "json" else records.of_json(whole(file, path), {}):
            if isinstance(row, Refused):
                tell(f"{row.position}: {row.why}")
            else:
                yield row.kind, row.value, None
    else:
        raise SenderFault(f"{path} is no list of indicators but {kind}", next="give a list, CSV, JSON, STIX or MISP file")


def of_drafts(
    drafts: Iterable[Draft | Refused], tell: Callable[[str], None], passed: Callable[[Passed], None] = lambda _: None,
    changes: Callable[[datetime], None] = lambda _: None, versions: dict[str, str] | None = None,
) -> Iterator[Entry]:  # fmt: skip
    """The values of the indicators among some drafts that are in force, or their patterns; what is neither is told. Of several versions of
    one the newest counts (STIX 2.1 section 3.6): `versions` are the newest by id that were met before."""
    at = now()
    versions = {} if versions is None else versions
    for draft in drafts:
        if isinstance(draft, Refused):
            tell(f"{draft.position}: {draft.why}")
            continue
        obj = draft.obj
        if obj.get("type") != "indicator":
            continue
        pattern, id_ = obj.get("pattern"), obj.get("id")
        if not isinstance(pattern, str) or not isinstance(id_, str):
            tell(f"{draft.position}: an indicator without a pattern or id")
            continue
        found = pattern_value(pattern) if obj.get("pattern_type", "stix") == "stix" else []
        version, before = str(obj.get("modified", "")), versions.get(id_)
        if before is not None and before != version:
            if not _later(version, before):
                continue
            yield NEWER, id_, None
        versions[id_] = version
        why = not_in_force(obj, at)
        if why != "revoked":
            for moment in changes_of_force(obj, at):
                changes(moment)
        if why:
            passed(Passed(id=id_, value=found[0][1] if found else pattern, why=why))
            continue
        if not found and obj.get("pattern_type", "stix") == "stix":
            yield PATTERN, pattern, id_
        elif not found:
            tell(f"{draft.position}: {id_} has a pattern of another language, {obj.get('pattern_type')}")
        for kind, value in found:
            yield kind, value, id_


def _later(one: str, other: str) -> bool:
    """Whether a time is later than another, as far as both are times."""
    try:
        return parse_loosely(one) > parse_loosely(other)
    except ValueError:
        return one > other
