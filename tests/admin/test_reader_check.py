"""What readers were shown, checked. Every column has its case in tests/whole/test_tampering.py; here is what is said of each sort."""

from __future__ import annotations

import pytest

from comity.admin.reader_check import reader_problems
from comity.store.protocol import Segment
from tests.consortium import Body, indicator, relationship, sdo

READER = "UZ|sco|network-defence|"


@pytest.fixture(params=["memory", "sqlite"])
def body(request, tmp_path):
    body = Body(store="memory:" if request.param == "memory" else f"sqlite:{tmp_path / 'store.db'}")
    kz, uz, ir = body.member("KZ"), body.member("UZ"), body.observer("IR")
    link = relationship(indicator()["id"], "malware--11111111-1111-4111-8111-111111111111")
    kz.submits(indicator(), indicator(), link)
    uz.polls()
    ir.polls()
    kz.submits(sdo("malware", id=link["target_ref"]), sdo("indicator", id=link["source_ref"]), tlp="green")
    uz.polls()
    body.party("IR", "member", since=body.clock())
    ir.polls()
    yield body
    body.world.store.close()


def test_what_was_really_shown_is_sound(body):
    store = body.world.store
    assert READER in store.readers()
    assert any(segment.base is not None for reader in store.readers() for segment in store.segments(reader))
    assert list(reader_problems(body.world)) == []


def test_a_body_without_readers():
    assert list(reader_problems(Body().world)) == []


def home(body) -> int:
    return next(segment.home for segment in body.world.store.segments(READER))


@pytest.mark.parametrize(
    ("segments", "said"),
    [
        ([(0, None, None)], "numbers"), ([(-1, 1, None)], "numbers"), ([(2, 0, None)], "numbers"), ([(1, 99, None)], "numbers"), ([(99, None, None)], "numbers"),
        ([(1, None, None), (1, None, None)], "runs into"), ([(1, 2, 5), (2, None, None)], "runs into"), ([(1, 1, 0)], "stamps"), ([(1, 1, -5)], "stamps"),
        ([(1, 1, 1 << 61)], "stamps"), ([(1, None, 5)], "stamps"),
    ],
)  # fmt: skip
def test_segments(body, segments, said):
    at = home(body)
    with body.world.store.write() as tx:
        tx.put_segments(READER, [Segment(at, *each) for each in segments])
    found = list(reader_problems(body.world))
    assert any(said in problem and problem.startswith(f"reader {READER!r}: segment ({at}, ") for problem in found), found


@pytest.mark.parametrize("segments", [[(1, 0, None), (1, None, None)], [(1, 2, 5), (3, None, None)], [(1, 1, None), (3, None, None)]])
def test_segments_that_can_be(body, segments):
    at = home(body)
    with body.world.store.write() as tx:
        tx.put_segments(READER, [Segment(at, *each) for each in segments])
    assert body.world.store.numbered()[at] >= 2
    assert list(reader_problems(body.world)) == []


def test_a_row_that_is_not_there(body):
    with body.world.store.write() as tx:
        tx.put_segments(READER, [Segment(999, 1, None, None)])
    assert any("no such row" in problem for problem in reader_problems(body.world))


@pytest.mark.parametrize("head", [-1, 1 << 62])
def test_heads(body, head):
    with body.world.store.write() as tx:
        tx.put_reader(READER, head)
    (found,) = reader_problems(body.world)
    assert f"it has read up to {head}" in found


def test_streams_without_a_head(body):
    with body.world.store.write() as tx:
        tx.put_segments("somebody", [Segment(home(body), 1, None, None)])
    (found,) = reader_problems(body.world)
    assert found.startswith("reader 'somebody': it has read up to None")


@pytest.mark.parametrize("stamp", [-5, 0, 1, 1 << 61])
def test_late_stamps(body, stamp):
    with body.world.store.write() as tx:
        tx.put_late(READER, [(stamp, 3)])
    assert any(f"late item 3: its stamp {stamp}" in problem for problem in reader_problems(body.world))
