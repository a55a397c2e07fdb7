from __future__ import annotations

from typing import Any

import pytest

from comity.terms.stix_should import RECOMMENDED_20, RECOMMENDED_21
from tests.terms.stix_examples import DOMAIN, EVERY, OBSERVABLES, STATEMENT, T

FILE, TRAFFIC, PROCESS = OBSERVABLES["file"], OBSERVABLES["network-traffic"], OBSERVABLES["process"]


def _inside(obj: dict[str, Any], extension: str, **change: Any) -> dict[str, Any]:
    return {**obj, "extensions": {**obj["extensions"], extension: {**obj["extensions"][extension], **change}}}


#: Recommendation -> an object that does not follow it, and the path that it names.
BROKEN: dict[str, tuple[dict[str, Any], str]] = {
    "kill-chain-names": (
        {**DOMAIN["tool"], "kill_chain_phases": [{"kill_chain_name": "a", "phase_name": "A b"}]},
        "kill_chain_phases[0].phase_name",
    ),
    "extref-hashes": (
        {**DOMAIN["tool"], "external_references": [{"source_name": "s", "url": "u:u"}]},
        "external_references[0].hashes",
    ),
    "marking-definition-type": ({**STATEMENT, "definition_type": "iep"}, "definition_type"),
    "observable-object-keys": ({**DOMAIN["observed-data"], "objects": {"a": OBSERVABLES["url"]}}, "objects.a"),
    "hash-length": ({**FILE, "hashes": {"x_" + "a" * 30: "b"}}, "hashes.x_" + "a" * 30),
    "hash-algo": (
        _inside(FILE, "ntfs-ext", alternate_data_streams=[{"name": "s", "hashes": {"FOO": "a"}}]),
        "extensions.ntfs-ext.alternate_data_streams[0].hashes.FOO",
    ),
    "windows-pebinary-type": (_inside(FILE, "windows-pebinary-ext", pe_type="elf"), "extensions.windows-pebinary-ext.pe_type"),
    "mime-type": ({**FILE, "mime_type": "zip"}, "mime_type"),
    "protocols": ({**TRAFFIC, "protocols": ["tcp", "foo_bar"]}, "protocols[1]"),
    "ipfix": ({**TRAFFIC, "ipfix": {"Foo": 1}}, "ipfix.Foo"),
    "http-request-headers": (
        _inside(TRAFFIC, "http-request-ext", request_header={"x-foobar": ["a"]}),
        "extensions.http-request-ext.request_header.x-foobar",
    ),
    "socket-options": (_inside(TRAFFIC, "socket-ext", options={"SO_FOO": 1}), "extensions.socket-ext.options.SO_FOO"),
    "pdf-doc-info": (_inside(FILE, "pdf-ext", document_info_dict={"Foo": "a"}), "extensions.pdf-ext.document_info_dict.Foo"),
    "network-traffic-ports": ({name: value for name, value in TRAFFIC.items() if name != "src_port"}, "src_port"),
    "windows-process-priority-format": (
        _inside(PROCESS, "windows-process-ext", priority="HIGH"),
        "extensions.windows-process-ext.priority",
    ),
    "open-vocab-format": ({**DOMAIN["malware"], "malware_types": ["Remote Access"]}, "malware_types"),
    "relationship-types": ({**DOMAIN["relationship"], "relationship_type": "likes"}, "relationship_type"),
    "observable-dictionary-keys": ({**FILE, "x_own": {"a": {"B": 1}}}, "x_own.a.B"),
    "account-type": ({**OBSERVABLES["user-account"], "account_type": "hero"}, "account_type"),
    "countries": ({**DOMAIN["location"], "country": "Kazakhstan"}, "country"),
    "malware-analysis-product": ({**DOMAIN["malware-analysis"], "product": "My Product"}, "product"),
    "indicator-properties": ({name: value for name, value in DOMAIN["indicator"].items() if name != "name"}, "name"),
    "extension-description": (
        {name: value for name, value in DOMAIN["extension-definition"].items() if name != "description"},
        "description",
    ),
    "extension-properties": (
        {name: value for name, value in DOMAIN["extension-definition"].items() if name != "extension_properties"},
        "extension_properties",
    ),
    "deprecated-properties": ({**DOMAIN["observed-data"], "objects": {"0": OBSERVABLES["url"]}}, "objects"),
    "attack-motivation": ({**DOMAIN["threat-actor"], "personal_motivations": ["fun"]}, "personal_motivations"),
    "attack-resource-level": ({**DOMAIN["intrusion-set"], "resource_level": "army"}, "resource_level"),
    "threat-actor-role": ({**DOMAIN["threat-actor"], "roles": ["cook"]}, "roles"),
    "threat-actor-sophistication": ({**DOMAIN["threat-actor"], "sophistication": "much"}, "sophistication"),
    "grouping-context": ({**DOMAIN["grouping"], "context": "other"}, "context"),
    "identity-class": ({**DOMAIN["identity"], "identity_class": "club"}, "identity_class"),
    "implementation-languages": ({**DOMAIN["malware"], "implementation_languages": ["forth"]}, "implementation_languages"),
    "indicator-types": ({**DOMAIN["indicator"], "indicator_types": ["bad"]}, "indicator_types"),
    "indicator-pattern-types": ({**DOMAIN["indicator"], "pattern_type": "kql"}, "pattern_type"),
    "industry-sector": ({**DOMAIN["identity"], "sectors": ["games"]}, "sectors"),
    "infrastructure-types": ({**DOMAIN["infrastructure"], "infrastructure_types": ["cloud"]}, "infrastructure_types"),
    "malware-capabilities": ({**DOMAIN["malware"], "capabilities": ["sings"]}, "capabilities"),
    "malware-result": ({**DOMAIN["malware-analysis"], "result": "odd"}, "result"),
    "malware-types": ({**DOMAIN["malware"], "malware_types": ["beast"]}, "malware_types"),
    "processor-architecture": ({**DOMAIN["malware"], "architecture_execution_envs": ["z80"]}, "architecture_execution_envs"),
    "region": ({**DOMAIN["location"], "region": "moon"}, "region"),
    "report-types": ({**DOMAIN["report"], "report_types": ["news"]}, "report_types"),
    "threat-actor-types": ({**DOMAIN["threat-actor"], "threat_actor_types": ["bot"]}, "threat_actor_types"),
    "tool-types": ({**DOMAIN["tool"], "tool_types": ["hammer"]}, "tool_types"),
}
ONLY_OLD = {
    "encryption-algo": ({"type": "file", "name": "a", "is_encrypted": True, "encryption_algorithm": "ROT13"}, "encryption_algorithm"),
    "indicator-label": ({"type": "indicator", "labels": ["bad"]}, "labels"),
    "malware-label": ({"type": "malware", "labels": ["beast"]}, "labels"),
    "report-label": ({"type": "report", "labels": ["news"]}, "labels"),
    "threat-actor-label": ({"type": "threat-actor", "labels": ["bot"]}, "labels"),
    "tool-label": ({"type": "tool", "labels": ["hammer"]}, "labels"),
}


def test_every_recommendation_has_its_example() -> None:
    assert set(RECOMMENDED_21) == set(BROKEN)
    assert set(RECOMMENDED_20) - set(RECOMMENDED_21) == set(ONLY_OLD)


@pytest.mark.parametrize("name", BROKEN)
def test_a_recommendation_finds_what_does_not_follow_it(name: str) -> None:
    obj, path = BROKEN[name]
    assert [where for where, _ in RECOMMENDED_21[name](obj)] == [path]
    # 2.0 has its vocabularies under labels, and takes any SO_*.
    if name in RECOMMENDED_20 and name not in ("open-vocab-format", "socket-options"):
        assert path in [where for where, _ in RECOMMENDED_20[name](obj)]


@pytest.mark.parametrize("name", ONLY_OLD)
def test_what_only_2_0_recommends(name: str) -> None:
    obj, path = ONLY_OLD[name]
    assert [where for where, _ in RECOMMENDED_20[name](obj)] == [path]


@pytest.mark.parametrize("name", BROKEN)
def test_the_examples_follow_every_recommendation(name: str) -> None:
    assert [(obj["type"], found) for obj in EVERY.values() for found in RECOMMENDED_21[name](obj)] == []


def test_observables_in_a_container_are_looked_at_one_by_one() -> None:
    obj = {"type": "observed-data", "created": T, "objects": {"0": FILE, "1": {**FILE, "mime_type": "x"}, "2": None}}
    assert [path for path, _ in RECOMMENDED_20["mime-type"](obj)] == ["objects.1.mime_type"]


def test_the_older_version_limits_the_length_of_dictionary_keys() -> None:
    obj = {"type": "file", "x_own": {"a" * 31: 1}}
    assert [path for path, _ in RECOMMENDED_20["observable-dictionary-keys"](obj)] == ["x_own." + "a" * 31]
    assert list(RECOMMENDED_21["observable-dictionary-keys"](obj)) == []
