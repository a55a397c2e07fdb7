"""An agreement with what its parties did about it: each step that an act states takes the place of what the text says of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import groupby

import msgspec

from comity.agree.accord import Agreement
from comity.agree.acts import ACTS, Deed, write
from comity.agree.life import ADMINISTRATOR, SIGNATURE, Signatory, Suspension, Word
from comity.agree.wording import day

_ALWAYS = datetime.min.replace(tzinfo=UTC)


def about(agreement: Agreement, deeds: Iterable[Deed]) -> list[Deed]:
    """Those about exactly this text, in the order in which they were learnt."""
    found = [deed for deed in deeds if deed.ref == agreement.ref and deed.sha256 == agreement.sha256]
    return sorted(found, key=lambda deed: (deed.known or _ALWAYS, deed.on, ACTS.index(deed.act), write(deed), deed.signed))


def overlaid(agreement: Agreement, deeds: Iterable[Deed]) -> Agreement:
    """The agreement as these acts have made it; those about another text say nothing.

    Of several acts about one step a signed one counts before one without, then the one learnt last. But of several notices of withdrawal
    the earliest counts, the text's included: none keeps a party bound that an earlier one lets go.
    """
    made = sorted(about(agreement, deeds), key=lambda deed: deed.party)  # stable: within a party in the order learnt
    if not made:
        return agreement
    sections = {section.party: section for section in agreement.parties}
    for party, own in groupby(made, key=lambda deed: deed.party):
        sections[party] = _section(sections.get(party) or Signatory(party=party, named=False), list(own))
    return msgspec.structs.replace(agreement, parties=tuple(sections.values()))


def _section(section: Signatory, deeds: Sequence[Deed]) -> Signatory:
    """A party's section with its acts."""
    words = dict(section.words)
    steps: dict[str, object] = {}

    def say(step: str, value: object, deed: Deed) -> None:
        steps[step], words[step] = value, _word(deed)

    for act, step in (("sign", "signed"), ("ratify", "ratified")):
        deed = _counting(deeds, act)
        if deed:
            say(step, deed.on, deed)
            if deed.in_force:
                say("in_force", deed.in_force, deed)
    notice = min((each for each in deeds if each.act == "withdraw"), key=lambda each: (each.on, not each.signed), default=None)
    if notice and (section.withdrawal is None or notice.on <= section.withdrawal):
        say("withdrawal", notice.on, notice)
    reserved, made = list(section.reservations), dict(section.reserved)
    for deed in sorted((each for each in deeds if each.act == "reserve"), key=lambda each: each.signed):
        reserved += (clause for clause in deed.clauses if clause not in reserved)
        words |= {f"reserves {clause}": _word(deed) for clause in deed.clauses}
        made |= dict.fromkeys(deed.clauses, deed.on)
    authorities = [deed.authority for deed in sorted(deeds, key=lambda each: each.signed) if deed.authority]
    return msgspec.structs.replace(
        section,
        **steps,
        reservations=tuple(reserved),
        suspended=_suspended(section.suspended, deeds, words),
        authority=authorities[-1] if authorities else section.authority,
        words=tuple(words.items()),
        reserved=tuple(made.items()),
    )


def _suspended(stated: Iterable[Suspension], deeds: Iterable[Deed], words: dict[str, Word]) -> tuple[Suspension, ...]:
    """The periods of suspension. What the party itself signed is not ended by another's word."""
    periods = list(stated)
    for deed in sorted((each for each in deeds if each.act in ("suspend", "resume")), key=lambda each: (each.on, each.act == "suspend")):
        if deed.act == "suspend":
            key = f"suspended {day(deed.on)}"
            periods += [Suspension(since=deed.on)] if all(each.since != deed.on for each in periods) else []
            words[key] = SIGNATURE if words.get(key) == SIGNATURE else _word(deed)
            continue
        for at, period in enumerate(periods):
            if period.holds(deed.on) and (deed.signed or words.get(f"suspended {day(period.since)}") != SIGNATURE):
                periods[at] = Suspension(since=period.since, until=deed.on)
    return tuple(periods)


def _counting(deeds: Iterable[Deed], act: str) -> Deed | None:
    """Of the acts of one kind the one that counts."""
    found = [deed for deed in deeds if deed.act == act]
    return next((deed for deed in reversed(found) if deed.signed), found[-1] if found else None)


def _word(deed: Deed) -> Word:
    return SIGNATURE if deed.signed else ADMINISTRATOR
