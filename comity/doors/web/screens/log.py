"""The log: its head, its entries, and one entry with its proof."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import MAXYEAR, datetime, timedelta
from typing import Any

from comity.admin import logbook, publishing
from comity.admin.persons import detailed, named
from comity.clock import micros
from comity.doors.web.page import File, Given, Page, Visit, index
from comity.doors.web.show import stamped
from comity.ledger.journal import Leaf, read_entry
from comity.ledger.keys import write_verifier
from comity.ledger.merkle import node_hash, verify_inclusion
from comity.ledger.proof import write_proof
from comity.release import views
from comity.release.logged import Wanted, find

#: Entries on one page.
SIZE = 50
#: The kinds of entries, in the order in which they are offered.
KINDS = (
    "accept", "claim", "disclose", "push", "refuse", "withdraw", "tell", "derive", "access", "govern", "approval", "proposal", "peer",
    "parcel", "ping", "feed", "misp", "notify", "constituency", "user", "credential", "token", "link", "sign-in", "sign-out", "witness",
    "fork", "gate", "redress", "extend", "hold", "purge", "erase", "prune", "record", "renew", "init",
)  # fmt: skip


def build(visit: Visit) -> dict[str, Any]:
    """The log's head and its entries that fit what is asked, newest first. `looked` is how many were looked at for that."""
    asked = {name: visit.text(name) or "" for name in ("kind", "party", "id", "since", "until")}
    wanted = Wanted(
        kind=asked["kind"],
        party=asked["party"].upper(),
        id=asked["id"].strip(),
        since=visit.moment("since"),
        until=_end(visit.moment("until"), asked["until"]),
    )
    page, shown = views.log_page(visit.desk, limit=1), publishing.witnessed(visit.world)
    found = find(visit.desk, visit.reader, wanted, before=visit.number("before"), limit=SIZE)
    return {
        "size": page.head.size,
        "root": page.head.root.hex(),
        "origin": page.origin,
        "key": page.verifier,
        "checkpoint": (publishing.published(visit.world) or page.head.checkpoint).decode(),
        "witnesses": [{"name": name, "party": party, "at": stamped(at * 1_000_000)} for name, (party, at) in shown.by.items()],
        "witnessed": shown.enough,
        "signed": _at(page.leaves[0]) if page.leaves else None,
        "kinds": KINDS,
        "asked": asked,
        "entries": [_entry(visit, leaf) for leaf in found.leaves],
        "looked": found.looked,
        "before": found.before,
    }


def _end(until: datetime | None, text: str) -> datetime | None:
    """A moment of the address; of a day, its end."""
    return until + timedelta(days=1) if until and len(text) == 10 and until.year < MAXYEAR else until


def build_entry(visit: Visit) -> dict[str, Any]:
    """One entry with its inclusion proof, checked. Raises NotFound outside the log, IntegrityFault when the path leads elsewhere."""
    number = index(visit.part("index"))
    found = views.log_entry(visit.desk, number)
    leaf, head = found.leaf, found.head
    verify_inclusion(leaf=leaf.hash, index=number, size=head.size, proof=found.path, root=head.root)
    return {
        **_entry(visit, leaf),
        "leaf": leaf.hash.hex(),
        "salt": leaf.salt.hex(),
        "canonical": leaf.entry.decode(),
        "path": [part.hex() for part in found.path],
        "steps": steps(leaf.hash, number, head.size, found.path),
        "size": head.size,
        "root": head.root.hex(),
        "key": found.verifier,
        "checkpoint": head.checkpoint.decode(),
        "proof": write_proof(found.proof).decode() if found.proof else None,
    }


def _entry(visit: Visit, leaf: Leaf) -> dict[str, Any]:
    """A leaf as it stands in a list."""
    if not leaf.entry:
        return {"index": leaf.index, "kind": None}
    entry = read_entry(leaf.entry)
    return {
        "index": leaf.index,
        "kind": entry.kind,
        "at": stamped(micros(entry.at)),
        "party": entry.party,
        "actor": named(visit.world, entry.actor),
        "count": entry.count,
        "reads": _reads(entry.detail),
        "objects_root": entry.root,
        "grounds": list(entry.agreements),
        "detail": detailed(visit.world, entry),
    }


def _at(leaf: Leaf) -> str | None:
    return stamped(micros(read_entry(leaf.entry).at)) if leaf.entry else None


def build_check(visit: Visit) -> dict[str, Any]:
    """What a proof file is checked with, in the browser: the key of this node's log."""
    return {"key": write_verifier(visit.world.journal.verifier)}


def prove(visit: Visit) -> Given:
    """The proof file of an entry, for `comity log check`. Raises NotFound."""
    number = index(visit.part("index"))
    return Given(name=f"entry-{number}.tlog-proof", media="text/plain; charset=utf-8", body=logbook.prove(visit.world, str(number)))


def _reads(detail: Mapping[str, Any]) -> int:
    """How many items an entry about the node's own reads counts."""
    reads = detail.get("reads")
    return sum(reads.values()) if isinstance(reads, dict) else 0


def steps(leaf: bytes, index: int, size: int, path: tuple[bytes, ...]) -> list[dict[str, str]]:
    """The path of a proof step by step (RFC 9162 section 2.1.3.2): on which side each hash stands, and what results."""
    found = []
    node, last, running = index, size - 1, leaf
    for part in path:
        left = bool(node & 1) or node == last
        running = node_hash(part, running) if left else node_hash(running, part)
        while left and not node & 1 and node:
            node, last = node >> 1, last >> 1
        node, last = node >> 1, last >> 1
        found.append({"side": "left" if left else "right", "hash": part.hex(), "result": running.hex()})
    return found


PAGES = (
    Page(path="/log", template="log.html", build=build, rows="entries", nav="log", own=True),
    Page(path="/log/check", template="screens/log_check.html", build=build_check, own=True),
    Page(path="/log/{index}", template="entry.html", build=build_entry, rows="steps", own=True),
)
FILES = (File(path="/log/{index}/proof", give=prove, own=True),)
