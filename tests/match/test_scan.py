from __future__ import annotations

import gzip
import tempfile
from pathlib import Path

import pytest
import zstandard
from hypothesis import example, given, settings
from hypothesis import strategies as st

from comity.errors import NotFound, SenderFault
from comity.forms.candidates import HOST
from comity.match import blocks, buffers, openfile
from comity.match.hit import Hit
from comity.match.index import Index
from comity.match.scan import FORMATS, Scanned, Seeker, reader_for, scan
from comity.terms.pattern_atoms import PATTERN
from comity.terms.stix import derived_id
from tests.match.logs_by_hand import LOGS, VALUES

INDEX = Index.build(
    [
        ("domain", "bad.example", "indicator--1"),
        ("ipv4", "192.0.2.1", None),
        ("url", "http://u.example/x", None),
        ("cidr", "198.51.100.0/24", None),
    ]
)
ZEEK = b"#separator \\x09\n#fields\tts\tquery\tanswers\n#types\ttime\tstring\tvector[string]\n1\tx.bad.example\tbad.example,192.0.2.1\n"
EVE = (
    b'{"event_type":"dns","src_ip":"192.0.2.1","dns":{"rrname":"bad.example"}}\r\n'
    b'{"event_type":"dns"}\n'
    b'{"event_type":"dns","dest_ip":"198.51.100.9'
)


def hits(path: Path, data: bytes, format: str = "auto") -> list[tuple[int, str, str, str, str, str]]:
    path.write_bytes(data)
    return [(h.line, h.field, h.kind, h.value, h.observed, h.how) for h in scan([str(path)], INDEX, format)]


def test_a_hit_says_everything(tmp_path: Path) -> None:
    path = tmp_path / "dns.log"
    path.write_bytes(ZEEK)
    assert list(scan([str(path)], INDEX)) == [
        Hit(
            file=str(path),
            line=4,
            field="answers",
            kind="domain",
            value="bad.example",
            observed="bad.example",
            how="exact",
            indicator="indicator--1",
        ),
        Hit(
            file=str(path),
            line=4,
            field="answers",
            kind="ipv4",
            value="192.0.2.1",
            observed="192.0.2.1",
            how="exact",
            indicator=derived_id("indicator", "ipv4", "192.0.2.1"),
        ),
    ]


def test_eve_with_crlf_and_a_truncated_last_line(tmp_path: Path) -> None:
    assert hits(tmp_path / "eve.json", EVE) == [
        (1, "src_ip", "ipv4", "192.0.2.1", "192.0.2.1", "exact"),
        (1, "dns.rrname", "domain", "bad.example", "bad.example", "exact"),
        (3, "text", "cidr", "198.51.100.0/24", "198.51.100.9", "cidr"),
    ]


def test_pretty_json_has_physical_lines(tmp_path: Path) -> None:
    data = b'[\n  {\n    "event_type": "http",\n    "refer": "http://www.bad.example/x",\n    "src_ip": "192.0.2.1"\n  }\n]\n'
    assert hits(tmp_path / "x", data) == [
        (4, "url", "domain", "bad.example", "www.bad.example", "subdomain"),
        (5, "text", "ipv4", "192.0.2.1", "192.0.2.1", "exact"),
    ]


def test_a_url_and_its_host_are_both_seen(tmp_path: Path) -> None:
    index = Index.build([("url", "http://u.example/x", None), ("domain", "u.example", None)])
    (tmp_path / "x").write_bytes(b'192.0.2.7 "GET HTTP://me@U.example:80/y" "http://U.example/x"\n')
    found = {(h.kind, h.observed, h.how) for h in scan([str(tmp_path / "x")], index)}
    assert found == {("url", "http://U.example/x", "exact"), ("domain", "U.example", "exact")}


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
def test_compressed_files_in_a_row(tmp_path: Path, pack) -> None:  # type: ignore[no-untyped-def]
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(pack(b"to bad.example\n"))
    found = list(scan([str(tmp_path / "a"), str(tmp_path / "b")], INDEX))
    assert [(Path(hit.file).name, hit.line) for hit in found] == [("a", 1), ("b", 1)]


def test_a_damaged_file_keeps_its_hits_and_the_next_is_read(tmp_path: Path) -> None:
    whole = gzip.compress(b"".join(b"line %d to bad.example\n" % n for n in range(200_000)))
    (tmp_path / "a").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "b").write_bytes(b"bad.example\n")
    told: list[str] = []
    found = list(scan([str(tmp_path / "a"), str(tmp_path / "b")], INDEX, on_problem=told.append))
    assert len(found) > 1000
    assert Path(found[-1].file).name == "b"
    assert len(told) == 1
    assert "damaged after line" in told[0]
    with pytest.raises(SenderFault, match="damaged"):
        list(scan([str(tmp_path / "a")], INDEX))


def test_formats_can_be_forced_and_unknown_ones_are_refused(tmp_path: Path) -> None:
    assert hits(tmp_path / "x", b'{"query":"bad.example"}\n', "json-text") == []
    assert hits(tmp_path / "x", b'{"query":"bad.example"}\n')[0][1] == "query"
    with pytest.raises(SenderFault, match="format"):
        list(scan([], INDEX, "xml"))
    with pytest.raises(NotFound):
        list(scan([str(tmp_path / "none")], INDEX))
    assert [reader_for(name).candidates(b"") for name in FORMATS[1:]] == [[]] * 8


def test_one_hit_per_line_and_indicator_the_exact_one_first() -> None:
    seeker = Seeker(INDEX)
    found = seeker.seek(
        [("a", HOST, "x.bad.example"), ("b", HOST, "y.bad.example"), ("c", HOST, "BAD.example"), ("d", HOST, "bad.example")]
    )
    assert [(match.how, field, text) for match, field, text in found.values()] == [("exact", "c", "BAD.example")]
    assert [(field) for _, field, _ in seeker.seek([("a", HOST, "x.bad.example"), ("b", HOST, "y.bad.example")]).values()] == ["a"]


def test_every_id_of_a_value_is_a_hit(tmp_path: Path) -> None:
    index = Index.build([("domain", "bad.example", "indicator--1"), ("domain", "bad.example", "indicator--2")])
    (tmp_path / "x").write_bytes(b"bad.example\n")
    assert [hit.indicator for hit in scan([str(tmp_path / "x")], index)] == ["indicator--1", "indicator--2"]


@given(st.binary(max_size=300), st.sampled_from(FORMATS[1:]))
def test_junk_is_read_as_any_format(data: bytes, format: str) -> None:
    reader, seeker = reader_for(format), Seeker(INDEX)
    for line in [*ZEEK.split(b"\n")[:3], *data.split(b"\n")]:
        seeker.seek(reader.candidates(line))


def test_each_file_that_was_read_is_told(tmp_path: Path) -> None:
    whole = gzip.compress(b'{"query":"bad.example"}\n' * 200_000)
    (tmp_path / "a").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "b").write_bytes(b"#fields\tquery\nbad.example\n")
    (tmp_path / "c").write_bytes(b"\0\1\2")
    told: list[Scanned] = []
    found = list(scan([str(tmp_path / name) for name in "abc"], INDEX, on_problem=lambda _: None, on_file=told.append))
    assert [(Path(each.file).name, each.format, bool(each.oddity)) for each in told] == [
        ("a", "json", False), ("b", "zeek", False), ("c", "text", True),
    ]  # fmt: skip
    assert [each.lines for each in told] == [sum(Path(hit.file).name == "a" for hit in found), 2, 1]


CSV = "ts,query,src_ip\n"
MIXED = st.lists(
    st.sampled_from(
        [
            CSV, "note;url;dst_ip\n", "#Fields: x cs-host\n", "#fields\tquery\tts\n", "1,x.bad.example,192.0.2.1\n", "bad.example;http://u.example/x;x\n",
            "bad.example\tbad.example\n", "a bad.example\n", '{"query":"bad.example","x":"bad.example"}\n', '1,"bad.example\n', 'x",198.51.100.7\n', "x,good.example,y\n",
            "1,2,3\r\n", "\n", '"Time","Query","b"\n',
        ]
    ),
    max_size=12,
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.sampled_from([CSV, "", "#fields\tts\tquery\n", '{"a":1}\n']), MIXED, st.booleans())
@example("", ["#Fields: x cs-host\n", CSV, "1,x.bad.example,192.0.2.1\n"], False)
def test_the_pass_over_raw_bytes_changes_no_hit(head: str, lines: list[str], cut: bool) -> None:
    text = head + "".join(lines)
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        found = []
        for small in (1 << 20, 1):
            patch.setattr(blocks, "SMALL", small)
            patch.setattr(buffers, "BLOCK", 64)
            found.append(hits(Path(folder) / "x", text[: -1 if cut else None].encode()))
    assert found[0] == found[1]


def test_a_line_cut_in_pieces_gives_one_hit_and_no_half_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openfile, "MAX_LINE", 1_000)
    monkeypatch.setattr(blocks, "SMALL", 10)
    monkeypatch.setattr(buffers, "BLOCK", 500)
    path = tmp_path / "x"
    path.write_bytes(
        b"query,src_ip\n" + b"notbad.example " * 400 + b" bad.example " + b"notbad.example " * 400 + b"bad.example\nbad.example,192.0.2.1\n"
    )
    told: list[Scanned] = []
    found = list(scan([str(path)], INDEX, on_file=told.append))
    assert [(hit.line, hit.field, hit.value) for hit in found] == [
        (2, "text", "bad.example"), (3, "query", "bad.example"), (3, "src_ip", "192.0.2.1"),
    ]  # fmt: skip
    assert told[0].long == ((2, 13),) and told[0].lines == 3 and told[0].bytes == path.stat().st_size
    assert "line 2, from byte 13," in told[0].remarks[0]


def test_utf16_and_carriage_returns_are_read(tmp_path: Path) -> None:
    assert hits(tmp_path / "x", "ts,query\r\n1,bad.example\r\n".encode("utf-16"))[0][:2] == (2, "query")
    assert hits(tmp_path / "x", b"one\rto bad.example\rlast")[0][0] == 2


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
def test_a_bomb_is_read_up_to_its_bound_and_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pack) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(openfile, "_FREE", 1_000_000)
    (tmp_path / "x").write_bytes(pack(b"bad.example\n" + b"\n" * 30_000_000))
    told: list[str] = []
    assert len(list(scan([str(tmp_path / "x")], INDEX, on_problem=told.append))) == 1
    assert "out of all proportion" in told[0] and "after line " in told[0]
    assert list(scan([str(tmp_path / "x")], INDEX, ratio=0)) != []


def test_damage_says_where_in_the_packed_file(tmp_path: Path) -> None:
    whole = gzip.compress(b"bad.example\n") + bytearray(gzip.compress(b"".join(b"%d\n" % n for n in range(50_000)))) + gzip.compress(b"x\n")
    raw = bytearray(whole)
    raw[len(raw) // 2] ^= 255
    (tmp_path / "x").write_bytes(bytes(raw))
    told: list[str] = []
    assert len(list(scan([str(tmp_path / "x")], INDEX, on_problem=told.append))) == 1
    assert "byte" in told[0]


BY_HAND = Index.build((kind, value, None) for kind, value in VALUES)


@pytest.mark.parametrize("way", ["lines", "numba", "numpy"])
def test_each_line_shows_what_was_put_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    if way != "lines":
        monkeypatch.setattr(blocks, "SMALL", 0)
        monkeypatch.setattr(blocks, "MUCH", 0)
        monkeypatch.setenv("COMITY_NUMBA", "off" if way == "numpy" else "on")
    for name, lines in LOGS.items():
        log = tmp_path / name
        log.write_bytes(b"\n".join(line for line, _ in lines))
        found = {(hit.line, hit.value) for hit in scan([str(log)], BY_HAND)}
        assert found == {(number, value) for number, (_, values) in enumerate(lines, 1) for value in values.split()}, name


def test_addresses_are_passed_over_where_none_is_looked_for(tmp_path: Path) -> None:
    names = Index.build([("domain", "bad.example", None)])
    line = b'{"event_type":"dns","src_ip":"192.0.2.1","dns":{"rrname":"bad.example"}}'
    zeek = b"#fields\tid.orig_h\tquery\n#types\taddr\tstring\n192.0.2.1\tbad.example"
    for format, raw in (("eve", line), ("zeek-json", b'{"id.orig_h":"192.0.2.1","query":"bad.example"}'), ("zeek", zeek)):
        (tmp_path / "log").write_bytes(raw)
        assert [hit.value for hit in scan([str(tmp_path / "log")], names, format)] == ["bad.example"]
        assert {hit.value for hit in scan([str(tmp_path / "log")], INDEX, format)} == {"bad.example", "192.0.2.1"}
        reader = reader_for(format, addresses=Seeker(names).addresses)
        assert [role for each in raw.split(b"\n") for _, role, _ in reader.candidates(each)] == [HOST]
    assert Seeker(
        Index.build([(PATTERN, "[network-traffic:src_ref.value = '192.0.2.1' AND network-traffic:dst_port = 53]", "x")])
    ).addresses
