"""An item: the received object bytes, never rewritten, and the envelope beside them (architecture.md, idea 1; model.md, What)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

#: Closed list (model.md): adding one is an ADR. Motive-neutral by design (G7).
PURPOSES = (
    "network-defence",
    "incident-response",
    "criminal-investigation",
    "statistics",
    "training",
    "administration",
)
#: Handling codes: H0 default purpose, H1 no judicial use, H2 no onward dissemination, H3 other; each "without permission".
HANDLING = ("H0", "H1", "H2", "H3")
#: Gates of an item: `open` may be released, `quarantine` is seen by its origin only; a sighting that is `counted` likewise, and counts in
#: what a centre tells of several sighters together (G16).
GATES = ("open", "quarantine", "counted")
#: What a producer says of the persons that the values in an object lead to (G3).
PERSONS = ("attacker", "victim", "unknown")
#: As whose a reviewed value is kept: by part in an incident alone, never by motive (G7). `technical`: nobody's after all.
CATEGORIES = ("attacker", "victim", "reporter", "contact", "technical")
#: Characters of a legal basis at most.
BASIS = 300
#: What stands in place of a profile's key on the relationship between a redacted copy and its original (STIX 2.1 section 3.7).
DERIVED_FROM = "derived-from"


class Sealed(msgspec.Struct, frozen=True, kw_only=True):
    """How an item leaves its origin's node, or came to this one: within a sealed object, which only the addressed can open (ADR 17).

    `alg` is the method, `key_ids` are the keys that it was sealed to, where that is known: at its origin.
    """

    alg: str
    key_ids: tuple[str, ...]


class Said(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What an origin says of its own object to the node it submits to. `named`: it may be known as the sighter (G16).

    `person` is one of `PERSONS`; `category` and `basis` are what its people reviewed it under ("": nobody did).
    """

    tlp: str
    pap: str | None = None
    purposes: tuple[str, ...]
    handling: tuple[str, ...] = ()
    to: tuple[str, ...] | None = None
    expires: datetime | None = None
    named: bool = False
    person: str = "unknown"
    category: str = ""
    basis: str = ""


class Vouch(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """The origin's own signature over what it says of its object (`forms.parcel.Statement`), which goes wherever the object goes.

    `body` is the one in which it was shared, `key` the signing key's id (hex). `addressed` commits to the addressed parties ("": none are
    named), `salt` opens it and is told to the centre alone. `said` are the origin's words where a holder has narrowed them since; None:
    they are those beside it.
    """

    body: str
    key: str
    signature: bytes
    addressed: str = ""
    salt: bytes = b""
    said: Said | None = None


class Came(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """How an item came in a parcel: the stamp it has at the node that vouches for it, and by what clauses of the sender
    (`agreement@version/clause`). `vouch`: how its origin signed what it says of it; None: the party it was received from vouches.
    `proven`: that signature, or its origin's own node's around the whole parcel, was by a key that was known here.
    """

    entered: int
    grounds: tuple[str, ...] = ()
    vouch: Vouch | None = None
    proven: bool = False


class Before(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """To whom an item was addressed before a stricter version took it back; it stays for its origin alone."""

    to: tuple[str, ...] | None = None


class Envelope(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What is said *about* an item, beside its bytes and never inside them (STIX 2.1 section 3.6: only the creator versions).

    `to` None means "whoever the agreement permits"; an empty tuple means nobody. `received_from` is None when the origin
    itself submitted here, else the peer it was pulled from. `under` is the id of the one agreement it was shared under; None: any.
    `named`: the origin of a sighting consents to be known as its sighter. `person` is what the origin says of the persons in it
    (`PERSONS`); `category` (of `CATEGORIES`) and legal `basis` are those under which its people released it from quarantine, if they did.
    `profile` is set on what this node made of an item that it holds, and `made_of` is that item's number here: a redacted copy says the
    key of its profile, the relationship between the two `DERIVED_FROM`. Neither is ever sent on, nor taken from anybody.
    `before` is set on an own version that a later, stricter one took back. `sealed` is set on what leaves or came within a sealed object;
    that object is `made_of` it, or it of that object.
    """

    origin: str
    received_from: str | None = None
    hops: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ("network-defence",)
    tlp: str = "amber"
    pap: str | None = None
    handling: tuple[str, ...] = ()
    to: tuple[str, ...] | None = None
    under: str | None = None
    case: str | None = None
    realm: str = "real"
    gate: str = "open"
    named: bool = False
    person: str = "unknown"
    category: str = ""
    basis: str | None = None
    expires: datetime | None = None
    sealed: Sealed | None = None
    profile: str | None = None
    made_of: int | None = None
    came: Came | None = None
    before: Before | None = None


def inward(envelope: Envelope) -> bool:
    """Whether an own item is never meant to leave by a link, or only within a sealed object."""
    return (
        envelope.profile is not None
        or envelope.sealed is not None
        or envelope.gate == "quarantine"
        or "administration" in envelope.purposes
        or envelope.to == ()
        or envelope.realm != "real"
    )


def unnamed_red(envelope: Envelope) -> bool:
    """Whether it is for the eyes of its recipients alone (FIRST TLP 2.0), and names none."""
    return envelope.tlp == "red" and envelope.to is None


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """One STIX object on its way in, as a form read it.

    `raw` are the bytes of exactly this object as received (or as our form wrote them, where the source is not STIX).
    `obj` is their parsed view. `position` says where it stood (`objects[12]`, `line 7`) for messages.
    `tlp`, `pap` and `to` are what the source's own markings say (None: nothing). `derived` is True when Comity made the
    object from a row, attribute or report, under a deterministic id: then an id already held from the same origin is a
    duplicate whatever its time stamps, unless the object is `dated` by its source and newer than all that is held.
    `undefined` are those of its markings whose definitions had not been read when it was: intake settles what they say.
    `why_held`, if not empty, asks intake to quarantine it, with that reason; `note` is told to the submitter though it is taken.
    `purposes`, `handling`, `expires` and `named` are set where the sender said them for this object alone, `person`, `category` and `basis`
    too (`Said`; None: it did not). `about` are the parties that
    what this node made of others' sightings goes back to, where that is settled already. `came` is set on what comes in a parcel, `made_of`
    on what stood in a sealed object: the number of that here.
    """

    raw: bytes
    obj: Mapping[str, Any]
    position: str
    tlp: str | None = None
    pap: str | None = None
    undefined: tuple[str, ...] = ()
    to: tuple[str, ...] | None = None
    derived: bool = False
    dated: bool = False
    why_held: str = ""
    note: str = ""
    purposes: tuple[str, ...] | None = None
    handling: tuple[str, ...] = ()
    expires: datetime | None = None
    named: bool = False
    person: str | None = None
    category: str = ""
    basis: str = ""
    about: tuple[str, ...] = ()
    came: Came | None = None
    made_of: int | None = None


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of input that could not become a Draft; the rest goes on. `why` says what is wrong with it."""

    position: str
    why: str
    id: str | None = None


class Outcome(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of one submitted object. Depends only on what this submitter sent before (model.md, What).

    `outcome` is `accepted`, `duplicate`, `quarantined` or `rejected`; `version` is the object's `modified` (or `created`).
    """

    outcome: str
    position: str
    id: str | None = None
    type: str | None = None
    version: str | None = None
    why: str = ""


_write_envelope = msgspec.json.Encoder(order="deterministic").encode
_read_envelope = msgspec.json.Decoder(Envelope).decode


def write_envelope(envelope: Envelope) -> bytes:
    """An envelope as it is stored and committed to; equal ones give equal bytes."""
    return _write_envelope(envelope)


def read_envelope(raw: bytes) -> Envelope:
    """The inverse of `write_envelope`."""
    return _read_envelope(raw)


def arrival(added: int, envelope: Envelope) -> int:
    """The stamp of an item at the node that vouches for it; `added` is its stamp here."""
    return added if envelope.came is None else envelope.came.entered


def item_hash(sha: bytes, envelope: bytes) -> bytes:
    """What the log commits to when an item enters: its bytes and its envelope, so that neither can be changed behind it."""
    return hashlib.sha256(sha + envelope).digest()
