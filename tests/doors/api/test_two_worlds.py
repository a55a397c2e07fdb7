"""Hidden and absent are the same over the JSON API too (see tests/release/two_worlds.py for the stories)."""

from __future__ import annotations

import re
from random import Random
from typing import Any

import pytest

from comity.clock import micros, parse, stamp
from comity.errors import Denied
from comity.release import account, holdings
from comity.release.select import Query
from tests.consortium import MEMBERS, Body, Member, indicator
from tests.doors.api.meeting import Meeting
from tests.release.two_worlds import KINDS, ONLOOKER, Claim, Onlooker, Step, Story, object_id, tell, told_apart

_CURSOR = re.compile(r'"next":"([0-9a-f]{16})"')
_ADDED = re.compile(r'"added":"([^"]+)"')


class Caller(Onlooker):
    """The party over the JSON API: statuses, headers and bodies as they come, in every form they come in."""

    def __init__(self, body: Body) -> None:
        super().__init__(body)
        self.call = Meeting(body).caller(ONLOOKER)

    def _told(self, method: str, path: str, **more: Any) -> tuple[Any, str]:
        """What the caller is told, with cursors read as the stamps they are and all stamps in one form; and the text."""
        answer = self.call(method, path, **more)
        text = _CURSOR.sub(lambda found: f'"next":"{stamp(int(found[1], 16))}"', answer.text)
        text = _ADDED.sub(lambda found: f'"added":"{stamp(micros(parse(found[1])))}"', text)
        return (answer.status_code, sorted(answer.headers.items()), text), answer.text

    def _submit(self, claims: tuple[Claim, ...]) -> Any:
        return self._told("POST", "/items", json={"objects": [claim.as_object() for claim in claims]})[0]

    def _pages(self, after: int, limit: int, query: dict[str, Any]) -> tuple[list[Any], int]:
        params: dict[str, Any] = {"limit": limit, **_version(query.get("versions", ("last",))[0])}
        params |= {key[:-1]: ",".join(sorted(query[key])) for key in ("types", "ids") if key in query}
        params |= {"after": stamp(after)} if after else {}
        params |= {} if query.get("own", True) else {"whose": "shared"}
        told: list[Any] = [
            self._told("GET", "/items", **params, headers={"Accept": media})[0] for media in ("application/x-ndjson", "text/csv")
        ]
        for _ in range(200):
            answer, text = self._told("GET", "/items", **params)
            told.append(answer)
            self.stamps += [stamp(micros(parse(moment))) for moment in _ADDED.findall(text)]
            cursor = _CURSOR.search(text)
            if not cursor:
                break
            params["next"] = cursor[1]
        return told, max(map(micros, map(parse, self.stamps)), default=after)

    def _object(self, id_: str, versions: tuple[str, ...]) -> Any:
        path = f"/items/{id_}"
        asked = [
            ("GET", path, _version(versions[0])),
            ("GET", path, {"limit": 1}),
            ("GET", path, {"purpose": "network-defence"}),
            ("GET", path, {"purpose": "statistics"}),
            ("GET", f"{path}/audience", {}),
            ("GET", "/search", {"q": id_}),
        ]
        asked += [
            ("GET", f"{path}/why", {"party": party, "on": on})
            for party in (ONLOOKER, "UZ")
            for on in ("2021-11-01T00:00:00Z", "2031-01-01T00:00:00Z")
        ]
        values = [f"host{number}.example.com" for number in range(len(KINDS))] + ["bad.example"]
        asked += [("GET", "/search", {"q": value}) for value in values] + [("GET", "/items", {"value": value}) for value in values]
        asked += [("GET", "/agreements", {}), ("GET", "/parties", {}), ("GET", "/log/head", {}), ("GET", "/log/proof", {"of": id_})]
        told = [self._told(method, path, **params)[0] for method, path, params in asked]
        return [*told, self._told("POST", "/search", json={"values": values})[0], self._simulated()]

    def _simulated(self) -> Any:
        """What it is told of texts that give everybody more, and less. Moments are left out: they are the clock's."""
        texts = [MEMBERS.replace('tlp_max = "green"', 'tlp_max = "red"'), MEMBERS.replace('"@threat", ', "")]
        plain = {"Content-Type": "text/plain"}
        answers = [self.call("POST", "/agreements/simulate", content=text, headers=plain, since="9w") for text in texts]
        return [(answer.status_code, {**answer.json(), "since": "", "on": ""}) for answer in answers]


def _version(word: str) -> dict[str, str]:
    return {"version": word} if word in ("first", "last", "all") else {"modified": word}


def test_two_worlds_are_one_over_the_api():
    for seed in range(16):
        assert told_apart(tell(Random(seed), 12), eyes=Caller) == "", f"seed {seed}"


# A party asks about its own report, which names a domain that it has guessed. Somebody else's copy of that is seen by UZ and not by it.
GUESSED = Story(
    steps=[
        Step(bundles=((Claim(origin="KZ", number=7, version=1, word="hidden", to=("UZ",)),),)),
        Step(act=("submit", (Claim(origin=ONLOOKER, number=3, version=1, word="own", refs=(7,)),))),
        Step(act=("object", object_id(3), ("all",))),
        Step(act=("object", object_id(7), ("all",))),
    ]
)


def test_a_guess_is_not_answered_by_who_else_would_see_it():
    assert GUESSED.hidden()
    assert told_apart(GUESSED, eyes=Caller) == ""


def test_caught_what_an_object_names_looked_into(monkeypatch):
    real = account.verdicts
    monkeypatch.setattr(account, "verdicts", lambda *args, alone, **more: real(*args, **more))
    assert told_apart(GUESSED, eyes=Caller)


def test_caught_another_status_for_hidden(monkeypatch):
    real = account._claims

    def wrong(desk, asker, id_, version):
        if desk.world.store.by_id([id_]) and not desk.seen(asker, Query(ids=(id_,))):
            raise Denied("it is not for you")
        return real(desk, asker, id_, version)

    monkeypatch.setattr(account, "_claims", wrong)
    assert told_apart(GUESSED, eyes=Caller)


def test_caught_a_value_known_by_what_is_hidden(monkeypatch):
    from comity.store.placing import value_hash

    monkeypatch.setattr(
        holdings,
        "known",
        lambda desk, reader, values: {value: [r.id for r in desk.world.store.by_value([value_hash(*value)])] for value in values},
    )
    assert told_apart(GUESSED, eyes=Caller)


@pytest.mark.parametrize(
    ("method", "rest", "params"), [("DELETE", "", {}), ("GET", "", {}), ("GET", "/audience", {}), ("GET", "/why", {"party": "UZ"})]
)
def test_hidden_and_absent_are_told_apart_by_nothing(meeting, kz, uz, method, rest, params):
    hidden, absent = object_id(0), object_id(1)
    Member(meeting.body, "KZ").submits(indicator(id=hidden), to=())
    one, other = (uz(method, f"/items/{id_}{rest}", **params) for id_ in (hidden, absent))
    assert (one.status_code, dict(one.headers), one.text.replace(hidden, "")) == (404, dict(other.headers), other.text.replace(absent, ""))
    assert kz("GET", f"/items/{hidden}").status_code == 200
