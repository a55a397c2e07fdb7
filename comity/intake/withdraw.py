"""Taking back: an origin removes its own items, and the node keeps what a recall needs: what it was, and between which log entries it
could be disclosed. Who had received it is read from the log when somebody asks.

    1. choose   the party's own items of one id, by version; with      the critical section begins
                each go the redacted copies that were made of it, and
                what it was sealed in, or was opened from it
    2. record   a log leaf with the item hashes, a record per item
    3. remove   items, bytes, index rows                               ... and ends, durable as a whole

Crash story: one transaction. Before its commit nothing is withdrawn; after it, all of it is, and the log says so.

Only the party's own items are ever looked at, so nothing can be learnt here of anybody else's. A withdrawn item counts like an expired one:
what named it stays as it is. The same object sent again is a new arrival.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import islice

import msgspec

from comity.clock import micros
from comity.forms.tombstone import revoked
from comity.intake.reasons import unnamed
from comity.ledger.given import given
from comity.ledger.journal import MAX_OBJECTS, Entry
from comity.store.copied import envelopes, ids_of_copies, leaving_with
from comity.store.protocol import Row, Tx
from comity.store.wrapped import forget_pairs, ids_of_made, made_of
from comity.terms.item import arrival, inward, item_hash, read_envelope, unnamed_red
from comity.terms.stix import OWN_TYPES, version_moment
from comity.world import World

_SPACE = "recalls"
#: Who had received what was withdrawn: nothing is added to it once that is gone.
_RECIPIENTS = "recall-recipients"
#: Objects that name another one, of which `naming` looks at no more.
LOOKED = 2_000


class Recall(msgspec.Struct, frozen=True, kw_only=True):
    """One object version that its origin withdrew.

    `name` is what it goes by here. `arrival` is the stamp it had at the node that vouches for it, `cause` why it went
    (`forms.parcel.Cause`), `of` the object that a sealed one or a copy was made of; `markings` and `revoked` are what is left to tell by
    (`forms.tombstone`). `proven`: its origin's signature of the object was checked here; `signed`: how its origin signed that it goes
    (`forms.parcel.Withdrawn`). `stays`: no link was to take it. `sha` is the SHA-256 of its bytes and `item` its item hash, both
    hex; `entered` and `withdrawn` are the log entries that it came and went with.
    """

    name: str
    party: str
    id: str
    version: str
    sha: str
    item: str
    at: datetime
    by: str
    entered: int
    withdrawn: int
    reason: str = ""
    cause: str = "deleted"
    arrival: int = 0
    of: str = ""
    markings: tuple[str, ...] = ()
    revoked: bytes = b""
    signed: bytes = b""
    proven: bool = False
    stays: bool = False


class Received(msgspec.Struct, frozen=True, kw_only=True):
    """A party that had received a withdrawn object: when first and last, and by how many log entries."""

    party: str
    first: datetime
    last: datetime
    times: int


def withdraw(
    world: World, party: str, id_: str, *, versions: Sequence[str] = ("all",), specs: Collection[str] | None = None, by: str = "",
    reason: str = "", cause: str = "deleted",
) -> list[Recall]:  # fmt: skip
    """Remove a party's own items of one object id; a recall for each, none if it has no such item.

    `versions` holds `first`, `last`, `all` or exact versions, `specs` specification versions (None: all of them). By default the object
    goes with all its versions: if only the last went, one before it would stand again. `by` names the token or person; `reason` is kept in
    the log and in the recall. Governance is not withdrawn here, nor what this node made of an item but with that item. Raises SenderFault
    for a reason that leads to a person.
    """
    at, reason = world.clock(), unnamed(reason)
    found: list[Recall] = []
    with world.store.write() as tx:
        # 1.
        alive = [row for row in tx.held(party, [id_]).get(id_, []) if row.expires is None or row.expires > micros(at)]
        made = {item for item, envelope in envelopes(world.store, [row.item for row in alive]).items() if envelope.profile is not None}
        rows = _chosen([row for row in alive if row.type not in OWN_TYPES and row.item not in made], versions, specs)
        for start in range(0, len(rows), MAX_OBJECTS):
            detail = {"reason": reason} if reason else {}
            detail |= {"cause": cause} if cause != "deleted" else {}
            entry = Entry(kind="withdraw", at=at, party=party, actor=by, detail=detail)
            found += remove(world, tx, rows[start : start + MAX_OBJECTS], entry)
    return found


def remove(world: World, tx: Tx, rows: Sequence[Row], entry: Entry, signed: bytes = b"") -> list[Recall]:
    """Steps 2 and 3 for at most MAX_OBJECTS of an origin's items and what was made of them, in the critical section.

    `signed`: as in `Recall`; what was made of the items has papers of its own.
    """
    found, papers = [], dict.fromkeys((row.item for row in rows), signed)
    with_seals, whose = [*rows, *made_of(world.store, rows)], ids_of_made(world.store, rows) | ids_of_copies(world.store, rows)
    going = [*with_seals, *leaving_with(world.store, tx, with_seals)]
    forget_pairs(world.store, tx, with_seals)
    for part in (going[start : start + MAX_OBJECTS] for start in range(0, len(going), MAX_OBJECTS)):
        # 2.
        found += _record(world, tx, part, entry, whose, papers)
        # 3.
        tx.delete([row.item for row in part])
    return found


def held(world: World, party: str, ids: Sequence[str]) -> list[str]:
    """Those of some object ids under which a party has items here, sorted."""
    return sorted({row.id for row in world.store.by_id(ids) if row.origin == party})


class Naming(msgspec.Struct, frozen=True, kw_only=True):
    """A party's own objects that name an object: their ids in the order they came, and whether there may be more of them."""

    ids: tuple[str, ...]
    more: bool


def naming(world: World, party: str, id_: str) -> Naming:
    """The party's own objects whose latest version names an object directly.

    Without it they stay as they are here; a later version of them is withheld, and so are they where it never was (rule `references`).
    No more than LOOKED objects that name it are looked at. Copies that the node made of its objects are not among them.
    """
    now = micros(world.clock())
    met = [row for row, _ in islice(world.store.naming(id_), LOOKED + 1)]
    named = dict.fromkeys(row.id for row in met[:LOOKED] if row.origin == party and row.type not in OWN_TYPES and row.id != id_)
    latest: dict[str, Row] = {}
    for row in world.store.by_id(list(named)):
        other = latest.get(row.id)
        if row.origin == party and (other is None or version_moment(other.version) <= version_moment(row.version)):
            latest[row.id] = row
    items = {row.item for row in met}
    stand = [row for row in map(latest.get, named) if row and row.item in items and (row.expires is None or row.expires > now)]
    made = {item for item, envelope in envelopes(world.store, [row.item for row in stand]).items() if envelope.profile is not None}
    return Naming(ids=tuple(row.id for row in stand if row.item not in made), more=len(met) > LOOKED)


def _record(
    world: World, tx: Tx, rows: Sequence[Row], entry: Entry, whose: Mapping[str, str], papers: Mapping[int, bytes]
) -> list[Recall]:  # fmt: skip
    """A log entry about items that are about to go, and a recall for each. `whose`: as `wrapped.ids_of_made`; `papers`: item ->
    `Recall.signed`.
    """
    items = [row.item for row in rows]
    envelopes, objects = world.store.envelopes(items), {item: msgspec.json.decode(raw) for item, raw in world.store.bodies(items).items()}
    said = {item: read_envelope(raw) for item, raw in envelopes.items()}
    creators = {obj["created_by_ref"] for obj in objects.values() if "created_by_ref" in obj}
    # Whoever gave the identity that an object names as its creator counts as that one.
    given = {(row.origin, row.id) for row in world.store.by_id(list(creators))}
    versioned = {row.item for row in rows if (by := objects[row.item].get("created_by_ref")) is None or (row.origin, by) in given}
    hashes = [item_hash(row.sha, envelopes[row.item]) for row in rows]
    leaf = world.journal.append(tx, entry, hashes).index
    made = [
        Recall(
            name=f"{leaf}.{number}", party=row.origin, id=row.id, version=row.version, sha=row.sha.hex(), item=hash_.hex(), at=entry.at,
            by=entry.actor, entered=row.leaf, withdrawn=leaf, reason=str(entry.detail.get("reason", "")),
            cause=str(entry.detail.get("cause", "deleted")), arrival=arrival(row.added, said[row.item]),
            of=whose.get(row.id, ""), markings=tuple(objects[row.item].get("object_marking_refs", ())),
            revoked=revoked(objects[row.item], entry.at) if row.item in versioned else b"", signed=papers.get(row.item, b""),
            proven=(how := said[row.item].came) is not None and how.proven, stays=inward(said[row.item]) or unnamed_red(said[row.item]),
        )
        for number, (row, hash_) in enumerate(zip(rows, hashes, strict=True), 1)
    ]  # fmt: skip
    for number, recall in enumerate(made, 1):
        tx.put_private(_SPACE, f"{leaf:020d}.{number:04d}", msgspec.json.encode(recall))
    return made


def _chosen(rows: Sequence[Row], versions: Sequence[str], specs: Collection[str] | None) -> list[Row]:
    """The rows that a request means; all that stand under one version go together, or the next would come to light."""
    if not rows:
        return []
    rows = [row for row in rows if specs is None or row.spec in specs]
    moments = sorted({version_moment(row.version) for row in rows})
    ends = {"first": moments[:1], "last": moments[-1:], "all": moments}
    meant = {moment for version in versions for moment in ends.get(version, [version_moment(version)])}
    return [row for row in rows if version_moment(row.version) in meant]


def recalls_since(world: World, leaf: int) -> list[Recall]:
    """The recalls of log entries from a number on, in their order."""
    return [msgspec.json.decode(value, type=Recall) for _, value in world.store.privates(_SPACE, f"{leaf:020d}")]


def recipients(world: World, found: Sequence[Recall]) -> dict[str, tuple[str, ...]]:
    """Recall name -> the parties that had received the object, as `received` says, which looks through the log; kept once it is known."""
    known = {recall.name: world.store.private(_RECIPIENTS, recall.name) for recall in found}
    missing = [recall for recall in found if known[recall.name] is None]
    if missing:
        had = received(world, missing)
        with world.store.write() as tx:
            for recall in missing:
                known[recall.name] = msgspec.json.encode([each.party for each in had[recall.name]])
                tx.put_private(_RECIPIENTS, recall.name, known[recall.name])
    return {name: msgspec.json.decode(value or b"[]", type=tuple[str, ...]) for name, value in known.items()}


def recalls(world: World, name: str | None = None) -> list[Recall]:
    """All recalls in the order of their log entries; with `name`, the one that goes by it, or those of an object id and what was made of
    it."""
    found = (msgspec.json.decode(value, type=Recall) for _, value in world.store.privates(_SPACE))
    return [recall for recall in found if name is None or name in (recall.name, recall.id, recall.of)]


def received(world: World, found: Sequence[Recall]) -> dict[str, list[Received]]:
    """Recall name -> the parties that had received the object when it was withdrawn, in the order in which they did; one walk of the log.

    The log commits to bytes: where another origin had sent the very same bytes, whoever received those is among them. What the node's own
    party read is no disclosure (model.md, How it is recorded).
    """
    about: dict[bytes, list[Recall]] = {}
    for recall in found:
        about.setdefault(bytes.fromhex(recall.sha), []).append(recall)
    parties: dict[str, dict[str, Received]] = {recall.name: {} for recall in found}
    first, last = min((recall.entered for recall in found), default=0), max((recall.withdrawn for recall in found), default=0)
    for index, entry, named in given(world.store.leaves(first, last), about):
        party = str(entry.party)
        for recall in (recall for sha in named for recall in about[sha] if recall.entered < index < recall.withdrawn):
            mine = parties[recall.name]
            before = mine.get(party, Received(party=party, first=entry.at, last=entry.at, times=0))
            mine[party] = msgspec.structs.replace(before, last=entry.at, times=before.times + 1)
    return {name: list(mine.values()) for name, mine in parties.items()}
