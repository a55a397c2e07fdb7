"""Response policy zones, read back by the rules of master files and of the triggers."""

from __future__ import annotations

import re
from datetime import timedelta
from ipaddress import IPv6Address, ip_network

import msgspec
import pytest
from hypothesis import given, settings

from comity.forms.rpz_zone import KINDS, trigger, write
from tests.forms.lists import FRAME, HOSTILE, addresses6, entries, entry, networks, one_of_each

_OWNER = re.compile(r"(?:\*\.)?(?:[a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}\Z")


def read(text: str) -> tuple[int, dict[str, str]]:
    """(serial, owner name -> target) of a zone of CNAMEs."""
    assert text.endswith("\n") and text.isascii()
    serial, records, origin = None, {}, ""
    for line in text.split("\n")[:-1]:
        content = line.partition(";")[0].split()
        if content[:1] == ["$ORIGIN"]:
            origin = content[1]
        elif content[1:2] == ["SOA"]:
            assert content[0] == "@" and content[4] == "(" and content[-1] == ")" and len(content) == 11
            serial = int(content[5])
        elif content[1:2] == ["CNAME"]:
            assert _OWNER.match(content[0]) and content[0] not in records, line
            assert len(f"{content[0]}.{origin}".removesuffix(".")) <= 253
            records[content[0]] = content[2]
        else:
            assert not content or content[0] == "$TTL" or content == ["@", "NS", "localhost."]
    assert serial is not None and 0 <= serial < 1 << 32
    return serial, records


def value_of(owner: str) -> tuple[str, str]:
    """The kind and value that an owner name triggers on."""
    if not owner.endswith(".rpz-ip"):
        return "domain", owner
    length, *parts = owner.removesuffix(".rpz-ip").split(".")
    parts.reverse()
    if "zz" in parts or len(parts) == 8:
        at = parts.index("zz") if "zz" in parts else 8
        parts[at : at + 1] = ["0"] * (9 - len(parts)) if "zz" in parts else parts[at : at + 1]
        network = ip_network(f"{IPv6Address(':'.join(parts))}/{length}")
    else:
        network = ip_network(f"{'.'.join(parts)}/{length}")
    return "cidr", str(network)


def expected(listed) -> set[tuple[str, str]]:
    return {("domain", one.value) if one.kind == "domain" else ("cidr", str(ip_network(one.value))) for one in listed if one.kind in KINDS}


def test_what_is_written_reads_back():
    written = write(one_of_each(), FRAME)
    _, records = read(written.text)
    assert {value_of(owner) for owner in records if not owner.startswith("*.")} == expected(one_of_each())
    assert set(records.values()) == {"."}
    assert "*.login.example.net" in records
    assert {one.kind for one, _ in written.left_out} == {one.kind for one in one_of_each()} - set(KINDS)


@pytest.mark.parametrize(
    ("value", "owner"),
    [
        ("192.0.2.1", "32.1.2.0.192.rpz-ip"),
        ("198.51.0.0/16", "16.0.0.51.198.rpz-ip"),
        ("2001:db8::1", "128.1.zz.db8.2001.rpz-ip"),
        ("2001:db8::/32", "32.zz.db8.2001.rpz-ip"),
        ("2001:db8:0:0:1:0:0:1", "128.1.zz.1.0.0.db8.2001.rpz-ip"),
        ("2001:db8:1:2:3:4:5:0", "128.0.5.4.3.2.1.db8.2001.rpz-ip"),
        ("2001:db8:1:2:3:4:5:6", "128.6.5.4.3.2.1.db8.2001.rpz-ip"),
    ],
)
def test_addresses_stand_backwards(value, owner):
    assert trigger(value) == owner


@given(addresses6 | networks)
def test_every_trigger_leads_back(value):
    assert value_of(trigger(value)) == ("cidr", str(ip_network(value)))


def test_serials_rise_with_changes_and_only_with_them():
    first = write([entry()], FRAME).text
    later = msgspec.structs.replace(FRAME, made=FRAME.made + timedelta(hours=1))
    assert write([entry()], later, previous=first).text == first
    second = write([entry(), entry("ipv4", "198.51.100.7")], later, previous=first).text
    assert read(second)[0] == read(first)[0] + 3600
    # A clock that went back, two changes within one second, and the end of the numbers.
    third = write([entry("ipv4", "198.51.100.7")], FRAME, previous=second).text
    assert read(third)[0] == read(second)[0] + 1
    last = third.replace(str(read(third)[0]), str((1 << 32) - 1))
    assert read(write([], FRAME, previous=last).text)[0] != (1 << 32) - 1


def test_a_file_that_is_no_zone_of_ours_is_written_over():
    assert write([entry()], FRAME, previous="nothing of ours").text == write([entry()], FRAME).text


def test_a_name_too_long_for_the_zone_is_left_out():
    long = ".".join(["a" * 60] * 4)
    assert read(write([entry(value=long)], FRAME, zone="rpz.example").text)[1] == {}
    assert len(write([entry(value=long)], FRAME, zone="rpz.example").left_out) == 1


def test_hostile_texts_end_nothing():
    _, records = read(write([entry(evidence=HOSTILE, threat=(HOSTILE,), origin=HOSTILE)], FRAME).text)
    assert set(records) == {"login.example.net", "*.login.example.net"}


@settings(max_examples=60, deadline=None)
@given(entries)
def test_whatever_the_values_it_reads_back_and_is_the_same_again(listed):
    # An address and the network of it alone are one trigger.
    single = {("", str(ip_network(one.value))): one for one in listed if one.kind in ("ipv4", "ipv6", "cidr")}
    listed = [one for one in listed if one.kind not in ("ipv4", "ipv6", "cidr")] + list(single.values())
    written = write(listed, FRAME)
    records = read(written.text)[1]
    assert {value_of(owner) for owner in records if not owner.startswith("*.")} == expected(listed)
    assert write(listed[::-1], FRAME) == written
