"""Whether every row of a scaled Zeek DNS log is found, and no other: as tab-separated, and as JSON lines made of the same log.

    python -m bench.truth dns.log truth.tsv domains.txt [--jobs 1,2]

`truth.tsv` has a line for each name that was put there: number of the line, indicator, name. What must be found is more: names that stood
in the log before, and of an indicator below another one both. It is worked out for each line by Python sets, from the columns that hold
names. Prints JSON lines.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from comity.match.index import Index
from comity.match.parallel import scan_all
from comity.match.sources import load

#: (number of the line, indicator)
Rows = set[tuple[int, str]]
_NUMBERS = frozenset(("count", "port", "int"))


def events(log: Path) -> Iterator[tuple[int, dict[str, object]]]:
    """(number, event) of each line, as Zeek writes it in JSON: what is unset is left out."""
    fields: list[str] = []
    types: list[str] = []
    with log.open(errors="replace") as file:
        for number, line in enumerate(file, 1):
            first, *cells = line.rstrip("\n").split("\t")
            if first == "#fields":
                fields = cells
            elif first == "#types":
                types = cells
            elif not first.startswith("#"):
                given = zip(fields, types, (first, *cells), strict=True)
                yield number, {name: _value(type_, cell) for name, type_, cell in given if cell not in ("-", "(empty)")}


def _value(type_: str, cell: str) -> object:
    if type_.startswith(("vector[", "set[")):
        return [_value(type_[type_.index("[") + 1 : -1], each) for each in cell.split(",")]
    if type_ in ("time", "interval"):
        return float(cell)
    return int(cell) if type_ in _NUMBERS else cell == "T" if type_ == "bool" else cell


def wanted(log: Path, listed: frozenset[str], json_log: Path) -> tuple[Rows, dict[int, int]]:
    """What must be found, by the numbers of the tab-separated log; writes the JSON log, and gives the number of each of its lines."""
    rows: Rows = set()
    numbers: dict[int, int] = {}
    with json_log.open("w") as out:
        for at, (number, event) in enumerate(events(log), 1):
            numbers[at] = number
            out.write(json.dumps(event) + "\n")
            answers = event.get("answers", [])
            for name in (event.get("query"), *(answers if isinstance(answers, list) else [])):
                labels = str(name).lower().rstrip(".").split(".")
                rows |= {(number, value) for first in range(len(labels)) if (value := ".".join(labels[first:])) in listed}
    return rows, numbers


def main() -> None:
    """Print what is missing and what is too much, for both forms."""
    parser = argparse.ArgumentParser()
    for name in ("log", "truth", "indicators"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--jobs", default="1", help="Numbers of processes.")
    given = parser.parse_args()
    index = Index.build(load([str(given.indicators)], print))
    listed = frozenset(value for kind, value, _ in load([str(given.indicators)], lambda _: None) if kind == "domain")
    put = {(int(number), value) for number, value, _ in (line.rstrip("\n").split("\t") for line in given.truth.open())}
    with tempfile.TemporaryDirectory(dir=given.log.parent) as folder:
        json_log = Path(folder) / "json"
        rows, numbers = wanted(given.log, listed, json_log)
        for form, log in (("zeek", given.log), ("zeek-json", json_log)):
            for jobs in map(int, given.jobs.split(",")):
                began = sum(os.times()[:4])
                hits = [hit for hit in scan_all([str(log)], index, form, jobs=jobs) if hit.kind == "domain"]
                used, size = sum(os.times()[:4]) - began, log.stat().st_size / 1e6
                found = {(hit.line if form == "zeek" else numbers[hit.line], hit.value) for hit in hits}
                about = {"format": form, "jobs": jobs, "mb": round(size), "mb_per_cpu_second": round(size / used)}
                lost = {"put": len(put), "put_missing": len(put - found), "rows": len(rows), "missing": len(rows - found)}
                print(json.dumps({**about, **lost, "too_many": len(found - rows), "twice": len(hits) - len(found)}), flush=True)


if __name__ == "__main__":
    main()
