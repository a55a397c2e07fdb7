"""What is said once: to its session, at its page, in time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from comity.doors.web.once import WAITS, Once, Told

AT = datetime(2021, 11, 2, tzinfo=UTC)
SAID = Told(word="inbox.did.accepted", count=2)


def test_it_is_said_once_to_its_session_at_its_page():
    once = Once()
    once.tell("a", "/o/grouping--1%2F2?x=1#part", SAID, AT)
    assert once.take("b", "/o/grouping--1/2", AT) is None
    assert once.take("a", "/inbox", AT) is None
    assert [once.take("a", "/o/grouping--1/2", AT) for _ in range(2)] == [SAID, None]


def test_the_latest_is_said_and_nothing_late():
    once = Once()
    once.tell("a", "/inbox", Told(word="inbox.did.filed", count=1), AT)
    once.tell("a", "/inbox", SAID, AT)
    assert once.take("a", "/inbox", AT + WAITS - timedelta(seconds=1)) == SAID
    once.tell("a", "/inbox", SAID, AT)
    assert once.take("a", "/inbox", AT + WAITS) is None


def test_what_nobody_comes_for_is_not_held():
    once = Once()
    for number in range(100):
        once.tell(str(number), "/inbox", SAID, AT + number * WAITS)
    assert len(once._held) == 1
