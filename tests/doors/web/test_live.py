"""The stream of an open page, without a browser; with one in `browser/test_live.py`."""

from __future__ import annotations

import asyncio
import contextlib

import pytest
from starlette.requests import ClientDisconnect, Request

from comity.admin import sessions
from comity.doors.web import live
from comity.doors.web.live import ALL, OWN, Live
from tests.consortium import indicator
from tests.doors.web.visitor import Visitor, body_that_reads, link


@pytest.fixture
def place(monkeypatch):
    """A centre that reads GREEN, KZ, and the analyst's session."""
    monkeypatch.setattr(live, "TICK", 0.01)
    body, kz = body_that_reads()
    secret = sessions.enter(body.world, link(body).rpartition("/")[2])
    signed = sessions.find(body.world, secret)
    assert signed is not None
    return body, kz, signed


def asked(query: str = "", **headers: str) -> Request:
    scope = {
        "type": "http",
        "query_string": query.encode(),
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
    }
    return Request(scope)


async def events(answer, count: int) -> list[str]:
    found: list[str] = []
    async for event in answer.body_iterator:
        found.append(bytes(event).decode())
        if len(found) == count:
            await answer.body_iterator.aclose()
            break
    return found


def test_what_arrives_is_told_with_the_moment_to_go_on_from(place):
    body, kz, signed = place

    async def story() -> list[str]:
        answer = Live(body.desk).answer(asked(), signed)
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        begun = await events(answer, 1)
        kz.submits(indicator(), tlp="green")
        told = begun[0].split("id: ")[1].strip()
        return await events(Live(body.desk).answer(asked(last_event_id=told), signed), 2)

    _, arrived = asyncio.run(story())
    lines = dict(line.split(": ", 1) for line in arrived.strip().splitlines())
    assert lines["event"] == "arrived"
    assert lines["data"] == f"[{lines['id']}]"


@pytest.mark.parametrize("after", ["", "x", "-1", "9" * 30, "1e3"])
def test_a_cursor_that_is_none_begins_now(place, after):
    body, kz, signed = place
    kz.submits(indicator(), tlp="green")

    async def story() -> list[str]:
        return await events(Live(body.desk).answer(asked(f"after={after}"), signed), 2)

    assert "arrived" not in "".join(asyncio.run(story()))


def test_streams_are_bounded_and_what_ends_makes_room(place):
    body, _, signed = place

    async def story() -> None:
        streams = Live(body.desk)
        opened = [streams.answer(asked(), signed) for _ in range(OWN)]
        for each in opened:
            await anext(aiter(each.body_iterator))
        elsewhere = sessions.find(body.world, sessions.enter(body.world, link(body).rpartition("/")[2]))
        assert elsewhere is not None and elsewhere.id != signed.id
        assert streams.answer(asked(), elsewhere).status_code == 503
        refused = streams.answer(asked(), signed)
        assert refused.status_code == 503
        assert refused.headers["retry-after"]
        await opened[0].body_iterator.aclose()
        assert streams.answer(asked(), signed).status_code == 200
        for each in opened:
            await each.body_iterator.aclose()

    asyncio.run(story())
    assert OWN < ALL


def test_a_session_that_ended_ends_its_stream(place, monkeypatch):
    body, _, signed = place
    monkeypatch.setattr(live, "BEAT", 1)

    async def story() -> list[str]:
        answer = Live(body.desk).answer(asked(), signed)
        await anext(aiter(answer.body_iterator))
        sessions.end(body.world, signed.user.name)
        return [bytes(event).decode() async for event in answer.body_iterator]

    assert asyncio.run(story())[-1].startswith("event: over")


def test_a_stream_does_not_keep_a_session_alive(place, monkeypatch):
    body, _, signed = place
    monkeypatch.setattr(live, "BEAT", 1)

    async def story() -> list[str]:
        answer = Live(body.desk).answer(asked(), signed)
        await anext(aiter(answer.body_iterator))
        body.clock.at += sessions.IDLE
        return [bytes(event).decode() async for event in answer.body_iterator]

    assert asyncio.run(story())[-1].startswith("event: over")


def test_a_node_that_stops_ends_every_stream(place):
    body, _, signed = place

    async def story() -> list[str]:
        streams = Live(body.desk)
        answer = streams.answer(asked(), signed)
        first = await anext(aiter(answer.body_iterator))
        streams.close()
        return [bytes(first).decode(), *[bytes(event).decode() async for event in answer.body_iterator]]

    assert len(asyncio.run(story())) == 1


def test_nobody_is_told_anything_without_a_session():
    body, _ = body_that_reads()
    assert Visitor(body, signed_in=False).get("/live").status_code == 401


def test_of_many_who_ask_at_once_no_more_are_let_in_than_there_is_room_for(place):
    """Though none of their streams has begun; and whoever went away before it did leaves the place to others."""
    body, _, signed = place

    async def gone(message: object = None) -> dict[str, str]:
        return {"type": "http.disconnect"}

    async def story() -> None:
        streams = Live(body.desk)
        answers = await asyncio.gather(*(asyncio.to_thread(streams.answer, asked(), signed) for _ in range(3 * OWN)))
        let_in = [each for each in answers if each.status_code == 200]
        assert len(let_in) == OWN
        for each in let_in:
            with contextlib.suppress(ClientDisconnect):
                await each({"type": "http", "asgi": {"spec_version": "2.4"}}, gone, _broken)
        assert streams.answer(asked(), signed).status_code == 200

    asyncio.run(story())


async def _broken(message: object) -> None:
    raise OSError
