from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path

import pytest

from comity.match import kernel_cache
from comity.match.kernel_cache import compiled


@pytest.fixture
def doubled(tmp_path: Path) -> Callable[[int], int]:
    """A function of a module of its own, beside which it is kept."""
    path = tmp_path / "doubling.py"
    path.write_text("def doubled(number):\n    return number * 2\n")
    spec = importlib.util.spec_from_file_location("doubling", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    function: Callable[[int], int] = module.doubled
    return function


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
