"""A text tried on what came in lately."""

from __future__ import annotations

import threading
import time
from typing import Any

from comity.admin import users
from comity.doors.web.screens import agreement_trial
from comity.intake.govern import add_agreement
from tests.consortium import Body, indicator
from tests.doors.web.screens.test_agreement_changes import SECOND
from tests.doors.web.sending import Tab
from tests.doors.web.visitor import Visitor, link


def traffic() -> Body:
    body = Body()
    kz = body.member("KZ")
    body.member("UZ")
    body.observer("IR")
    kz.submits(indicator(), indicator(), tlp="amber")
    add_agreement(body.world, SECOND.replace("in_force = 2021-06-01\n", ""), "second", by="test")
    return body


def tried(visitor: Visitor, ref: str = "test@2", **form: str) -> Any:
    answer = visitor.client.post(f"/agreements/{ref}/simulate", data={"days": "30", **form})
    assert answer.status_code == 303, answer.text
    for _ in range(200):
        data = visitor.data(answer.headers["location"] + ".json")
        if data["trial"]["state"] != "running":
            return data
        time.sleep(0.02)
    raise AssertionError("it does not end")


def test_it_finds_who_would_receive_more():
    visitor = Visitor(traffic())
    data = tried(visitor)
    assert [(each["party"], each["type"], each["items"], each["before"], each["after"]) for each in data["shifts"]] == [
        ("IR", "indicator", 2, "deny", "permit")
    ]
    assert data["found"]["counted"] == 2
    page = visitor.see(f"/agreements/test@2/simulate/{data['trial']['id']}")
    assert "Receives more: IR." in page
    assert 'href="/agreements/test@2#clause-observers"' in page


def test_it_may_end_while_somebody_looks(monkeypatch):
    visitor, real, goes_on = Visitor(traffic()), agreement_trial.told, threading.Event()
    simulate = agreement_trial.simulate
    monkeypatch.setattr(agreement_trial, "simulate", lambda *given, **named: goes_on.wait(10) and simulate(*given, **named))
    where = visitor.client.post("/agreements/test@2/simulate", data={"days": "30"}).headers["location"]

    def told(job):
        goes_on.set()
        assert job.ended.wait(10)
        return real(job)

    monkeypatch.setattr(agreement_trial, "told", told)
    assert "Receives more: IR." in visitor.see(where)


def test_it_survives_looking_elsewhere_and_is_its_persons_own():
    body = traffic()
    visitor = Visitor(body)
    job = tried(visitor)["trial"]["id"]
    assert [each["id"] for each in visitor.data("/agreements/test@2/simulate.json")["trials"]] == [job]
    assert visitor.get(f"/agreements/test@1/simulate/{job}").status_code == 404
    assert visitor.get("/agreements/test@2/simulate/0123456789abcdef").status_code == 404


def test_another_party_counts_what_it_is_told_of():
    body = traffic()
    uz = tried(Visitor(body, party="UZ"))
    assert (uz["found"]["counted"], uz["shifts"]) == (2, [])
    kz = tried(Visitor(body, party="KZ"))
    assert [(each["party"], each["items"]) for each in kz["shifts"]] == [("IR", 2)]


def test_no_number_of_days_is_refused():
    visitor = Visitor(traffic())
    for days in ("0", "-1", "many", "99999"):
        assert visitor.client.post("/agreements/test@2/simulate", data={"days": days}).status_code == 422


def test_a_trial_can_be_stopped():
    visitor = Visitor(traffic())
    job = tried(visitor)["trial"]["id"]
    answer = visitor.client.post(f"/agreements/test@2/simulate/{job}/stop")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/agreements/test@2/simulate/{job}")
    assert visitor.client.post("/agreements/test@2/simulate/absent/stop").status_code == 404


def test_every_language_says_it():
    visitor = Visitor(traffic())
    path = f"/agreements/test@2/simulate/{tried(visitor)['trial']['id']}"
    assert "считается действующим" in visitor.see(f"{path}?lang=ru")
    assert "视为自" in visitor.see(f"{path}?lang=zh")


def test_whoever_has_the_name_later_has_no_trials_of_before():
    body = traffic()
    first = Visitor(body, name="anna", party="UZ")
    job = tried(first)["trial"]["id"]
    users.remove(body.world, "anna")
    later = Visitor(body, signed_in=False)
    later.client = Tab(first.client.app, base_url="http://localhost", follow_redirects=False)
    later.client.post(link(body, "anna", party="KZ"))
    assert later.data("/agreements/test@2/simulate.json")["trials"] == []
    assert later.get(f"/agreements/test@2/simulate/{job}").status_code == 404
