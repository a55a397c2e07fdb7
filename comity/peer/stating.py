"""Who says what of an object: an origin's node signs it, whoever holds the object passes the signature on, and a receiver checks it.

A holder may have narrowed what it says, never widened it: what an entry says is compared with what the origin signed.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from comity.clock import stamp
from comity.errors import IntegrityFault
from comity.forms import dsse
from comity.forms.dsse import pae
from comity.forms.markings import PAP_LEVELS
from comity.forms.parcel import (
    MOST_BYTES,
    STATEMENT_TYPE,
    WITHDRAWAL_TYPE,
    Given,
    Statement,
    Withdrawn,
    addressed,
    read_withdrawal,
    write_statement,
)
from comity.forms.wire_envelope import said_of
from comity.ledger.keys import LogKey, Verifier
from comity.peer.signing import opened, valid
from comity.store.protocol import Row
from comity.terms.item import Envelope, Said, Vouch, arrival
from comity.terms.stix import version
from comity.terms.tlp import RANK


def given(
    row: Row, raw: bytes, envelope: Envelope, *, to: tuple[str, ...] | None, grounds: tuple[str, ...], custody: bool = False,
    body: str = "", key: LogKey | None = None,
) -> Given:  # fmt: skip
    """An item as a parcel's entry. `to` is what the receiver is told of the addressed parties; in `custody` it is told all, and how to open
    the commitment to them. `key` signs for the item's origin, in a body; None where the origin is another party than this node's.
    """
    entered, vouch, said = arrival(row.added, envelope), envelope.came.vouch if envelope.came else None, said_of(envelope)
    if key is not None:
        vouch = _vouch(row, said, entered, body, key)
    if envelope.profile is not None:  # of a redacted copy its origin has signed nothing
        vouch = None
    if vouch is not None and not custody:
        vouch = msgspec.structs.replace(vouch, salt=b"")
    said = msgspec.structs.replace(said, to=to)
    return Given(object=raw, origin=row.origin, entered=entered, said=said, hops=envelope.hops, grounds=grounds, vouch=vouch)


def _vouch(row: Row, said: Said, entered: int, body: str, key: LogKey) -> Vouch:
    salt = os.urandom(16) if said.to is not None else b""
    version_ = "" if row.version == stamp(row.added) else row.version
    statement = Statement(
        body=body, origin=row.origin, id=row.id, version=version_, sha256=row.sha.hex(), entered=entered,
        said=msgspec.structs.replace(said, to=None), addressed=addressed(said.to, salt),
    )  # fmt: skip
    signature = key.sign(pae(STATEMENT_TYPE, write_statement(statement)))
    return Vouch(body=body, key=key.verifier.key_id.hex(), signature=signature, addressed=statement.addressed, salt=salt)


def check(entry: Given, obj: Mapping[str, Any], keys: Sequence[Verifier], reading: Callable[[Said], Said] = lambda said: said) -> bool:
    """That an entry says nothing but what its origin signed, or less; without a signature, nothing.

    1. narrower   what the holder says of it is no wider than what the origin said, both in words as they are read here (`reading`)
    2. addressed  the parties named to a centre are those that the origin committed to
    3. signed     by one of the origin's `keys`; by a key that is not among them: taken on the sender's word

    Returns whether 3 was done. Raises IntegrityFault.
    """
    vouch = entry.vouch
    if vouch is None:
        return False
    # 1.
    stated = vouch.said or msgspec.structs.replace(entry.said, to=None)
    if not _within(reading(entry.said), reading(stated)) or (vouch.addressed and entry.said.to is None):
        raise IntegrityFault(f"what is said of it is wider than what {entry.origin} said")
    # 2.
    if vouch.salt and addressed(entry.said.to, vouch.salt) != vouch.addressed:
        raise IntegrityFault(f"it names other parties than {entry.origin} addressed")
    # 3.
    mine = [key for key in keys if key.key_id.hex() == vouch.key]
    statement = Statement(
        body=vouch.body, origin=entry.origin, id=str(obj.get("id")), version=version(obj), sha256=hashlib.sha256(entry.object).hexdigest(),
        entered=entry.entered, said=stated, addressed=vouch.addressed,
    )  # fmt: skip
    if mine and not valid(STATEMENT_TYPE, write_statement(statement), vouch.key, vouch.signature, mine):
        raise IntegrityFault(f"its signature is not {entry.origin}'s: it, or what is said of it, was altered")
    return bool(mine)


def taking_back(entry: Withdrawn, keys: Sequence[Verifier]) -> bool:
    """Whether an origin signed that it takes an object back; not by a key that is not known. Raises IntegrityFault for any other paper."""
    if not entry.signed:
        return False
    signers = {signature.keyid for signature in dsse.read(entry.signed, MOST_BYTES).signatures}
    mine = [key for key in keys if key.key_id.hex() in signers]
    if mine and read_withdrawal(opened(entry.signed, WITHDRAWAL_TYPE, mine, MOST_BYTES)) != msgspec.structs.replace(entry, signed=b""):
        raise IntegrityFault(f"{entry.origin} signed something else")
    return bool(mine)


def _within(said: Said, stated: Said) -> bool:
    """Whether words permit nothing that others do not."""
    paps = [PAP_LEVELS.index(pap) if pap else -1 for pap in (said.pap, stated.pap)]
    return (
        RANK[said.tlp] >= RANK[stated.tlp]
        and paps[0] >= paps[1]
        and set(said.purposes) <= set(stated.purposes)
        and set(said.handling) >= set(stated.handling)
        and (stated.expires is None or (said.expires is not None and said.expires <= stated.expires))
        and said.named <= stated.named
        and said.person in (stated.person, "unknown", "victim")
        and (said.category, said.basis) in ((stated.category, stated.basis), ("", ""))
    )
