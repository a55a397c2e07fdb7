"""What parties did about agreements comes in: signed by the node's own key, as a file another party signed, or on the administrator's word.

Crash story: an act is one governance item, entered as `govern` enters all of them.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from comity.agree.accord import Agreement
from comity.agree.acts import ACTS, Act, Deed, done, read, write
from comity.agree.outlook import outlook
from comity.agree.steps import check
from comity.agree.wording import moment
from comity.errors import Conflict, IntegrityFault, NotFound, OperatorFault
from comity.intake.govern import enter
from comity.ledger.note import LogKey, Note, cosign, read_note, verified
from comity.store.protocol import Row
from comity.terms.party import party_code
from comity.terms.stix import ACT_TYPE, derived_id
from comity.world import World


def held(world: World, id_: str, known: datetime | None = None) -> Agreement:
    """The agreement of an id (its newest version) or `id@version`, with what its parties did, as this node knew it at a moment (None: now).

    Raises NotFound.
    """
    _, rules = world.rulebook.current()
    matching = [found for found in rules.known(known) if id_ in (found.id, found.ref)]
    if not matching and known is not None:
        raise NotFound(
            f"this node knew of no agreement {id_} on {moment(known)}", next="--known asks what it knew then, --on what held then"
        )
    if not matching:
        raise NotFound(
            f"this node holds no agreement {id_}", next="comity agreement list shows those it has; comity agreement add takes a file in"
        )
    return max(matching, key=lambda found: found.version)


def deed(
    world: World,
    id_: str,
    act: Act,
    *,
    party: str,
    on: datetime,
    in_force: datetime | None = None,
    clauses: tuple[str, ...] = (),
    authority: str = "",
) -> Deed:
    """An act about an agreement that the node holds. A ratification that says nothing of its entry into force means its own moment, where
    a party needs one: under `per-party`, and without a standing in the body. Raises NotFound, SenderFault.
    """
    agreement, code = held(world, id_), party_code(party)
    if act == "ratify" and in_force is None:
        _, rules = world.rulebook.current()
        standing = any(rules.register.standing(code, body, on) for body in agreement.spans)
        in_force = on if agreement.entry == "per-party" or not standing else None
    return Deed(
        ref=agreement.ref, sha256=agreement.sha256, party=code, act=act, on=on, in_force=in_force, clauses=clauses, authority=authority
    )  # fmt: skip


def sign(made: Deed, key: LogKey) -> bytes:
    """The act as a signed note (C2SP), which other nodes can take in. Raises SenderFault for one that has no text."""
    return cosign(Note(text=write(made), signatures=()), key)


def record(world: World, made: Deed, by: str, key: LogKey | None = None, mark: str = "") -> Row:
    """Record an act of the node's own party, signed by its `key`, or without one an act of any party on the administrator's word.

    With the `mark` of an `Outlook` only if the act still comes to that. Raises Conflict or AgreementFault for an act that the party cannot
    do now, Overtaken for one that comes to something else, NotFound for an agreement that is not held.
    """
    return _enter(world, made, sign(made, key).decode() if key else "", by, mark)


def files(world: World, ref: str) -> list[tuple[Deed, bytes]]:
    """The acts about a version that their parties signed, each with its file for other nodes, in the order in which they were done."""
    rows = list(world.store.by_type(ACT_TYPE))
    objects = [msgspec.json.decode(body) for body in world.store.bodies([row.item for row in rows]).values()]
    notes = [obj["note"].encode() for obj in objects if obj["agreement"] == ref and "note" in obj]
    return sorted(((opened(note), note) for note in notes), key=lambda each: (each[0].on, ACTS.index(each[0].act)))


def opened(data: bytes) -> Deed:
    """The act in a signed file, whose signature is yet to be verified. Raises SenderFault, IntegrityFault."""
    try:
        note = read_note(data)
    except IntegrityFault as fault:
        raise IntegrityFault(str(fault), next="ask for the file as `comity agreement sign --out FILE` wrote it, unchanged") from fault
    return msgspec.structs.replace(read(note.text), signed=True)


def take(world: World, data: bytes, by: str, mark: str = "") -> tuple[Deed, Row]:
    """Record an act from the file of a party that signed it. The same file twice is recorded once. `mark` as for `record`.

    1. The file is a signed note, its text an act. 2. A key that the administrator entered for this party signed it. 3. The act is one
    that the party may do now. Raises SenderFault or IntegrityFault (1), OperatorFault or IntegrityFault (2), as `record` (3).
    """
    # 1.
    made = opened(data)
    # 2.
    keys = world.rulebook.keys(made.party)
    if not keys:
        next_ = f"KEY is what `comity party key show` prints on its node: comity party key add --party {made.party} --key KEY"
        raise OperatorFault(f"no key of {made.party} is known here", next=next_)
    try:
        verified(data, keys, "act")
    except IntegrityFault as fault:
        raise IntegrityFault(f"not signed by {made.party}: {fault}", next="comity party key list shows the keys known here") from fault
    # 3.
    return made, _enter(world, made, data.decode(), by, mark)


class Overtaken(Conflict):
    """What an act comes to is not what was looked at: another party was quicker, or a standing has changed."""

    def __init__(self) -> None:
        super().__init__("what this comes to has changed since you looked", next="look again")


def _enter(world: World, made: Deed, note: str, by: str, mark: str) -> Row:
    made = msgspec.structs.replace(made, signed=bool(note))
    text = write(made)
    id_ = derived_id(ACT_TYPE, note or text)

    def settle() -> None:
        if world.store.by_id([id_]):
            return  # recorded before
        check(held(world, made.ref), made)
        if mark and outlook(world.rulebook.current()[1], made).mark != mark:
            raise Overtaken

    name = done(made)
    fields = {"name": name, "party": made.party, "agreement": made.ref, "text": text, **({"note": note} if note else {})}
    return enter(world, ACT_TYPE, id_, fields, by, first=settle)
