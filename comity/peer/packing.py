"""Packing a bundle for a node that no network leads to, to be carried there by hand (`forms.medium`); `peer.unpacking` is the other end.

    1. make   the answers that the other node has not heard and where this node stands, the parcels that the other is not known to have
    2. write  the parts of the bundle
    3. keep   that it was made

What is not known to have arrived is given again, so a medium that is lost loses nothing. Each bundle says where this node stands as it is
made, and one is made for that alone once the node was restored from a backup: the other one then gives again what was lost with that, and
says that this is all of it, in a bundle for that alone if nothing was lost (`peer.restoring`). On a way without return (a diode) nothing
is ever known: each bundle goes on from the one before, or from some before that, as one likes; a gap is noticed, and the other side's
administrator says from which parcel on it is to be packed again.

Crash story: parcels are in the log and in the state of the link before their bytes are on a medium (`peer.outgoing`). A bundle that is cut
off was not made: the next one holds what it was to hold.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec

from comity.forms.medium import ANSWER, MANIFEST_TYPE, PARCEL, Line, Manifest, Part, write_manifest
from comity.ledger.journal import Entry
from comity.ledger.keys import LogKey
from comity.peer import partner as partners
from comity.peer import restoring
from comity.peer.bundle import check_size, split, writing
from comity.peer.incoming import position
from comity.peer.media import MOST, REMEMBERED, Stands, change, stands, unheard
from comity.peer.outgoing import outgoing
from comity.peer.partner import Partner, node_of
from comity.peer.receipts import anew
from comity.peer.signing import seal
from comity.release.desk import Desk
from comity.world import World


class Packed(msgspec.Struct, frozen=True, kw_only=True):
    """A bundle that was made: its parts, and which parcels and how many answers are in it besides where this node stands; whether more
    wait.
    """

    number: int
    files: tuple[Path, ...]
    first: int
    last: int
    answers: int
    more: bool


def pack(
    desk: Desk, partner: Partner, key: LogKey, folder: Path, *, media_size: int | None = None, answers_only: bool = False,
    after: int | None = None, diode: bool = False, overlap: int = 0, rules: LogKey | None = None,
) -> Packed | None:  # fmt: skip
    """Write a bundle for the other node into a folder; None when there is nothing for it, and then nothing is made.

    It holds what the other node is not known to have, or what came after parcel `after`. `diode`: what came after the last bundle, and the
    `overlap` bundles before it. `answers_only` asks for a bundle in any case: it says at least where this node stands. `rules` is the key
    by which this node makes its body's rules, if it does.

    Raises SenderFault, OperatorFault, PeerFault.
    """
    check_size(media_size)
    world = desk.world
    before, renewed = stands(world, partner.name), world.settings.log.number
    if diode:
        began = before.began
        after = began[-min(overlap, len(began))][1] if overlap and began else before.packed
    reached = partners.state(world, partner.name).reached
    begin = reached if after is None else after
    waits = restoring.waiting(world, partner.name)
    with writing(folder), tempfile.TemporaryFile(dir=folder) as body:
        # 1.
        lines = [_put(body, ANSWER, sequence, anew(raw, key)) for sequence, raw in unheard(world, partner.name)]
        answers = len(lines)
        parcels = [] if answers_only else [_put(body, PARCEL, number, raw) for number, raw in _parcels(desk, partner, key, begin, rules)]
        lines += parcels
        if not lines and not answers_only and (diode or (before.log == renewed and not (waits or before.waits or before.asked))):
            return None
        whole = not (answers_only or diode) and begin <= reached and len(parcels) < MOST
        if not diode:
            lines.append(_put(body, ANSWER, partners.state(world, partner.name).applied, position(world, partner, key)))
        # 2.
        number = change(world, partner.name, lambda now: msgspec.structs.replace(now, number=now.number + 1)).number
        manifest = Manifest(
            version=1, body=world.settings.body, sender=node_of(world.settings), receiver=partner.node, number=number, made=world.clock(),
            heard=reached, diode=diode, knows=partner.turn, waits=0 if diode else waits, gives=before.asked if whole else 0,
            lines=tuple(lines),
        )  # fmt: skip
        said = seal(MANIFEST_TYPE, write_manifest(manifest), key) + b"\n"
        part = Part(
            bundle="", sender=manifest.sender, receiver=partner.node, number=number, part=1, parts=1, offset=0, size=0, total=0, sha256=""
        )
        files = split(said, body, folder, part, media_size)
    # 3.
    first, last = (parcels[0].sequence, parcels[-1].sequence) if parcels else (0, 0)
    _keep(world, partner, number, begin, last, (before.log, before.waits) if diode else (renewed, waits))
    return Packed(number=number, files=tuple(files), first=first, last=last, answers=answers, more=len(parcels) == MOST)


def past(world: World, partner: Partner, number: int) -> None:
    """Number the next parcels beyond one: this node was restored from a backup, and the other one has had parcels up to there."""
    with world.store.write() as tx:
        partners.change(world, tx, partner.name, made=max(number, partners.state(world, partner.name).made))


def _parcels(desk: Desk, partner: Partner, key: LogKey, after: int, rules: LogKey | None) -> Iterator[tuple[int, bytes]]:
    """Step 1: the parcels that follow one, each following the one before."""
    for _ in range(MOST):
        raw = outgoing(desk, partner, key, after, rules)
        if raw is None:
            return
        after = partners.state(desk.world, partner.name).made
        yield after, raw


def _put(body: BinaryIO, kind: str, sequence: int, raw: bytes) -> Line:
    body.write(raw + b"\n")
    return Line(kind=kind, sequence=sequence, sha256=hashlib.sha256(raw).hexdigest(), size=len(raw))


def _keep(world: World, partner: Partner, number: int, begin: int, last: int, told: tuple[int, int]) -> None:
    """Step 3 of packing; `told`: of which log, and since when this node waits, the other one now knows."""

    def made(now: Stands) -> Stands:
        now = msgspec.structs.replace(now, log=told[0], waits=told[1])
        if not last:
            return now
        return msgspec.structs.replace(now, packed=last, began=(*now.began, (number, begin))[-REMEMBERED:])

    detail = {"peer": partner.name, "packed": number, "after": begin, "last": last}
    change(world, partner.name, made, Entry(kind="parcel", at=world.clock(), party=partner.party, detail=detail))
