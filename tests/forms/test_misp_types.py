from __future__ import annotations

from typing import Any

import pytest

from comity.forms.misp_types import RULES, STIX_PATTERN, aside, observables, parts, pattern, pattern_type, says_something, title
from comity.terms.pattern_check import check_pattern
from comity.terms.simple_pattern import pattern_value
from comity.terms.stix import check

MD5 = "d41d8cd98f00b204e9800998ecf8427e"


@pytest.mark.parametrize(
    ("type_", "value", "want"),
    [
        ("hostname", "A.example", [("domain", "a.example")]),
        ("ip-dst", "192.0.2.0/24", [("cidr", "192.0.2.0/24")]),
        ("ip-dst|port", "2001:db8::1|443", [("ipv6", "2001:db8::1")]),
        ("domain|ip", "a.example|192.0.2.1", [("domain", "a.example"), ("ipv4", "192.0.2.1")]),
        ("filename|md5", f"a|b.exe|{MD5}", None),
        ("filename|md5", f"b.exe|{MD5}", [("md5", MD5)]),
        ("malware-sample", f"b.exe|{MD5}", [("md5", MD5)]),
        ("url", "hxxp://a[.]example/x", [("url", "http://a.example/x")]),
        ("email-src", "x@a.example", [("email", "x@a.example")]),
        ("ip-src", "a.example", None),
        ("domain|ip", "a.example", None),
        ("sha256", MD5[:-1], None),
    ],
)
def test_parts(type_: str, value: str, want: list[tuple[str, str]] | None) -> None:
    if want is None:
        with pytest.raises(ValueError):
            parts(type_, value)
        return
    assert parts(type_, value) == want
    assert pattern_value(pattern(type_, value)) == want
    seen = [obj for obj in observables(type_, value) if obj["type"] != "network-traffic"]
    assert len(seen) == len(want)
    assert all(check(obj) is None for obj in observables(type_, value))


def test_plain_types() -> None:
    assert pattern("filename", "it's.exe") == "[file:name = 'it\\'s.exe']"
    assert [obj["type"] for obj in observables("regkey", "HKLM\\x")] == ["windows-registry-key"]


@pytest.mark.parametrize("type_", ["text", "btc", "port", ""])
def test_a_type_that_stix_has_no_place_for(type_: str) -> None:
    for ask in (parts, pattern, observables):
        with pytest.raises(ValueError, match=f"no place for attribute type {type_}"):
            ask(type_, "x")


@pytest.mark.parametrize("type_", sorted(RULES))
def test_a_rule_is_its_own_pattern_and_no_observable(type_: str) -> None:
    assert (pattern(type_, " as it is "), pattern_type(type_), title(type_, "x")) == (" as it is ", type_, f"{type_} rule")
    with pytest.raises(ValueError, match="to_ids is off"):
        observables(type_, "x")


@pytest.mark.parametrize("filler", ["\n", "private\n", "private ", "msg:", "title:\n", "rule "])
def test_looking_for_a_rules_name_is_linear(filler: str) -> None:
    """A million characters take no noticeable time, whatever they are."""
    for type_ in RULES:
        assert len(title(type_, filler * (1_000_000 // len(filler)))) < 250


@pytest.mark.parametrize(
    ("type_", "value", "looked", "seen"),
    [
        ("AS", "AS64500", "[autonomous-system:number = 64500]", {"type": "autonomous-system", "number": 64500}),
        ("mac-address", "00-00-5E-00-53-01", "[mac-addr:value = '00:00:5e:00:53:01']", {"type": "mac-addr", "value": "00:00:5e:00:53:01"}),
        ("email-subject", "Hi", "[email-message:subject = 'Hi']", {"type": "email-message", "subject": "Hi", "is_multipart": False}),
        ("imphash", MD5, f"[file:hashes.'IMPHASH' = '{MD5}']", {"type": "file", "hashes": {"IMPHASH": MD5}}),
        (
            "regkey|value", "HKLM\\x|v",
            "[windows-registry-key:key = 'HKEY_LOCAL_MACHINE\\\\x' AND windows-registry-key:values[*].data = 'v']",
            {"type": "windows-registry-key", "key": "HKEY_LOCAL_MACHINE\\x", "values": [{"data": "v"}]},
        ),
        ("filename|imphash", f"x|{MD5}", f"[file:name = 'x' AND file:hashes.'IMPHASH' = '{MD5}']", {"type": "file", "name": "x", "hashes": {"IMPHASH": MD5}}),
    ],
)  # fmt: skip
def test_values_that_stand_at_a_path(type_: str, value: str, looked: str, seen: dict[str, Any]) -> None:
    assert pattern(type_, value) == looked
    assert not [finding for finding in check_pattern(looked) if finding.wrong]
    (obj,) = observables(type_, value)
    assert {key: obj[key] for key in obj if key not in ("id", "spec_version")} == seen
    assert check(obj) is None


def test_a_port_is_traffic_of_which_no_more_is_known() -> None:
    address, traffic = observables("ip-src|port", "192.0.2.1|443")
    assert (traffic["src_ref"], traffic["src_port"], traffic["protocols"]) == (address["id"], 443, ["ipv4"])
    assert len(observables("ip-dst|port", "192.0.2.1|many")) == 1


def test_a_stix_pattern_is_a_rule_of_its_own() -> None:
    looked = "[file:name = 'x' AND file:size > 3]"
    assert (pattern(STIX_PATTERN, looked), pattern_type(STIX_PATTERN)) == (looked, "stix")
    with pytest.raises(ValueError, match="not a STIX pattern"):
        pattern(STIX_PATTERN, "[file:name")


@pytest.mark.parametrize(
    ("type_", "value", "flagged", "want"),
    [("domain", "a.example", True, True), ("domain", "no", True, False), ("text", "x", True, False), ("yara", "x", False, False), ("vulnerability", "x", False, True)],
)  # fmt: skip
def test_what_says_something_by_itself(type_: str, value: str, flagged: bool, want: bool) -> None:
    assert says_something(type_, value, flagged) is want


def test_other_values_name_themselves_and_keep_their_port_aside() -> None:
    assert (pattern_type("domain"), title("domain", "a.example")) == ("stix", "a.example")
    assert (aside("ip-dst|port", "192.0.2.1|443"), aside("ip-dst", "192.0.2.1"), aside("filename|md5", "a|b")) == ("Port 443.", "", "")
