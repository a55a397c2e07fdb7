"""What another node sends is applied once, in order, or refused with a reason that is logged."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from comity.forms.parcel import MOST_BYTES, PARCEL_TYPE
from comity.ledger.journal import read_entry
from comity.peer.incoming import MOST_TOLD
from comity.peer.signing import opened, seal
from tests.consortium import indicator
from tests.linked import Node, altered, give, offer, parcel
from tests.peer.test_outgoing import body


def logged(node: Node) -> list[str]:
    entries = [read_entry(leaf.entry) for leaf in node.world.store.leaves()]
    return [entry.detail["refused"] for entry in entries if entry.kind == "parcel" and isinstance(entry.detail.get("refused"), str)]


def test_the_same_parcel_twice_is_applied_once_and_answered_the_same() -> None:
    hub, kz, _ = body()
    kz.adds(indicator())
    raw = parcel(kz, hub)
    first = offer(kz, hub, raw)
    leaves = hub.world.store.head().size
    again = offer(kz, hub, raw)
    assert first.applied and msgspec.structs.replace(again, made=first.made) == first
    assert hub.world.store.head().size == leaves


def test_an_older_one_or_one_that_skips_another_is_refused_logged_and_explained() -> None:
    hub, kz, _ = body()
    kz.adds(indicator())
    first = parcel(kz, hub)
    offer(kz, hub, first)
    kz.adds(indicator())
    give(kz, hub)
    old = offer(kz, hub, first)
    assert not old.applied and "comes again" in old.why and old.sequence == 2
    kz.adds(indicator())
    skipping = offer(kz, hub, altered(kz, parcel(kz, hub), previous="0" * 64))
    assert not skipping.applied and "does not follow" in skipping.why
    assert logged(hub)[-2:] == [old.why, skipping.why]
    assert len(hub.stored()) == 2


def test_what_is_altered_truncated_or_for_another_is_refused() -> None:
    hub, kz, uz = body()
    kz.adds(indicator())
    raw = parcel(kz, hub)
    for wrong in (raw[:-1], raw[: len(raw) // 2], raw.replace(b'"sig":"', b'"sig":"AAAA', 1), b"", b"{}"):
        assert not offer(kz, hub, wrong).applied
    uz.knows(kz)
    assert "not from" in offer(kz, uz, raw).why
    assert "none of the keys" in offer(kz, hub, seal(PARCEL_TYPE, opened(raw, PARCEL_TYPE, (kz.key.verifier,), MOST_BYTES), uz.key)).why
    assert hub.stored() == set() and offer(kz, hub, raw).applied


def test_a_day_of_skew_decides_nothing_but_a_parcel_past_its_life_is_refused() -> None:
    hub, kz, _ = body()
    kz.adds(indicator())
    raw = parcel(kz, hub)
    hub.clock.at += timedelta(days=40)
    assert "expired" in offer(kz, hub, raw).why
    hub.clock.at -= timedelta(days=41)
    assert offer(kz, hub, raw).applied


def test_rubbish_without_end_does_not_fill_the_log_and_is_counted() -> None:
    hub, kz, _ = body()
    kz.adds(indicator())
    raw = parcel(kz, hub)
    before = hub.world.store.head().size
    for number in range(MOST_TOLD + 25):
        assert not offer(kz, hub, b"rubbish %d" % number).applied
    assert hub.world.store.head().size - before == MOST_TOLD
    assert offer(kz, hub, raw).applied
    last = read_entry(list(hub.world.store.leaves())[-1].entry)
    assert last.detail["refused besides"] == 25 and last.detail["entries"] == 1
    hub.clock.at += timedelta(minutes=2)
    offer(kz, hub, b"rubbish")
    assert read_entry(list(hub.world.store.leaves())[-1].entry).detail.keys() == {"peer", "parcel", "refused"}


def test_a_parcel_of_another_body_is_refused() -> None:
    hub, kz, _ = body()
    kz.adds(indicator())
    assert "a parcel of the body cica" in offer(kz, hub, altered(kz, parcel(kz, hub), body="cica")).why
    assert hub.stored() == set()
