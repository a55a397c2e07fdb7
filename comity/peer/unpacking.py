"""Taking in bundles that came on media, whole or in parts, in any order (`forms.medium`, `peer.packing`).

    1. look   at every byte of every part
    2. check  the manifest's signature, and each line against it
    3. hear   the answers to what was packed here
    4. take   the parcels that were not taken in before, each after the one it follows; keep the answers for the way back
    5. end    the wait of this node, if it was restored, and that was all that it had missed (`peer.restoring`)

Nothing of a bundle is taken in before all of it was looked at; what is wrong with one does not keep others waiting.

Crash story: a parcel is applied or not (`peer.incoming`). An import that is cut off is made again; what was taken in is passed over, and
the answer that was not kept is made again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec

from comity.clock import micros
from comity.errors import Fault, IntegrityFault, PeerFault, SenderFault
from comity.forms.medium import ANSWER, MANIFEST_BYTES, MANIFEST_TYPE, PARCEL, Line, Manifest, read_manifest
from comity.forms.parcel import ANSWER_TYPE, MOST_BYTES, PARCEL_TYPE, Given, Parcel, read_answer, read_parcel
from comity.ledger.keys import LogKey
from comity.peer import partner as partners
from comity.peer import restoring
from comity.peer.bundle import Bundle, gathered
from comity.peer.incoming import SLACK, incoming
from comity.peer.media import change, keep_answer, kept_answer, stands, unheard
from comity.peer.outgoing import settled
from comity.peer.partner import Partner, node_of
from comity.peer.signing import opened
from comity.world import World

#: Gives the link to a node (`PARTY/name`). Raises NotFound.
Known = Callable[[str], Partner]


class Found(msgspec.Struct, kw_only=True):
    """What a bundle holds for this node, or held: parcels taken in (`new`), with so many objects, and those passed over because they were
    taken in before (`repeated`); entries that were not taken; answers heard; `noticed`, of nodes that were restored from a backup. `fault`
    is what is wrong; what stood before that counts.
    """

    bundle: str
    sender: str
    number: int
    new: int = 0
    objects: int = 0
    repeated: int = 0
    refused: list[str] = []
    answers: int = 0
    noticed: list[str] = []
    fault: Fault | None = None


def take_in(
    world: World, partner_of: Known, key: LogKey, paths: Sequence[Path], *, dry: bool = False
) -> list[Found]:  # fmt: skip
    """Take in all bundles whose parts these files are; what each held. `partner_of` knows whose they may be.

    `dry`: only look, and say what taking them in would do. Raises as `bundle.gathered` for files that are no parts.
    """
    reading: dict[str, _Reading] = {}
    return [_take(world, partner_of, key, bundle, reading, dry) for bundle in gathered(paths)]


def _take(
    world: World, partner_of: Known, key: LogKey, bundle: Bundle, reading: dict[str, _Reading], dry: bool
) -> Found:  # fmt: skip
    """One bundle."""
    part = bundle.part
    found = Found(bundle=part.bundle, sender=part.sender, number=part.number)
    try:
        # 1.
        if bundle.fault is not None:
            raise bundle.fault
        if part.receiver != node_of(world.settings):
            raise SenderFault(
                f"bundle {part.number} of {part.sender} is for {part.receiver}, and this node is {node_of(world.settings)}",
                next="carry it to that node; nothing of it was taken in",
            )
        partner = partner_of(part.sender)
        # 2.
        manifest = _checked(world, partner, bundle)
        reader = reading.setdefault(partner.name, _Reading(world, partner, key, dry=dry))
        for line, raw in _lines(bundle, manifest):
            # 3. 4.
            reader.take(manifest, line, raw, found)
        reader.compare(manifest, found)
    except Fault as fault:
        found.fault = fault
        return found
    if not dry:
        reader.finish(manifest)
    return found


def _checked(world: World, partner: Partner, bundle: Bundle) -> Manifest:
    """Step 2: the manifest, and that every line it lists stands behind it as it was, and nothing else."""
    part, lines = bundle.part, bundle.lines()
    said = next(lines, b"")
    if len(said) > MANIFEST_BYTES or hashlib.sha256(said.removesuffix(b"\n")).hexdigest() != part.bundle:
        raise IntegrityFault(f"bundle {part.number} of {part.sender}: its first lines are damaged", next="copy it from the medium again")
    try:
        manifest = read_manifest(opened(said.removesuffix(b"\n"), MANIFEST_TYPE, partner.keys, MANIFEST_BYTES))
    except IntegrityFault as fault:
        next_ = (
            f"if {part.sender} has new keys: comity airgap link FILE, with its identity as it is now; else ask it whether it packed this"
        )
        raise IntegrityFault(f"bundle {part.number} is not {part.sender}'s: {fault}", next=next_) from None
    if (manifest.sender, manifest.receiver, manifest.number) != (part.sender, part.receiver, part.number):
        raise IntegrityFault(f"the parts say that the bundle is another than its manifest does: {manifest.sender}, {manifest.number}")
    body = partner.body or world.settings.body
    if manifest.body != body:
        next_ = f"check that it is meant for {world.settings.name}; nothing of it was taken in"
        raise SenderFault(f"it is a bundle of the body {manifest.body}, and {part.sender} is known here as a node of {body}", next=next_)
    for listed in manifest.lines:
        raw = next(lines, b"")
        if len(raw) != listed.size + 1 or hashlib.sha256(raw.removesuffix(b"\n")).hexdigest() != listed.sha256:
            raise IntegrityFault(
                f"bundle {part.number} of {part.sender}: {listed.kind} {listed.sequence} is not the one that its manifest lists",
                next=f"copy it from the medium again, or have {part.sender} pack again",
            )
    if next(lines, b""):
        raise IntegrityFault(f"bundle {part.number} of {part.sender}: more stands in it than its manifest lists")
    return manifest


def _lines(bundle: Bundle, manifest: Manifest) -> Iterator[tuple[Line, bytes]]:
    """What was checked, once more: each line that is listed, and its bytes."""
    lines = bundle.lines()
    next(lines)
    for listed, raw in zip(manifest.lines, lines):
        yield listed, raw.removesuffix(b"\n")


class _Reading:
    """Takes in the lines of one sender's bundles, or says what taking them in would do."""

    def __init__(self, world: World, partner: Partner, key: LogKey, *, dry: bool) -> None:
        self._world, self._partner, self._key, self._dry = world, partner, key, dry
        state = partners.state(world, partner.name)
        #: The last parcel applied, and those that would have been by now.
        self._applied, self._would = state.applied, set[str]()
        before = stands(world, partner.name)
        #: The last bundle taken in whole, when it was made, the turn of this node's keys that its sender knew, and what it waited for.
        self._seen, self._made, self._turn, self._asked = before.seen, before.made, before.turn, before.asked

    def take(self, manifest: Manifest, line: Line, raw: bytes, found: Found) -> None:
        """One line. A line of a kind that this release does not know is passed over: the manifest does not need it. Raises Fault."""
        if line.kind == ANSWER:
            self._hear(manifest, line, raw, found)
        elif line.kind == PARCEL:
            self._parcel(manifest, raw, found)

    def _hear(self, manifest: Manifest, line: Line, raw: bytes, found: Found) -> None:
        """Step 3. Answers of a bundle older than one that was taken in are known; the last one says where the other node stands."""
        latest = max(each.sequence for each in manifest.lines if each.kind == ANSWER)
        if not self._newer(manifest):
            return
        before = partners.state(self._world, self._partner.name)
        if line.sequence <= before.reached and line.sequence != latest:
            return
        if self._dry:
            answer = read_answer(opened(raw, ANSWER_TYPE, self._partner.keys, MOST_BYTES))
        else:
            answer = settled(self._world, self._partner, raw)
        found.answers += bool(answer.parcel)  # else it says where the other node stands
        if answer.sequence < before.reached:
            found.noticed.append(
                f"it stands at parcel {answer.sequence} again, after {before.reached}: it was restored from a backup, and gets what came "
                f"since with the next bundle (comity airgap pack {self._partner.name})"
            )

    def _parcel(self, manifest: Manifest, raw: bytes, found: Found) -> None:
        """Step 4."""
        name, partner = hashlib.sha256(raw).hexdigest(), self._partner
        parcel = read_parcel(opened(raw, PARCEL_TYPE, partner.keys, MOST_BYTES))
        if not self._is_new(manifest, parcel, name):
            found.repeated += 1
            unkept = parcel.sequence > manifest.heard and not kept_answer(self._world, partner.name, parcel.sequence)
            if unkept and not self._dry and not manifest.diode and name == partners.state(self._world, partner.name).last:
                keep_answer(
                    self._world, partner.name, parcel.sequence, incoming(self._world, partner, self._key, raw)
                )  # the last import was cut off just here
            return
        if self._dry:
            self._would.add(name)
        else:
            answer = incoming(self._world, partner, self._key, raw, earlier=True)
            said = read_answer(opened(answer, ANSWER_TYPE, [self._key.verifier], MOST_BYTES))
            if not said.applied:
                raise PeerFault(f"parcel {parcel.sequence} of {partner.node} was not taken in: {said.why}", next="have it pack again")
            if not manifest.diode:
                keep_answer(self._world, partner.name, parcel.sequence, answer)
            found.refused += [f"parcel {parcel.sequence}, entry {position}: {why}" for position, why in said.refused]
        self._applied = parcel.sequence
        found.new += 1
        found.objects += sum(isinstance(entry, Given) for entry in parcel.entries)

    def _is_new(self, manifest: Manifest, parcel: Parcel, name: str) -> bool:
        """Whether a parcel is to be taken in, and follows what is here. Raises PeerFault for one that does not, or is too old."""
        partner, number = self._partner, parcel.sequence
        if self._known(name):
            return False
        if number <= self._applied:
            last = partners.applied(self._world, partner.name, partners.state(self._world, partner.name).last)
            if last is not None and micros(parcel.made) > last:
                raise PeerFault(
                    f"{partner.node} made parcel {number} later than {self._applied}: it was restored from a backup",
                    next=f"give it the receipts (comity airgap pack {partner.name} --receipts); over a diode, have it pack with "
                    f"--after 0 --past {self._applied}",
                )
            return False
        if parcel.expires + SLACK < self._world.clock():
            next_ = f"check this node's clock, or have {partner.node} pack again"
            raise PeerFault(f"parcel {number} of {partner.node} expired on {parcel.expires:%Y-%m-%d}", next=next_)
        if parcel.previous and not self._known(parcel.previous):
            next_ = f"import that one first; if it is lost, have {partner.node} pack with --after {self._applied}"
            if manifest.heard > self._applied:
                next_ = (
                    f"this node was restored from a backup: carry there what comity airgap pack {partner.name} --receipts writes here, or "
                    f"have {partner.node} pack with --after {self._applied}"
                )
            raise PeerFault(
                f"parcel {number} of {partner.node} follows one that is not here: {self._applied} is the last that was taken in, and a "
                "medium between is missing",
                next=next_,
            )
        return True

    def _known(self, hash_: str) -> bool:
        return hash_ in self._would or partners.applied(self._world, self._partner.name, hash_) is not None

    def compare(self, manifest: Manifest, found: Found) -> None:
        """Notice what it says of this node, if that was restored from a backup: that more parcels arrived than are here, or that it has
        given all of them.
        """
        if manifest.heard > self._applied:
            found.noticed.append(
                f"it knows that parcel {manifest.heard} arrived, and {self._applied} is the last that is here: this node was restored from "
                f"a backup; what came since is asked for with the next bundle for it (comity airgap pack {self._partner.name} --receipts)"
            )
        if self._ends(manifest):
            found.noticed.append("that is all that came since this node's backup: what came from it waits no longer")

    def _ends(self, manifest: Manifest) -> bool:
        """Whether a bundle, taken in whole, ends the wait of this node for its sender."""
        return manifest.gives > 0 and manifest.gives == restoring.waiting(self._world, self._partner.name)

    def finish(self, manifest: Manifest) -> None:
        """Step 5, and keep that a bundle was taken in whole, what its sender has and waits for; forget the answers that it has heard."""
        name = self._partner.name
        heard = [sequence for sequence, _ in unheard(self._world, name) if sequence <= manifest.heard]
        newer = self._newer(manifest)
        if newer or heard:
            if newer:
                self._seen, self._made, self._turn = manifest.number, micros(manifest.made), manifest.knows
                self._asked = self._asked if manifest.diode else manifest.waits
            fields = {"seen": self._seen, "made": self._made, "turn": self._turn, "asked": self._asked}
            change(self._world, name, lambda now: msgspec.structs.replace(now, **fields), heard=heard)
        # 5.
        if self._ends(manifest):
            with self._world.store.write() as tx:
                restoring.heard(self._world, tx, name)

    def _newer(self, manifest: Manifest) -> bool:
        """Whether a bundle was made after the last that was taken in whole: a sender that was restored counts from further back again."""
        return manifest.number > self._seen or (0 < self._made < micros(manifest.made))
