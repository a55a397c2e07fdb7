from __future__ import annotations

import gzip
from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.config import Sightings
from comity.intake.submit import Submitter, submit
from comity.match.hit import Hit
from comity.match.sighted import sightings, submit_sightings
from comity.terms.item import Draft, Envelope
from comity.terms.stix import check
from tests.consortium import RETURNING, Body, indicator, sdo

T = "2021-11-01T09:00:00.000Z"
A, B = indicator()["id"], indicator()["id"]


def hit(indicator: str = A, line: int = 1, file: str = "dns.log", observed: str = "host.bad.example", field: str = "query") -> Hit:
    return Hit(
        file=file, line=line, field=field, kind="domain", value="bad.example", observed=observed, how="subdomain", indicator=indicator
    )


def made(*hits: Hit, created: str = T) -> list[Draft]:
    return list(sightings(hits, created))


def ids(drafts: Iterable[Draft]) -> list[str]:
    return [draft.obj["id"] for draft in drafts]


def test_one_sighting_per_indicator_with_its_number_of_hits() -> None:
    drafts = made(hit(A, 1), hit(B, 1), hit(A, 7), hit(A, 9))
    assert [(draft.obj["sighting_of_ref"], draft.obj["count"], draft.obj["summary"]) for draft in drafts] == [(A, 3, True), (B, 1, True)]
    for draft in drafts:
        assert check(draft.obj) is None
        assert draft.derived
        assert msgspec.json.decode(draft.raw) == draft.obj
        assert (draft.obj["created"], draft.obj["modified"]) == (T, T)


def test_when_the_events_say_that_they_were() -> None:
    at = [datetime(2021, 11, 1, hour, tzinfo=UTC) for hour in (5, 3, 4)]
    (draft,) = made(*(msgspec.structs.replace(hit(A, hour), at=moment) for hour, moment in enumerate(at)), hit(A, 9))
    assert (draft.obj["first_seen"], draft.obj["last_seen"]) == ("2021-11-01T03:00:00.000Z", "2021-11-01T05:00:00.000Z")
    assert check(draft.obj) is None
    assert "first_seen" not in made(hit(B))[0].obj


def test_no_hits_no_sightings() -> None:
    assert made() == []


@given(
    hosts=st.lists(st.from_regex(r"[a-z]{8}-private\.bad\.example", fullmatch=True), min_size=1, max_size=5),
    lines=st.lists(st.integers(10_000, 99_999), min_size=5, max_size=5),
)
def test_nothing_of_the_log_is_in_a_sighting(hosts: list[str], lines: list[int]) -> None:
    """No host, file, line or field name: the properties are these and no others."""
    for draft in made(*(hit(A, line, f"secret-{host}.log", host, "cs-username") for host, line in zip(hosts, lines))):
        assert set(draft.obj) == {"type", "spec_version", "id", "created", "modified", "count", "summary", "sighting_of_ref"}
        for word in (*hosts, "private", "secret", "cs-username"):
            assert word.encode() not in draft.raw


def test_the_same_hits_give_the_same_ids_at_any_time_and_place() -> None:
    once = made(hit(file="/var/log/dns.log"), hit(B))
    again = made(hit(file="copies/dns.log"), hit(B), created="2022-01-01T00:00:00.000Z")
    assert ids(once) == ids(again)


@pytest.mark.parametrize(
    "other",
    [hit(line=2), hit(observed="bad.example"), hit(field="answers"), hit(file="dns-2.log"), hit(B)],
    ids=["line", "observed", "field", "file", "indicator"],
)
def test_other_hits_give_other_ids(other: Hit) -> None:
    assert ids(made(hit())) != ids(made(other))


def test_an_event_with_a_time_is_the_same_in_a_log_that_was_renamed() -> None:
    at = datetime(2021, 11, 1, 5, tzinfo=UTC)
    one, other = (msgspec.structs.replace(hit(file=name), at=at) for name in ("dns.log", "dns.log.1"))
    assert ids(made(one)) == ids(made(other)) != ids(made(msgspec.structs.replace(one, at=at.replace(hour=6))))


def test_an_event_without_a_time_is_the_same_in_a_log_that_was_renamed_and_packed(tmp_path) -> None:
    text = b"".join(b"to host%d.bad.example\n" % number for number in range(500))
    (tmp_path / "a.log").write_bytes(text)
    (tmp_path / "b.log.gz").write_bytes(gzip.compress(text))
    one, other = (ids(made(hit(file=str(tmp_path / name)))) for name in ("a.log", "b.log.gz"))
    assert one == other != ids(made(hit(file="a.log")))


def test_more_hits_of_one_indicator_are_another_sighting_of_it_alone() -> None:
    few, many = made(hit(A), hit(B)), made(hit(A), hit(B), hit(A, 2))
    assert (few[0].obj["id"] == many[0].obj["id"], few[1].obj["id"] == many[1].obj["id"]) == (False, True)


def test_they_arrive_once_as_the_nodes_own_items() -> None:
    body = Body()
    kz = body.member("KZ")
    seen = indicator()
    kz.submits(seen)
    hits = [hit(seen["id"], line) for line in range(1, 5)]
    (first,) = submit_sightings(body.world, hits)
    (again,) = submit_sightings(body.world, hits)
    assert (first.outcome, first.type, again.outcome, again.id) == ("accepted", "sighting", "duplicate", first.id)
    (row,) = body.world.store.by_id([first.id or ""])
    assert row.origin == "SCO-CENTRE"
    assert msgspec.json.decode(body.world.store.bodies([row.item])[row.item])["count"] == 4


def test_they_go_back_to_the_producer_and_to_nobody_else() -> None:
    body = Body(RETURNING)
    kz, uz = body.member("KZ"), body.member("UZ")
    seen = indicator()
    kz.submits(seen)
    made = sightings([hit(seen["id"])], "2021-11-01T00:00:00.000Z")
    (outcome,) = submit(body.world, made, Submitter(party="UZ", named=True))
    assert kz.reads(own=False) == [outcome.id]
    assert body.member("TJ").reads(own=False) == [seen["id"]]
    assert uz.reads(own=False) == [seen["id"]]


def test_without_consent_nobody_is_told_who_saw_it() -> None:
    """G16."""
    body = Body(RETURNING)
    kz, uz = body.member("KZ"), body.member("UZ")
    seen = indicator()
    kz.submits(seen)
    (outcome,) = submit(body.world, sightings([hit(seen["id"])], "2021-11-01T00:00:00.000Z"), Submitter(party="UZ"))
    assert outcome.outcome == "accepted"
    assert kz.reads(own=False) == []
    assert uz.reads(others=False) == [outcome.id]


@pytest.mark.parametrize(("asked", "setting", "named"), [(False, False, False), (True, False, True), (False, True, True)])
def test_consent_is_asked_for_or_set(asked: bool, setting: bool, named: bool) -> None:
    body = Body()
    settings = msgspec.structs.replace(body.world.settings, sightings=Sightings(named=setting))
    object.__setattr__(body.world, "settings", settings)
    seen = indicator()
    body.member("KZ").submits(seen)
    (outcome,) = submit_sightings(body.world, [hit(seen["id"])], named=asked)
    (row,) = body.world.store.by_id([outcome.id or ""])
    envelope = msgspec.json.decode(body.world.store.envelopes([row.item])[row.item], type=Envelope)
    assert (envelope.named, envelope.gate) == (named, "open" if named else "counted")


def test_a_hit_of_what_has_no_stix_id_is_refused_and_named() -> None:
    """A list of bare values has no indicators to sight."""
    (outcome,) = submit_sightings(Body().world, [hit("bad.example")])
    assert (outcome.outcome, outcome.position) == ("rejected", "bad.example")
    assert "sighting_of_ref" in outcome.why


def test_a_sighting_of_an_observable_is_refused() -> None:
    """A sighting is of a domain object (STIX 2.1 section 5.2.1)."""
    (outcome,) = submit_sightings(Body().world, [hit(sdo("domain-name")["id"])])
    assert outcome.outcome == "rejected"
