"""Envelopes beside objects on our own wire: the TAXII envelope's custom property `comity_envelopes` (TAXII 2.1 section 7.1).

A list as long as `objects`, one entry each. Only a server that says it understands them (`comity_envelopes` in its API root) is sent any:
one that ignores unknown properties would otherwise widen what the sender narrowed. Between Comity nodes go signed parcels (`forms.parcel`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

import msgspec

from comity.errors import SenderFault
from comity.forms import json_text
from comity.forms.markings import PAP_LEVELS
from comity.terms import tlp as tlp_words
from comity.terms.item import BASIS, CATEGORIES, HANDLING, PERSONS, PURPOSES, Draft, Envelope, Refused, Said
from comity.terms.party import party_code

__all__ = ["PROPERTY", "Said", "applied", "checked", "formed", "read", "said_of", "write"]

#: The custom property, of an envelope and of an API root.
PROPERTY = "comity_envelopes"
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9 +._-]{0,63}\Z", re.ASCII)


def said_of(envelope: Envelope) -> Said:
    """The part of an envelope that its origin sends on."""
    return Said(
        tlp=envelope.tlp, pap=envelope.pap, purposes=envelope.purposes, handling=envelope.handling, to=envelope.to,
        expires=envelope.expires, named=envelope.named, person=envelope.person, category=envelope.category,
        basis=(envelope.basis or "") if envelope.category else "",
    )  # fmt: skip


def write(bodies: Sequence[bytes], said: Sequence[Said]) -> bytes:
    """A TAXII envelope with its objects as stored and what is said of each."""
    return b'{"objects":[' + b",".join(bodies) + b'],"' + PROPERTY.encode() + b'":' + msgspec.json.encode(said) + b"}"


def read(raw: bytes, count: int) -> list[Said] | None:
    """What an envelope says of its `count` objects; None if it says nothing. Raises SenderFault if it is malformed.

    Of a text that is not JSON as a whole, sound objects are still taken one by one: but not without what is said of them.
    """
    try:
        outer = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        if PROPERTY.encode() in raw:
            raise SenderFault(f"the envelope is not JSON as a whole, so what {PROPERTY} says cannot be told") from None
        return None
    if PROPERTY not in outer:
        return None
    keys = [key for key, _ in json_text.members(raw) if key in ("objects", PROPERTY)]
    if len(set(keys)) != len(keys):
        raise SenderFault(f"a key stands twice in the envelope, so what {PROPERTY} says, and of which objects, cannot be told")
    try:
        found = msgspec.json.decode(outer[PROPERTY], type=list[Said])
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise SenderFault(f"{PROPERTY} is malformed: {error}") from None
    if len(found) != count:
        raise SenderFault(f"{PROPERTY} has {len(found)} entries for {count} objects")
    return [checked(said) for said in found]


def checked(said: Said, where: str = PROPERTY) -> Said:
    """What is said of an object, in known words, its moment in UTC and its parties in upper case. Raises SenderFault that says `where`."""
    if said.tlp not in tlp_words.RANK:
        raise SenderFault(f"{where}: {said.tlp!r} is not a TLP level")
    for word in said.purposes:
        if word not in PURPOSES:
            raise SenderFault(f"{where}: {word!r} is not a purpose")
    for word in said.handling:
        if word not in HANDLING:
            raise SenderFault(f"{where}: {word!r} is not a handling code")
    if said.pap is not None and said.pap not in PAP_LEVELS:
        raise SenderFault(f"{where}: {said.pap!r} is not a PAP level")
    return formed(said, where)


def formed(said: Said, where: str = PROPERTY) -> Said:
    """The same for words of any body, which need only look like words: what they mean is not asked (`agree.mapping`)."""
    if said.person not in PERSONS:
        raise SenderFault(f"{where}: {said.person[:80]!r} is none of {', '.join(PERSONS)}")
    if said.category not in ("", *CATEGORIES):
        raise SenderFault(f"{where}: {said.category[:80]!r} is none of {', '.join(CATEGORIES)}")
    if bool(said.category) != bool(said.basis) or len(said.basis) > BASIS or not said.basis.isprintable():
        raise SenderFault(f"{where}: a category comes with its legal basis, a line of at most {BASIS} characters")
    for word in (said.tlp, said.pap, *said.purposes, *said.handling):
        if word is not None and not _WORD.match(word):
            raise SenderFault(f"{where}: {word[:80]!r} is no word for a marking, a purpose or a handling code")
    expires = None if said.expires is None else _moment(said.expires, where)
    return msgspec.structs.replace(said, expires=expires, to=None if said.to is None else tuple(map(party_code, said.to)))


def _moment(expires: datetime, where: str) -> datetime:
    """A moment in UTC, within years that every arithmetic on moments survives."""
    if expires.tzinfo is None:
        raise SenderFault(f"{where}: expires needs an offset")
    try:
        moment = expires.astimezone(UTC)
    except OverflowError:
        moment = datetime.max.replace(tzinfo=UTC)
    if not 1970 <= moment.year <= 9998:
        raise SenderFault(f"{where}: expires is not within the years 1970 to 9998")
    return moment


def applied(drafts: Iterable[Draft | Refused], said: Sequence[Said]) -> Iterator[Draft | Refused]:
    """The drafts with what is said of each; of two TLP levels the stricter holds."""
    for draft, words in zip(drafts, said, strict=True):
        if isinstance(draft, Refused):
            yield draft
            continue
        yield msgspec.structs.replace(
            draft,
            tlp=tlp_words.strictest(level for level in (draft.tlp, words.tlp) if level),
            pap=words.pap or draft.pap,
            purposes=words.purposes,
            handling=words.handling,
            to=words.to,
            expires=words.expires,
            named=words.named,
            person=words.person if words.person != "unknown" else draft.person,
            category=words.category,
            basis=words.basis,
        )
