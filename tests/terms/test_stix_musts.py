from __future__ import annotations

from typing import Any

import pytest

from comity.terms.stix_musts import MUSTS, registered
from tests.terms.stix_examples import DOMAIN, EVERY, OBSERVABLES, TLP_AMBER, U4, T

INDICATOR, TOOL, FILE = DOMAIN["indicator"], DOMAIN["tool"], OBSERVABLES["file"]


def found(obj: dict[str, Any], old: bool = False) -> list[str]:
    return [f"{path}: {why}" for must in MUSTS for path, why in must(obj, old)]


@pytest.mark.parametrize("type_", EVERY)
def test_the_examples_meet_every_demand(type_: str) -> None:
    assert found(EVERY[type_]) == []


def test_the_four_tlp_markings_are_what_they_are() -> None:
    assert found(TLP_AMBER) == []
    says = ["definition: is not one of the four TLP markings that STIX defines, as it defines them"]
    for change in ({"id": f"marking-definition--{U4}"}, {"definition": {"tlp": "red"}}, {"created": T}, {"name": "x"}, {"lang": "en"}):
        assert found({**TLP_AMBER, **change}) == says
    plain = {name: value for name, value in TLP_AMBER.items() if name not in ("spec_version", "name")}
    assert found(plain, old=True) == []
    assert found(plain) == ["spec_version: missing", *says]


@pytest.mark.parametrize(
    ("obj", "said"),
    [
        ({**TOOL, "created": "2024-03-01T12:00:00Z"}, "created: must be precise to the millisecond"),
        ({name: value for name, value in TOOL.items() if name != "spec_version"}, "spec_version: missing"),
        ({**TOOL, "No": 1}, "No: is not a property name: 3 to 250 of a-z, 0-9 and '_', a letter first"),
        ({**TOOL, "x_own": None}, "x_own: must not be null"),
        ({**TOOL, "x_own": []}, "x_own: must not be an empty list"),
        ({**TOOL, "x_own_hex": "xyz"}, "x_own_hex: must be an even number of hexadecimal digits"),
        ({**TOOL, "x_own_bin": "="}, "x_own_bin: must be base64 (RFC 4648)"),
        ({**TOOL, "lang": "foo"}, "lang: is not a registered language (RFC 5646)"),
        ({**TOOL, "extensions": {"own": {"a": 1}}}, "extensions.own: must be the id of an extension definition, or end in -ext"),
        ({**TOOL, "granular_markings": [{"selectors": ["[0]"]}]}, "granular_markings[0].selectors[0]: '[0]' is not a selector"),
        (
            {**TOOL, "external_references": [{"source_name": "NVD", "external_id": "CVE-2024-1234"}]},
            "external_references[0].source_name: must be cve for CVE-2024-1234",
        ),
        (
            {**TOOL, "external_references": [{"source_name": "s", "url": "not one"}]},
            "external_references[0].url: must be a URL (RFC 3986)",
        ),
        (
            {**TOOL, "external_references": [{"source_name": "s", "hashes": {"CRC": "1"}}]},
            "external_references[0].hashes.CRC: must be a hash of STIX's vocabulary",
        ),
        ({**DOMAIN["language-content"], "contents": {"foo": {"name": "n"}}}, "contents.foo: is not a registered language (RFC 5646)"),
        ({**DOMAIN["language-content"], "contents": {"de": {"X": "n"}}}, "contents.de.X: is not a property name"),
        (
            {"type": "user-account", "id": "user-account--12345678-1234-5234-8234-123456789012", "display_name": "d"},
            "id: must be a UUIDv4, for nothing here makes another",
        ),
        ({**OBSERVABLES["artifact"], "mime_type": "x"}, "mime_type: must be a media type like text/plain (RFC 6838)"),
        ({**OBSERVABLES["directory"], "path_enc": "bla.bla"}, "path_enc: must be an IANA character set"),
        ({**FILE, "name_enc": "bla.bla"}, "name_enc: must be an IANA character set"),
        ({**OBSERVABLES["software"], "cpe": "cpe:/a:x"}, "cpe: must be a CPE 2.3 formatted string (NISTIR 7695)"),
        ({**OBSERVABLES["software"], "languages": ["en", "bbb"]}, "languages[1]: is not a registered language (RFC 5646)"),
        ({**OBSERVABLES["url"], "value": "http://a.example/ x"}, "value: must be a URL (RFC 3986)"),
        ({**OBSERVABLES["windows-registry-key"], "key": "HKLM\\x"}, "key: the hive must be written out"),
        (
            {**FILE, "extensions": {"raster-image-ext": {"exif_tags": {"a": 1}}}},
            "extensions.raster-image-ext.exif_tags.a: is not an EXIF tag",
        ),
        (
            {**FILE, "extensions": {"windows-pebinary-ext": {"time_date_stamp": "2024-03-01T12:00:00.5Z"}}},
            "extensions.windows-pebinary-ext.time_date_stamp: must be precise to the second",
        ),
        (
            {**OBSERVABLES["process"], "extensions": {"windows-process-ext": {"startup_info": {"x": 1}}}},
            "extensions.windows-process-ext.startup_info.x: is not a field of STARTUPINFO",
        ),
        (
            {**OBSERVABLES["network-traffic"], "extensions": {"socket-ext": {"options": {"x": 1}}}},
            "extensions.socket-ext.options.x: is not a socket option: SO_*, IP_*, TCP_* and so on",
        ),
        ({**INDICATOR, "pattern": "[ab:value = 1]"}, "pattern: 'ab' is not a type name"),
        ({**INDICATOR, "pattern": "[x-own:n = 1]"}, "pattern: 'n' is not a property name"),
    ],
)
def test_what_breaks_a_demand_of_2_1(obj: dict[str, Any], said: str) -> None:
    assert found(obj) == [said]


def test_a_pattern_must_parse() -> None:
    assert [each.partition(": ")[0] for each in found({**INDICATOR, "pattern": "[url:value = "})] == ["pattern"]
    assert found({**INDICATOR, "pattern": "anything", "pattern_type": "sigma"}) == []


def test_what_breaks_a_demand_of_2_0() -> None:
    tool = {"type": "tool", "id": f"tool--{U4}", "created": T, "modified": T, "name": "n", "labels": ["exploitation"]}
    assert found(tool, old=True) == []
    v5 = "12345678-1234-5234-8234-123456789012"
    assert found({**tool, "id": f"tool--{v5}"}, old=True) == ["id: must be a UUIDv4"]
    assert found({**tool, "created_by_ref": f"identity--{v5}"}, old=True) == ["created_by_ref: must be a UUIDv4"]
    assert found({**tool, "created": T.replace("000Z", "000000Z")}, old=True) == [
        "created: must be precise to the millisecond and no further"
    ]
    assert found({**tool, "severity": "x"}, old=True) == ["severity: is reserved by STIX and must not be used"]
    assert found({"type": "x-own", "id": f"x-own--{U4}"}, old=True) == ["created: missing", "modified: missing"]


def test_languages_are_registered_ones() -> None:
    assert all(map(registered, ("en", "zh-Hant-TW", "kaz", "x-own", "EN-us")))
    assert not any(map(registered, ("foo", "bbb-US", "e", "en_US", "")))
