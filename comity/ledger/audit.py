"""Verifying a whole log, a node's own or an exported folder, on any machine: everything that was altered is found and named.

What it cannot find, by nature: a log cut back to an earlier state whose old head was kept too. For that the caller passes a
checkpoint held elsewhere (`held`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from comity.errors import IntegrityFault, OperatorFault
from comity.ledger.erasure import TOMBSTONES, erasures, is_erased, prunings
from comity.ledger.export import CHECKPOINT, KEY, LOG, MAX_LINE, read_head, read_key, read_leaf
from comity.ledger.journal import check_head
from comity.ledger.leaf import SALT, Entry, Head, Leaf, Opening, entry_hash, opened_root, read_entry
from comity.ledger.merkle import EMPTY, WIDTH, Frontier, leaf_hash, read_frontier
from comity.ledger.note import MAX_NOTE, Checkpoint, Verifier, open_note

#: The most problems that a report spells out; `Report.more` counts the rest.
MAX_PROBLEMS = 100


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What an audit found. `size` and `root` (hex) are those of the leaves present; `kinds` counts entries by kind.

    `erased` entries and `erased_objects` are gone with a tombstone, or named as a problem. `signed` says whether the head's
    checkpoint carries a good signature; `held` is the size of the checkpoint kept elsewhere, None if none was given or the log
    does not extend it.
    """

    problems: tuple[str, ...]
    more: int
    size: int
    root: str
    kinds: dict[str, int]
    objects: int
    erased: int
    erased_objects: int
    signed: bool
    held: int | None

    @property
    def ok(self) -> bool:
        """Whether nothing at all is wrong."""
        return not self.problems

    def as_json(self) -> dict[str, Any]:
        """The report as plain JSON values, with `ok`."""
        found: dict[str, Any] = msgspec.to_builtins(self)
        return {"ok": self.ok} | found


class _Audit:
    """One pass over a log: leaves in, then the head, then the report. Memory grows with erasures only."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.more = 0
        self.frontier = Frontier()
        self.expected = 0
        self.kinds: Counter[str] = Counter()
        self.objects = 0
        #: Leaf -> erased positions, and runs of leaves that are gone as a whole, and of those that entries say were pruned.
        self.gone: dict[int, frozenset[int]] = {}
        self.whole: list[list[int]] = []
        self.pruned: list[tuple[int, int]] = []
        self.tombs: dict[int, list[tuple[int, frozenset[int] | None]]] = {}
        self.signed = False
        self.held: Checkpoint | None = None
        self.held_root: bytes | None = None

    def problem(self, text: str) -> None:
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(text)
        else:
            self.more += 1

    def hold(self, data: bytes, verifiers: Sequence[Verifier]) -> None:
        try:
            self.held = open_note(data, verifiers)
        except IntegrityFault as fault:
            self.problem(f"the checkpoint kept elsewhere: {fault}")
            return
        if self.held.size == 0:
            self.held_root = EMPTY

    def leaf(self, leaf: Leaf) -> None:
        if not all(isinstance(part, bytes) for part in (leaf.hash, leaf.salt, leaf.entry, leaf.opening)):
            self.problem(f"leaf {leaf.index}: it is stored as something else than bytes")
            self.expected = max(self.expected, leaf.index + 1)
            return
        # 1. Its place: gaps and repeats are named once each, then counting goes on from what was found.
        if leaf.index != self.expected:
            gap = f"{self.expected} to {leaf.index - 1}" if leaf.index - self.expected > 1 else f"{self.expected}"
            what = "repeated or out of order" if leaf.index < self.expected else f"missing before it: {gap}"
            self.problem(f"leaf {leaf.index}: {what}")
        self.expected = max(self.expected, leaf.index + 1)
        # 2. The tree over the hashes as stored; whether it is the right tree shows at the head.
        self.frontier = self.frontier.append(leaf.hash)
        if self.held is not None and self.frontier.size == self.held.size:
            self.held_root = self.frontier.root()
        # 3. What the hash hides.
        if len(leaf.hash) != WIDTH:
            self.problem(f"leaf {leaf.index}: its hash has {len(leaf.hash)} bytes instead of {WIDTH}")
        if is_erased(leaf):
            if self.whole and self.whole[-1][1] == leaf.index - 1:
                self.whole[-1][1] = leaf.index
            else:
                self.whole.append([leaf.index, leaf.index])
            if leaf_hash(leaf.salt) != leaf.hash:
                self.problem(f"leaf {leaf.index}: it was erased, and what is left of it does not match its hash")
        else:
            self._contents(leaf)

    def _contents(self, leaf: Leaf) -> None:
        if len(leaf.salt) != SALT or entry_hash(leaf.salt, leaf.entry) != leaf.hash:
            self.problem(f"leaf {leaf.index}: entry does not match its hash")
        try:
            entry = read_entry(leaf.entry)
        except IntegrityFault as fault:
            self.problem(f"leaf {leaf.index}: {fault}")
            return
        self.kinds[entry.kind] += 1
        self.objects += entry.count
        if entry.kind in TOMBSTONES:
            try:
                for target, positions in erasures(entry, leaf.index).items():
                    self.tombs.setdefault(target, []).append((leaf.index, positions))
                self.pruned += prunings(entry, leaf.index)
            except IntegrityFault as fault:
                self.problem(f"leaf {leaf.index}: {fault}")
        self._objects(leaf, entry)

    def _objects(self, leaf: Leaf, entry: Entry) -> None:
        opening = Opening(records=leaf.opening)
        try:
            if len(opening.commitments()) != entry.count:
                raise IntegrityFault(f"{len(opening)} object records, its entry says {entry.count}")
            if entry.root is not None and opened_root(opening).hex() != entry.root:
                raise IntegrityFault("object records do not match the root in its entry")
        except IntegrityFault as fault:
            self.problem(f"leaf {leaf.index}: {fault}")
            return
        erased = opening.erased()
        if erased:
            self.gone[leaf.index] = frozenset(erased)

    def head(self, head: Head, verifier: Verifier, origin: str | None) -> None:
        # 4. What is signed, and what the head stores, must be the tree of the leaves that are here.
        if not isinstance(head.size, int) or not all(isinstance(part, bytes) for part in (head.frontier, head.root, head.checkpoint)):
            self.problem("head: it is stored as something else than a number and bytes")
            return
        count, root = self.frontier.size, self.frontier.root()
        if head.size != count:
            self.problem(f"head: it says {head.size} entries, {count} leaves are here: some were removed or inserted")
        if head.root != root:
            self.problem(f"head: its root is not that of the {count} leaves here (altered, removed, inserted or out of order)")
        try:
            if read_frontier(head.frontier) != self.frontier:
                self.problem("head: its frontier is not that of the leaves here")
        except IntegrityFault as fault:
            self.problem(f"head: {fault}")
        try:
            check_head(head, (verifier,), origin)
            self.signed = head.size > 0
        except IntegrityFault as fault:
            self.problem(f"head: {fault}")

    def erasures(self) -> None:
        # 5. Erased is not altered: each erasure has a tombstone, and each tombstone an erasure.
        gone, pruned = _merged(self.whole), _merged(self.pruned)
        for index in _outside(gone, pruned):
            if None not in [positions for _, positions in self.tombs.get(index, [])]:
                self.problem(f"leaf {index}: erased without a tombstone")
        for index in _outside(pruned, gone):
            self.problem(f"leaf {index}: a later entry says it was pruned, but it is here (an old backup?)")
        for index, erased in sorted(self.gone.items()):
            claimed = [positions for _, positions in self.tombs.get(index, [])]
            if None not in claimed:
                for position in sorted(erased.difference(*(p for p in claimed if p is not None))):
                    self.problem(f"leaf {index}: object {position} erased without a tombstone")
        starts = [first for first, _ in gone]
        for target, tombs in sorted(self.tombs.items()):
            at = bisect_right(starts, target) - 1
            if at >= 0 and target <= gone[at][1]:
                continue
            here = self.gone.get(target, frozenset())
            for index, positions in tombs:
                if positions is None or positions - here:
                    self.problem(f"leaf {target}: the tombstone at leaf {index} says erased, but it is here (an old backup?)")

    def against_held(self) -> None:
        # 6. The past as somebody else remembers it.
        if self.held is None:
            return
        if self.held_root is None:
            size = self.frontier.size
            self.problem(f"the log has {size} entries, the checkpoint kept elsewhere {self.held.size}: its end was removed")
        elif self.held_root != self.held.root:
            self.problem(f"the first {self.held.size} entries are not those of the checkpoint kept elsewhere")

    def report(self) -> Report:
        held = self.held.size if self.held is not None and self.held_root == self.held.root else None
        return Report(
            problems=tuple(self.problems),
            more=self.more,
            size=self.frontier.size,
            root=self.frontier.root().hex(),
            kinds=dict(sorted(self.kinds.items())),
            objects=self.objects,
            erased=sum(last - first + 1 for first, last in _merged(self.whole)),
            erased_objects=sum(map(len, self.gone.values())),
            signed=self.signed,
            held=held,
        )


def _merged(runs: Iterable[Sequence[int]]) -> list[tuple[int, int]]:
    """Runs (first, last), ascending, with those that touch or overlap made one."""
    found: list[tuple[int, int]] = []
    for first, last in sorted(map(tuple, runs)):
        if found and first <= found[-1][1] + 1:
            found[-1] = found[-1][0], max(found[-1][1], last)
        else:
            found.append((first, last))
    return found


def _outside(runs: Sequence[tuple[int, int]], others: Sequence[tuple[int, int]]) -> Iterator[int]:
    """The numbers in runs that are in none of the others, both as `_merged` gives them."""
    at = 0
    for first, last in runs:
        while first <= last:
            while at < len(others) and others[at][1] < first:
                at += 1
            if at < len(others) and others[at][0] <= first:
                first = others[at][1] + 1
                continue
            end = min(last, others[at][0] - 1) if at < len(others) else last
            yield from range(first, end + 1)
            first = end + 1


def verify(
    leaves: Iterable[Leaf],
    head: Head,
    key: Verifier,
    *,
    held: bytes | None = None,
    older: Sequence[Verifier] = (),
    origin: str | None = None,
) -> Report:
    """Check every leaf, the head and its signature, and, if given, that the log extends the checkpoint note `held`.

    `key` must have signed the head; `older` keys may have signed `held`. Finds everything it can; raises nothing about the log.
    """
    audit = _Audit()
    if held is not None:
        audit.hold(held, (key, *older))
    for leaf in leaves:
        audit.leaf(leaf)
    return _close(audit, head, key, origin)


def _close(audit: _Audit, head: Head, key: Verifier, origin: str | None) -> Report:
    audit.head(head, key, origin)
    if audit.held is not None and head.checkpoint and isinstance(head.checkpoint, bytes):
        _same_origin(audit, head, key)
    audit.erasures()
    audit.against_held()
    return audit.report()


def _same_origin(audit: _Audit, head: Head, key: Verifier) -> None:
    """A key that signs for two logs must not let one stand in for the other."""
    try:
        ours = open_note(head.checkpoint, (key,)).origin
    except IntegrityFault:
        return  # already named
    if audit.held is not None and ours != audit.held.origin:
        audit.problem(f"head: the log is {ours!r}, the checkpoint kept elsewhere is of {audit.held.origin!r}")


class Export(msgspec.Struct, frozen=True, kw_only=True):
    """An exported log that was read: head, the key in its folder, and its leaves, lazily (a bad line raises IntegrityFault)."""

    head: Head
    key: Verifier
    leaves: Iterator[Leaf]


def read_export(folder: Path) -> Export:
    """Open an exported folder. Raises OperatorFault if it cannot be read, IntegrityFault for a malformed head or key."""
    lines = _lines(folder / LOG)
    head = read_head(next(lines, b""))
    return Export(head=head, key=read_key(_file(folder / KEY)), leaves=(read_leaf(line) for line in lines))


def verify_export(folder: Path, *, key: Verifier | None = None, held: bytes | None = None, older: Sequence[Verifier] = ()) -> Report:
    """Check an exported folder, line by line. A `key` known from elsewhere is safer than the folder's, which must equal it.

    Raises OperatorFault if a file cannot be read; everything else, malformed lines included, is in the report.
    """
    audit = _Audit()
    lines = _lines(folder / LOG)
    try:
        head, own = read_head(next(lines, b"")), read_key(_file(folder / KEY))
    except IntegrityFault as fault:
        audit.problem(f"{LOG} line 1 or {KEY}: {fault}")
        return audit.report()
    if key is not None and key != own:
        audit.problem(f"{KEY}: not the key that was given")
    if _file(folder / CHECKPOINT) != head.checkpoint:
        audit.problem(f"{CHECKPOINT}: not the checkpoint in {LOG}")
    if held is not None:
        audit.hold(held, (key or own, *older))
    for number, line in enumerate(lines, start=2):
        try:
            audit.leaf(read_leaf(line))
        except IntegrityFault as fault:
            audit.problem(f"{LOG} line {number} (leaf {number - 2}): {fault}")
            audit.expected += 1
    return _close(audit, head, key or own, None)


def _file(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_NOTE + 1)
    except OSError as fault:
        raise OperatorFault(f"cannot read {path.name}: {fault.strerror}", next="give the folder that `comity log export` wrote") from fault


def _lines(path: Path) -> Iterator[bytes]:
    """The file's lines with their newlines; an overlong one comes in pieces, which no reader accepts."""
    try:
        with path.open("rb") as file:
            while line := file.readline(MAX_LINE):
                yield line
    except OSError as fault:
        raise OperatorFault(f"cannot read {path.name}: {fault.strerror}", next="give the folder that `comity log export` wrote") from fault
