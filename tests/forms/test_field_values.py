from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.forms.candidates import ADDRESS, EMAIL, HASH, HOST, TEXT, URL
from comity.forms.field_values import addresses_in, candidates_in
from comity.forms.textlogs import TextReader

READER = TextReader()


@pytest.mark.parametrize(
    ("role", "value", "want"),
    [
        (HOST, "a.example", [(HOST, "a.example")]),
        (HOST, "a.example:443", [(HOST, "a.example:443")]),
        (HOST, "type:  5 a.example;::ffff:192.0.2.1;", [(HOST, "a.example"), (HOST, "::ffff:192.0.2.1")]),
        (HOST, "['a.example', 'b.example']", [(HOST, "a.example"), (HOST, "b.example")]),
        (HOST, "http://a.example/x", [(URL, "http://a.example/x")]),
        (URL, "http://a.example/x,y", [(URL, "http://a.example/x,y")]),
        (URL, "a.example:443", [(HOST, "a.example:443")]),
        (URL, "a.example/x", [(HOST, "a.example"), (URL, "http://a.example/x")]),
        (URL, "/x", []),
        (HASH, "SHA1=" + "A" * 40 + ",MD5=" + "b" * 32 + ",IMPHASH=0", [(HASH, "A" * 40), (HASH, "b" * 32)]),
        (HASH, "zz" + "a" * 32, []),
        (HASH, "a" * 32 + ".exe;x-" + "a" * 32 + ";\u00e9" + "a" * 32, []),
        (EMAIL, "A <a@a.example>, b@b.example", [(EMAIL, "A <a@a.example>"), (EMAIL, "b@b.example")]),
        (TEXT, "to a.example", [(HOST, "a.example")]),
        (None, "192.0.2.1", [(ADDRESS, "192.0.2.1")]),
        (None, "a.example", []),
        (None, "bad.example", []),
    ],
)
def test_what_a_value_offers(role: str | None, value: str, want: list[tuple[str, str]]) -> None:
    assert candidates_in("f", role, value, READER) == [("f", kind, text) for kind, text in want]


@pytest.mark.parametrize(
    ("value", "want"),
    [
        ("192.0.2.1:443", ["192.0.2.1"]),
        ("[2001:db8::1]:443", ["2001:db8::1"]),
        ("2001:db8::1", ["2001:db8::1"]),
        ("::ffff:192.0.2.1", ["::ffff:192.0.2.1"]),
        ("192.0.2.1, 192.0.2.2;2001:db8::2", ["192.0.2.1", "192.0.2.2", "2001:db8::2"]),
        ('["192.0.2.1"]', ["192.0.2.1"]),
        ("192.0.2.1 was seen", []),
        ("12:30:00", ["12:30:00"]),  # as good as an address here: the index says no
        ("1.2.3", []),
        ("", []),
    ],
)
def test_addresses_as_whole_values(value: str, want: list[str]) -> None:
    assert addresses_in(value) == want


@given(st.text(max_size=40), st.sampled_from([HOST, URL, HASH, EMAIL, TEXT, None]))
def test_any_value_is_read(value: str, role: str | None) -> None:
    candidates_in("f", role, value, READER)
