from __future__ import annotations

import pytest

from comity.terms import stix_vocabularies as words
from comity.terms.stix_domain import DOMAIN_20, DOMAIN_21
from comity.terms.stix_types import SCO_TYPES


@pytest.mark.parametrize(("tables", "kinds"), [(words.VOCABULARIES_21, DOMAIN_21), (words.VOCABULARIES_20, DOMAIN_20)])
def test_vocabularies_are_used_by_properties_that_there_are(tables, kinds) -> None:  # type: ignore[no-untyped-def]
    for vocabulary in tables.values():
        assert vocabulary.values
        for type_, names in vocabulary.uses.items():
            assert set(names) <= kinds[type_].names


@pytest.mark.parametrize("old", [False, True])
def test_suggested_relationships_join_types_that_there_are(old: bool) -> None:
    table = words._RELATIONSHIPS_20 if old else words._RELATIONSHIPS_21
    known = set(DOMAIN_20 if old else DOMAIN_21) | SCO_TYPES
    for source, kinds in table.items():
        assert {source, *(target for targets in kinds.values() for target in targets.split())} <= known


def test_what_is_suggested() -> None:
    assert words.suggested("indicator", "indicates", "malware")
    assert words.suggested("indicator", "derived-from", "x-own")
    assert not words.suggested("indicator", "uses", "malware")
    assert words.suggested("infrastructure", "consists-of", "ipv4-addr")
    assert words.suggested("malware", "exfiltrate-to", "infrastructure")
    assert words.suggested("campaign", "targets", "location")
    assert not words.suggested("campaign", "targets", "location", old=True)
