"""Every parser meets its own seeds again, and what fuzzing found (`tests/found/PARSER/*`, named after the defect)."""

from __future__ import annotations

import pytest

from tests.fuzz import FOUND, PARSERS, give


@pytest.mark.parametrize("name", sorted(PARSERS))
def test_seeds_are_read_or_refused(name: str) -> None:
    seeds = list(PARSERS[name].seeds())
    assert seeds
    for seed in seeds:
        give(name, seed)


def test_what_was_found_stays_mended() -> None:
    for file in sorted(path for path in FOUND.rglob("*") if path.is_file()):
        give(file.parent.name, file.read_bytes())
