"""Every item against everything that is kept about it: its bytes say what all the rest has to be.

From bytes and envelope follow the row's columns, the facts it is decided by, what it names and the values it is found by. Stamps, item
numbers and numbers within a home row grow together. What the log says of it is compared by the caller: `Items.entered`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import msgspec

from comity.admin.copy_check import copy_problems
from comity.clock import micros, stamp
from comity.forms.markings import marking_refs
from comity.retention import Retention
from comity.rulebook import GOVERNED, requests
from comity.store.conditions import NOTHING, Condition, read_condition
from comity.store.placing import value_hash, words_of
from comity.store.protocol import Row
from comity.terms.item import Envelope, item_hash, read_envelope
from comity.terms.stix import OWN_TYPES, references, spec_version, version
from comity.terms.traits import RETURNED, base_traits
from comity.terms.values import observables
from comity.world import World

_CHUNK = 500


class Conditions:
    """The store's trait rows that can be read."""

    def __init__(self, world: World) -> None:
        self._store = world.store
        self._last = 0
        self.rows: dict[int, Condition] = {}

    def read(self) -> Iterator[str]:
        """Read the rows that are new; those that cannot be read, or that name others that are not there, are problems."""
        for number, body in self._store.trait_rows(self._last):
            self._last = number
            try:
                condition = self.rows[number] = read_condition(body)
            except (msgspec.MsgspecError, UnicodeDecodeError, TypeError) as error:
                yield f"trait row {number} cannot be read: {error}"
                continue
            needs = condition.needs
            groups = {*needs.groups, *(each for group in needs.web for part in group for each in part.needs)}
            facts = (self.rows.get(part.row) for group in needs.web for part in group)
            if not groups <= set(range(len(needs.web))) or any(each is None or each.needs != NOTHING for each in facts):
                yield f"trait row {number} asks for what is not there"


class Items:
    """One walk over all items, the latest first.

    `entered`: leaf index -> the hashes that the log has to have for its items, with repeats.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._store = world.store
        self._conditions = Conditions(world)
        self._retention: Retention | None = None
        self._numbered: dict[int, int] = {}
        self._later: Row | None = None
        self._homes: dict[int, int] = {}
        self._governed = self._moved = 0
        self._approvals: dict[int, tuple[str, ...]] = {}
        self.entered: dict[int, list[bytes]] = {}

    def problems(self) -> Iterator[str]:
        """What does not fit, one line each."""
        first: Row | None = None
        before: int | None = None
        while rows := self._store.recent(_CHUNK, before):
            first = first or rows[0]
            before = rows[-1].added
            yield from self._chunk(rows)
        for name, least in (
            ("added", first.added if first else 0),
            ("items", first.item if first else 0),
            (GOVERNED, self._governed),
            ("moves", self._moved),
        ):
            if self._store.counter(name) < least:
                yield f"counter {name!r}: it is {self._store.counter(name)}, less than the {least} that the items show"

    def _chunk(self, rows: list[Row]) -> Iterator[str]:
        numbers = [row.item for row in rows]
        named, values, words = self._store.links(numbers), self._store.values(numbers), self._store.words(numbers)
        envelopes = self._store.envelopes(numbers)
        # Bytes last: an item whose bytes are there was there all the while.
        bodies = self._store.bodies(numbers)
        yield from self._conditions.read()
        self._approvals = self._asked()
        if any(type(row.ordinal) is int and row.ordinal > self._numbered.get(row.home, 0) for row in rows):
            self._numbered = self._store.numbered()
        for row in rows:
            if row.item not in bodies:  # deleted meanwhile
                continue
            try:
                found = [*self._place(row), *self._says(row, bodies[row.item], envelopes[row.item], bool(named.get(row.item)))]
                found += self._leads(row, bodies[row.item], named.get(row.item, ()), values.get(row.item, []))
                found += self._found_by(row, bodies[row.item], envelopes[row.item], words.get(row.item, ()))
            except Exception as error:  # whatever damage makes the check itself stumble is to be named, not to end it
                found = [f"it cannot be checked: {error!r}"]
            yield from (f"item {row.item} ({row.id}): {problem}" for problem in found)

    def _asked(self) -> dict[int, tuple[str, ...]]:
        """item -> the requests for approval that are about it, by id."""
        found: dict[int, tuple[str, ...]] = {}
        for request in requests(self._store):
            for item in request.items:
                found[item] = (*found.get(item, ()), request.approval.id)
        return found

    def _place(self, row: Row) -> Iterator[str]:
        """Where it stands among the others."""
        if any(type(number) is not int for number in (row.item, row.added, row.home, row.ordinal, row.base, row.traits, row.leaf)):
            yield "its row has something else where a number belongs"
            return
        later, self._later = self._later, row
        if later is not None and not (row.added < later.added and row.item < later.item):
            yield f"its number and its stamp are not both less than those of item {later.item}"
        number = self._homes.get(row.home, self._numbered.get(row.home, 0) + 1)
        if not 0 < row.ordinal < number:
            yield f"its number in row {row.home} is {row.ordinal}, which is not before {number}"
        self._homes[row.home] = row.ordinal
        self._governed += row.type in OWN_TYPES
        self._moved += row.home != row.traits

    def _says(self, row: Row, body: bytes, raw: bytes, names: bool) -> Iterator[str]:
        """What its bytes and its envelope say, and so the log, its row and its facts have to."""
        if hashlib.sha256(body).digest() != row.sha:
            yield "its bytes do not match their hash"
            return
        if type(row.leaf) is int:
            self.entered.setdefault(row.leaf, []).append(item_hash(row.sha, raw))
        try:
            obj, envelope = msgspec.json.decode(body, type=dict[str, Any]), msgspec.json.decode(raw, type=Envelope)
            facts = base_traits(obj, envelope)
            expires = None if envelope.expires is None else micros(envelope.expires)
            said = (envelope.origin, obj["id"], obj["type"], version(obj) or stamp(row.added), spec_version(obj))
        except (msgspec.MsgspecError, KeyError, AttributeError, TypeError, UnicodeDecodeError) as error:
            yield f"its bytes or envelope cannot be read: {error}"
            return
        lasts = row.expires == expires or self._lapsed(row, expires, envelope)
        if (row.origin, row.id, row.type, row.version, row.spec) != said or not lasts:
            yield "its row does not say what its bytes and envelope say"
        base, home, whole = (self._conditions.rows.get(number) for number in (row.base, row.home, row.traits))
        if base is None or home is None or whole is None:
            yield "one of its trait rows is not there"
            return
        # Whom a sighting or opinion goes back to was settled when it entered, and follows from no bytes; approval is asked for afterwards.
        entered = msgspec.structs.replace(base.base, approvals=())
        own = msgspec.structs.replace(entered, about=()) if row.type in RETURNED else entered
        if envelope.profile is not None:
            yield from copy_problems(self._world, row, body, envelope, base.base)
            # A copy is decided by what its original says of threats, though it may leave that out.
            own = msgspec.structs.replace(own, threat=facts.threat)
        if own != facts or base.needs != NOTHING or home.base != entered or whole.base != base.base:
            yield "its trait row does not say what its bytes and envelope say"
        if envelope.profile is None and not self._as_asked(row):
            yield "the requests for approval that it names are not those on record about it"
        if {home.needs != NOTHING, whole.needs != NOTHING} != {names}:
            yield "its trait row asks for other objects though it names none, or for none though it names some"

    def _lapsed(self, row: Row, said: int | None, envelope: Envelope) -> bool:
        """Whether a date that has come stands in an item's row, in place of what its origin said: its own, or of what it was made of."""
        if row.expires is None or (said is not None and said <= row.expires):
            return False
        self._retention = self._retention or Retention(self._world)
        due = self._retention.due(row._replace(expires=said))
        if due is not None and micros(due.at) <= row.expires <= micros(self._world.clock()):
            return True
        of = self._store.rows([envelope.made_of]).get(envelope.made_of) if envelope.made_of is not None else None
        return of is not None and of.expires == row.expires

    def _as_asked(self, row: Row) -> bool:
        """Whether it names the requests on record about it. A request that is made meanwhile changes both at once."""
        while self._conditions.rows[row.base].base.approvals != self._approvals.get(row.item, ()):
            now = self._store.rows([row.item]).get(row.item)
            if now is None or now.base == row.base:
                return now is None
            row, self._approvals = now, self._asked()
            list(self._conditions.read())
        return True

    def _found_by(self, row: Row, body: bytes, raw: bytes, words: tuple[str, ...]) -> Iterator[str]:
        """What words it is found by. Rules are found by none that were entered here."""
        try:
            said = words_of(msgspec.json.decode(body), read_envelope(raw))
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return  # said already
        if row.type not in OWN_TYPES and set(words) != set(said):
            yield "the words it is found by are not those of its bytes"

    def _leads(self, row: Row, body: bytes, named: tuple[str, ...], values: list[tuple[str, int]]) -> Iterator[str]:
        """What it is found by."""
        try:
            obj = msgspec.json.decode(body, type=dict[str, Any])
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return  # said already
        said = references(obj)
        # Besides, markings that nobody had defined when it came.
        if named[: len(said)] != said or not set(named[len(said) :]) <= set(marking_refs(obj)):
            yield "what it names is not what is kept of it"
        if sorted(values) != sorted((kind, value_hash(kind, value)) for kind, value in observables(obj)):
            yield "the values that it is found by are not those in it"
