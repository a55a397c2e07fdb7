"""What a changed agreement changes, in words: who gains and loses what, then what was reworded.

The first is worked out from decisions, not from the wording: every kind of party, type, TLP, threat and purpose that either text can tell
apart is asked about under both, each at the moment when all its parties are bound. So a prohibition or a reservation counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec

from comity.agree.accord import Agreement
from comity.agree.approval import Procedure
from comity.agree.clauses import Selector, covered
from comity.agree.decide import decide
from comity.agree.fine_print import fine_print
from comity.agree.life import Signatory, Suspension
from comity.agree.prose import approval, budget, what, who
from comity.agree.question import Question
from comity.agree.rules import Rules
from comity.agree.wording import day, joined, listed, plural
from comity.clock import EPOCH
from comity.terms.item import PURPOSES
from comity.terms.party import ENDED, Register, Standing
from comity.terms.stix import GROUPS
from comity.terms.tlp import LEVELS
from comity.terms.traits import Traits

#: (effect before, effect now) -> the sentence.
_SENTENCES = {
    ("deny", "permit"): "gives {who} {what}{rest}",
    ("deny", "redact"): "gives {who} redacted copies of {what}{rest}",
    ("deny", "approve"): "gives {who} {what}{rest}, once approved",
    ("approve", "permit"): "gives {who} {what}{rest}, until now only once approved",
    ("approve", "redact"): "gives {who} redacted copies of {what}{rest}, until now the whole only once approved",
    ("redact", "permit"): "gives {who} {what}{rest}, until now only as redacted copies",
    ("permit", "redact"): "gives {who} only redacted copies of {what}{rest}",
    ("permit", "approve"): "gives {who} {what}{rest} only once approved",
    ("redact", "approve"): "gives {who} {what}{rest} only once approved, until now as redacted copies",
    ("permit", "deny"): "takes from {who} {what}{rest}",
    ("redact", "deny"): "takes from {who} redacted copies of {what}{rest}",
    ("approve", "deny"): "takes from {who} {what}{rest}, until now given once approved",
}


#: The standing or role of a party, whether it is bound, what it reserved.
_Look = tuple[str, bool, tuple[str, ...]]


class _Kind(msgspec.Struct, frozen=True):
    """Parties that both texts treat alike."""

    parties: tuple[str, ...]
    label: str
    bound: bool


class Group(msgspec.Struct, frozen=True):
    """Parties that are told of together: a standing or `centre` (`any guest` where nobody has it yet), or parties by their codes."""

    label: str
    parties: tuple[str, ...] = ()


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """One effect that changes: for whom, about what. `origins` and `purposes` empty: for all; `tlp` are the levels it is so at.

    `types` are STIX types, and groups of them (`@threat`) where the whole group is meant.
    """

    recipients: tuple[Group, ...]
    before: str
    after: str
    types: tuple[str, ...]
    threat: tuple[str, ...]
    tlp: tuple[str, ...]
    origins: tuple[Group, ...]
    purposes: tuple[str, ...]


class Amendment(msgspec.Struct, frozen=True, kw_only=True):
    """One part of the text that changes: `part` is `agreement`, `clause`, `party`, `profile`, `cap` or `budget`, `name` which of them.

    Without a `field` it is added (`was` None) or removed (`now` None). `was` and `now` are values as the agreement has them.
    """

    part: str
    name: str = ""
    field: str = ""
    was: Any = None
    now: Any = None


class _Cell(msgspec.Struct, frozen=True):
    """One question that both texts are asked."""

    origin: _Kind
    types: tuple[str, ...]
    tlp: str
    threat: tuple[str, ...]
    purpose: str


def differences(old: Agreement, new: Agreement) -> list[str]:
    """Sentences about effects, then about conditions on items, then about wording; empty when nothing that matters differs.

    Standings are those that the texts declare.
    """
    return [*effects(old, new), *fine_print(old, new), *rewordings(old, new)]


def effects(old: Agreement, new: Agreement) -> list[str]:
    """Who gains and loses what: `gives 4 observers (IR, MN, AF and BY) reports up to TLP:GREEN`."""
    return [_sentence(move) for move in moves(old, new)]


def moves(old: Agreement, new: Agreement) -> list[Move]:
    """Who gains and loses what, as values."""
    cast = _cast(old, new)
    before, after = _View(old, cast), _View(new, cast)
    moved: dict[tuple[str, str, tuple[_Cell, ...]], list[_Kind]] = {}
    for recipient in cast:
        cells: dict[tuple[str, str], list[_Cell]] = {}
        for cell in _cells(old, new, cast):
            was, now = before.effect(recipient, cell), after.effect(recipient, cell)
            if was != now:
                cells.setdefault((was, now), []).append(cell)
        for (was, now), found in cells.items():
            moved.setdefault((was, now, tuple(found)), []).append(recipient)
    purposes = {purpose for text in (old, new) for purpose in text.purposes}
    said = []
    for (was, now, told), recipients in moved.items():
        others = {kind for kind in cast if kind.bound and (kind not in recipients or len(kind.parties) > 1)}
        groups = _recipients(recipients)
        said += [
            msgspec.structs.replace(each, recipients=groups, before=was, after=now) for each in _told(told, others, purposes)
        ]  # fmt: skip
    return said


def _sentence(move: Move) -> str:
    rest = (f" said to be {joined(move.threat)}" if move.threat else "") + _marked(move.tlp)
    rest += f" from {joined([_plain(each) for each in move.origins])}" if move.origins else ""
    rest += f" for {joined(move.purposes)}" if move.purposes else ""
    who = joined([_named(each) for each in move.recipients])
    return _SENTENCES[move.before, move.after].format(who=who, what=what(move.types), rest=rest)


def _told(cells: Iterable[_Cell], others: set[_Kind], purposes: set[str]) -> Iterator[Move]:
    """Cells as few moves, whose they are aside. What is so without a threat word is so with one."""
    levels: dict[tuple[tuple[str, ...], _Kind, tuple[str, ...], str], tuple[str, ...]] = {}
    for cell in cells:
        key = (cell.threat, cell.origin, cell.types, cell.purpose)
        levels[key] = (*levels.get(key, ()), cell.tlp)
    alike: dict[tuple[tuple[str, ...], tuple[str, ...], str, tuple[str, ...]], dict[_Kind, None]] = {}
    for (threat, origin, types, purpose), marked in levels.items():
        if not threat or levels.get(((), origin, types, purpose)) != marked:
            alike.setdefault((threat, types, purpose, marked), {})[origin] = None
    merged: dict[tuple[tuple[str, ...], tuple[str, ...], frozenset[_Kind]], dict[tuple[str, ...], dict[str, None]]] = {}
    for (threat, types, purpose, marked), origins in alike.items():
        merged.setdefault((threat, marked, frozenset(origins)), {}).setdefault(types, {})[purpose] = None
    for (threat, marked, kinds), by_types in merged.items():
        by_purposes: dict[tuple[str, ...], list[str]] = {}
        for types, found in by_types.items():
            by_purposes.setdefault(tuple(found), []).extend(types)
        for some, names in by_purposes.items():
            yield Move(
                recipients=(), before="", after="", types=tuple(_grouped(names)), threat=threat, tlp=marked,
                origins=() if others <= kinds else _origins(kinds, others), purposes=() if purposes <= set(some) else some,
            )  # fmt: skip


def _marked(levels: tuple[str, ...]) -> str:
    """` up to TLP:GREEN` where it is so from CLEAR on, else every level: ` marked TLP:GREEN and TLP:AMBER`."""
    if levels == LEVELS[: len(levels)]:
        return f" up to TLP:{levels[-1].upper()}"
    return f" marked {joined([f'TLP:{level.upper()}' for level in levels])}"


def _origins(kinds: Iterable[_Kind], others: set[_Kind]) -> tuple[Group, ...]:
    """Observers and the centre; by their codes the parties of a standing that others have as well."""
    some = {kind.label for kind in others.difference(kinds)}
    named = sorted(code for kind in kinds if kind.label in some for code in kind.parties)
    whole = sorted({kind.label for kind in kinds if kind.label not in some}, key=lambda label: _plain(Group(label)))
    return (*(Group(label) for label in whole), *([Group("", tuple(named))] if named else []))


def _grouped(types: Iterable[str]) -> list[str]:
    """Types with whole groups named as such."""
    left, found = set(types), []
    for group in ("@threat", "@observables", "@links", "@cooperation"):
        if GROUPS[group] <= left:
            found.append(group)
            left -= GROUPS[group]
    return [*found, *sorted(left)]


def _plain(group: Group) -> str:
    if not group.label:
        return listed(group.parties)
    return f"the {group.label}" if group.label == "centre" else group.label if group.label.startswith("any ") else plural(group.label)


def rewordings(old: Agreement, new: Agreement) -> list[str]:
    """Clauses, parties and terms that were added, removed or changed, key by key."""
    return [_reworded(each) for each in amendments(old, new)]


def amendments(old: Agreement, new: Agreement) -> list[Amendment]:
    """The same as values."""
    found = list(
        _changed(
            "agreement", "", old, new, ("title", "kind", "body", "bodies", "purposes", "in_force", "until", "entry", "notice", "transition")
        )
    )
    for part, held in (("clause", "clauses"), ("party", "parties"), ("profile", "profiles"), ("cap", "caps"), ("map", "maps")):
        key = {"clause": "id", "party": "party", "profile": "name", "cap": "role", "map": "of"}[part]
        before, after = ({getattr(each, key): each for each in getattr(text, held)} for text in (old, new))
        found += [Amendment(part=part, name=id_, was=id_) for id_ in before if id_ not in after]
        found += [Amendment(part=part, name=id_, now=id_) for id_ in after if id_ not in before]
        for id_ in (id_ for id_ in after if id_ in before):
            fields = [field for field in after[id_].__struct_fields__ if field not in ("line", key)]
            found += _changed(part, id_, before[id_], after[id_], fields)
    was, now = (" and ".join(budget(each) for each in text.budgets) for text in (old, new))
    return [*found, *([Amendment(part="budget", field="budget", was=was, now=now)] if was != now else [])]


def _changed(part: str, name: str, old: Any, new: Any, fields: Iterable[str]) -> Iterator[Amendment]:
    for field in fields:
        was, now = getattr(old, field), getattr(new, field)
        if was != now:
            yield Amendment(part=part, name=name, field=field.removesuffix("_"), was=was, now=now)


def _reworded(made: Amendment) -> str:
    if made.part == "budget":
        return f"private matching: a party's budget was {_value(made.was)}, is {_value(made.now)}"
    label = f"{made.part} {made.name}" if made.name else "the agreement"
    if not made.field:
        return f"{label} is {'added' if made.was is None else 'removed'}"
    return f"{label}: {made.field} was {_value(made.was)}, is {_value(made.now)}"


def _value(value: Any) -> str:
    if value is None or value in ("", ()):
        return "not said"
    if isinstance(value, datetime):
        return day(value)
    if isinstance(value, Procedure):
        return f"“{approval(value)}”"
    if isinstance(value, Selector):
        return who(value, "anybody")
    if isinstance(value, Suspension):
        return f"from {day(value.since)}" + (f" until {day(value.until)}" if value.until else "")
    if isinstance(value, dict):
        return joined([f"{word} as {meant}" for word, meant in value.items()])
    if isinstance(value, tuple):
        return joined([_value(each) for each in value])
    return str(value)


def _cast(*texts: Agreement) -> list[_Kind]:
    """The parties by how the texts treat them, and one made up for each standing that a clause names and nobody has."""
    named = {code for text in texts for c in text.clauses for s in (c.to, c.from_) if s for code in s.party}
    kinds: dict[tuple[tuple[_Look | None, ...], str], list[str]] = {}
    for code in dict.fromkeys(section.party for text in texts for section in text.parties):
        kinds.setdefault((tuple(_look(text, code) for text in texts), code if code in named else ""), []).append(code)
    found = []
    for (looks, _), codes in kinds.items():
        seen = [look for look in looks if look]
        found.append(_Kind(tuple(codes), seen[-1][0], any(bound for _, bound, _ in seen)))
    held = {kind.label for kind in found}
    wanted = dict.fromkeys(pair for text in texts for c in text.clauses for s in (c.to, c.from_) if s for pair in _wanted(s))
    absent = [(word, body) for word, body in wanted if word not in ENDED and (body or word not in held)]
    return found + [
        _Kind((f"ANY-{word}-{body}".upper().strip("-"),), f"any {word}" + (f" of {body}" if body else ""), True) for word, body in absent
    ]


def _wanted(selector: Selector) -> Iterator[tuple[str, str]]:
    """(standing, body) of those whom a selector means by their standing, "" for the text's own body."""
    for body in selector.body or ("",):
        yield from ((word, body) for word in selector.standing)


def _look(text: Agreement, code: str) -> _Look | None:
    """What tells parties apart in one text."""
    section = text.signatory(code)
    if section is None:
        return None
    hindrance = section.hindrance(_moment(text), text.notice, required=text.entry == "per-party")
    return "centre" if section.role == "centre" else _standing(section), not hindrance, section.reservations


def _standing(section: Signatory) -> str:
    return section.standing or ("" if section.role == "centre" else "member")


def _moment(text: Agreement) -> datetime:
    """When all who will be bound are."""
    starts = [text.in_force, *(section.in_force for section in text.parties), *(clause.since for clause in text.clauses)]
    return max((moment for moment in starts if moment is not None), default=EPOCH)


class _View:
    """One text alone, at the moment all its parties are bound."""

    def __init__(self, text: Agreement, cast: Sequence[_Kind]) -> None:
        made_up = [(kind.parties[0], *kind.label.removeprefix("any ").partition(" of ")[::2]) for kind in cast if kind.label[:4] == "any "]
        sections = [*text.parties, *(Signatory(party=code, in_force=text.in_force) for code, _, _ in made_up)]
        held = [*((section.party, _standing(section), "") for section in text.parties), *made_up]
        register = Register(Standing(party=code, body=body or text.body, standing=word, since=EPOCH) for code, word, body in held if word)
        self.body = text.body
        self.at = _moment(text)
        self.rules = Rules([msgspec.structs.replace(text, parties=tuple(sections))], register)

    def effect(self, recipient: _Kind, cell: _Cell) -> str:
        """The answer for one party of a kind, about an item of another party."""
        party = recipient.parties[0]
        origin = next((code for code in cell.origin.parties if code != party), None)
        if origin is None:
            return "deny"
        question = Question(recipient=party, body=self.body, purposes=(cell.purpose,), holder=origin, valid_at=self.at)
        about = (party,) if "sighting" in cell.types else ()
        traits = Traits(
            type=cell.types[0], threat=cell.threat, origin=origin, purposes=(cell.purpose,), tlp=cell.tlp, to=(party,), about=about
        )
        return decide(question, traits, self.rules).effect


def _cells(old: Agreement, new: Agreement, cast: Sequence[_Kind]) -> Iterator[_Cell]:
    """Every question that the two texts can tell apart."""
    clauses = [*old.clauses, *new.clauses]
    reaches = [covered(clause.types) for clause in clauses]
    looks: dict[tuple[bool, ...], list[str]] = {}
    for type_ in sorted(frozenset().union(*GROUPS.values(), *(reach or () for reach in reaches))):
        look = [reach is None or type_ in reach for reach in reaches]
        looks.setdefault((*look, type_ == "sighting"), []).append(type_)
    threats = dict.fromkeys(word for c in clauses for word in c.threat)
    purposes = [p for p in PURPOSES if any(p in (c.purposes or text.purposes) for text in (old, new) for c in text.clauses)]
    for origin in cast:
        for types in looks.values():
            for threat in ((), *((word,) for word in threats)):
                for purpose in purposes:
                    for tlp in LEVELS:
                        yield _Cell(origin, tuple(types), tlp, threat, purpose)


def _recipients(kinds: Sequence[_Kind]) -> tuple[Group, ...]:
    """The kinds as groups, those of one label together."""
    return tuple(
        Group(label, () if label.startswith("any ") else tuple(code for kind in kinds if kind.label == label for code in kind.parties))
        for label in dict.fromkeys(kind.label for kind in kinds)
    )


def _named(group: Group) -> str:
    """`4 observers (IR, MN, AF and BY)`, `any guest`."""
    if not group.parties:
        return group.label
    codes = listed(group.parties)
    if group.label == "centre":
        return f"the centre ({codes})"
    return f"{len(group.parties)} {group.label if len(group.parties) == 1 else plural(group.label)} ({codes})"
