from __future__ import annotations

import time

import pytest

from comity.forms.candidates import ADDRESS, HOST, URL
from comity.forms.eve import any_text
from comity.forms.textlines import LineReader, make_of

BIND = b"22-Nov-2026 06:00:00.000 queries: info: client @0x7f00 192.0.2.1#53124 (*.a.example): query: *.a.example IN A +E(0)K (192.0.2.53)"
OLD_BIND = b"Nov 22 06:00:00 ns named[5]: client 192.0.2.1#53124: query: a.example IN AAAA +"
DNSMASQ = b"Nov 22 06:00:00 dnsmasq[7]: reply a/b.example is 192.0.2.1"
PIHOLE = b"Nov 22 06:00:00 dnsmasq[7]: 12 192.0.2.9/5353 query[A] a.example from 192.0.2.9"
UNBOUND = b"[1520000000] unbound[1:0] info: 192.0.2.1 a.example. A IN"
SQUID = b"1520000000.123     56 192.0.2.1 TCP_TUNNEL/200 1234 CONNECT a.example:443 - HIER_DIRECT/b.example -"
ACCESS = b'192.0.2.1 - - [01/Nov/2021:00:00:00 +0000] "GET http://a.example/x HTTP/1.1" 200 5 "http://b.example/" "-"'
VHOST = b'a.example:80 192.0.2.1 - - [01/Nov/2021:00:00:00 +0000] "GET /x HTTP/1.1" 200 5 "-" "-"'


@pytest.mark.parametrize(
    ("line", "make", "want"),
    [
        (BIND, "BIND query log", [("query", HOST, "*.a.example"), ("client", ADDRESS, "192.0.2.1")]),
        (OLD_BIND, "BIND query log", [("query", HOST, "a.example"), ("client", ADDRESS, "192.0.2.1")]),
        (DNSMASQ, "dnsmasq log", [("query", HOST, "a/b.example"), ("answer", HOST, "192.0.2.1")]),
        (PIHOLE, "dnsmasq log", [("query", HOST, "a.example"), ("answer", HOST, "192.0.2.9")]),
        (UNBOUND, "Unbound query log", [("client", ADDRESS, "192.0.2.1"), ("query", HOST, "a.example.")]),
        (SQUID, "Squid access log", [("client", ADDRESS, "192.0.2.1"), ("server", HOST, "b.example"), ("url", HOST, "a.example:443")]),
        (ACCESS, "access log", [("url", URL, "http://a.example/x"), ("referrer", URL, "http://b.example/")]),
        (VHOST, "access log", [("host", HOST, "a.example"), ("client", ADDRESS, "192.0.2.1"), ("url", URL, "http://a.example/x")]),
    ],
)
def test_makes_and_their_fields(line: bytes, make: str, want: list[tuple[str, str, str]]) -> None:
    made = make_of(line)
    assert made is not None and made[0] == make
    found = LineReader().candidates(line)
    assert found[: len(want)] == want
    assert any(field == "text" for field, _, _ in found[len(want) :])


def test_an_event_behind_a_header_of_syslog() -> None:
    line = b'<134>1 2026-11-22T06:00:00Z sensor.example s - - - {"event_type":"dns","dns":{"rrname":"\\u0061.example"},"note":"b.example"}'
    found = any_text().candidates(line)
    assert ("dns.rrname", HOST, "a.example") in found
    assert ("text", HOST, "sensor.example") in found
    assert not any(text == "b.example" for _, _, text in found)
    assert ("text", HOST, "a.example") in any_text().candidates(b'x {"rrname":"a.example","cut')


def test_a_hostile_line_costs_no_square() -> None:
    began = time.process_time()
    for line in (b'"GET ' * 200_000 + b" HTTP/", b"query: " * 200_000, b"dnsmasq: reply " * 100_000, b"info: 192.0.2.1 " * 90_000):
        LineReader().candidates(line)
    assert time.process_time() - began < 20


def test_xml_is_read_with_its_entities() -> None:
    data = b"  <Data Name='CommandLine'>curl &quot;http://a.example/x?b=1&amp;c=2&quot;</Data>"
    assert ("url", URL, "http://a.example/x?b=1&c=2") in LineReader().candidates(data)
    plain = b"<134>Nov 22 06:00:00 proxy http://a.example/x?b=1&amp;c=2"
    assert ("url", URL, "http://a.example/x?b=1&amp;c=2") in LineReader().candidates(plain)
