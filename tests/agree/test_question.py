"""The small promises of the answer's value."""

from __future__ import annotations

import pytest

from comity.agree.question import BUILT_IN, Decision, Reason


@pytest.mark.parametrize(("effect", "released"), [("permit", True), ("redact", True), ("deny", False)])
def test_a_redacted_release_is_a_release(effect: str, released: bool) -> None:
    assert Decision(effect=effect, rule="clause").permits is released


def test_a_reason_names_its_version() -> None:
    assert Reason(agreement="ict", version=3, clause="a", text="A.", effect="permit").ref == "ict@3"
    assert Reason(agreement=BUILT_IN, clause="own", text="A.", effect="permit").ref == "built-in"
