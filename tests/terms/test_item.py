"""Items: the words of envelopes, drafts and outcomes."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import msgspec
import pytest

from comity.terms.item import GATES, HANDLING, PURPOSES, Draft, Envelope, Outcome, Refused, Sealed, item_hash

FULL = Envelope(
    origin="KZ", received_from="RU", hops=("RU",), purposes=("statistics",), tlp="red", pap="amber", handling=("H1", "H2"), to=("UZ",), case="c",
    realm="exercise", gate="quarantine", basis="a law", expires=datetime(2022, 1, 1, 0, 0, 0, 1, tzinfo=UTC), sealed=Sealed(alg="a", key_ids=("k",)),
)  # fmt: skip


@pytest.mark.parametrize("envelope", [FULL, Envelope(origin="KZ"), Envelope(origin="KZ", to=())])
def test_an_envelope_comes_back_as_it_was_written(envelope):
    assert msgspec.json.decode(msgspec.json.encode(envelope), type=Envelope) == envelope


def test_nobody_and_whoever_is_permitted_are_two_things():
    nobody, anybody = Envelope(origin="KZ", to=()), Envelope(origin="KZ")
    assert nobody != anybody
    assert msgspec.json.encode(nobody) != msgspec.json.encode(anybody)


def test_the_cautious_defaults():
    plain = Envelope(origin="KZ")
    assert (plain.tlp, plain.purposes, plain.realm, plain.gate, plain.to) == ("amber", ("network-defence",), "real", "open", None)


def test_an_envelope_that_says_more_than_is_known_is_refused():
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b'{"origin":"KZ","public":true}', type=Envelope)
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b'{"tlp":"red"}', type=Envelope)


@pytest.mark.parametrize(
    "value", [FULL, Draft(raw=b"{}", obj={}, position="x"), Refused(position="x", why="y"), Outcome(outcome="accepted", position="x")]
)
def test_values_do_not_change(value):
    with pytest.raises(AttributeError):
        value.position = "elsewhere"


def test_the_closed_lists_name_acts_not_motives():
    """G7: adding one is a decision of its own, so this list is written out twice."""
    assert PURPOSES == ("network-defence", "incident-response", "criminal-investigation", "statistics", "training", "administration")
    assert HANDLING == ("H0", "H1", "H2", "H3")
    assert GATES == ("open", "quarantine", "counted")


def test_the_log_commits_to_bytes_and_envelope():
    sha = hashlib.sha256(b"bytes").digest()
    hashes = {item_hash(sha, b"envelope"), item_hash(sha, b"envelopE"), item_hash(hashlib.sha256(b"byteS").digest(), b"envelope")}
    assert len(hashes) == 3
    assert item_hash(sha, b"envelope") == hashlib.sha256(sha + b"envelope").digest()


def test_an_outcome_says_only_what_there_is_to_say():
    assert msgspec.json.encode(Outcome(outcome="accepted", position="line 1")) == b'{"outcome":"accepted","position":"line 1"}'
