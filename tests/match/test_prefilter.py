"""Whatever a reader and the index find on a line, the pass over its bytes must not miss. Both passes: numba's and NumPy's."""

from __future__ import annotations

import ipaddress
import json
import time

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from comity.match.index import Index
from comity.match.prefilter import Prefilter
from comity.match.scan import FORMATS, Seeker, reader_for
from comity.match.table import combined

VALUES = [
    ("domain", "bad.example"), ("domain", "deep.bad.example"), ("domain", "xn--bcher-kva.example"), ("ipv4", "192.0.2.1"), ("ipv6", "2001:db8::1"),
    ("ipv6", "::ffff:192.0.2.7"), ("cidr", "198.51.100.0/22"), ("cidr", "203.0.113.128/26"), ("cidr", "2001:db8:7::/48"), ("cidr", "::/120"),
    ("url", "http://u.example/x"), ("url", "http://intranet/y"), ("url", "http://[2001:db8::9]/z"), ("url", "http://odd.123/"), ("email", "me@mail.example"),
    ("md5", "d41d8cd98f00b204e9800998ecf8427e"), ("sha256", "ab" * 32),
]  # fmt: skip
INDEX = Index.build([(kind, value, None) for kind, value in VALUES])
SEEKER = Seeker(INDEX)
PASSES = [Prefilter(combined(INDEX._tables), compiled=compiled) for compiled in (True, False)]
READERS = [form for form in FORMATS if form not in ("auto",)]
HEADER = b"#separator \\x09\n#fields\tts\tquery\thost\turi\tid.orig_h\tanswers\tsha256\tmd5\tmailfrom\n#types\ttime\tstring\tstring\tstring\taddr\tvector[string]\tstring\tstring\tstring"  # fmt: skip


HEADERS = {
    "zeek": HEADER.splitlines(),
    "csv": [b"ts,query,url,file_sha256,from,src_ip,message,host,uri", b"query|url|message", b"domain\tsha256"],
    "w3c": [b"#Fields: date cs-host cs-uri-stem cs-uri-query cs-uri-scheme cs(Referer) c-ip"],
}


def shown(line: bytes) -> bool:
    """Whether any reader finds anything on a line, under any of its headers."""
    return any(_shown(line, form, headers) for form in READERS for headers in _headers(form))


def _headers(form: str) -> list[list[bytes]]:
    return [[header] for header in HEADERS[form]] if form == "csv" else [HEADERS.get(form, [])]


def _shown(line: bytes, form: str, headers: list[bytes]) -> bool:
    reader = reader_for(form)
    for header in headers:
        reader.candidates(header)
    return bool(SEEKER.seek(reader.candidates(line)))


names = st.sampled_from([value for _, value in VALUES] + ["BAD.example", "x.bad.example", "bad.example.", "notbad.example", "bad.example.org", "bücher.example", "BÜCHER.example", "bad\u3002example", "bad[.]example", "bad(dot)example", "http://u[.]example/x", "hxxp://u.example/x", "198.51.103.9", "203.0.113.190", "2001:DB8:7:0:0:0:0:42", "2001:0db8:0000::0001", "::FFFF:192.0.2.7", "[2001:db8::1]:443", "192.0.2.1:80", "http://a@u.example:80/x", "D41D8CD98F00B204E9800998ECF8427E", "::5", "intranet", "http://INTRANET/y", "odd.123", "1.2.3", "1520000000.123", "::ffff:198.51.101.9", "type:  5 bad.example;::ffff:192.0.2.1;", "SHA256=" + "AB" * 32 + ",MD5=d41d8cd98f00b204e9800998ecf8427e", "u.example/x", "/x", "u.example", "bad.example/A/IN", "2001:db8::1: x", "2001:db8:0:0:0:0:0:1: x", "::ffff:c000:207: x"])  # fmt: skip
wrapped = st.sampled_from(["%s", "<134>1 2026-01-01T00:00:00Z h a - - - %s", "queries: info: client @0x7f 192.0.2.9#53 (%s): query: %s IN A +E(0)K (192.0.2.2)", "dnsmasq[1]: query[A] %s from 192.0.2.9", "dnsmasq[1]: reply %s is %s", "1520000000.123 5 192.0.2.9 TCP_MISS/200 5 GET %s - HIER_DIRECT/%s text/html", "%s:80 192.0.2.9 - - [x] \"GET %s HTTP/1.1\" 200 5 \"%s\" \"-\"", "u.example:80 192.0.2.9 - - [x] \"GET /x HTTP/1.1\" 200 5 \"%s\" \"-\"", "info: 192.0.2.9 %s. A IN", '{"url":{"domain":"%s","path":"/x"}}', '{"a":1,"message":"%s"}', "%s,%s,%s,%s,%s,%s,%s,/x", "2026 %s /x - http %s %s"])  # fmt: skip
glue = st.sampled_from(["", " ", "\t", ",", '"', "'", "=", ":", ";", "/", "//", "@", "(", ")", "[", "]", "<", ">", ".", "..", "-", "_", "\\", "\\n", "\\t", "\\/", "\\u0041", "\\u00e9", "\\u002e", "\\x2e", "\\x09", "é", "\r", "|", "%20", "{", "#"])  # fmt: skip
lines = st.lists(st.one_of(names, glue), max_size=9).map("".join)


def as_json(text: str) -> st.SearchStrategy[str]:
    keys = st.sampled_from(
        [
            "query",
            "host",
            "src_ip",
            "hostname",
            "url",
            "md5",
            "answers",
            "x",
            "rrname",
            "mailfrom",
            "dns.question.name",
            "QueryResults",
            "Hashes",
            "message",
        ]
    )
    spelled = st.sampled_from(
        [
            json.dumps(text),
            json.dumps(text, ensure_ascii=False),
            "".join(f"\\u{ord(c):04x}" if ord(c) < 65536 else c for c in text).join('""'),
        ]
    )
    return st.builds(lambda key, value: f'{{"ts":1.5,"{key}":{value}}}', keys, spelled)


@settings(max_examples=1_500, deadline=None)
@given(
    st.one_of(
        lines,
        lines.flatmap(as_json),
        st.lists(lines, min_size=2, max_size=9).map("\t".join),
        st.builds(lambda text, line: text.replace("%s", line), wrapped, st.one_of(names, lines)),
    )
)
@example('{"url":{"domain":"\\u00e9::/120","path":"/x"}}')
@example("::ffff:198.51.101.9-")
@example("::ffff:198.51.101.9.x")
@example("http://bad.exampl\\u0065/")
@example('{"md5":"\\u0064' + "41d8cd98f00b204e9800998ecf8427e" + '"}')
@example("a" * 60 + ".bad.example")
@example("a-b_" * 70 + ".bad.example..")
@example("me@mail.example..198.51.103.9")
@example("me@mail.example..198.51.103.9.." + "x" * 60)
@example("198.51.101.9..x/")
@example("192.0.2.1.-x/")
@example("::ffff:192.0.2.1..x")
@example("::ffff:192.0.2.7.-x")
@example("x..bad.example..")
@example('{"query":"x.\\u002ebad.example"}')
@example("192.0.2.1..." + "x." * 40)
@example('{"Hashes":"d41d8cd98f00b204e9800998ecf8427e-"}')
@example('{"Hashes":"MD5=x.d41d8cd98f00b204e9800998ecf8427e..x"}')
@example("it is d41d8cd98f00b204e9800998ecf8427e.")
@example('{"x":"\\u001c::ffff:192.0.2.7"}')
@example('{"host":"\\f::/120"}')
@example('{"Hashes":"MD5=d41d8cd98f00b204e9800998ecf8427e\u201d"}')
@example('{"url":"2001[:]db8:7::42"}')
@example("::98.51.103.9x")
@example('{"x":"\\u000b' + "ab" * 32 + '"}')
@example("\\" + "n" * 60 + ".deep.bad.example")
@example("x«bad.example»")
@example("“198.51.101.9”…")
@example("—deep.bad.example。")
def test_no_line_that_shows_something_is_missed(text: str) -> None:
    for line in text.encode("utf-8", "replace").split(b"\n"):
        if shown(line):
            for each in PASSES:
                # Each place in a word of 64 bytes and both sides of a chunk's end, a few for each line.
                for first in {5, hash(line) % 64, 4096 - hash(line) % (len(line) + 64) - 1}:
                    found, count = each.lines(np.frombuffer(b"f" * first + b"\n" + line + b"\nlast", np.uint8))
                    assert count == 3
                    assert [1, first + 1, first + 1 + len(line)] in found.tolist(), (each.compiled, first, line)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(VALUES),
    st.integers(0, 9000),
    st.sampled_from(["", "x.", ".", "-", "=", "\\", " "]),
    st.sampled_from(["", ".", ":", " ", "]"]),
)
def test_each_value_is_found_anywhere_in_a_block(value: tuple[str, str], at: int, before: str, after: str) -> None:
    seen = {"198.51.100.0/22": "198.51.101.7", "203.0.113.128/26": "203.0.113.150", "2001:db8:7::/48": "2001:db8:7::5", "::/120": "::7"}
    line = ("q " + before + seen.get(value[1], value[1]) + after).encode()
    index = Index.build([(*value, None)])
    if not Seeker(index).seek(reader_for("text").candidates(line)):
        return
    block = b"good.example 10.0.0.1 12:30:00\n" * (at // 31) + b"." * (at % 31) + b"\n" + line + b"\n" + b"1.5 c.d.e\n" * 500
    for compiled in (True, False):
        for tables in ([index._tables[0]], [Index.build([("domain", "other.example", None)] * 2)._tables[0], index._tables[0]]):
            found, _ = Prefilter(combined(tables), compiled=compiled).lines(np.frombuffer(block, np.uint8))
            assert [at // 31 + 1] == found[found[:, 2] - found[:, 1] == len(line), 0].tolist(), (compiled, line)


@settings(max_examples=300, deadline=None)
@given(st.ip_addresses(v=6), st.integers(0, 128), st.ip_addresses(v=6), st.booleans())
def test_addresses_of_version_6(base: ipaddress.IPv6Address, length: int, other: ipaddress.IPv6Address, long: bool) -> None:
    network = ipaddress.ip_network((base, length), strict=False)
    index = Index.build([("cidr", str(network), None), ("ipv6", index_form(other), None)])
    for seen in (base, other):
        line = (seen.exploded if long else str(seen)).encode()
        for compiled in (True, False):
            found, _ = Prefilter(combined(index._tables), compiled=compiled).lines(np.frombuffer(b"x " + line + b" y", np.uint8))
            assert len(found) == 1, (seen, network)


@pytest.mark.parametrize("kind", ["ipv4", "ipv6", "cidr"])
@pytest.mark.parametrize("seen", ["192.0.2.55", "::ffff:192.0.2.55", "::ffff:c000:237", "::FFFF:C000:0237", "0:0:0:0:0:ffff:c000:237"])
def test_an_address_of_version_4_in_each_form(kind: str, seen: str) -> None:
    value = {"ipv4": "192.0.2.55", "ipv6": "::ffff:192.0.2.55", "cidr": "192.0.2.0/24"}[kind]
    index = Index.build([(kind, value, None)])
    line = f"to {seen} now".encode()
    # In hexadecimal it is only what an indicator of version 6 says.
    want = {value} if "." in seen or kind == "ipv6" else set()
    assert {match[0].value for match in Seeker(index).seek(reader_for("text").candidates(line)).values()} == want
    for compiled in (True, False):
        found, _ = Prefilter(combined(index._tables), compiled=compiled).lines(np.frombuffer(b"x\n" + line + b"\n", np.uint8))
        assert not want or found[:, 0].tolist() == [1]


def index_form(address: ipaddress.IPv6Address) -> str:
    from comity.terms.observable import normal

    return normal("ipv6", str(address))


@pytest.mark.parametrize("each", PASSES, ids=["numba", "numpy"])
def test_places_and_counts(each: Prefilter) -> None:
    block = b"#head\nnothing here\nx bad.example\r\n\n192.0.2.1 at the end"
    found, count = each.lines(np.frombuffer(block, np.uint8))
    assert count == 5
    assert [block[start:end] for _, start, end in found.tolist()] == [b"#head", b"x bad.example\r", b"192.0.2.1 at the end"]
    assert found[:, 0].tolist() == [0, 2, 4]
    assert each.lines(np.frombuffer(b"", np.uint8))[1] == 0
    assert each.lines(np.frombuffer(b"\n\n", np.uint8))[1] == 2


@pytest.mark.parametrize("each", PASSES, ids=["numba", "numpy"])
def test_many_lines_and_long_ones(each: Prefilter) -> None:
    block = b"bad.example\n" * 70_000 + b"z" * 3_000_000 + b" bad.example\n"
    found, count = each.lines(np.frombuffer(block, np.uint8))
    assert count == 70_001
    assert found[:, 0].tolist() == list(range(70_001))
    assert block[found[-1, 1] : found[-1, 2]].endswith(b"bad.example")


def test_ordinary_lines_are_passed_over() -> None:
    line = b'1520000000.123456\tCabc\t10.1.2.3\t53\tudp\twww.good.example\t12:34:56\t{"a":[1,2.5]}\n'
    found, count = PASSES[0].lines(np.frombuffer(line * 1_000, np.uint8))
    assert (len(found), count) == (0, 1_000)


@pytest.mark.parametrize("each", PASSES, ids=["numba", "numpy"])
@pytest.mark.parametrize("piece", [b":", b"a:", b"::1.", b"a." * 40 + b".", b"\\u0061", b"\\.", b"[.", b"1.2.3.4..", b"ab" * 40 + b"."])
def test_hostile_lines_cost_no_square(each: Prefilter, piece: bytes) -> None:
    raw = np.frombuffer(piece * (500_000 // len(piece)) + b"\nbad.example\n", np.uint8)
    begun = time.process_time()
    found, count = each.lines(raw)
    assert time.process_time() - begun < 1.5
    assert (count, found[-1, 0]) == (2, 1)
