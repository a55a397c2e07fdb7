"""The rules in force: every known version of every agreement, and the membership register."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from comity.agree.accord import Agreement, current
from comity.errors import AgreementFault
from comity.terms.party import Register


class Rules:
    """Agreements and register, immutable together; a change of either is a new `Rules`.

    Raises AgreementFault when two different texts claim the same id and version.
    """

    __slots__ = ("_ids", "agreements", "register")

    agreements: tuple[Agreement, ...]
    register: Register

    def __init__(self, agreements: Iterable[Agreement] = (), register: Register | None = None) -> None:
        self.agreements = tuple(agreements)
        self.register = register if register is not None else Register()
        self._ids: dict[str, list[Agreement]] = {}
        seen: dict[str, Agreement] = {}
        for agreement in self.agreements:
            if seen.setdefault(agreement.ref, agreement) != agreement:
                raise AgreementFault(f"two different texts are {agreement.ref}", next="give the newer one the next version")
            self._ids.setdefault(agreement.id, []).append(agreement)

    def tried(self, body: str, valid_at: datetime) -> tuple[Agreement, ...]:
        """One version of each agreement of a body, ordered by id: the governing one, else the first to come (or the draft).

        One that has not come into force permits nothing; it is tried so that a refusal can say so.
        """
        found = []
        for id_ in sorted(self._ids):
            versions = self._ids[id_]
            governing = current(versions, valid_at)
            agreement = governing[0] if governing else min(versions, key=_coming)
            if agreement.body == body:
                found.append(agreement)
        return tuple(found)


def _coming(agreement: Agreement) -> tuple[bool, float, int]:
    moment = agreement.in_force
    return (moment is None, moment.timestamp() if moment else 0.0, agreement.version)
