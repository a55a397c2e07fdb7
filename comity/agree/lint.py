"""Remarks on an agreement that can be read: what can never apply, what is already permitted, what the guardrails refuse.

`agreement.check` finds the faults of the text; `lint` judges what the text means.
"""

from __future__ import annotations

from collections.abc import Iterator

from comity.agree import guard
from comity.agree.accord import Agreement
from comity.agree.clauses import ONWARD, Clause, Selector, covered
from comity.agree.findings import Finding, in_order
from comity.agree.lines import Lines
from comity.agree.reading import nearest
from comity.agree.shadow import covers
from comity.terms.item import PURPOSES
from comity.terms.party import ENDED, Register


def lint(agreement: Agreement, register: Register | None = None) -> list[Finding]:
    """Every remark, by line. With a register, also parties and standings that it does not know."""
    found = list(_agreement(agreement))
    found += _parties(agreement)
    for clause in agreement.clauses:
        found += _guardrails(clause)
        found += _habits(clause)
        found += _never(agreement, clause)
        found += _undeclared(agreement, clause) if register is None else _unknown(agreement, clause, register)
    found += _shadowed(agreement)
    return in_order(found)


def _agreement(agreement: Agreement) -> Iterator[Finding]:
    lines = Lines(agreement.text.removeprefix("\ufeff"))
    head = lines.of(("agreement",))
    if agreement.in_force is None:
        yield _warning(head, "the agreement has no in_force: it is a draft and binds nobody", "add in_force = a date")
    for purpose in agreement.purposes:
        if purpose not in PURPOSES:
            yield _error(lines.of(("agreement", "purposes")), f"{purpose!r} is not a purpose", nearest(purpose, PURPOSES))
    permits = [clause for clause in agreement.clauses if clause.effect == "permit"]
    if not permits:
        yield _warning(head, "no clause permits anything", "nothing is ever released under this agreement")
    elif not any(_includes(clause, "sighting") for clause in permits):
        yield _info(head, "no clause lets sightings go back", 'add one: to = { role = ["producer"] }, types = ["sighting"]')


def _parties(agreement: Agreement) -> Iterator[Finding]:
    lines = Lines(agreement.text.removeprefix("\ufeff"))
    in_force = [party for party in agreement.parties if party.in_force is not None]
    if not in_force and agreement.entry == "per-party":
        line = lines.of(("agreement", "entry"))
        yield _warning(line, "entry is per-party and no party has in_force: nobody is bound", "add [party.XX] with in_force")
    elif not in_force and not agreement.illustrative:
        line = lines.of(("agreement", "illustrative"))
        yield _warning(line, "not illustrative, and no party has in_force", "record each entry into force, or say illustrative")
    for party in agreement.parties:
        steps = [step for step in (party.signed, party.ratified) if step is not None]
        if party.in_force is not None and steps and party.in_force < max(steps):
            yield _warning(party.line, f"{party.party} is in force before it signed or ratified", "check the dates")


def _guardrails(clause: Clause) -> Iterator[Finding]:
    for what, names in (("purpose", clause.purposes), ("type", clause.types), ("threat", clause.threat), ("duty", clause.duty)):
        for name in names:
            ground = guard.refused(name)
            if ground:
                yield _error(clause.line, f"clause {clause.id}: {name!r} cannot be a {what} (guardrail {ground})", "remove it")


def _habits(clause: Clause) -> Iterator[Finding]:
    label = f"clause {clause.id}"
    if "*" in clause.types:
        yield _warning(clause.line, f"{label} covers every type, also those not yet invented", "name groups, such as @threat")
    for threat in clause.threat:
        if threat not in guard.THREATS and not guard.refused(threat):
            yield _warning(clause.line, f"{label}: {threat!r} is in no STIX vocabulary", nearest(threat, guard.THREATS))
    if clause.effect == "permit":
        if clause.tlp_max is None:
            yield _warning(clause.line, f"{label} has no tlp_max: it permits up to addressed TLP:RED", 'add tlp_max = "amber"')
        if clause.onward not in ONWARD:
            message = f"{label}: onward = {clause.onward!r}: no agreement of this name is held here: it permits nothing"
            yield _warning(clause.line, message, 'write "parties" or "none"')
        if clause.retain is None:
            yield _info(clause.line, f"{label} has no retain: it sets no expiry", 'add retain = "P1Y"')
    else:
        if clause.tlp_max is not None:
            yield _warning(clause.line, f"{label} forbids only what is at most {clause.tlp_max}", "drop tlp_max to forbid all")
        if clause.duty or clause.retain or clause.onward != "none":
            yield _warning(clause.line, f"{label} forbids: its duty, retain and onward mean nothing", "remove them")


def _never(agreement: Agreement, clause: Clause) -> Iterator[Finding]:
    """Why a clause can never match."""
    if clause.until is not None and agreement.in_force is not None and clause.until <= agreement.in_force:
        yield _never_applies(clause, "it ends before the agreement is in force")
    if clause.since is not None and agreement.until is not None and agreement.until <= clause.since:
        yield _never_applies(clause, "it begins after the agreement has ended")
    if clause.purposes and agreement.purposes and set(clause.purposes).isdisjoint(agreement.purposes):
        yield _never_applies(clause, "none of its purposes is the agreement's")
    if not (clause.purposes or agreement.purposes):
        yield _never_applies(clause, "neither it nor the agreement has a purpose")
    for side, selector in (("to", clause.to), ("from", clause.from_)):
        if selector is not None:
            yield from _nobody(agreement, clause, side, selector)


def _nobody(agreement: Agreement, clause: Clause, side: str, selector: Selector) -> Iterator[Finding]:
    if selector == Selector():
        yield _warning(clause.line, f"clause {clause.id}: its {side} names nobody", "name a standing, party, role or body")
    if selector.standing and set(selector.standing) <= ENDED and not selector.body:
        yield _never_applies(clause, f"a party that is {' or '.join(selector.standing)} is never bound")
    bound = {party.party for party in agreement.parties if party.in_force is not None}
    if selector.party and agreement.entry == "per-party":
        absent = [party for party in selector.party if party not in bound]
        if len(absent) == len(selector.party):
            yield _never_applies(clause, f"{', '.join(absent)} has no [party] section in force")
        elif absent:
            yield _warning(clause.line, f"clause {clause.id} names {', '.join(absent)}: not bound", "add [party.XX] in_force")
    if selector.role == ("centre",) and not any(party.role == "centre" for party in agreement.parties):
        yield _never_applies(clause, 'no [party] section has role = "centre"')


def _undeclared(agreement: Agreement, clause: Clause) -> Iterator[Finding]:
    """Without a register: standings that the text itself gives to nobody, where it gives any at all (others are members)."""
    said = {party.standing for party in agreement.parties if party.standing}
    held = said | {"member" for party in agreement.parties if not party.standing and party.role != "centre"}
    for selector in (clause.to, clause.from_):
        if said and selector and (not selector.body or agreement.body in selector.body):
            for standing in (name for name in selector.standing if name not in held):
                message = f"clause {clause.id}: no [party] section declares the standing {standing}"
                yield Finding(line=clause.line, level="info", message=message, next="as it should be, if such parties come later")


def _unknown(agreement: Agreement, clause: Clause, register: Register) -> Iterator[Finding]:
    known = {*register.parties(), *(party.party for party in agreement.parties)}
    for selector in (clause.to, clause.from_):
        for party in selector.party if selector else ():
            if party not in known:
                yield _warning(clause.line, f"clause {clause.id}: the register knows no party {party}", nearest(party, known))
        for standing in selector.standing if selector else ():
            bodies = (selector.body if selector else ()) or (agreement.body,)
            if not any(held.standing == standing and held.body in bodies for held in register.standings):
                message = f"clause {clause.id}: nobody has ever been {standing} in {' or '.join(bodies)}"
                yield _warning(clause.line, message, "check the word, or the register")


def _shadowed(agreement: Agreement) -> Iterator[Finding]:
    for at, clause in enumerate(agreement.clauses):
        if clause.effect != "permit":
            continue
        for other_at, other in enumerate(agreement.clauses):
            # Of two equal clauses, the later one is superfluous.
            if other_at == at or not covers(agreement, other, clause) or (other_at > at and covers(agreement, clause, other)):
                continue
            if other.effect == "forbid":
                yield _never_applies(clause, f"clause {other.id} forbids all of it")
            else:
                message = f"clause {clause.id} permits nothing that {other.id} does not"
                yield _warning(clause.line, message, "remove it, or narrow the other")
            break


def _includes(clause: Clause, type_: str) -> bool:
    types = covered(clause.types)
    return types is None or type_ in types


def _never_applies(clause: Clause, why: str) -> Finding:
    return _warning(clause.line, f"clause {clause.id} can never apply: {why}", "correct or remove it")


def _error(line: int, message: str, next: str) -> Finding:
    return Finding(line=line, level="error", message=message, next=next)


def _warning(line: int, message: str, next: str) -> Finding:
    return Finding(line=line, level="warning", message=message, next=next)


def _info(line: int, message: str, next: str) -> Finding:
    return Finding(line=line, level="info", message=message, next=next)
