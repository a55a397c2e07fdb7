"""What a reworded permission changes beyond what a decision about a bare item shows, in words: PAP, handling codes, passing on, copies.

Said clause by clause, about the recipients and types that the new text names; another clause may still give what one takes.
"""

from __future__ import annotations

from collections.abc import Iterator

from comity.agree.accord import Agreement
from comity.agree.clauses import Clause
from comity.agree.prose import what, who
from comity.agree.wording import joined, plural
from comity.terms import pap


def fine_print(old: Agreement, new: Agreement) -> Iterator[str]:
    """Sentences on permissions that both texts have: `takes from observers indicators marked PAP:AMBER (clause art-4.3)`."""
    before = {clause.id: clause for clause in old.clauses if clause.effect == "permit"}
    for now in new.clauses:
        was = before.get(now.id)
        if was is not None and now.effect == "permit":
            recipients, subject = who(now.to, "everybody"), what(now.types)
            moves = [(gained, f"{subject} {which}") for gained, which in (*_pap(was, now), *_handling(was, now))]
            moves += [(gained, f"{paths} in redacted copies of {subject}") for gained, paths in _copies(was, now, old, new)]
            for gained, items in moves:
                yield f"{'gives' if gained else 'takes from'} {recipients} {items} (clause {now.id})"
            if was.onward != now.onward:
                lets = "no longer lets" if now.onward == "none" else "lets"
                whom = "" if now.onward == "none" else f" {_onward(now)}"
                yield f"{lets} {recipients} pass on {subject}{whom}, until now {_onward(was)} (clause {now.id})"


def _onward(clause: Clause) -> str:
    known = {"none": "to nobody", "parties": "to parties of this agreement"}
    return known.get(clause.onward, f"to whom {clause.onward} lets receive it")


def _pap(was: Clause, now: Clause) -> Iterator[tuple[bool, str]]:
    """(whether they are gained, which items), by a ceiling that moved. No ceiling is the highest one."""
    before, after = (pap.RANK[clause.pap_max or pap.LEVELS[-1]] for clause in (was, now))
    if before != after:
        levels = pap.LEVELS[min(before, after) + 1 : max(before, after) + 1]
        yield after > before, f"marked {joined([f'PAP:{level.upper()}' for level in levels])}"


def _handling(was: Clause, now: Clause) -> Iterator[tuple[bool, str]]:
    """(whether they are gained, which items), by the codes that an item may bear. No list is any code."""
    if was.handling and now.handling:
        for gained, codes in _moved(was.handling, now.handling):
            yield gained, f"with handling {'code' if len(codes) == 1 else plural('code')} {joined(codes)}"
    elif was.handling or now.handling:
        yield bool(was.handling), f"with a handling code other than {joined(was.handling or now.handling)}"


def _copies(was: Clause, now: Clause, old: Agreement, new: Agreement) -> Iterator[tuple[bool, str]]:
    """(whether they are gained, properties), by what copies leave out. Where only one text makes copies, decisions show it."""
    before, after = old.profile(was.redact), new.profile(now.redact)
    if before and after:
        for gained, paths in _moved(after.remove, before.remove):
            yield gained, joined(paths)


def _moved(before: tuple[str, ...], after: tuple[str, ...]) -> Iterator[tuple[bool, list[str]]]:
    """(False, what only the first has), then (True, what only the second has), where there is any."""
    for gained, some, others in ((False, before, after), (True, after, before)):
        only = [word for word in some if word not in others]
        if only:
            yield gained, only
