"""The rules a node holds. What governs are items like any other (architecture.md, idea 1); requests for approval are records of this node's
own, since what they are about goes by where an item is held.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from functools import partial
from typing import Any

import msgspec

from comity import registry
from comity.agree.accession import acceding
from comity.agree.accord import Agreement
from comity.agree.acts import Deed
from comity.agree.acts import read as read_deed
from comity.agree.agreement import read as read_agreement
from comity.agree.approval import Approval
from comity.agree.decide import Rules
from comity.clock import from_micros, parse
from comity.forms.sealing_key import SealingKey, is_sealing
from comity.forms.sealing_key import read as read_sealing_key
from comity.ledger.keys import Verifier, read_verifier
from comity.store import Store
from comity.terms.party import Register, Standing
from comity.terms.stix import ACT_TYPE, AGREEMENT_TYPE, KEY_TYPE, STANDING_TYPE

#: The counter that every change of a governance item advances, so that other processes notice.
GOVERNED = "governed"
#: Types of rules that a centre gives to its members' nodes.
RULES = (AGREEMENT_TYPE, STANDING_TYPE, KEY_TYPE, ACT_TYPE)
#: How the name of a node's key for parcels ends.
_PARCELS = "/parcels"
#: The private space of requests for approval, by id.
APPROVALS = "approvals"
#: That of rules that await a second person, by id.
PROPOSALS = "proposals"

#: That of links over which nothing was heard since this node was restored from a backup, by name (`Unheard`).
UNHEARD = "unheard"


class Unheard(msgspec.Struct, frozen=True, kw_only=True):
    """A party whose node has yet to say what was taken back, since a stamp; `own`: this node's party, if what it shared waits for that."""

    party: str
    since: int
    own: str = ""


def is_for_parcels(key: Verifier) -> bool:
    """Whether a node signs by a key what it says of its objects: it is named so, and good for nothing else."""
    return key.name.endswith(_PARCELS)


def body_of(obj: dict[str, Any], agreements: Mapping[str, str]) -> str | None:
    """The body that a rule is of, None for a party's key, which is of all. `agreements` is the body of each by `id@version`."""
    if obj["type"] == AGREEMENT_TYPE:
        return read_agreement(obj["text"], name=obj["name"]).body
    if obj["type"] == STANDING_TYPE:
        return str(obj["body"])
    return agreements.get(obj["agreement"], "") if obj["type"] == ACT_TYPE else None


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """A request for approval as it is kept: what was asked and done, and the objects and items here that it is about."""

    approval: Approval
    ids: tuple[str, ...]
    items: tuple[int, ...]


def requests(store: Store) -> list[Request]:
    """Every request that was ever made, by id."""
    return [msgspec.json.decode(value, type=Request) for _, value in store.privates(APPROVALS)]


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
                approvals = [request.approval for request in requests(self._store)]
                self._rules = Rules(self._agreements(), self._register(), approvals, self._deeds(), self._unheard())
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

    def _deeds(self) -> list[Deed]:
        return [
            msgspec.structs.replace(read_deed(obj["text"]), signed="note" in obj, known=from_micros(added))
            for added, obj in self._objects(ACT_TYPE)
        ]

    def _unheard(self) -> set[str]:
        """The parties whose items wait."""
        found = [msgspec.json.decode(value, type=Unheard) for _, value in self._store.privates(UNHEARD)]
        return {each.party for each in found} | {each.own for each in found if each.own}

    def keys(self, party: str | None = None) -> list[Verifier]:
        """The keys by which what a party (None: any) does is known, in the order in which they were entered; none of those for parcels."""
        return [key for key in self._verifiers(party) if not is_for_parcels(key)]

    def parcel_keys(self, party: str) -> list[Verifier]:
        """The keys by which a party's node signs what it says of its objects: named so by the node, and good for nothing else."""
        return [key for key in self._verifiers(party) if is_for_parcels(key)]

    def _verifiers(self, party: str | None) -> list[Verifier]:
        return [read_verifier(key) for code, key in self.party_keys() if party in (None, code) and not is_sealing(key)]

    def sealing_keys(self) -> dict[str, list[SealingKey]]:
        """Party -> the keys that what it alone is to read is sealed to, in the order in which they were entered."""
        found: dict[str, list[SealingKey]] = {}
        for code, key in self.party_keys():
            if is_sealing(key):
                found.setdefault(code, []).append(read_sealing_key(key))
        return found

    def party_keys(self) -> list[tuple[str, str]]:
        """(party, verifier's text) of every key that is trusted, in the order in which they were entered."""
        trusted: dict[tuple[str, str], bool] = {}
        for _, obj in self._objects(KEY_TYPE):
            trusted[obj["party"], obj["key"]] = obj["trusted"]
        return [key for key, still in trusted.items() if still]

    def _register(self) -> Register:
        """The claims on record, and the political status of parties whose accession is under way."""
        claims = Register(self._standings())
        accessions = registry.accessions(self._store)
        found = [acceding(each, partial(claims.has, "member", each.body)) for each in accessions]
        return Register([*claims.standings, *(each for each in found if each)]) if accessions else claims

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
                status_only=obj.get("status_only", False),
                confidence=obj.get("confidence", ""),
                precision=obj.get("precision", ""),
                note=obj.get("note", ""),
            )
            for added, obj in self._objects(STANDING_TYPE)
        ]
