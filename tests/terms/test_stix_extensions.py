from __future__ import annotations

import pytest

from comity.terms.stix_extensions import PARTS, PREDEFINED, extension, extension_names
from tests.terms.stix_examples import OBSERVABLES

EXTENSIONS = [(type_, name) for type_, names in PREDEFINED.items() for name in names]


@pytest.mark.parametrize(("type_", "name"), EXTENSIONS)
def test_an_extension_takes_its_properties_and_nothing_under_them_that_is_none(type_: str, name: str) -> None:
    given = OBSERVABLES[type_]["extensions"][name]
    assert set(given) == extension_names(type_, name)
    shape = extension(name, old=False)
    assert shape(given) is None
    assert shape({})
    for key in given:
        found = shape({**given, key: [[{"a": 1}]]}) or []
        assert [where for where, _ in found if where.startswith(f".{key}")] or key == "startup_info"


def test_what_an_extension_must_have() -> None:
    assert extension("icmp-ext", old=False)({"icmp_type_hex": "08"}) == [(".icmp_code_hex", "missing")]
    assert extension("tcp-ext", old=False)({"other": 1}) == [("", "must have src_flags_hex or dst_flags_hex")]
    alone = {"pe_type": "exe"}
    assert extension("windows-pebinary-ext", old=False)(alone)
    assert extension("windows-pebinary-ext", old=True)(alone) is None
    assert extension("windows-service-ext", old=True)({"display_name": "d"}) == [(".service_name", "missing")]
    assert extension("archive-ext", old=True)({"contains_refs": ["directory--x"]}) == [(".contains_refs[0]", "directory is not file")]


def test_names_differ_by_version_and_belong_to_a_type() -> None:
    assert extension_names("file", "archive-ext", old=True) - extension_names("file", "archive-ext") == {"version"}
    assert extension_names("process", "windows-process-ext") - extension_names("process", "windows-process-ext", old=True) == {
        "integrity_level"
    }
    assert extension_names("url", "archive-ext") == frozenset()


def test_parts_are_those_of_the_examples() -> None:
    for (name, key), known in PARTS.items():
        part = OBSERVABLES["file"]["extensions"][name][key]
        assert set(part[0] if isinstance(part, list) else part) <= known
