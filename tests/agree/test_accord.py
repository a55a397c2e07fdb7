"""Whom an agreement binds, and when."""

from __future__ import annotations

from datetime import datetime

import msgspec
import pytest

from comity.agree.accord import Agreement, current
from comity.agree.clauses import Clause
from comity.agree.life import Signatory, Suspension
from comity.terms.party import Register, Standing
from tests.agree.treaty import day

ALL = Agreement(
    id="ict",
    version=1,
    title="ICT",
    body="sco",
    in_force=day(2),
    until=day(12),
    parties=(
        Signatory(party="HUB", role="centre"),
        Signatory(party="UZ", in_force=day(4), until=day(6)),
        Signatory(party="SG", signed=day(1)),
        Signatory(party="XX", in_force=day(2)),
    ),
)
PER_PARTY = msgspec.structs.replace(ALL, entry="per-party")
REGISTER = Register(
    [
        Standing(party="KZ", body="sco", standing="member", since=day(1), until=day(10)),
        Standing(party="UZ", body="sco", standing="member", since=day(1)),
        Standing(party="XX", body="sco", standing="member", since=day(1)),
        Standing(party="XX", body="sco", standing="suspended", since=day(5), until=day(7)),
        Standing(party="SG", body="sco", standing="withdrawn", since=day(8)),
        Standing(party="IN", body="cica", standing="member", since=day(1)),
    ]
)


@pytest.mark.parametrize(
    ("party", "at", "by_all", "per_party"),
    [
        ("KZ", day(1, 31), False, False),
        ("KZ", day(2), True, False),
        ("KZ", day(9, 30), True, False),
        ("KZ", day(10), False, False),  # its standing has ended
        ("UZ", day(3), False, False),  # its own section narrows
        ("UZ", day(4), True, True),
        ("UZ", day(6), False, False),
        ("HUB", day(3), True, False),  # no standing, but a section
        ("SG", day(3), True, False),
        ("SG", day(8), False, False),  # withdrawn
        ("XX", day(4), True, True),
        ("XX", day(5), False, False),
        ("XX", day(7), True, True),
        ("XX", day(12), False, False),  # the agreement has ended
        ("IN", day(3), False, False),  # a standing elsewhere
        ("ZZ", day(3), False, False),
    ],
)
def test_who_is_bound(party: str, at: datetime, by_all: bool, per_party: bool) -> None:
    for agreement, expected in ((ALL, by_all), (PER_PARTY, per_party)):
        assert agreement.binds(party, REGISTER, at) is expected
        facts = agreement.facts(party, party, REGISTER, at)
        assert all(fact.holds for fact in facts) is expected
        assert not msgspec.structs.replace(agreement, in_force=None).binds(party, REGISTER, at)


def test_what_was_not_known_does_not_bind() -> None:
    late = Register([Standing(party="KZ", body="sco", standing="suspended", since=day(1), known=day(8))])
    assert not ALL.binds("KZ", late, day(3))
    assert not ALL.binds("KZ", late, day(3), known_at=day(7))  # no standing at all then


def test_the_custodian_is_a_bound_centre() -> None:
    assert ALL.custodian("HUB", REGISTER, day(3))
    assert not PER_PARTY.custodian("HUB", REGISTER, day(3))
    assert not ALL.custodian("KZ", REGISTER, day(3))
    assert ALL.role("KZ") == "party"


def test_the_facts_say_why() -> None:
    def actual(party: str, at: datetime, agreement: Agreement = ALL) -> str:
        return agreement.facts("KZ", party, REGISTER, at)[2].actual

    assert actual("UZ", day(3)) == "in force for it from 2021-04-01"
    assert actual("UZ", day(6)) == "ended for it on 2021-06-01"
    assert actual("XX", day(5)) == "suspended in sco"
    assert actual("ZZ", day(5)) == "no standing in sco and not a party"
    assert actual("ZZ", day(5), PER_PARTY) == "not a party"
    assert actual("SG", day(5), PER_PARTY) == "signed but not ratified"
    term = ALL.facts("KZ", "KZ", REGISTER, day(12))[0]
    assert (term.expected, term.actual, term.holds) == ("from 2021-02-01 until 2021-12-01", "2021-12-01", False)
    draft = msgspec.structs.replace(ALL, in_force=None).facts("KZ", "KZ", REGISTER, day(12))[0]
    assert (draft.expected, draft.holds) == ("a date of entry into force (this is a draft)", False)
    open_ended = msgspec.structs.replace(ALL, until=None).facts("KZ", "KZ", REGISTER, day(12))[0]
    assert (open_ended.expected, open_ended.holds) == ("from 2021-02-01", True)


def test_the_newest_version_whose_day_has_come() -> None:
    second = msgspec.structs.replace(ALL, version=2, in_force=day(5), until=day(6))
    other = msgspec.structs.replace(ALL, id="data", version=9)
    draft = msgspec.structs.replace(ALL, version=3, in_force=None)
    known = (second, other, draft, ALL)
    assert current(known, day(1)) == ()
    assert current(known, day(2)) == (other, ALL)
    assert current(known, day(5)) == (other, second)
    assert current(known, day(7)) == (other, second)  # ended, and the first does not revive


def test_a_version_is_entered_once_and_for_all() -> None:
    assert [PER_PARTY.entered("UZ", at) for at in (day(3), day(4), day(8), day(12, 31))] == [False, True, True, True]
    assert [PER_PARTY.entered(party, day(8)) for party in ("SG", "HUB", "KZ", "ZZ")] == [False] * 4
    assert [ALL.entered(party, day(8)) for party in ("SG", "HUB", "KZ", "ZZ")] == [True] * 4
    assert not ALL.entered("UZ", day(3))
    assert not ALL.entered("KZ", day(1))
    assert ALL.entered("KZ", day(2))
    assert not msgspec.structs.replace(ALL, in_force=None).entered("KZ", day(8))


def test_a_reservation_is_made_by_either_side() -> None:
    clause = Clause(id="a", text="A.", effect="forbid")
    reserved = msgspec.structs.replace(
        ALL, parties=(Signatory(party="UZ", reservations=("a",)), Signatory(party="KZ", reservations=("a", "b")))
    )
    assert not reserved.reservation(clause, "UZ", "IN").holds
    assert not reserved.reservation(clause, "IN", "UZ").holds
    assert reserved.reservation(clause, "IN", "XX").holds
    assert reserved.reservation(msgspec.structs.replace(clause, id="b"), "UZ", "IN").holds
    assert reserved.reservation(clause, "UZ", "KZ").actual == "made by UZ and KZ"
    assert reserved.reservation(clause, "IN", "XX").actual == "none"


def test_notice_and_suspension_count() -> None:
    left = msgspec.structs.replace(ALL, notice="P1M", parties=(Signatory(party="KZ", withdrawal=day(4)),))
    assert left.binds("KZ", REGISTER, day(4, 30))
    assert not left.binds("KZ", REGISTER, day(5))
    paused = msgspec.structs.replace(ALL, parties=(Signatory(party="KZ", suspended=(Suspension(since=day(4), until=day(5)),)),))
    assert [paused.binds("KZ", REGISTER, at) for at in (day(3), day(4), day(5))] == [True, False, True]


def test_whether_it_is_open_whom_it_binds() -> None:
    personal = msgspec.structs.replace(ALL, entry="per-party")
    hub = Signatory(party="HUB", role="centre", in_force=day(2))
    assert not ALL.awaits_parties
    assert not personal.awaits_parties
    assert msgspec.structs.replace(personal, parties=(hub, Signatory(party="UZ", signed=day(2)))).awaits_parties
    assert msgspec.structs.replace(personal, parties=()).awaits_parties
    assert not msgspec.structs.replace(ALL, parties=(hub,)).awaits_parties


def test_why_a_party_is_not_bound_by_what_is_not_in_force() -> None:
    known = Register()
    assert ALL.hindrance("HUB", known, day(1)) == "in force from 2021-02-01 until 2021-12-01"
    assert msgspec.structs.replace(ALL, in_force=None).hindrance("HUB", known, day(3)).startswith("not in force: it needs a date")
    assert ALL.hindrance("HUB", known, day(3)) == ""
