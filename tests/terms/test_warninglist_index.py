"""Warninglists as bytes and back."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import IntegrityFault, SenderFault
from comity.terms import warninglist_index
from comity.terms.warninglist_index import build, numbered, read, word

SALT = b"0123456789abcdef"


def named(name: str, type_: str, entries: Iterable[str], *kinds: str) -> dict[str, object]:
    return {"name": name, "type": type_, "version": 3, "description": "d", "list": list(entries), "matching_attributes": list(kinds)}


def test_a_list_is_described() -> None:
    lists = [named("A", "hostname", ["a.example", "b.example"], "domain", "hostname", "domain|ip", "url"), named("B", "string", [])]
    header = read(memoryview(build(lists, SALT))).header
    assert [(each.name, each.type, each.version, each.kinds, each.entries, each.refused) for each in header.lists] == [
        ("A", "hostname", "3", ("domain", "url"), 2, ()),
        ("B", "string", "3", ("domain", "ipv4", "ipv6", "cidr", "url", "email", "md5", "sha1", "sha256", "sha512"), 0, ()),
    ]


@given(st.lists(st.text(max_size=20), max_size=30), st.binary(min_size=16, max_size=16))
def test_every_entry_is_found_under_its_list(entries: list[str], salt: bytes) -> None:
    index = read(memoryview(build([named("other", "string", ["x"]), named("A", "string", entries)], salt)))
    assert list(index.words) == sorted(index.words)
    for entry in entries:
        hash_ = word(salt, "string", entry.lower())
        assert 1 in {numbered(index.words, at, hash_) for at in range(len(index.words))}
    assert numbered(index.words, len(index.words), 0) == -1


def test_what_cannot_be_looked_up_is_said() -> None:
    lists = [
        named("nets", "cidr", ["192.0.2.1/24", "no network", "2001:db8::/129"]),
        named("names", "hostname", ["bücher.example", ".", "\u2028.example"]),
        named("parts", "substring", ["", "x"]),
        named("expressions", "regex", ["/^a+$/i", "/(?=x)y/", "/(a)\\1/", "plain"]),
        named("new", "of-another-kind", ["x"]),
    ]
    header = read(memoryview(build(lists, SALT))).header
    assert [each.refused for each in header.lists] == [
        ("no network", "2001:db8::/129"),
        (".", "\u2028.example"),
        ("",),
        ("/(?=x)y/", "/(a)\\1/"),
        ("x",),
    ]
    assert header.expressions == ((3, "(?i)^a+$"), (3, "plain"))


def test_another_salt_makes_other_words() -> None:
    lists = [named("A", "string", ["a.example"])]
    assert build(lists, SALT) == build(lists, SALT)
    assert list(read(memoryview(build(lists, SALT))).words) != list(read(memoryview(build(lists, SALT[::-1]))).words)


def test_the_whole_number_line_may_be_listed() -> None:
    index = read(memoryview(build([named("all", "cidr", ["0.0.0.0/0", "::/0"])], SALT)))
    assert (list(index.starts), index.header.ipv6) == ([0], (("0", 0),))


@pytest.mark.parametrize("damage", [b"", b"x", b"comity-warn-0-little\n", None, -1, 9])
def test_a_damaged_index_is_said_to_be_one(damage: bytes | int | None) -> None:
    raw = build([named("A", "string", ["a"]), named("B", "cidr", ["192.0.2.0/24"])], SALT)
    if damage is None:
        raw += b"\0"
    else:
        raw = damage if isinstance(damage, bytes) else raw[:damage]
    with pytest.raises(IntegrityFault, match="damaged") as raised:
        read(memoryview(raw))
    assert "built anew" in raised.value.next


@given(st.integers(0, 600), st.integers(0, 255))
def test_no_damage_is_more_than_a_fault(at: int, value: int) -> None:
    raw = bytearray(build([named("A", "string", ["a"]), named("B", "cidr", ["192.0.2.0/24"])], SALT))
    raw[at % len(raw)] = value
    with contextlib.suppress(IntegrityFault):
        read(memoryview(bytes(raw)))


def test_there_are_only_so_many_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warninglist_index, "_NUMBER", 1)
    with pytest.raises(SenderFault, match="more than 2"):
        build([named(str(number), "string", []) for number in range(3)], SALT)
