"""A register's file becomes claims, with their sources, and disputes; nothing that it says is lost silently."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.clock import parse
from comity.errors import SenderFault
from comity.forms.party_file import read
from comity.terms.party import Register, Standing
from tests import register_file

ENTRIES = read(register_file.raw())
REGISTER = Register(ENTRIES.standings)


def at(party: str, on: str, body: str = "river") -> tuple[str | None, str | None]:
    """Rights and status."""
    return REGISTER.standing(party, body, parse(on)), REGISTER.status(party, body, parse(on))


@pytest.mark.parametrize("coding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_how_the_text_is_written_says_nothing(coding):
    assert read(register_file.raw().decode().encode(coding)) == ENTRIES


@pytest.mark.parametrize(("raw", "said"), [("{}".encode("utf-16") + b"x", "no text in UTF-16"), (b'{"x": "\xd0"}', "no text in UTF-8 ")])
def test_text_that_is_cut_or_of_another_kind_is_told(raw, said):
    with pytest.raises(SenderFault, match=said) as told:
        read(raw)
    assert told.value.next == "save the file as UTF-8"


def test_bodies_parties_and_sources_are_as_the_file_has_them():
    river, hill = ENTRIES.bodies
    assert (river.body, river.title, river.founded, river.offices[0].seat) == ("river", "River Council", "2001-06-15", "Ford, AA")
    assert hill.offices == ()
    assert [each.party for each in ENTRIES.parties] == ["AA", "BB", "CC", "DD", "EE", "FF"]
    assert [each.source for each in ENTRIES.sources] == ["charter", "yearbook", "gazette"]
    assert ENTRIES.sources[1].url == "https://www.example.com/yearbook"
    assert ENTRIES.as_of == parse("2021-11-01")
    (left,) = ENTRIES.left
    assert "1 instruments" in left


def test_a_procedure_adds_no_rights():
    assert at("DD", "2021-09-16") == ("observer", "observer")
    assert at("DD", "2021-11-01") == ("observer", "acceding")
    assert at("DD", "2023-07-03") == ("observer", "acceding")
    assert at("DD", "2023-07-04") == ("member", "member")
    assert at("EE", "2021-11-01") == (None, "acceding")
    assert at("EE", "2021-08-31") == (None, None)


def test_a_standing_begins_as_exactly_as_it_is_known():
    assert at("CC", "2004-12-31") == (None, None)
    assert at("CC", "2005-01-01") == ("observer", "observer")
    assert at("CC", "2017-06-09") == ("member", "member")
    assert at("FF", "2021-10-31") == (None, None), "all that is known is that it holds on the file's own date"
    assert at("FF", "2021-11-01") == ("dialogue-partner", "dialogue-partner")
    assert at("BB", "2010-01-01", "hill") == ("member", "member")


def test_a_claim_says_by_which_sources_and_how_surely():
    birch = next(each for each in ENTRIES.standings if (each.party, each.body) == ("BB", "river"))
    assert (birch.source, birch.confidence, birch.precision, birch.name) == ("charter, yearbook", "cited", "day", "Birch")
    effect = next(each for each in ENTRIES.standings if each.note == "full member")
    assert (effect.standing, effect.confidence, effect.status_only) == ("member", "memory", False)
    procedure = next(each for each in ENTRIES.standings if each.status_only and each.party == "DD")
    assert (procedure.standing, procedure.until) == ("acceding", parse("2023-07-04"))
    assert procedure.note == "towards member; memorandum signed 2022-09-15"
    assert next(each.note for each in ENTRIES.standings if each.party == "FF") == "the day is not known"


def test_sources_that_differ_are_kept_with_what_each_says():
    found = {each.about: each for each in ENTRIES.disputes}
    assert set(found) == {"RIVER member list", "who signed", "RIVER: Birch", "Dogwood: memorandum signed"}
    omitted = found["RIVER: Birch"]
    assert [each.source for each in omitted.positions] == ["gazette", "charter", "yearbook"]
    assert (omitted.body, omitted.parties, omitted.held) == ("river", ("BB",), "member since 2001-06-15")
    listed = found["RIVER member list"]
    assert (listed.body, listed.parties, [each.says for each in listed.positions]) == ("river", ("BB",), ["2, Birch missing", "3"])
    assert (found["who signed"].body, found["who signed"].parties) == ("", ())
    assert [each.source for each in found["Dogwood: memorandum signed"].positions] == ["gazette", "the file itself"]
    assert not [pair for party in REGISTER.parties("river") for pair in REGISTER.conflicts(party, "river")]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"schema": "other/1"}, "other/1"),
        ({"as_of": "today"}, "no date"),
        ({"memberships": [register_file.row("AA", "Alder", "boss")]}, r"memberships\[0\] \(AA\): 'boss' is not a standing"),
        ({"memberships": [register_file.row("a b", "Alder")]}, "not a party code"),
        ({"memberships": [register_file.row("AA", "Alder", joined="15.06.2001")]}, "no date"),
        ({"memberships": [{**register_file.row("AA", "Alder"), "org": "LAKE"}]}, "no organisation 'LAKE'"),
        ({"memberships": [{"org": "RIVER"}]}, "not a register"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(changes, said):
    with pytest.raises(SenderFault, match=said) as caught:
        read(register_file.raw(**changes))
    assert caught.value.next


def test_fields_that_the_form_does_not_have_are_told():
    rows = [{**register_file.row("AA", "Alder"), "left": "2010-01-01"}, {**register_file.row("BB", "Birch"), "left": "", "rank": 1}]
    (said,) = read(register_file.raw(memberships=rows, instruments=[])).left
    assert said == "fields of memberships that nothing is made of: 'left' of 2, 'rank' of 1"


@given(st.binary(max_size=200) | st.recursive(st.none() | st.text(max_size=5), st.lists, max_leaves=5).map(msgspec.json.encode))
def test_any_other_bytes_are_refused_alike(raw):
    with pytest.raises(SenderFault):
        read(raw)


_DAYS = st.sampled_from(["2001-06-15", "2005", "2010-03", None])
_ROWS = st.builds(
    lambda party, status, rights, joined, launched: register_file.row(
        party, "Any", status, joined, rights_status=rights, target_status="member", procedure={"launched": launched or ""}
    ),
    st.sampled_from(["AA", "BB"]),
    st.sampled_from(["member", "acceding", "suspended"]),
    st.sampled_from(["member", "observer", "none", "suspended"]),
    _DAYS,
    _DAYS,
)


@given(st.lists(_ROWS, max_size=4))
def test_rights_come_from_rights_status_alone(rows):
    entries = read(register_file.raw(memberships=rows))
    rights = {(each.party, each.standing) for each in entries.standings if not each.status_only}
    assert rights == {(each["party"], each["rights_status"]) for each in rows if each["rights_status"] != "none"}
    assert all(isinstance(each, Standing) and each.since.tzinfo for each in entries.standings)
