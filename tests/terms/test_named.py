"""What an object names: more than an index of single values holds, and nothing that it excludes."""

from __future__ import annotations

import pytest

from comity.terms.named import named, systems


def indicator(pattern: str, **more: str) -> dict[str, object]:
    return {"type": "indicator", "spec_version": "2.1", "pattern": pattern, "pattern_type": "stix", **more}


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("[ipv4-addr:value = '192.0.2.1']", [("ipv4", "192.0.2.1")]),
        ("[ipv4-addr:value ISSUBSET '192.0.2.0/24']", [("cidr", "192.0.2.0/24")]),
        ("[ipv4-addr:value = '192.0.2.1' AND url:value = 'http://a.example']", [("ipv4", "192.0.2.1"), ("url", "http://a.example/")]),
        ("[network-traffic:dst_ref.value IN ('192.0.2.1', 'a.example')]", [("ipv4", "192.0.2.1"), ("domain", "a.example")]),
        ("[domain-name:value = 'a.example'] FOLLOWEDBY [domain-name:value = 'b.example'] WITHIN 5 SECONDS",
         [("domain", "a.example"), ("domain", "b.example")]),
        ("[autonomous-system:number = 64496]", [("asn", "AS64496")]),
        ("[ipv4-addr:belongs_to_refs[*].number = 64496]", [("asn", "AS64496")]),
        ("[domain-name:value NOT = 'a.example' AND url:value != 'http://a.example/']", []),
        ("[domain-name:value LIKE '%.example']", []),
        ("[domain-name:value LIKE '%.a.example' OR url:value LIKE 'https://b.example/%']", [("domain", "a.example"), ("domain", "b.example")]),
        ("[domain-name:value NOT LIKE '%.a.example' OR file:name LIKE '%.a.example']", []),
        ("[file:hashes.MD5 = 'd41d8cd98f00b204e9800998ecf8427e']", []),
        ("[process:pid = 64496]", []),
        ("not a pattern about domain-name:", []),
    ],
)  # fmt: skip
def test_a_pattern_names_what_it_looks_for(pattern, found):
    assert named(indicator(pattern)) == found


def test_other_pattern_languages_are_not_read():
    assert named(indicator("[ipv4-addr:value = '192.0.2.1']", pattern_type="sigma")) == []


def test_observables_name_their_value_and_observed_data_of_2_0_what_is_inside():
    assert named({"type": "domain-name", "value": "A.example"}) == [("domain", "a.example")]
    assert named({"type": "autonomous-system", "number": 64496}) == [("asn", "AS64496")]
    assert named({"type": "autonomous-system", "number": True}) == []
    inside = {
        "0": {"type": "ipv4-addr", "value": "192.0.2.1", "belongs_to_refs": ["1"]},
        "1": {"type": "autonomous-system", "number": 64496},
    }
    assert named({"type": "observed-data", "objects": inside}) == [("ipv4", "192.0.2.1"), ("asn", "AS64496")]
    assert named({"type": "observed-data", "object_refs": []}) == named({"type": "file", "hashes": {"MD5": "0" * 32}}) == []


def test_an_address_says_which_systems_it_belongs_to():
    ref = "autonomous-system--00000000-0000-5000-8000-000000000001"
    assert systems({"belongs_to_refs": [ref, "identity--x", 5]}) == (ref,)
    assert systems({"belongs_to_refs": "x"}) == systems({}) == ()
