"""The rules in force: every known version of every agreement with its parties' acts, the register, and the approvals asked for."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from datetime import datetime

import msgspec

from comity.agree.accord import Agreement
from comity.agree.acts import Deed
from comity.agree.approval import Approval, Procedure, State, state
from comity.agree.limits import Cap
from comity.agree.overlay import about, overlaid
from comity.agree.question import Question
from comity.errors import AgreementFault
from comity.terms.party import Register

#: What H3 asks for, whatever the clause: the origin's consent to each release.
H3 = "built-in/H3"


class Rules:
    """Agreements, register, approvals and the parties' acts, immutable together; a change of any is a new `Rules`.

    `agreements` are as the acts (`deeds`) have made them; `governing` and what rests on it count only the acts known at `known_at`.
    Neither their order nor a repetition matters. Raises AgreementFault when two different texts claim the same id and version, or two
    requests for approval the same id. `unheard` are the parties whose nodes have yet to say what they took back: the node that decides was
    restored from a backup.
    """

    __slots__ = ("_ids", "_past", "_procedures", "_texts", "agreements", "approvals", "deeds", "register", "unheard")

    agreements: tuple[Agreement, ...]
    register: Register
    approvals: dict[str, Approval]
    deeds: tuple[Deed, ...]
    unheard: frozenset[str]

    def __init__(
        self,
        agreements: Iterable[Agreement] = (),
        register: Register | None = None,
        approvals: Iterable[Approval] = (),
        deeds: Iterable[Deed] = (),
        unheard: Iterable[str] = (),
    ) -> None:
        self.unheard = frozenset(unheard)
        seen: dict[str, Agreement] = {}
        for agreement in agreements:
            held = seen.setdefault(agreement.ref, agreement)
            if msgspec.structs.replace(held, known=None) != msgspec.structs.replace(agreement, known=None):
                raise AgreementFault(f"two different texts are {agreement.ref}", next="give the newer one the next version")
            if held.known is not None and (agreement.known is None or agreement.known < held.known):
                seen[agreement.ref] = agreement
        self.deeds = tuple(dict.fromkeys(deeds))
        self._texts = {ref: (text, about(text, self.deeds)) for ref, text in seen.items()}
        self._past: dict[tuple[str, int], Agreement] = {}
        self.agreements = tuple(overlaid(text, own) for text, own in self._texts.values())
        self._procedures = {f"{each.ref}/{clause.id}": (each, clause.approval) for each in self.agreements for clause in each.clauses}
        self.register = register if register is not None else Register()
        self.approvals = {}
        for approval in approvals:
            made = self.approvals.setdefault(approval.id, approval)
            if msgspec.structs.replace(made, acts=()) != msgspec.structs.replace(approval, acts=()):
                raise AgreementFault(f"two different requests for approval are {approval.id}", next="give the newer one an id of its own")
            self.approvals[approval.id] = msgspec.structs.replace(made, acts=tuple(dict.fromkeys((*made.acts, *approval.acts))))
        self._ids: dict[str, list[Agreement]] = {}
        for agreement in sorted(self.agreements, key=lambda each: (each.id, -each.version)):
            self._ids.setdefault(agreement.id, []).append(agreement)

    def waits(self, question: Question, giver: str) -> bool:
        """Whether what a party's node gave waits until that node is heard. It does for everybody but the holder, and only as known now."""
        return giver in self.unheard and question.recipient != question.holder and question.known_at is None

    def heard(self) -> Rules:
        """The same as if nobody were waited for."""
        found = copy(self)
        found.unheard = frozenset()
        return found

    def governing(self, origin: str, recipient: str, valid_at: datetime, known_at: datetime | None = None) -> tuple[Agreement, ...]:
        """One version of each agreement, ordered by id: the newest that has come into force for both parties.

        Until both have entered a new version, the one they share governs between them, unless the new one's transition is over. A version
        that both have entered never gives way to an earlier one, though it may have ended. Where none has come into force for both, the
        newest to come is given, so that a refusal can say so: it permits nothing.
        """
        found = []
        for versions in self._ids.values():
            known = self._known_of(versions, known_at)
            if known:
                found.append(_governs(known, (origin, recipient), valid_at))
        return tuple(found)

    def versions(self, id_: str, known_at: datetime | None = None) -> list[Agreement]:
        """The versions of one agreement as they were known at a moment (None: now), the newest first; none of an unknown one."""
        return self._known_of(self._ids.get(id_, []), known_at)

    def governs(self, agreement: Agreement, parties: tuple[str, str], valid_at: datetime, known_at: datetime | None = None) -> bool:
        """Whether it is this version of the agreement that governs between two parties (`governing`)."""
        return _governs(self.versions(agreement.id, known_at), parties, valid_at).version == agreement.version

    def known(self, known_at: datetime | None = None) -> list[Agreement]:
        """The agreements as they were known at a moment (None: now), each with the acts known then, by id, the newest version first."""
        return [each for versions in self._ids.values() for each in self._known_of(versions, known_at)]

    def _known_of(self, versions: Iterable[Agreement], known_at: datetime | None) -> list[Agreement]:
        return [self._as_known(each, known_at) for each in versions if known_at is None or each.known is None or each.known <= known_at]

    def _as_known(self, agreement: Agreement, known_at: datetime | None) -> Agreement:
        """An agreement with those acts of its parties that were known at a moment (None: all)."""
        text, own = self._texts[agreement.ref]
        known = [deed for deed in own if known_at is None or deed.known is None or deed.known <= known_at]
        if len(known) == len(own):
            return agreement
        key = (agreement.ref, len(known))  # they are in the order learnt, so that their number says which
        return self._past.setdefault(key, overlaid(text, known))

    def custody(self, party: str, body: str, valid_at: datetime, known_at: datetime | None = None) -> bool:
        """Whether a party is the centre of an agreement of a body: what it holds, it holds for others (model.md, Who)."""
        own = self.governing(party, party, valid_at, known_at)
        return any(body in each.spans and each.custodian(party, self.register, valid_at, known_at) for each in own)

    def procedure(self, ref: str) -> Procedure | None:
        """What a clause (`agreement@version/clause`) asks for, None if nothing or there is no such clause."""
        if ref == H3:
            return Procedure(kind="origin")
        return self._procedures[ref][1] if ref in self._procedures else None

    def bound(self, ref: str, party: str, at: datetime, known_at: datetime | None = None) -> bool:
        """Whether the agreement that a clause (`agreement@version/clause`) stands in bound a party at a moment."""
        found = self._procedures.get(ref)
        return found is not None and self._as_known(found[0], known_at).binds(party, self.register, at, known_at)

    def state(self, approval: Approval, at: datetime, known_at: datetime | None = None) -> State | None:
        """Where a request for approval stands at a moment, as known at a moment; None before it was made, or for no such clause."""
        procedure = self.procedure(approval.clause)
        if procedure is None:
            return None
        return state(approval, procedure, at, known_at, lambda party, then: self.bound(approval.clause, party, then, known_at))

    def caps(self, party: str, body: str, valid_at: datetime, known_at: datetime | None = None) -> list[tuple[str, Cap]]:
        """(agreement, cap) of every agreement of a body that binds a party: what its people may share on their own (`limits.over_cap`)."""
        return [
            (agreement.ref, cap)
            for agreement in self.governing(party, party, valid_at, known_at)
            if body in agreement.spans and agreement.binds(party, self.register, valid_at, known_at)
            for cap in agreement.caps
        ]


def _governs(versions: list[Agreement], parties: tuple[str, str], at: datetime) -> Agreement:
    """Of one agreement's versions, newest first, the one that governs between two parties; else the one to name in a refusal."""
    come = [version for version in versions if version.in_force is not None and version.in_force <= at]
    for version in come:
        if all(version.entered(party, at) for party in parties):
            return version
        if version.transition is not None and version.transition <= at:
            break
    return come[0] if come else min(versions, key=_coming)


def _coming(agreement: Agreement) -> tuple[bool, float, int]:
    moment = agreement.in_force
    return (moment is None, moment.timestamp() if moment else 0.0, agreement.version)
