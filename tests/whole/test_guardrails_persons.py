"""Guardrails on persons, promised of the whole: G3 by 5,000 seeded objects through every door, G4 at the deadline, G8, G12, G13.

What one module promises of them stands with it: `pytest -k g3`, `-k g4`, `-k g13` find all.
"""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from comity.admin.fsck import fsck
from comity.agree.approval import Person
from comity.forms import misp_out
from comity.forms.unblockable import Unblockable
from comity.intake import redress, review
from comity.intake.purge import overdue, purge
from comity.intake.withdraw import recalls, recipients
from comity.ledger.journal import read_entry
from comity.release import blocklist, export, finding, holdings, leaving
from comity.store.placing import words_of
from comity.terms.item import inward, read_envelope
from comity.terms.persons import findings
from tests.consortium import Body, indicator
from tests.person_seeds import ANCHOR, COUNT, UNCLAIMED, seeds

PARTY = "KZ"


@pytest.fixture(scope="module")
def seeded():
    """KZ's own node, which holds all the seeds, and the ids of those that lead to a person."""
    body = Body(party=PARTY)
    kz, uz = body.member(PARTY), body.member("UZ")
    all_ = list(seeds())
    outcomes = {each.id: each.outcome for each in kz.submits(ANCHOR, *(seed.obj for seed in all_), tlp="green")}
    persons = {seed.obj["id"] for seed in all_ if seed.kind}
    return body, uz, outcomes, persons


def test_g3_all_seeds_with_persons_wait_and_no_other(seeded):
    _, _, outcomes, persons = seeded
    assert len(outcomes) == COUNT + 1
    assert {id_ for id_, outcome in outcomes.items() if outcome == "quarantined"} == persons


def _parcels(desk, reader):
    after, more = 0, True
    while more:
        batch = leaving.shared(desk, reader, "UZ/uz", after, 1_000)
        yield from (each.row.id for each in batch.items)
        after, more = batch.reached, batch.more


def test_g3_no_door_gives_one_unreviewed(seeded):
    """TAXII, API, web and parcels to members read pages; look-ups ask by id and word; parcels and posts to a centre take own items."""
    body, uz, _, persons = seeded
    desk = body.desk
    seen = uz.reads(limit=1_000)
    assert len(seen) == COUNT + 1 - len(persons) and not persons & set(seen)
    assert all(uz.gets(id_) == [] for id_ in sorted(persons)[:200])
    assert not persons & set(_parcels(desk, uz.reader))
    own = holdings.own_items(desk, 0, COUNT + 1)
    assert {row.id for _, row, _, envelope in own if inward(envelope)} == persons
    picked = blocklist.pick(desk, blocklist.Choice(unblockable=Unblockable(lambda name: False)))
    assert not persons & {each.id for each in picked.entries}
    exported = export.since(desk, desk.world.clock() - timedelta(days=1))
    assert persons <= {each.id for each in misp_out.write(exported).left if each.why == "it is in quarantine"}
    waiting = list(review.waiting(body.world))
    assert {each.row.id for each in waiting} == persons
    assert all(words_of(each.obj, each.envelope) == () for each in waiting)
    for text in ("passport", "phone", "Telegram", "cleaned"):
        found, _ = finding.by_words(desk, uz.reader, text, 1_000)
        assert not persons & {each.row.id for each in found}


def test_g3_the_set_says_what_it_does_not_claim():
    """Were one of these found some day, the page that lists them would have to change."""
    for text in UNCLAIMED.values():
        obj = indicator(description=text)
        assert findings(obj, msgspec.json.encode(obj)) == ()


def test_g4_what_nobody_releases_is_erased_at_its_deadline():
    body = Body()
    kz = body.member("KZ")
    persons = [seed.obj for seed in seeds(200) if seed.kind]
    kz.submits(*persons)
    days = body.world.settings.gate.quarantine_days
    body.clock.at += timedelta(days=days - 1)
    assert purge(body.world).erased == {} and len(list(review.waiting(body.world))) == len(persons)
    body.clock.at += timedelta(days=1)
    assert len(overdue(body.world)) == len(persons)
    assert sum(purge(body.world).erased.values()) == len(persons)
    assert list(review.waiting(body.world)) == [] and overdue(body.world) == []
    assert all(body.world.store.by_id([obj["id"]]) == [] for obj in persons)
    assert list(fsck(body.world)) == []


def test_g4_what_is_released_goes_when_its_review_ends():
    body = Body()
    kz, uz = body.member("KZ"), body.member("UZ")
    (obj,) = [seed.obj for seed in seeds(2) if seed.kind]
    kz.submits(obj)
    until = body.clock.at + timedelta(days=5)
    review.propose(body.world, obj["id"], Person(party="KZ", id="anna"), "", category="victim", basis="Article 6", expires=until)
    review.approve(body.world, obj["id"], Person(party="KZ", id="bulat"), "")
    assert uz.reads() == [obj["id"]]
    (row,) = body.world.store.by_id([obj["id"]])
    assert read_envelope(body.world.store.envelopes([row.item])[row.item]).expires == until
    body.clock.at = until + timedelta(seconds=1)
    assert uz.reads() == []
    purge(body.world)
    assert body.world.store.by_id([obj["id"]]) == [] and list(fsck(body.world)) == []


def test_g12_and_g13_a_correction_is_recalled_from_every_recipient():
    body = Body()
    own, parties = body.member("SCO-CENTRE"), [body.member(code) for code in ("KZ", "UZ", "TJ")]
    wrong = indicator()
    own.submits(wrong)
    assert all(party.reads() == [wrong["id"]] for party in parties)
    ticket = redress.open_ticket(body.world, wrong["id"], "hotline 12", "anna")
    done, _ = redress.answer(body.world, ticket.id, "corrected", "another host was meant", "bulat")
    assert done.answer is not None and ticket.opened <= done.answer.at <= ticket.due
    assert all(party.reads() == [] for party in parties)
    (recall,) = recalls(body.world)
    assert set(recipients(body.world, [recall])[recall.name]) == {"KZ", "UZ", "TJ"}
    kinds = [read_entry(leaf.entry).kind for leaf in body.world.store.leaves()]
    assert kinds.count("redress") == 2 and "withdraw" in kinds
