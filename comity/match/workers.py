"""Processes that do units of work on all cores, in order, whatever becomes of one of them.

Crash story: a worker that ends in the middle of a unit, killed or out of memory, is replaced, and its unit begins again. A unit gives the
same answers in the same order each time, so that those that had come already are passed over: none is lost and none comes twice. A unit
by which workers die at one and the same place, each time after a longer pause, is told as such, and the others go on: somebody who kills
workers at random hits different places, and gets tired of it.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from multiprocessing.connection import Connection, wait
from typing import Any, Generic, TypeVar

T = TypeVar("T")
#: How many workers may die in a row at one place of a unit, and how many without getting any further in it, wherever they were.
ATTEMPTS, DEATHS = 6, 100
#: Seconds before a unit is begun again whose worker died at the place of the one before; twice as many for each further one.
_PAUSE = 0.1
#: Answers that are held of a unit whose turn has not come, before its worker has to wait; units begun before their turn, for each worker.
_HELD, _AHEAD = 64, 4


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Lost(Exception):
    """The answer of a unit that no worker survived."""


class _Job(Generic[T]):
    """A unit with its answers so far: how many had come, and those not yet handed on."""

    def __init__(self, unit: T) -> None:
        self.unit = unit
        self.came = 0
        self.pass_over = 0
        self.after = 0.0
        self._deaths = self._here = self._place = 0
        self.ready: deque[Any] = deque()
        self.ended = False

    def died(self) -> int:
        """A worker died of it; how many have, if it is given up, else 0."""
        if self.came > self._place:
            self._deaths, self._here, self._place = 0, 0, self.came
        self._deaths += 1
        if not self.pass_over:  # it had come to the place, and no further
            self._here += 1
            self.after = time.monotonic() + _PAUSE * 2 ** (self._here - 2) if self._here > 1 else 0.0
        return self._deaths if self._here >= ATTEMPTS or self._deaths >= DEATHS else 0


class _Worker(Generic[T]):
    def __init__(self, work: Callable[[T], Iterable[Any]], others: list[Connection]) -> None:
        context = multiprocessing.get_context("fork")
        self.pipe, far = context.Pipe()
        self.job: _Job[T] | None = None
        self.process = context.Process(target=_serve, args=(work, far, [*others, self.pipe]), daemon=True)
        self.process.start()
        far.close()

    def begin(self, job: _Job[T]) -> None:
        """Give it a unit; the answers that an earlier try has given will come again."""
        self.pipe.send(job.unit)
        job.pass_over = job.came
        self.job = job

    def end(self) -> None:
        """Stop it, whatever it does."""
        self.process.terminate()
        self.process.join()
        self.pipe.close()


def _serve(work: Callable[[T], Iterable[Any]], pipe: Connection, inherited: list[Connection]) -> None:
    """A worker's life: units in, answers out, each in a list; an empty list ends a unit. It ends with the process that began it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for each in inherited:
        each.close()
    try:
        while True:
            for answer in work(pipe.recv()):
                pipe.send([answer])
            pipe.send([])
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return


class Pool(Generic[T]):
    """Answers to units, unit after unit in their order. `work` is called in the workers; what it uses is shared as it is now."""

    def __init__(self, work: Callable[[T], Iterable[Any]], jobs: int) -> None:
        self._work = work
        self._workers: list[_Worker[T]] = []
        for _ in range(jobs):
            self._hire()

    def _hire(self) -> None:
        self._workers.append(_Worker(self._work, [worker.pipe for worker in self._workers]))

    def pids(self) -> list[int]:
        """The process ids of the workers."""
        return [worker.process.pid for worker in self._workers if worker.process.pid]

    def answers(self, units: Iterable[T]) -> Iterator[tuple[T, Any]]:
        """(unit, answer) in order; a unit that could not be done gives a `Lost`."""
        left = iter(units)
        queue: deque[_Job[T]] = deque()
        try:
            while True:
                self._feed(left, queue)
                if not queue:
                    return
                head = queue[0]
                while head.ready:
                    yield head.unit, head.ready.popleft()
                if head.ended:
                    queue.popleft()
                else:
                    self._hear(head)
        finally:
            self.close()

    def close(self) -> None:
        """End the workers."""
        for worker in self._workers:
            worker.end()
        self._workers.clear()

    def _feed(self, left: Iterator[T], queue: deque[_Job[T]]) -> None:
        """Give idle workers what was lost first, then what comes next, not too far before its turn."""
        for worker in [each for each in self._workers if each.job is None]:
            given, now = {id(each.job) for each in self._workers}, time.monotonic()
            job = next((each for each in queue if not each.ended and each.after <= now and id(each) not in given), None)
            if job is None and len(queue) < len(self._workers) * _AHEAD:
                unit = next(left, None)
                if unit is not None:
                    job = _Job(unit)
                    queue.append(job)
            if job is None:
                return
            try:
                worker.begin(job)
            except OSError:
                self._replace(worker)

    def _hear(self, head: _Job[T]) -> None:
        """Take what has come. A worker whose unit is not the next waits when it has much to say."""
        heard = {
            worker.pipe: worker
            for worker in self._workers
            if worker.job is not None and (worker.job is head or len(worker.job.ready) < _HELD)
        }
        for pipe in wait(list(heard), _PAUSE) if heard else self._rest():
            worker = heard[pipe]  # type: ignore[index]
            job = worker.job
            assert job is not None
            try:
                answer = worker.pipe.recv()
            except (EOFError, OSError):
                self._replace(worker)
                continue
            if not answer:
                job.ended, worker.job = True, None
            elif job.pass_over:
                job.pass_over -= 1
            else:
                job.came += 1
                job.ready.extend(answer)

    def _rest(self) -> list[Connection]:
        """Wait for the end of a pause, while there is nothing else to do."""
        time.sleep(_PAUSE)
        return []

    def _replace(self, worker: _Worker[T]) -> None:
        job = worker.job
        worker.end()
        self._workers.remove(worker)
        self._hire()
        deaths = job.died() if job is not None else 0
        if job is not None and deaths:
            job.ready.append(Lost(f"{deaths} workers died of it"))
            job.ended = True
