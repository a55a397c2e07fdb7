"""Caps on what a role may share."""

from __future__ import annotations

import pytest

from comity.agree.limits import KINDS, Cap, over_cap

CAPS = [
    ("data@1", Cap(role="analyst", tlp_max="amber")),
    ("ict@1", Cap(role="analyst", tlp_max="green")),
    ("zeta@1", Cap(role="analyst", tlp_max="green")),
    ("ict@1", Cap(role="officer", tlp_max="amber+strict")),
]


@pytest.mark.parametrize(
    ("role", "level", "over"),
    [
        ("analyst", "clear", None),
        ("analyst", "green", None),
        ("analyst", "amber", ("ict@1", "green")),
        ("analyst", "red", ("ict@1", "green")),
        ("officer", "amber+strict", None),
        ("officer", "red", ("ict@1", "amber+strict")),
        ("director", "red", None),
    ],
)
def test_the_strictest_cap_is_named(role: str, level: str, over: tuple[str, str] | None) -> None:
    assert over_cap(role, level, CAPS) == over
    assert over_cap(role, level, reversed(CAPS)) == over


def test_nothing_of_persons_or_of_few_values_is_asked_about_privately() -> None:
    assert {"email-addr", "user-account", "ipv4-addr", "ipv6-addr", "mac-addr"}.isdisjoint(KINDS)
