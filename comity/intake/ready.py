"""Objects between check and entry: as they will be stored, and a room to wait in that does not grow with their number."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import Any

import msgspec

from comity.store.protocol import NewItem
from comity.terms.item import Envelope, Outcome, read_envelope, write_envelope

#: Bytes of waiting objects that are kept in memory; what is more goes to a temporary file.
IN_MEMORY = 8 << 20


class Ready(msgspec.Struct, frozen=True, array_like=True, omit_defaults=True):
    """An object that was checked.

    `held` says why it is kept in quarantine, if it is; `personal`: for the persons in it. `sampled`: people should look at what passed.
    `silent`: nothing says its TLP but the submitter's default. `undefined` are markings
    that it names and that nobody has defined so far. `derived`, `dated` and `made_of` as in `Draft`; `note` is told with its outcome.
    `shell` is the sealed object around it, if it is to have one; that one's envelope is settled when it enters. Without a `position` it
    stands in no submission.
    """

    new: NewItem
    position: str
    held: str = ""
    silent: bool = False
    undefined: tuple[str, ...] = ()
    derived: bool = False
    dated: bool = False
    note: str = ""
    made_of: int | None = None
    shell: NewItem | None = None
    personal: bool = False
    sampled: bool = False

    @property
    def obj(self) -> Any:
        """The object, read again from its bytes."""
        return msgspec.json.decode(self.new.body)

    @property
    def person(self) -> str:
        """What its producer says of the persons in it."""
        return read_envelope(self.new.envelope).person

    @property
    def observable(self) -> bool:
        """Whether it has no version of its own, as STIX's cyber-observables (section 3.2)."""
        return not self.new.version

    @property
    def unmarked(self) -> bool:
        """Whether it is an observable that says nothing about its own handling: then what contains it does."""
        return self.silent and self.observable

    def said(self, envelope: Envelope) -> Ready:
        """The same under another envelope."""
        traits = msgspec.structs.replace(self.new.traits, tlp=envelope.tlp, pap=envelope.pap, gate=envelope.gate)
        return msgspec.structs.replace(self, new=self.new._replace(envelope=write_envelope(envelope), traits=traits))

    def marked(self, tlp: str, pap: str | None) -> Ready:
        """The same under another TLP and PAP."""
        if (tlp, pap) == (self.new.traits.tlp, self.new.traits.pap):
            return self
        return self.said(msgspec.structs.replace(read_envelope(self.new.envelope), tlp=tlp, pap=pap))

    def quarantined(self, why: str) -> Ready:
        """The same, kept in quarantine; a reason that it has already stays the one that is told."""
        envelope = msgspec.structs.replace(read_envelope(self.new.envelope), gate="quarantine")
        said = self.said(envelope)
        return msgspec.structs.replace(said, new=said.new._replace(words=()), held=self.held or why)

    def kept_back(self, note: str) -> Ready:
        """The same for its origin alone."""
        envelope = msgspec.structs.replace(read_envelope(self.new.envelope), to=())
        traits = msgspec.structs.replace(self.new.traits, to=())
        new = self.new._replace(envelope=write_envelope(envelope), traits=traits)
        return msgspec.structs.replace(self, new=new, shell=None, note="; ".join(filter(None, (self.note, note))))

    def became(self, outcome: str, why: str = "", version: str | None = None) -> Outcome:
        """What is told of it."""
        new = self.new
        version = version or new.version or None
        return Outcome(outcome=outcome, position=self.position, id=new.id, type=new.type, version=version, why=why or self.note)


class Waiting:
    """A queue of objects that is read from its beginning as often as one likes. In memory while small, else in a nameless file."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  # closed by `close`
        self._encode = msgspec.msgpack.Encoder().encode
        self._decode = msgspec.msgpack.Decoder(Ready).decode

    def close(self) -> None:
        """Give the space back."""
        self._file.close()

    def add(self, ready: Ready) -> None:
        """Put one at the end. Not while it is read."""
        raw = self._encode(ready)
        self._file.write(len(raw).to_bytes(4, "big") + raw)

    def __iter__(self) -> Iterator[Ready]:
        self._file.seek(0)
        while size := self._file.read(4):
            yield self._decode(self._file.read(int.from_bytes(size, "big")))
