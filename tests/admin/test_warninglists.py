"""The index in the user's cache: built once, mapped after that, built anew when it is damaged."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from comity.admin import warninglists
from comity.admin.warninglists import index_path, open_warninglists
from comity.errors import OperatorFault

LIST = {"name": "A", "type": "string", "version": 1, "description": "d", "list": ["a.example"], "matching_attributes": ["domain"]}


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package of lists of our own, and an empty cache; the folder of its lists."""
    folder = tmp_path / "site" / "ourlists" / "data" / "misp-warninglists" / "lists" / "a"
    folder.mkdir(parents=True)
    (folder / "list.json").write_text(json.dumps(LIST))
    (tmp_path / "site" / "ourlists" / "__init__.py").write_text("raise ImportError('it is not to be imported')")
    (tmp_path / "site" / "ourlists-7.dist-info").mkdir()
    (tmp_path / "site" / "ourlists-7.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: ourlists\nVersion: 7\n")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    monkeypatch.setattr(warninglists, "PACKAGE", "ourlists")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return folder


def test_it_is_built_once(package: Path) -> None:
    built: list[str] = []
    for _ in range(2):
        assert open_warninglists(lambda: built.append("")).known_good("domain", "a.example") == ("A",)
    assert built == [""]
    assert index_path().name == "warninglists-7-1"
    assert os.listdir(index_path().parent) == [index_path().name]
    assert index_path().stat().st_mode & 0o077 == 0


def test_a_damaged_one_is_built_anew(package: Path) -> None:
    open_warninglists()
    index_path().write_bytes(index_path().read_bytes()[:-1])
    assert open_warninglists().known_good("domain", "a.example") == ("A",)


def test_an_empty_file_is_built_anew(package: Path) -> None:
    index_path().parent.mkdir(parents=True)
    index_path().write_bytes(b"")
    assert open_warninglists().known_good("domain", "a.example") == ("A",)


def test_a_cache_that_cannot_be_written_is_said(package: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    with pytest.raises(OperatorFault) as raised:
        open_warninglists()
    assert "XDG_CACHE_HOME" in raised.value.next


def test_a_package_without_lists_is_said(package: Path) -> None:
    (package / "list.json").unlink()
    with pytest.raises(OperatorFault, match="holds no lists"):
        open_warninglists()
    assert not index_path().parent.exists()


def test_a_missing_package_is_said(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warninglists, "PACKAGE", "ourlists-not-there")
    with pytest.raises(OperatorFault, match="not installed"):
        open_warninglists()


@pytest.mark.loop  # not a server, but seconds: two and a half million entries
def test_the_package_is_indexed_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    found = open_warninglists()
    assert len(found.lists) > 100
    assert sum(each.entries for each in found.lists) > 2_000_000
    assert sum(len(each.refused) for each in found.lists) < 10
    for kind, value in (("ipv4", "192.0.2.1"), ("ipv6", "2001:db8::1"), ("domain", "example.com")):
        assert found.known_good(kind, value)
    assert found.known_good("domain", "bad.example") == ()
    assert index_path().stat().st_size < 30 << 20
