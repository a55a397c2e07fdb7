"""Which act a party may do next: the rules of signature, ratification, reservation, suspension and withdrawal.

They follow the law of treaties where it speaks (Vienna Convention 1969): consent by signature and then ratification (articles 12, 14),
reservations with these at the latest (article 19), suspension and withdrawal as the text provides (articles 54, 57).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from comity.agree.accord import Agreement
from comity.agree.acts import DONE, Act, Deed
from comity.agree.life import SIGNATURE, Signatory
from comity.agree.wording import day, joined
from comity.errors import AgreementFault, Conflict


def check(agreement: Agreement, deed: Deed) -> None:
    """Refuse an act that the party cannot do now. `agreement` is as all earlier acts have made it.

    Raises Conflict for an act about another text or one that is done already, AgreementFault for one that the rules do not allow.
    """
    if deed.ref != agreement.ref or deed.sha256 != agreement.sha256:
        said = f"the act is about {deed.ref} with SHA-256 {deed.sha256[:12]}…, the text held here has {agreement.sha256[:12]}…"
        raise Conflict(said, next="compare the texts: `comity agreement status` prints the SHA-256 of the one held")
    section = agreement.signatory(deed.party) or Signatory(party=deed.party, named=False)
    _ONLY[deed.act](agreement, section, deed)


def _sign(agreement: Agreement, section: Signatory, deed: Deed) -> None:
    _once(section, deed, "signed", section.signed)
    if section.ratified is not None and section.ratified < deed.on:
        raise AgreementFault(f"{deed.party} ratified {agreement.ref} on {day(section.ratified)}", next="a signature comes before it")


def _ratify(agreement: Agreement, section: Signatory, deed: Deed) -> None:
    _once(section, deed, "ratified", section.ratified)
    if section.signed is None:
        raise AgreementFault(
            f"{deed.party} has not signed {agreement.ref}", next=f"sign first: comity agreement sign {agreement.id} --party {deed.party}"
        )
    if deed.on < section.signed:
        raise AgreementFault(f"{deed.party} signed {agreement.ref} on {day(section.signed)}", next="it ratifies on that day or later")
    if deed.in_force is not None and deed.in_force < deed.on:
        raise AgreementFault(f"in force from {day(deed.in_force)}, before the ratification", next="--in-force is that day or later")
    for clause, made in section.reserved:
        if deed.on < made and (section.word(f"reserves {clause}") == SIGNATURE or not deed.signed):
            said = f"{deed.party} reserved {clause} of {agreement.ref} on {day(made)}"
            raise AgreementFault(
                said, next="it ratifies on that day or later, or says again when it reserved: comity agreement reserve --on"
            )


def _reserve(agreement: Agreement, section: Signatory, deed: Deed) -> None:
    unknown = [clause for clause in deed.clauses if clause not in agreement.lines]
    if unknown:
        known = ", ".join(agreement.lines)
        raise AgreementFault(f"{agreement.ref} has no clause {joined(unknown)}", next=f"its clauses: {known}")
    if section.ratified is not None and section.ratified < deed.on:
        said = f"{deed.party} ratified {agreement.ref} on {day(section.ratified)}"
        raise AgreementFault(said, next="a reservation is made with the ratification at the latest; later it takes a new version")


def _suspend(agreement: Agreement, section: Signatory, deed: Deed) -> None:
    lasting = [each for each in section.suspended if each.holds(deed.on)]
    if deed.signed:  # the party's own signature may confirm another's word
        lasting = [each for each in lasting if section.word(f"suspended {day(each.since)}") == SIGNATURE]
    if lasting:
        until = lasting[0].until
        next_ = f"it lasts until {day(until)}: suspend from then on" if until else "it lasts until comity agreement resume"
        raise Conflict(f"{agreement.ref} is suspended for {deed.party} on {day(deed.on)} already", next=next_)


def _resume(agreement: Agreement, section: Signatory, deed: Deed) -> None:
    lasting = [each for each in section.suspended if each.holds(deed.on) and each.since < deed.on]
    if not lasting:
        begun = "before" if any(each.since == deed.on for each in section.suspended) else "on"
        said = f"{agreement.ref} is not suspended for {deed.party} {begun} {day(deed.on)}"
        raise AgreementFault(said, next="comity agreement status says")
    signed = [each.since for each in lasting if section.word(f"suspended {day(each.since)}") == SIGNATURE]
    if signed and not deed.signed:
        said = f"{deed.party} itself suspended {agreement.ref} on {day(signed[0])}"
        raise AgreementFault(said, next="only its own signature ends that: comity agreement resume on its node")


def _withdraw(agreement: Agreement, section: Signatory, deed: Deed) -> None:
    _once(section, deed, "withdrawal", section.withdrawal)
    held = section.withdrawal
    if held is not None and not (deed.signed and deed.on <= held):
        said = f"{deed.party} gave notice of withdrawal from {agreement.ref} on {day(held)}"
        raise Conflict(said, next="that stays: its own signature may confirm it, or an earlier day; to be bound again takes a new version")
    if agreement.entry == "per-party" and section.signed is None and section.in_force is None:
        raise AgreementFault(f"{deed.party} is no party to {agreement.ref}", next="comity agreement status says who is")


def _once(section: Signatory, deed: Deed, step: str, held: datetime | None) -> None:
    """A step is taken once. The party's own signature may confirm another's word; an administrator may correct an administrator's.

    A notice of withdrawal is not corrected (`_withdraw`): what is past may not be opened again.
    """
    if held is not None and section.word(step) == SIGNATURE:
        said = f"{deed.party} {DONE[deed.act]} {deed.ref} on {day(held)}, by its own signature"
        raise Conflict(said, next="that stays; a change takes a new version")


_ONLY: dict[Act, Callable[[Agreement, Signatory, Deed], None]] = {
    "sign": _sign,
    "ratify": _ratify,
    "reserve": _reserve,
    "suspend": _suspend,
    "resume": _resume,
    "withdraw": _withdraw,
}
