"""Parcels and answers: strict in both directions, and bounded."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import SenderFault
from comity.forms.needs import contains
from comity.forms.parcel import (
    ENTRIES,
    Answer,
    Confirmed,
    Given,
    Governed,
    Parcel,
    Receipt,
    Withdrawn,
    addressed,
    read_answer,
    read_parcel,
    write_answer,
    write_parcel,
)
from comity.terms.item import Said, Vouch

AT = datetime(2021, 11, 1, tzinfo=UTC)
SAID = Said(tlp="green", purposes=("network-defence",), to=("UZ",), expires=AT)
GIVEN = Given(
    object=b'{"type":"x"}', origin="KZ", entered=7, said=SAID, hops=("KZ/kz", "RU"), grounds=("a@1/b",),
    vouch=Vouch(body="sco", key="00", signature=b"s" * 64, addressed="ab", salt=b"1" * 16, said=SAID),
)  # fmt: skip
GONE = Withdrawn(origin="KZ", id="x--1", version="", sha256="a" * 64, entered=7, cause="recalled", reason="wrong \u2028 \x00", at=AT)
RECEIPT = Confirmed(
    receipt=Receipt(party="UZ", node="UZ/uz", origin="KZ", outcome="arrived", objects=b"h" * 64, at=AT), key="00", signature=b"s"
)
PARCEL = Parcel(
    version=1, body="sco", sender="KZ/kz", receiver="SCO-CENTRE/hub", sequence=1, previous="", made=AT, expires=AT,
    entries=(GIVEN, GONE, RECEIPT, Governed(object=b"{}", note=b"n")),
)  # fmt: skip
ANSWER = Answer(
    version=1, sender="SCO-CENTRE/hub", receiver="KZ/kz", parcel="c" * 64, applied=True, sequence=1, last="c" * 64,
    refused=((0, "why"),), receipts=(RECEIPT,), made=AT,
)  # fmt: skip


def changed(**values: Any) -> bytes:
    return write_parcel(msgspec.structs.replace(PARCEL, **values))


def test_what_is_written_is_canonical_json_and_read_back() -> None:
    for data, read in ((write_parcel(PARCEL), read_parcel), (write_answer(ANSWER), read_answer)):
        assert rfc8785.dumps(json.loads(data)) == data
        assert read(data) in (PARCEL, ANSWER)


@given(st.data())
def test_any_change_of_a_byte_is_refused_or_read_as_written(data: st.DataObject) -> None:
    raw = bytearray(write_parcel(PARCEL))
    raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = read_parcel(bytes(raw))
    except SenderFault:
        return
    # Or one letter of a field's name was changed: then that is passed over, and the rest stands as it was.
    said = json.loads(raw)
    assert write_parcel(found) == raw or (rfc8785.dumps(said) == raw and contains(said, json.loads(write_parcel(found))))


def later(data: bytes, **more: Any) -> bytes:
    """A text as a later release might write it: with further fields wherever they may stand."""
    said = json.loads(data) | more
    for entry in said.get("entries", []):
        entry["weight"] = 3
    return rfc8785.dumps(said)


def test_what_a_later_release_adds_is_passed_over_unless_it_is_needed() -> None:
    assert read_parcel(later(write_parcel(PARCEL), colour={"a": [1]})) == PARCEL
    assert read_answer(later(write_answer(ANSWER), colour="blue")) == ANSWER
    for more in ({"needs": ["tiles"]}, {"version": 2}, {"needs": ["tiles"], "entries": [{"kind": "tile"}]}):
        with pytest.raises(SenderFault, match="the parcel was made by a later release"):
            read_parcel(later(write_parcel(PARCEL), **more))
    with pytest.raises(SenderFault, match="the answer was made by a later release"):
        read_answer(later(write_answer(ANSWER), needs=["tiles"]))
    with pytest.raises(SenderFault, match="canonical"):
        read_parcel(later(write_parcel(PARCEL), colour="blue") + b" ")


def test_what_is_signed_by_itself_has_no_further_fields() -> None:
    said = json.loads(write_parcel(PARCEL))
    said["entries"][2]["receipt"]["colour"] = "blue"
    with pytest.raises(SenderFault, match="unknown field `colour`"):
        read_parcel(rfc8785.dumps(said))


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"sequence": 0}, "begin at 1"),
        ({"previous": "x"}, "by its hash"),
        ({"sender": "kz"}, "PARTY/name"),
        ({"body": "No Body"}, "not a body"),
        ({"entries": (GONE,) * (ENTRIES + 1)}, "at most"),
        ({"entries": (msgspec.structs.replace(GIVEN, origin="kz"),)}, r"entries\[0\]"),
        ({"entries": (msgspec.structs.replace(GIVEN, hops=("a b/c",)),)}, "hops"),
        ({"entries": (msgspec.structs.replace(GIVEN, said=msgspec.structs.replace(SAID, tlp="blue\n")),)}, "no word for a marking"),
        ({"entries": (msgspec.structs.replace(GONE, sha256="A" * 64),)}, "hash"),
        ({"entries": (msgspec.structs.replace(RECEIPT, receipt=msgspec.structs.replace(RECEIPT.receipt, party="KZ")),)}, "its party's"),
    ],
)
def test_what_is_no_parcel_is_refused(values: dict[str, Any], why: str) -> None:
    with pytest.raises(SenderFault, match=why):
        read_parcel(changed(**values))


def test_another_spelling_of_the_same_is_refused() -> None:
    with pytest.raises(SenderFault, match="canonical"):
        read_parcel(write_parcel(PARCEL).replace(b'"body":', b'"body": '))
    with pytest.raises(SenderFault, match="answer"):
        read_answer(b"{}")
    with pytest.raises(SenderFault, match="names a parcel"):
        read_answer(write_answer(msgspec.structs.replace(ANSWER, last="x")))


def test_a_commitment_hides_the_addressed_parties_and_opens_with_its_salt() -> None:
    assert addressed(None, b"") == ""
    assert addressed(("UZ", "KZ"), b"1" * 16) == addressed(("KZ", "UZ"), b"1" * 16)
    assert len({addressed(to, salt) for to in ((), ("KZ",), ("UZ",)) for salt in (b"1" * 16, b"2" * 16)}) == 6
