"""Agreements as Cedar policies (https://docs.cedarpolicy.com), so that other tools can evaluate them, and check that they decide as we do.

One policy per clause and per built-in step; Cedar's own rule (nothing matching is a deny, a forbid beats every permit) is ours. What Cedar
cannot say stands beside a policy as annotations: `@onward`, `@redact`, `@approval`, `@duty`, `@retain`, and `@agreement`. A permit with
`@redact` gives a copy, one with `@approval` waits for it. An item that is passed on is asked about twice, once for each hand (`onward`).

Two questions: whether the recipient may `have` the item whatever clauses say (steps 1 to 3 of `decide`), and if not, whether it may
`receive` it. The principal is the recipient, the resource the item; `HEADER` says which attributes they have.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from comity.agree import duration
from comity.agree.accord import Agreement
from comity.agree.clauses import JUDICIAL, Clause, Selector, covered
from comity.agree.life import Signatory
from comity.agree.onward import CEILING, RESTRICTED
from comity.clock import micros
from comity.terms import pap, tlp
from comity.terms.item import PURPOSES
from comity.terms.party import ENDED, STANDINGS
from comity.terms.stix import PUBLIC_TYPES

HEADER = """\
// Party: standings (set of "body/standing", as held at the moment of the question).
// Item: type, threat (set), origin (Party), received (came from a peer), purposes (set), tlp (0 clear to 4 red), handling (set),
//   realm, gate, about (set of Party: producers of what a sighting is of);
//   optional: pap (0 clear to 3 red), to (set of Party), under (agreement id).
// Context: at (microseconds since 1970), body, purposes (set), holder (Party: whose node has the item);
//   optional: across (the body to whose hub it would go).
"""
_ORIGIN, _HOLDER, _RECIPIENT = "resource.origin", "context.holder", "principal"


def policies(agreements: Iterable[Agreement]) -> str:
    """All versions of some agreements, and the built-in steps, as one Cedar policy set; as known, whatever the moment it is asked about."""
    every = sorted(agreements, key=lambda each: (each.id, each.version))
    public = _among("resource.type", sorted(PUBLIC_TYPES))
    freely = [("own", "principal == resource.origin"), ("received", _received(every)), ("public", f'{public} && resource.gate == "open"')]
    made = [_policy("permit", "have", {"id": f"built-in/{name}"}, [condition]) for name, condition in freely]
    made += [_policy("forbid", "receive", {"id": f"built-in/{name}"}, [condition]) for name, condition in _steps()]
    for agreement in every:
        governs = _governs(agreement, [each for each in every if each.id == agreement.id])
        for clause in agreement.clauses:
            if agreement.in_force is not None and not (clause.effect == "permit" and clause.names_nothing):
                tests = [*_door(agreement, clause), governs, *_clause(agreement, clause)]
                made.append(_policy(clause.effect, "receive", _notes(agreement, clause), tests))
    return HEADER + "\n" + "\n".join(made)


def _door(agreement: Agreement, clause: Clause) -> list[str]:
    """A permit works in its own body, and for what was shared under its agreement; a prohibition everywhere."""
    if clause.effect == "forbid":
        return []
    across = f"{_set(agreement.bodies)}.contains(context.across)" if agreement.bodies else "false"
    tests = [_in_body(agreement), _any(["!(context has across)", f"(context has across && {across})" if agreement.bodies else "false"])]
    if agreement.bodies:
        free = f"(resource.tlp <= {tlp.RANK[CEILING]} && !resource.handling.containsAny({_set(sorted(RESTRICTED))}))"
        tests.append(_any(["(resource has to && resource.to.contains(principal))", free]))
    return [*tests, f"(!(resource has under) || resource.under == {_text(agreement.id)})"]


def _in_body(agreement: Agreement) -> str:
    return _any(f"context.body == {_text(body)}" for body in agreement.spans)


def _policy(effect: str, action: str, notes: dict[str, str], tests: Iterable[str]) -> str:
    said = "\n".join(f"@{name}({_text(value)})" for name, value in notes.items())
    conditions = "\n  && ".join(each for each in tests if each != "true") or "true"
    return f'{said}\n{effect} (principal, action == Action::"{action}", resource)\nwhen {{\n  {conditions}\n}};\n'


def _notes(agreement: Agreement, clause: Clause) -> dict[str, str]:
    notes = {"id": f"{agreement.ref}/{clause.id}", "agreement": agreement.id, "text": clause.text}
    if clause.effect == "permit":
        notes["onward"] = clause.onward
        notes |= {"redact": clause.redact} if clause.redact else {}
        notes |= {"approval": clause.approval.kind} if clause.approval else {}
        notes |= {"duty": "; ".join(clause.duty)} if clause.duty else {}
        notes |= {"retain": clause.retain} if clause.retain else {}
    return notes


def _steps() -> list[tuple[str, str]]:
    """Steps 4 to 6 of `decide`, each with what it forbids."""
    return [
        ("gate", 'resource.gate != "open"'),
        ("realm", 'resource.realm != "real"'),
        ("addressed", "(resource has to && !resource.to.contains(principal))"),
        ("red-names-recipients", f"(!(resource has to) && resource.tlp == {tlp.RANK['red']})"),
        ("purpose", _not(_purposes(PURPOSES))),
    ]


def _received(agreements: Sequence[Agreement]) -> str:
    """Step 2: what was released to this node, unless it is the centre of an agreement of the body."""
    custody = [
        _all([_in_body(each), _governs(each, versions, _HOLDER, _HOLDER), _centre(each, _HOLDER)])
        for each in agreements
        if each.in_force is not None and any(section.role == "centre" for section in each.parties)
        for versions in [[other for other in agreements if other.id == each.id]]
    ]
    return f"(principal == {_HOLDER} && resource.received && {_purposes(PURPOSES)} && {_not(_any(custody))})"


def _clause(agreement: Agreement, clause: Clause) -> list[str]:
    """What one clause asks for, besides that its agreement binds both."""
    reserved = [section.party for section in agreement.parties if clause.id in section.reservations]
    types = covered(clause.types)
    tests = [_period(clause.since, clause.until)]
    tests += [_not(_party(side, reserved)) for side in (_RECIPIENT, _ORIGIN)] if reserved else []
    tests += _selects(agreement, clause.from_, _ORIGIN) + _selects(agreement, clause.to, _RECIPIENT)
    if clause.effect == "permit" and not (clause.to and (clause.to.role or clause.to.party)):
        tests.append(_not(_centre(agreement, _RECIPIENT)))
    tests += [_among("resource.type", sorted(types))] if types is not None else []
    tests += [f"resource.threat.containsAny({_set(clause.threat)})"] if clause.threat else []
    tests += [f"resource.tlp <= {tlp.RANK[clause.tlp_max]}"] if clause.tlp_max else []
    tests += [f"(!(resource has pap) || resource.pap <= {pap.RANK[clause.pap_max]})"] if clause.pap_max else []
    tests += [f"{_set(clause.handling)}.containsAll(resource.handling)"] if clause.handling else []
    return [*tests, _purposes(clause.purposes or agreement.purposes)]


def _governs(agreement: Agreement, versions: Sequence[Agreement], first: str = _ORIGIN, second: str = _RECIPIENT) -> str:
    """That this version is the one between two parties (`Rules.governing`), and binds both."""
    sides = dict.fromkeys((first, second))
    later = [each for each in versions if each.version > agreement.version and each.in_force is not None]
    gone = [_all([_period(each.in_force, None), _any([_all(_entered(each, side) for side in sides), _over(each)])]) for each in later]
    entered = [_entered(agreement, side) for side in sides]
    return _all([*entered, *(_not(each) for each in gone), *(_bound(agreement, side) for side in sides)])


def _over(agreement: Agreement) -> str:
    return _period(agreement.transition, None) if agreement.transition else "false"


def _entered(agreement: Agreement, side: str) -> str:
    sections = [_all([_party(side, [each.party]), _begun(agreement, each)]) for each in agreement.parties]
    others = [_not(_party(side, [each.party for each in agreement.parties]))] if agreement.entry == "all" else []
    return _any([*sections, *others])


def _bound(agreement: Agreement, side: str) -> str:
    held = _holds(side, agreement.spans, [standing for standing in STANDINGS if standing not in ENDED])
    free = _not(_holds(side, agreement.spans, ["suspended"]))
    live = _all([free, _any([held, _not(_holds(side, agreement.spans, ["withdrawn"]))])])
    sections = [
        _all([_party(side, [each.party]), *([] if _itself(agreement, each) else [held]), _begun(agreement, each), *_left(agreement, each)])
        for each in agreement.parties
    ]
    others = [_all([_not(_party(side, [each.party for each in agreement.parties])), held])] if agreement.entry == "all" else []
    return _all([_period(agreement.in_force, agreement.until), live, _any([*sections, *others])])


def _holds(side: str, bodies: Iterable[str], standings: Sequence[str]) -> str:
    return f"{side}.standings.containsAny({_set(f'{body}/{standing}' for body in bodies for standing in standings)})"


def _itself(agreement: Agreement, section: Signatory) -> bool:
    """Whether a section makes its party one without a standing."""
    return section.named or section.in_force is not None or agreement.entry == "per-party"


def _begun(agreement: Agreement, section: Signatory) -> str:
    return _period(section.in_force, None) if section.in_force or agreement.entry == "all" else "false"


def _left(agreement: Agreement, section: Signatory) -> list[str]:
    ends = [section.until, section.withdrawal]
    if section.withdrawal and agreement.notice:
        ends[1] = duration.after(section.withdrawal, agreement.notice)
    return [*(_period(None, end) for end in ends if end), *(_not(_period(each.since, each.until)) for each in section.suspended)]


def _selects(agreement: Agreement, selector: Selector | None, side: str) -> list[str]:
    if selector is None:
        return []
    bodies, tests = selector.body or agreement.spans, []
    if selector.standing:
        tests.append(_holds(side, bodies, selector.standing))
    if selector.party:
        tests.append(_party(side, selector.party))
    if selector.role:
        centre = _centre(agreement, side)
        known = {"centre": centre, "party": _not(centre), "producer": f"resource.about.contains({side})"}
        tests.append(_any(known[role] for role in selector.role))
    if selector.body:
        live = [standing for standing in STANDINGS if standing not in ENDED]
        tests.append(_holds(side, bodies, live))
    return tests


def _centre(agreement: Agreement, side: str) -> str:
    return _party(side, [section.party for section in agreement.parties if section.role == "centre"])


def _purposes(names: Iterable[str]) -> str:
    """That the question and the item share one of these; H1 takes judicial use away."""
    said = []
    for name in names:
        both = [f"context.purposes.contains({_text(name)})", f"resource.purposes.contains({_text(name)})"]
        said.append(_all([*both, '!resource.handling.contains("H1")'] if name in JUDICIAL else both))
    return _any(said)


def _period(since: datetime | None, until: datetime | None) -> str:
    """That the moment asked about is in [since, until)."""
    tests = [f"context.at >= {micros(since)}"] if since else []
    return _all([*tests, *([f"context.at < {micros(until)}"] if until else [])])


def _party(side: str, codes: Iterable[str]) -> str:
    return _any(f"{side} == Party::{_text(code)}" for code in codes)


def _among(what: str, names: Iterable[str]) -> str:
    return f"{_set(names)}.contains({what})"


def _set(names: Iterable[str]) -> str:
    return f"[{', '.join(map(_text, names))}]"


def _text(text: str) -> str:
    plain = "".join(char if char.isprintable() else " " for char in text)
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _all(conditions: Iterable[str]) -> str:
    """Every one of them; nothing asked for is true. Several stand in brackets, one does not need them."""
    asked = [each for each in conditions if each != "true"]
    return f"({' && '.join(asked)})" if len(asked) > 1 else "".join(asked) or "true"


def _any(conditions: Iterable[str]) -> str:
    """At least one of them; nothing to choose from is false."""
    given = [each for each in conditions if each != "false"]
    return f"({' || '.join(given)})" if len(given) > 1 else "".join(given) or "false"


def _not(condition: str) -> str:
    return {"true": "false", "false": "true"}.get(condition, f"!({condition})")
