"""A preview for tools: one JSON document, NDJSON records as they are made, or one CSV row per item and party."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from comity.doors.cli.preview_look import Preview
from comity.release.preview import Answer, Item, summary
from comity.release.preview_findings import Break, Change, Unreached, in_words

#: The columns of the CSV form.
COLUMNS = (
    *("item", "type", "name", "tlp", "party", "effect", "rule", "agreement", "clause"),
    *("fact", "expected", "actual", "file", "position"),
)


def document(preview: Preview) -> dict[str, Any]:
    """The whole preview; `decisions` and `summary` name every party, the sender included."""
    return {
        "as": preview.submitter.party,
        "on": preview.asked.on.isoformat().replace("+00:00", "Z"),
        "purposes": list(preview.asked.purposes),
        "agreements": [_agreement(preview, at) for at in range(len(preview.agreements))],
        "parties": _parties(preview),
        "items": [_item(item) for item in preview.items],
        "summary": summary(preview.items, preview.parties),
        "tlp_breaks": list(_breaks(preview)),
        "empty_groups": list(_empty_groups(preview)),
        "not_taken": _not_taken(preview),
        "duplicates": preview.duplicates,
        "changes": [_change(change) for change in preview.changes],
        "change_summary": in_words(preview.changes, preview.parties),
        "notes": preview.notes,
    }


def records(preview: Preview) -> Iterator[dict[str, Any]]:
    """The same as lines, each saying what it is in `record`: items first, the summary last."""
    for item in preview.items:
        yield {"record": "item", **_item(item)}
    for name, found in (
        ("tlp-break", _breaks(preview)),
        ("empty-group", _empty_groups(preview)),
        ("not-taken", iter(_not_taken(preview))),
        ("change", map(_change, preview.changes)),
    ):
        for each in found:
            yield {"record": name, **each}
    rest = document(preview)
    for listed in ("items", "tlp_breaks", "empty_groups", "not_taken", "changes"):
        del rest[listed]
    yield {"record": "summary", **rest}


def rows(preview: Preview) -> Iterator[dict[str, Any]]:
    """One row per item and party, the sender left out."""
    for item in preview.items:
        for each in preview.others:
            said = item.answers[each.party].as_json()
            del said["text"]  # the same sentence on every row; the other forms have it
            yield {
                "item": item.id,
                "type": item.type,
                "name": item.label,
                "tlp": item.tlp,
                "party": each.party,
                "file": item.file,
                "position": item.position,
                **said,
            }


def _agreement(preview: Preview, at: int) -> dict[str, Any]:
    each = preview.agreements[at]
    found = each.agreement
    said: dict[str, Any] = {
        "id": found.id,
        "version": found.version,
        "title": found.title,
        "body": found.body,
        "illustrative": found.illustrative,
        "file": each.name,
    }
    return said | {"instead_of": each.instead_of} if each.instead_of else said


def _parties(preview: Preview) -> list[dict[str, Any]]:
    return [
        {
            "party": each.party,
            "standing": each.standing or None,
            "role": each.role,
            "label": each.label,
            "generic": each.generic,
            "submits": each.submits,
        }
        for each in preview.parties
    ]


def _item(item: Item) -> dict[str, Any]:
    return {
        "id": item.id,
        "type": item.type,
        "version": item.version,
        "name": item.name,
        "kind": item.kind,
        "value": item.value,
        "tlp": item.tlp,
        "marked": item.marked,
        "to": item.to,
        "file": item.file,
        "position": item.position,
        "decisions": {party: answer.as_json() for party, answer in item.answers.items()},
    }


def _breaks(preview: Preview) -> Iterator[dict[str, Any]]:
    for found in preview.breaks:
        yield {"kind": "permitted", **_break(found)}
    for path, wide in preview.wider:
        yield {
            "kind": "misp-distribution",
            "tlp": wide.tlp,
            "distribution": wide.distribution,
            "level": wide.level,
            "file": path,
            "position": wide.position,
            "event": wide.event,
            "event_itself": wide.whole,
            "attributes": wide.attributes,
            "examples": list(wide.examples),
        }


def _break(found: Break) -> dict[str, Any]:
    return {
        "tlp": found.tlp,
        "agreement": found.agreement,
        "clause": found.clause,
        "parties": list(found.parties),
        "items": [item.id for item in found.items],
        "text": found.text,
    }


def _empty_groups(preview: Preview) -> Iterator[dict[str, Any]]:
    for each in preview.groups:
        group = each.group
        yield {
            "kind": "sharing-group",
            "name": group.name,
            "organisations": list(group.organisations),
            "file": each.file,
            "position": group.position,
            "parts": group.parts,
            "text": each.text,
        }
    for found in preview.unreached:
        yield {"kind": "reaches-nobody", **_unreached(found)}


def _unreached(found: Unreached) -> dict[str, Any]:
    return {"items": [item.id for item in found.items], "rule": found.rule, "text": found.text}


def _not_taken(preview: Preview) -> list[dict[str, Any]]:
    return [
        {"outcome": each.outcome, "file": each.file, "position": each.position, "id": each.id, "why": each.why}
        for each in preview.not_taken
    ]


def _change(change: Change) -> dict[str, Any]:
    return {
        "change": change.what,
        "party": change.party,
        "id": change.item.id,
        "type": change.item.type,
        "name": change.item.label,
        "tlp": change.item.tlp,
        "before": _side(change.before),
        "after": _side(change.after),
    }


def _side(answer: Answer) -> dict[str, Any]:
    return {**answer.as_json(), "version": answer.version}
