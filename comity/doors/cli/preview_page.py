"""A preview as one self-contained page to pass around: no script, no request to anywhere, light and dark, 360 px and wider."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from comity.doors.cli.preview_look import Preview
from comity.doors.cli.preview_rows import Group, Shift, alike, cited, clean, grouped, mark, refusals, shifts, shown, who, word
from comity.doors.cli.preview_text import BANNER
from comity.release.preview import Answer, Item, Party, summary
from comity.release.preview_findings import counted, in_words, listed
from comity.terms.observable import defang

#: So many columns stand side by side; with more, parties whose answers are the same share one.
COLUMNS = 8
#: So many items of a group are listed.
LISTED = 500


@cache
def _template() -> Template:
    loader = PackageLoader("comity.doors.cli", "templates")
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.get_template("preview.html")


def page(preview: Preview) -> str:
    """The page's HTML."""
    groups = grouped(preview.items, preview.others, preview.changes)
    columns: list[tuple[Party, ...]] = [(party,) for party in preview.others]
    if len(columns) > COLUMNS:
        columns = alike(groups, preview.others)
    several = len(preview.agreements) > 1
    return _template().render(
        banner=BANNER if preview.illustrative else "",
        agreements=[_agreement(preview, at) for at in range(len(preview.agreements))],
        sender=preview.submitter.party,
        files=[clean(Path(path).name) for path in preview.asked.files],
        purposes=preview.asked.purposes,
        on=f"{preview.asked.on:%Y-%m-%d %H:%M} UTC",
        total=len(preview.items),
        totals=_totals(preview),
        columns=[{"name": ", ".join(each.label for each in column), "kind": who(column)} for column in columns],
        rows=[_row(group, columns, several) for group in groups],
        breaks=_breaks(preview),
        nobody=_nobody(preview),
        not_taken=[{"what": each.outcome, "where": clean(each.position), "why": clean(each.why)} for each in preview.not_taken[:LISTED]],
        not_taken_more=max(0, len(preview.not_taken) - LISTED),
        compared=preview.compared,
        sentences=in_words(preview.changes, preview.parties),
        shifts=[_shift(each, preview) for each in shifts(preview.changes)],
        clauses=[_clause(answer) for answer in cited(groups, preview.others)],
        refusals=[{**_signed(each.mark, each.word), "who": listed(each.parties), "items": each.items, "text": clean(each.text)}
                  for each in refusals(groups, preview.others) if each.mark == "–"],
        notes=[clean(text) for text in preview.notes],
    )  # fmt: skip


def _agreement(preview: Preview, at: int) -> dict[str, Any]:
    each = preview.agreements[at]
    return {"title": clean(each.agreement.title), "ref": each.agreement.ref, "instead_of": each.instead_of}


def _totals(preview: Preview) -> list[dict[str, Any]]:
    counts = summary(preview.items, preview.parties)
    gained = {(change.party, change.what): 0 for change in preview.changes}
    for change in preview.changes:
        gained[change.party, change.what] += 1
    return [
        {
            "party": each.label,
            "kind": "made up" if each.generic else who((each,)),
            "got": counts[each.party]["permit"] + counts[each.party]["redact"],
            "gained": gained.get((each.party, "gained"), 0),
            "lost": gained.get((each.party, "lost"), 0),
        }
        for each in preview.others
    ]


def _row(group: Group, columns: Sequence[tuple[Party, ...]], several: bool) -> dict[str, Any]:
    return {
        "tlp": group.tlp,
        "title": group.title,
        "kinds": group.kinds,
        "items": [_named(item) for item in group.items[:LISTED]],
        "more": max(0, len(group.items) - LISTED),
        "cells": [_cell(group, column, several) for column in columns],
    }


def _cell(group: Group, column: Sequence[Party], several: bool) -> dict[str, Any]:
    answer = group.answers[column[0].party]
    moved = not group.moved.isdisjoint(each.party for each in column)
    return _signed(mark(answer), word(answer, several=several)) | {"moved": moved, "title": clean(_tip(answer))}


def _tip(answer: Answer) -> str:
    return f"{answer.fact}: should be {answer.expected}, is {answer.actual}" if answer.fact else answer.text


def _signed(sign: str, said: str) -> dict[str, str]:
    return {"mark": sign, "word": said, "class": {"✓": "yes", "◐": "part", "?": "part", "–": "no", "✗": "never"}[sign]}


def _named(item: Item) -> dict[str, str]:
    return {"label": shown(item), "name": clean(item.name) if item.value and item.value not in item.name else "", "kind": item.kind}


def _clause(answer: Answer) -> dict[str, str]:
    said = {"✓": "permits", "◐": "permits a copy", "?": "permits once approved", "✗": "forbids", "–": "did not apply"}[mark(answer)]
    return {"agreement": answer.agreement, "clause": answer.clause, "text": clean(answer.text), "did": said}


def _breaks(preview: Preview) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {"tlp": each.tlp, "text": clean(each.text), "items": [shown(item) for item in each.items[:LISTED]]} for each in preview.breaks
    ]
    for _, wide in preview.wider:
        parts = ["the event itself"] * wide.whole + [f"{wide.attributes:,} attributes"] * bool(wide.attributes)
        text = f"MISP event “{clean(wide.event)}”: {' and '.join(parts)} have distribution {wide.distribution} ({wide.level})."
        then = " MISP would send them further than their marking says; here the agreement decides instead."
        found.append({"tlp": wide.tlp, "text": text + then, "items": [defang(clean(value)) for value in wide.examples]})
    return found


def _nobody(preview: Preview) -> list[dict[str, Any]]:
    groups: list[dict[str, Any]] = [{"text": clean(each.text), "items": []} for each in preview.groups]
    return groups + [{"text": clean(each.text), "items": [shown(item) for item in each.items[:LISTED]]} for each in preview.unreached]


def _shift(each: Shift, preview: Preview) -> dict[str, Any]:
    return {
        "party": next(party.label for party in preview.parties if party.party == each.party),
        "tlp": each.tlp,
        "what": counted(each.items),
        "before": _signed(mark(each.before), word(each.before)),
        "after": _signed(mark(each.after), word(each.after)),
        "items": [shown(item) for item in each.items[:LISTED]],
    }
