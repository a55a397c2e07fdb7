"""An agreement with what its parties did."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.agree.acts import Deed, write
from comity.agree.agreement import read
from comity.agree.life import ADMINISTRATOR, SIGNATURE, TEXT, Suspension
from comity.agree.overlay import overlaid
from tests.agree.test_acts import ALL, BARE, deed
from tests.agree.treaty import HEAD, MEMBERS, OBSERVERS, TREATY, day, register

SIGNED = (deed("sign", day(9, 17), signed=True), deed("ratify", day(9, 24), in_force=day(10), signed=True))


def test_a_text_without_sections_gets_its_parties_by_acts() -> None:
    known = register(UZ="member", KZ="member")
    kz = tuple(msgspec.structs.replace(each, party="KZ", signed=False) for each in SIGNED)
    agreement = overlaid(BARE, (*SIGNED, *kz))
    assert [section.party for section in agreement.parties] == ["KZ", "UZ"]
    assert [agreement.binds("UZ", known, at) for at in (day(9, 30), day(10))] == [False, True]
    assert not BARE.binds("UZ", known, day(10))
    kz_section, uz = agreement.parties
    assert (uz.signed, uz.ratified, uz.in_force) == (day(9, 17), day(9, 24), day(10))
    assert {step.word for step in uz.steps(None)} == {SIGNATURE}
    assert {step.word for step in kz_section.steps(None)} == {ADMINISTRATOR}
    assert agreement.binds("KZ", known, day(10))


def test_signing_alone_binds_nobody() -> None:
    known = register(UZ="member")
    for agreement in (BARE, ALL):
        made = overlaid(agreement, [deed("sign", day(9, 17), agreement)])
        assert made.binds("UZ", known, day(11)) == (agreement is ALL)  # where all are bound, by its standing
        assert not made.binds("UZ", register(), day(11))
    ratified = [deed("sign", day(9, 17), ALL), deed("ratify", day(9, 24), ALL, in_force=day(10))]
    assert [overlaid(ALL, ratified).binds("UZ", register(), at) for at in (day(9, 30), day(10))] == [False, True]


def test_acts_about_another_text_or_version_say_nothing() -> None:
    reworded = read((HEAD + MEMBERS + OBSERVERS).replace("TLP:GREEN.", "TLP:GREEN!"))
    following = read((HEAD + MEMBERS + OBSERVERS).replace("version = 1", "version = 2"))
    assert overlaid(reworded, SIGNED) == reworded
    assert overlaid(following, SIGNED) == following


def test_a_step_by_act_takes_the_place_of_what_the_text_says() -> None:
    treaty = read(TREATY)
    acts = [deed("ratify", day(11), treaty, party="KZ", in_force=day(12), signed=True)]
    kz = overlaid(treaty, acts).signatory("KZ")
    assert kz is not None
    assert [(step.step, step.on, step.word) for step in kz.steps(None)] == [
        ("signed", day(9, 17), TEXT),
        ("ratified", day(11), SIGNATURE),
        ("in force", day(12), SIGNATURE),
    ]
    assert overlaid(treaty, acts).signatory("UZ") == treaty.signatory("UZ")


@pytest.mark.parametrize("turned", [False, True])
def test_a_signed_act_counts_before_one_without_whichever_came_first(turned: bool) -> None:
    stated = deed("ratify", day(9, 25), in_force=day(9, 25), known=day(1 if turned else 12))
    uz = overlaid(BARE, (*SIGNED, stated)).signatory("UZ")
    assert uz is not None
    assert (uz.ratified, uz.in_force) == (day(9, 24), day(10))


def test_of_two_words_of_the_administrator_the_later_one_counts() -> None:
    first, corrected = deed("sign", day(9, 17)), deed("sign", day(9, 16), known=day(9, 18))
    assert all(overlaid(BARE, pair).parties[0].signed == day(9, 16) for pair in ((first, corrected), (corrected, first)))


def test_reservations_add_up() -> None:
    made = [
        deed("reserve", day(9, 17), clauses=("art-4.2",), signed=True),
        deed("reserve", day(9, 18), clauses=("art-4.3", "art-4.2")),
    ]
    (uz,) = overlaid(BARE, made).parties
    assert {step.clause: (step.word, step.on) for step in uz.steps(None)} == {
        "art-4.2": (SIGNATURE, day(9, 17)),
        "art-4.3": (ADMINISTRATOR, day(9, 18)),
    }


def test_suspension_and_resumption() -> None:
    acts = [deed("suspend", day(11), signed=True), deed("resume", day(12), signed=True)]
    agreement = overlaid(BARE, (*SIGNED, *acts))
    assert agreement.parties[0].suspended == (Suspension(since=day(11), until=day(12)),)
    known = register(UZ="member")
    assert [agreement.binds("UZ", known, at) for at in (day(10, 31), day(11), day(11, 30), day(12))] == [True, False, False, True]
    again = deed("suspend", day(12), known=day(12, 2))
    assert overlaid(BARE, (*acts, again)).parties[0].suspended[-1] == Suspension(since=day(12))


def test_another_word_does_not_end_what_the_party_itself_suspended() -> None:
    own, others = deed("suspend", day(11), signed=True), deed("resume", day(12))
    assert overlaid(BARE, [own, others]).parties[0].suspended == (Suspension(since=day(11)),)
    stated = msgspec.structs.replace(own, signed=False)
    assert overlaid(BARE, [stated, others]).parties[0].suspended == (Suspension(since=day(11), until=day(12)),)


def test_withdrawal_has_effect_after_notice() -> None:
    text = (HEAD + MEMBERS).replace('entry = "per-party"', 'entry = "per-party"\nnotice = "P1M"')
    agreement = read(text)
    made = overlaid(agreement, [deed("ratify", day(10), agreement, in_force=day(10)), deed("withdraw", day(11), agreement, signed=True)])
    assert [made.binds("UZ", register(UZ="member"), at) for at in (day(11, 30), day(12))] == [True, False]
    last = made.parties[0].steps("P1M")[-1]
    assert (last.step, last.on, last.until, last.word) == ("gave notice", day(11), day(12), SIGNATURE)


@pytest.mark.parametrize("signed", [(False, False), (True, False), (False, True)])
def test_of_several_notices_of_withdrawal_the_earliest_counts(signed: tuple[bool, bool]) -> None:
    notices = [deed("withdraw", on, signed=own) for on, own in zip((day(11), day(12)), signed, strict=True)]
    made = overlaid(BARE, (*SIGNED, *notices))
    assert made.parties[0].withdrawal == day(11)
    assert [made.binds("UZ", register(UZ="member"), at) for at in (day(10, 31), day(11), day(12))] == [True, False, False]
    confirmed = overlaid(BARE, [notices[0], msgspec.structs.replace(notices[0], signed=True)])
    assert confirmed.parties[0].word("withdrawal") == SIGNATURE


def test_no_act_puts_off_the_notice_of_the_text() -> None:
    text = HEAD + MEMBERS + "\n[party.UZ]\nin_force = 2021-10-01\nwithdrawal = 2021-11-01\n"
    agreement = read(text)
    later, earlier = (deed("withdraw", on, agreement, signed=True) for on in (day(12), day(10, 9)))
    assert overlaid(agreement, [later]).parties[0].withdrawal == day(11)
    assert overlaid(agreement, [later]).parties[0].word("withdrawal") == TEXT
    assert overlaid(agreement, [later, earlier]).parties[0].withdrawal == day(10, 9)


@given(st.permutations([*SIGNED, deed("suspend", day(11)), deed("resume", day(12), signed=True), deed("withdraw", day(12, 9))]))
def test_their_order_does_not_matter_and_once_more_changes_nothing(acts: list[Deed]) -> None:
    made = overlaid(BARE, acts)
    assert made == overlaid(BARE, sorted(acts, key=write))
    assert overlaid(made, acts) == made


def test_the_authority_is_the_one_last_named() -> None:
    first = deed("sign", day(9, 17), authority="A", signed=True)
    assert overlaid(BARE, [first, deed("suspend", day(9, 18), authority="B")]).parties[0].authority == "A"
    assert overlaid(BARE, [first, deed("suspend", day(9, 18), authority="B", signed=True)]).parties[0].authority == "B"
