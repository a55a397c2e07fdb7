"""A block-list as CSV (RFC 4180), for anything that reads tables: one value a row, with all that is known of it.

A spreadsheet takes a cell that begins with `= + - @` for a formula, so such a cell gets a `'` before it, and so does one that begins with
`'`, which makes the rule reversible (`plain`).
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from io import StringIO

from comity.forms.blocklist import Entry, Frame, Written, harmless, ordered
from comity.terms.cell import neutral
from comity.terms.stix import timestamp

COLUMNS = (
    "value", "kind", "indicator", "origin", "also", "tlp", "threat", "confidence", "score", "said", "expires", "evidence", "dispute",
)  # fmt: skip


def write(entries: Iterable[Entry], frame: Frame) -> Written:
    """A table with a header."""
    out = StringIO()
    rows = csv.writer(out, lineterminator="\r\n")
    rows.writerow(COLUMNS)
    for entry in ordered(entries):
        confidence = "" if entry.confidence is None else str(entry.confidence)
        about = (entry.value, entry.kind, entry.id, entry.origin, str(entry.also), entry.tlp, ";".join(entry.threat), confidence)
        said = (str(entry.score), timestamp(entry.said), timestamp(entry.expires), harmless(entry.evidence), harmless(frame.dispute))
        rows.writerow([neutral(cell) for cell in (*about, *said)])
    return Written(text=out.getvalue())
