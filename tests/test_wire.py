"""What goes over the wire comes back as it was."""

from __future__ import annotations

import inspect
from datetime import UTC, datetime

import msgspec
import pytest

from comity import errors, wire

ITEM = wire.Item(
    id="indicator--1", type="indicator", version="2021-10-01T00:00:00Z", spec="2.1", origin="KZ", added=datetime(2021, 11, 1, tzinfo=UTC),
    tlp="amber", purposes=("network-defence",), sha256="00", object=msgspec.Raw(b'{ "id":1.10}'),
)  # fmt: skip


def test_an_object_is_embedded_as_the_bytes_it_is():
    sent = msgspec.json.encode(wire.ItemPage(items=(ITEM,), more=False))
    assert b'"object":{ "id":1.10}' in sent
    (back,) = msgspec.json.decode(sent, type=wire.ItemPage).items
    assert bytes(back.object) == b'{ "id":1.10}'
    assert back.added == ITEM.added


def test_a_moment_without_an_offset_is_none():
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(
            b'{"party":"KZ","body":null,"token":"x","name":"","scopes":[],"purposes":[],"tlp":"","expires":"2021-11-01T00:00:00"}',
            type=wire.Me,
        )


def test_every_fault_has_a_word_and_every_word_a_fault():
    kinds = {kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, errors.Fault)} - {errors.Fault}
    assert set(wire.FAULTS.values()) == kinds
    for kind in kinds:
        assert kind("what", next="then").next == "then"


def test_every_value_says_what_it_is():
    kinds = [kind for _, kind in inspect.getmembers(wire, inspect.isclass) if issubclass(kind, msgspec.Struct)]
    assert len(kinds) > 20
    for kind in kinds:
        assert inspect.getdoc(kind)
        msgspec.json.schema(kind)
