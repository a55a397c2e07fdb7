from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.forms.candidates import ADDRESS, EMAIL, HASH, HOST, URL
from comity.forms.textlogs import TextReader

MD5 = "d41d8cd98f00b204e9800998ecf8427e"


def read(line: str, *, bare: bool = True) -> set[tuple[str, str]]:
    return {(role, text) for _, role, text in TextReader(bare=bare).candidates(line.encode())}


@pytest.mark.parametrize(
    ("line", "want"),
    [
        ("query[A] evil.example from 192.0.2.1", {(HOST, "evil.example"), (ADDRESS, "192.0.2.1")}),
        ("host=evil.example, dst=192.0.2.1:443;", {(HOST, "evil.example"), (ADDRESS, "192.0.2.1")}),
        ('"GET http://evil.example/a?b HTTP/1.1" 200', {(URL, "http://evil.example/a?b"), (HOST, "1.1")} - {(HOST, "1.1")}),
        ("see (http://evil.example/a).", {(URL, "http://evil.example/a")}),
        ("13:55 CQ 192.0.2.9:1 -> 45b www.evil.example/IN/A", {(HOST, "www.evil.example"), (ADDRESS, "192.0.2.9")}),
        ("\x1b[1m evil.example\x1b[0m http://evil.example/a\x1b[0m\x01", {(HOST, "evil.example"), (URL, "http://evil.example/a")}),
        ("to 192.0.2.1.", {(ADDRESS, "192.0.2.1")}),
        ("evil.example.", {(HOST, "evil.example.")}),
        ("route 192.0.2.1/24 up", {(ADDRESS, "192.0.2.1")}),
        ("from [2001:db8::1]:443", {(ADDRESS, "2001:db8::1")}),
        (f"sum {MD5} ok", {(HASH, MD5)}),
        (f"sum is {MD5}.", {(HASH, MD5)}),
        (f"x{MD5}", set()),
        ("192.0.2.1.-x/", set()),
        ("2001:db8::1.443", {(ADDRESS, "2001:db8::1"), (HOST, "1.443")}),
        ("::98.51.103.9x", {(HOST, "98.51.103.9x")}),
        ("From: <a.b@evil.example>", {(EMAIL, "a.b@evil.example")}),
        ("/path?q=evil.example&x", set()),
        ("via evil.example/view", set()),
        ("GET /p?q=evil.example/view", set()),
        ("zone evil.example/IN: loaded", {(HOST, "evil.example")}),
        ("host=evil.example/path", {(HOST, "evil.example")}),
        ("view/evil.example/path", set()),
        ("query (cache) 'evil.example/A/IN' denied", {(HOST, "evil.example")}),
        ("resolving 'www.evil.example./AAAA/IN': 2001:db8::1#53", {(HOST, "www.evil.example."), (ADDRESS, "2001:db8::1")}),
        ("validating www.evil.example/A: no valid signature", {(HOST, "www.evil.example")}),
        ("from 2001:db8::bad: refused", {(ADDRESS, "2001:db8::bad")}),
        ("from 2001:db8::: refused", {(ADDRESS, "2001:db8::")}),
        ("from 2001:db8:0:0:0:0:0:1: refused", {(ADDRESS, "2001:db8:0:0:0:0:0:1")}),
        ("from ::ffff:192.0.2.1: refused", {(ADDRESS, "::ffff:192.0.2.1"), (ADDRESS, "192.0.2.1")}),
        ("version 10.0.0.1.5", {(HOST, "10.0.0.1.5")}),
        ("17:25:30 up", set()),
        ("", set()),
    ],
)
def test_tokens_at_boundaries(line: str, want: set[tuple[str, str]]) -> None:
    assert read(line) == want


def test_urls_inside_urls_are_found() -> None:
    found = read("GET http://a.example/?u=http://b.example/x y")
    assert (URL, "http://a.example/?u=http://b.example/x") in found
    assert (URL, "http://b.example/x") in found
    assert (URL, "http://c.example/") in read("x%3Dhttp://c.example/")


def test_bare_names_can_be_left_out() -> None:
    assert read('"hostname": "evil.example", "ip": "192.0.2.1"', bare=False) == {(ADDRESS, "192.0.2.1")}


@pytest.mark.parametrize("piece", ["://", "a://", "a.", "@", "a@", "1.2.3.4", ":", "::", "1:2:"])
def test_hostile_lines_cost_little(piece: str) -> None:
    TextReader().candidates(piece.encode() * 30_000)


@given(st.binary(max_size=120))
def test_any_bytes_are_read(line: bytes) -> None:
    TextReader().candidates(line)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("см. «bad.example» и “b.example”, c.example…", ["bad.example", "b.example", "c.example"]),
        ("访问 bad.example。", ["bad.example"]),
        ("पता: «उदाहरण.परीक्षा»", ["उदाहरण.परीक्षा"]),
        ("вbad.example a\udcffbad.example", ["вbad.example"]),
    ],
)
def test_signs_of_other_scripts_part_words(text: str, names: list[str]) -> None:
    found = TextReader().candidates(text.encode("utf-8", "surrogateescape"))
    assert [name for _, role, name in found if role == HOST] == names
