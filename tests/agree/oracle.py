"""The answer by brute force, written from the design alone and not from the code under test; slow, plain, and about one moment only."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from comity.agree.accord import Agreement
from comity.agree.approval import Act, Approval, Procedure
from comity.agree.clauses import Clause, Selector
from comity.agree.decide import Question, Rules
from comity.agree.duration import after
from comity.terms.party import Standing
from comity.terms.stix import GROUPS, PUBLIC_TYPES
from comity.terms.tlp import LEVELS
from comity.terms.traits import Traits

EARLY, LATE = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)
PAP = ("clear", "green", "amber", "red")


class Oracle:
    """What is so at one moment, as known at one moment."""

    def __init__(self, rules: Rules, at: datetime, known_at: datetime | None) -> None:
        self.rules, self.at, self.known_at = rules, at, known_at

    def known(self, when: datetime | None) -> bool:
        return self.known_at is None or when is None or when <= self.known_at

    def standing(self, party: str, body: str, at: datetime) -> str | None:
        found: Standing | None = None
        for claim in self.rules.register.standings:
            wrong = (claim.party, claim.body) != (party, body) or not self.known(claim.known)
            if wrong or claim.since > at or (claim.until and claim.until <= at):
                continue
            if found is None or (claim.since, claim.known or EARLY) >= (found.since, found.known or EARLY):
                found = claim
        return found.standing if found else None

    def bound(self, agreement: Agreement, party: str, at: datetime) -> bool:
        every = [self.standing(party, body, at) for body in agreement.bodies or [agreement.body]]
        live = [each for each in every if each and each not in ("suspended", "withdrawn")]
        if "suspended" in every or ("withdrawn" in every and not live) or agreement.in_force is None or agreement.in_force > at:
            return False
        held = live[0] if live else None
        if agreement.until and agreement.until <= at:
            return False
        own = [s for s in agreement.parties if s.party == party]
        if not own:
            return agreement.entry == "all" and held is not None
        section = own[0]
        itself = section.named or held is not None
        begun = section.in_force <= at if section.in_force else agreement.entry == "all" and itself
        left = (
            section.withdrawal is not None
            and (after(section.withdrawal, agreement.notice) if agreement.notice else section.withdrawal) <= at
        )
        paused = any(s.since <= at and (s.until is None or at < s.until) for s in section.suspended)
        return begun and not (section.until and section.until <= at) and not left and not paused

    def governing(self, origin: str, recipient: str) -> list[Agreement]:
        """Of each agreement the newest version that both have entered, unless a newer one has swept it away."""

        def entered(agreement: Agreement, party: str) -> bool:
            own = [s for s in agreement.parties if s.party == party]
            begun = own[0].in_force if own else None
            return begun <= self.at if begun else agreement.entry == "all"

        found: dict[str, Agreement] = {}
        swept: set[str] = set()
        for agreement in sorted(self.rules.agreements, key=lambda a: -a.version):
            if agreement.id in found or agreement.id in swept or not self.known(agreement.known):
                continue
            if agreement.in_force is None or agreement.in_force > self.at:
                continue
            if entered(agreement, origin) and entered(agreement, recipient):
                found[agreement.id] = agreement
            elif agreement.transition and agreement.transition <= self.at:
                swept.add(agreement.id)
        return [found[id_] for id_ in sorted(found)]

    def selected(self, agreement: Agreement, selector: Selector | None, party: str, held: set[str]) -> bool:
        if selector is None:
            return True
        there = {self.standing(party, body, self.at) for body in selector.body or agreement.bodies or (agreement.body,)}
        return (
            (not selector.party or party in selector.party)
            and (not selector.role or bool(held & set(selector.role)))
            and (not selector.standing or bool(there & set(selector.standing)))
            and (not selector.body or bool(there - {None, "suspended", "withdrawn"}))
        )

    def matches(self, agreement: Agreement, clause: Clause, question: Question, recipient: str, traits: Traits) -> bool:
        types = {member for name in clause.types for member in GROUPS.get(name, {name})}
        permit = clause.effect == "permit"
        if permit and (clause.to in (None, Selector()) or not clause.types):
            return False
        if permit and question.body not in (agreement.bodies or (agreement.body,)):
            return False
        if permit and question.across and question.across not in agreement.bodies:
            return False
        automatic = traits.tlp in ("clear", "green") and not {"H1", "H2", "H3"} & set(traits.handling)
        if permit and agreement.bodies and not automatic and (traits.to is None or recipient not in traits.to):
            return False  # what goes into another body by itself
        if permit and traits.under not in (None, agreement.id):
            return False
        held = roles(agreement, recipient) | ({"producer"} if recipient in traits.about else set())
        if permit and "centre" in roles(agreement, recipient) and not (clause.to and (clause.to.role or clause.to.party)):
            return False  # the centre reads what a permit names it for
        if any(clause.id in s.reservations for s in agreement.parties if s.party in (traits.origin, recipient)):
            return False
        purposes = set(question.purposes) & set(traits.purposes) & set(clause.purposes or agreement.purposes)
        purposes -= {"criminal-investigation"} if "H1" in traits.handling else set()
        return (
            self.bound(agreement, traits.origin, self.at)
            and self.bound(agreement, recipient, self.at)
            and not (clause.since and clause.since > self.at)
            and not (clause.until and clause.until <= self.at)
            and self.selected(agreement, clause.from_, traits.origin, roles(agreement, traits.origin))
            and self.selected(agreement, clause.to, recipient, held)
            and (not clause.types or "*" in clause.types or traits.kind in types)
            and (not clause.threat or bool(set(clause.threat) & set(traits.threat)))
            and (clause.tlp_max is None or LEVELS.index(traits.tlp) <= LEVELS.index(clause.tlp_max))
            and (clause.pap_max is None or traits.pap is None or PAP.index(traits.pap) <= PAP.index(clause.pap_max))
            and (not clause.handling or all(code in clause.handling for code in traits.handling))
            and bool(purposes)
        )

    def matching(self, question: Question, recipient: str, traits: Traits) -> list[tuple[Agreement, Clause]]:
        ours = self.governing(traits.origin, recipient)
        return [(a, c) for a in ours for c in a.clauses if self.matches(a, c, question, recipient, traits)]

    def request(self, approval: Approval, procedure: Procedure, agreement: Agreement) -> str:
        """`granted`, `refused` or `open`, from the moments at which things happened rather than by replaying them; "" before it was made."""
        horizon = min(self.at, self.known_at) if self.known_at else self.at
        if approval.requested > horizon:
            return ""
        acts = [a for a in approval.acts if approval.requested <= a.at <= horizon and not a.by.robot]
        others = procedure.kind in ("sponsors", "silence")

        def heard(act: Act) -> bool:
            return act.by.party == approval.origin or (others and self.bound(agreement, act.by.party, act.at))

        objected = min((a.at for a in acts if a.kind == "object" and heard(a)), default=LATE)
        lapses = after(approval.requested, procedure.lapse) if procedure.lapse and procedure.kind != "silence" else LATE
        first: dict[object, datetime] = {}
        for each in acts:
            if each.kind != "approve":
                continue
            if procedure.kind == "sponsors":
                if each.by.party not in (approval.origin, *approval.recipients) and self.bound(agreement, each.by.party, each.at):
                    first[each.by.party] = min(each.at, first.get(each.by.party, LATE))
            elif each.by.party == approval.origin:
                first[each.by] = min(each.at, first.get(each.by, LATE))
        times = sorted(first.values())
        needed = {"origin": 1, "two-persons": 2, "sponsors": procedure.sponsors}.get(procedure.kind, 0)
        enough = (approval.requested if not needed else times[needed - 1]) if len(times) >= needed else LATE
        reached = enough < lapses and enough != LATE and (not needed or objected > enough)
        granted = after(enough, procedure.window or "") if others and reached else enough
        stopped = objected < granted if others else objected <= granted
        if reached and granted <= self.at and not stopped:
            ended = any(
                a.kind == "revoke" and a.by.party == approval.origin and (a.at >= granted if others else a.at > granted) for a in acts
            )
            return "refused" if ended else "granted"
        refused = objected < (granted if others and reached else lapses)
        return "refused" if refused and objected != LATE else "open"

    def consent(self, ref: str, procedure: Procedure, agreement: Agreement, recipient: str, traits: Traits) -> str:
        found = []
        for id_ in traits.approvals:
            made = self.rules.approvals.get(id_)
            if made and made.clause == ref and made.origin == traits.origin and recipient in made.recipients:
                found.append((made.requested, id_, self.request(made, procedure, agreement)))
        found = [each for each in found if each[2]]
        if any(each[2] == "granted" for each in found):
            return "granted"
        return sorted(found)[-1][2] if found else "open"

    def effect(self, question: Question, traits: Traits) -> str:
        """`permit`, `redact`, `approve` or `deny`."""
        recipient, holder = question.recipient, question.holder
        custodian = any(
            question.body in (a.bodies or (a.body,)) and "centre" in roles(a, holder) and self.bound(a, holder, self.at)
            for a in self.governing(holder, holder)
        )
        if (
            recipient == traits.origin
            or (traits.type in PUBLIC_TYPES and traits.gate == "open")
            or (recipient == holder and traits.received_from and self.shared_for(question, traits) and not custodian)
        ):
            return "permit"
        addressed = recipient in traits.to if traits.to is not None else traits.tlp != "red"
        if traits.gate != "open" or traits.realm != "real" or not addressed:
            return "deny"
        direct = self.released(question, recipient, traits)
        if direct is None:
            return "deny"
        reached = {agreement.id for agreement, _, effect in direct if effect != "approve"}
        given: list[tuple[Agreement, Clause, str]] = []
        for abroad in (False, True):
            there = {body for a in self.rules.agreements for body in a.bodies or (a.body,)} - {question.body}
            bodies = there if abroad else {question.body}
            views = [self.released(msgspec.structs.replace(question, body=body, across=""), holder, traits) for body in bodies]
            held = [each for view in views for each in view or [] if each[2] != "approve"]
            if not given and any(each[2] == "permit" for each in held) and (traits.to is None or holder in traits.to):
                given = held
        goes_on = bool(given)
        goes_on = goes_on and traits.tlp in ("clear", "green") and not {"H1", "H2", "H3"} & set(traits.handling)
        unmet = {{"none": "", "parties": agreement.id}.get(clause.onward, clause.onward) for agreement, clause, _ in given} - reached
        effects = set()
        for agreement, _, effect in direct:
            own = holder == traits.origin or ("centre" in roles(agreement, holder) and self.bound(agreement, holder, self.at))
            if own or (goes_on and unmet <= {agreement.id}):
                effects.add(effect)
        return next((effect for effect in ("permit", "redact", "approve") if effect in effects), "deny")

    def shared_for(self, question: Question, traits: Traits) -> bool:
        """Whether the item was shared for a purpose asked for; H1 takes judicial use away."""
        judicial = {"criminal-investigation"} if "H1" in traits.handling else set()
        return bool(set(question.purposes) & set(traits.purposes) - judicial)

    def released(self, question: Question, recipient: str, traits: Traits) -> list[tuple[Agreement, Clause, str]] | None:
        """What the origin itself would give by which clause, and how; None where something forbids it."""
        found, given = self.matching(question, recipient, traits), []
        if any(clause.effect == "forbid" for _, clause in found):
            return None
        for agreement, clause in found:
            asked = [self.consent(f"{agreement.ref}/{clause.id}", clause.approval, agreement, recipient, traits)] if clause.approval else []
            if "H3" in traits.handling:
                asked.append(self.consent("built-in/H3", Procedure(kind="origin"), agreement, recipient, traits))
            if "refused" not in asked:
                given.append((agreement, clause, "approve" if "open" in asked else "redact" if clause.redact else "permit"))
        return given


def roles(agreement: Agreement, party: str) -> set[str]:
    return {"centre" if any(s.party == party and s.role == "centre" for s in agreement.parties) else "party"}


def oracle(question: Question, traits: Traits, rules: Rules) -> str:
    """The effect that `decide` must give."""
    return Oracle(rules, question.valid_at, question.known_at).effect(question, traits)
