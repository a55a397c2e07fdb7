"""The rules, as far as they are the asking party's business: agreements, the register; and who one is here."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from msgspec import UNSET, Meta, UnsetType

from comity.agree.accord import Agreement as Held
from comity.agree.accord import current
from comity.agree.agreement import check, read
from comity.agree.findings import Finding, in_order
from comity.agree.lint import lint
from comity.doors.api.asked import Call, cut
from comity.doors.api.declare import LISTS, Content, Nothing, Operation, Paged, Purposes, Slug
from comity.doors.cli.moments import span
from comity.doors.received import TooLarge
from comity.errors import NotFound, SenderFault
from comity.release import account
from comity.release.simulate import simulate
from comity.wire import Agreement, AgreementPage, AgreementText, Findings, Me, Moment, Node, Party, PartyPage, Shift, Simulation

#: Bytes of an agreement's text.
MOST_TEXT = 128 << 10
_T = TypeVar("_T")


class AsOf(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """As of when, and of which body."""

    on: Annotated[Moment, Meta(description="As of this moment. [default: now]")] | UnsetType = UNSET
    known: Annotated[Moment, Meta(description="By what the node knew at this moment. [default: now]")] | UnsetType = UNSET
    body: Slug | UnsetType = UNSET


class Trying(Nothing, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Over which items, and under which circumstances."""

    since: Annotated[str, Meta(pattern="^[1-9][0-9]{0,4}[mhdw]$", description="Over what came in during this time, like 30d or 12h.")] = (
        "30d"
    )
    on: Annotated[Moment, Meta(description="Judged as of this moment. [default: once all that the text begins has begun]")] | UnsetType = (
        UNSET
    )
    body: Slug | UnsetType = UNSET
    purpose: Purposes | UnsetType = UNSET


def agreements(call: Call, query: Paged) -> AgreementPage:
    """The agreements that the party has a part in."""
    governing = _governing(call)
    found = [_described(each, governing) for each in _readable(call)]
    items, more, cursor = cut(call, query, found, lambda each: f"{each.id}@{each.version:09d}")
    return AgreementPage(items=items, more=more, next=cursor)


def agreement(call: Call, _: Nothing) -> AgreementText:
    """One of them with its text. Raises NotFound."""
    ref = call.path["ref"]
    matching = [found for found in _readable(call) if ref in (found.id, found.ref)]
    if not matching:
        raise NotFound(f"there is no agreement {ref} for you")
    found = max(matching, key=lambda each: each.version)
    parties = account.statuses(call.desk, call.token.party, found)
    return AgreementText(**_fields(found, _governing(call)), text=found.text, sha256=found.sha256, parties=tuple(parties))


def _readable(call: Call) -> list[Held]:
    return [each for each in account.agreements(call.desk, call.token.party) if call.token.body in (None, *each.spans)]


def _governing(call: Call) -> set[str]:
    _, rules = call.world.rulebook.current()
    return {found.ref for found in current(rules.agreements, call.world.clock())}


def _described(found: Held, governing: set[str]) -> Agreement:
    return Agreement(**_fields(found, governing))


def _fields(found: Held, governing: set[str]) -> dict[str, Any]:
    return {
        "agreement": found.ref, "id": found.id, "version": found.version, "title": found.title, "body": found.body,
        "in_force": found.in_force, "until": found.until, "governs": found.ref in governing, "clauses": len(found.clauses),
        "illustrative": found.illustrative,
    }  # fmt: skip


def _text(call: Call) -> str:
    if len(call.body) > MOST_TEXT:
        raise TooLarge(f"an agreement has at most {MOST_TEXT} bytes here")
    try:
        return call.body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SenderFault(f"the body is not UTF-8 text (byte {error.start})", next="send it as UTF-8") from None


def lint_text(call: Call, _: Nothing) -> Findings:
    """What is to be said of an agreement's text. Raises SenderFault for what is no text."""
    text = _text(call)
    findings = check(text)
    if not any(finding.level == "error" for finding in findings):
        findings = in_order([*findings, *lint(read(text, name="the body"))])
    return Findings(items=tuple(findings))


def simulated(call: Call, query: Trying) -> Simulation:
    """Who would receive more or less if a text governed. Raises SenderFault or AgreementFault for what is no agreement, NotFound."""
    text = read(_text(call), name="the body")
    reader = call.reader(query.body or text.body)
    since = call.world.clock() - span(query.since)
    return simulate(
        call.desk, text, since, on=query.on or None, body=reader.body, purposes=query.purpose or (), asker=reader
    )  # fmt: skip


def parties(call: Call, query: AsOf) -> PartyPage:
    """Who has which standing in the bodies that the party takes part in."""
    body = query.body or call.token.body
    found = account.register(call.desk, call.token.party, query.on or None, query.known or None)
    found = [each for each in found if body in (None, each.body)]
    items, more, cursor = cut(call, query, found, lambda each: f"{each.body}/{each.party}")
    return PartyPage(items=items, more=more, next=cursor)


def me(call: Call, _: Nothing) -> Me:
    """What the token is good for."""
    token, settings = call.token, call.world.settings
    return Me(
        token=token.id, party=token.party, user=token.user, role=token.role, body=token.body, name=token.name, scopes=token.scopes,
        purposes=token.purposes, tlp=token.tlp, expires=token.expires,
        node=Node(party=settings.party, name=settings.name, title=settings.title, body=settings.body),
        page=settings.limits.page, content_bytes=settings.limits.content_bytes,
    )  # fmt: skip


#: A text that lint finds no error in; the format's name says so to people alone.
_AGREEMENT = {"type": "string", "format": "comity-agreement"}
OPERATIONS = (
    Operation(path="/me", name="getMe", does="What the token is good for, and at which node.", scope=None, gives=Me, run=me),
    Operation(
        path="/agreements", name="listAgreements", does="The agreements that the party has a part in, every version.",
        query=Paged, gives=AgreementPage, rows=Agreement, media=LISTS, run=agreements,
    ),
    Operation(
        path="/agreements/{ref}", name="getAgreement", does="One of them with its text.", gives=AgreementText, missing=True, run=agreement,
    ),
    Operation(
        method="POST", path="/agreements/lint", name="lintAgreement", does="Check an agreement's text; nothing is kept.",
        takes=(Content(media="text/plain", shape={}),), gives=Findings, rows=Finding, media=LISTS, run=lint_text,
    ),
    Operation(
        method="POST", path="/agreements/simulate", name="simulateAgreement",
        does="Who would receive more or less if a text governed; nothing is kept.",
        detail="Over the party's own items, and what it sees itself of others'. The node's own party is told of all that the node holds.",
        query=Trying, takes=(Content(media="text/plain", shape=_AGREEMENT),), gives=Simulation, rows=Shift, media=LISTS, missing=True,
        run=simulated,
    ),
    Operation(
        path="/parties", name="listParties", does="Who has which standing in the bodies that the party takes part in.",
        query=AsOf, gives=PartyPage, rows=Party, media=LISTS, run=parties,
    ),
)  # fmt: skip
