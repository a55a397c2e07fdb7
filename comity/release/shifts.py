"""What a simulation found, in words: `UZ: 120 more indicators up to TLP:GREEN (clause art-2)`."""

from __future__ import annotations

from collections.abc import Iterable

from comity.agree.question import EFFECTS
from comity.agree.wording import joined, plural
from comity.wire import Shift

#: (effect before, effect after) -> what is said. `{what}` is "120 indicators and 3 malware", `{top}` their TLP, `{by}` the clause.
_FORMS = {
    ("deny", "permit"): "{more}{top}{by}",
    ("deny", "redact"): "{more}{top}, as copies {without}{by}",
    ("deny", "approve"): "{more}{top}, once approved{by}",
    ("approve", "permit"): "{what}{top} without waiting for approval{by}",
    ("approve", "redact"): "{what}{top} without waiting for approval, as copies {without}{by}",
    ("redact", "permit"): "{what}{top} whole, no longer {without_before}{by}",
    ("redact", "redact"): "{what}{top} as copies {without}, no longer {without_before}{by}",
    ("permit", "redact"): "{what}{top} become copies {without}{by}",
    ("permit", "approve"): "{what}{top} only once approved{by}",
    ("redact", "approve"): "{what}{top} only once approved{by}",
    ("approve", "approve"): "{what}{top} once approved {without}, no longer {without_before}{by}",
    ("permit", "deny"): "no longer {what}{top}{by}",
    ("redact", "deny"): "no longer copies of {what}{top}{by}",
    ("approve", "deny"): "no longer {what}{top}, not even once approved{by}",
}
#: Ways to say the same of several types at once.
_Alike = tuple[str, str, str, tuple[str, ...], tuple[str, ...], str]


def sentences(shifts: Iterable[Shift]) -> list[str]:
    """One sentence per party, then who is better or worse off in none of it."""
    found = list(shifts)
    by_party: dict[str, dict[_Alike, list[Shift]]] = {}
    for each in found:
        clause = each.clause if each.after != "deny" else each.clause or each.clause_before
        alike = (each.before, each.after, clause, each.withheld_before, each.withheld, each.tlp)
        by_party.setdefault(each.party, {}).setdefault(alike, []).append(each)
    said = [f"{party}: " + "; ".join(_said(*alike, some) for alike, some in groups.items()) for party, groups in by_party.items()]
    if not found:
        return ["nobody receives more or less"]
    lost, gained = any(map(loses, found)), any(map(gains, found))
    return said + ([] if lost else ["nobody loses anything"]) + ([] if gained else ["nobody receives more"])


def gains(shift: Shift) -> bool:
    """Whether the party would receive something that it does not today."""
    return _rank(shift.after) < _rank(shift.before) or (
        shift.after == shift.before and not set(shift.withheld_before) <= set(shift.withheld)
    )


def loses(shift: Shift) -> bool:
    """Whether it would no longer receive something that it does today."""
    return _rank(shift.after) > _rank(shift.before) or (
        shift.after == shift.before and not set(shift.withheld) <= set(shift.withheld_before)
    )


def _rank(effect: str) -> int:
    return EFFECTS.index(effect)


def _said(
    before: str, after: str, clause: str, withheld_before: tuple[str, ...], withheld: tuple[str, ...], tlp: str, shifts: list[Shift]
) -> str:
    counts: dict[str, int] = {}
    for each in shifts:
        counts[each.type] = counts.get(each.type, 0) + each.items
    gave = after == "deny" and all(each.clause == "" for each in shifts)
    return _FORMS[before, after].format(
        what=joined([_counted(count, type_) for type_, count in counts.items()]),
        more=joined([_counted(count, type_, " more") for type_, count in counts.items()]),
        top=f" up to TLP:{tlp.upper()}",
        by=f" (clause {clause.partition('/')[2]}{' gave them' if gave else ''})" if clause else "",
        without=f"without {joined(withheld)}" if withheld else "of all",
        without_before=f"without {joined(withheld_before)}" if withheld_before else "of all",
    )


def _counted(count: int, type_: str, more: str = "") -> str:
    return f"{count:,}{more} {type_ if count == 1 else plural(type_)}"
