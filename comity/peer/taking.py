"""The entries of one parcel, each taken in for the party that it is from, or refused with a reason.

1. whose    the sender's own party; any other only where the sender is a centre, and from the hub of another body only a party of that
            body. Nothing comes back to its origin, nor to a node that it has passed
2. object   exactly one STIX object, to the byte
3. stated   nothing but what its origin signed (`peer.stating`)
4. enter    by `intake.submit`, under its origin
5. receipt  what became of it, signed, for its origin
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from functools import partial

import msgspec

from comity.agree.crossing import maps, protocols, speaks_for
from comity.agree.mapping import WordMap, Words, read
from comity.clock import micros
from comity.errors import IntegrityFault, SenderFault
from comity.forms import stix_json
from comity.forms.dsse import pae
from comity.forms.parcel import RECEIPT_TYPE, Confirmed, Given, Outcome, Receipt, Withdrawn, write_receipt
from comity.forms.wire_envelope import applied
from comity.intake.erase import Notice, also_from, erase, taken_back
from comity.intake.submit import Submitter, submit
from comity.ledger.keys import LogKey, Verifier
from comity.peer import receipts, returning
from comity.peer.partner import Partner, is_centre, node_of
from comity.peer.stating import check, taking_back
from comity.terms.item import Came, Draft, Refused, Said
from comity.world import World


class TakenBack(IntegrityFault):
    """An object that its origin took back after it gave it so."""


class Taking:
    """Takes entries in. `refused` holds (position, why) of those that were not; `receipts` tells what became of each, by origin."""

    def __init__(self, world: World, partner: Partner, key: LogKey) -> None:
        self.refused: list[tuple[int, str]] = []
        self._world, self._partner, self._key = world, partner, key
        self._done: dict[tuple[str, Outcome, str], list[bytes]] = {}
        self._keys: dict[str, tuple[Verifier, ...]] = {}
        self._vouches = partner.centre or is_centre(world, partner.party)
        self._readings: dict[tuple[str, Said], Said] = {}

    def objects(self, entries: Sequence[tuple[int, Given]]) -> None:
        """Take objects in, those of one origin that came the same way together."""
        groups: dict[tuple[str, tuple[str, ...]], list[tuple[int, Given]]] = {}
        forgotten: set[bytes] = set()
        for position, entry in entries:
            if why := self.stranger(entry.origin) or self._returning(entry):
                self.refused.append((position, why))
            else:
                groups.setdefault((entry.origin, entry.hops), []).append((position, entry))
        for (origin, hops), group in groups.items():
            drafts = []
            for (position, entry), found in zip(group, _read([entry.object for _, entry in group]), strict=True):
                try:
                    drafts.append(self._draft(position, entry, found))
                except TakenBack as fault:
                    self.refused.append((position, str(fault)))
                    forgotten |= {hashlib.sha256(entry.object).digest()} if origin == self._partner.party else set()
                except IntegrityFault as fault:
                    self.refused.append((position, str(fault)))
            self._enter(origin, hops, drafts)
        if forgotten:
            returning.keep(self._world, self._partner.name, self._partner.party, forgotten)

    def withdrawals(self, entries: Sequence[tuple[int, Withdrawn]]) -> None:
        """Give up what is to go; an own object goes by nobody's word but our people's, which this node may have forgotten."""
        partner = self._partner
        for position, entry in entries:
            ours = self._our_word(entry)
            own = entry.origin == self._world.settings.party and not ours
            if why := f"it is {entry.origin}'s own, which it takes back itself" if own else self.stranger(entry.origin, ended=True):
                self.refused.append((position, why))
                continue
            sha = bytes.fromhex(entry.sha256)
            try:
                proven = ours or taking_back(entry, self._keys_of(entry.origin)) or entry.origin == partner.party
                notice = Notice(
                    sender=entry.origin if ours else partner.party, origin=entry.origin, id=entry.id, sha=sha, entered=entry.entered,
                    cause=entry.cause, reason=entry.reason, by=f"link {partner.name}", proven=proven, signed=entry.signed,
                )  # fmt: skip
                kept = erase(self._world, notice)
            except (IntegrityFault, SenderFault) as fault:
                self.refused.append((position, str(fault)))
                continue
            self.note(entry.origin, "kept" if kept else "deleted", kept, sha)

    def _our_word(self, entry: Withdrawn) -> bool:
        """Whether this node signed that it takes an object back."""
        try:
            return entry.origin == self._world.settings.party and taking_back(entry, (self._key.verifier,))
        except (IntegrityFault, SenderFault):
            return False

    def confirmations(self, entries: Sequence[tuple[int, Confirmed]]) -> None:
        """Keep others' receipts about this party's objects, and those about others' that are to be given on."""
        good = []
        for position, entry in entries:
            receipt = entry.receipt
            keys = [key for key in self._keys_of(receipt.party) if key.key_id.hex() == entry.key]
            proven = receipts.proven(entry, keys)
            why = self.stranger(receipt.party, ended=True)
            if receipt.of and receipt.outcome not in ("fetched", "told"):
                why = f"{receipt.party} does not answer for {receipt.of}"
            if keys and not proven:
                why = f"its signature is not {receipt.party}'s"
            if why:
                self.refused.append((position, why))
            else:
                good.append(receipts.Kept(confirmed=entry, proven=proven, heard=micros(self._world.clock())))
        if good:
            with self._world.store.write() as tx:
                for kept in good:
                    receipts.keep(self._world, tx, kept)

    def stranger(self, origin: str, *, ended: bool = False) -> str:
        """Step 1: why the sender may not speak for an origin; empty if it may. `ended`: as in `crossing.speaks_for`."""
        if origin == self._partner.party or (self._vouches and self._theirs(origin, ended)):
            return ""
        if self._vouches:
            return f"{self._partner.node} speaks for parties of {self._partner.body}, and {origin} is none"
        return f"{self._partner.node} is no centre and speaks for {self._partner.party} alone, not for {origin}"

    def _theirs(self, origin: str, ended: bool) -> bool:
        """Between the hubs of two bodies: whether the origin is a party of the sender's."""
        settings, body, (_, rules), now = self._world.settings, self._partner.body, self._world.rulebook.current(), self._world.clock()
        if body in ("", settings.body) or not rules.custody(settings.party, settings.body, now):
            return True
        return speaks_for(rules, self._partner.party, origin, body, now, ended=ended)

    def _returning(self, entry: Given) -> str:
        settings = self._world.settings
        if entry.origin == settings.party:
            return f"it is {entry.origin}'s own and does not come back to it"
        return "it has passed this node before" if node_of(settings) in entry.hops else ""

    def _draft(self, position: int, entry: Given, found: Draft | str) -> Draft:
        """Steps 2 and 3. Raises IntegrityFault."""
        if isinstance(found, str):
            raise IntegrityFault(f"the entry is not one STIX object{found}")
        if entry.entered <= taken_back(self._world, entry.origin, hashlib.sha256(entry.object).digest()):
            raise TakenBack(f"{entry.origin} has taken it back since")
        reading = partial(self._words, entry.vouch.body if entry.vouch else self._partner.body)
        # A parcel of the origin's own node is signed as a whole, by the key that signed each object.
        keys = () if entry.origin == self._partner.party else self._keys_of(entry.origin)
        proven = check(entry, found.obj, keys, reading) or entry.origin == self._partner.party
        said = reading(entry.said)
        (draft,) = applied([found], [said])
        assert isinstance(draft, Draft)
        came = Came(entered=entry.entered, grounds=entry.grounds, vouch=entry.vouch, proven=proven)
        stored = Said(
            tlp=draft.tlp or "", pap=draft.pap, purposes=tuple(word for word in said.purposes if word in self._partner.purposes),
            handling=said.handling, to=entry.said.to, expires=entry.said.expires, named=entry.said.named,
            person=said.person, category=said.category, basis=said.basis,
        )  # fmt: skip
        if came.vouch is not None and came.vouch.said is None and stored != entry.said:
            # What is stored is narrower than what was signed, which must then be kept beside it.
            stated = msgspec.structs.replace(entry.said, to=None)
            came = msgspec.structs.replace(came, vouch=msgspec.structs.replace(came.vouch, said=stated))
        return msgspec.structs.replace(draft, position=str(position), came=came)

    def _words(self, body: str, said: Said) -> Said:
        """What is said in a body, in words as they are read here: the same or stricter, and the strictest for what nobody knows."""
        known = self._readings.get((body, said))
        if known is None:
            before = Words(tlp=said.tlp, pap=said.pap, handling=tuple(sorted(said.handling)), purposes=tuple(sorted(said.purposes)))
            after = read(before, _maps(self._world, body, self._partner.party))
            words = {name: getattr(after, name) for name in after.__struct_fields__}
            known = self._readings[body, said] = said if after == before else msgspec.structs.replace(said, **words)
        return known

    def _keys_of(self, origin: str) -> tuple[Verifier, ...]:
        keys = self._keys.get(origin)
        if keys is None:
            pinned = self._partner.keys if origin == self._partner.party else ()
            keys = self._keys[origin] = (*self._world.rulebook.parcel_keys(origin), *self._world.rulebook.keys(origin), *pinned)
        return keys

    def _enter(self, origin: str, hops: tuple[str, ...], drafts: Sequence[Draft]) -> None:
        """Step 4, and what step 5 says of it."""
        partner = self._partner
        by = Submitter(
            party=origin, by=f"link {partner.name}", purposes=partner.purposes, received_from=partner.party, hops=(*hops, partner.node)
        )
        known: list[Draft] = []
        named = {draft.position: draft for draft in drafts}
        hashes = {draft.position: hashlib.sha256(draft.raw).digest() for draft in drafts}
        for outcome in submit(self._world, drafts, by):
            rejected = outcome.outcome == "rejected"
            if outcome.outcome == "duplicate":
                known.append(named[outcome.position])
            if rejected:
                self.refused.append((int(outcome.position), outcome.why))
            self.note(origin, "refused" if rejected else "arrived", outcome.why if rejected else "", hashes[outcome.position])

        if known:
            given = [(str(draft.obj.get("id")), hashes[draft.position], draft.came.grounds) for draft in known if draft.came]
            also_from(self._world, origin, partner.party, given)

    def note(self, origin: str, outcome: Outcome, why: str, sha: bytes) -> None:
        """Put on a receipt what became of an object."""
        self._done.setdefault((origin, outcome, why), []).append(sha)

    def receipts(self) -> Iterator[Confirmed]:
        """Step 5."""
        settings, now = self._world.settings, self._world.clock()
        for (origin, outcome, why), hashes in self._done.items():
            receipt = Receipt(
                party=settings.party, node=node_of(settings), origin=origin, outcome=outcome, objects=b"".join(hashes), why=why, at=now
            )
            signature = self._key.sign(pae(RECEIPT_TYPE, write_receipt(receipt)))
            yield Confirmed(receipt=receipt, key=self._key.verifier.key_id.hex(), signature=signature)


def _maps(world: World, body: str, hub: str) -> list[WordMap]:
    """How protocols of a hub between a body and this node's read the words of that body; none within one body."""
    _, rules = world.rulebook.current()
    return maps(protocols(rules, world.settings.body, body, hub, world.clock()), body)


def _read(objects: Sequence[bytes]) -> list[Draft | str]:
    """Step 2 for objects of one origin: each as a draft, or what is wrong with it.

    They are read as one text, which is quicker; and each alone where they do not stand in it one for one.
    """
    found = list(stix_json.read(b'{"objects":[' + b",".join(objects) + b"]}"))
    if len(found) == len(objects) and all(isinstance(each, Draft) and each.raw == raw for each, raw in zip(found, objects)):
        return [each for each in found if isinstance(each, Draft)]
    return list(map(_read_alone, objects))


def _read_alone(raw: bytes) -> Draft | str:
    found = list(stix_json.read(raw))
    if len(found) == 1 and isinstance(found[0], Draft) and found[0].raw == raw:
        return found[0]
    return f": {found[0].why}" if len(found) == 1 and isinstance(found[0], Refused) else ""
