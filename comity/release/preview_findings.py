"""What a preview's answers mean for the sender: what breaks its TLP, what reaches nobody, what is known to be good, what a changed clause
changes.

Judged from the answers alone; nothing here decides.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

from comity.agree.question import EFFECTS
from comity.agree.wording import joined
from comity.agree.wording import listed as listed
from comity.agree.wording import plural as plural
from comity.release.preview import Answer, Item, Party
from comity.terms.observable import defang
from comity.terms.tlp import RANK
from comity.terms.warninglists import KnownGood


class Break(msgspec.Struct, frozen=True, kw_only=True):
    """Items of one TLP that a clause would give to parties whom TLP 2.0's own definition does not let have them."""

    tlp: str
    agreement: str
    clause: str
    parties: tuple[str, ...]
    items: tuple[Item, ...]
    text: str


class Unreached(msgspec.Struct, frozen=True, kw_only=True):
    """Items that reach nobody, for one reason."""

    items: tuple[Item, ...]
    rule: str
    text: str


class Good(msgspec.Struct, frozen=True, kw_only=True):
    """Indicators that are known to be good by one warninglist: false positives, most likely."""

    list: str
    items: tuple[Item, ...]
    text: str


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One item and party for whom a changed agreement answers otherwise: `what` is gained, lost or clause (still yes, by another)."""

    what: str
    party: str
    item: Item
    before: Answer
    after: Answer


#: What TLP 2.0 (FIRST, August 2022) says of the two levels that end at an organisation or a person.
_SAYS = {
    "red": "TLP:RED is for the recipients its source names, and nobody else",
    "amber+strict": "TLP:AMBER+STRICT stays within the organisation that received it",
}


def tlp_breaks(items: Iterable[Item], parties: Sequence[Party]) -> list[Break]:
    """Permitted disclosures that TLP 2.0 does not allow: AMBER+STRICT to another organisation, RED to somebody not named."""
    found: dict[tuple[str, str, str], tuple[dict[str, None], dict[str, Item]]] = {}
    for item in items:
        for party in item.reached(parties):
            answer = item.answers[party.party]
            named = item.to is not None and party.party in item.to
            if answer.rule == "public" or not (item.tlp == "amber+strict" or (item.tlp == "red" and not named)):
                continue
            codes, broken = found.setdefault((item.tlp, answer.agreement, answer.clause), ({}, {}))
            codes[party.party] = None
            broken[f"{item.id}@{item.version}"] = item
    sender = next((each.party for each in parties if each.submits), "the sender")
    return [
        Break(
            tlp=tlp,
            agreement=agreement,
            clause=clause,
            parties=tuple(codes),
            items=tuple(broken.values()),
            text=f"{_SAYS[tlp]}; {agreement}, clause {clause}, would give {counted(broken.values())} of it to {listed(codes)}. "
            f"Right only where {sender} is the source and means exactly them.",
        )
        for (tlp, agreement, clause), (codes, broken) in sorted(found.items(), key=lambda pair: -RANK[pair[0][0]])
    ]


def unreached(items: Iterable[Item], parties: Sequence[Party]) -> list[Unreached]:
    """Items that nobody besides the sender would receive, by reason."""
    others = [each for each in parties if not each.submits]
    found: dict[tuple[str, str], list[Item]] = {}
    for item in items:
        if not item.reached(parties):
            found.setdefault(_why_nobody(item, others), []).append(item)
    return [_nobody(members, rule, why, others) for (rule, why), members in found.items()]


def _nobody(members: list[Item], rule: str, why: str, others: Sequence[Party]) -> Unreached:
    named = f" ({_hidden(max(members, key=lambda item: item.type != 'relationship'), others)})" if rule == "references" else ""
    verb = "reaches" if len(members) == 1 else "reach"
    return Unreached(items=tuple(members), rule=rule, text=f"{counted(members)} {verb} nobody: {why}{named}")


def _hidden(item: Item, others: Sequence[Party]) -> str:
    """What the first of some items names that keeps it back."""
    actual = next(item.answers[each.party].actual for each in others if item.answers[each.party].rule == "references")
    return f"{defang(item.value) if item.value else item.name} names {listed(actual.removeprefix('hidden or absent: ').split(', '), 3)}"


def _why_nobody(item: Item, others: Sequence[Party]) -> tuple[str, str]:
    """(rule, words). Where the parties are refused for different reasons, the commonest speaks, and says that it does."""
    if not others:
        return "nobody-else", "the register has no other party"
    rules = Counter(item.answers[each.party].rule for each in others)
    # Where a clause would permit it but for what it names or for an approval, that is what the sender can mend.
    rule = next((each for each in ("references", "approval") if each in rules), rules.most_common(1)[0][0])
    answers = [item.answers[each.party] for each in others if item.answers[each.party].rule == rule]
    first = answers[0]
    if rule == "addressed":
        nobody = "addressed to nobody (in MISP: distribution 0, your organisation only, or a sharing group that leaves nobody)"
        return rule, f"addressed to {listed(item.to)}, and no clause gives it to them" if item.to else nobody
    if rule == "red-names-recipients":
        return rule, "TLP:RED goes only to recipients it names, and it names none"
    if rule == "references":
        return rule, "a clause would permit it, but an object goes only where all that it names may go too"
    if rule == "approval":
        return rule, f"{first.agreement}, clause {first.clause}, gives it only once approved: {first.text}"
    if rule == "forbidden":
        return rule, f"{first.agreement}, clause {first.clause}, forbids it: {first.text}"
    if rule == "no-clause":
        facts = Counter((answer.clause, answer.fact, answer.expected, answer.actual) for answer in answers)
        (clause, fact, expected, actual), count = facts.most_common(1)[0]
        more = f" (and more, for {len(answers) - count} other parties)" if count < len(answers) else ""
        return rule, f"no clause permits it; {clause} wants {fact}: {expected}, it is {actual}{more}"
    return rule, first.text


def known_good(items: Iterable[Item], lookup: KnownGood) -> list[Good]:
    """The indicators whose value is on a warninglist, by list; the list that has most of them first."""
    found: dict[str, dict[str, Item]] = {}
    for item in items:
        if item.type == "indicator" and item.value:
            for name in lookup(item.kind, item.value):
                found.setdefault(name, {})[f"{item.id}@{item.version}"] = item
    return [
        Good(
            list=name,
            items=tuple(members.values()),
            text=f"{counted(members.values())} on the warninglist {name!r}: {listed((defang(item.value) for item in members.values()), 3)}",
        )
        for name, members in sorted(found.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    ]


def changes(before: Sequence[Item], after: Sequence[Item], parties: Sequence[Party]) -> list[Change]:
    """Where the answers differ between two looks at the same items: in effect, or in the clause that permits."""
    # An observable's version is when it was looked at: its place in the input says which is which.
    old = {(item.file, item.position, item.id): item for item in before}
    found = []
    for item in after:
        earlier = old[item.file, item.position, item.id]
        for party in parties:
            was, now = earlier.answers[party.party], item.answers[party.party]
            what = _difference(was, now)
            if what and not party.submits:
                found.append(Change(what=what, party=party.party, item=item, before=was, after=now))
    return found


def _difference(was: Answer, now: Answer) -> str:
    if was.effect != now.effect:
        return "lost" if EFFECTS.index(now.effect) > EFFECTS.index(was.effect) else "gained"
    same = (was.agreement, was.clause) == (now.agreement, now.clause)
    return "" if same or now.effect == "deny" else "clause"


def in_words(found: Iterable[Change], parties: Sequence[Party]) -> list[str]:
    """The changes as sentences: `gives 1 observer (IR) 12 indicators up to TLP:AMBER`. Parties that change alike share one."""
    moved: dict[tuple[str, str], list[Item]] = {}
    for change in found:
        moved.setdefault((change.what, change.party), []).append(change.item)
    alike: dict[tuple[str, tuple[str, ...]], list[Party]] = {}
    for each in parties:
        for what in ("gained", "lost", "clause"):
            items = moved.get((what, each.party))
            if items:
                alike.setdefault((what, tuple(f"{item.id}@{item.version}" for item in items)), []).append(each)
    said = []
    for (what, _), gainers in alike.items():
        items = moved[what, gainers[0].party]
        top = max((item.tlp for item in items), key=RANK.__getitem__).upper()
        who = _who(gainers)
        if what == "gained":
            said.append(f"gives {who} {counted(items)} up to TLP:{top}")
        elif what == "lost":
            said.append(f"takes {counted(items)} up to TLP:{top} from {who}")
        else:
            said.append(f"{who} still receive{'s' if len(gainers) == 1 else ''} {counted(items)}, by another clause")
    return said


def _who(parties: Sequence[Party]) -> str:
    """`1 observer (IR)`, `2 members and 1 observer (UZ, IN, IR)`."""
    if all(each.generic for each in parties):
        return listed(each.label for each in parties)
    kinds = Counter(each.standing or each.role for each in parties)
    return f"{joined([f'{n} {name if n == 1 else plural(name)}' for name, n in kinds.items()])} ({listed(each.label for each in parties)})"


def counted(items: Iterable[Item]) -> str:
    """`12 indicators`, `1 report`, `97 objects (60 indicators, 37 relationships)`."""
    types = Counter(item.type for item in items)
    parts = [f"{n:,} {name if n == 1 else plural(name)}" for name, n in types.most_common()]
    if len(parts) == 1:
        return parts[0]
    shown = parts if len(parts) <= 3 else [*parts[:2], f"{sum(types.values()) - sum(n for _, n in types.most_common(2)):,} more"]
    return f"{sum(types.values()):,} objects ({', '.join(shown)})"
