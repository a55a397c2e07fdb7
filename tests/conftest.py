"""Fixtures for all tests. Real data is used where it is present and never needed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests.forked import Forks

HERE = Path(__file__).resolve().parent
# How long an example takes depends on what else the machine does; no test fails for that.
settings.register_profile("unhurried", settings(), deadline=None, max_examples=60)
settings.load_profile("unhurried")


@pytest.fixture(scope="session")
def shared_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `public/` and `vectors/`: `$COMITY_TEST_DATA` if it is unpacked already, else unpacked from `../shared/data`."""
    ready = os.environ.get("COMITY_TEST_DATA")
    if ready and (Path(ready) / "public").is_dir():
        return Path(ready)
    packed = HERE.parent.parent / "shared" / "data"
    archives = [packed / "public.tar.zst", packed / "vectors.tar.zst"]
    if not all(archive.is_file() for archive in archives):
        pytest.skip(
            "no real data: put public.tar.zst and vectors.tar.zst in ../shared/data, or set COMITY_TEST_DATA to a folder with both unpacked"
        )
    folder = tmp_path_factory.mktemp("data")
    for archive in archives:
        _unpack(archive, folder)
    return folder


def pytest_sessionfinish() -> None:
    """End what tests of doors share."""
    if "tests.inside" in sys.modules:
        sys.modules["tests.inside"].ended()


def _unpack(archive: Path, folder: Path) -> None:
    import tarfile

    import zstandard

    with (
        archive.open("rb") as packed,
        zstandard.ZstdDecompressor().stream_reader(packed) as plain,
        tarfile.open(fileobj=plain, mode="r|") as tar,
    ):
        tar.extractall(folder, filter="data")


@pytest.fixture(scope="session")
def shared_seeds() -> list[Path]:
    """The two news pages the project was asked for by."""
    seeds = sorted((HERE.parent.parent / "shared" / "seeds").glob("*.txt"))
    if not seeds:
        pytest.skip("no seed pages: put them in ../shared/seeds")
    return seeds


#: What changes how Python itself starts, and how it was here.
_STARTING = {name: os.environ.get(name) for name in ("PYTHONIOENCODING", "PYTHONUTF8", "PYTHONWARNINGS", "LANG", "LC_ALL")}


@pytest.fixture(scope="session")
def forks() -> Iterator[Forks]:
    """What runs commands without starting Python anew (see `tests.forked`)."""
    forks = Forks()
    yield forks
    forks.end()


@pytest.fixture
def comity(tmp_path: Path, forks: Forks) -> Any:
    """Run the real command line in an empty folder: `comity("add", "x.json", node="kz")` gives the finished process.

    `fresh`: Python starts for it, as it does where the environment changes how it starts.
    """

    def call(
        *args: str, code: int | None = 0, stdin: bytes | None = None, node: str | None = None, fresh: bool = False
    ) -> subprocess.CompletedProcess[bytes]:
        environment = {**os.environ, "COMITY_NODE": str(tmp_path / (node or "node")), "PYTHONPATH": str(HERE.parent)}
        if fresh or any(os.environ.get(name) != usual for name, usual in _STARTING.items()):
            command = [sys.executable, "-m", "comity", *args]
            done = subprocess.run(command, input=stdin, capture_output=True, cwd=tmp_path, env=environment, check=False)
        else:
            done = forks.run(list(args), cwd=tmp_path, env=environment, stdin=stdin)
        assert code is None or done.returncode == code, (done.returncode, done.stderr.decode(), done.stdout.decode()[:2000])
        return done

    return call
