"""A preview for a terminal: heading, matrix, and what a sender has to know. Marks and words first; colour only repeats them."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path

from comity.doors.cli.output import amount
from comity.doors.cli.preview_look import Preview
from comity.doors.cli.preview_rows import Group, alike, cited, clean, grouped, mark, refusals, shifts, shown, who, word
from comity.release.preview import Party, summary
from comity.release.preview_findings import counted, in_words, listed
from comity.terms.observable import defang

#: What agreements that are samples say of themselves.
BANNER = "sample wording, not the text of any treaty"
#: ANSI: the level's own colour as FIRST gives it, on black.
_TLP = {"clear": "255", "green": "82", "amber": "214", "amber+strict": "214", "red": "203"}
_MARKS = {"✓": "32", "◐": "36", "?": "33", "✗": "1;31"}
_WIDEST_CELL = 20
_LABEL = (20, 34)


class Paper:
    """What is written on: `width` columns, with or without colour."""

    def __init__(self, width: int, colour: bool) -> None:
        self.width = max(48, min(width, 140))
        self._colour = colour

    def ink(self, text: str, code: str) -> str:
        """Text in a colour or weight, if there is colour."""
        return f"\033[{code}m{text}\033[0m" if self._colour and text else text

    def dim(self, text: str) -> str:
        """Text that steps back."""
        return self.ink(text, "2")

    def tlp(self, level: str) -> str:
        """A TLP label: the level's colour on black, always with its name."""
        name = f"TLP:{level.upper()}"
        return self.ink(f" {name} ", f"1;38;5;{_TLP[level]};48;5;16") if self._colour else name

    def wrapped(self, text: str, first: str, rest: str) -> list[str]:
        """A paragraph with its first line and the others begun differently."""
        return textwrap.wrap(text, self.width, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False) or [first]


def text(preview: Preview, paper: Paper, *, each: bool = False) -> str:
    """The whole preview. `each` gives every item a row of its own."""
    groups = grouped(preview.items, preview.others, preview.changes)
    parts = [
        _heading(preview, paper),
        list(_matrix(preview, groups, paper, each)) if groups else ["Nothing in the files could be taken."],
        _legend(preview, groups, paper),
        _breaks(preview, paper),
        _nobody(preview, paper),
        _not_taken(preview, paper),
        _changes(preview, paper),
    ]
    return "\n".join("\n".join(part) + "\n" for part in parts if part).rstrip("\n")


def _heading(preview: Preview, paper: Paper) -> list[str]:
    lines = []
    for each in preview.agreements:
        found = each.agreement
        lines.append(paper.ink(clean(found.title)[: paper.width], "1"))
        told = [found.ref] + ([f"tried instead of {each.instead_of}"] if each.instead_of else [])
        lines.append(paper.dim(_clip("  " + " · ".join(told), paper.width)))
        if found.illustrative:
            fits = sum(map(len, told)) + 3 * len(told) + 2 + len(BANNER) <= paper.width
            banner = paper.ink(BANNER[: paper.width - 2], "3")
            lines[-1:] = [f"{lines[-1]} · {banner}"] if fits else [lines[-1], f"  {banner}"]
    asked = preview.asked
    files = listed([clean(Path(path).name) for path in asked.files], 3)
    count = len(preview.items)
    said = f"{preview.submitter.party} would send {amount(count, 'item')} of {files} for {', '.join(asked.purposes)}"
    return [*lines, *paper.wrapped(f"{said}, as of {asked.on:%Y-%m-%d %H:%M} UTC.", "", "")]


# --- the matrix ------------------------------------------------------------------------------------------------------------------


def _matrix(preview: Preview, groups: Sequence[Group], paper: Paper, each: bool) -> Iterator[str]:
    several = len(preview.agreements) > 1
    columns: list[tuple[Party, ...]] = [(party,) for party in preview.others]
    if not columns:
        yield "There is no other party: --party CODE=STANDING adds one."
    if sum(_width(column, groups, several) for column in columns) > paper.width - _LABEL[0]:
        columns = alike(groups, preview.others)
    while columns:
        room = paper.width - _LABEL[0]
        block: list[tuple[Party, ...]] = []
        while columns and (not block or _width(columns[0], groups, several) <= room):
            room -= _width(columns[0], groups, several)
            block.append(columns.pop(0))
        yield from _block(preview, groups, block, paper, each)
        if columns:
            yield ""


def _block(preview: Preview, groups: Sequence[Group], columns: Sequence[tuple[Party, ...]], paper: Paper, each: bool) -> Iterator[str]:
    several = len(preview.agreements) > 1
    widths = [_width(column, groups, several) for column in columns]
    label = max(_LABEL[0], min(_LABEL[1], paper.width - sum(widths)))
    names = [_fit(_names(column), width - 2) for column, width in zip(columns, widths)]
    kinds = [_fit(who(column), width - 2) for column, width in zip(columns, widths)]
    yield (" " * label + "".join(paper.ink(name, "1") + "  " for name in names)).rstrip()
    yield (" " * label + "".join(paper.dim(kind) + "  " for kind in kinds)).rstrip()
    level = ""
    for group in groups:
        if group.tlp != level:
            level = group.tlp
            yield paper.tlp(level)
        cells = "".join(_cell(group, column, width, paper, several) for column, width in zip(columns, widths)).rstrip()
        if each:
            for item in group.items:
                yield (_fit(f"  {item.type} {shown(item)}" if item.type != "indicator" else f"  {shown(item)}", label) + cells).rstrip()
        else:
            alone = f"  {group.type} {shown(group.items[0])}" if len(group.items) == 1 else ""
            short = bool(alone) and _columns(alone) < label
            yield _fit(alone if short else f"  {group.title}", label) + cells
            if not short:
                yield paper.dim(_clip(_detail(group), paper.width))
    counts, total = summary(preview.items, preview.parties), f"/{len(preview.items):,}"
    got = [counts[column[0].party]["permit"] + counts[column[0].party]["redact"] for column in columns]
    yield paper.dim("─" * min(paper.width, label + sum(widths) - 2))
    row = "".join(_fit(f"{count:,}{total}", width) for count, width in zip(got, widths))
    yield (paper.ink(_fit("  would receive", label), "1") + row).rstrip()


def _names(column: Sequence[Party]) -> str:
    return " ".join(each.label for each in column)


def _cell(group: Group, column: Sequence[Party], width: int, paper: Paper, several: bool) -> str:
    answer = group.answers[column[0].party]
    sign = mark(answer)
    changed = " Δ" if not group.moved.isdisjoint(each.party for each in column) else ""
    said = _fit(word(answer, several=several) + changed, width - 4)
    if sign in _MARKS:
        return f"{paper.ink(sign, _MARKS[sign])} {said}  "
    return paper.dim(f"{sign} {said}") + "  "


def _width(column: Sequence[Party], groups: Sequence[Group], several: bool) -> int:
    """A column's width with the gap after it."""
    words = [len(word(group.answers[column[0].party], several=several)) + 2 + 2 * bool(group.moved) for group in groups]
    total = 2 * len(f"{sum(len(group.items) for group in groups):,}") + 1  # `would receive` stands below
    names = _names(column) if len(column) == 1 else _names(column)[:_WIDEST_CELL]
    return min(_WIDEST_CELL, max(len(names), len(who(column)), total, *words)) + 2 if groups else len(names) + 2


def _detail(group: Group) -> str:
    examples = ", ".join(group.examples(3))
    more = ", …" if len(group.items) > 3 else ""
    return "      " + (f"{group.kinds}: " if group.kinds else "") + examples + more


def _fit(text: str, width: int) -> str:
    """Exactly `width` columns: cut with an ellipsis, or filled with spaces; wide characters count two."""
    text = _clip(text, width)
    return text + " " * (width - _columns(text))


def _clip(text: str, width: int) -> str:
    if _columns(text) <= width:
        return text
    while text and _columns(text) > width - 1:
        text = text[:-1]
    return f"{text}…"


def _columns(text: str) -> int:
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


# --- below the matrix ------------------------------------------------------------------------------------------------------------


def _section(paper: Paper, title: str, entries: Sequence[str], sign: str = "•", code: str = "") -> list[str]:
    """A titled list; nothing for no entries."""
    if not entries:
        return []
    lines = [paper.ink(title, "1")]
    for entry in entries:
        first, *rest = paper.wrapped(entry, f"  {sign} ", "    ")
        lines += [first.replace(sign, paper.ink(sign, code), 1) if code else first, *rest]
    return lines


def _legend(preview: Preview, groups: Sequence[Group], paper: Paper) -> list[str]:
    lines = []
    clauses = [answer for answer in cited(groups, preview.others) if answer.effect != "deny" or answer.rule == "forbidden"]
    if clauses:
        lines.append(paper.ink("Clauses", "1"))
        for answer in clauses:
            sign = mark(answer)
            name = f"{answer.agreement}/{answer.clause}" if len(preview.agreements) > 1 else answer.clause
            first, *rest = paper.wrapped(clean(answer.text), f"  {sign} {name:<10} ", " " * 15)
            lines += [first.replace(sign, paper.ink(sign, _MARKS[sign]), 1), *rest]
    grounds = [each for each in refusals(groups, preview.others) if each.mark == "–"]
    if grounds:
        lines.append(paper.ink("Why not", "1"))
        for each in grounds:
            head = f"  – {each.word}: {listed(each.parties)}, {amount(each.items, 'item')}. "
            lines += paper.wrapped(clean(head + each.text).rstrip(".") + ".", "  ", "    ")
    return lines


def _breaks(preview: Preview, paper: Paper) -> list[str]:
    entries = [each.text for each in preview.breaks]
    for _, wide in preview.wider:
        parts = ["the event itself"] * wide.whole + [f"{wide.attributes:,} attributes"] * bool(wide.attributes)
        example = f" (such as {defang(clean(wide.examples[0]))})" if wide.examples else ""
        entries.append(
            f"MISP event “{clean(wide.event)}”: {' and '.join(parts)}{example}: marked TLP:{wide.tlp.upper()}, but distribution "
            f"{wide.distribution} ({wide.level}): MISP would send it further than its marking says. Here the agreement decides instead."
        )
    if not entries:
        return [paper.ink("Would break its TLP", "1") + ": nothing."] if preview.items else []
    return _section(paper, "Would break its TLP", entries, "!", "1;31")


def _nobody(preview: Preview, paper: Paper) -> list[str]:
    entries = [clean(each.text) + "." for each in preview.groups]
    for each in preview.unreached:
        some = ", ".join(shown(item) for item in each.items[:3])
        entries.append(f"{clean(each.text).rstrip('.')}. {'Such as' if len(each.items) > 3 else 'That is'} {some.rstrip('.')}.")
    return _section(paper, "Reaches nobody", entries, "∅", "1;33")


def _not_taken(preview: Preview, paper: Paper) -> list[str]:
    shown_, more = preview.not_taken[:8], len(preview.not_taken) - 8
    several = len(preview.asked.files) > 1
    entries = [
        clean(f"{each.outcome}: {f'{each.file} ' if several else ''}{each.position}{f' ({each.id})' if each.id else ''}: {each.why}")
        for each in shown_
    ]
    return _section(paper, "Not taken", [*entries, *([f"{more:,} more: -o ndjson lists every one"] if more > 0 else [])], "×", "1;31")


def _changes(preview: Preview, paper: Paper) -> list[str]:
    if not preview.compared:
        return []
    title = "What the changed agreement changes"
    entries = in_words(preview.changes, preview.parties)
    if not entries:
        return [paper.ink(title, "1") + ": nothing for these items."]
    lines = _section(paper, title, [f"it {entry}." for entry in entries], "Δ", "1;36")
    found = shifts(preview.changes)
    for each in found[:20]:
        before, after = f"{mark(each.before)} {word(each.before)}", f"{mark(each.after)} {word(each.after)}"
        label = next(party.label for party in preview.parties if party.party == each.party)
        names = ", ".join(shown(item) for item in each.items[:3]) + (", …" if len(each.items) > 3 else "")
        said = f"    {_fit(label, 10)} {_fit(before, 12)} → {_fit(after, 12)} {counted(each.items)} TLP:{each.tlp.upper()}: {names}"
        lines.append(_clip(said, paper.width))
    if len(found) > 20:
        lines.append(paper.dim(f"    … and {len(found) - 20:,} more: -o ndjson lists every one"))
    return lines
