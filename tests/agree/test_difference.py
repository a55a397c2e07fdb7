"""What a change changes, in words."""

from __future__ import annotations

import pytest

from comity import samples
from comity.agree.agreement import read
from comity.agree.difference import differences, effects, rewordings
from tests.agree.test_sections import TEXT
from tests.agree.treaty import CENTRE, FORBID, HEAD, MEMBERS, OBSERVERS, PARTIES, PRODUCERS

OLD = HEAD + MEMBERS + OBSERVERS + PRODUCERS + CENTRE + FORBID + PARTIES.replace("[party.IR]", '[party.IR]\nstanding = "observer"')
OLD += "".join(f'[party.{code}]\nstanding = "observer"\nin_force = 2021-10-01\n' for code in ("MN", "AF", "BY"))


def changed(old: str, new: str, text: str = OLD) -> list[str]:
    assert old in text
    return differences(read(text), read(text.replace(old, new, 1)))


def test_nothing_changed() -> None:
    assert differences(read(OLD), read("# a remark\n" + OLD)) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            'types = ["indicator", "@observables"]',
            'types = ["indicator", "@observables", "report"]',
            ["gives 4 observers (IR, MN, AF and BY) reports up to TLP:GREEN for network-defence"],
        ),
        (
            'tlp_max = "green"\npurposes',
            'tlp_max = "clear"\npurposes',
            ["takes from 4 observers (IR, MN, AF and BY) observables and indicators marked TLP:GREEN for network-defence"],
        ),
        (
            'from = { standing = ["member"] }\n',
            "",
            ["gives 2 members (KZ and UZ) threat objects, observables, language-contents and relationships up to TLP:AMBER from observers and the centre"],
        ),
        (
            'threat = ["attribution"]',
            'threat = ["attribution", "phishing"]\nto = { standing = ["observer"] }\ntypes = ["indicator"]',
            [
                "gives 2 members (KZ and UZ) threat objects, observables, language-contents and relationships said to be attribution up to TLP:AMBER from members",
                "gives 2 members (KZ and UZ) sightings said to be attribution up to TLP:AMBER",
                "gives 4 observers (IR, MN, AF and BY) observables said to be attribution up to TLP:GREEN for network-defence",
                "gives 4 observers (IR, MN, AF and BY) sightings said to be attribution up to TLP:AMBER",
                "takes from 4 observers (IR, MN, AF and BY) indicators said to be phishing up to TLP:GREEN for network-defence",
                "gives the centre (HUB) threat objects said to be attribution up to TLP:GREEN",
                "gives the centre (HUB) sightings said to be attribution up to TLP:AMBER",
            ],
        ),
        (
            'standing = ["observer"] }',
            'standing = ["observer", "guest"] }',
            ["gives any guest observables and indicators up to TLP:GREEN for network-defence"],
        ),
        (
            'onward = "parties"',
            'approval = { procedure = "two-persons" }\nonward = "parties"',
            ["gives 2 members (KZ and UZ) threat objects, observables, language-contents and relationships up to TLP:AMBER from members only once approved"],
        ),
        (
            '[party.UZ]\nin_force = 2021-10-01',
            '[party.UZ]\nin_force = 2021-10-01\nreservations = ["art-4.3"]',
            ["takes from 4 observers (IR, MN, AF and BY) observables and indicators up to TLP:GREEN from UZ for network-defence"],
        ),
        ('retain = "P6M"', 'retain = "P3M"', []),
    ],
)  # fmt: skip
def test_who_gains_and_loses_what(old: str, new: str, said: list[str]) -> None:
    assert effects(read(OLD), read(OLD.replace(old, new, 1))) == said


def test_copies_and_approvals_by_how_much_they_give() -> None:
    copies = OLD.replace("[[clause]]", '[profile.p]\nremove = ["description"]\n[[clause]]', 1).replace('retain = "P6M"', 'redact = "p"')
    who = "4 observers (IR, MN, AF and BY)"
    rest = "observables and indicators up to TLP:GREEN for network-defence"
    assert effects(read(OLD), read(copies)) == [f"gives {who} only redacted copies of {rest}"]
    assert effects(read(copies), read(OLD)) == [f"gives {who} {rest}, until now only as redacted copies"]
    without = copies.replace(OBSERVERS.replace('retain = "P6M"', 'redact = "p"'), "")
    assert effects(read(without), read(copies)) == [f"gives {who} redacted copies of {rest}"]
    assert effects(read(copies), read(without)) == [f"takes from {who} redacted copies of {rest}"]
    asked = OLD.replace('retain = "P6M"', 'approval = { procedure = "origin" }')
    assert effects(read(without), read(asked)) == [f"gives {who} {rest}, once approved"]
    assert effects(read(asked), read(without)) == [f"takes from {who} {rest}, until now given once approved"]
    assert effects(read(asked), read(OLD)) == [f"gives {who} {rest}, until now only once approved"]
    assert effects(read(OLD), read(asked)) == [f"gives {who} {rest} only once approved"]


def test_a_lower_ceiling_leaves_what_is_under_it() -> None:
    copies = OLD.replace("[[clause]]", '[profile.p]\nremove = ["description"]\n[[clause]]', 1).replace('retain = "P6M"', 'redact = "p"')
    lower = copies.replace('tlp_max = "green"\npurposes', 'tlp_max = "clear"\npurposes')
    who = "4 observers (IR, MN, AF and BY)"
    rest = "observables and indicators marked TLP:GREEN for network-defence"
    assert effects(read(copies), read(lower)) == [f"takes from {who} redacted copies of {rest}"]
    assert effects(read(lower), read(copies)) == [f"gives {who} redacted copies of {rest}"]


SIMPLE = """
[agreement]
id = "x"
version = 1
title = "X"
body = "cica"
purposes = ["network-defence"]
in_force = 2024-01-01
entry = "per-party"
[[clause]]
id = "c1"
text = "T."
effect = "permit"
to = { standing = ["member"] }
types = ["indicator"]
tlp_max = "amber"
""" + "".join(f"[party.{code}]\nin_force = 2024-01-01\n" for code in ("KZ", "TJ", "UZ"))


def test_origins_are_named_where_only_some_of_their_standing_are_meant() -> None:
    reserved = SIMPLE + 'reservations = ["c1"]\n'
    assert effects(read(SIMPLE), read(reserved)) == [
        "takes from 2 members (KZ and TJ) indicators up to TLP:AMBER from UZ",
        "takes from 1 member (UZ) indicators up to TLP:AMBER",
    ]
    assert effects(read(SIMPLE), read(SIMPLE + "[party.IN]\nin_force = 2024-01-01\n")) == [
        "gives 3 members (KZ, TJ and UZ) indicators up to TLP:AMBER from IN",
        "gives 1 member (IN) indicators up to TLP:AMBER",
    ]


def test_an_entry_into_force_counts() -> None:
    said = changed("[party.RU]\nsigned = 2021-09-17", "[party.RU]\nsigned = 2021-09-17\nin_force = 2022-02-01")
    assert "gives 1 member (RU) threat objects, observables, language-contents and relationships up to TLP:AMBER from members" in said
    assert "party RU: in_force was not said, is 2022-02-01" in said


def test_a_draft_gives_nothing() -> None:
    said = changed("in_force = 2021-09-17\n", "")
    assert said[0].startswith("takes from ")
    assert "the agreement: in_force was 2021-09-17, is not said" in said


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"P6M"\ntransition', '"P9M"\ntransition', ["the agreement: notice was P6M, is P9M"]),
        ('retain = "P1Y"', 'retain = "P2Y"', ["clause art-4.2: retain was P1Y, is P2Y"]),
        ('["H0", "H1"]', '["H0"]', ["clause art-4.2: handling was H0 and H1, is H0"]),
        ("sponsors = 3, ", "", ["clause art-4.2: approval was “only once 3 other parties speak for it and none objects within P21D; a request without outcome ends after P90D”, is “only once 2 other parties speak for it and none objects within P21D; a request without outcome ends after P90D”"]),
        ("withdrawal = 2022-03-01", "", ["party KZ: withdrawal was 2022-03-01, is not said"]),
        ('["created_by_ref", "ext', '["ext', ["profile no-source: remove was created_by_ref and external_references.url, is external_references.url"]),
        ('[cap.analyst]\ntlp_max = "green"', '[cap.duty-officer]\ntlp_max = "green"', ["cap analyst is removed", "cap duty-officer is added"]),
        ("number = 1000", "number = 999", ["private matching: a party's budget was 1000 domain-name and file values in P1D, is 999 domain-name and file values in P1D"]),
        ('from = { standing = ["member"] }', "", ["clause art-4.2: from was members, is not said"]),
    ],
)  # fmt: skip
def test_what_was_reworded(old: str, new: str, said: list[str]) -> None:
    assert old in TEXT
    assert rewordings(read(TEXT), read(TEXT.replace(old, new, 1))) == said


def test_a_budget_may_come() -> None:
    kept, budget = TEXT.split("[[budget]]")
    assert rewordings(read(kept), read(f"{kept}[[budget]]{budget}")) == [
        "private matching: a party's budget was not said, is 1000 domain-name and file values in P1D"
    ]


def test_conditions_on_items_come_before_wording() -> None:
    assert differences(read(TEXT), read(TEXT.replace('pap_max = "green"', 'pap_max = "clear"'))) == [
        "takes from members threat objects, observables, relationships and sightings marked PAP:GREEN (clause art-4.2)",
        "clause art-4.2: pap_max was green, is clear",
    ]


def test_clauses_come_and_go() -> None:
    assert rewordings(read(HEAD + MEMBERS), read(HEAD + OBSERVERS)) == ["clause art-4.2 is removed", "clause art-4.3 is added"]


def test_a_party_goes_by_the_standing_that_it_has_now() -> None:
    said = changed('standing = "observer"', 'standing = "guest"')
    assert [line for line in said if "IR" in line] == [
        "takes from 1 guest (IR) observables and indicators up to TLP:GREEN for network-defence",
        "party IR: standing was observer, is guest",
    ]


def test_what_a_protocol_gives_to_whom_of_which_body() -> None:
    old = samples.read("hub-protocol-sample.toml").decode()
    new = old.replace('tlp_max = "amber"', 'tlp_max = "clear"', 1).replace('restricted = "amber+strict"', 'restricted = "red"')
    said = differences(read(old), read(new))
    assert said[-2:] == ["clause art-1: tlp_max was amber, is clear", "map cica: tlp was restricted as amber+strict, is restricted as red"]
    wider = differences(
        read(old), read(old.replace('types = ["indicator", "@observables"]', 'types = ["indicator", "malware", "@observables"]', 1))
    )
    assert wider[0] == "gives any member of cica malware up to TLP:AMBER from any member of sco for network-defence"
