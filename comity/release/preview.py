"""Who would receive what: items of a scratch world by party, each answer from the very decisions that pages are made of.

Nothing leaves and nothing is recorded; the world is one that nobody else sees. What the answers mean for the sender (TLP, nobody
reached, what a changed clause does) is in `release.preview_findings`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from comity.agree.decide import Decision
from comity.agree.explain import as_json
from comity.agree.question import BUILT_IN, EFFECTS
from comity.agree.wording import day
from comity.clock import micros
from comity.release.desk import Desk
from comity.release.explain import judge
from comity.release.sight import Reader
from comity.store.protocol import Row
from comity.terms.observable import defang
from comity.terms.values import observables
from comity.world import World

_ID = re.compile(r"[a-z0-9-]+--[0-9a-f-]{36}")


class Party(msgspec.Struct, frozen=True, kw_only=True):
    """One column: a party as the register and the agreements have it. `standing` is empty for a centre.

    A `generic` party is made up: it stands for any that had this standing, where nobody has it. `bodies` are those it belongs to.
    """

    party: str
    label: str
    standing: str
    role: str = "party"
    generic: bool = False
    submits: bool = False
    bodies: tuple[str, ...] = ()


def entered(world: World, ids: Iterable[str]) -> dict[tuple[str, str], Row]:
    """The items of these ids in the scratch world, by id and version."""
    return {(row.id, row.version): row for row in world.store.by_id(list(ids))}


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """A stored item and where it came from; `marked` is False where it took its TLP from the default."""

    row: Row
    file: str
    position: str
    marked: bool = True


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """One decision in short: its deciding reason; of a deny also the first failed fact.

    Of several clauses that were tried in vain, one that is about this recipient is named before one that is about others.
    """

    effect: str
    rule: str
    agreement: str
    version: int
    clause: str
    text: str
    fact: str = ""
    expected: str = ""
    actual: str = ""

    @property
    def built_in(self) -> bool:
        """Whether a numbered step answered, not a clause."""
        return self.agreement == BUILT_IN

    def as_json(self) -> dict[str, Any]:
        """For tools; a permit has no failed fact."""
        said = {"effect": self.effect, "rule": self.rule, "agreement": self.agreement, "clause": self.clause, "text": self.text}
        return said if self.effect != "deny" else said | {"fact": self.fact, "expected": self.expected, "actual": self.actual}


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One row: what it is, as marked, and the answer for every party. `kind` and `value` say its first observable, if it has one."""

    id: str
    type: str
    version: str
    name: str
    kind: str
    value: str
    tlp: str
    to: tuple[str, ...] | None
    marked: bool
    file: str
    position: str
    answers: dict[str, Answer]

    @property
    def label(self) -> str:
        """The value, else the name, else the id; as received, not defanged."""
        return self.value or self.name or self.id

    def reached(self, parties: Sequence[Party]) -> list[Party]:
        """Those besides the sender that would receive it, whole or redacted."""
        return [each for each in parties if not each.submits and self.answers[each.party].effect in ("permit", "redact")]


def look(desk: Desk, subjects: Iterable[Subject], parties: Sequence[Party], purposes: tuple[str, ...], on: datetime) -> list[Item]:
    """Every item with every party's answer, as of a moment."""
    columns = {each.party: _Column(desk, each, purposes, on) for each in parties}
    found = list(subjects)
    bodies = desk.world.store.bodies([subject.row.item for subject in found])
    objects = {item: msgspec.json.decode(body) for item, body in bodies.items()}
    named = {subject.row.id: _label(objects[subject.row.item]) for subject in found}
    named |= {subject.row.id: link for subject in found if (link := _link(objects[subject.row.item], named))}
    return [_item(subject, objects[subject.row.item], columns, named) for subject in found]


def _item(subject: Subject, obj: Mapping[str, Any], columns: dict[str, _Column], named: Mapping[str, str]) -> Item:
    row, values = subject.row, observables(obj)
    traits = next(iter(columns.values())).sights[0].traits(row.base)
    return Item(
        id=row.id,
        type=row.type,
        version=row.version,
        name=_link(obj, named) or _name(obj),
        kind=values[0][0] if values else "",
        value=values[0][1] if values else "",
        tlp=traits.tlp,
        to=traits.to,
        marked=subject.marked,
        file=subject.file,
        position=subject.position,
        answers={party: column.answer(row, named) for party, column in columns.items()},
    )


def _label(obj: Mapping[str, Any]) -> str:
    values = observables(obj)
    return defang(values[0][1]) if values else _name(obj) or str(obj["id"])


def _name(obj: Mapping[str, Any]) -> str:
    """What an object calls itself: the first of the properties that STIX types use for it."""
    return next((str(obj[key]) for key in ("name", "value", "key", "subject", "number", "pattern", "x_misp_value") if obj.get(key)), "")


def _link(obj: Mapping[str, Any], named: Mapping[str, str]) -> str:
    """What a relationship or sighting says, in words: they have no names of their own. Values are defanged."""
    source, target, of = (obj.get(key) for key in ("source_ref", "target_ref", "sighting_of_ref"))
    if isinstance(source, str) and isinstance(target, str):
        return f"{named.get(source, source)} {obj.get('relationship_type', 'related-to')} {named.get(target, target)}"
    return f"sighting of {named.get(of, of)}" if isinstance(of, str) else ""


class _Column:
    """One party's sights, one per body it belongs to: what any of them permits it may have, as through a node's several roots."""

    def __init__(self, desk: Desk, party: Party, purposes: tuple[str, ...], on: datetime) -> None:
        self._desk, self._at = desk, micros(on)
        self.sights = [desk.sight(Reader(party=party.party, body=body, purposes=purposes), on) for body in party.bodies]
        self._known: dict[tuple[int, int, bool], Answer] = {}

    def answer(self, row: Row, named: Mapping[str, str]) -> Answer:
        """The answer for an item. Items of equal facts are asked about once, unless what they name differs."""
        key = (row.base, row.traits, row.expires is not None and row.expires <= self._at)
        known = self._known.get(key)
        if known is None:
            known = self._ask(row, named)
            if known.rule != "references":
                self._known[key] = known
        return known

    def _ask(self, row: Row, named: Mapping[str, str]) -> Answer:
        found = [judge(self._desk, sight, row, self._at) for sight in self.sights]
        answer = _answer(next((decision for decision in found if decision.permits), found[0]))
        if answer.rule != "references":
            return answer
        return msgspec.structs.replace(answer, actual=_ID.sub(lambda id_: named.get(id_[0], f"{id_[0]} (not in the files)"), answer.actual))


def _answer(decision: Decision) -> Answer:
    reasons = decision.reasons
    about_it = (at for at, reason in enumerate(reasons) if not any(fact.fact.startswith("recipient ") for fact in reason.facts))
    at = next(about_it, 0)
    said = as_json(decision)["reasons"][at]
    return Answer(
        effect=decision.effect,
        rule=decision.rule,
        agreement=said["agreement"],
        version=reasons[at].version,
        clause=said["clause"],
        text=said["text"],
        fact=said.get("fact", ""),
        expected=said.get("expected", ""),
        actual=said.get("actual", ""),
    )


def summary(items: Sequence[Item], parties: Sequence[Party]) -> dict[str, dict[str, int]]:
    """Party -> how many items are permitted, redacted, to be approved and denied to it."""
    counts = {each.party: dict.fromkeys(EFFECTS, 0) for each in parties}
    for item in items:
        for party, tally in counts.items():
            tally[item.answers[party].effect] += 1
    return counts


def in_force(desk: Desk, submitter: Party, on: datetime) -> list[str]:
    """What keeps whole agreements from having effect: not in force at the moment, or not for the sender. In words; mostly empty."""
    _, rules = desk.world.rulebook.current()
    said = []
    for agreement in rules.agreements:
        facts = agreement.facts(submitter.party, submitter.party, rules.register, on)
        if not facts[0].holds:
            said.append(f"{agreement.ref} is not in force on {day(on)[:10]} ({facts[0].expected}): it permits nothing")
        elif not facts[1].holds:
            said.append(f"{submitter.party} is not bound by {agreement.ref} on {day(on)[:10]} ({facts[1].actual}): it sends nothing by it")
    return said
