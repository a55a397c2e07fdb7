from __future__ import annotations

import pytest

from comity.terms.force import changes_of_force, not_in_force
from tests.consortium import START


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({}, ""),
        ({"revoked": False}, ""),
        ({"revoked": True}, "revoked"),
        ({"valid_until": "2021-11-01T09:00:00Z"}, "expired"),
        ({"valid_until": "2021-11-01T09:00:00.000001Z"}, ""),
        ({"valid_from": "2021-11-01T09:00:00Z"}, ""),
        ({"valid_from": "2021-11-01T09:00:00.000001Z"}, "not yet valid"),
        ({"valid_until": "nonsense"}, "expired"),
    ],
)
def test_the_interval_is_half_open(said, why):
    assert not_in_force(said, START) == why


def test_it_changes_when_it_begins_and_when_it_ends():
    said = {"valid_from": "2021-11-02T00:00:00Z", "valid_until": "2021-11-03T00:00:00Z"}
    assert [moment.day for moment in changes_of_force(said, START)] == [2, 3]
    assert list(changes_of_force({"valid_from": "2021-10-01T00:00:00Z", "valid_until": None}, START)) == []
