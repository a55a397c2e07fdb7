"""When an answer could change by the mere passing of time, so that caches know when to ask again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from comity.agree.approval import moments
from comity.agree.rules import Rules


def next_change(rules: Rules, after: datetime) -> datetime | None:
    """The first moment later than `after` at which any decision under these rules could differ; None if there is none.

    Every interval is half-open, so an answer is constant from one such moment up to, not including, the next.
    """
    return min((moment for moment in _moments(rules) if moment is not None and moment > after), default=None)


def endings(rules: Rules, since: datetime, until: datetime) -> list[datetime]:
    """The moments within (since, until] at which a clause may have ceased to bind somebody, ascending."""
    found: set[datetime | None] = {moment for each in rules.register.standings for moment in (each.since, each.until)}
    for agreement in rules.agreements:
        found |= {agreement.in_force, agreement.until, agreement.transition}  # a new version takes the place of the one before
        found |= {moment for party in agreement.parties for moment in party.moments(agreement.notice)}
        found |= {clause.until for clause in agreement.clauses}
    return sorted(moment for moment in found if moment is not None and since < moment <= until)


def _moments(rules: Rules) -> Iterator[datetime | None]:
    for agreement in rules.agreements:
        yield from (agreement.in_force, agreement.until, agreement.transition)
        for party in agreement.parties:
            yield from party.moments(agreement.notice)
        for clause in agreement.clauses:
            yield from (clause.since, clause.until)
    for standing in rules.register.standings:
        yield from (standing.since, standing.until)
    for approval in rules.approvals.values():
        procedure = rules.procedure(approval.clause)
        if procedure is not None:
            yield from moments(approval, procedure)
