"""Asking for approval and acting on requests, for every door: who asks, what they see, then intake; the answer is what they are told."""

from __future__ import annotations

from collections.abc import Sequence

from comity.admin.tokens import APPROVE, Token
from comity.agree.approval import Person
from comity.doors.auth import check_scope
from comity.intake import approve
from comity.release import approvals
from comity.release.account import agreements
from comity.release.desk import Desk
from comity.release.sight import Reader
from comity.wire import Approval


def holder(token: Token) -> Person:
    """Who a token's acts are of: its person, or a tool."""
    return Person(party=token.party, id=token.user or f"token {token.id}", robot=not token.user)


def request(
    desk: Desk,
    asker: Reader | None,
    by: Person,
    ids: Sequence[str],
    to: Sequence[str],
    clause: str | None = None,
    origin: str | None = None,
) -> list[Approval]:
    """Make the requests that it takes for objects to go to some parties. Raises NotFound for what the asker does not see, SenderFault."""
    items = approvals.askable(desk, asker, list(dict.fromkeys(ids)), origin)
    body = asker.body if asker is not None else None
    alone = asker is not None and asker.party != desk.world.settings.party
    readable = {each.id for each in agreements(desk, asker.party)} if asker is not None and alone else None
    made = approve.ask(desk.world, items, list(dict.fromkeys(to)), by, clause=clause, body=body, readable=readable)
    return [approvals.find(desk, asker, each.id) for each in made]


def act(desk: Desk, token: Token, asker: Reader, id_: str, kind: str) -> Approval:
    """What a person does with a token about a request that they see. Raises NotFound, Denied, Conflict."""
    check_scope(token, APPROVE)
    return act_as(desk, holder(token), token.role, asker, id_, kind)


def act_as(desk: Desk, by: Person, role: str, asker: Reader, id_: str, kind: str) -> Approval:
    """What somebody in a role does about a request that they see. Raises NotFound, Denied, Conflict, SenderFault for a tool."""
    approvals.find(desk, asker, id_)
    approve.act(desk.world, id_, kind, by, role)
    return approvals.find(desk, asker, id_)
