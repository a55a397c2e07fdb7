"""Whether one clause matches everything that another does: then the other adds nothing, or never has effect."""

from __future__ import annotations

from collections.abc import Mapping

from comity.agree.accord import Agreement
from comity.agree.clauses import Clause, Selector, covered
from comity.terms import pap, tlp


def covers(agreement: Agreement, wide: Clause, narrow: Clause) -> bool:
    """Whether every case that `narrow` matches, `wide` of the same agreement matches too, and gives as much. True is certain."""
    if wide.effect == narrow.effect == "permit" and not _gives_as_much(wide, narrow):
        return False
    if any(wide.id in party.reservations and narrow.id not in party.reservations for party in agreement.parties):
        return False
    # A permit by standing does not reach the centre (clauses.facts); a narrower one that names it does.
    if wide.effect == narrow.effect == "permit" and not _names(wide) and _names(narrow) and _reaches_centre(agreement, narrow):
        return False
    return (
        _selects(wide.to, narrow.to)
        and _selects(wide.from_, narrow.from_)
        and _types(wide, narrow)
        and (not wide.threat or (bool(narrow.threat) and set(narrow.threat) <= set(wide.threat)))
        and _ceiling(tlp.RANK, wide.tlp_max, narrow.tlp_max)
        and _ceiling(pap.RANK, wide.pap_max, narrow.pap_max)
        and (not wide.handling or (bool(narrow.handling) and set(narrow.handling) <= set(wide.handling)))
        and set(narrow.purposes or agreement.purposes) <= set(wide.purposes or agreement.purposes)
        and (wide.since is None or (narrow.since is not None and wide.since <= narrow.since))
        and (wide.until is None or (narrow.until is not None and narrow.until <= wide.until))
    )


def _names(clause: Clause) -> bool:
    return clause.to is not None and bool(clause.to.role or clause.to.party)


def _reaches_centre(agreement: Agreement, clause: Clause) -> bool:
    to = clause.to or Selector()
    named = not to.party or any(agreement.role(party) == "centre" for party in to.party)
    return named and (not to.role or not {"centre", "producer"}.isdisjoint(to.role))


def _selects(wide: Selector | None, narrow: Selector | None) -> bool:
    if wide is None:
        return True
    # `standing` is judged in `body`, so the two are comparable only where the bodies are the same.
    if narrow is None or (wide.body != narrow.body and (wide.body or wide.standing)):
        return False
    fields = ((wide.standing, narrow.standing), (wide.party, narrow.party), (wide.role, narrow.role))
    return all(not some or (bool(fewer) and set(fewer) <= set(some)) for some, fewer in fields)


def _types(wide: Clause, narrow: Clause) -> bool:
    every, some = covered(wide.types), covered(narrow.types)
    return every is None or (some is not None and some <= every)


def _ceiling(rank: Mapping[str, int], wide: str | None, narrow: str | None) -> bool:
    return wide is None or (narrow is not None and rank[narrow] <= rank[wide])


def _gives_as_much(wide: Clause, narrow: Clause) -> bool:
    """Whether one permit lets its recipients have and pass on what another does: whole or the same copy, unasked or after as little."""
    redaction = not wide.redact or wide.redact == narrow.redact
    consent = wide.approval is None or wide.approval == narrow.approval
    return redaction and consent and (narrow.onward == "none" or wide.onward == narrow.onward)
