"""Conditions of permissions that were reworded, in words."""

from __future__ import annotations

import pytest

from comity.agree.agreement import read
from comity.agree.fine_print import fine_print
from tests.agree.test_sections import TEXT
from tests.agree.treaty import FORBID

WHAT = "threat objects, observables, relationships and sightings"
ALL = 'handling = ["H0", "H1"]\n'


def said(old: str, new: str) -> list[str]:
    return list(fine_print(read(old), read(new)))


@pytest.mark.parametrize(
    ("old", "new", "back", "there"),
    [
        ('pap_max = "green"\n', "", "takes from members {what} marked PAP:AMBER and PAP:RED", "gives members {what} marked PAP:AMBER and PAP:RED"),
        ('pap_max = "amber"\n', 'pap_max = "clear"\n', "gives members {what} marked PAP:GREEN and PAP:AMBER", "takes from members {what} marked PAP:GREEN and PAP:AMBER"),
        (ALL, 'handling = ["H0"]\n', "gives members {what} with handling code H1", "takes from members {what} with handling code H1"),
        (ALL, "", "takes from members {what} with a handling code other than H0 and H1", "gives members {what} with a handling code other than H0 and H1"),
        ('remove = ["created_by_ref", "ext', 'remove = ["ext', "takes from members created_by_ref in redacted copies of {what}", "gives members created_by_ref in redacted copies of {what}"),
        ('onward = "parties"\n', "", "lets members pass on {what} to parties of this agreement, until now to nobody", "no longer lets members pass on {what}, until now to parties of this agreement"),
        ('onward = "parties"\n', 'onward = "data"\n', "lets members pass on {what} to parties of this agreement, until now to whom data lets receive it", "lets members pass on {what} to whom data lets receive it, until now to parties of this agreement"),
    ],
)  # fmt: skip
def test_both_ways(old: str, new: str, back: str, there: str) -> None:
    text = TEXT.replace('pap_max = "green"', 'pap_max = "amber"') if "amber" in old else TEXT
    assert old in text
    other = text.replace(old, new)
    assert said(text, other) == [f"{there.format(what=WHAT)} (clause art-4.2)"]
    assert said(other, text) == [f"{back.format(what=WHAT)} (clause art-4.2)"]


def test_codes_that_take_the_place_of_others() -> None:
    assert said(TEXT, TEXT.replace(ALL, 'handling = ["H2", "H3"]\n')) == [
        f"takes from members {WHAT} with handling codes H0 and H1 (clause art-4.2)",
        f"gives members {WHAT} with handling codes H2 and H3 (clause art-4.2)",
    ]


def test_no_word_about_what_is_the_same_in_effect() -> None:
    without = TEXT.replace('pap_max = "green"\n', "")
    assert said(without, TEXT.replace('pap_max = "green"', 'pap_max = "red"')) == []
    assert said(TEXT, TEXT.replace("no-source", "anonymous")) == []
    assert said(TEXT, TEXT.replace('redact = "no-source"\n', "")) == []  # decisions show it


def test_permissions_that_both_texts_have() -> None:
    assert said(TEXT + FORBID + 'pap_max = "green"\n', TEXT + FORBID) == []
    assert said(TEXT, TEXT.replace('id = "art-4.2"', 'id = "art-4"').replace('["art-4.2"]', '["art-4"]').replace(ALL, "")) == []
