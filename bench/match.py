"""Logs against domains: ours (numba, NumPy), DuckDB, Polars, a Python set, Hyperscan, ripgrep, grep -F, and `wc -l` as the floor.

    python -m bench.match [--mb 128] [--counts 1000,1000000] [--densities 0,1e-4,1e-2] [--kinds zeek,eve]

Each runs in a process of its own over the same bytes, on one core, and says which lines it found: all that know labels must agree with
what was put there. Speed is MB per second of CPU time (user and system) of the pass alone; what comes before it (compiling or loading the
indicators, warming up) is told apart. Ours looks at every field of every line; the others at the one that holds the name. All say which
lines have an indicator; `ours-hits` makes a record of each hit besides, with its indicator's id and the event's time. Each line of output
is JSON; the last of each log says all.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from functools import partial
from importlib.util import find_spec
from pathlib import Path

#: What the slow ones are given at most, and the most indicators they are asked for.
_SLOW_MB, _SLOW_COUNT = 16, 1_000
_FIELDS = (
    "ts",
    "uid",
    "id.orig_h",
    "id.orig_p",
    "id.resp_h",
    "id.resp_p",
    "proto",
    "trans_id",
    "rtt",
    "query",
    "qtype_name",
    "rcode",
    "TTLs",
)
_TYPES = ("time", "string", "addr", "port", "addr", "port", "enum", "count", "interval", "string", "string", "count", "vector[interval]")
_HEAD = "#separator \\x09\n#set_separator\t,\n" + "".join("\t".join(each) + "\n" for each in (("#fields", *_FIELDS), ("#types", *_TYPES)))
_TOPS = ("example", "test", "invalid")
Answer = tuple[float, float, int, int]


def indicators(count: int) -> list[str]:
    """Domains of two or three labels, below the same ones as the names that are none."""
    r = random.Random(1)
    return [f"{r.randrange(1 << 40):x}.{f'site{r.randrange(900)}.' * r.randrange(2)}{r.choice(_TOPS)}" for _ in range(count)]


def write_log(path: Path, kind: str, megabytes: float, density: float, wanted: list[str]) -> set[int]:
    """A log of about that size; the numbers of the lines with an indicator, or a name below one."""
    r, size, number, truth = random.Random(7), 0, 0, set()
    benign = [f"{'www.' * r.randrange(2)}{r.randrange(1 << 36):x}.site{r.randrange(900)}.{r.choice(_TOPS)}" for _ in range(200_000)]
    with path.open("w") as file:
        if kind == "zeek":
            file.write(_HEAD)
            number = _HEAD.count("\n")
        while size < megabytes * 1e6:
            number += 1
            name = benign[int(200_000 * r.random() ** 3)]
            if r.random() < density:
                name = f"a{r.randrange(1 << 20):x}." * r.randrange(2) + wanted[r.randrange(len(wanted))]
                truth.add(number)
            size += file.write(_row(kind, number, name, r.randrange(1 << 30)))
    return truth


def _row(kind: str, number: int, name: str, x: int) -> str:
    source, port, server = f"10.{x >> 8 & 3}.{x >> 16 & 255}.{x >> 24}", 1024 + (x & 32767), f"192.0.2.{x & 255}"
    if kind == "zeek":
        moment = f"{1_700_000_000 + number / 500:.6f}"
        cells = (
            moment,
            f"C{x:x}f00d{number:x}",
            source,
            port,
            server,
            53,
            "udp",
            x & 65535,
            f"0.{x & 0xFFFFF:06d}",
            name,
            "A",
            0,
            "300.000000,60.000000",
        )
        return "\t".join(map(str, cells)) + "\n"
    moment = f"2023-11-14T22:{number // 60_000 % 60:02d}:{number // 1000 % 60:02d}.{number % 1000:03d}000+0000"
    return (
        f'{{"timestamp":"{moment}","flow_id":{x * 1_000_003},"in_iface":"eth0","event_type":"dns","src_ip":"{source}","src_port":{port},'
        f'"dest_ip":"{server}","dest_port":53,"proto":"UDP","community_id":"1:{x:x}=","dns":{{"type":"query","id":{x & 65535},'
        f'"rrname":"{name}","rrtype":"A","tx_id":0,"opcode":0}}}}\n'
    )  # fmt: skip


def ours(kind: str, log: str, listed: str, *, records: bool = False) -> Answer:
    """`comity match`, from a kept table."""
    import numpy as np

    from comity.match.cached import index_of
    from comity.match.openfile import opened
    from comity.match.scan import Log, Seeker, scan

    began = time.process_time()
    index = index_of([listed], print, print)
    index.prefilter().lines(np.zeros(64, np.uint8))
    loaded = time.process_time()
    if records:
        found = {hit.line for hit in scan([log], index)}
    else:
        with opened(log) as file:
            found = {line.number for line, shown, _ in Log(log).found(file, Seeker(index), index.prefilter) if shown}
    return loaded - began, time.process_time() - loaded, len(found), sum(found)


def kernel(kind: str, log: str, listed: str) -> Answer:
    """Our pass over raw bytes alone: lines that may show something."""
    import numpy as np

    from comity.match.cached import index_of

    began = time.process_time()
    prefilter = index_of([listed], print, print).prefilter()
    prefilter.lines(np.zeros(64, np.uint8))
    loaded, raw = time.process_time(), np.fromfile(log, np.uint8)
    read = time.process_time()
    found = sum(len(prefilter.lines(raw[at : at + (4 << 20)])[0]) for at in range(0, len(raw), 4 << 20))
    return loaded - began, time.process_time() - read, found, 0


def python_set(kind: str, log: str, listed: str) -> Answer:
    """A set and a loop."""
    import msgspec

    began = time.process_time()
    wanted = frozenset(Path(listed).read_text().split())
    query = _FIELDS.index("query")
    decode = msgspec.json.Decoder().decode
    loaded, found = time.process_time(), []
    with open(log) as file:
        for number, line in enumerate(file, 1):
            if line[0] == "#":
                continue
            name = line.split("\t", query + 1)[query] if kind == "zeek" else decode(line)["dns"]["rrname"]
            while name:
                if name in wanted:
                    found.append(number)
                    break
                name = name.partition(".")[2]
    return loaded - began, time.process_time() - loaded, len(found), sum(found)


def duckdb(kind: str, log: str, listed: str) -> Answer:
    """Distinct names, their parents, two semi-joins."""
    import duckdb as db

    began = time.process_time()
    base = db.connect(config={"threads": 1})
    base.execute(f"CREATE TABLE wanted AS SELECT column0 AS v FROM read_csv('{listed}', header=false, columns={{'column0':'VARCHAR'}})")
    loaded, head = time.process_time(), _HEAD.count("\n")
    names = ",".join(f"'{name}':'VARCHAR'" for name in _FIELDS)
    given = f"'{log}', delim='\t', header=false, skip={head}, quote='', columns={{{names}}}"
    source = f"SELECT row_number() OVER () + {head} AS n, query AS q FROM read_csv({given})"
    if kind == "eve":
        given = f"'{log}', format='newline_delimited', columns={{dns:'STRUCT(rrname VARCHAR)'}}"
        source = f"SELECT row_number() OVER () AS n, dns.rrname AS q FROM read_json({given})"
    lines, total = base.execute(
        f"WITH log AS MATERIALIZED ({source}), names AS (SELECT DISTINCT q, string_split(q,'.') AS s FROM log), "
        "parts AS (SELECT q, unnest(list_transform(range(1, len(s)+1), lambda i: array_to_string(s[i:], '.'))) AS p FROM names), "
        "bad AS (SELECT DISTINCT q FROM parts SEMI JOIN wanted ON p = v) "
        "SELECT count(*), coalesce(sum(n), 0) FROM log SEMI JOIN bad USING (q)"
    ).fetchone() or (0, 0)  # fmt: skip
    return loaded - began, time.process_time() - loaded, int(lines), int(total)


def polars(kind: str, log: str, listed: str) -> Answer:
    """The same with Polars."""
    os.environ["POLARS_MAX_THREADS"] = "1"
    import polars as pl

    began = time.process_time()
    wanted = pl.DataFrame({"p": Path(listed).read_text().split()})
    loaded, head = time.process_time(), 0
    if kind == "zeek":
        head = _HEAD.count("\n")
        read = pl.scan_csv(
            log, separator="\t", has_header=False, skip_rows=head, quote_char=None, new_columns=list(_FIELDS), infer_schema=False
        )
        rows = read.select(q=pl.col("query")).collect()
    else:
        read = pl.scan_ndjson(log, schema={"dns": pl.Struct({"rrname": pl.String})})
        rows = read.select(q=pl.col("dns").struct.field("rrname")).collect()
    rows = rows.with_row_index("n", offset=head + 1)
    names = rows.select(pl.col("q").unique())
    parts = [names.with_columns(p=pl.col("q").str.extract(rf"^(?:[^.]+\.){{{above}}}(.+)$")) for above in range(6)]
    bad = pl.concat(parts).drop_nulls().join(wanted, on="p", how="semi").select("q").unique()
    found = rows.join(bad, on="q", how="semi")["n"].cast(pl.Int64)
    return loaded - began, time.process_time() - loaded, len(found), int(found.sum())


def hyperscan(kind: str, log: str, listed: str) -> Answer:
    """Literals with what must stand around them."""
    import hyperscan as hs

    began = time.process_time()
    base = hs.Database()
    texts = [rb"[^a-z0-9_-]" + value.encode().replace(b".", rb"\.") + rb"[^a-z0-9_.-]" for value in Path(listed).read_text().split()]
    base.compile(expressions=texts, ids=list(range(len(texts))), elements=len(texts), flags=[hs.HS_FLAG_SOM_LEFTMOST] * len(texts))
    raw, places = Path(log).read_bytes(), set[int]()
    loaded = time.process_time()
    base.scan(raw, match_event_handler=lambda id_, start, end, flags, context: places.add(start))
    used, found, line, at = time.process_time() - loaded, set(), 1, 0
    for place in sorted(places):
        line, at = line + raw.count(b"\n", at, place), place
        found.add(line)
    return loaded - began, used, len(found), sum(found)


def _program(*command: str) -> Callable[[str, str, str], Answer]:
    def run(kind: str, log: str, listed: str) -> Answer:
        given = [each.format(log=log, listed=listed) for each in command]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        out = subprocess.run(given, capture_output=True, check=False, env={**os.environ, "LC_ALL": "C"}).stdout
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return 0.0, after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime, int(out.split()[0]), 0

    return run


CONTENDERS: dict[str, Callable[[str, str, str], Answer]] = {
    "kernel": kernel, "ours": ours, "ours-hits": partial(ours, records=True), "ours-numpy": ours, "duckdb": duckdb, "polars": polars,
    "python-set": python_set, "hyperscan": hyperscan, "ripgrep": _program("rg", "-j1", "-c", "-F", "-f", "{listed}", "{log}"),
    "grep": _program("grep", "-c", "-F", "-f", "{listed}", "{log}"), "wc": _program("wc", "-l", "{log}"),
}  # fmt: skip
_SLOW = ("hyperscan", "ripgrep", "grep", "ours-numpy")
_NEEDS = {"ripgrep": "rg", "grep": "grep", "wc": "wc"}
_OURS = ("kernel", "ours", "ours-hits", "ours-numpy")
_EXACT = ("ours", "ours-hits", "ours-numpy", "duckdb", "polars", "python-set", "hyperscan")


def compare(folder: Path, kind: str, count: int, density: float, megabytes: float) -> Iterable[dict[str, object]]:
    """One log, all who can be had."""
    listed, wanted = folder / f"{count}.txt", indicators(count)
    listed.write_text("".join(value + "\n" for value in wanted))
    environment = {**os.environ, "XDG_CACHE_HOME": str(folder / "cache")}
    told: dict[str, dict[str, object]] = {}
    speeds: dict[str, float] = {}
    size = 0
    for slow in (False, True):
        log = folder / "log"
        truth = write_log(log, kind, min(megabytes, _SLOW_MB) if slow else megabytes, density, wanted)
        size = max(size, log.stat().st_size)
        for name in CONTENDERS:
            if (name in _SLOW) != slow or (slow and name != "ours-numpy" and count > _SLOW_COUNT):
                continue
            about = {"kind": kind, "indicators": count, "density": density, "name": name}
            if not (shutil.which(_NEEDS[name]) if name in _NEEDS else name in (*_OURS, "python-set") or find_spec(name)):
                yield {**about, "missing": True}
                continue
            given = {**environment, "COMITY_NUMBA": "off"} if name == "ours-numpy" else environment
            command = [sys.executable, "-m", "bench.match", "--one", name, kind, str(log), str(listed)]
            if name in _OURS:  # once for what is compiled and kept
                cold = json.loads(subprocess.run(command, capture_output=True, check=True, env=given).stdout.splitlines()[-1])
            found = json.loads(subprocess.run(command, capture_output=True, check=True, env=given).stdout.splitlines()[-1])
            if name in _EXACT:
                assert (found["lines"], found["sum"]) == (len(truth), sum(truth)), (name, found, len(truth))
            speeds[name] = round(log.stat().st_size / 1e6 / max(found["seconds"], 1e-3), 1)
            more = {"cold_load_cpu_seconds": round(cold["load"], 2)} if name in _OURS else {}
            told[name] = {"mb_per_cpu_second": speeds[name], "load_cpu_seconds": round(found["load"], 2), **more, "peak_mb": found["peak"]}
            yield {**about, **told[name], "lines": found["lines"]}
    others = {name: round(speeds["ours"] / speed, 1) for name, speed in speeds.items() if name != "ours"}
    checked = f"the lines of {', '.join(name for name in told if name in _EXACT)} are those that were put there"
    about = {"kind": kind, "indicators": count, "density": density, "mb": round(size / 1e6)}
    yield {**about, "ours_is_times": others, "checked": checked, "each": told}


def _peak() -> int | None:
    """The most megabytes that this process held, None where the system does not say. `getrusage` would count its parent's as well."""
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return None
    return next((int(line.split()[1]) >> 10 for line in status.splitlines() if line.startswith("VmHWM:")), None)


def main() -> None:
    """Print one JSON line for each measurement."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--mb", type=float, default=128)
    parser.add_argument("--counts", default="1000,1000000")
    parser.add_argument("--densities", default="0,1e-4,1e-2")
    parser.add_argument("--kinds", default="zeek,eve")
    parser.add_argument("--one", nargs=4, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        name, kind, log, listed = given.one
        if hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
        load, seconds, lines, total = CONTENDERS[name](kind, log, listed)
        print(json.dumps({"load": load, "seconds": seconds, "lines": lines, "sum": total, "peak": _peak()}))
        return
    with tempfile.TemporaryDirectory() as folder:
        for kind in given.kinds.split(","):
            for count in given.counts.split(","):
                for density in given.densities.split(","):
                    for line in compare(Path(folder), kind, int(float(count)), float(density), given.mb):
                        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
