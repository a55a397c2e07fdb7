"""What is known to be good, and what is said of it on its way in."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymispwarninglists import WarningLists

from comity.terms.item import Draft, Refused
from comity.terms.observable import normal
from comity.terms.warninglist_index import build
from comity.terms.warninglists import Warninglists, looked_up, told
from tests.consortium import drafts, indicator, sdo
from tests.terms.test_warninglist_index import SALT, named

LISTS = [
    named("exact", "string", ["a.example", "D41D8CD98F00B204E9800998ECF8427E", "b@c.example"], "domain", "md5", "email-src"),
    named("hosts", "hostname", [".a.example", "b.example"], "domain", "hostname", "url"),
    named("nets", "cidr", ["192.0.2.0/25", "192.0.2.0/28", "198.51.100.7", "2001:db8:1::/48"], "ip-src", "ip-dst"),
    named("parts", "substring", ["mail.", "throwaway.example"], "email-src", "domain"),
    named("expressions", "regex", ["/^(abuse|noc)\\@.*\\..*$/i"], "email-dst"),
    named("numbers", "regex", ["/55501/"], "phone-number"),
]


def lists(found: list[dict[str, Any]] = LISTS) -> Warninglists:
    return Warninglists(memoryview(build(found, SALT)))


@pytest.mark.parametrize(
    ("kind", "value", "names"),
    [
        ("domain", "a.example", ("exact", "hosts")),
        ("domain", "www.a.example", ("hosts",)),
        ("domain", "xa.example", ()),
        ("domain", "example", ()),
        ("domain", "mail.c.example", ("parts",)),
        ("url", "https://www.b.example:8080/a.example?x=1", ("hosts",)),
        ("url", "https://c.example/b.example", ()),
        ("ipv4", "192.0.2.7", ("nets",)),
        ("ipv4", "192.0.2.128", ()),
        ("ipv4", "198.51.100.7", ("nets",)),
        ("ipv4", "198.51.100.8", ()),
        ("ipv6", "2001:db8:1::5", ("nets",)),
        ("ipv6", "2001:db8:2::5", ()),
        ("cidr", "192.0.2.0/26", ("nets",)),
        ("cidr", "192.0.2.0/24", ()),
        ("cidr", "2001:db8:1:2::/64", ("nets",)),
        ("md5", "d41d8cd98f00b204e9800998ecf8427e", ("exact",)),
        ("sha256", "0" * 64, ()),
        ("email", "b@c.example", ("exact",)),
        ("email", "Noc@d.example", ("expressions",)),
        ("email", "x@throwaway.example", ("parts",)),
        ("email", "x@55501.example", ()),
    ],
)
def test_which_lists_have_a_value(kind: str, value: str, names: tuple[str, ...]) -> None:
    assert lists().known_good(kind, value) == names


@given(
    st.lists(st.sampled_from(["a", "b", "example"]), min_size=1, max_size=3).map(".".join),
    st.lists(st.lists(st.sampled_from(["a", "b", "example"]), min_size=1, max_size=3).map(".".join), max_size=4),
    st.sampled_from(["string", "hostname", "substring"]),
)
def test_names_are_compared_as_misps_own_package_compares_them(name: str, entries: list[str], type_: str) -> None:
    value = f"{name}.example"
    theirs = WarningLists(slow_search=True, lists=[named("A", type_, entries, "domain")])
    assert bool(lists([named("A", type_, entries, "domain")]).known_good("domain", value)) is bool(theirs.search(value))


@given(st.integers(0, 255), st.lists(st.tuples(st.integers(0, 255), st.integers(24, 32)), max_size=5))
def test_addresses_are_compared_as_misps_own_package_compares_them(last: int, nets: list[tuple[int, int]]) -> None:
    entries = [f"192.0.2.{start >> (32 - prefix) << (32 - prefix)}/{prefix}" for start, prefix in nets]
    theirs = WarningLists(slow_search=True, lists=[named("A", "cidr", entries, "ip-src")])
    value = f"192.0.2.{last}"
    assert bool(lists([named("A", "cidr", entries, "ip-src")]).known_good("ipv4", value)) is bool(theirs.search(value))


def test_names_in_other_scripts_are_found() -> None:
    found = lists([named("A", "hostname", ["bücher.example"], "domain")])
    assert found.known_good("domain", normal("domain", "www.bücher.example")) == ("A",)


def test_an_expression_takes_linear_time() -> None:
    found = lists([named("A", "regex", ["/^(a+)+$/"], "email-src")])
    began = time.process_time()
    assert found.known_good("email", "a" * 60_000 + "@c.example") == ()
    assert time.process_time() - began < 1


#: Values that stand for nothing but themselves: of examples nothing is told.
TOLD = lists(
    [
        named("exact", "string", ["a.test"], "domain"),
        named("hosts", "hostname", [".a.test"], "domain"),
        named("nets", "cidr", ["10.9.0.0/24"], "ip-src"),
    ]
)


def test_nothing_is_told_of_examples() -> None:
    everything = ["[domain-name:value = 'a.example']", "[ipv4-addr:value = '192.0.2.1']", "[url:value = 'http://www.example.com/']"]
    everything += ["[email-addr:value = 'me@mail.example']", "[ipv6-addr:value = '2001:db8::1']"]
    assert [told(indicator(pattern=pattern), lambda kind, value: ("L",)) for pattern in everything] == [""] * 5


def test_what_is_told_of_an_indicator() -> None:
    known = TOLD.known_good
    assert told(indicator(pattern="[domain-name:value = 'a.test']"), known) == "a.test is on the warninglists 'exact', 'hosts'"
    assert told(indicator(pattern="[ipv4-addr:value = '10.9.0.1']"), known) == "10.9.0.1 is on the warninglist 'nets'"
    assert told(indicator(pattern="[domain-name:value = 'c.test']"), known) == ""
    assert told(sdo("malware"), known) == ""
    assert told({"type": "domain-name", "value": "a.test"}, known) == ""
    assert told(indicator(pattern="no pattern"), known) == ""


def test_many_lists_and_values_are_counted() -> None:
    known = lists([named(f"L{number}", "string", ["a.test"], "domain") for number in range(5)]).known_good
    assert told(indicator(pattern="[domain-name:value = 'a.test']"), known).endswith("'L0', 'L1', 'L2' and 2 more")
    many = " OR ".join(f"domain-name:value = 'n{number}.test'" for number in range(5))
    assert told(indicator(pattern=f"[{many}]"), lambda kind, value: ("L",)).endswith("; and 2 more of its values are on some")


def test_drafts_say_so_or_wait() -> None:
    known = TOLD.known_good
    good, other = drafts([indicator(pattern="[ipv4-addr:value = '10.9.0.1']"), indicator(pattern="[ipv4-addr:value = '10.8.0.1']")])
    refused = Refused(position="x", why="y")
    assert list(looked_up([good, other, refused], known)) == [
        Draft(raw=good.raw, obj=good.obj, position=good.position, note="10.9.0.1 is on the warninglist 'nets'"),
        other,
        refused,
    ]
    noted = Draft(raw=good.raw, obj=good.obj, position=good.position, note="before", why_held="odd")
    (held,) = looked_up([noted], known, hold=True)
    assert isinstance(held, Draft)
    assert (held.why_held, held.note) == ("odd; 10.9.0.1 is on the warninglist 'nets'", "before")
