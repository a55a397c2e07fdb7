"""Deciding a past disclosure again: its entry, what was known of agreements, standings and approvals then, and the facts of its objects.

A `Case` holds all of it, so that an auditor decides on another machine, with nothing of the node but its log's key. The log binds the
objects to the entry; that their facts are these, and that these were the agreements and standings, is the node's word, unless their own
arrival is proven too (`comity log prove ID`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from hashlib import sha256

import msgspec

from comity.agree.accord import Agreement
from comity.agree.acts import Deed
from comity.agree.acts import read as read_deed
from comity.agree.agreement import read as read_agreement
from comity.agree.approval import Approval
from comity.agree.decide import Question, Rules, decide
from comity.clock import from_micros, micros
from comity.errors import Fault, IntegrityFault, NotFound, SenderFault
from comity.ledger.erasure import is_erased
from comity.ledger.given import RELEASES
from comity.ledger.journal import Entry, read_entry
from comity.ledger.keys import Verifier
from comity.ledger.leaf import Opening, opened_root
from comity.ledger.proof import prove, read_proof, verify, write_proof
from comity.release.desk import Desk
from comity.release.sight import cited
from comity.rulebook import requests
from comity.store.conditions import read_condition
from comity.store.protocol import Row
from comity.terms.party import Register, Standing
from comity.terms.stix import ACT_TYPE, AGREEMENT_TYPE
from comity.terms.traits import Traits
from comity.world import World

#: Items looked through at a time for the objects of an entry.
_PAGE = 5_000


class Text(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A text that governs, when the node learnt it (microseconds since 1970), and, of an act, whether it came with a signature."""

    text: str
    known: int
    name: str = ""
    signed: bool = False


class Object(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An object of the entry: the SHA-256 of its bytes, and the facts of each claim that has these bytes; none if it is held no more."""

    sha: bytes
    facts: tuple[Traits, ...]


class Case(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that a disclosure was decided by. `proof` is its entry's (tlog-proof), `opening` opens the commitments to its objects."""

    version: int = 1
    proof: str
    opening: bytes
    holder: str
    agreements: tuple[Text, ...]
    acts: tuple[Text, ...]
    standings: tuple[Standing, ...]
    approvals: tuple[Approval, ...]
    objects: tuple[Object, ...]


class Replayed(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it: `same` objects are permitted again by clauses that the entry cites, `gone` were erased from the log too.

    `missing` are named by the log still, and the case says no facts of them: they were withdrawn since, or are withheld. `differing` are
    the others: SHA-256 in hex, and what is decided now. `texts` are the agreements that it was decided by: `id@version` and the SHA-256 of
    the text, to hold against what the parties signed.
    """

    index: int
    at: datetime
    party: str
    agreements: tuple[str, ...]
    same: int
    gone: int
    missing: int
    differing: tuple[tuple[str, str], ...]
    texts: tuple[tuple[str, str], ...]

    @property
    def ok(self) -> bool:
        """Whether each object that can still be decided about is decided as it was."""
        return not self.differing


def write_case(case: Case) -> bytes:
    """The case as a file of JSON."""
    return msgspec.json.encode(case) + b"\n"


def read_case(data: bytes) -> Case:
    """The inverse of `write_case`. Raises SenderFault."""
    try:
        case = msgspec.json.decode(data, type=Case)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as fault:
        raise SenderFault(f"not a case: {fault}", next="comity log replay INDEX --out FILE writes one") from None
    if case.version != 1:
        raise SenderFault(f"a case of version {case.version}", next="replay it with a newer Comity")
    return case


def case_of(desk: Desk, index: int) -> Case:
    """Gather the case of a log entry. Raises NotFound for an entry that is not there or erased, SenderFault for one of another kind."""
    world = desk.world
    head = world.store.head()
    leaf = next(iter(world.store.leaves(index, index + 1)), None) if 0 <= index < head.size else None
    if leaf is None:
        raise NotFound(f"the log has no entry {index}")
    if is_erased(leaf):
        raise NotFound(f"entry {index} is erased: its commitment is left", next="comity log verify tells erased from altered")
    proof = prove(leaf, world.store.tree_hashes, head.checkpoint)
    at = micros(_asked(read_entry(leaf.entry), index).at)
    hashes = [sha for sha in Opening(records=leaf.opening).hashes() if sha is not None]
    rows = _rows(world, set(hashes))
    facts = {sha: tuple(_facts(world, row) for row in rows.get(sha, ())) for sha in hashes}
    _, rules = world.rulebook.current()
    return Case(
        proof=write_proof(proof).decode(),
        opening=leaf.opening,
        holder=world.settings.party,
        agreements=tuple(_texts(world, AGREEMENT_TYPE, at)),
        acts=tuple(_texts(world, ACT_TYPE, at)),
        standings=tuple(each for each in rules.register.standings if each.known is None or micros(each.known) <= at),
        approvals=tuple(each for each in (request.approval for request in requests(world.store)) if micros(each.requested) <= at),
        objects=tuple(Object(sha=sha, facts=facts[sha]) for sha in dict.fromkeys(hashes)),
    )


def _asked(entry: Entry, index: int) -> Entry:
    """An entry that says who asked for what. Raises SenderFault."""
    detail = entry.detail
    if entry.kind != RELEASES[0] or not isinstance(detail.get("body"), str) or not isinstance(detail.get("purposes"), list):
        raise SenderFault(f"entry {index} is of kind {entry.kind}, not a disclosure that was asked for", next="comity log list shows kinds")
    return entry


def _rows(world: World, hashes: set[bytes]) -> dict[bytes, list[Row]]:
    """The items with these bytes, by their SHA-256: the log names no ids."""
    found: dict[bytes, list[Row]] = {}
    before: int | None = None
    while rows := world.store.recent(_PAGE, before):
        for row in rows:
            if row.sha in hashes:
                found.setdefault(row.sha, []).append(row)
        before = rows[-1].added
    return found


def _facts(world: World, row: Row) -> Traits:
    return read_condition(world.store.trait_body(row.base)).base


def _texts(world: World, type_: str, at: int) -> Iterator[Text]:
    rows = [row for row in world.store.by_type(type_) if row.added <= at]
    bodies = world.store.bodies([row.item for row in rows])
    for row in rows:
        said = msgspec.json.decode(bodies[row.item])
        yield Text(text=said["text"], known=row.added, name=said["name"], signed="note" in said)


def replay(case: Case, verifiers: Sequence[Verifier]) -> Replayed:
    """Decide a case again. Raises IntegrityFault for one that the log does not bear out, AgreementFault for texts that cannot be read."""
    # 1. The entry stands in the log, and these are its objects.
    proven = verify(read_proof(case.proof.encode()), verifiers)
    entry = _asked(proven.entry, proven.index)
    opening = Opening(records=case.opening)
    if entry.root is None or opened_root(opening).hex() != entry.root or len(opening) != entry.count:
        raise IntegrityFault("the case's objects are not those that the entry commits to")
    # 2. The rules as they were known then.
    agreements = [
        msgspec.structs.replace(read_agreement(each.text, name=each.name), known=from_micros(each.known)) for each in case.agreements
    ]
    rules = Rules(agreements, Register(case.standings), list(case.approvals), [_deed(each) for each in case.acts])
    question = Question(
        recipient=str(entry.party), body=entry.detail["body"], purposes=tuple(map(str, entry.detail["purposes"])), holder=case.holder,
        valid_at=entry.at, known_at=entry.at, across=str(entry.detail.get("across", "")),
    )  # fmt: skip
    # 3. Each object as its facts have it.
    facts = {each.sha: each.facts for each in case.objects}
    same, gone, missing, differing = 0, 0, 0, []
    for sha in opening.hashes():
        if sha is None or not facts.get(sha):
            gone, missing = gone + (sha is None), missing + (sha is not None)
            continue
        decided = [decide(question, each, rules) for each in facts[sha]]
        grounds = [cited(decision) for decision in decided]
        if any(each.effect == "permit" and names and set(names) <= set(entry.agreements) for each, names in zip(decided, grounds)):
            same += 1
        else:
            differing.append((sha.hex(), "; ".join(f"{each.effect} ({', '.join(names)})" for each, names in zip(decided, grounds))))
    return Replayed(
        index=proven.index, at=entry.at, party=str(entry.party), agreements=entry.agreements, same=same, gone=gone,
        missing=missing, differing=tuple(differing),
        texts=tuple((f"{read.id}@{read.version}", sha256(at.text.encode()).hexdigest()) for at, read in zip(case.agreements, agreements)),
    )  # fmt: skip


def _agreement(said: Text) -> Agreement:
    return msgspec.structs.replace(read_agreement(said.text, name=said.name), known=from_micros(said.known))


def _deed(said: Text) -> Deed:
    return msgspec.structs.replace(read_deed(said.text), signed=said.signed, known=from_micros(said.known))


def replays(desk: Desk, first: int = 0) -> Iterator[Replayed | tuple[int, str]]:
    """Every disclosure from an entry on, replayed here; of one that cannot be, its index and why."""
    for leaf in desk.world.store.leaves(first, desk.world.store.head().size):
        if leaf.entry and read_entry(leaf.entry).kind == RELEASES[0]:
            try:
                yield replay(case_of(desk, leaf.index), [desk.world.journal.verifier])
            except Fault as fault:
                yield leaf.index, str(fault)
