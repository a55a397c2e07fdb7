"""Parcels v1: what one Comity node gives another, over a link or on a medium (model.md, Parcel v1), and the answers that come back.

A parcel is canonical JSON (RFC 8785) under the sending node's signature (`forms.dsse`). It says from which node to which, which one it is
in that direction, and which one it follows, so that a lost, repeated, reordered or altered one is noticed. Its entries:

    object      a STIX object as its origin sent it, what is said of it, how it came, and the origin's own signature where there is one
    withdrawn   an object that is to go: deleted or recalled by its origin, or no longer for the receiver (narrowed)
    receipt     what a party did with what came from an origin, signed by that party's node, on its way back to the origin
    governance  a rule's object or a signed act, for those who know the body's key

Reading is strict: `write_parcel(read_parcel(b)) == b`, but for fields that only a later release knows, which are passed over; or
SenderFault. What is signed by itself and written anew on its way (what is said of an object, receipts) gets no further fields under this
version: whoever says more there names it in `needs` (`forms.needs`), as it does for a kind of entry that is none of these. Nothing is
verified here but shape; a marking or a purpose may be a word that only the sender's body knows.
"""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from typing import Annotated, Any, Literal, TypeVar

import msgspec

from comity.errors import SenderFault
from comity.forms import needs
from comity.forms.wire_envelope import formed
from comity.terms.item import Said, Vouch
from comity.terms.party import body_slug, party_code

PARCEL_TYPE = "application/vnd.comity.parcel.v1+json"
ANSWER_TYPE = "application/vnd.comity.answer.v1+json"
STATEMENT_TYPE = "application/vnd.comity.statement.v1+json"
WITHDRAWAL_TYPE = "application/vnd.comity.withdrawal.v1+json"
RECEIPT_TYPE = "application/vnd.comity.receipt.v1+json"
#: Bounds of one parcel: entries, and bytes of its JSON; `MOST_BYTES` of the signed envelope, which is base64 of that.
ENTRIES, PAYLOAD_BYTES = 2_000, 24 << 20
MOST_BYTES = 34 << 20

#: Why an object is to go: its origin deleted or recalled it, or it is no longer for the receiver.
Cause = Literal["deleted", "recalled", "narrowed"]
#: What became of objects at a party: they were taken in or refused; they were erased, or are kept for a reason. Of one without a node:
#: it fetched them before they went, or was told since that they did.
Outcome = Literal["arrived", "refused", "deleted", "kept", "fetched", "told"]

_Moment = Annotated[datetime, msgspec.Meta(tz=True)]
_NODE = re.compile(r"[A-Z0-9-]{2,32}/[^/\x00-\x1f\x7f]{1,128}\Z")
_HOP = re.compile(r"[A-Z0-9-]{2,32}(/[^/\x00-\x1f\x7f]{1,128})?\Z")
_HASH = re.compile(r"[0-9a-f]{64}\Z")


class _Value(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    pass


class Given(_Value, frozen=True, kw_only=True, tag_field="kind", tag="object"):
    """An object. `entered` is the stamp it has at the node that vouches for it (its origin's, else the centre's where it was submitted).

    In `said`, `to` is narrowed to the receiver's part. `hops` are the nodes it has passed before the sender; `grounds` the sender's
    clauses (`agreement@version/clause`) by which it goes to the receiver.
    """

    object: bytes
    origin: str
    entered: int
    said: Said
    hops: tuple[str, ...] = ()
    grounds: tuple[str, ...] = ()
    vouch: Vouch | None = None


class Withdrawn(_Value, frozen=True, kw_only=True, tag_field="kind", tag="withdrawn"):
    """An object that is to go: the copies of `origin` with these bytes (SHA-256, hex) that entered up to `entered`. `signed` is the same
    without it under the origin's signature (DSSE, type WITHDRAWAL_TYPE), where it is the origin's own act and its node signs.
    """

    origin: str
    id: str
    version: str
    sha256: str
    entered: int
    cause: Cause
    reason: str = ""
    at: _Moment
    signed: bytes = b""


class Receipt(_Value, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What `party`'s node did with objects of `origin`: their SHA-256, 32 bytes each. `why` says why not, or why kept. `of` is the party of
    which it says so, where that is another.
    """

    party: str
    node: str
    origin: str
    outcome: Outcome
    objects: bytes
    why: str = ""
    of: str = ""
    at: _Moment


class Confirmed(_Value, frozen=True, kw_only=True, tag_field="kind", tag="receipt"):
    """A receipt and its party's signature over `write_receipt` of it (type RECEIPT_TYPE); `key` is the id of the key."""

    receipt: Receipt
    key: str
    signature: bytes


class Governed(_Value, frozen=True, kw_only=True, tag_field="kind", tag="governance"):
    """A rule: the `object` of a governance item, and the signed note that vouches for it."""

    object: bytes
    note: bytes


Entry = Given | Withdrawn | Confirmed | Governed


class Parcel(_Value, frozen=True, kw_only=True):
    """One parcel. Nodes are `PARTY/name`. `sequence` grows with each parcel made in this direction; `previous` is the hash (SHA-256 of the
    signed bytes, hex) of the one before it that the receiver has, "" for the first. `more` says that others wait behind it. `guardrails` is
    the hash of the profile that the sender says it keeps to (`terms.guardrails`); `needs` what its reader has to know of.
    """

    version: Literal[1]
    body: str
    sender: str
    receiver: str
    sequence: int
    previous: str
    made: _Moment
    expires: _Moment
    more: bool = False
    guardrails: str = ""
    needs: tuple[str, ...] = ()
    entries: tuple[Entry, ...]


class Answer(_Value, frozen=True, kw_only=True):
    """What a node says about a parcel (by the hash of its signed bytes): `applied`, or not, and why; the last one that it has applied
    of this sender (0 and "": none); the entries it did not take; and receipts for what it did. With `parcel` "" it says where it stands.
    `guardrails` as in `Parcel`.
    """

    version: Literal[1]
    sender: str
    receiver: str
    parcel: str
    applied: bool
    why: str = ""
    sequence: int
    last: str
    refused: tuple[tuple[int, str], ...] = ()
    receipts: tuple[Confirmed, ...] = ()
    guardrails: str = ""
    needs: tuple[str, ...] = ()
    made: _Moment


class Statement(_Value, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an origin's node signs about an own object, so that whoever gets it over others can tell who said what of it."""

    body: str
    origin: str
    id: str
    version: str
    sha256: str
    entered: int
    said: Said
    addressed: str


_encode = msgspec.json.Encoder(order="sorted").encode
_T = TypeVar("_T", Parcel, Answer)


def write_parcel(parcel: Parcel) -> bytes:
    """The parcel as it is signed (type PARCEL_TYPE)."""
    return _encode(parcel)


def write_answer(answer: Answer) -> bytes:
    """The answer as it is signed (type ANSWER_TYPE)."""
    return _encode(answer)


def write_statement(statement: Statement) -> bytes:
    """The statement as it is signed (type STATEMENT_TYPE)."""
    return _encode(statement)


def write_withdrawal(entry: Withdrawn) -> bytes:
    """The entry as its origin signs it (type WITHDRAWAL_TYPE)."""
    return _encode(msgspec.structs.replace(entry, signed=b""))


def read_withdrawal(data: bytes) -> Withdrawn:
    """What an origin signed of a withdrawal. Raises SenderFault."""
    try:
        return msgspec.json.decode(data, type=Withdrawn)
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        raise SenderFault(f"not a withdrawal: {error}") from None


def write_receipt(receipt: Receipt) -> bytes:
    """The receipt as it is signed (type RECEIPT_TYPE)."""
    return _encode(receipt)


def read_parcel(data: bytes) -> Parcel:
    """The inverse of `write_parcel`. Raises SenderFault, also for more than ENTRIES entries and for words that are none."""
    parcel = _strict(data, Parcel, "parcel")
    body_slug(parcel.body)
    _check_node(parcel.sender, parcel.receiver)
    if parcel.sequence < 1 or (parcel.previous and not _HASH.match(parcel.previous)):
        raise SenderFault("not a parcel: sequence numbers begin at 1, and the parcel before is named by its hash")
    if len(parcel.entries) > ENTRIES:
        raise SenderFault(f"a parcel of {len(parcel.entries)} entries, at most {ENTRIES}")
    for position, entry in enumerate(parcel.entries):
        try:
            _check_entry(entry)
        except SenderFault as fault:
            raise SenderFault(f"entries[{position}]: {fault}") from None
    return parcel


def read_answer(data: bytes) -> Answer:
    """The inverse of `write_answer`. Raises SenderFault."""
    answer = _strict(data, Answer, "answer")
    _check_node(answer.sender, answer.receiver)
    if answer.sequence < 0 or (answer.last and not _HASH.match(answer.last)) or (answer.parcel and not _HASH.match(answer.parcel)):
        raise SenderFault("not an answer: it names a parcel, and the last one applied, by number and hash")
    for receipt in answer.receipts:
        _check_entry(receipt)
    return answer


def addressed(to: tuple[str, ...] | None, salt: bytes) -> str:
    """A commitment to the addressed parties, hex; "" where none are named. Who has no `salt` (16 bytes) cannot try guesses against it."""
    return "" if to is None else hashlib.sha256(b"comity/addressed/v1:" + salt + _encode(sorted(to))).hexdigest()


def _strict(data: bytes, kind: type[_T], name: str) -> _T:
    if len(data) > PAYLOAD_BYTES:
        raise SenderFault(f"a {name} of {len(data)} bytes, at most {PAYLOAD_BYTES}")
    try:
        head = msgspec.json.decode(data, type=needs.Head)
        needs.check(f"the {name}", head.version, head.needs)
        found = msgspec.json.decode(data, type=kind)
        same = (known := _encode(found)) == data or _more(data, known)
    except (msgspec.MsgspecError, RecursionError, ValueError, OverflowError) as error:
        raise SenderFault(f"not a {name}: {error}") from None
    if not same:
        raise SenderFault(f"not a {name}: its JSON is not in canonical form (RFC 8785)")
    return found


def _more(data: bytes, known: bytes) -> bool:
    """Whether canonical JSON says what is known, and besides it what only a later release knows."""
    said = msgspec.json.decode(data)
    return _encode(said) == data and needs.contains(said, msgspec.json.decode(known))


def _check_node(*names: str) -> None:
    for name in names:
        if not _NODE.match(name):
            raise SenderFault(f"{name[:80]!r} is not a node: it reads PARTY/name")


def _check_entry(entry: Entry) -> None:
    found: Any = entry
    if isinstance(entry, Governed):
        return
    if isinstance(entry, Confirmed):
        found = entry.receipt
        _check_node(found.node)
        if len(found.objects) % 32 or found.node.partition("/")[0] != found.party or party_code(found.party) != found.party:
            raise SenderFault("a receipt names its party's node, and objects by 32 bytes each")
    if party_code(found.origin) != found.origin:
        raise SenderFault(f"{found.origin[:80]!r} is not written as a party code is")
    if isinstance(entry, Withdrawn) and not _HASH.match(entry.sha256):
        raise SenderFault("what is withdrawn is named by its hash")
    if isinstance(entry, Given):
        if not all(map(_HOP.match, entry.hops)):
            raise SenderFault("hops are nodes (PARTY/name), or parties that it was pulled from")
        for said in (entry.said, entry.vouch.said if entry.vouch else None):
            if said is not None and formed(said) != said:
                raise SenderFault("what is said of it is not written in one way: party codes in upper case, moments in UTC")
