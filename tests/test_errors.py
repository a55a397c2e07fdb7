"""Faults: whose, what, and what next."""

from __future__ import annotations

import pytest

from comity import errors
from comity.errors import AgreementFault, Fault

KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Fault) and kind is not Fault]


def test_there_are_all_the_kinds():
    assert sorted(kind.__name__ for kind in KINDS) == [
        "AgreementFault", "Conflict", "Denied", "IntegrityFault", "NotAuthenticated", "NotFound", "OperatorFault", "OurFault", "PeerFault", "SenderFault",
    ]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_a_fault_says_what_and_what_next(kind):
    fault = kind("what is wrong", next="what to do")
    assert (str(fault), fault.next) == ("what is wrong", "what to do")
    assert kind("what is wrong").next == ""
    assert isinstance(fault, Fault)


@pytest.mark.parametrize("kind", KINDS)
def test_no_fault_is_taken_for_another(kind):
    assert [other for other in KINDS if issubclass(kind, other)] == [kind]


@pytest.mark.parametrize("kind", KINDS)
def test_what_next_is_always_named(kind):
    with pytest.raises(TypeError):
        kind("what is wrong", "what to do")


def test_a_fault_of_an_agreement_says_the_line():
    assert AgreementFault("x", line=7).line == 7
    assert AgreementFault("x").line == 0


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_says_whose_it_is(kind):
    assert kind.__doc__
