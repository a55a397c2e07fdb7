"""Why a party sees an item, or why not; and who sees it. For the item's origin and the node's auditor (model.md, How it is recorded).

The answers come from the very decisions that pages are made of: `Sight.decision` for the item's own facts, `Sight.sees` for what it names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from comity.agree.decide import BUILT_IN, Decision, Fact, Reason, Rules
from comity.agree.explain import as_json, sentences, would_change
from comity.agree.redact import fields, redacted
from comity.clock import micros, stamp
from comity.errors import NotFound, SenderFault
from comity.release.desk import Desk
from comity.release.past import past
from comity.release.purpose import refusals
from comity.release.sight import Reader, Sight
from comity.store.copied import copies_of, envelopes, originals
from comity.store.placing import value_hash
from comity.store.protocol import Row
from comity.terms.item import Envelope
from comity.terms.observable import guess
from comity.terms.stix import references, version_moment
from comity.terms.traits import Traits
from comity.wire import Disclosed, Refusal

#: How many ids are named where one is asked for.
_SHOWN = 10


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """The decision about one party and the claim it is about (of several, one that is permitted; else the latest).

    `copy` is the redacted copy of it that the party receives, once there is one; `derived_from` what the claim is itself a copy of.
    """

    party: str
    row: Row
    decision: Decision
    sight: Sight
    fields: dict[str, str]
    disclosed: tuple[Disclosed, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    copy: Row | None = None
    derived_from: Row | None = None

    def as_json(self) -> dict[str, Any]:
        """What `comity why` prints."""
        said = as_json(self.decision)
        head = {"id": self.row.id, "version": self.row.version, "origin": self.row.origin, "party": self.party}
        question = self.sight.question
        known = question.known_at.isoformat() if question.known_at else None
        asked = {"purposes": list(question.purposes), "on": question.valid_at.isoformat(), "known": known}
        copies = {"copy": self.copy and self.copy.id, "derived_from": self.derived_from and self.derived_from.id}
        past = {name: [msgspec.to_builtins(each) for each in getattr(self, name)] for name in ("disclosed", "refusals")}
        return {**head, **said, "fields": self.fields, **copies, **past, **asked}

    def sentences(self) -> list[str]:
        """The same in words."""
        said = sentences(self.decision, self.sight.question, self.sight.traits(self.row.base))
        if self.copy:
            said.append(f"The copy is {self.copy.id}.")
        if self.derived_from:
            said.append(f"{self.row.id} is a redacted copy of {self.derived_from.id}.")
        return said

    def would_change(self) -> list[str]:
        """What would make a deny a permit."""
        return would_change(self.decision)


class Moments(msgspec.Struct, frozen=True, kw_only=True):
    """As of when a question is asked (None: now), and with the rules as they were known when (None: now)."""

    on: datetime | None = None
    known: datetime | None = None


NOW = Moments()


class Supposed(msgspec.Struct, frozen=True, kw_only=True):
    """What a question takes to be so that is not: the object's own marking, the rules held (None: as they are); with `before` that no
    stricter version took it back.
    """

    tlp: str | None = None
    rules: Rules | None = None
    before: bool = False

    def facts(self, own: Traits, said: Envelope) -> Traits | None:
        """The facts of an item as they are supposed; None: its own."""
        other = own if self.tlp is None else msgspec.structs.replace(own, tlp=self.tlp)
        other = msgspec.structs.replace(other, to=said.before.to) if self.before and said.before else other
        return None if other is own else other


NOTHING = Supposed()


def why(desk: Desk, id_: str, reader: Reader, when: Moments = NOW, version: str | None = None) -> Verdict:
    """The decision about one party, with its past disclosures. Raises NotFound when this node holds no such object."""
    (found,) = recorded(desk, verdicts(desk, claims(desk, id_, version), [reader], when))
    return found


def named(desk: Desk, text: str) -> tuple[str, str | None]:
    """(id, version or None) of the object that a person means by ID, ID@VERSION or an observable value, defanged or not.

    Raises NotFound, or SenderFault when several objects carry the value.
    """
    text = text.strip()
    id_, _, version = text.partition("@")
    if desk.world.store.by_id([id_]):
        return id_, version or None
    value = guess(text)
    carrying = desk.world.store.by_value([value_hash(*value)]) if value else []
    made = originals(desk.world.store, [row.item for row in carrying])
    found = sorted({row.id for row in carrying if row.item not in made})
    if not found:
        raise NotFound(f"this node holds no {text}")
    if len(found) > 1:
        shown = ", ".join(found[:_SHOWN]) + (f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else "")
        raise SenderFault(f"{len(found)} objects carry {text}: {shown}", next="name one of them by its id")
    return found[0], None


def claims(desk: Desk, id_: str, version: str | None = None) -> list[Row]:
    """The latest version of each party's copy of an object (or its copies of one version). Raises NotFound if there is none."""
    rows = desk.world.store.by_id([id_])
    if version is not None:
        rows = [row for row in rows if version_moment(row.version) == version_moment(version)]
    latest: dict[str, Row] = {}
    for row in rows:
        other = latest.get(row.origin)
        if other is None or version_moment(other.version) <= version_moment(row.version):
            latest[row.origin] = row
    if not latest:
        raise NotFound(f"this node holds no {id_}")
    return list(latest.values())


def audience(desk: Desk, id_: str, body: str, purposes: tuple[str, ...], when: Moments = NOW) -> list[Verdict]:
    """A verdict for every party that the register or an agreement names, in order of their codes, with its past disclosures."""
    readers = [Reader(party=party, body=body, purposes=purposes) for party in parties(desk, body)]
    return recorded(desk, verdicts(desk, claims(desk, id_), readers, when))


def parties(desk: Desk, body: str) -> list[str]:
    """Every party that the register or an agreement of the body names, or the register of a body that a protocol joins to it."""
    _, rules = desk.world.rulebook.current()
    ours = [agreement for agreement in rules.agreements if body in agreement.spans]
    named = {signatory.party for agreement in ours for signatory in agreement.parties}
    joined = {body, *(each for agreement in ours for each in agreement.bodies)}
    return sorted(named.union(*(rules.register.parties(each) for each in joined)))


def verdicts(
    desk: Desk, rows: Sequence[Row], readers: Iterable[Reader], when: Moments = NOW, *, alone: bool = False, supposed: Supposed = NOTHING
) -> list[Verdict]:
    """The decision about each reader on some claims of an object: one that is permitted, else the last."""
    objects = {row.item: msgspec.json.decode(body(desk, row)) for row in rows}
    store, found = desk.world.store, []
    made = copies_of(store, rows)
    said = envelopes(store, [row.item for row in (*rows, *made)])
    copies = {(said[row.item].made_of, said[row.item].profile): row for row in made}
    made_of = originals(store, [row.item for row in rows])
    for reader in readers:
        sight, at = desk.sight(reader, when.on, when.known, supposed.rules), micros(when.on or desk.world.clock())
        facts = {row.item: supposed.facts(sight.traits(row.base), said[row.item]) for row in rows}
        decisions = [(row, judge(desk, sight, row, at, alone=alone, supposed=facts[row.item])) for row in rows]
        row, decision = next((each for each in decisions if each[1].permits), decisions[-1])
        told = fields(objects[row.item], decision.effect, decision.profile)
        key = decision.profile.key if decision.effect == "redact" and decision.profile else None
        found.append(
            Verdict(
                party=reader.party, row=row, decision=decision, sight=sight, fields=told,
                copy=copies.get((row.item, key)), derived_from=made_of.get(row.item),
            )
        )  # fmt: skip
    return found


def recorded(desk: Desk, found: Sequence[Verdict], since: int = 0) -> list[Verdict]:
    """The same with the past disclosures and refusals of the object versions that they are about: for the node's own people.

    Disclosures by log entries before `since` are left out.
    """
    store = desk.world.store
    rows = {each.row.item: each.row for each in found}
    logs = {
        item: past(desk, [each.sha for each in (row, *copies_of(store, [row]))], max(since, row.leaf), row.base)
        for item, row in rows.items()
    }
    return [
        msgspec.structs.replace(
            each, disclosed=tuple(logs[each.row.item].get(each.party, ())), refusals=refusals(desk.world, each.row, each.party)
        )
        for each in found
    ]


def judge(desk: Desk, sight: Sight, row: Row, at: int, *, alone: bool = False, supposed: Traits | None = None) -> Decision:
    """The decision on one stored item at a moment (microseconds): its own facts, then its expiry, then (unless `alone`) what it names.

    With `supposed` as if these were its facts.
    """
    decision = sight.decision(row.base, supposed)
    if decision.effect in ("permit", "redact") and row.expires is not None and row.expires <= at:
        return _built_in("expired", "Everything expires.", Fact(fact="expiry", expected="later", actual=stamp(row.expires), holds=False))
    if decision.effect == "redact":
        return _judge_copy(desk, sight, row, decision, alone=alone)
    if not decision.permits or alone or sight.direct(row.traits) or sight.sees_named(row.traits):
        return decision
    return _hidden_behind(desk, sight, msgspec.json.decode(body(desk, row))) or _references("what these name in turn")


def _judge_copy(desk: Desk, sight: Sight, row: Row, decision: Decision, *, alone: bool) -> Decision:
    """A decision for a redacted copy, once it is known whether there can be one and what it names."""
    left = redacted(msgspec.json.decode(body(desk, row)), decision.profile) if decision.profile else None
    if left is None:
        text = "What is left under the profile is no valid STIX object."
        return _built_in("copy", text, Fact(fact="redacted copy", expected="a valid STIX object", actual="none", holds=False))
    return decision if alone else _hidden_behind(desk, sight, left) or decision


def _hidden_behind(desk: Desk, sight: Sight, obj: Mapping[str, Any]) -> Decision | None:
    """The refusal of an object that names others which are not visible; None if it names none such."""
    hidden = [ref for ref in references(obj) if not any(sight.sees(other.traits) for other in desk.world.store.by_id([ref]))]
    return _references(", ".join(hidden)) if hidden else None


def _references(hidden: str) -> Decision:
    text = "An object that names others is shown only to a party that may see those too."
    return _built_in(
        "references", text, Fact(fact="named objects", expected="all visible", actual=f"hidden or absent: {hidden}", holds=False)
    )


def _built_in(rule: str, text: str, fact: Fact) -> Decision:
    reason = Reason(agreement=BUILT_IN, clause=rule, text=text, effect="forbid", facts=(fact,))
    return Decision(effect="deny", rule=rule, reasons=(reason,))


def held(desk: Desk) -> list[Row]:
    """Every item this node holds, newest first: for its auditor's counts, not for reading."""
    found: list[Row] = []
    before: int | None = None
    while rows := desk.world.store.recent(1_000, before):
        found.extend(rows)
        before = rows[-1].added
    return found


def body(desk: Desk, row: Row) -> bytes:
    """An item's received bytes, for its node's auditor."""
    return desk.world.store.bodies([row.item])[row.item]
