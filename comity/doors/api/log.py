"""The node's log, for the node's own party: its size and order tell when others share something (model.md, Declared leakage)."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from comity.admin import logbook
from comity.doors.api.answer import Exact, Lines
from comity.doors.api.asked import Call
from comity.doors.api.declare import LISTS, NDJSON, Nothing, Operation, Paged, read_number, write_cursor
from comity.errors import Denied, NotFound
from comity.ledger.keys import write_verifier
from comity.wire import LogEntry, LogHead, LogPage

SCOPE = "log:read"
TEXT = "text/plain"
Index = Annotated[int, Meta(ge=0, le=(1 << 53) - 1, description="Begin with this entry.")]


class Entries(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which entries."""

    first: Index | UnsetType = UNSET


class Proving(Nothing, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of what."""

    of: Annotated[str, Meta(min_length=1, max_length=300, description="An entry's index, or the id of an object that arrived.")]


def _own(call: Call) -> None:
    if call.token.party != call.world.settings.party:
        raise Denied("the log is for the node's own party to read", next="ask its operator for a proof")


def head(call: Call, _: Nothing) -> LogHead:
    """Size, root, checkpoint and key."""
    _own(call)
    found, journal = logbook.head(call.world), call.world.journal
    return LogHead(
        size=found.size,
        root=found.root.hex(),
        checkpoint=found.checkpoint.decode(),
        origin=journal.origin,
        key=write_verifier(journal.verifier),
    )


def entries(call: Call, query: Entries) -> LogPage:
    """Entries in order."""
    _own(call)
    size = logbook.head(call.world).size
    first = read_number(query.next) if query.next else query.first or 0
    last = min(size, first + call.limit(query.limit))
    found = tuple(msgspec.convert(record, LogEntry) for record in logbook.entries(call.world, first, last)) if first < last else ()
    return LogPage(items=found, more=last < size, next=write_cursor(last) if last < size else None)


def entry(call: Call, _: Nothing) -> LogEntry:
    """One entry. Raises NotFound."""
    _own(call)
    text = call.path["index"]
    found = list(logbook.entries(call.world, int(text), int(text) + 1)) if text.isascii() and text.isdigit() and len(text) < 16 else []
    if not found:
        raise NotFound(f"the log has no entry {text}")
    return msgspec.convert(found[0], LogEntry)


def prove(call: Call, query: Proving) -> Exact:
    """A proof file (C2SP tlog-proof). Raises NotFound."""
    _own(call)
    return Exact(logbook.prove(call.world, query.of))


def copy(call: Call, _: Nothing) -> Lines:
    """The whole log as `comity log export` writes it."""
    _own(call)
    return Lines(logbook.copy(call.world))


OPERATIONS = (
    Operation(
        path="/log/head", name="getLogHead", does="The log's size, root, signed checkpoint and key.",
        scope=SCOPE, gives=LogHead, denied=True, run=head,
    ),
    Operation(
        path="/log/entries", name="listLogEntries", does="The log's entries in order.",
        scope=SCOPE, query=Entries, gives=LogPage, rows=LogEntry, media=LISTS, denied=True, run=entries,
    ),
    Operation(
        path="/log/entries/{index}", name="getLogEntry", does="One entry.",
        scope=SCOPE, gives=LogEntry, missing=True, denied=True, run=entry,
    ),
    Operation(
        path="/log/proof", name="getProof", does="A proof that the log holds an entry, or an object's arrival; checked without the node.",
        scope=SCOPE, query=Proving, gives={"type": "string"}, media=(TEXT,), missing=True, denied=True, run=prove,
    ),
    Operation(
        path="/log/copy", name="copyLog", does="The whole log with its salts, for checking it elsewhere: a head, then a leaf a line.",
        scope=SCOPE, gives={"type": "string"}, media=(NDJSON,), denied=True, run=copy,
    ),
)  # fmt: skip
