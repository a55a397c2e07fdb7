"""Where each party of an agreement stands."""

from __future__ import annotations

from datetime import datetime

import msgspec
import pytest

from comity.agree.accord import Agreement
from comity.agree.overlay import overlaid
from comity.agree.rules import Rules
from comity.agree.status import WORDS, statuses
from tests.agree.test_acts import ALL, BARE, deed
from tests.agree.test_overlay import SIGNED
from tests.agree.test_rules import FIRST, LATER, SECOND
from tests.agree.treaty import day, register

GONE = "a newer version has taken its place"
MEMBERS = register(KZ="member", UZ="member", IR="observer")


def bound(agreement: Agreement, rules: Rules, at: datetime, known: datetime | None = None) -> set[str]:
    return {each.party for each in statuses(agreement, rules, at, known) if each.bound}


def test_of_a_text_with_sections() -> None:
    found = {each.party: each for each in statuses(FIRST, Rules((FIRST,), register(KZ="member", XX="member")), day(11))}
    assert list(found) == ["HUB", "IR", "KZ", "RU", "UZ"]
    assert {party for party, each in found.items() if each.bound} == {"HUB", "IR", "KZ", "UZ"}
    assert (found["RU"].why, found["RU"].standing) == ("signed but not ratified", "")
    assert (found["HUB"].role, found["KZ"].standing) == ("centre", "member")
    assert [step.step for step in found["KZ"].steps] == ["signed", "in force"]


def test_of_what_parties_did() -> None:
    made = overlaid(BARE, [*SIGNED, deed("sign", day(9, 18), party="KZ", authority="CERT")])
    kz, uz = statuses(made, Rules((made,), register(UZ="member")), day(11))
    assert (kz.bound, kz.authority, uz.bound) == (False, "CERT", True)
    assert [WORDS[step.word] for step in (*kz.steps, *uz.steps)] == ["administrator, unsigned", *["own signature"] * 3]
    before, _ = statuses(made, Rules((made,), register(UZ="member")), day(9))
    assert before.why == "in force from 2021-09-17"


def test_where_all_are_bound_those_with_a_standing_count() -> None:
    known = Rules((ALL,), register(KZ="member", UZ="suspended"))
    assert [(each.party, each.why) for each in statuses(ALL, known, day(11))] == [("KZ", ""), ("UZ", "suspended in sco")]
    assert statuses(ALL, known, day(1, 1, 2000)) == []


def test_after_the_transition_an_earlier_version_binds_nobody() -> None:
    second = msgspec.structs.replace(LATER, transition=day(12, 15), known=day(12, 10))
    rules = Rules((FIRST, second), MEMBERS)
    assert bound(FIRST, rules, day(12, 14)) == {"HUB", "IR", "KZ", "UZ"}
    assert bound(FIRST, rules, day(12, 15)) == set()
    assert bound(second, rules, day(12, 15)) == {"KZ"}
    why = {each.party: each.why for each in statuses(FIRST, rules, day(12, 15))}
    assert (why["KZ"], why["UZ"], why["RU"]) == (GONE, GONE, "signed but not ratified")
    # By what was known before the second version was.
    assert bound(FIRST, rules, day(12, 15), day(12, 9)) == {"HUB", "IR", "KZ", "UZ"}


def test_a_version_that_binds_all_takes_the_earlier_ones_place() -> None:
    for_all = msgspec.structs.replace(SECOND, entry="all", parties=())
    rules = Rules((FIRST, for_all), MEMBERS)
    assert bound(FIRST, rules, day(11)) == {"HUB", "IR", "KZ", "UZ"}
    assert bound(FIRST, rules, day(12)) == set()


@pytest.mark.parametrize("second", [SECOND, LATER, msgspec.structs.replace(LATER, transition=day(12, 15))])
@pytest.mark.parametrize("third", [None, msgspec.structs.replace(LATER, version=3, in_force=day(12, 10))])
def test_whom_a_version_binds_is_whom_it_governs_for(second: Agreement, third: Agreement | None) -> None:
    """Against every pair of parties, one by one."""
    rules = Rules((FIRST, second, *([third] if third else [])), MEMBERS)
    for at in (day(11), day(12), day(12, 10), day(12, 15), day(1, 1, 2022), day(1, 2, 2022)):
        for each in rules.agreements:
            able = [party for party in ("HUB", "IR", "KZ", "RU", "UZ") if each.binds(party, MEMBERS, at)]
            expected = {a for a in able if any(rules.governing(a, b, at) == (each,) for b in able)}
            assert bound(each, rules, at) == expected
