"""The lines of an exported log, both directions."""

from __future__ import annotations

from typing import Any

import pytest

from comity.errors import IntegrityFault
from comity.ledger.export import export_lines, read_head, read_key, read_leaf, write_key
from comity.ledger.journal import EMPTY_HEAD


def test_lines_survive(log: Any) -> None:
    log.erase(2)
    first, *rest = export_lines(log.leaves, log.stored)
    assert read_head(first) == log.stored
    assert [read_leaf(line) for line in rest] == log.leaves
    assert read_key(write_key(log.journal.verifier)) == log.journal.verifier
    assert read_head(next(export_lines([], EMPTY_HEAD))) == EMPTY_HEAD


def test_other_spellings_of_a_line_are_refused(log: Any) -> None:
    first, second, *_ = export_lines(log.leaves, log.stored)
    for bad in (b"", second, first[:-1], first.replace(b":1,", b":2,"), first.replace(b":", b": ", 1), b"\xff" + first):
        with pytest.raises(IntegrityFault):
            read_head(bad)
    for bad in (b"", first, second[:-1], b" " + second, second.replace(b"}", b',"x":1}'), second[:-1] + b"\r\n", b"[" * 100_000):
        with pytest.raises(IntegrityFault):
            read_leaf(bad)
    key = write_key(log.journal.verifier)
    for bad in (b"", key[:-1], key + b"\n", b"\xff" + key):
        with pytest.raises(IntegrityFault):
            read_key(bad)
