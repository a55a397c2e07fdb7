"""Clauses in words."""

from __future__ import annotations

import pytest

from comity.agree.agreement import read
from comity.agree.approval import Procedure
from comity.agree.clauses import Selector
from comity.agree.prose import approval, sentence, terms, what, who
from tests.agree.test_sections import TEXT
from tests.agree.treaty import CENTRE, FORBID, HEAD, MEMBERS, OBSERVERS


def said(clause: str) -> str:
    text = read(HEAD + clause)
    return sentence(text.clauses[0], text)


@pytest.mark.parametrize(
    ("clause", "words"),
    [
        (MEMBERS, "Members receive from members threat objects, observables, relationships and sightings, up to TLP:AMBER, for network-defence, statistics."),
        (OBSERVERS, "Observers receive from anybody indicators and observables, up to TLP:GREEN, for network-defence."),
        (CENTRE, "The centre receives from anybody threat objects, up to TLP:GREEN, for network-defence, statistics."),
        (OBSERVERS.replace('standing = ["observer"]', 'party = ["UZ"]'), "UZ receives from anybody indicators and observables, up to TLP:GREEN, for network-defence."),
        (OBSERVERS.replace('standing = ["observer"]', 'party = ["UZ", "KZ"]'), "UZ and KZ receive from anybody indicators and observables, up to TLP:GREEN, for network-defence."),
        (FORBID, "Whatever permits it, nobody receives from anybody anything said to be attribution, for network-defence, statistics."),
        (FORBID + 'to = { standing = ["observer"] }\ntypes = ["report"]', "Whatever permits it, observers do not receive from anybody reports said to be attribution, for network-defence, statistics."),
        (FORBID + 'to = { role = ["centre"] }', "Whatever permits it, the centre does not receive from anybody anything said to be attribution, for network-defence, statistics."),
    ],
)  # fmt: skip
def test_a_clause_as_a_sentence(clause: str, words: str) -> None:
    assert said(clause) == words


def test_all_that_comes_with_a_clause() -> None:
    text = read(TEXT.replace("retain =", "since = 2021-10-05\nuntil = 2023-01-01\nretain ="))
    assert sentence(text.clauses[0], text).endswith(
        "up to TLP:AMBER, up to PAP:GREEN, with no handling code but H0 and H1, for network-defence, statistics."
    )
    assert terms(text.clauses[0], text) == [
        "From 2021-10-05 until 2023-01-01.",
        "As a copy without created_by_ref and external_references.url.",
        "Only once 3 other parties speak for it and none objects within P21D; a request without outcome ends after P90D.",
        "May be passed on to parties of this agreement, up to TLP:GREEN.",
        "Kept for P1Y from receipt.",
        "The recipient takes on: report-sightings, feedback within P30D, feedback by 2022-06-30.",
    ]
    bare = read(
        HEAD + MEMBERS.replace('onward = "parties"\nretain = "P1Y"\nduty = ["report-sightings"]', 'until = 2022-01-01\nonward = "data"')
    )
    assert terms(bare.clauses[0], bare) == [
        "Until 2022-01-01.", "May be passed on to whom data lets receive it, up to TLP:GREEN.", "No time of retention is set."
    ]  # fmt: skip
    forbid = read(HEAD + FORBID + "since = 2022-01-01\n")
    assert terms(forbid.clauses[0], forbid) == ["From 2022-01-01."]
    assert terms(read(HEAD + CENTRE).clauses[0], read(HEAD + CENTRE))[0] == "Not to be passed on."


@pytest.mark.parametrize(
    ("selector", "words"),
    [
        (None, "everybody"),
        (Selector(), "everybody"),
        (Selector(standing=("member", "observer")), "members and observers"),
        (Selector(standing=("member",), body=("cica", "asean")), "members of cica and asean"),
        (Selector(body=("cica",)), "parties of cica"),
        (Selector(role=("producer", "party")), "the producers of what was sighted and parties other than the centre"),
        (Selector(standing=("member",), party=("KZ", "UZ")), "members that are also KZ and UZ"),
    ],
)
def test_whom_a_selector_means(selector: Selector | None, words: str) -> None:
    assert who(selector, "everybody") == words


def test_what_types_mean() -> None:
    assert what(("@links", "x-odd", "*")) == "relationships, sightings, x-odds and objects of every type"
    assert what(()) == "anything"


@pytest.mark.parametrize(
    ("procedure", "words"),
    [
        (Procedure(kind="origin"), "only with the consent of a person of the origin, item by item"),
        (Procedure(kind="two-persons", lapse="P9D"), "only with the consent of two persons of the origin, item by item; a request without outcome ends after P9D"),
        (Procedure(kind="silence", window="P14D"), "only if no party objects within P14D of the request"),
    ],
)  # fmt: skip
def test_what_an_approval_takes(procedure: Procedure, words: str) -> None:
    assert approval(procedure) == words
