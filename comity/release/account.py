"""Giving account to a party over the wire: of decisions, of agreements and of the register, as far as each is its business.

The node's own party is told what its people are told of the objects they see. Any other party is told who receives its own objects, and
why it receives itself what it sees; never about a third party's object and another recipient. It hears of an object's own facts alone:
whether what an object names is seen by somebody else could depend on claims that the asker may not see.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

import msgspec

from comity import registry
from comity.agree import status
from comity.agree.accord import Agreement
from comity.agree.clauses import THREAT
from comity.agree.decide import BUILT_IN, Fact, Reason
from comity.errors import Denied, NotFound
from comity.ledger.journal import MAX_OBJECTS
from comity.release.desk import Desk
from comity.release.explain import NOTHING, NOW, Moments, Supposed, Verdict, parties, recorded, verdicts
from comity.release.past import past
from comity.release.purpose import refusals
from comity.release.select import Query
from comity.release.sight import Reader
from comity.store.protocol import Row
from comity.terms.contact import Contact
from comity.terms.party import ENDED, NO_STANDING, Register, Standing
from comity.terms.registry import Dispute
from comity.wire import Disclosed, Party, PartyStatus, PartyStep


def why(
    desk: Desk, asker: Reader, id_: str, party: str, purposes: tuple[str, ...], when: Moments = NOW, version: str | None = None
) -> Verdict:
    """The decision about one party. Raises NotFound for what the asker does not see, Denied for what is not its business."""
    rows = _claims(desk, asker, id_, version)
    if not _own_people(desk, asker) and party != asker.party:
        rows = _its_own(asker, rows)
    (found,) = _verdicts(desk, asker, rows, [party], purposes, when)
    return found


def audience(
    desk: Desk, asker: Reader, id_: str, purposes: tuple[str, ...], when: Moments = NOW, version: str | None = None
) -> list[Verdict]:
    """The decision about every party that the register or an agreement of the body names, by code. Raises NotFound, Denied."""
    rows = _claims(desk, asker, id_, version)
    if not _own_people(desk, asker):
        rows = _its_own(asker, rows)
    return _verdicts(desk, asker, rows, parties(desk, asker.body), purposes, when)


class Panel(msgspec.Struct, frozen=True, kw_only=True):
    """What one person is told of an object's audience: of `everybody`, or of their own party alone.

    Past disclosures are those by log entries from `since` on; `first` is the first entry by which there can be any.
    """

    verdicts: list[Verdict]
    everybody: bool
    first: int
    since: int


def panel(
    desk: Desk, asker: Reader, id_: str, purposes: tuple[str, ...], when: Moments = NOW, version: str | None = None,
    *, origin: str = "", supposed: Supposed = NOTHING, others: Iterable[str] = (), searched: int | None = None,
) -> Panel:  # fmt: skip
    """As `audience`, for a person who has the object before them: nothing is put on record as given.

    With `origin` about its claim alone. About other parties are told the origin's people and those of the node; anybody else of their own
    party alone.
    `others` are parties besides those that the register and the agreements name. Only so many of the log's latest entries are `searched`
    for past disclosures (None: all). Raises NotFound for what the asker does not see.
    """
    rows = [row for row in desk.seen(asker, _query(id_, version)) if origin in ("", row.origin)]
    if not rows:
        raise _unseen(id_)
    everybody = _own_people(desk, asker)
    if not everybody:
        mine = [row for row in rows if row.origin == asker.party]
        everybody, rows = bool(mine), mine or rows
    recipients = sorted({*parties(desk, asker.body), *others}) if everybody else [asker.party]
    first = min(row.leaf for row in rows)
    since = first if searched is None else max(first, desk.world.store.head().size - searched)
    found = _verdicts(desk, asker, rows, recipients, purposes, when, supposed, since)
    return Panel(verdicts=found, everybody=everybody, first=first, since=since)


def _own_people(desk: Desk, asker: Reader) -> bool:
    return asker.party == desk.world.settings.party


def _claims(desk: Desk, asker: Reader, id_: str, version: str | None) -> list[Row]:
    """The latest version of each origin's copy that the asker sees (or its copies of one version), on record as given to it."""
    page = desk.object(asker, _query(id_, version))
    if not page.found:
        raise _unseen(id_)
    return [row for _, row in page.found]


def _query(id_: str, version: str | None) -> Query:
    return Query(ids=(id_,), versions=(version or "last",), copies=True, limit=MAX_OBJECTS, about=True)


def _unseen(id_: str) -> NotFound:
    return NotFound(f"there is no {id_} for you")


def _its_own(asker: Reader, rows: Iterable[Row]) -> list[Row]:
    mine = [row for row in rows if row.origin == asker.party]
    if not mine:
        raise Denied("who else receives an object is for its origin to know", next="ask about your own objects, or about yourself")
    return mine


def _verdicts(
    desk: Desk, asker: Reader, rows: list[Row], recipients: Iterable[str], purposes: tuple[str, ...], when: Moments,
    supposed: Supposed = NOTHING, since: int = 0,
) -> list[Verdict]:  # fmt: skip
    own = _own_people(desk, asker)
    readers = [Reader(party=party, body=asker.body, purposes=purposes) for party in recipients]
    found = verdicts(desk, rows, readers, when, alone=not own, supposed=supposed)
    # What a copy was made of is told to those who see that.
    sight = desk.sight(asker)
    told = (each if each.derived_from is None or sight.sees(each.derived_from.traits) else _of_copy(each) for each in found)
    found = list(told)
    if own:
        return recorded(desk, found, since)
    readable = {agreement.id for agreement in agreements(desk, asker.party)} | {BUILT_IN}
    return [_as_told(desk, asker, each, readable, since) for each in found]


def _of_copy(verdict: Verdict) -> Verdict:
    """A verdict on a copy for whom the original is hidden: without what that is, and without its threat words, by which copies go too."""

    def told(fact: Fact) -> Fact:
        return msgspec.structs.replace(fact, actual="not told of a copy") if fact.fact == THREAT else fact

    reasons = tuple(msgspec.structs.replace(each, facts=tuple(map(told, each.facts))) for each in verdict.decision.reasons)
    return msgspec.structs.replace(verdict, derived_from=None, decision=msgspec.structs.replace(verdict.decision, reasons=reasons))


def _as_told(desk: Desk, asker: Reader, found: Verdict, readable: set[str], since: int) -> Verdict:
    """A verdict without what is not another party's business: agreements among others, and when others received an object.

    The log knows objects by their bytes alone, and somebody else's hidden copy may have the same.
    """
    row = found.row
    given = past(desk, [row.sha], max(since, row.leaf), row.base).get(asker.party, ()) if found.party == asker.party else ()
    disclosed = tuple(
        Disclosed(entry=None, at=each.at, agreements=tuple(name for name in each.agreements if re.split("[@/]", name)[0] in readable))
        for each in given
    )
    refused = refusals(desk.world, found.row, found.party) if asker.party in (found.party, found.row.origin) else ()
    reasons = tuple(reason for reason in found.decision.reasons if reason.agreement in readable)
    if not reasons:
        fact = Fact(fact="clause", expected=f"a permit in an agreement of {asker.body}", actual="none", holds=False)
        text = "Nothing leaves without a clause that permits it."
        reasons = (Reason(agreement=BUILT_IN, clause="no-clause", text=text, effect="forbid", facts=(fact,)),)
    return msgspec.structs.replace(
        found, decision=msgspec.structs.replace(found.decision, reasons=reasons), disclosed=disclosed, refusals=refused
    )


def agreements(desk: Desk, party: str) -> list[Agreement]:
    """The agreements that a party may read, by id and version: those it has a part in, and for the node's own party all."""
    world = desk.world
    _, rules = world.rulebook.current()
    at = world.clock()

    def has_part(agreement: Agreement) -> bool:
        return agreement.signatory(party) is not None or (agreement.entry == "all" and _stands(rules.register, agreement, party, at))

    found = [each for each in rules.agreements if party == world.settings.party or has_part(each)]
    return sorted(found, key=lambda each: (each.id, each.version))


def _stands(register: Register, agreement: Agreement, party: str, at: datetime) -> bool:
    """Whether a party has a live standing in a body of an agreement."""
    return any(register.standing(party, body, at) not in (None, *ENDED) for body in agreement.spans)


def statuses(desk: Desk, party: str, agreement: Agreement) -> list[PartyStatus]:
    """Where the parties of an agreement stand now, for a party that may read it; standings, and who has nothing else, as `register`."""
    world = desk.world
    _, rules = world.rulebook.current()
    at = world.clock()
    entitled = party == world.settings.party or _stands(rules.register, agreement, party, at)
    return [
        PartyStatus(
            party=each.party, role=each.role, standing=each.standing if entitled else "", bound=each.bound, why=each.why,
            authority=each.authority,
            steps=tuple(PartyStep(step=s.step, on=s.on, until=s.until, clause=s.clause, word=s.word) for s in each.steps),
        )
        for each in status.statuses(agreement, rules, at)
        if entitled or agreement.signatory(each.party)
    ]  # fmt: skip


def register(desk: Desk, party: str, on: datetime | None = None, known: datetime | None = None) -> list[Party]:
    """Who has which standing and status at a moment (None: now), as known at a moment, by body and code, as far as a party may read it."""
    _, rules = desk.world.rulebook.current()
    return standing_at(rules.register, bodies(desk, party), on or desk.world.clock(), known)


def standing_at(register: Register, bodies: Iterable[str], at: datetime, known: datetime | None = None) -> list[Party]:
    """Every party with a standing or a status in some bodies at a moment, by body and code."""
    names = register.names()
    return [
        Party(
            party=code, body=body, standing=register.standing(code, body, at, known) or NO_STANDING, status=status,
            name=names.get(code, ""),
        )
        for body in bodies
        for code in register.parties(body)
        if (status := register.status(code, body, at, known))
    ]  # fmt: skip


def claims(desk: Desk, party: str) -> list[Standing]:
    """Every standing on record that a party may read, by body, code and beginning: what different sources say stands side by side."""
    _, rules = desk.world.rulebook.current()
    readable = bodies(desk, party)
    found = [standing for standing in rules.register.standings if standing.body in readable]
    return sorted(found, key=lambda each: (each.body, each.party, each.since, each.standing, each.source))


def disputes(desk: Desk, party: str) -> list[Dispute]:
    """Where sources of the register differ, as far as a party may read it."""
    readable = bodies(desk, party)
    return [each for each in registry.disputes(desk.world.store) if each.body in readable or (not each.body and readable)]


def contacts(desk: Desk, party: str) -> list[Contact]:
    """How the parties are reached that a party may know of, by code."""
    known = {each.party for each in claims(desk, party)} | {party}
    own = party == desk.world.settings.party
    return [each for code, each in sorted(registry.contacts(desk.world.store).items()) if own or code in known]


def bodies(desk: Desk, party: str) -> list[str]:
    """The bodies whose register a party may read: those that it has a standing in now, and for the node's own party all."""
    world = desk.world
    _, rules = world.rulebook.current()
    every, now = sorted({standing.body for standing in rules.register.standings}), world.clock()
    if party == world.settings.party:
        return every
    return [body for body in every if rules.register.standing(party, body, now) not in (None, *ENDED)]
