"""What this node has for another: the next parcel of a link, and what the other node's answer to it means.

A transport (HTTP, a medium) does no more than this, at either end:

    settled(desk.world, partner, position(their_world, us, their_key))  # at the beginning: it may have been restored from a backup
    while raw := outgoing(desk, partner, key):                  # here: nothing new, nothing made and nothing written
        answer = incoming(their_world, us, their_key, raw)      # there: `peer.incoming`
        if not settled(desk.world, partner, answer).applied:    # here again
            ...                                                 # the next parcel begins where the other node says it stands;
                                                                # a second refusal in a row ends the exchange, and is said

An answer that is lost costs one more parcel and loses nothing: the receiver says what it has applied, and the next parcel goes on from
there. On a medium without answers, `after` names the parcel to go on from (`state(world, name).made`).

    1. choose  rules, withdrawals, receipts, objects: in this order, so that what is gone never stands after what replaced it
    2. log     what leaves, by `release`, durable before 3
    3. keep    number, hash and place of the parcel        one critical section
    4. give    the signed bytes

Crash story: cut off before 3, there is no parcel: its objects count as disclosed in the log, and are in the next one. Cut off after 3, the
parcel is made again from the last place that the receiver reached, under the next number.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta

import msgspec

from comity.agree.crossing import only_in
from comity.clock import micros
from comity.errors import IntegrityFault, PeerFault
from comity.forms.parcel import ANSWER_TYPE, MOST_BYTES, PARCEL_TYPE, Answer, Entry, Parcel, read_answer, write_parcel
from comity.ledger import journal
from comity.ledger.keys import LogKey
from comity.peer import book, profile, receipts, restoring, ruling, withdrawals
from comity.peer import partner as partners
from comity.peer.partner import Made, Partner, Place, is_centre, node_of
from comity.peer.receipts import Kept
from comity.peer.signing import opened, seal
from comity.peer.stating import given
from comity.release.desk import Desk
from comity.release.leaving import reader_of, shared, submitted
from comity.store import reports
from comity.terms.guardrails import profile_hash
from comity.world import World

#: Entries of one parcel.
LIMIT = 1_000
#: Bytes of the hashes on the receipts of one parcel: beside a page of objects it stays well below `forms.parcel.PAYLOAD_BYTES`.
RECEIPT_BYTES = 1 << 20
#: How long a parcel is good for. A receiver allows for clocks that differ (`peer.incoming`).
LASTS = timedelta(days=30)


class _Load(msgspec.Struct):
    """A parcel that is being put together: its entries, the place they lead to, and whether more waits."""

    entries: list[Entry]
    place: Place
    more: bool = False

    @property
    def room(self) -> int:
        return LIMIT - len(self.entries)


def outgoing(desk: Desk, partner: Partner, key: LogKey, after: int | None = None, rules: LogKey | None = None) -> bytes | None:
    """The next parcel for the other node, as signed bytes; None when there is nothing for it.

    It follows the parcel with the number `after`, by default the last that the other node is known to have applied. `rules` is the key by
    which this node makes the rules of its body, if it does.
    Raises PeerFault for an `after` that is not remembered, or a node that keeps to no guardrail profile which is accepted here.
    """
    world = desk.world
    stands = partners.state(world, partner.name)
    if stands.guardrails:  # of a node that was not heard yet, over a medium, nothing is known
        profile.check(world, partner, stands.guardrails)
    before = partners.made(world, partner.name, stands.reached if after is None else after)
    if before is None:
        raise PeerFault(f"the parcel {after} for {partner.name} is not remembered", next="begin after an earlier one, or after 0")
    # 1. and 2.
    load = _Load([], before.place)
    load.place, load.more = ruling.fill(desk, partner, load.entries, load.place, LIMIT, rules)
    if not load.more:
        load.place, load.more = withdrawals.fill(desk, partner, load.entries, load.place, LIMIT, key)
    _receipts(desk, partner, key, load)
    _objects(desk, partner, key, load, centre=rules is not None or is_centre(world, world.settings.party))
    if not load.entries:
        # All since then is for others. Receipts alone, which every exchange makes, are looked through again instead.
        if msgspec.structs.replace(load.place, receipts=before.place.receipts, reports=before.place.reports) != before.place:
            with world.store.write() as tx:
                partners.remember(tx, partner.name, msgspec.structs.replace(before, place=load.place))
        return None
    # 3.
    now = world.clock()
    sequence = stands.made + 1
    parcel = Parcel(
        version=1, body=world.settings.body, sender=node_of(world.settings), receiver=partner.node, sequence=sequence, previous=before.hash,
        made=now, expires=now + LASTS, more=load.more, guardrails=profile_hash(world.settings), entries=tuple(load.entries),
    )  # fmt: skip
    raw = seal(PARCEL_TYPE, write_parcel(parcel), key)
    with world.store.write() as tx:
        made = Made(sequence=sequence, hash=hashlib.sha256(raw).hexdigest(), place=load.place)
        partners.remember(tx, partner.name, made)
        partners.change(world, tx, partner.name, made=sequence, tried=micros(now))
    # 4.
    return raw


def _receipts(desk: Desk, partner: Partner, key: LogKey, load: _Load) -> None:
    """Add what others did with the other party's own objects, and what this node has to say of them; for the hub of another body, with
    those of whoever stands there alone.
    """
    world = desk.world
    across = reader_of(desk, partner.party, partner.purposes, partner.name, partner.body).across
    beyond = only_in(world.rulebook.current()[1].register, across, world.settings.body, world.clock()) if across else frozenset()
    size = 0
    for number, kept in receipts.since(world, load.place.receipts) if not load.more else ():
        if load.room <= 0 or size > RECEIPT_BYTES:
            load.more = True
            return
        receipt = kept.confirmed.receipt
        if receipt.origin in (partner.party, *beyond) and receipt.party != partner.party:
            load.entries.append(kept.confirmed)
            size += len(receipt.objects)
            if told := receipts.of_original(world, key, receipt):
                load.entries.append(told)
                size += len(told.receipt.objects)
        load.place = msgspec.structs.replace(load.place, receipts=number)
    for number, report in reports.since(world.store, load.place.reports) if not load.more else ():
        if load.room <= 0:
            load.more = True
            return
        if report.of != partner.party and (partner.centre or report.origin in (partner.party, *beyond)) and not _linked(world, report.of):
            load.entries.append(receipts.signed(world, key, report))
        load.place = msgspec.structs.replace(load.place, reports=number)


def _linked(world: World, party: str) -> bool:
    """Whether a party has a node here that speaks for it."""
    return any(link.kind == "comity" and link.party == party and not link.ended for link in book.peers(world))


def _objects(desk: Desk, partner: Partner, key: LogKey, load: _Load, *, centre: bool) -> None:
    """Fill what room is left with objects: our own to our centre, else what the other party may have; of others only where this is a
    `centre`, whose word counts for them."""
    own, body = desk.world.settings.party, desk.world.settings.body
    while load.room > 0 and not load.more:
        batch = submitted(desk, partner.party, partner.purposes, partner.name, load.place.own, load.room)
        custody, across = batch is not None, False
        if batch is None:
            reader = reader_of(desk, partner.party, partner.purposes, partner.name, partner.body)
            across = bool(reader.across)
            batch = shared(desk, reader, partner.node, load.place.shared, load.room, alone=not (centre or across))
        for each in batch.items:
            to = each.envelope.to if custody or across or each.envelope.to is None else (partner.party,)
            signer = key if each.row.origin == own and each.envelope.profile is None else None
            load.entries.append(
                given(each.row, each.body, each.envelope, to=to, grounds=each.grounds, custody=custody, body=body, key=signer)
            )
        reached = {"own": batch.reached} if custody else {"shared": batch.reached}
        load.place = msgspec.structs.replace(load.place, **reached)
        load.more = batch.more
        if batch.items or not batch.more:
            return


def settled(world: World, partner: Partner, raw: bytes) -> Answer:
    """Take note of the other node's answer: how far it has come, and what it says it did.

    The next parcel begins there, also when the other node stands further back than before (it was restored from a backup), or at a parcel
    that this node never made (this node was). Raises IntegrityFault for an answer that is not the other node's, SenderFault for none,
    PeerFault for a node that keeps to no guardrail profile which is accepted here.
    """
    answer = read_answer(opened(raw, ANSWER_TYPE, partner.keys, MOST_BYTES))
    if (answer.sender, answer.receiver) != (partner.node, node_of(world.settings)):
        raise IntegrityFault(f"an answer of {answer.sender} to {answer.receiver}, not of {partner.node} to this node")
    profile.heard(world, partner, answer.guardrails)
    with world.store.write() as tx:
        stands = partners.state(world, partner.name)
        known = partners.made(world, partner.name, answer.sequence)
        if answer.applied and answer.last != answer.parcel:
            raise IntegrityFault(f"{partner.node} says that it applied a parcel, and names another one")
        fields: dict[str, object] = {"reached": answer.sequence}
        if answer.parcel:
            fields |= {"heard": micros(world.clock()), "problem": answer.why}
        noted = ""
        if known is None or known.hash != answer.last:
            # It has applied what this node does not remember: it is told all since the last place that both know, or since the beginning.
            last = partners.made(world, partner.name, stands.reached) if answer.sequence > stands.made else None
            # Own objects from the beginning: if this node took one back and has forgotten it, the other one says so.
            place = msgspec.structs.replace(last.place, own=0) if last else Place()
            partners.remember(tx, partner.name, Made(sequence=answer.sequence, hash=answer.last, place=place))
            fields["forgot"] = micros(world.clock())
            if answer.sequence > stands.made and not restoring.waits(world, partner.name):
                restoring.begin(world, tx)
            noted = f"it has applied a parcel {answer.sequence} that is not known here: this node was restored, or has forgotten it"
        elif answer.sequence < stands.reached:
            noted = f"it stands at parcel {answer.sequence} again, after {stands.reached}: it was restored"
        fields["made"] = max(stands.made, answer.sequence)
        if answer.sequence > stands.reached:
            good = [each for each in answer.receipts if each.receipt.party == partner.party and receipts.proven(each, partner.keys)]
            for each in good:
                receipts.keep(world, tx, Kept(confirmed=each, proven=True, heard=micros(world.clock())))
            if others := len(answer.receipts) - len(good):
                noted = "; ".join([*filter(None, [noted]), f"receipts that its key did not sign do not count: {others}"])
        if noted:
            detail = {"peer": partner.name, "noticed": noted}
            world.journal.append(tx, journal.Entry(kind="parcel", at=world.clock(), party=partner.party, detail=detail))
        if stands != msgspec.structs.replace(stands, **fields):
            partners.change(world, tx, partner.name, **fields)
    return answer
