from __future__ import annotations

from typing import Any

import pytest

from comity.terms.stix_kinds import all_faults
from comity.terms.stix_observables import OBSERVABLES_20, OBSERVABLES_21
from comity.terms.stix_types import SCO_TYPES
from tests.terms.stix_examples import OBSERVABLES


def test_there_is_a_table_for_every_observable_and_an_example() -> None:
    assert set(OBSERVABLES_21) == set(OBSERVABLES_20) == SCO_TYPES == set(OBSERVABLES)


@pytest.mark.parametrize("type_", OBSERVABLES)
def test_an_example_has_every_property_and_no_fault(type_: str) -> None:
    obj, kind = OBSERVABLES[type_], OBSERVABLES_21[type_]
    assert all_faults(kind, obj) == []
    absent = {"granular_markings", "extensions", "url", "body"}
    assert set(obj) <= kind.names
    assert kind.names - set(obj) <= absent


@pytest.mark.parametrize("type_", OBSERVABLES)
def test_what_is_required_is_missed(type_: str) -> None:
    obj, kind = OBSERVABLES[type_], OBSERVABLES_21[type_]
    for name in kind.required:
        assert (name, "missing") in all_faults(kind, {key: value for key, value in obj.items() if key != name})
    if kind.one:
        assert all_faults(kind, {"type": type_, "id": obj["id"]} | {name: obj[name] for name in kind.required})[0][0] == kind.one[0]


#: Type, change, properties left out, and what is said.
WRONG: list[tuple[str, dict[str, Any], tuple[str, ...], str]] = [
    ("artifact", {"url": "http://a.example/"}, (), "url: must not be given together with payload_bin"),
    ("artifact", {"url": "http://a.example/"}, ("payload_bin", "hashes"), "hashes: missing, url needs it"),
    ("artifact", {}, ("encryption_algorithm",), "encryption_algorithm: missing, decryption_key needs it"),
    ("email-message", {"body": "b"}, (), "body: must not be given when is_multipart is true"),
    ("email-message", {"is_multipart": False}, (), "body_multipart: must not be given when is_multipart is false"),
    ("email-message", {"body_multipart": [{"content_type": "a/b"}]}, (), "body_multipart[0]: must have body or body_raw_ref"),
    ("network-traffic", {"is_active": True}, (), "end: must not be given while is_active is true"),
    ("network-traffic", {"end": "2023-01-01T00:00:00Z"}, (), "end: earlier than start"),
    ("network-traffic", {"src_port": 65536}, (), "src_port: must be a whole number from 0 to 65535"),
    ("network-traffic", {"src_ref": "url--x"}, (), "src_ref: url is not ipv4-addr or ipv6-addr or mac-addr or domain-name"),
    ("windows-registry-key", {"values": [{"data_type": "REG_X"}]}, (), "values[0].data_type: must be one of REG_NONE, REG_SZ"),
    ("x509-certificate", {"x509_v3_extensions": {"other": 1}}, (), "x509_v3_extensions: must have basic_constraints or"),
    ("ipv4-addr", {"value": "192.0.2.256"}, (), "value: must be an IPv4 address, or a network in CIDR notation"),
    ("ipv4-addr", {"value": "192.0.2.0/01"}, (), "value: must be an IPv4 address"),
    ("ipv4-addr", {"value": "192.0.2.0/33"}, (), "value: must be an IPv4 address"),
    ("ipv6-addr", {"value": "192.0.2.1"}, (), "value: must be an IPv6 address, or a network in CIDR notation"),
    ("mac-addr", {"value": "D2:FB:49:24:37:18"}, (), "value: must be six lower-case octets"),
    ("email-addr", {"value": "X <x@a.example>"}, (), "value: must be an e-mail address without a display name"),
    ("url", {"value": "a.example/x"}, (), "value: must be a URL (RFC 3986)"),
    (
        "process",
        {"extensions": {"windows-process-ext": {"aslr_enabled": 1}}},
        (),
        "extensions.windows-process-ext.aslr_enabled: must be true",
    ),
]


@pytest.mark.parametrize(("type_", "change", "without", "said"), WRONG)
def test_what_is_wrong_is_said_with_its_path(type_: str, change: dict[str, Any], without: tuple[str, ...], said: str) -> None:
    obj = {name: value for name, value in {**OBSERVABLES[type_], **change}.items() if name not in without}
    found = [f"{path}: {why}" for path, why in all_faults(OBSERVABLES_21[type_], obj)]
    assert len(found) == 1
    assert found[0].startswith(said)


def test_host_bits_and_zones_are_addresses() -> None:
    for type_, value in (("ipv4-addr", "192.0.2.7/24"), ("ipv6-addr", "2001:db8::1/64"), ("ipv6-addr", "fe80::1%eth0")):
        assert all_faults(OBSERVABLES_21[type_], {"type": type_, "value": value}) == []


def test_the_older_version_has_its_own_names_and_needs() -> None:
    old, new = OBSERVABLES_20["file"], OBSERVABLES_21["file"]
    assert {"created", "is_encrypted"} <= old.names - new.names
    assert {"ctime", "id", "object_marking_refs"} <= new.names - old.names
    assert all_faults(old, {"type": "file", "name": "a", "decryption_key": "k"}) == [("decryption_key", "needs is_encrypted to be true")]
    assert all_faults(old, {"type": "file", "name": "a", "decryption_key": "k", "is_encrypted": True}) == []
    assert all_faults(OBSERVABLES_20["user-account"], {"type": "user-account", "display_name": "d"}) == [("user_id", "missing")]
    header = {"http-request-ext": {"request_method": "get", "request_value": "/", "request_header": {"Host": "a.example"}}}
    traffic = {"type": "network-traffic", "protocols": ["tcp"], "src_ref": "ipv4-addr--x", "extensions": header}
    assert all_faults(OBSERVABLES_20["network-traffic"], traffic) == []
    assert [path for path, _ in all_faults(OBSERVABLES_21["network-traffic"], traffic)] == [
        "extensions.http-request-ext.request_header.Host"
    ]
