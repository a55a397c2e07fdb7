"""The schedule: due feeds one after the other, whatever one of them does."""

from __future__ import annotations

import threading
import time
from functools import partial

import pytest

from comity.clock import micros, stamp
from comity.match.beside import Beside
from comity.peer.feed_schedule import pull_due
from comity.peer.feeds import Feed, add_feed, state
from tests.consortium import START, Body
from tests.peer.web import http, serving


def wait_for(condition) -> None:
    end = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.01)


def pulling(body: Body, look: float) -> Beside:
    return Beside(partial(pull_due, body.world), look=look, what="feeds")


def add(body: Body, web, name: str) -> None:
    feed = Feed(name=name, url=f"{web.url}/{name}", kind="text", added=stamp(micros(START)), own=True, plain=True, seconds=5.0)
    add_feed(body.world, feed)


@pytest.fixture
def body(tmp_path):
    """On disk: the memory store belongs to one thread."""
    body = Body(agreement=None, store=f"sqlite:{tmp_path / 'store.db'}")
    yield body
    body.world.store.close()


def test_feeds_are_pulled_as_they_fall_due_and_a_bad_one_keeps_none_waiting(body, capfd):
    at_once: list[int] = []
    busy = threading.Semaphore(1)

    def answer(asked):
        at_once.append(busy.acquire(blocking=False))
        time.sleep(0.05)
        busy.release()
        return http(b"", "500 Oops") if asked.target == "/a" else http(b"login.example.net\n")

    with serving(answer) as web:
        for name in ("a", "b", "c"):
            add(body, web, name)
        with pulling(body, 0.02):
            wait_for(lambda: all(state(body.world, name).result != "not yet pulled" for name in ("a", "b", "c")))
            wait_for(lambda: len(web.asked) == 3)
    assert all(at_once)
    assert state(body.world, "a").failures == 1 and state(body.world, "c").counts == {"accepted": 1}
    assert "feed a: " in capfd.readouterr().err


def test_it_outlives_a_store_that_cannot_be_used_for_a_moment(body, capfd, monkeypatch):
    from comity.peer import feed_schedule

    calls = []

    def failing(world):
        calls.append(1)
        if len(calls) == 1:
            raise OSError("locked")
        return []

    monkeypatch.setattr(feed_schedule, "due", failing)
    with pulling(body, 0.01):
        wait_for(lambda: len(calls) > 2)
    assert "locked" in capfd.readouterr().err


def test_the_end_of_the_program_does_not_wait_for_a_slow_feed(body, monkeypatch):
    from comity.match import beside

    monkeypatch.setattr(beside, "_PATIENCE", 0.2)
    release = threading.Event()

    def answer(asked):
        release.wait(5)
        return http(b"login.example.net\n")

    with serving(answer) as web:
        add(body, web, "a")
        began = time.monotonic()
        with pulling(body, 0.01):
            wait_for(lambda: web.asked)
        assert time.monotonic() - began < 3
        release.set()
        wait_for(lambda: state(body.world, "a").result == "taken in")
