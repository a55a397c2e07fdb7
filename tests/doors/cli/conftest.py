"""Previews in this process, and the files they are of."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from comity import node, samples
from comity.doors.cli.preview_look import Asked, Preview, carry_out
from comity.doors.cli.preview_stage import given

AGREEMENT = samples.read("sco-ict-sample.toml").decode()
#: The sample with observers let up to AMBER.
CHANGED = AGREEMENT.replace("version = 1", "version = 2").replace('tlp_max = "green"\nonward', 'tlp_max = "amber"\nonward', 1)
ON = datetime(2021, 11, 1, tzinfo=UTC)


@pytest.fixture
def put(tmp_path: Path) -> Callable[[str, Any], str]:
    """Write a file (bytes, text, or a value as JSON); its path."""

    def write(name: str, content: Any) -> str:
        if not isinstance(content, (bytes, str)):
            content = json.dumps(content)
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    return write


@pytest.fixture
def previewed(put: Callable[[str, Any], str]) -> Callable[..., Preview]:
    """A preview of sample files (by name) or of anything else (name=content), under an agreement's text."""

    def carry(
        *names: str, agreement: str = AGREEMENT, change: str | None = None, files: dict[str, Any] | None = None, **options: Any
    ) -> Preview:
        assert CHANGED != AGREEMENT
        paths = [put(name, samples.read(name)) for name in names] + [put(name, content) for name, content in (files or {}).items()]
        settings: dict[str, Any] = {"submitter": None, "named": {}, "tlp": "amber", "purposes": ("network-defence",), "on": ON, **options}
        changed = given("next.toml", change) if change else None
        return carry_out(node, Asked(files=tuple(paths), agreements=(given("a.toml", agreement),), change=changed, **settings))

    return carry


@pytest.fixture
def changed() -> str:
    """The sample agreement with one clause widened."""
    return CHANGED
