from __future__ import annotations

from comity.forms.candidates import Reader
from comity.match.index import Index
from comity.match.scan import Seeker, reader_for
from comity.match.watch import Mark
from comity.terms.pattern_atoms import PATTERN


def marks(index: Index, line: bytes, reader: Reader) -> list[Mark]:
    return Seeker(index).shown(line, reader)[1]


def test_only_what_a_value_leads_to_is_evaluated() -> None:
    text = "[domain-name:value = 'a.example'] AND [domain-name:value LIKE '%.b.example'] AND [ipv4-addr:value = '192.0.2.1']"
    index = Index.build([(PATTERN, text, "x"), (PATTERN, "[domain-name:value LIKE '%']", "y")])
    reader = reader_for("zeek-json")
    assert marks(index, b'{"query":"A.example","answers":["x.b.example"]}', reader) == [Mark(0, 0b011, "query", "A.example")]
    assert marks(index, b'{"x":"192.0.2.1"}', reader) == [Mark(0, 0b100, "x", "192.0.2.1")]
    assert marks(index, b'{"query":"b.example"}', reader) == []  # shows a value that its line needs, and does not meet it
    assert marks(index.on_each_line(), b'{"query":"b.example"}', reader) == [Mark(1, 1, "query", "b.example")]


def test_the_fields_of_a_row_are_seen() -> None:
    text = "[network-traffic:dst_ref.value = '192.0.2.1' AND network-traffic:dst_port = 53]"
    index, reader = Index.build([(PATTERN, text, "x")]), reader_for("zeek")
    reader.candidates(b"#fields\tid.orig_h\tid.resp_h\tid.orig_p\tid.resp_p\tproto")
    found = marks(index, b"198.51.100.7\t192.0.2.1\t5000\t53\tudp", reader)
    assert found == [Mark(0, 1, "traffic", "198.51.100.7:5000 192.0.2.1:53 udp")]
    assert marks(index, b"198.51.100.7\t192.0.2.1\t5000\t54\tudp", reader) == []


def test_values_are_found_beside_patterns() -> None:
    index = Index.build([("domain", "a.example", "v"), (PATTERN, "[domain-name:value = 'a.example' AND domain-name:value != 'x']", "p")])
    found, seen = Seeker(index).shown(b'{"query":"w.a.example"}', reader_for("zeek-json"))
    assert list(found) == [("domain", "a.example")]
    assert seen == []  # equality is equality
