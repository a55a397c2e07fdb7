"""What the JSON API says: the values in its answers and requests, shared by the server (`doors/api`) and by `comity.client`.

The OpenAPI document is made from these types, so a field stands here and nowhere else. Moments are RFC 3339 with an offset, hashes
lower-case hexadecimal. A page has `items`, `more`, and the opaque `next` to go on with.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from comity.agree.approval import ACTS, STATES
from comity.agree.findings import Finding
from comity.errors import (
    AgreementFault,
    Conflict,
    Denied,
    Fault,
    IntegrityFault,
    NotAuthenticated,
    NotFound,
    OperatorFault,
    OurFault,
    PeerFault,
    SenderFault,
)
from comity.terms.item import Outcome
from comity.terms.party import TOOL

#: Values in one `POST /search`.
MOST_VALUES = 10_000
#: The longest value, id or search text that is looked at, in characters: a URL's limit.
LONGEST = 8_192

Moment = Annotated[datetime, Meta(tz=True)]
Count = Annotated[int, Meta(ge=0)]
Effect = Literal["permit", "redact", "approve", "deny"]
#: A STIX object, byte for byte as it was received.
Object = Annotated[msgspec.Raw, Meta(extra_json_schema={"type": "object", "description": "The STIX object as it was received."})]

#: The word for each fault in a problem, so that the other side can raise the same one.
FAULTS: dict[str, type[Fault]] = {
    "sender": SenderFault,
    "agreement": AgreementFault,
    "not-found": NotFound,
    "denied": Denied,
    "not-authenticated": NotAuthenticated,
    "conflict": Conflict,
    "peer": PeerFault,
    "operator": OperatorFault,
    "integrity": IntegrityFault,
    "node": OurFault,
}


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """Why a request was refused (RFC 9457). `detail` says what is wrong, `fault` whose fault it is, `next` what to do about it."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    fault: str
    next: str = ""


class Item(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One party's copy of an object, as the asking party sees it. `added` is when it came into that party's view."""

    id: str
    type: str
    version: str
    spec: str
    origin: str
    added: Moment
    tlp: str
    pap: str | None = None
    handling: tuple[str, ...] = ()
    purposes: tuple[str, ...]
    sha256: str
    object: Object


class ItemPage(msgspec.Struct, frozen=True, kw_only=True):
    """Items in the order in which they came into view."""

    items: tuple[Item, ...]
    more: bool
    next: str | None = None


class Claims(msgspec.Struct, frozen=True, kw_only=True):
    """Every visible copy of one object side by side, of all versions and origins. `agree`: all on this page have the same bytes."""

    id: str
    agree: bool
    items: tuple[Item, ...]
    more: bool
    next: str | None = None


class Values(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Observable values to look up, defanged or not; at most `MOST_VALUES`."""

    values: Annotated[tuple[Annotated[str, Meta(max_length=LONGEST)], ...], Meta(min_length=1)]


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one value: its kind (null: it is none that is looked up) and the ids of the visible objects that carry it."""

    value: str
    kind: str | None
    known: bool
    items: tuple[str, ...]


class KnownValues(msgspec.Struct, frozen=True, kw_only=True):
    """The answer about each value, in the order asked."""

    items: tuple[Known, ...]


class Outcomes(msgspec.Struct, frozen=True, kw_only=True):
    """What became of each submitted object, and how many had each outcome."""

    accepted: Count
    duplicate: Count
    quarantined: Count
    rejected: Count
    items: tuple[Outcome, ...]


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """One test of a clause that failed."""

    fact: str
    expected: str
    actual: str


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """One clause or rule behind a decision. Of a deny, `fact`, `expected` and `actual` repeat its first failed test."""

    agreement: str
    clause: str
    text: str
    effect: str
    facts: tuple[Fact, ...]
    fact: str | UnsetType = UNSET
    expected: str | UnsetType = UNSET
    actual: str | UnsetType = UNSET


class Governing(msgspec.Struct, frozen=True, kw_only=True):
    """The clause that governs a release, of the agreement and version named."""

    agreement: str
    clause: str


class Redaction(msgspec.Struct, frozen=True, kw_only=True):
    """What a redacted copy leaves out, by the profile named."""

    profile: str
    remove: tuple[str, ...]


class Disclosed(msgspec.Struct, frozen=True, kw_only=True):
    """An object version was given to a party: when, and by which clauses. `entry` is the log's, for the node's own people alone."""

    entry: Count | None
    at: Moment
    agreements: tuple[str, ...]


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """A party asked for an object that it sees, declaring purposes that it was not shared for: when last, and how often."""

    at: Moment
    purposes: tuple[str, ...]
    times: Count


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """The decision about one party, as JSON and in words. `alone`: on the object's own facts; what it names was not looked into.

    `fields` says of each property of the object, and of each part that a copy leaves out (a dotted path), what becomes of it. `on` and
    `known` (null: now) are the moments asked about. `copy` is the redacted copy that the party receives, once there is one; `derived_from`
    is what the object is itself a redacted copy of, where the asker sees that. `disclosed` are the past disclosures to the party, as far
    as the asker is told; `refusals` what the party declared and was refused, for the origin, the party itself and the node's own people.
    """

    id: str
    version: str
    origin: str
    party: str
    effect: Effect
    rule: str
    governing: Governing | None
    reasons: tuple[Reason, ...]
    duties: tuple[str, ...]
    onward: str
    retain: str | None
    redact: Redaction | None
    would_change: tuple[str, ...]
    fields: dict[str, Literal["permit", "redact", "deny"]]
    copy: str | None
    derived_from: str | None
    disclosed: tuple[Disclosed, ...]
    refusals: tuple[Refusal, ...]
    purposes: tuple[str, ...]
    on: Moment
    known: Moment | None
    alone: bool
    sentences: tuple[str, ...]


class Audience(msgspec.Struct, frozen=True, kw_only=True):
    """A verdict for every party of the body."""

    items: tuple[Verdict, ...]
    more: bool
    next: str | None = None


class Shift(msgspec.Struct, frozen=True, kw_only=True):
    """Items of one type that one party would receive otherwise than today under another text.

    `items` counts them, `tlp` is their strictest marking. `clause` and `clause_before` are `agreement@version/clause`, empty where no
    clause decides; `withheld` and `withheld_before` what a copy leaves out.
    """

    party: str
    type: str
    items: Count
    tlp: str
    before: Effect
    after: Effect
    clause_before: str
    clause: str
    withheld_before: tuple[str, ...]
    withheld: tuple[str, ...]


class Simulation(msgspec.Struct, frozen=True, kw_only=True):
    """Who would receive more or less if a text governed. Both sides are judged `on` one moment, over `counted` items since `since`.

    `assumed` says what the text leaves open and was taken to be so; `sentences` say all of it in words.
    """

    agreement: str
    body: str
    purposes: tuple[str, ...]
    since: Moment
    on: Moment
    counted: Count
    assumed: tuple[str, ...]
    items: tuple[Shift, ...]
    sentences: tuple[str, ...]


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """One version of an agreement; `governs` says whether it is the one that counts now."""

    agreement: str
    id: str
    version: int
    title: str
    body: str
    in_force: Moment | None
    until: Moment | None
    governs: bool
    clauses: Count
    illustrative: bool


class PartyStep(msgspec.Struct, frozen=True, kw_only=True):
    """One step of a party: `signed`, `ratified`, `in force`, `reserves` (a clause), `suspended` or `gave notice`, and on whose word."""

    step: str
    on: Moment | None
    until: Moment | None
    clause: str
    word: Literal["text", "administrator", "signature"]


class PartyStatus(msgspec.Struct, frozen=True, kw_only=True):
    """Where a party of an agreement stands now; `why` it is not bound is empty when it is.

    `standing` is empty where there is none, or the asker may not know.
    """

    party: str
    role: str
    standing: str
    bound: bool
    why: str
    authority: str
    steps: tuple[PartyStep, ...]


class AgreementText(Agreement, frozen=True, kw_only=True):
    """The same with its text (TOML) and its SHA-256, and where each of its parties stands."""

    text: str
    sha256: str
    parties: tuple[PartyStatus, ...]


class AgreementPage(msgspec.Struct, frozen=True, kw_only=True):
    """Agreements by id and version."""

    items: tuple[Agreement, ...]
    more: bool
    next: str | None = None


class Findings(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be said of an agreement's text, by line; with an error among it the text cannot be taken."""

    items: tuple[Finding, ...]


class Party(msgspec.Struct, frozen=True, kw_only=True):
    """A party in a body at the moment asked for: its standing, from which rights follow (`none`: no rights), and its political status."""

    party: str
    body: str
    standing: str
    status: str
    name: str


class PartyPage(msgspec.Struct, frozen=True, kw_only=True):
    """Parties by body and code."""

    items: tuple[Party, ...]
    more: bool
    next: str | None = None


class LogHead(msgspec.Struct, frozen=True, kw_only=True):
    """The log's size, root and signed checkpoint; `key` checks the checkpoint's signature."""

    size: Count
    root: str
    checkpoint: str
    origin: str
    key: str


class LogEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the log; an erased or damaged one has kind `unreadable`, and `why` instead of the rest."""

    index: Count
    hash: str
    kind: str
    at: str | UnsetType = UNSET
    party: str | UnsetType | None = UNSET
    actor: str | UnsetType = UNSET
    count: Count | UnsetType = UNSET
    agreements: tuple[str, ...] | UnsetType = UNSET
    detail: dict[str, Any] | UnsetType = UNSET
    why: str | UnsetType = UNSET


class LogPage(msgspec.Struct, frozen=True, kw_only=True):
    """Entries by index."""

    items: tuple[LogEntry, ...]
    more: bool
    next: str | None = None


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """Which node answers."""

    party: str
    name: str
    title: str
    body: str


class Me(msgspec.Struct, frozen=True, kw_only=True):
    """What the token is good for, and at which node; `page` and `content_bytes` are what the node gives and takes at once.

    `user` is the person whose it is ("": a tool's), `role` that person's.
    """

    token: str
    party: str
    user: str = ""
    role: str = TOOL
    body: str | None
    name: str
    scopes: tuple[str, ...]
    purposes: tuple[str, ...]
    tlp: str
    expires: Moment
    node: Node
    page: int
    content_bytes: int


class Withdrawn(msgspec.Struct, frozen=True, kw_only=True):
    """The versions of an object that its origin took back."""

    id: str
    versions: tuple[str, ...]


class ApprovalAct(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody did about a request; `person` is told to their own party alone."""

    act: Annotated[str, Meta(pattern=f"^({'|'.join(ACTS)})$")]
    party: str
    person: str | None
    at: Moment


class Approval(msgspec.Struct, frozen=True, kw_only=True):
    """A request that `objects` objects of `origin` go to `recipients` under a clause: what that asks for, and where the request stands.

    `clause` is `agreement@version/clause`, or `built-in/H3` for the origin's consent under H3. `ids` are those of the objects that the
    asking party sees. `deadline` is when time alone changes `state`. `party` and `person` made the request.
    """

    id: str
    clause: str
    asks: str
    origin: str
    recipients: tuple[str, ...]
    objects: Count
    ids: tuple[str, ...]
    state: Annotated[str, Meta(pattern=f"^({'|'.join(STATES)})$")]
    since: Moment
    words: str
    deadline: Moment | None
    requested: Moment
    party: str
    person: str | None
    acts: tuple[ApprovalAct, ...]


class ApprovalPage(msgspec.Struct, frozen=True, kw_only=True):
    """Requests: those that wait first, then the older first."""

    items: tuple[Approval, ...]
    more: bool
    next: str | None = None


class Approvals(msgspec.Struct, frozen=True, kw_only=True):
    """The requests that were made: one for each clause that awaits approval."""

    items: tuple[Approval, ...]


class AskApproval(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request to be made: which objects go to which parties. `clause` says which where several await approval, `origin` whose objects."""

    ids: Annotated[tuple[Annotated[str, Meta(min_length=1, max_length=300)], ...], Meta(min_length=1, max_length=1_000)]
    to: Annotated[tuple[Annotated[str, Meta(pattern="^[A-Z0-9-]{2,32}$")], ...], Meta(min_length=1, max_length=100)]
    clause: Annotated[str, Meta(max_length=300)] | None = None
    origin: Annotated[str, Meta(pattern="^[A-Z0-9-]{2,32}$")] | None = None
