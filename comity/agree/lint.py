"""Remarks on an agreement that can be read: what can never apply, what is already permitted, what the guardrails refuse.

`agreement.check` finds the faults of the text; `lint` judges what the text means.
"""

from __future__ import annotations

from collections.abc import Container, Iterator

from comity.agree import guard
from comity.agree.accord import Agreement
from comity.agree.clauses import JUDICIAL, ONWARD, Clause, Selector, covered
from comity.agree.findings import Finding, in_order
from comity.agree.lines import Lines
from comity.agree.onward import CEILING, RESTRICTED
from comity.agree.properties import missed, needed
from comity.agree.reading import nearest
from comity.agree.shadow import covers
from comity.agree.wording import words
from comity.terms.item import PURPOSES
from comity.terms.party import ENDED, Register


def lint(agreement: Agreement, register: Register | None = None, held: Container[str] | None = None) -> list[Finding]:
    """Every remark, by line. With a register, also parties and standings that it does not know.

    `held` are ids of agreements held, if that is known.
    """
    found = list(_agreement(agreement))
    found += _parties(agreement)
    found += _unused(agreement)
    for clause in agreement.clauses:
        found += _guardrails(clause)
        found += _habits(clause)
        found += _terms(agreement, clause, held)
        found += _copies(agreement, clause)
        found += _never(agreement, clause)
        found += _undeclared(agreement, clause) if register is None else _unknown(agreement, clause, register)
    found += _shadowed(agreement)
    found += _between(agreement)
    return in_order(found)


def _agreement(agreement: Agreement) -> Iterator[Finding]:
    lines = Lines(agreement.text.removeprefix("\ufeff"))
    head = lines.of(("agreement",))
    if agreement.in_force is None:
        yield _warning(head, "the agreement has no in_force: it is a draft and binds nobody", "add in_force = a date")
    for purpose in agreement.purposes:
        if purpose not in PURPOSES:
            yield _error(lines.of(("agreement", "purposes")), f"{purpose!r} is not a purpose", nearest(purpose, PURPOSES))
    if not any(party.role == "centre" for party in agreement.parties):
        message = "the agreement names no centre: whoever holds items of others passes them on only as onward says"
        yield _info(head, message, 'if a node collects and passes on for the others, give its [party.XX] role = "centre"')
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
        message = "no party has in_force: it binds each party from its own ratification on"
        yield _info(line, message, "record it with comity agreement ratify, or add [party.XX] with in_force")
    elif not in_force and not agreement.illustrative:
        line = lines.of(("agreement", "illustrative"))
        yield _info(line, "not illustrative, and no party has in_force", "record it with comity agreement ratify, or say illustrative")
    for party in agreement.parties:
        steps = [step for step in (party.signed, party.ratified) if step is not None]
        if party.in_force is not None and steps and party.in_force < max(steps):
            yield _warning(party.line, f"{party.party} is in force before it signed or ratified", "check the dates")
        if party.signed is not None and party.ratified is not None and party.ratified < party.signed:
            yield _warning(party.line, f"{party.party} ratified before it signed", "check the dates")
        end = party.end(agreement.notice)
        if party.in_force is not None and end is not None and end <= party.in_force:
            yield _warning(party.line, f"{party.party} is never bound: it has left before it is in force", "check the dates")
        for clause in agreement.clauses:
            if clause.id in party.reservations and clause.effect == "forbid":
                message = f"{party.party} reserves clause {clause.id}, a prohibition: between it and others it holds no more"
                yield _warning(party.line, message, "reserve permits; a prohibition is best closed to reservations")


def _between(agreement: Agreement) -> Iterator[Finding]:
    """What a protocol between bodies leaves open: hubs, maps, and of which body a standing is meant."""
    if not agreement.bodies:
        return
    lines = Lines(agreement.text.removeprefix("\ufeff"))
    centres = [party.party for party in agreement.parties if party.role == "centre"]
    if len(centres) < len(agreement.bodies):
        message = f"{len(centres)} of {len(agreement.bodies)} bodies have a centre here: a hub that is none passes on only as onward says"
        yield _warning(lines.of(("agreement", "bodies")), message, 'give each hub\'s [party.XX] role = "centre"')
    for body in agreement.bodies:
        if all(each.of != body for each in agreement.maps):
            message = f"no [map.{body}]: what is not in our closed lists of words is taken for the strictest"
            yield _info(lines.of(("agreement", "bodies")), message, f"add [map.{body}] if {body} has words of its own")
    for clause in agreement.clauses:
        for side, selector in (("to", clause.to), ("from", clause.from_)):
            if selector and selector.standing and not selector.body:
                message = f"clause {clause.id}: the standing in its {side} may be one in any of {words(agreement.bodies)}"
                yield _warning(clause.line, message, f'say of which: body = ["{agreement.bodies[-1]}"]')
        if clause.effect == "permit" and clause.tlp_max not in ("clear", CEILING):
            message = f"clause {clause.id}: above TLP:{CEILING.upper()} only what its origin addresses by name goes across"
            yield _info(clause.line, message, "as it should be, if that is what the clause is for")


def _unused(agreement: Agreement) -> Iterator[Finding]:
    """What no clause refers to, and a transition that nothing precedes."""
    for profile in agreement.profiles:
        if not any(clause.redact == profile.name for clause in agreement.clauses):
            yield _warning(profile.line, f"no clause uses profile {profile.name}", 'write redact = "…" in one, or remove it')
    if agreement.transition is not None and agreement.version == 1:
        line = Lines(agreement.text.removeprefix("\ufeff")).of(("agreement", "transition"))
        yield _warning(line, "transition means nothing in version 1: there is no earlier version", "remove it")


def _guardrails(clause: Clause) -> Iterator[Finding]:
    for what, names in (
        ("purpose", clause.purposes),
        ("type", clause.types),
        ("threat", clause.threat),
        ("duty", clause.duty),
    ):
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
        if clause.retain is None:
            yield _info(clause.line, f"{label} has no retain: it sets no expiry", 'add retain = "P1Y"')
    else:
        if clause.tlp_max is not None:
            yield _warning(clause.line, f"{label} forbids only what is at most {clause.tlp_max}", "drop tlp_max to forbid all")
        if clause.duty or clause.retain or clause.onward != "none" or clause.redact or clause.approval:
            message = f"{label} forbids: its duty, retain and onward mean nothing, nor do redact and approval"
            yield _warning(clause.line, message, "remove them")


def _terms(agreement: Agreement, clause: Clause, held: Container[str] | None) -> Iterator[Finding]:
    """Passing on, handling codes and ceilings that contradict each other."""
    label = f"clause {clause.id}"
    if clause.effect == "permit" and clause.onward not in (*ONWARD, agreement.id) and clause.onward not in (held or ()):
        message = f"{label}: onward = {clause.onward!r}: no agreement of this name is held here: it permits nothing until one is"
        level = "info" if held is None else "warning"
        yield Finding(line=clause.line, level=level, message=message, next='write "parties" or "none", or add it', fault="operator")
    if clause.effect == "permit" and clause.onward != "none" and clause.handling and set(clause.handling) <= RESTRICTED:
        message = f"{label}: onward = {clause.onward!r} never applies: it takes only what bears {' or '.join(clause.handling)}"
        yield _warning(clause.line, message, f"only items without H1-H3, at most TLP:{CEILING.upper()}, go on automatically")
    if clause.approval and clause.approval.kind == "silence" and clause.tlp_max in (None, "red"):
        yield _warning(clause.line, f"{label} gives TLP:RED by silence", 'lower tlp_max, or ask for "two-persons"')
    judicial = clause.effect == "permit" and not JUDICIAL.isdisjoint(clause.purposes or agreement.purposes)
    if judicial and not any(duty.startswith("notify-before-court") for duty in clause.duty):
        message = f"{label} permits criminal-investigation without the duty notify-before-court"
        yield _info(clause.line, message, 'add duty = ["notify-before-court"]')


def _copies(agreement: Agreement, clause: Clause) -> Iterator[Finding]:
    """A profile that leaves out what no object of the clause has, or what each of a type needs."""
    profile = agreement.profile(clause.redact)
    if clause.effect == "forbid" or profile is None:
        return
    for path in missed(profile, clause):
        message = f"profile {profile.name} leaves out {path!r}: nothing that clause {clause.id} gives has it"
        yield _warning(profile.line, message, "the author is created_by_ref")
    for type_, property_ in needed(profile, clause):
        message = f"clause {clause.id} gives no {type_}: a copy without {property_} is no valid {type_}"
        yield _warning(profile.line, message, f"keep {property_}, or leave {type_} out of types")


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
    reserved = [party.party for party in agreement.parties if clause.id in party.reservations]
    if selector.party and set(selector.party) <= set(reserved):
        yield _never_applies(clause, f"{' and '.join(selector.party)} reserved it")
    if selector.standing and set(selector.standing) <= ENDED and not selector.body:
        yield _never_applies(clause, f"a party that is {' or '.join(selector.standing)} is never bound")
    bound = {party.party for party in agreement.parties if party.in_force is not None}
    # Where no party has a date yet, they come to be bound by what they do.
    if selector.party and agreement.entry == "per-party" and not agreement.awaits_parties:
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
        if said and selector and (not selector.body or not set(agreement.spans).isdisjoint(selector.body)):
            for standing in (name for name in selector.standing if name not in held):
                message = f"clause {clause.id}: no [party] section declares the standing {standing}"
                yield Finding(line=clause.line, level="info", message=message, next="as it should be, if such parties come later")


def _unknown(agreement: Agreement, clause: Clause, register: Register) -> Iterator[Finding]:
    known = {*register.parties(), *(party.party for party in agreement.parties)}
    for selector in (clause.to, clause.from_):
        for party in selector.party if selector else ():
            if party not in known:
                message = f"clause {clause.id}: the register knows no party {party}"
                yield Finding(line=clause.line, level="warning", message=message, next=nearest(party, known), fault="operator")
        for standing in selector.standing if selector else ():
            bodies = (selector.body if selector else ()) or agreement.spans
            if not any(held.standing == standing and held.body in bodies for held in register.standings):
                message = f"clause {clause.id}: nobody has ever been {standing} in {' or '.join(bodies)}"
                yield Finding(line=clause.line, level="warning", message=message, next="check the word, or the register", fault="operator")


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
