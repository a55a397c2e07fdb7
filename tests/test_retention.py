"""Until when items may be kept and given: what their origin said, what binds them, and what the node's own rule gives."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from comity.admin.fsck import fsck
from comity.clock import from_micros
from comity.errors import SenderFault
from comity.intake.extending import extend
from comity.intake.govern import add_agreement, add_standing
from comity.intake.purge import purge
from comity.release.explain import why
from comity.retention import DEFAULT, EXTENDED, ORIGIN, QUARANTINE, Lapsing, Retention
from comity.terms.party import Standing
from tests.consortium import MEMBERS, START, Body, Member, indicator, sdo

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


def shown(body: Body, code: str, *ids: str) -> list[list[bytes]]:
    """What a party gets by name, and whether the lists that it reads say the same."""
    reader = Member(body, code)
    listed = {row.id for _, row in reader.page(limit=1_000).found}
    got = [reader.gets(id_) for id_ in ids]
    assert [bool(each) for each in got] == [id_ in listed for id_ in ids]
    return got


@pytest.mark.parametrize("store", ["memory:", "sqlite:"])
def test_nothing_is_given_from_its_date_on_though_nothing_was_purged(store: str, tmp_path: Path) -> None:
    body = Body(KEPT, store=store if store == "memory:" else f"sqlite:{tmp_path}/store.db")
    kz, _, ir = body.member("KZ"), body.member("UZ"), body.observer("IR")
    amber, green, later = indicator(), indicator(), indicator()
    kz.submits(amber, tlp="amber")
    kz.submits(green, tlp="green")
    (row,) = body.world.store.by_id([green["id"]])
    added = from_micros(row.added)
    body.clock.at = added + 10 * DAY - timedelta(seconds=1)
    assert all(shown(body, "UZ", amber["id"], green["id"])) and why(body.desk, green["id"], ir.reader).decision.permits
    kz.submits(later, tlp="green")
    body.clock.at = added + 10 * DAY
    assert [bool(each) for each in shown(body, "UZ", amber["id"], green["id"], later["id"])] == [True, False, True]
    assert [bool(each) for each in shown(body, "KZ", amber["id"], green["id"], later["id"])] == [True, False, True]
    verdict = why(body.desk, green["id"], ir.reader)
    assert (verdict.decision.effect, verdict.decision.rule) == ("deny", "expired")
    assert list(fsck(body.world)) == [] and body.world.store.by_id([green["id"]])
    assert purge(body.world).erased == {"test@1/observers": 1} and not body.world.store.by_id([green["id"]])
    body.clock.at = added + 30 * DAY
    assert not any(shown(body, "UZ", amber["id"], later["id"])) and list(fsck(body.world)) == []
    assert purge(body.world).erased == {"test@1/members": 1, "test@1/observers": 1}


def test_what_was_made_of_it_goes_out_of_sight_with_it() -> None:
    text = KEPT.replace("[party.SCO-CENTRE]", '[profile.plain]\nremove = ["description"]\n\n[party.SCO-CENTRE]').replace(
        'up to TLP:GREEN."', 'up to TLP:GREEN."\nredact = "plain"'
    )  # fmt: skip
    body = Body(text)
    kz, ir = body.member("KZ"), body.observer("IR")
    kz.submits(indicator(description="long"), tlp="green")
    assert len(ir.page(limit=10).found) == 1
    body.clock.at += 10 * DAY
    assert ir.page(limit=10).found == [] and list(fsck(body.world)) == []


def test_the_default_and_an_extension_end_on_the_moment() -> None:
    body = Body()
    kz, _ = body.member("KZ"), body.member("UZ")
    plain, longer = indicator(), indicator()
    kz.submits(plain)
    kz.submits(longer)
    (row,) = body.world.store.by_id([plain["id"]])
    added = from_micros(row.added)
    body.clock.at = added + 1_000 * DAY
    extend(body.world, longer["id"], added + 1_200 * DAY, "still in use", "test")
    assert all(shown(body, "UZ", plain["id"], longer["id"]))
    body.clock.at = added + 1_095 * DAY
    assert [bool(each) for each in shown(body, "UZ", plain["id"], longer["id"])] == [False, True]
    with pytest.raises(SenderFault, match="was over"):
        extend(body.world, plain["id"], added + 1_200 * DAY, "too late", "test")
    body.clock.at = added + 1_200 * DAY
    assert not any(shown(body, "UZ", plain["id"], longer["id"]))
    assert purge(body.world).erased == {DEFAULT: 1, EXTENDED: 1}


def test_a_clause_that_comes_into_force_ends_what_is_too_old_for_it() -> None:
    body = Body()
    kz, _ = body.member("KZ"), body.member("UZ")
    obj = indicator()
    kz.submits(obj)
    text = KEPT.replace("version = 1", "version = 2").replace("in_force = 2021-01-01", "in_force = 2022-03-01")
    body.clock.at = START + 40 * DAY
    add_agreement(body.world, text, "two.toml", by="test")
    assert all(shown(body, "UZ", obj["id"]))
    body.clock.at = datetime(2022, 3, 1, tzinfo=UTC)
    assert not any(shown(body, "UZ", obj["id"]))


def test_it_looks_again_only_when_something_may_have_come() -> None:
    body = Body(KEPT)
    kz, _ = body.member("KZ"), body.member("UZ")
    kz.submits(indicator())
    looks = [0]

    class Counting(Retention):
        def __init__(self, *args: Any) -> None:
            looks[0] += 1
            super().__init__(*args)

    lapsing = Lapsing(body.world)
    version, rules = body.world.rulebook.current()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("comity.retention.Retention", Counting)
        for days in (0, 1, 5, 9.9):
            lapsing.look(version, rules, START + timedelta(days=days, hours=1))
        assert looks == [1]
        lapsing.look(version, rules, START + timedelta(days=10, hours=2))
        assert looks == [2]
        lapsing.look(version, rules, START)  # a clock that was set back
        assert looks == [3]


def test_fsck_names_a_date_that_nothing_set() -> None:
    body = Body(KEPT)
    body.member("KZ").submits(obj := indicator())
    (row,) = body.world.store.by_id([obj["id"]])
    with body.world.store.write() as tx:
        tx.lapse([(row.item, row.added + 1)])
    (problem,) = fsck(body.world)
    assert "its row does not say what its bytes and envelope say" in problem
