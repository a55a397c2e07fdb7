from __future__ import annotations

from comity.match.key_set import bloom, directory
from comity.match.table import combined
from comity.match.table_maker import build
from tests.match.test_table_maker import ENTRIES


def test_tables_are_asked_together() -> None:
    wanted = combined([build(ENTRIES[:2]), build(ENTRIES[2:])])
    whole = build(ENTRIES)
    assert sorted({*wanted.most.keys.tolist(), *wanted.more.keys.tolist()}) == whole.arrays.keys.tolist()
    for arrays in (wanted.most, wanted.more):
        assert arrays.bloom.tolist() == bloom([arrays.keys], len(arrays.keys)).tolist()
        assert arrays.starts.tolist() == directory([arrays.keys], len(arrays.keys)).tolist()
    assert wanted.nets().tolist() == whole.arrays.nets.tolist()
    facts = wanted.facts
    assert (facts.kinds, facts.lengths, facts.whole) == (whole.facts.kinds, whole.facts.lengths, whole.facts.whole)
    assert (facts.fours, facts.numbers) == (whole.facts.fours, whole.facts.numbers)
