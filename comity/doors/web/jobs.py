"""Long steps of the node's people, each in a thread beside the pages: they go on while somebody looks elsewhere, and can be stopped.

Kept in this process alone: what a job finds is worked out anew after a restart. A job writes nothing.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

from comity.clock import Clock
from comity.errors import Conflict, Fault, NotFound, OurFault

#: Told how much is done, of how much; raises `Stopped` when the job is to end.
Watch = Callable[[int, int], None]
#: How many finished jobs of one person are kept, the latest first.
KEPT = 20


class Stopped(Exception):
    """Its person wants the job no more."""


class Job:
    """One long step of a person: what it is about, how far it is, and in the end what it found (`result`) or why not (`fault`).

    `state` is `running`, `done`, `failed` or `stopped`.
    """

    def __init__(self, owner: str, about: dict[str, Any], begun: datetime) -> None:
        self.id = secrets.token_hex(8)
        self.owner = owner
        self.about = about
        self.begun = begun
        self.state = "running"
        self.done, self.of = 0, 0
        self.result: Any = None
        self.fault: Fault | None = None
        self.ended = threading.Event()
        self._stop = False

    def stop(self) -> None:
        """Ask it to end; it does so at its next step."""
        self._stop = True

    def watch(self, done: int, of: int) -> None:
        """Note how far it is. Raises Stopped."""
        self.done, self.of = done, of
        if self._stop:
            raise Stopped


class Jobs:
    """The jobs of one node. Safe for threads; one runs at a time, since only one thread runs Python anyway."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._turn = threading.Lock()
        self._jobs: list[Job] = []

    def start(self, owner: str, about: dict[str, Any], clock: Clock, work: Callable[[Watch], Any]) -> Job:
        """Begin. Raises Conflict while another of the same person goes on."""
        job = Job(owner, about, clock())
        with self._lock:
            if any(each.state == "running" for each in self._jobs if each.owner == owner):
                raise Conflict("one of your long steps is still going on", next="wait for it, or stop it")
            self._jobs.append(job)
            kept = [each for each in self._jobs if each.owner == owner][-KEPT:]
            self._jobs = [each for each in self._jobs if each.owner != owner or each in kept]
        threading.Thread(target=self._run, args=(job, work), name=f"job {job.id}", daemon=True).start()
        return job

    def _run(self, job: Job, work: Callable[[Watch], Any]) -> None:
        state = "done"
        try:
            with self._turn:
                job.watch(0, 0)
                job.result = work(job.watch)
        except Stopped:
            state = "stopped"
        except Fault as fault:
            state, job.fault = "failed", fault
        except Exception as error:
            state, job.fault = "failed", OurFault(f"the step broke: {type(error).__name__}")
        job.state = state
        job.ended.set()

    def find(self, owner: str, id_: str) -> Job:
        """A person's own job. Raises NotFound."""
        for job in self.of(owner):
            if job.id == id_:
                return job
        raise NotFound("there is no such step of yours")

    def of(self, owner: str) -> list[Job]:
        """A person's jobs, the latest first."""
        with self._lock:
            return [each for each in reversed(self._jobs) if each.owner == owner]
