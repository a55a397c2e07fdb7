"""The one way in: an outcome per object, durable when it is given, and nothing of a batch that failed."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from comity.config import Limits
from comity.errors import SenderFault
from comity.forms import stix_json
from comity.intake import ready as waiting
from comity.intake import submit as module
from comity.intake.submit import Submitter, submit
from comity.ledger.journal import Opening, read_entry
from comity.release.select import Query
from comity.store.conditions import read_condition
from comity.store.placing import value_hash
from comity.terms.item import Draft, Envelope, Outcome, Refused, item_hash
from tests.consortium import START, Body, indicator, relationship, report, sdo, sighting


def words(outcomes: list[Outcome]) -> list[str]:
    return [outcome.outcome for outcome in outcomes]


def draft(obj: dict[str, Any], **options: Any) -> Draft:
    return Draft(**{"raw": msgspec.json.encode(obj), "obj": obj, "position": "objects[0]", **options})


def takes(body: Body, *given: Draft | Refused, **options: Any) -> list[Outcome]:
    return list(submit(body.world, given, Submitter(**{"party": "KZ", **options})))


def envelope(body: Body, id_: str) -> Envelope:
    (row,) = body.world.store.by_id([id_])
    return msgspec.json.decode(body.world.store.envelopes([row.item])[row.item], type=Envelope)


# Outcomes


def test_accepted(body, kz):
    item = indicator()
    (outcome,) = kz.submits(item)
    assert outcome == Outcome(outcome="accepted", position="objects[0]", id=item["id"], type="indicator", version=item["modified"])
    (row,) = body.world.store.by_id([item["id"]])
    assert (row.origin, row.type, row.version, row.spec) == ("KZ", "indicator", item["modified"], "2.1")


def test_the_very_bytes_are_kept(body, kz):
    obj = indicator(x_number=1)
    raw = ("  " + json.dumps(obj, indent=3).replace('"x_number": 1', '"x_number": 1.0')).strip().encode()
    assert words(takes(body, draft(obj, raw=raw))) == ["accepted"]
    (row,) = body.world.store.by_id([obj["id"]])
    assert body.world.store.bodies([row.item])[row.item] == raw
    assert row.sha == hashlib.sha256(raw).digest()


def test_a_refused_piece_is_rejected_with_its_own_words(body):
    (outcome,) = takes(body, Refused(position="line 7", why="not JSON", id="x--1"))
    assert outcome == Outcome(outcome="rejected", position="line 7", id="x--1", why="not JSON")


@pytest.mark.parametrize(
    "obj",
    [
        {},
        {"type": "indicator"},
        {**indicator(), "id": "malware--11111111-1111-4111-8111-111111111111"},
        {**indicator(), "modified": "yesterday"},
        {**indicator(), "pattern": None},
        {**indicator(), "religion": "any"},
    ],
)
def test_what_is_no_acceptable_object_is_rejected_and_nothing_stored(body, obj):
    size = body.world.store.head().size
    (outcome,) = takes(body, draft(obj))
    assert outcome.outcome == "rejected"
    assert outcome.why
    assert body.world.store.head().size == size
    assert "indicator" not in body.world.store.counts()


def test_one_that_is_rejected_leaves_its_neighbours(body, kz):
    good, other = indicator(), indicator()
    outcomes = {o.position: o.outcome for o in kz.submits(good, {"type": "indicator"}, other)}
    assert outcomes == {"objects[0]": "accepted", "objects[1]": "rejected", "objects[2]": "accepted"}
    assert kz.reads() == [good["id"], other["id"]]


def test_nothing_given_nothing_done(body):
    size = body.world.store.head().size
    assert takes(body) == []
    assert body.world.store.head().size == size


@pytest.mark.parametrize("type_", ["comity-agreement", "comity-standing"])
def test_governance_comes_another_way(body, kz, type_):
    fake = {**indicator(), "type": type_, "id": f"{type_}--11111111-1111-4111-8111-111111111111"}
    (outcome,) = kz.submits(fake)
    assert outcome.outcome == "rejected"
    assert "administrator" in outcome.why


def test_an_individual_waits_and_only_its_origin_sees_it(body, kz, uz):
    person = sdo("identity", identity_class="individual")
    (outcome,) = kz.submits(person, tlp="clear")
    assert (outcome.outcome, "G3" in outcome.why) == ("quarantined", True)
    assert envelope(body, person["id"]).gate == "quarantine"
    assert kz.reads() == [person["id"]]
    assert uz.reads() == []


# The same again


def test_a_repeat_is_a_duplicate(body, kz):
    item = indicator()
    kz.submits(item)
    size = body.world.store.head().size
    assert words(kz.submits(item)) == ["duplicate"]
    assert body.world.store.head().size == size
    assert len(body.world.store.by_id([item["id"]])) == 1


def test_a_repeat_within_one_submission_is_a_duplicate(body, kz):
    item = indicator()
    assert sorted(words(kz.submits(item, indicator(), item))) == ["accepted", "accepted", "duplicate"]
    assert len(body.world.store.by_id([item["id"]])) == 1


def test_the_same_content_in_another_spelling_is_a_duplicate(body, kz):
    item = indicator(labels=["a", "b"])
    other = dict(reversed(item.items()))
    assert words(takes(body, draft(item))) == ["accepted"]
    assert words(takes(body, draft(other, raw=json.dumps(other, indent=1).encode()))) == ["duplicate"]
    fresh = indicator()
    assert sorted(words(takes(body, draft(fresh), draft(fresh, raw=json.dumps(fresh, indent=1).encode())))) == ["accepted", "duplicate"]


def test_other_content_under_one_version_is_kept_in_quarantine(body, kz, uz):
    item = indicator(name="first")
    kz.submits(item)
    (outcome,) = kz.submits({**item, "name": "second"})
    assert outcome.outcome == "quarantined"
    assert "same id and version" in outcome.why
    assert len(body.world.store.by_id([item["id"]])) == 2
    assert uz.gets(item["id"]) == [msgspec.json.encode(item)]
    assert words(kz.submits({**item, "name": "second"})) == ["duplicate"]


def test_two_contents_under_one_version_in_one_submission(body, kz, uz):
    item = indicator(name="first")
    assert words(kz.submits(item, {**item, "name": "second"})) == ["accepted", "quarantined"]
    assert uz.gets(item["id"], versions=("all",)) == [msgspec.json.encode(item)]


def test_another_version_is_another_item(body, kz):
    item = indicator()
    newer = {**item, "modified": "2021-10-02T00:00:00.000Z"}
    assert words(kz.submits(item, newer)) == ["accepted", "accepted"]
    assert {row.version for row in body.world.store.by_id([item["id"]])} == {item["modified"], newer["modified"]}


def test_an_observable_may_say_more_each_time(body, kz):
    """It has no versions, so nothing is contradicted (STIX 2.1 section 3.2)."""
    plain = {
        "type": "domain-name",
        "spec_version": "2.1",
        "id": "domain-name--ecb120bf-2694-4902-a737-62b74539a41b",
        "value": "example.com",
    }
    (first,) = kz.submits(plain)
    (second,) = kz.submits({**plain, "x_more": "said"})
    assert words([first, second]) == ["accepted", "accepted"]
    rows = body.world.store.by_id([plain["id"]])
    assert [first.version, second.version] == [row.version for row in rows]
    assert words(kz.submits(plain)) == ["duplicate"]


def test_a_derived_object_is_not_made_twice_whatever_its_time(body):
    item = indicator()
    later = {**item, "created": "2021-10-05T00:00:00.000Z", "modified": "2021-10-05T00:00:00.000Z"}
    assert words(takes(body, draft(item, derived=True))) == ["accepted"]
    assert words(takes(body, draft(later, derived=True))) == ["duplicate"]
    assert words(takes(body, draft({**later, "created": item["created"]}))) == ["accepted"]


def test_a_derived_object_that_its_source_dates_later_is_a_new_version(body):
    item = indicator()
    dates = ["2021-10-05T00:00:00.000Z", "2021-10-03T00:00:00.000Z", "2021-10-05T00:00:00Z", "2021-10-09T00:00:00.000Z"]
    given = [draft({**item, "modified": at}, derived=True, dated=True) for at in dates]
    assert [words(takes(body, each)) for each in given] == [["accepted"], ["duplicate"], ["duplicate"], ["accepted"]]


# What a sender is told depends on its own items alone


def test_outcomes_do_not_tell_what_others_sent(body, kz, uz):
    hidden = indicator(name="of UZ")
    uz.submits(hidden, tlp="red")
    plain = {
        "type": "domain-name",
        "spec_version": "2.1",
        "id": "domain-name--ecb120bf-2694-4902-a737-62b74539a41b",
        "value": "example.com",
    }
    uz.submits(plain, tlp="red")
    outcomes = kz.submits(hidden, plain, {**hidden, "name": "guessed"})
    absent = indicator(name="of nobody")
    same = kz.submits(absent, {**plain, "id": plain["id"][:-1] + "0"}, {**absent, "name": "guessed"})
    told, other = ({o.position: (o.outcome, o.why) for o in each} for each in (outcomes, same))
    assert told == other
    assert [told[f"objects[{n}]"][0] for n in range(3)] == ["accepted", "accepted", "quarantined"]


# Envelope and traits


def test_what_the_submitter_says_holds_for_objects_that_say_nothing(body):
    item = indicator()
    expires = START + timedelta(days=30)
    takes(
        body, draft(item), tlp="green", purposes=("incident-response", "network-defence"), handling=("H2", "H1"), to=("UZ", "TJ"),
        received_from="RU", hops=("RU",), expires=expires,
    )  # fmt: skip
    assert envelope(body, item["id"]) == Envelope(
        origin="KZ", received_from="RU", hops=("RU",), purposes=("incident-response", "network-defence"), tlp="green", handling=("H1", "H2"),
        to=("TJ", "UZ"), expires=expires,
    )  # fmt: skip


def test_what_the_object_says_goes_before(body):
    item = indicator()
    takes(body, draft(item, tlp="red", pap="amber", handling=("H3",)), tlp="green", handling=("H1",))
    found = envelope(body, item["id"])
    assert (found.tlp, found.pap, found.handling) == ("red", "amber", ("H1", "H3"))


@pytest.mark.parametrize(
    ("own", "by", "kept"),
    [
        (None, None, None),
        (("UZ", "TJ"), None, ("TJ", "UZ")),
        (None, ("UZ", "TJ", "UZ"), ("TJ", "UZ")),
        (("UZ", "TJ"), ("TJ", "IN"), ("TJ",)),
        (("UZ",), ("IN",), ()),
        ((), None, ()),
        (None, (), ()),
        ((), ("IN",), ()),
    ],
)
def test_an_addressed_set_is_only_narrowed(body, own, by, kept):
    item = indicator()
    takes(body, draft(item, to=own), to=by)
    assert envelope(body, item["id"]).to == kept


def test_a_set_that_was_narrowed_to_nobody_is_nobody(body, kz, uz):
    item = indicator()
    takes(body, draft(item, to=("UZ",)), to=("IN",), tlp="clear")
    assert uz.reads() == []


def test_purposes_are_narrowed_to_those_the_sender_may_use(body):
    item = indicator()
    takes(body, draft(item, purposes=("network-defence", "statistics")), purposes=("training", "statistics"))
    assert envelope(body, item["id"]).purposes == ("statistics",)


def test_none_of_its_purposes_is_the_senders(body):
    (outcome,) = takes(body, draft(indicator(), purposes=("criminal-investigation",)), purposes=("network-defence",))
    assert outcome.outcome == "rejected"
    assert "network-defence" in outcome.why
    assert words(takes(body, draft(indicator(), purposes=()))) == ["rejected"]


@pytest.mark.parametrize(("own", "by"), [(1, 2), (2, 1), (1, None), (None, 1)])
def test_the_earlier_expiry_holds(body, own, by):
    item = indicator()
    days = [START + timedelta(days=n) if n else None for n in (own, by)]
    takes(body, draft(item, expires=days[0]), expires=days[1])
    assert envelope(body, item["id"]).expires == START + timedelta(days=1)


def test_what_has_expired_is_shown_to_nobody(body, kz, uz):
    item = indicator()
    takes(body, draft(item, tlp="green"), expires=START + timedelta(days=1))
    assert uz.reads() == [item["id"]]
    body.clock.at = START + timedelta(days=1)
    assert (uz.reads(), uz.gets(item["id"]), kz.reads()) == ([], [], [])


@pytest.mark.parametrize(
    "options",
    [
        {"purposes": ("marketing",)},
        {"purposes": ("network-defence", "extremism")},
        {"handling": ("H9",)},
        {"handling": ("h1",)},
        {"tlp": "purple"},
        {"tlp": "TLP:RED"},
    ],
)
def test_words_outside_the_closed_lists_are_the_senders_to_correct(options):
    with pytest.raises(SenderFault) as fault:
        Submitter(party="KZ", **options)
    assert "one of" in fault.value.next


def test_values_are_found_again(body, kz):
    item = indicator(pattern="[domain-name:value = 'Bad.Example.com']")
    kz.submits(item)
    assert [row.id for row in body.world.store.by_value([value_hash("domain", "bad.example.com")])] == [item["id"]]


def test_a_sightings_producers_are_those_of_what_it_is_of_and_of_nothing_else_it_names(body, kz):
    of, where = indicator(), sdo("identity")
    kz.submits(of)
    body.member("TJ").submits(where)
    seen = sighting(of["id"], where_sighted_refs=[where["id"]])
    body.member("UZ").submits(seen)
    (row,) = body.world.store.by_id([seen["id"]])
    assert read_condition(body.world.store.trait_body(row.base)).base.about == ("KZ",)


def test_an_opinions_producers_are_those_of_all_it_is_of(body, kz):
    ours, theirs, unknown = indicator(), indicator(), indicator()["id"]
    kz.submits(ours)
    body.member("TJ").submits(theirs)
    said = sdo("opinion", opinion="disagree", object_refs=[ours["id"], theirs["id"], unknown])
    body.member("UZ").submits(said)
    (row,) = body.world.store.by_id([said["id"]])
    assert read_condition(body.world.store.trait_body(row.base)).base.about == ("KZ", "TJ")


# Limits


def test_too_large_an_object_is_rejected(body, kz):
    limit = body.world.settings.limits.object_bytes
    obj = indicator(name="")
    room = limit - len(msgspec.json.encode(obj))
    fits, not_ = {**obj, "name": "x" * room}, indicator(name="x" * (room + 1))
    found = kz.submits(fits, not_)
    assert sorted(words(found)) == ["accepted", "rejected"]
    assert str(limit) in next(o.why for o in found if o.outcome == "rejected")


def test_the_limit_is_the_nodes_setting(body):
    object.__setattr__(body.world, "settings", msgspec.structs.replace(body.world.settings, limits=Limits(object_bytes=300)))
    assert words(takes(body, draft(indicator(name="x" * 300)))) == ["rejected"]


# Batches


def test_linked_objects_enter_after_what_they_name(body, kz, uz):
    """They stand first in the submission; when they enter, what they name is there, so nothing has to move."""
    one, other = indicator(), sdo("malware")
    link, naming = relationship(one["id"], other["id"]), report(one["id"], other["id"])
    assert words(kz.submits(link, naming, one, other)) == ["accepted"] * 4
    assert kz.reads() == [one["id"], other["id"], link["id"], naming["id"]]
    assert body.world.store.moved() == []
    assert set(uz.reads()) == {one["id"], other["id"], link["id"], naming["id"]}


@pytest.mark.parametrize(("batch", "size", "memory"), [(1, 1, 1), (2, 10_000, 1), (3, 300, 1_000), (100, 10_000, 1 << 20)])
def test_every_object_has_one_outcome_whatever_the_batches(body, kz, uz, monkeypatch, batch, size, memory):
    monkeypatch.setattr(module, "BATCH", batch)
    monkeypatch.setattr(module, "BATCH_BYTES", size)
    monkeypatch.setattr(waiting, "IN_MEMORY", memory)
    plain = [indicator() for _ in range(7)]
    links = [relationship(plain[n]["id"], plain[n + 1]["id"]) for n in range(5)]
    mixed = [obj for pair in zip(links, plain) for obj in pair] + plain[5:]
    found = kz.submits(*mixed)
    assert sorted(o.position for o in found) == sorted(f"objects[{n}]" for n in range(12))
    assert words(found) == ["accepted"] * 12
    assert set(uz.reads()) == {obj["id"] for obj in mixed}
    kinds = [read_entry(leaf.entry) for leaf in body.world.store.leaves()]
    assert sum(entry.count for entry in kinds if entry.kind == "accept") == 12
    assert all(entry.count <= max(batch, 1) for entry in kinds if entry.kind == "accept")


def test_a_batch_holds_bytes_and_not_only_objects(body, kz, monkeypatch):
    monkeypatch.setattr(module, "BATCH_BYTES", 2_000)
    kz.submits(*(indicator(name="x" * 900) for _ in range(6)))
    counts = [entry.count for leaf in body.world.store.leaves() if (entry := read_entry(leaf.entry)).kind == "accept"]
    assert counts == [2, 2, 2]


def test_a_batch_is_one_log_entry_that_commits_to_bytes_and_envelopes(body, kz):
    items = [indicator(), indicator()]
    kz.submits(*items, by="token 1")
    leaf = list(body.world.store.leaves())[-1]
    entry = read_entry(leaf.entry)
    assert (entry.kind, entry.party, entry.actor, entry.count) == ("accept", "KZ", "token 1", 2)
    rows = body.world.store.by_id([item["id"] for item in items])
    envelopes = body.world.store.envelopes([row.item for row in rows])
    assert Opening(records=leaf.opening).hashes() == [item_hash(row.sha, envelopes[row.item]) for row in rows]
    assert {row.leaf for row in rows} == {leaf.index}


# Real bundles


def test_real_bundles_in_are_the_same_bytes_out(body, kz, shared_data):
    root = shared_data / "public" / "stix-ingest" / "stix"
    files = [*sorted((root / "amnesty").rglob("*.stix2"))[:6], *sorted((root / "oasis-elevator").glob("idioms-json-2.*/*.json"))[:60]]
    assert len(files) > 30
    kept = 0
    for file in files:
        raw = file.read_bytes()
        chunks = (raw[at : at + 5_000] for at in range(0, len(raw), 5_000))
        read = {draft.position: draft for draft in stix_json.read(chunks)}
        whole = json.loads(raw)["objects"]
        assert [json.loads(read[f"objects[{index}]"].raw) for index in range(len(whole))] == whole
        for outcome in submit(body.world, read.values(), Submitter(party="KZ")):
            if outcome.outcome == "accepted":
                bodies = body.desk.object(kz.reader, Query(ids=(outcome.id,), versions=("all",))).bodies
                assert read[outcome.position].raw in bodies
                assert read[outcome.position].raw in raw
                kept += 1
    assert kept > 500
