"""What an origin's objects mean beside what the same origin sent before (STIX 2.1 sections 3.2, 3.5, 3.6). Never anybody else's: an outcome
depends on the sender's own items alone.

    duplicate     the same content under one version, also if it was reviewed here since (G3: the review stays); a derived object that
                  is not newer; an observable under the same handling. Under a stricter handling it takes the place of what was there,
                  which is recalled; nothing is widened this way
    quarantined   other content under one version; another `created`, or another creator, than the earlier versions have; a version
                  later than one that was revoked
    rejected      a marking definition that closes a circle of markings; what others say in an origin's name beside what it signed
    accepted      all else: also versions older than the latest, which are history and never become the current one

No version goes further than a later one: under stricter handling, or for fewer, it takes back earlier ones that did, so that nobody keeps
an earlier version who may not have this one. For their origin they stay.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from comity.forms.markings import PAP_LEVELS, marking_refs
from comity.intake.ready import Ready
from comity.intake.withdraw import remove
from comity.ledger.journal import MAX_OBJECTS, Entry
from comity.store.conditions import read_condition
from comity.store.placing import new_item
from comity.store.protocol import NewItem, Row, Tx
from comity.terms.item import Before, Envelope, Outcome, read_envelope, write_envelope
from comity.terms.stix import version_moment
from comity.terms.tlp import RANK
from comity.terms.traits import Traits
from comity.world import World

#: Told of a version that goes nowhere.
_LESS = "a later version goes less far: this one stays for its origin alone"


def sort_out(world: World, tx: Tx, ready: Sequence[Ready], origin: str) -> tuple[list[Ready], list[Outcome]]:
    """What of a batch is to be stored, and what became of the rest."""
    sorting = _Sorting(world, tx, origin, tx.held(origin, [item.new.id for item in ready]))
    outcomes = []
    for item in ready:
        outcome = sorting.take(item)
        if outcome:
            outcomes.append(outcome)
    return sorting.fresh, outcomes


class _Past:
    """What the earlier versions of an id settle for later ones, added in the order they came; those in quarantine settle nothing."""

    def __init__(self) -> None:
        self.known = False
        self.created = ""
        self.creator: str | None = None
        self.revoked: datetime | None = None

    def add(self, obj: Mapping[str, Any]) -> None:
        if not self.known:
            self.known, self.created, self.creator = True, obj.get("created", ""), obj.get("created_by_ref")
        if obj.get("revoked") is True:
            moment = version_moment(obj.get("modified", ""))
            self.revoked = moment if self.revoked is None else min(self.revoked, moment)


class _Spans:
    """Under which handlings versions of an id are or were in this batch, and of when: so that most need no look at each one."""

    def __init__(self) -> None:
        self._found: dict[tuple[object, ...], tuple[Traits, datetime, datetime]] = {}

    def add(self, traits: Traits, moment: datetime) -> None:
        key = _handling(traits)
        one, first, last = self._found.get(key, (traits, moment, moment))
        self._found[key] = one, min(first, moment), max(last, moment)

    def clash(self, traits: Traits, moment: datetime) -> bool:
        """Whether a version of this handling and moment may go further than a later one, or an earlier one further than it."""
        return any(
            (last > moment and not _stricter(traits, one)) or (first < moment and not _stricter(one, traits))
            for one, first, last in self._found.values()
        )


class _Sorting:
    """One batch, object by object."""

    def __init__(self, world: World, tx: Tx, origin: str, held: dict[str, list[Row]]) -> None:
        self.fresh: list[Ready] = []
        self._world = world
        self._tx = tx
        self._origin = origin
        self._held = held
        self._batch: dict[str, list[Ready]] = {}
        #: By id, as far as they were needed: so that a thousand versions are not read again for each that follows.
        self._pasts: dict[str, _Past] = {}
        self._spans: dict[str, _Spans] = {}

    def take(self, item: Ready) -> Outcome | None:
        """Add an object to the fresh ones, or say why not."""
        id_ = item.new.id
        earlier, before = self._held.get(id_), self._batch.get(id_)
        if item.new.type == "marking-definition" and self._closes_circle(item):
            return item.became("rejected", "a circle of markings: what marks this definition is marked by it (STIX 2.1 section 3.2)")
        if earlier or before:
            beside = self._beside(item, earlier or [], before or [])
            if isinstance(beside, Outcome):
                return beside
            item = beside
        self._batch.setdefault(id_, []).append(item)
        self.fresh.append(item)
        if id_ in self._pasts and not item.held:
            self._pasts[id_].add(item.obj)
        if id_ in self._spans:
            self._spans[id_].add(item.new.traits, version_moment(item.new.version))
        return None

    def _beside(self, item: Ready, earlier: list[Row], before: list[Ready]) -> Ready | Outcome:
        """An object whose id is known: as it is to be stored, or what became of it."""
        new = item.new
        unsigned = self._against_signed(item, earlier)
        if isinstance(unsigned, Outcome):
            return unsigned
        earlier = unsigned
        if item.observable:
            return self._observable(item, earlier, before)
        if item.derived and not _newer(item, [*earlier, *(other.new for other in before)]):
            return self._again(item, [row for row in earlier if row.version == earlier[-1].version])
        # A version says one thing only.
        rows = [row for row in earlier if row.version == new.version or row.sha == new.sha]
        others = [other for other in before if other.new.version == new.version]
        known = [*self._world.store.bodies([row.item for row in rows]).values(), *(other.new.body for other in others)]
        if known and item.obj in map(msgspec.json.decode, known):
            return self._again(item, rows if not others else [])
        if known:
            return item.quarantined("the same id and version was sent before with other content")
        # What Comity derives takes its times from its source, which may correct them.
        after = item if item.derived else self._after(item, earlier, before)
        return self._narrowing(after, earlier, before) if isinstance(after, Ready) else after

    def _against_signed(self, item: Ready, earlier: list[Row]) -> Outcome | list[Row]:
        """Of what comes over links: beside what its origin signed stands nothing under the same id that somebody else says in its name, and
        what it signed takes the place of such. What is left of the earlier ones, or what became of the object.
        """
        came = read_envelope(item.new.envelope).came
        if came is None:
            return earlier
        envelopes = self._world.store.envelopes([row.item for row in earlier])
        ways = [(row, read_envelope(envelopes[row.item]).came) for row in earlier]
        signed = [row for row, how in ways if how is not None and how.proven]
        if not came.proven and signed:
            if any(row.sha == item.new.sha for row in signed):
                return item.became("duplicate")
            return item.became("rejected", f"{self._origin} signed what is here under this id, and not this")
        displaced = [row for row, how in ways if how and came.proven and not how.proven and row.sha != item.new.sha]
        self._recall(displaced)
        return self._left(item.new.id, displaced)

    def _left(self, id_: str, gone: Sequence[Row]) -> list[Row]:
        """The rows under an id without those that went."""
        if gone:
            self._held[id_] = [row for row in self._held.get(id_, []) if row not in gone]
            self._pasts.pop(id_, None)
        return self._held.get(id_, [])

    def _narrowing(self, item: Ready, earlier: list[Row], before: list[Ready]) -> Ready:
        """A version beside others: none goes further than a later one. What did is recalled, and stays for its origin alone."""
        traits, moment = item.new.traits, version_moment(item.new.version)
        if item.held or not self._known_spans(item.new.id, earlier, before).clash(traits, moment):
            return item
        stored = [(row, self._traits(row)) for row in earlier]
        others = [(version_moment(row.version), facts) for row, facts in stored]
        others += [(version_moment(each.new.version), each.new.traits) for each in before]
        if any(at > moment and facts.gate == "open" and not _stricter(traits, facts) for at, facts in others):
            return item.kept_back(_LESS)
        for each in before:
            if version_moment(each.new.version) < moment and not each.held and not _stricter(each.new.traits, traits):
                for kept in (self.fresh, self._batch[item.new.id]):
                    kept[next(at for at, one in enumerate(kept) if one is each)] = each.kept_back(_LESS)
        wider = [row for row, facts in stored if version_moment(row.version) < moment and _goes(facts) and not _stricter(facts, traits)]
        if not wider:
            return item
        self._left(item.new.id, wider)
        self.fresh += self._for_origin(wider)
        self._recall(wider)
        note = "; ".join(filter(None, (item.note, "earlier versions went further, and are recalled")))
        return msgspec.structs.replace(item, note=note)

    def _known_spans(self, id_: str, earlier: list[Row], before: list[Ready]) -> _Spans:
        spans = self._spans.get(id_)
        if spans is None:
            spans = self._spans[id_] = _Spans()
            facts = {base: self._traits(row) for base, row in {row.base: row for row in earlier}.items()}
            for row in earlier:
                spans.add(facts[row.base], version_moment(row.version))
            for each in before:
                spans.add(each.new.traits, version_moment(each.new.version))
        return spans

    def _for_origin(self, rows: Sequence[Row]) -> list[Ready]:
        """Its origin's own items that are about to be recalled, as they stay for it alone; nobody is told of an outcome for them."""
        items = [row.item for row in rows]
        bodies, envelopes = self._world.store.bodies(items), self._world.store.envelopes(items)
        said = [(bodies[item], read_envelope(envelopes[item])) for item in items]
        own = [(raw, _taken_back(each)) for raw, each in said if each.received_from is None and each.made_of is None]
        return [Ready(new=new_item(raw, msgspec.json.decode(raw), each, write_envelope(each)), position="") for raw, each in own]

    def _recall(self, rows: Sequence[Row]) -> None:
        entry = Entry(kind="withdraw", at=self._world.clock(), party=self._origin, actor="stricter handling", detail={"cause": "narrowed"})
        for start in range(0, len(rows), MAX_OBJECTS):
            remove(self._world, self._tx, rows[start : start + MAX_OBJECTS], entry)

    def _again(self, item: Ready, rows: Sequence[Row]) -> Ready | Outcome:
        """An object that is here already, as these items. Stricter handling of the same content holds from now on."""
        had = [self._traits(row) for row in rows]
        released = [(row, each) for row, each in zip(rows, had, strict=True) if each.gate != "quarantine"]
        if item.personal and item.person != "victim" and released:
            # People released it, or its origin has said whose it is. Said again without either, that stays; a stricter handling holds.
            if any(_handling(each) == _handling(msgspec.structs.replace(item.new.traits, gate=each.gate)) for _, each in released):
                return item.became("duplicate")
            item = self._as_left(item, released[0][0])
        if not had or any(_handling(each) == _handling(item.new.traits) for each in had):
            return item.became("duplicate")
        if not all(_stricter(item.new.traits, each) for each in had):
            return item.became("duplicate", "it is here under another handling: withdraw it first to share it more widely")
        self._recall(rows)
        note = "; ".join(filter(None, (item.note, "it takes the place of the same under wider handling, which is recalled")))
        return msgspec.structs.replace(item, note=note)

    def _as_left(self, item: Ready, row: Row) -> Ready:
        """An object that waits for the persons in it, under its own handling, but with what was settled of them as this item.

        What is to be sealed, or came so, waits anew: it is sealed when people release it.
        """
        left, said = read_envelope(self._world.store.envelopes([row.item])[row.item]), read_envelope(item.new.envelope)
        seals = self._origin == self._world.settings.party and said.tlp in self._world.settings.sealing.levels
        if seals or said.sealed or left.sealed or said.made_of is not None:
            return item
        envelope = msgspec.structs.replace(
            said, gate=left.gate, person=left.person, category=left.category, basis=left.basis,
            expires=min((each for each in (left.expires, said.expires) if each), default=None),
        )  # fmt: skip
        new = new_item(item.new.body, item.obj, envelope, write_envelope(envelope))
        new = new._replace(traits=msgspec.structs.replace(new.traits, about=item.new.traits.about), refs=item.new.refs)
        return msgspec.structs.replace(item, new=new, held="", personal=False)

    def _traits(self, row: Row) -> Traits:
        return read_condition(self._tx.trait_body(row.base)).base

    def _observable(self, item: Ready, earlier: list[Row], before: list[Ready]) -> Ready | Outcome:
        """An observable has no version and may say more each time. Its handling comes with what contains it, so the same one under another
        handling is a claim of its own beside the first (ADR 6)."""
        alike = {item.new.traits}
        if item.personal and item.person != "victim":
            alike |= {msgspec.structs.replace(item.new.traits, gate="open")}
        rows = {row.item: row for row in earlier if msgspec.structs.replace(self._traits(row), approvals=()) in alike}
        others = [other for other in before if other.new.traits == item.new.traits]
        known = [*self._world.store.bodies(list(rows)).values(), *(other.new.body for other in others)]
        if known and (item.derived or item.obj in map(msgspec.json.decode, known)):
            return item.became("duplicate", version=next((row.version for row in rows.values()), None))
        return item

    def _after(self, item: Ready, earlier: list[Row], before: list[Ready]) -> Ready | Outcome:
        """Another version of a known object."""
        past, obj = self._past(item.new.id, earlier, before), item.obj
        if not past.known:
            return item
        if past.revoked and version_moment(item.new.version) > past.revoked:
            return item.quarantined("an earlier version revoked it, and nothing follows a revocation (STIX 2.1 section 3.6)")
        if version_moment(obj.get("created", "")) != version_moment(past.created):
            return item.quarantined(f"its earlier versions were created {past.created}, which never changes (STIX 2.1 section 3.6)")
        if obj.get("created_by_ref") != past.creator:
            creator = past.creator or "nobody named"
            return item.quarantined(f"its earlier versions are by {creator}, and only the creator may version it (STIX 2.1 section 3.6)")
        return item

    def _past(self, id_: str, earlier: list[Row], before: list[Ready]) -> _Past:
        past = self._pasts.get(id_)
        if past is None:
            past = self._pasts[id_] = _Past()
            for obj in (*map(msgspec.json.decode, self._open(earlier)), *(other.obj for other in before if not other.held)):
                past.add(obj)
        return past

    def _open(self, rows: Sequence[Row]) -> list[bytes]:
        """The bytes of those that are not in quarantine, in the order they came."""
        items = sorted(row.item for row in rows)
        envelopes, bodies = self._world.store.envelopes(items), self._world.store.bodies(items)
        return [bodies[item] for item in items if read_envelope(envelopes[item]).gate != "quarantine"]

    def _closes_circle(self, item: Ready) -> bool:
        """Whether a marking definition is marked, directly or over others that this origin sent, by itself."""
        frontier = marking_refs(item.obj)
        seen: set[str] = set()
        while frontier:
            if item.new.id in frontier:
                return True
            seen.update(frontier)
            rows = [row for found in self._tx.held(self._origin, frontier).values() for row in found]
            bodies = [*self._world.store.bodies([row.item for row in rows]).values()]
            bodies += [other.new.body for id_ in frontier for other in self._batch.get(id_, ())]
            frontier = list({ref for body in bodies for ref in marking_refs(msgspec.json.decode(body))} - seen)
        return False


def _goes(traits: Traits) -> bool:
    """Whether an item may go to anybody."""
    return traits.gate == "open" and traits.to != ()


def _handling(traits: Traits) -> tuple[object, ...]:
    return traits.tlp, traits.pap, traits.to, traits.purposes, traits.handling, traits.gate


def _stricter(new: Traits, old: Traits) -> bool:
    """Whether a handling permits nobody and nothing that another does not."""
    paps = [PAP_LEVELS.index(pap) if pap else -1 for pap in (new.pap, old.pap)]
    return (
        RANK[new.tlp] >= RANK[old.tlp]
        and paps[0] >= paps[1]
        and (old.to is None or (new.to is not None and set(new.to) <= set(old.to)))
        and set(new.purposes) <= set(old.purposes)
        and set(new.handling) >= set(old.handling)
        and (new.gate != "open" or old.gate == "open")
    )


def _newer(item: Ready, known: Sequence[Row | NewItem]) -> bool:
    """Whether a derived object is dated by its source, later than every version that is known."""
    return item.dated and all(version_moment(item.new.version) > version_moment(other.version) for other in known)


def _taken_back(envelope: Envelope) -> Envelope:
    return msgspec.structs.replace(envelope, to=(), before=envelope.before or Before(to=envelope.to))
