"""Acts as text, strictly."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.agree.accord import Agreement
from comity.agree.acts import ACTS, LONGEST, TITLE, Deed, write
from comity.agree.acts import read as read_deed
from comity.agree.agreement import read
from comity.errors import SenderFault
from tests.agree.treaty import HEAD, MEMBERS, OBSERVERS, day

BARE = read(HEAD + MEMBERS + OBSERVERS)
ALL = read((HEAD + MEMBERS).replace('entry = "per-party"\n', ""))


def deed(act: str, on: datetime, agreement: Agreement = BARE, **other: Any) -> Deed:
    said = {"party": "UZ", "known": on, **other}
    return Deed(ref=agreement.ref, sha256=agreement.sha256, act=act, on=on, **said)  # type: ignore[arg-type]


FULL = deed("ratify", day(9, 24), in_force=day(10), authority="Ұлттық CERT", known=None)
MOMENTS = st.datetimes(timezones=st.just(UTC))


@st.composite
def deeds(draw: st.DrawFn) -> Deed:
    act = draw(st.sampled_from(ACTS))
    text = st.text(st.characters(exclude_categories=("Cc", "Cs", "Z")), min_size=1, max_size=20)
    clauses = st.lists(st.from_regex(r"[a-z][a-z0-9.]{0,9}", fullmatch=True), min_size=1, max_size=3, unique=True)
    return deed(
        act,
        draw(MOMENTS),
        in_force=draw(st.none() | MOMENTS) if act == "ratify" else None,
        clauses=tuple(draw(clauses)) if act == "reserve" else (),
        authority=draw(st.just("") | st.lists(text, min_size=1, max_size=3).map(" ".join)),
        known=None,
    )


@given(deeds())
def test_what_is_written_is_read_again(made: Deed) -> None:
    assert read_deed(write(made)) == made


def test_it_is_written_for_people() -> None:
    assert write(FULL) == (
        f"{TITLE}\nagreement example-ict@1\nsha256 {BARE.sha256}\nparty UZ\nact ratify\non 2021-09-24\nin-force 2021-10-01\n"
        "authority Ұлттық CERT\n"
    )


WRONG = [
    (TITLE, "comity agreement act v2"),
    ("agreement example-ict@1", "agreement example-ict"),
    ("agreement example-ict@1", "agreement example-ict@01"),
    ("@1\n", "@1\nagreement example-ict@1\n"),
    ("sha256 ", "sha256  "),
    ("party UZ\n", ""),
    ("party UZ", "party uz"),
    ("act ratify", "act accede"),
    ("act ratify", "act sign"),
    ("on 2021-09-24", "on 2021-09-31"),
    ("on 2021-09-24", "on 2021-09-24T00:00:00Z"),
    ("on 2021-09-24", "on 2021-09-24T05:00:00+05:00"),
    ("on 2021-09-24\nin-force 2021-10-01", "in-force 2021-10-01\non 2021-09-24"),
    ("in-force 2021-10-01", "clause art-4.2"),
    ("in-force 2021-10-01", "until 2021-10-01"),
    ("Ұлттық CERT", " CERT"),
    ("Ұлттық CERT", "CERT\u2028on 2022-01-01"),
    ("Ұлттық CERT", "\u2028CERT"),
    ("Ұлттық CERT", "\u202eTREC"),
    ("Ұлттық CERT", "CERT\u2066"),
    ("Ұлттық CERT", "\ud800"),
    ("Ұлттық CERT", "CERT "),
    ("Ұлттық CERT", "x" * (LONGEST + 1)),
    ("CERT\n", "CERT"),
    ("CERT\n", "CERT\n\n"),
    ("CERT\n", "CERT\r\n"),
]


@pytest.mark.parametrize(("old", "new"), WRONG)
def test_any_other_spelling_is_refused(old: str, new: str) -> None:
    text = write(FULL)
    assert old in text
    with pytest.raises(SenderFault, match="not an act") as fault:
        read_deed(text.replace(old, new, 1))
    assert fault.value.next


def test_a_reservation_names_its_clauses_once() -> None:
    text = write(deed("reserve", day(9, 17), clauses=("art-4.2", "art-4.3")))
    assert read_deed(text).clauses == ("art-4.2", "art-4.3")
    for wrong in (text.replace("art-4.3", "art-4.2"), re.sub(r"clause .*\n", "", text)):
        with pytest.raises(SenderFault, match="each once"):
            read_deed(wrong)


@given(st.text(max_size=200) | st.lists(st.sampled_from(write(FULL).splitlines()), max_size=10).map("\n".join))
def test_whatever_is_read_is_in_its_one_spelling(text: str) -> None:
    try:
        found = read_deed(text)
    except SenderFault:
        return
    assert write(found) == text


def test_what_has_no_text_is_refused() -> None:
    with pytest.raises(SenderFault):
        write(msgspec.structs.replace(FULL, authority="two\nlines"))


def test_an_authority_may_be_as_long_as_is_said_and_no_longer() -> None:
    assert LONGEST == 200
    longest = msgspec.structs.replace(FULL, authority="x" * LONGEST)
    assert read_deed(write(longest)) == longest
    with pytest.raises(SenderFault):
        write(msgspec.structs.replace(FULL, authority="x" * (LONGEST + 1)))
