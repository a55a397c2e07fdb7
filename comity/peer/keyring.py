"""A node's own keys for links, turn by turn: one folder each, whole or not there.

    keys/turns/0/{requests,tls,node}     the first; `node` is the identity that others are given
    keys/turns/1/...                     after a rotation; its identity is signed by the keys before it too
    keys/turns/2/parcels                 ... of the key for parcels as well, which `keys/parcels` then repeats

Crash story: a turn is made beside its place and renamed into it. Older turns stay until every link has the newest one, so nobody is
locked out by a rotation that they have not heard of: only by more than KEPT of them.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from comity.durable import locked, put_whole
from comity.errors import IntegrityFault, OperatorFault, SenderFault
from comity.ledger.keys import LogKey
from comity.ledger.note import cosign, read_note, verified
from comity.peer import certificate
from comity.peer.identity import Identity, Own, open_identity, sign

_FOLDER = "turns"
#: Turns before the newest that are kept at most: each of them signs every later identity.
KEPT = 16


class Keyring:
    """The keys below a node's `keys/`. `name` is what the node's keys are called, `parcels` the key for what it sends."""

    def __init__(self, folder: Path, party: str, body: str, node: str, name: str) -> None:
        self._folder = folder
        self._who = (party, body, node, name)
        self._known: dict[int, Own] = {}

    def turns(self) -> list[int]:
        """The turns whose keys are here, oldest first; the first one is made when there is none. Raises OperatorFault."""
        place = self._folder / _FOLDER
        try:
            found = sorted(int(each.name) for each in place.iterdir() if each.name.isdecimal()) if place.exists() else []
            if not found:
                self._make(0, [])
                found = [0]
        except OSError as error:
            raise OperatorFault(f"cannot read the node's keys for links: {error}", next="check keys/ and its permissions") from error
        return found

    def own(self, turn: int | None = None) -> Own:
        """The keys of a turn that is here (None: of the latest). Raises OperatorFault."""
        turns = self.turns()
        at = turns[-1] if turn is None or turn not in turns else turn
        if at not in self._known:
            self._known[at] = self._read(at)
        return self._known[at]

    def rotate(self, *, parcels: bool = False) -> Own:
        """Make the next turn, and a new key for parcels too, if asked."""
        turns = self.turns()
        fresh = LogKey.generate(self._parcels(turns[-1]).name) if parcels else None
        try:
            self._make(turns[-1] + 1, [self.own(each) for each in turns], fresh)
            if fresh is not None:
                put_whole(self._folder / "parcels", [fresh.to_bytes()], mode=0o600)
        except OSError as error:
            raise OperatorFault(f"cannot make new keys: {error}", next="check keys/ and its permissions") from error
        return self.own()

    @contextmanager
    def alone(self, link: str) -> Iterator[None]:
        """Wait until no other process of this node exchanges over a link, and keep others waiting meanwhile."""
        place = self._folder / _FOLDER / f"{hashlib.sha256(link.encode()).hexdigest()[:16]}.lock"
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with locked(place):
            yield

    def rules(self, *, make: bool = False) -> LogKey | None:
        """The key by which this node makes its body's rules; None if it does not, unless it is to begin now (`make`)."""
        path = self._folder / "body"
        try:
            if make and not path.exists():
                with suppress(FileExistsError):  # another process was quicker
                    certificate.keep(path, LogKey.generate(f"{self._who[3]}/body").to_bytes())
            return LogKey.from_bytes(path.read_bytes()) if path.exists() else None
        except OSError as error:
            raise OperatorFault(f"cannot read the key of the body: {error}", next="restore keys/ from a backup") from error

    def drop(self, before: int) -> list[int]:
        """Remove the turns before one that every link has, and all but the latest KEPT of the others; which went."""
        turns = self.turns()
        gone = [each for each in turns[:-1] if each < before or each not in turns[-KEPT:]]
        for each in gone:
            shutil.rmtree(self._folder / _FOLDER / str(each))
            self._known.pop(each, None)
        return gone

    def _make(self, turn: int, before: list[Own], fresh: LogKey | None = None) -> None:
        party, body, node, name = self._who
        place = self._folder / _FOLDER
        part = place / f"{turn}.{os.getpid()}.part"
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True, mode=0o700)
        key, pem = LogKey.generate(f"{name}/requests-{turn}"), certificate.make()
        parcels = fresh or self._parcels(turn - 1)
        made = Identity(
            party=party, body=body, name=node, turn=turn, requests=key.verifier, parcels=parcels.verifier, tls=certificate.certificate(pem)
        )
        note = sign(made, key, parcels, *(each.requests for each in before))
        for file, data in (("requests", key.to_bytes()), ("tls", pem), ("node", note)):
            certificate.keep(part / file, data)
        if fresh is not None:
            certificate.keep(part / "parcels", fresh.to_bytes())
        try:
            part.rename(place / str(turn))
        except OSError:
            shutil.rmtree(part)
            if not (place / str(turn)).exists():  # else another process was quicker
                raise

    def _read(self, turn: int) -> Own:
        place = self._folder / _FOLDER / str(turn)
        try:
            note = self._signed(turn, (place / "node").read_bytes())
            found, key = open_identity(note), LogKey.from_bytes((place / "requests").read_bytes())
            whole = key.verifier == found.requests and certificate.certificate((place / "tls").read_bytes()) == found.tls
        except OSError as error:
            raise OperatorFault(f"cannot read the node's keys for links: {error}", next="restore keys/ from a backup") from error
        except (SenderFault, IntegrityFault, OperatorFault):
            whole = False
        if not whole:
            raise OperatorFault("the node's keys for links are damaged", next="restore keys/ from a backup")
        return Own(identity=found, note=note, requests=key, parcels=self._parcels(turn), tls=place / "tls")

    def _signed(self, turn: int, note: bytes) -> bytes:
        """A node's identity under its key for parcels too: the first release's is not."""
        parcels = self._parcels(turn)
        try:
            verified(note, (parcels.verifier,))
        except IntegrityFault:
            return cosign(read_note(note), parcels)
        return note

    def _parcels(self, turn: int) -> LogKey:
        place = self._folder / _FOLDER / str(turn) / "parcels"
        try:
            return LogKey.from_bytes((place if place.exists() else self._folder / "parcels").read_bytes())
        except OSError as error:
            raise OperatorFault(f"cannot read the node's key for parcels: {error}", next="restore keys/ from a backup") from error
