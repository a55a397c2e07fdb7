"""Where each party of an agreement stands."""

from __future__ import annotations

from comity.agree.agreement import read
from comity.agree.overlay import overlaid
from comity.agree.status import WORDS, statuses
from tests.agree.test_acts import ALL, BARE, deed
from tests.agree.test_overlay import SIGNED
from tests.agree.treaty import TREATY, day, register


def test_of_a_text_with_sections() -> None:
    found = {each.party: each for each in statuses(read(TREATY), register(KZ="member", XX="member"), day(11))}
    assert list(found) == ["HUB", "IR", "KZ", "RU", "UZ"]
    assert {party for party, each in found.items() if each.bound} == {"HUB", "IR", "KZ", "UZ"}
    assert (found["RU"].why, found["RU"].standing) == ("signed but not ratified", "")
    assert (found["HUB"].role, found["KZ"].standing) == ("centre", "member")
    assert [step.step for step in found["KZ"].steps] == ["signed", "in force"]


def test_of_what_parties_did() -> None:
    made = overlaid(BARE, [*SIGNED, deed("sign", day(9, 18), party="KZ", authority="CERT")])
    kz, uz = statuses(made, register(UZ="member"), day(11))
    assert (kz.bound, kz.authority, uz.bound) == (False, "CERT", True)
    assert [WORDS[step.word] for step in (*kz.steps, *uz.steps)] == ["administrator, unsigned", *["own signature"] * 3]
    before, _ = statuses(made, register(UZ="member"), day(9))
    assert before.why == "in force from 2021-09-17"


def test_where_all_are_bound_those_with_a_standing_count() -> None:
    known = register(KZ="member", UZ="suspended")
    assert [(each.party, each.why) for each in statuses(ALL, known, day(11))] == [("KZ", ""), ("UZ", "suspended in sco")]
    assert statuses(ALL, known, day(1, 1, 2000)) == []
