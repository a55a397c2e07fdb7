"""What each page says, as plain data: the JSON twin is this data, the page is drawn from it and from nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from comity.admin import logbook
from comity.agree.accord import current
from comity.agree.agreement import read as read_agreement
from comity.doors.web.items import ends, envelope, heading, listed, mentioned, parsed, titled
from comity.doors.web.show import stamped
from comity.doors.web.words import Words
from comity.ledger.journal import Leaf, read_entry
from comity.ledger.merkle import node_hash, verify_inclusion
from comity.release import views
from comity.release.desk import Desk
from comity.release.explain import Verdict, parties
from comity.release.sight import Reader
from comity.terms.item import PURPOSES
from comity.terms.stix import AGREEMENT_TYPE, derived_id

#: Items, or log entries, on one page.
SIZE = 50
_english = Words("en")


class Pages:
    """Builds the data of every page for the people of the node's own party."""

    def __init__(self, desk: Desk) -> None:
        settings = desk.world.settings
        self._desk = desk
        self._tally = views.Tally()
        self.reader = Reader(party=settings.party, body=settings.body, purposes=PURPOSES)

    def frame(self) -> dict[str, Any]:
        """What every page says: which node this is, and the agreements in force that are samples."""
        settings = self._desk.world.settings
        held = self._agreements()
        return {
            "node": {"party": settings.party, "name": settings.name, "title": settings.title, "body": settings.body, "realm": "real"},
            "agreements": {
                each.id: {"version": each.version, "title": each.title, "object": derived_id(AGREEMENT_TYPE, each.id, str(each.version))}
                for each in held
            },
            "illustrative": [each.title for each in held if each.illustrative],
        }

    def _agreements(self) -> list[Any]:
        world = self._desk.world
        _, rules = world.rulebook.current()
        return [each for each in current(rules.agreements, world.clock()) if each.body == world.settings.body]

    def home(self, before: int | None, type_: str | None) -> dict[str, Any]:
        """What arrived, newest first."""
        types = frozenset({type_}) if type_ else None
        shelf = views.latest(self._desk, self.reader, before=before, limit=SIZE, types=types)
        counts = self._tally.counts(self._desk, self.reader)
        head = logbook.head(self._desk.world)
        names = self._names([end for seen in shelf.seen for end in ends(parsed(seen.body))])
        return {
            **self.frame(),
            "counts": {"total": counts.total, "more": counts.more, "by_type": counts.by_type},
            "parties": parties(self._desk, self.reader.body),
            "log": {"size": head.size, "root": head.root.hex()},
            "begin": counts.total == 0,
            "type": type_,
            "items": [listed(seen, names) for seen in shelf.seen],
            "before": shelf.before,
        }

    def _names(self, ids: list[str]) -> dict[str, str]:
        """id -> title of those of these objects that may be seen."""
        found = views.named(self._desk, self.reader, ids)
        return {id_: titled(_english, heading(parsed(body), {})) for id_, body in found.items()}

    def object(self, id_: str, version: str | None) -> dict[str, Any]:
        """One object and its audience. Raises NotFound when hidden or absent."""
        opened = views.opened(self._desk, self.reader, id_, version)
        seen = opened.seen
        obj = parsed(seen.body)
        names = self._names(mentioned(obj))
        verdicts = views.audience(self._desk, self.reader, opened.claims)
        return {
            **self.frame(),
            **listed(seen, names),
            **envelope(seen),
            "sha256": seen.row.sha.hex(),
            "bytes": len(seen.body),
            "leaf": seen.row.leaf,
            "names": names,
            "created_by_ref": obj.get("created_by_ref"),
            "versions": [
                {
                    "version": row.version,
                    "origin": row.origin,
                    "arrived": stamped(row.added),
                    "sha256": row.sha.hex(),
                    "shown": row.item == seen.row.item,
                }
                for row in opened.claims
            ],
            "clauses": _clauses(obj),
            "audience": self._audience(verdicts),
            "object": obj,
        }

    def _audience(self, verdicts: list[Verdict]) -> list[dict[str, Any]]:
        world = self._desk.world
        _, rules = world.rulebook.current()
        names, at = rules.register.names(), world.clock()
        return [
            {
                **{name: value for name, value in verdict.as_json().items() if name not in _OF_THE_LOG},
                "withheld": [name for name, effect in verdict.fields.items() if effect == "redact"],
                "onward": verdict.decision.onward,
                "retain": verdict.decision.retain,
                "name": names.get(verdict.party, ""),
                "standing": rules.register.standing(verdict.party, world.settings.body, at),
            }
            for verdict in verdicts
        ]

    def log(self, before: int | None) -> dict[str, Any]:
        """The log's head and its entries, newest first."""
        page = views.log_page(self._desk, before=before, limit=SIZE)
        return {
            **self.frame(),
            "size": page.head.size,
            "root": page.head.root.hex(),
            "origin": page.origin,
            "key": page.verifier,
            "checkpoint": page.head.checkpoint.decode(),
            "entries": [_entry(leaf) for leaf in page.leaves],
            "before": page.before,
        }

    def entry(self, index: int) -> dict[str, Any]:
        """One entry with its inclusion proof, checked. Raises NotFound outside the log, IntegrityFault when the path leads elsewhere."""
        found = views.log_entry(self._desk, index)
        leaf, head = found.leaf, found.head
        verify_inclusion(leaf=leaf.hash, index=index, size=head.size, proof=found.path, root=head.root)
        return {
            **self.frame(),
            **_entry(leaf),
            "leaf": leaf.hash.hex(),
            "salt": leaf.salt.hex(),
            "canonical": leaf.entry.decode(),
            "path": [part.hex() for part in found.path],
            "steps": steps(leaf.hash, index, head.size, found.path),
            "size": head.size,
            "root": head.root.hex(),
            "key": found.verifier,
            "checkpoint": head.checkpoint.decode(),
            "proof": msgspec.to_builtins(found.proof) if found.proof else None,
        }


#: Of a verdict, what takes a walk through the log: `comity why` and `comity audience` say it.
_OF_THE_LOG = ("disclosed", "refusals")


def _clauses(obj: Mapping[str, Any]) -> list[dict[str, str]]:
    """The clauses of an agreement's object, none for anything else."""
    if obj.get("type") != AGREEMENT_TYPE:
        return []
    agreement = read_agreement(str(obj["text"]), name=str(obj.get("name", "")))
    return [{"id": clause.id, "effect": clause.effect, "text": clause.text} for clause in agreement.clauses]


def _entry(leaf: Leaf) -> dict[str, Any]:
    """A leaf as it stands in a list."""
    if not leaf.entry:
        return {"index": leaf.index, "kind": None}
    entry = read_entry(leaf.entry)
    at: datetime = entry.at
    return {
        "index": leaf.index,
        "kind": entry.kind,
        "at": at.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "party": entry.party,
        "actor": entry.actor,
        "count": entry.count,
        "reads": _reads(entry.detail),
        "objects_root": entry.root,
        "grounds": list(entry.agreements),
        "detail": entry.detail,
    }


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
