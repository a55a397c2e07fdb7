"""The tables beside the clauses: what a sound text gives, and each fault on its line."""

from __future__ import annotations

import pytest

from comity.agree.agreement import check, read
from comity.agree.approval import Procedure
from comity.agree.life import Suspension
from comity.agree.limits import Budget, Cap
from comity.agree.redact import Profile
from tests.agree.treaty import HEAD, MEMBERS, day

TEXT = (
    HEAD.replace('entry = "per-party"', 'entry = "per-party"\nnotice = "P6M"\ntransition = 2022-06-01')
    + MEMBERS.replace(
        'onward = "parties"',
        'pap_max = "green"\nhandling = ["H0", "H1"]\nredact = "no-source"\n'
        'approval = { procedure = "sponsors", sponsors = 3, window = "P21D", lapse = "P90D" }\nonward = "parties"',
    ).replace('duty = ["report-sightings"]', 'duty = ["report-sightings", "feedback within P30D", "feedback by 2022-06-30"]')
    + """
[party.KZ]
in_force = 2021-10-01
reservations = ["art-4.2"]
suspended = [{ from = 2021-11-01, until = 2021-12-01 }, { from = 2022-02-01 }]
withdrawal = 2022-03-01

[profile.no-source]
remove = ["created_by_ref", "external_references.url"]

[cap.analyst]
tlp_max = "green"

[[budget]]
kinds = ["domain-name", "file"]
number = 1000
per = "P1D"
"""
)


def line_of(words: str, text: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if words in line)


def test_everything_that_can_be_said() -> None:
    assert check(TEXT) == []
    found = read(TEXT)
    assert (found.notice, found.transition) == ("P6M", day(6, 1, 2022))
    clause = found.clauses[0]
    assert (clause.pap_max, clause.handling, clause.redact) == ("green", ("H0", "H1"), "no-source")
    assert clause.approval == Procedure(kind="sponsors", sponsors=3, window="P21D", lapse="P90D")
    assert clause.duty == ("report-sightings", "feedback within P30D", "feedback by 2022-06-30")
    (kz,) = found.parties
    assert kz.reservations == ("art-4.2",)
    assert kz.suspended == (Suspension(since=day(11), until=day(12)), Suspension(since=day(2, 1, 2022)))
    assert kz.withdrawal == day(3, 1, 2022)
    at = line_of("[profile", TEXT)
    assert found.profiles == (Profile(name="no-source", remove=("created_by_ref", "external_references.url"), line=at),)
    assert found.profile("no-source") == found.profiles[0]
    assert found.profile("other") is None
    assert found.caps == (Cap(role="analyst", tlp_max="green", line=line_of("[cap", TEXT)),)
    assert found.budgets == (Budget(number=1000, per="P1D", kinds=("domain-name", "file"), line=line_of("[[budget", TEXT)),)


@pytest.mark.parametrize(
    ("old", "new", "at", "message", "hint"),
    [
        ('notice = "P6M"', 'notice = "6 months"', "notice", "not an ISO 8601 duration", "P1Y"),
        ("transition = 2022-06-01", 'transition = "soon"', "transition", "must be a date", "without quotes"),
        ('pap_max = "green"', 'pap_max = "white"', "pap_max", "'white' is not a PAP level", "clear"),
        ('["H0", "H1"]', '["H0", "H4"]', "handling", "'H4' is not a handling code", "H0"),
        ('redact = "no-source"', 'redact = "no-sauce"', "redact", "'no-sauce' is not a profile of this agreement", "'no-source'"),
        ('procedure = "sponsors", ', "", "approval", "has no procedure", ""),
        ('"sponsors", sponsors', '"patrons", sponsors', "approval", "'patrons' is not a procedure", "two-persons"),
        ('window = "P21D", ', "", "approval", "has no window", "P14D"),
        ('window = "P21D"', 'window = "21 days"', "approval", "window: '21 days' is not", ""),
        ('procedure = "sponsors", sponsors = 3', 'procedure = "silence", sponsors = 3', "approval", "sponsors of approval of clause art-4.2 means nothing with silence", "remove"),
        ('"sponsors", sponsors = 3, window = "P21D"', '"origin", window = "P21D"', "approval", "window of approval of clause art-4.2 means nothing with origin", "remove"),
        ("sponsors = 3", "sponsors = 0", "approval", "must be 1 or more", ""),
        ('{ procedure = "sponsors", sponsors = 3, window = "P21D", lapse = "P90D" }', '"sponsors"', "approval", "must be a table, not text", "{ procedure = … }"),
        ("sponsors = 3", 'sponsors = "3"', "approval", "must be a whole number", ""),
        ('approval = { pro', 'approval = { quorum = 1, pro', "approval", "unknown key 'quorum'", ""),
        ('"feedback within P30D"', '"feedback in P30D"', "duty", "'feedback in P30D'", "feedback within P30D"),
        ('"feedback within P30D"', '"feedbac within P30D"', "duty", "'feedbac' is not a duty", "'feedback'"),
        ('reservations = ["art-4.2"]', 'reservations = ["art-4.3"]', "reservations", "'art-4.3' is not a clause of this agreement", "'art-4.2'"),
        ("{ from = 2022-02-01 }", "{ until = 2022-02-01 }", "suspended", "has no from", "since when"),
        ("until = 2021-12-01", "until = 2021-10-01", "suspended", "is not after from", ""),
        ("[{ from = 2021-11-01, until = 2021-12-01 }, { from = 2022-02-01 }]", "[2021-11-01]", "suspended", "must be a table", ""),
        ('remove = ["created_by_ref"', 'remove = ["id"', "remove", "'id' can never be left out", "markings"),
        ('remove = ["created_by_ref"', 'remove = ["granular_markings.selectors"', "remove", "can never be left out", ""),
        ('remove = ["created_by_ref"', 'remove = ["Created By"', "remove", "is not a property", "external_references.url"),
        ('remove = ["created_by_ref", "external_references.url"]', "", "[profile", "has no remove", ""),
        ("[profile.no-source]", "[profile.religion]\nremove = [\"name\"]\n[profile.no-source]", "[profile.religion", "G5", "rename"),
        ("[cap.analyst]", "[cap.Analyst]", "[cap", "'Analyst' is not a role of a person", "analyst"),
        ("[cap.analyst]", "[cap.analist]", "[cap", "'analist' is not a role of a person", "did you mean 'analyst'?"),
        ('tlp_max = "green"\n\n[[', 'tlp_max = "lime"\n\n[[', 'tlp_max = "lime"', "not a TLP level", "green"),
        ('tlp_max = "green"\n\n[[', "\n[[", "[cap", "has no tlp_max", ""),
        ("number = 1000", "number = 0", "number", "1 or more", ""),
        ("number = 1000", "", "[[budget", "has no number", ""),
        ('per = "P1D"', "", "[[budget", "has no per", ""),
        ('kinds = ["domain-name", "file"]', 'kinds = ["email-addr"]', "kinds", "'email-addr' is not a kind for private matching", "domain-name"),
        ("[[budget]]", "[budget]", "[budget", "must be a list of tables", "[[budget]]"),
    ],
)  # fmt: skip
def test_a_fault_is_found_on_its_line(old: str, new: str, at: str, message: str, hint: str) -> None:
    text = TEXT.replace(old, new, 1)
    assert text != TEXT
    found = [finding for finding in check(text) if message in finding.message]
    assert len(found) == 1, check(text)
    assert (found[0].level, found[0].line) == ("error", line_of(at, text))
    assert hint in found[0].next


@pytest.mark.parametrize(("key", "example"), [("party", "KZ"), ("profile", "no-source"), ("cap", "analyst")])
def test_a_heading_alone_is_no_table(key: str, example: str) -> None:
    (finding,) = check(f"{key} = 3\n" + HEAD + MEMBERS)
    assert (finding.message, finding.next) == (f"{key} must be tables", f"write [{key}.{example}]")


def test_a_budget_is_for_the_period_that_it_says() -> None:
    assert 'per = "P1D"' in TEXT
    assert [each.per for each in read(TEXT.replace('per = "P1D"', 'per = "P7D"')).budgets] == ["P7D"]
