"""Traits: the facts a decision may depend on. Items with equal traits share one row (architecture.md, idea 3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from comity.terms.item import Envelope
from comity.terms.stix_types import SEALED_TYPE

#: The types of what goes back to the producers of what it is of.
RETURNED = frozenset({"sighting", "opinion"})


class Traits(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Everything `agree.decide` may know about an item; equal traits are decided once.

    `type` is the STIX type, `threat` the sorted `indicator_types`/`malware_types` and the like (empty: not said).
    `about` names the parties that hold the object a sighting or opinion is of: the producers it goes back to. `under` is the id of the one
    agreement whose clauses may permit the item (None: any); `approvals` are the ids of the requests for approval that are about it.
    `contains` is the type that a sealed object is said to have inside; None: it is not sealed.
    `profile` says what this node made the item as (`Envelope.profile`); None: it came as it is.
    """

    type: str
    threat: tuple[str, ...] = ()
    origin: str
    received_from: str | None = None
    purposes: tuple[str, ...]
    tlp: str
    pap: str | None = None
    handling: tuple[str, ...] = ()
    to: tuple[str, ...] | None = None
    realm: str = "real"
    gate: str = "open"
    about: tuple[str, ...] = ()
    under: str | None = None
    approvals: tuple[str, ...] = ()
    profile: str | None = None
    contains: str | None = None

    @property
    def giver(self) -> str:
        """Whose node gave the item to this one: a peer's, or its origin's."""
        return self.received_from or self.origin

    @property
    def kind(self) -> str:
        """The type that clauses speak of: what is inside, if it is sealed."""
        return self.contains or self.type


def traits_of(
    envelope: Envelope, type_: str, threat: tuple[str, ...] = (), about: tuple[str, ...] = (), contains: str | None = None
) -> Traits:  # fmt: skip
    """The traits of an item of STIX type `type_` under an envelope."""
    return Traits(
        type=type_,
        threat=threat,
        origin=envelope.origin,
        received_from=envelope.received_from,
        purposes=envelope.purposes,
        tlp=envelope.tlp,
        pap=envelope.pap,
        handling=envelope.handling,
        to=envelope.to,
        realm=envelope.realm,
        gate=envelope.gate,
        about=about,
        under=envelope.under,
        profile=envelope.profile,
        contains=contains,
    )


def base_traits(obj: Mapping[str, Any], envelope: Envelope) -> Traits:
    """The facts of one object alone. Its threat kinds are its own words: `indicator_types` and the like (STIX 2.0: `labels`).

    Of a sealed object they are what it says of its inside.
    """
    type_: str = obj["type"]
    if type_ == SEALED_TYPE:
        return traits_of(envelope, type_, tuple(obj.get("threat", ())), contains=obj["contains"])
    return traits_of(envelope, type_, threat_of(obj))


def threat_of(obj: Mapping[str, Any]) -> tuple[str, ...]:
    """An object's threat kinds, sorted."""
    said = obj.get(obj["type"].replace("-", "_") + "_types") or (obj.get("labels") if "spec_version" not in obj else None)
    return tuple(sorted({word for word in said if isinstance(word, str)})) if isinstance(said, list) else ()
