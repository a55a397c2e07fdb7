"""Who gave the indicators that were hit: read once more from their files, after the logs, for those alone."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator

from comity.forms import detect, misp, records, stix_json, table
from comity.match.openfile import DAMAGED, damaged, lines, opened, whole
from comity.terms.item import Draft, Refused
from comity.terms.pattern_atoms import PATTERN
from comity.terms.stix import pattern_value


def sources(paths: Iterable[str], wanted: Container[tuple[str, str]]) -> dict[tuple[str, str], set[str]]:
    """(kind, value) -> who says so: a row's source, the identity that created a STIX object or its label `source:`, else the file's name.

    Raises NotFound or OperatorFault for a file that cannot be opened any more, SenderFault for one that is damaged.
    """
    found: dict[tuple[str, str], set[str]] = {}
    for path in paths:
        with opened(path) as file:
            try:
                kind = detect.kind(file.peek(detect.HEAD)[: detect.HEAD], path)
                if kind in ("stix", "misp"):
                    raw = whole(file, path)
                    named = _of_drafts(list(stix_json.read(raw) if kind == "stix" else misp.read(raw)))
                elif kind == "json":
                    named = _of_rows(records.of_json(whole(file, path), {}))
                else:
                    named = _of_rows(table.rows(line for _, line in lines(file)))
                for value, source in named:
                    if value in wanted:
                        found.setdefault(value, set()).add(source or path)
            except DAMAGED as error:
                raise damaged(path, error) from None
    return found


def _of_rows(rows: Iterable[table.Row | Refused]) -> Iterator[tuple[tuple[str, str], str]]:
    for row in rows:
        if not isinstance(row, Refused):
            yield (row.kind, row.value), row.source


def _of_drafts(drafts: list[Draft | Refused]) -> Iterator[tuple[tuple[str, str], str]]:
    objects = [draft.obj for draft in drafts if not isinstance(draft, Refused)]
    names = {obj["id"]: str(obj.get("name", "")) for obj in objects if obj.get("type") == "identity" and isinstance(obj.get("id"), str)}
    for obj in objects:
        pattern = obj.get("pattern")
        if obj.get("type") == "indicator" and isinstance(pattern, str) and obj.get("pattern_type", "stix") == "stix":
            creator = obj.get("created_by_ref")
            who = labelled(obj.get("labels")) or (names.get(creator) or creator if isinstance(creator, str) else "")
            yield from ((value, who) for value in pattern_value(pattern) or [(PATTERN, pattern)])


def labelled(labels: object) -> str:
    """What a label `source:NAME` says, as tables and feeds give it; "" without one."""
    texts = labels if isinstance(labels, list) else []
    return next((text[len("source:") :] for text in texts if isinstance(text, str) and text.startswith("source:")), "")
