"""What the rest of a submission says about an object's handling: markings that are defined after their use, and for observables without
a marking of their own, what contains them.

An observable's id is shared between all producers and it has no version (STIX 2.1 section 2.9), so nothing that one party marks may speak
for another's copy, nor one submission for another. Within one, it takes the strictest level of the objects that name it: `observed-data`,
reports and groupings, ends of relationships, other observables; and of the sightings of an `observed-data` that names it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import reduce
from itertools import chain
from types import TracebackType

import msgspec

from comity.forms.markings import PAP_LEVELS, Markings, strictest_pap
from comity.intake.ready import Ready, Waiting
from comity.terms.stix import META_TYPES, SRO_TYPES, THREAT_TYPES
from comity.terms.tlp import LEVELS, RANK, strictest
from comity.world import World

#: Observables pass levels on to those they name this many times; after that all of the submission take its strictest.
ROUNDS = 16
#: Types whose own marking counts and whose references are to be left out here.
_VERSIONED = THREAT_TYPES | SRO_TYPES | META_TYPES
_PAP_BITS = 3


class Rest:
    """The objects of one submission that wait for its end: those that the rest of it may say something about, and those that name others.
    A context, for what it keeps on disk.

    `default` is the TLP of what says nothing. While it is filled it learns the marking definitions that pass.
    """

    def __init__(self, world: World, origin: str, default: str) -> None:
        self._world = world
        self._origin = origin
        self._default = default
        self._markings = Markings()
        self._alone, self._linked = Waiting(), Waiting()
        self._silent = False

    def __enter__(self) -> Rest:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._alone.close()
        self._linked.close()

    def keeps(self, ready: Ready) -> bool:
        """Keep the object here if it has to wait; whether it does."""
        if ready.new.type == "marking-definition":
            self._markings.learn(ready.obj)
        if not (ready.new.refs or ready.undefined or ready.unmarked):
            return False
        (self._linked if ready.new.refs else self._alone).add(ready)
        self._silent = self._silent or ready.unmarked
        return True

    def settled(self) -> Iterator[Ready]:
        """What waited, as the whole submission says it is to be handled; what names nothing comes first."""
        containers = Containers(lambda: map(self._defined, self._linked), self._default) if self._silent else None
        for ready in chain(map(self._defined, self._alone), map(self._defined, self._linked)):
            yield containers.of(ready) if containers and ready.unmarked else ready

    def _defined(self, ready: Ready) -> Ready:
        """The object under what its markings say once all of the submission was read; those it did not define are looked up among what its
        origin sent before. One that nobody defined is something the object names that is not there: it is shown to its origin alone."""
        if not ready.undefined:
            return ready
        unknown = [id_ for id_ in ready.undefined if not self._markings.knows(id_)]
        if unknown:
            rows = [row for row in self._world.store.by_id(unknown) if row.origin == self._origin]
            for body in self._world.store.bodies([row.item for row in rows]).values():
                self._markings.learn(msgspec.json.decode(body))
        said = self._markings.of(ready.obj)
        own = None if ready.silent else ready.new.traits.tlp
        level = strictest(level for level in (own, said.tlp) if level)
        pap = strictest_pap(level for level in (ready.new.traits.pap, said.pap) if level)
        found = msgspec.structs.replace(ready.marked(level or self._default, pap), silent=level is None, undefined=())
        missing = tuple(id_ for id_ in ready.undefined if not self._markings.knows(id_) and id_ not in found.new.refs)
        return msgspec.structs.replace(found, new=found.new._replace(refs=(*found.new.refs, *missing))) if missing else found


class Containers:
    """The strictest level at which the objects of one submission name each observable. About 100 bytes for each."""

    def __init__(self, naming: Callable[[], Iterable[Ready]], default: str) -> None:
        """`naming` gives the objects that name others, under their own markings. `default` is the level of what says nothing."""
        self._levels: dict[int, int] = {}
        self._everywhere: int | None = None
        self._relays = False
        if not self._spread(naming, None) or not self._spread(naming, _pack(default, None)):
            self._everywhere = reduce(_strictest, self._levels.values(), _pack(default, None))

    def of(self, ready: Ready) -> Ready:
        """The observable under the level of what names it; as it is where nothing does."""
        level = self._levels.get(hash(ready.new.id), self._everywhere)
        if level is None:
            return ready
        tlp, pap = _unpack(_strictest(level, self._everywhere or 0))
        return ready.marked(tlp, strictest_pap(each for each in (ready.new.traits.pap, pap) if each))

    def _spread(self, naming: Callable[[], Iterable[Ready]], rest: int | None) -> bool:
        """Pass levels on until nothing changes, False if that takes too long. `rest` is what an observable passes on that nothing names."""
        for _ in range(ROUNDS):
            changed = False
            for ready in naming():
                level = self._level(ready, rest)
                for ref in ready.new.refs if level is not None else ():
                    changed = self._raise(ready, ref, level or 0) or changed
            if not changed or not self._relays:
                return True
        return False

    def _level(self, ready: Ready, rest: int | None) -> int | None:
        """What an object passes on to the observables that it names."""
        if ready.unmarked:
            self._relays = True
            return self._levels.get(hash(ready.new.id), rest)
        own = _pack(ready.new.traits.tlp, ready.new.traits.pap)
        if ready.new.type == "observed-data":
            return _strictest(own, self._levels.get(hash(ready.new.id), 0))
        return own

    def _raise(self, ready: Ready, ref: str, level: int) -> bool:
        type_ = ref.partition("--")[0]
        if type_ in _VERSIONED:
            if type_ != "observed-data" or ready.new.type != "sighting":
                return False
            self._relays = True
        before = self._levels.get(hash(ref))
        after = level if before is None else _strictest(before, level)
        self._levels[hash(ref)] = after
        return after != before


def _pack(tlp: str, pap: str | None) -> int:
    return RANK[tlp] << _PAP_BITS | (PAP_LEVELS.index(pap) + 1 if pap else 0)


def _unpack(level: int) -> tuple[str, str | None]:
    pap = level & ((1 << _PAP_BITS) - 1)
    return LEVELS[level >> _PAP_BITS], PAP_LEVELS[pap - 1] if pap else None


def _strictest(one: int, other: int) -> int:
    low = (1 << _PAP_BITS) - 1
    return max(one & ~low, other & ~low) | max(one & low, other & low)
