"""How far the log had come, kept beside the keys and so outside of every backup of the store: a store that was put back is told by it.

One line of fixed length, `size root`, written over itself as soon as an entry is committed, before anybody is told of it, and never synced:
a crash in between may leave it behind by that entry, a power cut by some, and none ahead of what was committed. What it is behind by, the
next entry makes good first. Only such an entry, one that hardly anybody saw, could be signed in another form after a backup of just before.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path

from comity.errors import IntegrityFault, OperatorFault
from comity.ledger.leaf import Head

_LINE = re.compile(rb"([0-9]{20}) ([0-9a-f]{64})\n\Z")


class HighWater:
    """The mark of one log."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None
        #: The head that this process marked last.
        self.last: Head | None = None

    def read(self) -> tuple[int, str] | None:
        """Size and root (hex); None if nothing was marked yet, or the file was only made. Raises IntegrityFault, OperatorFault."""
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise OperatorFault(f"cannot read {self._path}: {error}", next="check keys/ and its permissions") from error
        if not data:
            return None
        found = _LINE.match(data)
        if not found:
            raise IntegrityFault(f"{self._path} is damaged", next="compare the log with a checkpoint kept elsewhere, then remove the file")
        return int(found[1]), found[2].decode()

    def check(self, head: Head) -> None:
        """Refuse to go on from a head that is older than the mark, or another of the same size. Raises IntegrityFault."""
        marked = self.read()
        if marked is None or head.size > marked[0] or (head.size, head.root.hex()) == marked:
            return
        next_ = "bring back the later store; if it is lost: comity log renew --reason TEXT, which says in the log what was lost"
        if head.size < marked[0]:
            raise IntegrityFault(f"the log had {marked[0]} entries and has {head.size}: its store is an earlier one, put back", next=next_)
        raise IntegrityFault(f"the log's entry {head.size - 1} is not the one that was signed here before", next=next_)

    def raise_to(self, head: Head) -> None:
        """Mark a head that is committed, within the critical section of the next entry. Raises OperatorFault: nothing may follow."""
        try:
            if self._file is None:
                self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o600)
            os.lseek(self._file, 0, os.SEEK_SET)
            os.write(self._file, b"%020d %s\n" % (head.size, head.root.hex().encode()))
        except OSError as error:
            raise OperatorFault(f"cannot write {self._path}: {error}", next="check keys/, its permissions and the disk") from error
        self.last = head

    def follow(self, head: Head) -> None:
        """Mark a head as soon as it is committed, unless another process has come further; where that fails, `raise_to` will say so."""
        with suppress(IntegrityFault, OperatorFault):
            marked = self.read()
            if marked is None or marked[0] < head.size:
                self.raise_to(head)
