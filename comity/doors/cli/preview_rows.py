"""A preview's rows, the same for terminal and page: items of one TLP, type and answer together, each answer as a mark and a word."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

from comity.doors.cli.output import safe
from comity.release.preview import Answer, Item, Party
from comity.release.preview_findings import Change, counted, listed, plural
from comity.terms.observable import defang, guess
from comity.terms.tlp import RANK

#: A mark per effect, and one for a clause that forbids: told apart without colour.
PERMIT, REDACT, APPROVE, DENY, FORBID = "✓", "◐", "?", "–", "✗"
#: What a failed fact is called in a narrow column.
_SHORT = {
    "TLP": "TLP",
    "type": "type",
    "threat": "threat",
    "purpose": "purpose",
    "agreement in force": "not in force",
    "clause in force": "not in force",
    "in force for origin": "not bound",
    "in force for recipient": "not bound",
    "recipient standing": "standing",
    "recipient party": "not named",
    "recipient role": "role",
    "recipient body": "body",
    "origin standing": "from whom",
    "origin party": "from whom",
    "origin role": "from whom",
    "clause": "no clause",
}
_SHORT_RULES = {"red-names-recipients": "unnamed", "addressed": "not named", "references": "references"}


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """Items with one TLP, one type and the same answers; `answers` are those of the first.

    `moved` are the parties for whom a changed agreement answers otherwise.
    """

    tlp: str
    type: str
    items: tuple[Item, ...]
    answers: dict[str, Answer]
    moved: frozenset[str]

    @property
    def title(self) -> str:
        """`38 indicators`."""
        return counted(self.items)

    @property
    def kinds(self) -> str:
        """`domain 20, ipv4 8`; empty where one kind says no more than the type."""
        kinds = Counter(item.kind for item in self.items if item.kind)
        said = self.type == "indicator" and len(self.items) > 1
        return ", ".join(f"{kind} {n:,}" for kind, n in kinds.most_common()) if said else ""

    def examples(self, most: int) -> list[str]:
        """Labels of the first few, safe to show."""
        return list(dict.fromkeys(shown(item) for item in self.items[: 3 * most]))[:most]


class WhyNot(msgspec.Struct, frozen=True, kw_only=True):
    """One ground of refusal: its word in the matrix, whom it keeps out, how many items it is about, and it in a sentence."""

    mark: str
    word: str
    parties: tuple[str, ...]
    items: int
    text: str


class Shift(msgspec.Struct, frozen=True, kw_only=True):
    """Items of one TLP and type whose answer for one party changes in the same way."""

    party: str
    tlp: str
    type: str
    before: Answer
    after: Answer
    items: tuple[Item, ...]


def grouped(items: Iterable[Item], parties: Sequence[Party], changes: Iterable[Change] = ()) -> list[Group]:
    """The items in groups, the widest TLP first, within it the largest group."""
    moved: dict[tuple[str, str], set[str]] = {}
    for change in changes:
        moved.setdefault((change.item.id, change.item.version), set()).add(change.party)
    found: dict[tuple[str, str, object, frozenset[str]], list[Item]] = {}
    for item in items:
        signs = tuple(_sign(item.answers[each.party]) for each in parties)
        shifted = frozenset(moved.get((item.id, item.version), ()))
        found.setdefault((item.tlp, item.type, signs, shifted), []).append(item)
    groups = [
        Group(tlp=members[0].tlp, type=members[0].type, items=tuple(members), answers=members[0].answers, moved=shifted)
        for (_, _, _, shifted), members in found.items()
    ]
    return sorted(groups, key=lambda group: (RANK[group.tlp], -len(group.items), group.type))


def shifts(changes: Iterable[Change]) -> list[Shift]:
    """Changes that are alike, together; in the order in which they were found."""
    found: dict[tuple[object, ...], list[Change]] = {}
    for each in changes:
        found.setdefault((each.party, each.item.tlp, each.item.type, _sign(each.before), _sign(each.after)), []).append(each)
    return [
        Shift(
            party=members[0].party,
            tlp=members[0].item.tlp,
            type=members[0].item.type,
            before=members[0].before,
            after=members[0].after,
            items=tuple(each.item for each in members),
        )
        for members in found.values()
    ]


def _sign(answer: Answer) -> tuple[str, str, str, str, str]:
    # What exactly is hidden differs from item to item and is not worth a row of its own.
    return answer.effect, answer.rule, answer.agreement, answer.clause, answer.fact


def mark(answer: Answer) -> str:
    """The sign of an answer."""
    refusal = FORBID if answer.rule == "forbidden" else DENY
    return {"permit": PERMIT, "redact": REDACT, "approve": APPROVE}.get(answer.effect, refusal)


def word(answer: Answer, *, several: bool = False) -> str:
    """What stands beside the mark: the clause that permits or forbids, else what failed. `several` agreements: with its agreement."""
    if answer.effect != "deny" or answer.rule == "forbidden":
        return f"{answer.agreement}/{answer.clause}" if several and not answer.built_in else answer.clause
    return _SHORT_RULES.get(answer.rule) or _SHORT.get(answer.fact, answer.fact or answer.rule)


def shown(item: Item) -> str:
    """An item's label, defanged where it is a value, with nothing in it that a terminal obeys."""
    if item.value:
        return clean(defang(item.value))
    live = item.type != "file" and guess(item.name) is not None
    return clean(defang(item.name) if live else item.name or item.id)


def clean(text: str) -> str:
    """A text on one line without control or direction characters."""
    return safe(" ".join(text.split()))


def refusals(groups: Iterable[Group], parties: Sequence[Party]) -> list[WhyNot]:
    """Every ground of refusal in the matrix, the commonest first."""
    found: dict[tuple[str, ...], tuple[dict[str, None], dict[int, int], list[Answer]]] = {}
    for at, group in enumerate(groups):
        for each in parties:
            answer = group.answers[each.party]
            if answer.effect == "deny":
                codes, counts, answers = found.setdefault((*_sign(answer), answer.expected), ({}, {}, []))
                codes[each.label] = None
                counts[at] = len(group.items)
                answers.append(answer)
    made = [
        WhyNot(mark=mark(answers[0]), word=word(answers[0]), parties=tuple(codes), items=sum(counts.values()), text=_sentence(answers))
        for codes, counts, answers in found.values()
    ]
    return sorted(made, key=lambda each: -each.items)


def _sentence(answers: list[Answer]) -> str:
    answer = answers[0]
    if answer.rule == "forbidden":
        return f"{answer.clause} forbids it: {answer.text}"
    if answer.rule == "no-clause" and not answer.built_in:
        actual = listed(dict.fromkeys(each.actual for each in answers), 3)
        return f"{answer.clause} permits only {answer.fact} {answer.expected}; here it is {actual}"
    if answer.rule == "addressed":
        return f"{answer.text} Here: {answer.expected}."
    return answer.text


def cited(groups: Iterable[Group], parties: Sequence[Party]) -> list[Answer]:
    """One answer for each clause that the matrix cites, by agreement and clause: one that it decided, if there is any."""
    found: dict[tuple[str, str], Answer] = {}
    for group in groups:
        for each in parties:
            answer = group.answers[each.party]
            known = found.get((answer.agreement, answer.clause))
            if not answer.built_in and (known is None or known.rule == "no-clause"):
                found[answer.agreement, answer.clause] = answer
    return [found[key] for key in sorted(found)]


def alike(groups: Sequence[Group], parties: Sequence[Party]) -> list[tuple[Party, ...]]:
    """The parties whose columns are the same, together: what many parties need to fit a screen."""
    found: dict[tuple[object, ...], list[Party]] = {}
    for each in parties:
        column = tuple(_sign(group.answers[each.party]) for group in groups)
        found.setdefault((each.standing, each.role, column), []).append(each)
    return [tuple(members) for members in found.values()]


def who(parties: Sequence[Party]) -> str:
    """A column's second heading: `member`, `observer`, `centre`."""
    first = parties[0]
    kind = first.standing or first.role
    return kind if len(parties) == 1 else f"{len(parties)} {plural(kind)}"
