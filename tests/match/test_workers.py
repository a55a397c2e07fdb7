from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from comity.match.workers import ATTEMPTS, Lost, Pool


def counted(unit: int) -> Iterator[str]:
    for number in range(unit % 7 * 30):
        yield f"{unit}/{number}"


def wanted(units: range) -> list[tuple[int, str]]:
    return [(unit, answer) for unit in units for answer in counted(unit)]


@pytest.mark.parametrize("jobs", [1, 3])
def test_answers_come_in_the_order_of_the_units(jobs: int) -> None:
    assert list(Pool(counted, jobs).answers(range(40))) == wanted(range(40))
    assert list(Pool(counted, jobs).answers([])) == []


def test_workers_that_are_killed_lose_nothing_and_repeat_nothing(tmp_path: Path) -> None:
    def slow(unit: int) -> Iterator[str]:
        for answer in counted(unit):
            time.sleep(0.0005)
            yield answer

    pool = Pool(slow, 3)
    found, killed = [], 0
    for each in pool.answers(range(20)):
        found.append(each)
        if len(found) % 200 == 50:
            os.kill(pool.pids()[killed % 3], signal.SIGKILL)
            killed += 1
    assert killed > 3
    assert found == wanted(range(20))


def test_one_long_unit_whose_worker_is_killed_again_and_again(tmp_path: Path) -> None:
    def slow(unit: int) -> Iterator[int]:
        for number in range(400):
            time.sleep(0.0002)
            yield number

    pool = Pool(slow, 2)
    found = []
    for _, each in pool.answers([1]):
        found.append(each)
        if len(found) % 16 == 8:
            for pid in pool.pids():
                os.kill(pid, signal.SIGKILL)
    assert found == list(range(400))


def test_a_unit_that_kills_its_workers_is_told_and_the_others_go_on(tmp_path: Path) -> None:
    def deadly(unit: int) -> Iterator[str]:
        yield "begun"
        if unit == 2:
            with (tmp_path / "tries").open("a") as file:
                file.write("x")
            os.kill(os.getpid(), signal.SIGKILL)
        yield "done"

    found = list(Pool(deadly, 2).answers(range(5)))
    assert [(unit, answer) for unit, answer in found if unit != 2] == [(unit, word) for unit in (0, 1, 3, 4) for word in ("begun", "done")]
    ours = [answer for unit, answer in found if unit == 2]
    assert ours[0] == "begun" and isinstance(ours[1], Lost) and len(ours) == 2
    assert len((tmp_path / "tries").read_text()) == ATTEMPTS


def test_workers_end_with_their_pool() -> None:
    pool = Pool(counted, 2)
    pids = pool.pids()
    answers = pool.answers(range(10))
    next(answers)
    answers.close()
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
