"""Packed logs against what only unpacks them, and all cores against one: wall time, since several cores work on one log.

    python -m bench.packed [--mb 256] [--rounds 5]

The machine has to be quiet: `load` says how busy it was. What is compared takes turns; figures are medians. It is checked that each way
finds as many hits as were put there. The cores are compared over the log eight times: `all` is what `comity match` does, `threads` what
it does with `--jobs 1`. Each line of output is JSON.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import zstandard

from bench.match import indicators, write_log
from comity.match.index import Index
from comity.match.openfile import opened
from comity.match.parallel import scan_all
from comity.match.workers import cores

#: The part of the lines that have an indicator.
_DENSITY = 1e-4
_COPIES = 8


def _unpacked(path: Path) -> int:
    """Unpack a log, as matching does, and do nothing with it."""
    room, size = bytearray(1 << 20), 0
    with opened(str(path)) as file:
        while count := file.readinto(room):
            size += count
    return size


def _medians(rounds: int, ways: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Seconds of each way, taking turns."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            began = time.perf_counter()
            way()
            taken[name].append(time.perf_counter() - began)
    return {name: round(statistics.median(each), 4) for name, each in taken.items()}


def main() -> None:
    """Print one JSON line for each comparison."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--mb", type=float, default=256)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    wanted = indicators(100_000)
    index = Index.build(("domain", value, None) for value in wanted)
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        truth = len(write_log(log, "zeek", given.mb, _DENSITY, wanted))
        raw = log.read_bytes()

        def matched(path: Path, jobs: int, copies: int = 1) -> None:
            assert sum(1 for _ in scan_all([str(path)], index, jobs=jobs)) == truth * copies

        def on_one_core(work: Callable[[], None]) -> None:
            cores = os.sched_getaffinity(0)
            os.sched_setaffinity(0, {max(cores)})
            work()
            os.sched_setaffinity(0, cores)

        def told(name: str, ways: dict[str, Callable[[], object]], size: int) -> None:
            seconds = _medians(given.rounds, ways)
            first, second, *_ = seconds.values()
            about = {"name": name, "mb": round(size / 1e6), "seconds": seconds, "times": round(first / second, 2)}
            print(json.dumps({**about, "hits": truth, "load": round(os.getloadavg()[0], 1)}), flush=True)

        for name, packed in (("gz", gzip.compress(raw, 6)), ("zst", zstandard.ZstdCompressor(3).compress(raw))):
            log.write_bytes(packed)
            told(name, {"unpacked": partial(_unpacked, log), "matched": partial(matched, log, 1)}, len(raw))
        with log.open("wb") as file:
            file.writelines([raw] * _COPIES)
        alone, several = partial(matched, log, 1, _COPIES), partial(matched, log, cores(), _COPIES)
        told("cores", {"one": partial(on_one_core, alone), "all": several, "threads": alone}, len(raw) * _COPIES)


if __name__ == "__main__":
    main()
