from __future__ import annotations

from typing import Any

import pytest

from comity.terms.pattern import parse
from comity.terms.stix_custom import custom_things, extensions_used, named_in_pattern, pattern_of, prefixed, standard_only
from tests.terms.stix_examples import CUSTOM, DOMAIN, EVERY, EXTENSION, OBSERVABLES, STATEMENT

FILE = OBSERVABLES["file"]
CERTIFICATE = OBSERVABLES["x509-certificate"]
INDICATOR = DOMAIN["indicator"]
TOP = {EXTENSION: {"extension_type": "toplevel-property-extension"}}


def names(obj: dict[str, Any], old: bool = False) -> list[tuple[str, str, str]]:
    return [(each.what, each.name, each.path) for each in custom_things(obj, old)]


def test_the_standard_has_nothing_custom() -> None:
    assert [found for obj in EVERY.values() for found in names(obj)] == []


@pytest.mark.parametrize(
    ("obj", "found"),
    [
        (CUSTOM, ("type", "x-example-thing", "type")),
        ({**DOMAIN["tool"], "x_own": 1}, ("property", "x_own", "x_own")),
        ({**FILE, "x_own": 1}, ("property", "x_own", "x_own")),
        ({**FILE, "extensions": {"x-own-ext": {"a": 1}}}, ("extension", "x-own-ext", "extensions.x-own-ext")),
        ({**FILE, "extensions": {"pdf-ext": {"own": 1}}}, ("property", "own", "extensions.pdf-ext.own")),
        (
            {**FILE, "extensions": {"ntfs-ext": {"alternate_data_streams": [{"own": 1}]}}},
            ("property", "own", "extensions.ntfs-ext.alternate_data_streams.own"),
        ),
        ({**CERTIFICATE, "x509_v3_extensions": {"own": "x"}}, ("property", "own", "x509_v3_extensions.own")),
        ({**INDICATOR, "pattern": "[x-own:value = 1]"}, ("type", "x-own", "pattern")),
        ({**INDICATOR, "pattern": "[file:own = 1]"}, ("property", "own", "pattern")),
        ({**DOMAIN["observed-data"], "objects": {"0": {"type": "own"}}}, ("type", "own", "objects.0.type")),
    ],
)
def test_what_is_custom_is_found_wherever_it_is(obj: dict[str, Any], found: tuple[str, str, str]) -> None:
    assert names(obj) == [found]


def test_what_only_the_newer_version_has_is_custom_in_the_older() -> None:
    assert ("property", "pattern_type", "pattern_type") in names(INDICATOR, old=True)
    assert "confidence" not in [name for _, name, _ in names(INDICATOR, old=True)]


def test_prefixes() -> None:
    tool = {**DOMAIN["tool"], "own": 1, "x_own": 1, "x_example_own": 1}
    assert [path for path, _ in prefixed(lax=False, old=False)(tool)] == ["own", "x_own"]
    assert [path for path, _ in prefixed(lax=True, old=False)(tool)] == ["own"]
    assert [path for path, _ in prefixed(lax=True, old=False)({**CUSTOM, "type": "own"})] == ["type"]
    assert list(prefixed(lax=False, old=False)(CUSTOM)) == []


def test_extensions_define_what_is_custom() -> None:
    assert list(extensions_used(CUSTOM)) == []
    assert [path for path, _ in extensions_used({**CUSTOM, "extensions": TOP})] == ["type"]
    tool = {**DOMAIN["tool"], "own": 1}
    assert [path for path, _ in extensions_used(tool)] == ["own"]
    assert list(extensions_used({**tool, "extensions": TOP})) == []
    assert [path for path, _ in extensions_used({**FILE, "extensions": {"pdf-ext": {"own": 1}, **TOP}})] == ["extensions.pdf-ext.own"]
    assert [path for path, _ in extensions_used({**DOMAIN["tool"], "pattern": "p"})] == ["pattern"]
    assert list(extensions_used({**INDICATOR, "pattern": "[x-own:value = 1]"})) == []
    assert [path for path, _ in extensions_used({**STATEMENT, "definition_type": "own"})] == ["extensions"]


def test_nothing_but_the_standard() -> None:
    tool = {**DOMAIN["tool"], "own": 1, "extensions": TOP}
    assert [path for path, _ in standard_only("property", old=False)(tool)] == ["own"]
    assert [path for path, _ in standard_only("type", old=False)(CUSTOM)] == ["type"]
    assert list(standard_only("type", old=False)(tool)) == []


def test_what_a_pattern_names() -> None:
    tree = parse("([a-b:c = 1 AND a-b:d.e = 2] FOLLOWEDBY [f-g:'h' IN (1)] WITHIN 5 SECONDS) REPEATS 2 TIMES")
    assert list(named_in_pattern(tree)) == [("a-b", "c"), ("a-b", "d"), ("f-g", "h")]
    assert pattern_of(INDICATOR, old=False) == (INDICATOR["pattern"], "2.1")
    assert pattern_of({**INDICATOR, "pattern_type": "yara"}, old=False) is None
    assert pattern_of({**INDICATOR, "pattern_type": "yara"}, old=True) == (INDICATOR["pattern"], "2.0")
    assert list(custom_things({**INDICATOR, "pattern": "[no"}, old=False)) == []
