"""The rules a node holds, read from its governance items: agreements and standings are items like any other (architecture.md, idea 1)."""

from __future__ import annotations

import threading
from typing import Any

import msgspec

from comity.agree.accord import Agreement
from comity.agree.agreement import read as read_agreement
from comity.agree.decide import Rules
from comity.clock import from_micros, parse
from comity.store import Store
from comity.terms.party import Register, Standing
from comity.terms.stix import AGREEMENT_TYPE, STANDING_TYPE

#: The counter that every change of a governance item advances, so that other processes notice.
GOVERNED = "governed"


class Rulebook:
    """Gives the current `Rules`; reads the store again only after a governance item changed."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._at = -1
        self._rules = Rules(agreements=(), register=Register())

    def current(self) -> tuple[int, Rules]:
        """The version of the rules (grows with each change) and the rules."""
        version = self._store.counter(GOVERNED)
        with self._lock:
            if version != self._at:
                self._rules = Rules(agreements=tuple(self._agreements()), register=Register(self._standings()))
                self._at = version
            return self._at, self._rules

    def _objects(self, type_: str) -> list[tuple[int, dict[str, Any]]]:
        rows = list(self._store.by_type(type_))
        bodies = self._store.bodies([row.item for row in rows])
        return [(row.added, msgspec.json.decode(bodies[row.item])) for row in rows]

    def _agreements(self) -> list[Agreement]:
        return [
            msgspec.structs.replace(read_agreement(obj["text"], name=obj["name"]), known=from_micros(added))
            for added, obj in self._objects(AGREEMENT_TYPE)
        ]

    def _standings(self) -> list[Standing]:
        return [
            Standing(
                party=obj["party"],
                body=obj["body"],
                standing=obj["standing"],
                since=parse(obj["since"]),
                until=parse(obj["until"]) if "until" in obj else None,
                name=obj.get("name", ""),
                source=obj.get("source", ""),
                known=from_micros(added),
            )
            for added, obj in self._objects(STANDING_TYPE)
        ]
