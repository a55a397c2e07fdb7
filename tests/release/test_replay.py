"""Past disclosures decided again: the same, whatever governs today; and what was changed since is told."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import msgspec
import pytest

from comity.errors import IntegrityFault, NotFound, SenderFault
from comity.intake.govern import add_agreement, add_standing
from comity.intake.withdraw import withdraw
from comity.ledger.keys import LogKey
from comity.release.replay import Case, case_of, read_case, replay, replays, write_case
from comity.terms.party import Standing
from tests.consortium import MEMBERS, Body, indicator, relationship


@pytest.fixture
def body() -> Body:
    made = Body()
    kz, uz, ir = made.member("KZ"), made.member("UZ"), made.observer("IR")
    one, two = indicator(), indicator()
    kz.submits(one, two, relationship(one["id"], two["id"]))
    kz.submits(indicator(), tlp="green")
    for each in (uz, ir):
        each.polls()
    return made


def disclosures(body: Body) -> list[int]:
    return [found.index for found in replays(body.desk)]


def test_each_disclosure_is_decided_as_it_was(body):
    found = list(replays(body.desk))
    assert {each.party for each in found} == {"UZ", "IR"}
    assert all(each.ok and each.same and not each.gone for each in found)


def test_what_governs_today_changes_nothing(body):
    before = list(replays(body.desk))
    add_agreement(
        body.world, MEMBERS.replace("version = 1", "version = 2").replace('effect = "permit"', 'effect = "forbid"'), "next.toml", by="test"
    )
    add_standing(body.world, Standing(party="UZ", body="sco", standing="suspended", since=body.clock() - timedelta(days=900)), by="test")
    assert list(replays(body.desk)) == before


def test_a_case_is_decided_anywhere_from_its_file(body):
    for index in disclosures(body):
        data = write_case(case_of(body.desk, index))
        case = read_case(data)
        assert write_case(case) == data
        assert replay(case, [body.world.journal.verifier]) == next(each for each in replays(body.desk, index))
        with pytest.raises(IntegrityFault):
            replay(case, [LogKey.generate("another").verifier])


def changed(case: Case, **fields: object) -> Case:
    return msgspec.structs.replace(case, **fields)


def test_what_is_changed_in_a_case_is_told(body):
    case = case_of(body.desk, disclosures(body)[0])
    key = [body.world.journal.verifier]
    (agreement,) = case.agreements
    for other in (
        changed(case, agreements=()),
        changed(case, agreements=(changed(agreement, text=agreement.text.replace("tlp_max", 'tlp_max = "clear" #')),)),
        changed(case, agreements=(changed(agreement, known=agreement.known + 10**15),)),
        changed(case, standings=tuple(each for each in case.standings if each.party != "UZ")),
        changed(case, objects=tuple(changed(each, facts=tuple(changed(fact, tlp="red") for fact in each.facts)) for each in case.objects)),
    ):
        found = replay(other, key)
        assert not found.ok
        assert {sha for sha, _ in found.differing} <= {each.sha.hex() for each in case.objects}
    for other in (
        changed(case, opening=case.opening[49:]),
        changed(case, opening=bytes(len(case.opening))),
        changed(case, proof=case.proof + " "),
    ):
        with pytest.raises(IntegrityFault):
            replay(other, key)


def test_what_is_held_no_more_is_counted(body):
    case = case_of(body.desk, disclosures(body)[0])
    (row,) = [row for row in body.world.store.by_type("indicator") if row.sha == case.objects[0].sha]
    assert withdraw(body.world, "KZ", row.id, by="test")
    found = replay(case_of(body.desk, disclosures(body)[0]), [body.world.journal.verifier])
    assert found.missing >= 1 and not found.gone
    assert found.ok


def test_what_a_case_leaves_out_is_told_and_its_texts_are_named(body):
    case = case_of(body.desk, disclosures(body)[0])
    found = replay(changed(case, objects=()), [body.world.journal.verifier])
    assert (found.same, found.gone, found.missing) == (0, 0, len(case.objects))
    assert found.texts == tuple(("test@1", hashlib.sha256(each.text.encode()).hexdigest()) for each in case.agreements)


def test_only_disclosures_are_replayed(body):
    for index in (0, 1):
        with pytest.raises(SenderFault, match="kind"):
            case_of(body.desk, index)
    with pytest.raises(NotFound):
        case_of(body.desk, 9_999)
    for data in (b"", b"{}", b"[]", write_case(case_of(body.desk, disclosures(body)[0])).replace(b'"version":1', b'"version":2')):
        with pytest.raises(SenderFault):
            read_case(data)


def test_the_log_is_what_binds_the_objects(body):
    case = case_of(body.desk, disclosures(body)[0])
    swapped = changed(case, objects=tuple(changed(each, sha=hashlib.sha256(each.sha).digest()) for each in case.objects))
    assert replay(swapped, [body.world.journal.verifier]).missing == len(case.objects)
