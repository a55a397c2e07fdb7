"""One meeting a test, with a member, another, and an observer."""

from __future__ import annotations

import pytest

from tests.doors.api.meeting import CENTRE, Caller, Meeting


@pytest.fixture
def meeting() -> Meeting:
    found = Meeting()
    found.body.member("KZ")
    found.body.member("UZ")
    found.body.observer("IR")
    return found


@pytest.fixture
def kz(meeting: Meeting) -> Caller:
    return meeting.caller("KZ")


@pytest.fixture
def uz(meeting: Meeting) -> Caller:
    return meeting.caller("UZ")


@pytest.fixture
def ir(meeting: Meeting) -> Caller:
    return meeting.caller("IR")


@pytest.fixture
def centre(meeting: Meeting) -> Caller:
    return meeting.caller(CENTRE)
