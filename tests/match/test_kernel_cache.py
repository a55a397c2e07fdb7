from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from comity.match import kernel_cache
from comity.match.kernel_cache import compiled


@pytest.fixture
def doubled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], int]]:
    """A function of a module of its own, beside which it is kept."""
    (tmp_path / "doubling.py").write_text("def doubled(number):\n    return number * 2\n")
    monkeypatch.syspath_prepend(tmp_path)
    function: Callable[[int], int] = importlib.import_module("doubling").doubled
    yield function
    del sys.modules["doubling"]


def test_what_was_compiled_is_loaded_until_a_source_changes(doubled: Callable[[int], int], monkeypatch: pytest.MonkeyPatch) -> None:
    def loads() -> int:
        made = compiled(doubled)
        assert made(2) == 4
        return sum(made.stats.cache_hits.values())

    assert [loads(), loads()] == [0, 1]
    monkeypatch.setattr(kernel_cache, "_SOURCES", -1)
    assert [loads(), loads()] == [0, 1]


def test_what_cannot_be_kept_is_compiled(doubled: Callable[[int], int], monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(function: object) -> None:
        raise RuntimeError("no locator available")

    monkeypatch.setattr(kernel_cache, "_Cache", refuse)
    assert compiled(doubled)(3) == 6
