"""Long steps beside the pages."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest

from comity.doors.web.jobs import KEPT, Jobs
from comity.errors import Conflict, NotFound, SenderFault


def clock() -> datetime:
    return datetime(2021, 11, 1, tzinfo=UTC)


def finished(jobs: Jobs, work, owner: str = "anna"):
    job = jobs.start(owner, {}, clock, work)
    assert job.ended.wait(10)
    return job


def test_a_job_says_how_far_it_is_and_what_it_found():
    seen, go = threading.Event(), threading.Event()

    def work(watch):
        watch(3, 8)
        seen.set()
        assert go.wait(10)
        return "found"

    jobs = Jobs()
    job = jobs.start("anna", {"ref": "test@1"}, clock, work)
    assert seen.wait(10)
    assert (job.state, job.done, job.of) == ("running", 3, 8)
    with pytest.raises(Conflict):
        jobs.start("anna", {}, clock, work)
    go.set()
    assert job.ended.wait(10)
    assert (job.state, job.result) == ("done", "found")
    assert jobs.find("anna", job.id) is job


def test_a_job_ends_when_its_person_wants_it_no_more():
    seen, go = threading.Event(), threading.Event()

    def work(watch):
        seen.set()
        assert go.wait(10)
        watch(1, 2)
        raise AssertionError("it went on")

    jobs = Jobs()
    job = jobs.start("anna", {}, clock, work)
    assert seen.wait(10)
    job.stop()
    go.set()
    assert job.ended.wait(10)
    assert (job.state, job.result) == ("stopped", None)


def test_a_fault_is_kept_and_what_breaks_is_our_own():
    def refuse(watch):
        raise SenderFault("too much", next="ask for less")

    def break_(watch):
        raise ZeroDivisionError

    jobs = Jobs()
    job = finished(jobs, refuse)
    assert (job.state, str(job.fault), job.fault.next) == ("failed", "too much", "ask for less")
    broken = finished(jobs, break_)
    assert (broken.state, str(broken.fault)) == ("failed", "the step broke: ZeroDivisionError")


def test_jobs_are_their_persons_own_and_the_old_ones_go():
    jobs = Jobs()
    first = finished(jobs, lambda watch: 0)
    other = finished(jobs, lambda watch: 0, "boris")
    with pytest.raises(NotFound):
        jobs.find("boris", first.id)
    for number in range(KEPT):
        finished(jobs, lambda watch, number=number: number)
    assert [job.result for job in jobs.of("anna")] == list(range(KEPT))[::-1]
    assert jobs.find("boris", other.id) is other
    with pytest.raises(NotFound):
        jobs.find("anna", first.id)
