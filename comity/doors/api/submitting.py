"""Sending items in, and taking one's own back: the same intake as every other door's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from comity.doors.api.answer import Lines
from comity.doors.api.asked import Call
from comity.doors.api.declare import JSON, NDJSON, Code, Content, Handling, Nothing, Operation, Purposes
from comity.doors.received import TooLarge
from comity.errors import Denied, NotFound, SenderFault
from comity.forms import detect, misp, report, stix_json, table
from comity.forms.wire_envelope import PROPERTY
from comity.intake.submit import Submitter, submit
from comity.intake.withdraw import withdraw
from comity.terms.item import PERSONS, Draft, Outcome, Refused
from comity.terms.tlp import RANK
from comity.wire import Outcomes, Withdrawn

STIX = "application/stix+json"
#: What a body is by its media type; empty: told by its content.
KINDS = {JSON: "", STIX: "stix", "text/csv": "csv", "text/plain": "", "text/html": "html"}
_JSON_TEXT = {"type": ["object", "array"]}
#: A schema speaks of JSON values; of a text it has nothing to say.
_TEXT: dict[str, str] = {}

_KINDS = "^(stix|misp|csv|list|html|text)$"
Kind = Annotated[str, Meta(pattern=_KINDS, description="What the body is. [default: by its type and content]")]
_LEVELS = f"^({'|'.join(word.replace('+', '[+]') for word in RANK)})$"
Level = Annotated[str, Meta(pattern=_LEVELS, description="TLP of objects without a marking. [default: the token's]")]
Only = Annotated[tuple[Code, ...], Meta(min_length=1, description="Only these parties; the agreement must permit them too.")]

Sealed = Annotated[str, Meta(pattern="^(true|false)$", description="It leaves only sealed to the keys of those in `to` (ADR 17).")]
Person = Annotated[
    str, Meta(pattern=f"^({'|'.join(PERSONS)})$", description="Whose the values are that lead to persons, as their producer says (G3).")
]
Named = Annotated[str, Meta(pattern="^(true|false)$", description="Of sightings: this party consents to be known as their sighter (G16).")]


class Sending(Nothing, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What holds for objects that do not say otherwise."""

    kind: Kind | UnsetType = UNSET
    tlp: Level | UnsetType = UNSET
    purpose: Purposes | UnsetType = UNSET
    handling: Handling = ()
    to: Only | UnsetType = UNSET
    named: Named = "false"
    sealed: Sealed = "false"
    person: Person = "unknown"


class TakingBack(Nothing, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which versions of one's own object."""

    version: Annotated[str, Meta(pattern="^(first|last|all)$", description="Which versions.")] = "last"


def add(call: Call, query: Sending) -> Outcomes:
    """Take objects in; the outcome of each. Raises TooLarge for too many, Denied for a purpose that the token is not for."""
    outcomes = list(_outcomes(call, query))
    counts = {word: sum(o.outcome == word for o in outcomes) for word in ("accepted", "duplicate", "quarantined", "rejected")}
    return Outcomes(items=tuple(outcomes), **counts)


def add_in_lines(call: Call, query: Sending) -> Lines:
    """The same, each outcome as soon as it is durable."""
    return Lines(_outcomes(call, query))


def _outcomes(call: Call, query: Sending) -> Iterator[Outcome]:
    purposes = query.purpose or call.token.purposes
    if not set(purposes) <= set(call.token.purposes):
        raise Denied("this token may not be used for that purpose", next="its purposes are " + ", ".join(call.token.purposes))
    by = Submitter(
        party=call.token.party,
        by=f"token {call.token.id}",
        role=call.token.role,
        tlp=query.tlp or call.token.tlp,
        purposes=purposes,
        handling=query.handling,
        to=query.to or None,
        named=query.named == "true",
        sealed=query.sealed == "true",
        person=query.person,
    )
    most = call.world.settings.limits.objects
    drafts = list(islice(_drafts(call, query.kind or ""), most + 1))
    if len(drafts) > most:
        raise TooLarge(f"there are more than the {most} objects taken at once", next="send them in parts")
    return submit(call.world, drafts, by)


def _drafts(call: Call, kind: str) -> Iterable[Draft | Refused]:
    body, limits = call.body, call.world.settings.limits
    if "json" in call.media and not body.removeprefix(b"\xef\xbb\xbf").lstrip().startswith((b"{", b"[")):
        raise SenderFault("the body is no JSON object or list", next="send a bundle, an object, a list of objects, or a MISP event")
    kind = kind or KINDS[call.media] or _told_apart(call)
    if kind in ("stix", "json"):
        if PROPERTY.encode() in body:
            raise SenderFault(f"{PROPERTY} beside objects is not read here", next="post them to the TAXII collection, which reads it")
        return stix_json.read(body, stix_json.Limits(object_bytes=limits.object_bytes, objects=limits.objects))
    if kind == "misp":
        return misp.read(body)
    at = call.world.clock()
    if kind in ("csv", "list"):
        return table.read(body.splitlines(), at=at)
    if kind in ("html", "text"):
        return report.read(body, at=at)
    return [Refused(position="document", why=f"it is {kind}, which is not taken here: the parameter kind says what it is")]


def _told_apart(call: Call) -> str:
    """What a body is by its content; of JSON, STIX unless it is MISP."""
    found = detect.kind(call.body[: detect.HEAD])
    return "stix" if call.media == JSON and found != "misp" else found


def remove(call: Call, query: TakingBack) -> Withdrawn:
    """Take back the party's own object and recall it. Raises NotFound for anything else, hidden and absent alike."""
    id_ = call.path["id"]
    found = withdraw(call.world, call.token.party, id_, versions=(query.version,), by=f"token {call.token.id}")
    if not found:
        raise NotFound(f"there is no {id_} of yours")
    return Withdrawn(id=id_, versions=tuple(recall.version for recall in found if not recall.of))


OPERATIONS = (
    Operation(
        method="POST", path="/items", name="addItems", does="Send objects in: STIX 2.0 or 2.1, a MISP event, a table, a list, a report.",
        detail="They are submitted for the token's party. The answer says of each what became of it; it is durable by then. A body that "
        "cannot be read at all is one rejected document.",
        scope="api:write", query=Sending,
        takes=tuple(Content(media=media, shape=_JSON_TEXT if "json" in media else _TEXT) for media in KINDS),
        gives=Outcomes, rows=Outcome, media=(JSON, NDJSON), denied=True,
        run=add, lines=add_in_lines,
    ),
    Operation(
        method="DELETE", path="/items/{id}", name="withdrawItem", does="Take back an object of the party's own, and recall it.",
        scope="api:write", query=TakingBack, gives=Withdrawn, missing=True, run=remove,
    ),
)  # fmt: skip
