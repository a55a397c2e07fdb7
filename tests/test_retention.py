"""Until when items may be kept: what their origin said, what binds them, and what the node's own rule gives."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from comity.intake.extending import extend
from comity.intake.govern import add_agreement, add_standing
from comity.retention import DEFAULT, EXTENDED, ORIGIN, QUARANTINE, Retention
from comity.terms.party import Standing
from tests.consortium import MEMBERS, START, Body, indicator, sdo

DAY = timedelta(days=1)
KEPT = MEMBERS.replace('tlp_max = "amber"', 'tlp_max = "amber"\nretain = "P1M"').replace(
    'tlp_max = "green"', 'tlp_max = "green"\nretain = "P10D"'
)  # fmt: skip


def dates(body: Body, id_: str) -> list[tuple[int, str]]:
    """Days from the start, and what sets the date."""
    retention = Retention(body.world)
    dues = [retention.due(row) for row in body.world.store.by_id([id_])]
    return [((due.at - START) // DAY, due.by) for due in dues if due]


def due(body: Body) -> list[str]:
    return sorted({each.row.id for each in Retention(body.world).until(body.world.clock())})


def test_what_nothing_is_said_of_has_the_nodes_own_date() -> None:
    body = Body()
    obj = indicator()
    body.member("KZ").submits(obj)
    assert dates(body, obj["id"]) == [(1_095, DEFAULT)]


def test_the_origins_word_counts_when_it_is_earlier() -> None:
    body = Body()
    soon, late = indicator(), indicator()
    body.member("KZ").submits(soon, expires=START + 3 * DAY)
    body.member("KZ").submits(late, expires=START + 5_000 * DAY)
    assert dates(body, soon["id"]) == [(3, ORIGIN)] and dates(body, late["id"]) == [(1_095, DEFAULT)]


def test_at_a_centre_the_earliest_of_all_that_may_have_it_counts() -> None:
    body = Body(KEPT)
    kz, _, _ = body.member("KZ"), body.member("UZ"), body.observer("IR")
    amber, green = indicator(), indicator()
    kz.submits(amber, tlp="amber")
    kz.submits(green, tlp="green")
    assert dates(body, amber["id"]) == [(30, "test@1/members")] and dates(body, green["id"]) == [(10, "test@1/observers")]


def test_a_member_counts_what_it_was_given_by_its_own_clauses_and_its_own_by_the_nodes_rule() -> None:
    body = Body(KEPT, party="UZ")
    kz, uz, _ = body.member("KZ"), body.member("UZ"), body.observer("IR")
    given, own = indicator(), indicator()
    kz.submits(given, tlp="green", received_from="SCO-CENTRE")
    uz.submits(own, tlp="green")
    assert dates(body, given["id"]) == [(30, "test@1/members")] and dates(body, own["id"]) == [(1_095, DEFAULT)]


def test_an_agreement_that_comes_later_holds_for_what_is_here() -> None:
    body = Body()
    kz, _ = body.member("KZ"), body.member("UZ")
    obj = indicator()
    kz.submits(obj)
    add_agreement(body.world, KEPT.replace("version = 1", "version = 2"), "two.toml", by="test")
    assert dates(body, obj["id"]) == [(30, "test@2/members")]


def test_a_clause_goes_on_binding_what_was_received_while_it_was_in_force() -> None:
    body = Body(KEPT.replace("in_force = 2021-01-01", "in_force = 2021-01-01\nuntil = 2021-11-05"), party="UZ")
    kz, _ = body.member("KZ"), body.member("UZ")
    before, after = indicator(), indicator()
    kz.submits(before, received_from="SCO-CENTRE")
    body.clock.at = START + 8 * DAY
    kz.submits(after, received_from="SCO-CENTRE")
    assert dates(body, before["id"]) == [(30, "test@1/members")] and dates(body, after["id"]) == [(1_103, DEFAULT)]


def test_quarantine_has_a_shorter_date() -> None:
    body = Body()
    person = sdo("identity", name="A. Person", identity_class="individual")
    body.member("KZ").submits(person)
    assert dates(body, person["id"]) == [(body.world.settings.gate.quarantine_days, QUARANTINE)]


def test_what_governs_is_exempt() -> None:
    body = Body(KEPT)
    body.member("KZ")
    body.clock.at = START + 100_000 * DAY
    assert due(body) == []


def test_what_is_due_is_found_whatever_set_its_date() -> None:
    body = Body(KEPT)
    kz, _, _ = body.member("KZ"), body.member("UZ"), body.observer("IR")
    said, green, amber, person = indicator(), indicator(), indicator(), sdo("identity", name="A. Person", identity_class="individual")
    kz.submits(said, expires=START + 3 * DAY)
    kz.submits(green, tlp="green")
    kz.submits(amber)
    kz.submits(person)
    found = []
    for days in (2, 4, 11, 31):
        body.clock.at = START + days * DAY
        found.append(due(body))
    last = sorted({said["id"], green["id"], amber["id"], person["id"]})
    assert found == [[], [said["id"]], sorted([said["id"], green["id"]]), last]


def test_a_moment_is_over_when_it_has_come() -> None:
    body = Body(clock=None)
    body.member("KZ").submits(indicator(), expires=START + DAY)
    at = START + DAY
    assert [each.at for each in Retention(body.world, at).until(at)] == [at]
    assert list(Retention(body.world, at).until(at - timedelta(microseconds=1))) == []


def test_the_default_can_be_extended_for_a_reason() -> None:
    body = Body()
    obj = indicator()
    body.member("KZ").submits(obj)
    body.clock.at = START + 1_000 * DAY
    extend(body.world, obj["id"], START + 1_500 * DAY, "still in use", "test")
    assert dates(body, obj["id"]) == [(1_500, EXTENDED)]


def test_a_party_whose_standing_ended_goes_on_being_bound() -> None:
    body = Body(KEPT, party="UZ")
    kz, _ = body.member("KZ"), body.member("UZ")
    obj = indicator()
    kz.submits(obj, received_from="SCO-CENTRE")
    ended = Standing(party="UZ", body="sco", standing="withdrawn", since=datetime(2021, 11, 6, tzinfo=UTC))
    add_standing(body.world, ended, by="test")
    body.clock.at = START + 20 * DAY
    assert dates(body, obj["id"]) == [(30, "test@1/members")]
