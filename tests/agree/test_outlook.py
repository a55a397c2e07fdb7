"""What an act would change, before it is done."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from comity.agree.acts import Deed
from comity.agree.agreement import read
from comity.agree.outlook import outlook
from comity.agree.rules import Rules
from comity.agree.status import statuses
from comity.errors import AgreementFault, Conflict
from comity.terms.party import Register, Standing

TEXT = """
[agreement]
id = "treaty"
version = {version}
title = "Treaty"
body = "sco"
purposes = ["network-defence"]
in_force = 2021-01-01
entry = "per-party"
notice = "P6M"

[[clause]]
id = "one"
text = "Members receive."
effect = "permit"
to = {{ standing = ["member"] }}
types = ["@threat"]
tlp_max = "amber"

[[clause]]
id = "two"
text = "Members receive sightings."
effect = "permit"
to = {{ standing = ["member"] }}
types = ["sighting"]
tlp_max = "amber"

[party.UZ]
in_force = 2021-01-01

[party.IN]
in_force = 2021-03-01
"""


def day(month: int, number: int = 1, year: int = 2021) -> datetime:
    return datetime(year, month, number, tzinfo=UTC)


def rules(*deeds: Deed, versions: int = 1) -> Rules:
    register = Register(Standing(party=code, body="sco", standing="member", since=day(1)) for code in ("KZ", "UZ", "IN"))
    return Rules([read(TEXT.format(version=number + 1)) for number in range(versions)], register, (), deeds)


def deed(act: str, on: datetime, version: int = 1, **more) -> Deed:
    text = read(TEXT.format(version=version))
    return Deed(ref=text.ref, sha256=text.sha256, party="KZ", act=act, on=on, **more)


SIGNED = deed("sign", day(2))
RATIFIED = deed("ratify", day(2, 10), in_force=day(4))


def test_a_signature_alone_binds_nobody():
    found = outlook(rules(), deed("sign", day(2)))
    assert [(turn.party, turn.before, turn.after) for turn in found.turns] == [("KZ", "not a party", "signed but not ratified")]
    assert found.partners == ()


def test_a_ratification_binds_from_its_day_with_those_bound_then():
    found = outlook(rules(SIGNED), RATIFIED)
    assert found.at == day(4)
    assert [(turn.party, turn.before, turn.after) for turn in found.turns] == [("KZ", "signed but not ratified", "")]
    assert found.partners == ("IN", "UZ")
    assert found.clauses == ("one", "two")


def test_a_reservation_leaves_who_is_bound():
    found = outlook(rules(SIGNED, RATIFIED), deed("reserve", day(2, 9), clauses=("two",)))
    assert (found.turns, found.clauses) == ((), ("one",))


def test_a_withdrawal_takes_effect_after_its_notice():
    found = outlook(rules(SIGNED, RATIFIED), deed("withdraw", day(5)))
    assert found.at == day(11)
    assert [(turn.party, turn.before) for turn in found.turns] == [("KZ", "")]
    assert found.partners == ()


def test_a_newer_version_takes_the_place_of_the_one_before():
    before = rules(SIGNED, RATIFIED, deed("sign", day(5), version=2), versions=2)
    found = outlook(before, deed("ratify", day(5), version=2, in_force=day(5)))
    assert {(turn.ref, turn.party): turn.after for turn in found.turns} == {
        ("treaty@2", "KZ"): "",
        **{("treaty@1", party): "a newer version has taken its place" for party in ("KZ", "UZ", "IN")},
    }


def test_what_it_says_is_what_comes():
    deeds: list[Deed] = []
    for made in (SIGNED, RATIFIED, deed("suspend", day(6)), deed("resume", day(7)), deed("withdraw", day(8))):
        found = outlook(rules(*deeds), made)
        deeds.append(made)
        after = rules(*deeds)
        (version,) = after.versions("treaty")
        bound = {each.party for each in statuses(version, after, found.at) if each.bound}
        assert set(found.partners) == (bound - {"KZ"} if "KZ" in bound else set())


def test_what_cannot_be_done_is_refused():
    with pytest.raises(AgreementFault):
        outlook(rules(), RATIFIED)
    with pytest.raises(Conflict):
        outlook(rules(SIGNED), deed("sign", day(2)).__class__(ref="treaty@1", sha256="0" * 64, party="KZ", act="sign", on=day(2)))
