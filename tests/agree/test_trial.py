"""A text beside the rules held, both judged at one moment."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from comity.agree.agreement import read
from comity.agree.rules import Rules
from comity.agree.trial import trial
from tests.agree.treaty import day, register

NOW = datetime(2021, 11, 1, tzinfo=UTC)
TEXT = """
[agreement]
id = "x"
version = {version}
title = "x"
body = "sco"
purposes = {purposes}
{more}

[[clause]]
id = "one"
text = "Members receive indicators."
effect = "permit"
to = {{ standing = ["member"] }}
types = ["indicator"]
{since}

[party.KZ]
{kz}

[party.UZ]
{uz}
"""


def text(version=2, purposes='["network-defence"]', more="in_force = 2021-01-01", since="", kz="", uz=""):
    return read(TEXT.format(version=version, purposes=purposes, more=more, since=since, kz=kz, uz=uz), name="x.toml")


def test_the_moment_is_when_all_that_the_text_begins_has_begun():
    assert trial(Rules(), text(), NOW).at == NOW
    assert trial(Rules(), text(more="in_force = 2022-01-01"), NOW).at == datetime(2022, 1, 1, tzinfo=UTC)
    assert trial(Rules(), text(since="since = 2023-01-01"), NOW).at == datetime(2023, 1, 1, tzinfo=UTC)
    assert trial(Rules(), text(uz="in_force = 2024-01-01"), NOW).at == datetime(2024, 1, 1, tzinfo=UTC)
    on = datetime(2020, 1, 1, tzinfo=UTC)
    assert trial(Rules(), text(uz="in_force = 2024-01-01"), NOW, on).at == on


def test_it_stands_in_place_of_all_versions_of_its_agreement_and_of_no_other():
    held = [text(1), text(3, more="in_force = 2021-06-01"), read(text(1).text.replace('"x"', '"y"'), name="y.toml")]
    tried = trial(Rules(held), text(2), NOW)
    assert {each.ref for each in tried.before.agreements} == {"x@1", "x@3", "y@1"}
    assert {each.ref for each in tried.after.agreements} == {"x@2", "y@1"}


def test_a_text_that_is_held_for_later_is_not_compared_with_itself():
    later = text(2, more="in_force = 2022-01-01")
    assert {each.ref for each in trial(Rules([text(1), later]), later, NOW).before.agreements} == {"x@1"}
    # One that governs already is: nothing would change.
    now = text(2)
    assert {each.ref for each in trial(Rules([text(1), now]), now, NOW).before.agreements} == {"x@1", "x@2"}


def test_a_draft_is_taken_as_in_force_for_its_signatories_and_that_is_said():
    tried = trial(Rules(), text(more='entry = "per-party"'), NOW)
    assert tried.assumed == (
        "x@2 is a draft: it is taken as in force from 2021-11-01",
        "no party has a date yet: it is taken as in force for KZ and UZ",
    )
    assert all(tried.agreement.entered(party, NOW) for party in ("KZ", "UZ"))
    assert not tried.agreement.entered("IR", NOW)


def test_parties_of_the_version_before_are_taken_to_join_a_text_that_names_none():
    bare = text(3, more='entry = "per-party"').text.partition("[party.KZ]")[0]
    held = text(2, more='in_force = 2021-01-01\nentry = "per-party"', kz="in_force = 2021-01-01")
    tried = trial(Rules([text(1), held]), read(bare, name="x.toml"), NOW)
    assert tried.assumed[1] == "no party has a date yet: it is taken as in force for KZ and UZ"
    assert tried.agreement.entered("UZ", NOW)
    assert trial(Rules(), read(bare, name="x.toml"), NOW).assumed[1].endswith("in force for nobody")
    reserving = text(2, more='in_force = 2021-01-01\nentry = "per-party"', kz='in_force = 2021-01-01\nreservations = ["one"]')
    assert (
        trial(Rules([reserving]), read(bare, name="x.toml"), NOW).assumed[2] == "reservations made to x@2 are not carried over: one by KZ"
    )


def test_a_text_that_is_held_counts_with_its_parties_acts():
    file = text(2, more='in_force = 2021-01-01\nentry = "per-party"')
    acted = msgspec.structs.replace(file, parties=tuple(msgspec.structs.replace(each, in_force=NOW) for each in file.parties))
    tried = trial(Rules([text(1), acted]), file, NOW)
    assert tried.agreement == acted
    assert tried.assumed == ()


def test_whom_a_text_in_force_for_some_leaves_behind_is_said():
    entry = 'in_force = 2021-01-01\nentry = "per-party"'
    both = text(1, more=entry, kz="in_force = 2021-01-01", uz="in_force = 2021-01-01")
    some = text(2, more=entry, kz="in_force = 2021-02-01")
    assert trial(Rules([both]), some, NOW).assumed == ("x@2 is not in force for UZ and is tried alone: until it is, x@1 goes on for them",)
    over = text(2, more=f"{entry}\ntransition = 2021-03-01", kz="in_force = 2021-02-01")
    assert trial(Rules([both]), over, NOW).assumed == ()


def test_who_alone_has_no_date_is_not_bound():
    tried = trial(Rules(), text(more='in_force = 2021-01-01\nentry = "per-party"', kz="in_force = 2021-01-01"), NOW)
    assert tried.assumed == ()
    assert tried.agreement.entered("KZ", NOW)
    assert not tried.agreement.entered("UZ", NOW)


def test_network_defence_is_asked_for_or_else_what_the_agreement_is_for():
    assert trial(Rules(), text(), NOW).purposes == ("network-defence",)
    assert trial(Rules(), text(purposes='["training", "network-defence"]'), NOW).purposes == ("network-defence",)
    assert trial(Rules(), text(purposes='["training"]'), NOW).purposes == ("training",)


def test_where_no_text_names_a_party_those_with_a_standing_are_taken_to_join():
    bare = text(1, more='in_force = 2021-01-01\nentry = "per-party"').text.partition("[party.KZ]")[0]
    centre = read(f'{bare}\n[party.HUB]\nrole = "centre"\nin_force = 2021-02-01\n', name="x.toml")
    tried = trial(Rules(register=register(KZ="member", IR="observer", HUB="partner")), centre, NOW)
    assert tried.assumed == ("no party has a date yet: it is taken as in force for HUB, IR and KZ",)
    assert {each.party: each.in_force for each in tried.agreement.parties} == {"HUB": day(2), "IR": NOW, "KZ": NOW}
    dated = read(f"{centre.text}\n[party.UZ]\nin_force = 2021-03-01\n", name="x.toml")
    assert trial(Rules(register=register(KZ="member")), dated, NOW).assumed == ()
