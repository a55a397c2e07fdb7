"""Each procedure's course, told as the acts of named persons; and the laws that all of them obey."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.agree.approval import (
    ACTS,
    GRANTED,
    PROCEDURES,
    STATES,
    WINDOWED,
    Act,
    Approval,
    Person,
    Procedure,
    State,
    act,
    check,
    moments,
    state,
)
from comity.errors import Conflict, Denied, SenderFault
from tests.agree import worlds
from tests.agree.treaty import day

ASKED = Approval(id="r", clause="ict@1/a", origin="KZ", recipients=("UZ",), requested=day(1, 10), by=Person(party="KZ", id="asker"))
ORIGIN, TWO = Procedure(kind="origin"), Procedure(kind="two-persons", lapse="P10D")
SPONSORS, SILENCE = Procedure(kind="sponsors", window="P21D", sponsors=2, lapse="P30D"), Procedure(kind="silence", window="P14D")


def done(number: int, kind: str, who: str, *, robot: bool = False) -> Act:
    """`done(12, "approve", "KZ/anna")`: on 12 January."""
    party, _, name = who.partition("/")
    return Act(kind=kind, by=Person(party=party, id=name, robot=robot), at=day(1, number))


def where(procedure: Procedure, at: datetime, *acts: Act, known: datetime | None = None, bound: str = "KZ UZ IR TJ") -> State | None:
    return state(msgspec.structs.replace(ASKED, acts=acts), procedure, at, known, lambda party, _: party in bound.split())


def name(procedure: Procedure, number: int, *acts: Act, bound: str = "KZ UZ IR TJ") -> str:
    found = where(procedure, day(1, number), *acts, bound=bound)
    return found.name if found else "none"


def test_the_origin_consents_or_objects() -> None:
    yes = done(12, "approve", "KZ/anna")
    assert [name(ORIGIN, number, yes) for number in (9, 10, 11, 12, 31)] == ["none", "requested", "requested", "approved", "approved"]
    assert name(ORIGIN, 13, done(12, "approve", "UZ/x")) == "requested"  # nobody else's business
    assert name(ORIGIN, 13, done(12, "object", "UZ/x")) == "requested"
    assert name(ORIGIN, 13, done(11, "object", "KZ/b"), yes) == "objected"
    assert name(ORIGIN, 13, done(12, "object", "KZ/b"), yes) == "objected"  # at the same moment: whoever objects is heard first
    assert name(ORIGIN, 14, yes, done(13, "object", "KZ/b")) == "approved"  # too late: the outcome is final
    assert name(ORIGIN, 14, yes, done(13, "revoke", "KZ/b")) == "revoked"
    assert name(ORIGIN, 14, yes, done(13, "revoke", "UZ/b")) == "approved"
    assert name(ORIGIN, 14, done(9, "approve", "KZ/b")) == "requested"  # before it was asked for


def test_two_persons_are_two_however_often_one_of_them_says_so() -> None:
    one, again, two = done(11, "approve", "KZ/anna"), done(12, "approve", "KZ/anna"), done(13, "approve", "KZ/bulat")
    assert name(TWO, 19, one, again) == "requested"
    assert where(TWO, day(1, 12), one) == State(name="requested", since=day(1, 10), words="1 of 2")
    assert where(TWO, day(1, 19), one, two) == State(name="approved", since=day(1, 13))
    assert name(TWO, 19, one, done(13, "approve", "UZ/bulat")) == "requested"
    assert name(TWO, 20, one) == "lapsed"
    assert name(TWO, 20, one, two) == "approved"
    assert name(TWO, 25, one, done(20, "approve", "KZ/bulat")) == "lapsed"  # the day it lapses is too late
    assert name(TWO, 25, one, done(19, "approve", "KZ/bulat")) == "approved"


def test_a_robot_never_approves() -> None:
    one, two = done(11, "approve", "KZ/anna"), done(12, "approve", "KZ/feed", robot=True)
    assert name(TWO, 15, one, two) == "requested"
    assert name(ORIGIN, 15, two) == "requested"
    assert name(SILENCE, 15, done(12, "object", "UZ/feed", robot=True)) == "requested"
    for kind in ACTS:
        with pytest.raises(SenderFault, match="a tool may not"):
            act(ASKED, kind, Person(party="KZ", id="feed", robot=True), day(1, 12))


def test_an_act_is_one_that_there_is_and_comes_after_the_request() -> None:
    anna = Person(party="KZ", id="anna")
    assert act(ASKED, "approve", anna, day(1, 10)).acts == (Act(kind="approve", by=anna, at=day(1, 10)),)
    with pytest.raises(SenderFault, match="nothing that can be done"):
        act(ASKED, "wink", anna, day(1, 12))
    with pytest.raises(SenderFault, match="made later"):
        act(ASKED, "approve", anna, day(1, 9))


def test_sponsors_open_a_window_for_objections() -> None:
    ir, tj = done(11, "approve", "IR/x"), done(12, "approve", "TJ/y")
    assert where(SPONSORS, day(1, 11), ir) == State(name="requested", since=day(1, 10), words="1 of 2")
    assert where(SPONSORS, day(1, 12), ir, tj) == State(name="requested", since=day(1, 10), words="open to objections")
    assert name(SPONSORS, 12, ir, done(12, "approve", "IR/another")) == "requested"  # one party is one sponsor
    assert where(SPONSORS, day(2, 1), ir, tj) == State(name="requested", since=day(1, 10), words="open to objections")
    assert where(SPONSORS, day(2, 2), ir, tj) == State(name="adopted", since=day(2, 2))
    assert where(SPONSORS, day(2, 3), ir, tj, done(31, "object", "UZ/z")) == State(name="objected", since=day(1, 31), words="UZ objected")
    assert name(SPONSORS, 31, ir, tj, done(30, "object", "ZZ/z")) == "requested"  # not bound: no say
    assert name(SPONSORS, 31, ir, done(12, "approve", "UZ/z")) == "requested"  # a recipient does not speak for itself
    assert name(SPONSORS, 31, ir, done(12, "approve", "KZ/z")) == "requested"
    assert where(SPONSORS, day(1, 31), ir, done(12, "approve", "ZZ/y")) == State(name="requested", since=day(1, 10), words="1 of 2")
    assert where(SPONSORS, day(2, 9), ir) == State(name="lapsed", since=day(2, 9))
    # A third sponsor does not open the window anew.
    assert where(SPONSORS, day(2, 2), ir, tj, done(20, "approve", "XX/q"), bound="IR TJ XX") == State(name="adopted", since=day(2, 2))
    assert where(SPONSORS, day(2, 5), ir, tj, Act(kind="revoke", by=Person(party="KZ", id="b"), at=day(2, 4))) == State(
        name="revoked", since=day(2, 4), words="revoked by KZ"
    )


def test_silence_adopts_on_the_last_day_unless_somebody_spoke() -> None:
    assert name(SILENCE, 23) == "requested"
    assert where(SILENCE, day(1, 24)) == State(name="adopted", since=day(1, 24))
    assert name(SILENCE, 24, done(23, "object", "TJ/x")) == "objected"  # the thirteenth day of fourteen
    assert name(SILENCE, 24, done(24, "object", "TJ/x")) == "adopted"  # the window is half-open
    assert name(SILENCE, 24, done(23, "object", "TJ/x"), bound="KZ") == "adopted"
    assert name(SILENCE, 24, done(23, "object", "KZ/x"), bound="") == "objected"  # the origin always has a say
    assert name(SILENCE, 12, done(11, "approve", "KZ/x")) == "requested"  # nobody hurries it
    assert name(SILENCE, 26, done(25, "revoke", "KZ/x")) == "revoked"


def test_who_is_bound_is_asked_as_of_the_act() -> None:
    late = msgspec.structs.replace(ASKED, acts=(done(12, "object", "TJ/x"),))
    assert state(late, SILENCE, day(1, 20), None, lambda _, at: at > day(1, 12)) == State(
        name="requested", since=day(1, 10), words="requested"
    )
    assert (state(late, SILENCE, day(1, 20), None, lambda _, at: at >= day(1, 12)) or ASKED).__class__ is State


def test_what_was_not_known_had_not_been_done() -> None:
    yes = done(12, "approve", "KZ/anna")
    assert where(ORIGIN, day(1, 20), yes, known=day(1, 11)) == State(name="requested", since=day(1, 10), words="requested")
    assert (where(ORIGIN, day(1, 20), yes, known=day(1, 12)) or ASKED) == State(name="approved", since=day(1, 12))
    assert where(ORIGIN, day(1, 20), known=day(1, 9)) is None
    assert where(SILENCE, day(1, 24), known=day(1, 11)) == State(name="adopted", since=day(1, 24))  # time needs no news


def test_granted_is_what_lets_go() -> None:
    assert {each for each in STATES if State(name=each, since=day(1)).granted} == GRANTED == {"approved", "adopted"}
    assert set(PROCEDURES) > WINDOWED


def test_the_moments_of_each_procedure() -> None:
    both = msgspec.structs.replace(ASKED, acts=(done(12, "approve", "IR/x"),))
    assert list(moments(both, ORIGIN)) == [day(1, 10), day(1, 12)]
    assert list(moments(both, TWO)) == [day(1, 10), day(1, 20), day(1, 12)]
    assert list(moments(both, SPONSORS)) == [day(1, 10), day(1, 31), day(2, 9), day(1, 12), day(2, 2)]
    assert list(moments(both, SILENCE)) == [day(1, 10), day(1, 24), day(1, 12)]


@given(st.randoms(use_true_random=False))
@settings(max_examples=200, deadline=None)
def test_order_and_repetition_change_nothing_and_a_refusal_is_final(dice: Random) -> None:
    procedure = worlds.procedure(dice)
    asked = worlds.approval(dice, "r", [])
    at = worlds.one(dice, worlds.MOMENTS) + timedelta(days=dice.randint(0, 60))
    found = state(asked, procedure, at, None, lambda *_: True)
    shuffled = [*asked.acts, *asked.acts]
    dice.shuffle(shuffled)
    assert state(msgspec.structs.replace(asked, acts=tuple(shuffled)), procedure, at, None, lambda *_: True) == found
    if found and found.name in ("objected", "lapsed", "revoked"):
        later = state(asked, procedure, at + timedelta(days=dice.randint(0, 400)), None, lambda *_: True)
        assert later is not None and later == found
    # Between two moments of the list nothing changes.
    following = min((moment for moment in moments(asked, procedure) if moment > at), default=at + timedelta(days=9))
    assert state(asked, procedure, following - timedelta(microseconds=1), None, lambda *_: True) == found


def checked(procedure: Procedure, kind: str, who: str, *acts: Act, on: int = 12) -> str:
    """What is said of an act: empty if it may be done."""
    party, _, name = who.partition("/")
    approval = msgspec.structs.replace(ASKED, acts=acts)
    try:
        check(approval, procedure, kind, Person(party=party, id=name), day(1, on), lambda party, _: party in ["KZ", "UZ", "IR", "TJ"])
    except (Denied, Conflict) as fault:
        return f"{type(fault).__name__}: {fault}; {fault.next}"
    return ""


@pytest.mark.parametrize(
    ("procedure", "kind", "who", "next_"),
    [
        (ORIGIN, "approve", "UZ/x", "a person of KZ may"),
        (ORIGIN, "object", "UZ/x", "a person of KZ may"),
        (TWO, "object", "IR/x", "a person of KZ may"),
        (SPONSORS, "approve", "KZ/x", "a person of a party that the agreement binds may, other than KZ, UZ"),
        (SPONSORS, "approve", "UZ/x", "a person of a party that the agreement binds may, other than KZ, UZ"),
        (SPONSORS, "approve", "XX/x", "a person of a party that the agreement binds may, other than KZ, UZ"),
        (SILENCE, "approve", "KZ/x", "nobody approves: it is adopted when no party has objected in time"),
        (SILENCE, "object", "XX/x", "a person of any party that the agreement binds may"),
        (SPONSORS, "object", "XX/x", "a person of any party that the agreement binds may"),
        (SILENCE, "revoke", "UZ/x", "a person of KZ may"),
    ],
)
def test_whoever_may_not_is_told_who_may(procedure: Procedure, kind: str, who: str, next_: str) -> None:
    assert checked(procedure, kind, who) == f"Denied: {who[:2]} may not {kind} here; {next_}"


@pytest.mark.parametrize(
    ("procedure", "kind", "who"),
    [
        (ORIGIN, "approve", "KZ/a"),
        (TWO, "object", "KZ/a"),
        (SPONSORS, "approve", "TJ/a"),
        (SILENCE, "object", "IR/a"),
        (SILENCE, "object", "KZ/a"),
    ],
)
def test_whoever_may_is_not_stopped(procedure: Procedure, kind: str, who: str) -> None:
    assert checked(procedure, kind, who) == ""


def test_what_has_its_outcome_can_only_be_revoked_and_only_a_grant() -> None:
    yes, no = done(11, "approve", "KZ/anna"), done(11, "object", "KZ/anna")
    assert checked(ORIGIN, "revoke", "KZ/b", yes) == ""
    assert checked(ORIGIN, "revoke", "KZ/b") == "Conflict: r is requested: there is nothing to revoke; object to it"
    assert checked(ORIGIN, "revoke", "KZ/b", no) == "Conflict: r is objected: there is nothing to revoke; "
    assert checked(ORIGIN, "approve", "KZ/b", yes) == "Conflict: r is approved already; its origin may revoke it"
    assert checked(ORIGIN, "object", "KZ/b", no) == "Conflict: r is objected already; make another request"
    assert checked(TWO, "approve", "KZ/b", on=20) == "Conflict: r is lapsed already; make another request"
    assert checked(SILENCE, "object", "IR/b", on=24) == "Conflict: r is adopted already; its origin may revoke it"
    assert checked(SILENCE, "object", "IR/b", on=23) == ""
    assert checked(SILENCE, "revoke", "KZ/b", on=24) == ""
    assert checked(ORIGIN, "approve", "KZ/b", on=9) == ""  # that it was not made yet is for `act` to say


def test_an_act_at_the_very_moment_of_the_request_counts_and_one_before_it_does_not() -> None:
    assert name(ORIGIN, 10, done(10, "approve", "KZ/anna")) == "approved"
    assert name(ORIGIN, 12, done(9, "approve", "KZ/anna")) == "requested"
