"""Names of bodies, parties and standings, and the register on both time axes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.clock import parse
from comity.errors import SenderFault
from comity.terms.party import (
    ENDED,
    PEOPLE,
    STANDINGS,
    TOOL,
    Register,
    Standing,
    body_slug,
    party_code,
    role_name,
    standing_name,
    status_name,
)


def day(number: int) -> datetime:
    return datetime(2021, 1, number, tzinfo=UTC)


def claim(standing: str, since: int, until: int | None = None, known: int | None = None, **other: str) -> Standing:
    return Standing(
        party=other.get("party", "KZ"),
        body=other.get("body", "sco"),
        standing=standing,
        since=day(since),
        until=day(until) if until else None,
        known=day(known) if known else None,
        name=other.get("name", ""),
    )


@pytest.mark.parametrize(
    ("reads", "text", "expected"),
    [
        (party_code, " kz ", "KZ"),
        (party_code, "IO-UN", "IO-UN"),
        (body_slug, "SCO", "sco"),
        (body_slug, "asean-cert", "asean-cert"),
        (standing_name, "Dialogue_Partner", "dialogue-partner"),
        (status_name, "Dialogue_Partner", "dialogue-partner"),
        (status_name, " Acceding", "acceding"),
    ],
)
def test_names_are_put_in_order(reads: Callable[[str], str], text: str, expected: str) -> None:
    assert reads(text) == expected
    assert reads(expected) == expected


@pytest.mark.parametrize(
    ("reads", "text"),
    [
        (party_code, "K"),
        (party_code, "K" * 33),
        (party_code, "K Z"),
        (party_code, "KZ\n\nX"),
        (party_code, "КЗ"),
        (body_slug, ""),
        (body_slug, "-sco"),
        (body_slug, "s" * 33),
        (standing_name, "acceding"),
        (standing_name, ""),
        (status_name, "boss"),
    ],
)
def test_what_is_no_name_is_refused_with_advice(reads: Callable[[str], str], text: str) -> None:
    with pytest.raises(SenderFault) as caught:
        reads(text)
    assert caught.value.next


def test_an_interval_is_half_open() -> None:
    member = claim("member", 5, 9)
    assert [number for number in range(1, 12) if member.holds(day(number))] == [5, 6, 7, 8]
    assert claim("member", 5).holds(datetime(9999, 1, 1, tzinfo=UTC))
    with pytest.raises(TypeError):
        member.holds(datetime(2021, 1, 6))  # noqa: DTZ001


def test_the_claim_that_begins_last_wins_then_the_one_learnt_last() -> None:
    register = Register([claim("member", 1), claim("suspended", 5, 7), claim("observer", 9, known=3), claim("guest", 9, known=4)])
    found = [register.standing("KZ", "sco", day(number)) for number in (4, 5, 6, 7, 9)]
    assert found == ["member", "suspended", "suspended", "member", "guest"]
    assert register.standing("KZ", "sco", day(9), known_at=day(3)) == "observer"
    assert register.standing("KZ", "sco", day(9), known_at=day(2)) == "member"
    assert register.standing("KZ", "cica", day(9)) is None
    assert register.standing("UZ", "sco", day(9)) is None
    assert Register().standing("KZ", "sco", day(9)) is None


def test_between_equal_claims_the_later_in_the_register_wins() -> None:
    assert Register([claim("member", 1), claim("observer", 1)]).standing("KZ", "sco", day(2)) == "observer"
    assert Register([claim("observer", 1), claim("member", 1)]).standing("KZ", "sco", day(2)) == "member"


def test_who_was_ever_named() -> None:
    old, new = claim("member", 1, 2, party="UZ", name="Old"), claim("member", 3, party="UZ", name="New")
    register = Register([old, claim("guest", 1, party="KZ", body="cica"), new])
    assert register.parties() == ["KZ", "UZ"]
    assert register.parties("sco") == ["UZ"]
    assert register.parties("asean") == []
    assert register.names() == {"UZ": "New"}


def test_the_ended_standings_are_standings() -> None:
    assert set(STANDINGS) > ENDED


@given(
    st.lists(st.tuples(st.sampled_from(STANDINGS), st.integers(1, 9), st.integers(1, 9), st.integers(1, 9)), max_size=6),
    st.integers(1, 18),
    st.integers(1, 9),
)
def test_the_register_against_its_definition(claims: list[tuple[str, int, int, int]], at: int, known: int) -> None:
    standings = [claim(word, since, since + length, known=learnt) for word, since, length, learnt in claims]
    best: tuple[tuple[int, int, int], str] | None = None
    for order, (word, since, length, learnt) in enumerate(claims):
        if since <= at < since + length and learnt <= known and (best is None or (since, learnt, order) > best[0]):
            best = ((since, learnt, order), word)
    moment = day(1) + timedelta(days=at - 1)
    assert Register(standings).standing("KZ", "sco", moment, known_at=day(known)) == (best[1] if best else None)


def test_roles_of_persons_are_a_closed_list_that_no_tool_is_in() -> None:
    assert [role_name(f" {role.upper().replace('-', '_')} ") for role in PEOPLE] == list(PEOPLE)
    for word in (TOOL, "boss", "", "centre"):
        with pytest.raises(SenderFault):
            role_name(word)


def test_conflicts_are_claims_that_cannot_both_be_right():
    def said(standing, since, until=None):
        return Standing(party="TJ", body="sco", standing=standing, since=parse(since), until=parse(until) if until else None)

    def conflicts(*claims):
        return len(Register(claims).conflicts("TJ", "sco"))

    assert conflicts(said("observer", "2001-01-01"), said("member", "2005-01-01")) == 0
    assert conflicts(said("member", "2001-06-15"), said("member", "2001-06-15")) == 0
    assert conflicts(said("member", "2001-06-15"), said("observer", "2001-06-15")) == 1
    assert conflicts(said("member", "2004-01-01"), said("member", "2006-01-01")) == 1
    assert conflicts(said("member", "2004-01-01"), said("suspended", "2005-01-01"), said("member", "2006-01-01")) == 0
    assert conflicts(said("member", "2004-01-01"), said("member", "2006-01-01"), said("suspended", "2007-01-01")) == 1
    assert conflicts(said("guest", "2001-01-01", "2002-01-01"), said("guest", "2005-01-01", "2006-01-01")) == 0
    assert Register([said("member", "2004-01-01"), said("member", "2006-01-01")]).conflicts("KZ", "sco") == []


def test_a_political_claim_gives_the_status_and_neither_gives_nor_takes_a_right():
    observer, member = claim("observer", 1), claim("member", 9)
    acceding = msgspec.structs.replace(claim("acceding", 5), status_only=True)
    register = Register([observer, acceding, member])
    at = [(register.standing("KZ", "sco", day(each)), register.status("KZ", "sco", day(each))) for each in (4, 5, 8, 9)]
    assert at == [("observer", "observer"), ("observer", "acceding"), ("observer", "acceding"), ("member", "member")]
    assert register.conflicts("KZ", "sco") == []
    alone = Register([acceding])
    assert (alone.standing("KZ", "sco", day(6)), alone.status("KZ", "sco", day(6))) == (None, "acceding")
    assert (alone.status("KZ", "sco", day(4)), alone.status("UZ", "sco", day(6))) == (None, None)
    suspended = Register([claim("suspended", 3), msgspec.structs.replace(claim("member", 3), status_only=True)])
    assert (suspended.standing("KZ", "sco", day(4)), suspended.status("KZ", "sco", day(4))) == ("suspended", "member")


def test_a_status_is_asked_on_both_axes_of_time():
    learnt = msgspec.structs.replace(claim("acceding", 2, known=6), status_only=True)
    register = Register([claim("observer", 1, known=1), learnt])
    assert register.status("KZ", "sco", day(3), known_at=day(5)) == "observer"
    assert register.status("KZ", "sco", day(3), known_at=day(6)) == "acceding"


@given(st.lists(st.tuples(st.sampled_from(STANDINGS), st.integers(1, 9), st.booleans()), max_size=6), st.integers(1, 12))
def test_no_political_claim_changes_rights(claims: list[tuple[str, int, bool]], at: int) -> None:
    made = [msgspec.structs.replace(claim(word, since), status_only=status_only) for word, since, status_only in claims]
    rights = [each for each in made if not each.status_only]
    assert Register(made).standing("KZ", "sco", day(at)) == Register(rights).standing("KZ", "sco", day(at))


def test_a_beginning_that_says_always_contradicts_no_date():
    always = Standing(party="KZ", body="sco", standing="member", since=parse("1970-01-01"), source="init")
    assert Register([always, claim("member", 1)]).conflicts("KZ", "sco") == []
    assert len(Register([claim("member", 1), claim("member", 2)]).conflicts("KZ", "sco")) == 1
