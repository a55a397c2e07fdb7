"""`python -m comity` and the `comity` command are one and the same."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec
import pytest

from comity import __main__, __version__


def run(monkeypatch, *args: str) -> int:
    monkeypatch.setattr(sys, "argv", ["comity", *args])
    with pytest.raises(SystemExit) as ended:
        __main__.main()
    return int(ended.value.code or 0)


def test_it_says_its_version(monkeypatch, capsys):
    assert run(monkeypatch, "--version") == 0
    assert __version__ in capsys.readouterr().out


def test_the_documented_codes_reach_the_shell(monkeypatch, capsys, tmp_path):
    assert run(monkeypatch, "nonesuch") == 2
    assert run(monkeypatch, "log", "head", "--node", str(tmp_path / "nowhere")) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "there is no folder" in said.err


def test_it_builds_real_nodes(monkeypatch, capsys, tmp_path):
    assert run(monkeypatch, "init", "--party", "KZ", "--node", str(tmp_path / "node")) == 0
    assert (tmp_path / "node" / "node.toml").is_file()
    assert run(monkeypatch, "init", "--party", "KZ", "--node", str(tmp_path / "node")) == 6


def test_the_module_and_the_command_are_the_same(comity):
    assert __version__.encode() in comity("--version").stdout
    project = msgspec.toml.decode((Path(__main__.__file__).parents[1] / "pyproject.toml").read_bytes())
    assert project["project"]["scripts"]["comity"] == "comity.__main__:main"


def test_importing_it_runs_nothing(comity):
    import subprocess

    done = subprocess.run(
        [sys.executable, "-c", "import comity.__main__"], capture_output=True, cwd=Path(__main__.__file__).parents[1], check=True
    )
    assert (done.stdout, done.stderr) == (b"", b"")
