"""The hits on real logs equal the published truth, row by row, as sets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from comity.forms.table import Row, rows
from comity.match.index import Index
from comity.match.scan import scan

Truth = tuple[int, str, str, str]
#: Of the indicators that no truth row names, every so many-th is loaded too: they must stay silent.
_EVERY = 40


@pytest.fixture(scope="module")
def truth(shared_data: Path) -> dict[str, dict[Truth, str]]:
    found: dict[str, dict[Truth, str]] = defaultdict(dict)
    for line in (shared_data / "public/indicators/truth_public.tsv").read_text().splitlines():
        file, number, kind, how, value, observed = line.split("\t")
        found[file][int(number), kind, how, value] = observed
    return found


@pytest.fixture(scope="module")
def index(shared_data: Path, truth: dict[str, dict[Truth, str]]) -> Index:
    named = {row[3].encode() for rows_ in truth.values() for row in rows_}

    def lines() -> Iterator[bytes]:
        with (shared_data / "public/indicators/indicators_public.tsv").open("rb") as file:
            for number, line in enumerate(file):
                value = line.split(b"\t")[1].strip().lower().rstrip(b".")
                if value in named or number % _EVERY == 0 or value.endswith((b"/20", b"/24")):
                    yield line

    return Index.build((row.kind, row.value, None) for row in rows(lines()) if isinstance(row, Row))


@pytest.mark.parametrize(
    ("group", "files", "hits"),
    [
        ("logs/brim-wrccdc/", 5, 3343),
        ("logs/eve-from-pcap/", 1, 6865),
        ("logs/suricata-wrccdc/", 4, 37),
        ("logs/aktaion/", 107, 945),
        ("logs/elastic-examples/", 2, 1023),
        ("logs/otrf-security-datasets/", 2, 3),
        ("logs/tenzir-vast/", 3, 564),
        ("logs/zat/", 7, 141),
    ],
)
def test_hits_equal_the_truth(
    shared_data: Path, truth: dict[str, dict[Truth, str]], index: Index, group: str, files: int, hits: int
) -> None:
    named = sorted(file for file in truth if file.startswith(group))
    assert len(named) == files
    assert sum(len(truth[file]) for file in named) == hits
    for file in named:
        found = {(h.line, h.kind, h.how, h.value): h.observed for h in scan([str(shared_data / "public/matching" / file)], index)}
        assert set(found) == set(truth[file]), file
        # Where several names of one line match, the truth names any of them; what we name must at least match too.
        assert all(text.lower() == value or text.lower().endswith("." + value) for (_, _, _, value), text in found.items())
