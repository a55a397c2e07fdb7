from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.forms.candidates import ADDRESS, HOST, URL
from comity.forms.json_events import JsonReader, Parts

READER = JsonReader({"name": HOST, "link": URL}, (Parts("name", "path"),))


@pytest.mark.parametrize(
    ("line", "want"),
    [
        (b'{"name":"a.example","path":"/x"}', [("name", HOST, "a.example"), ("path", URL, "http://a.example/x")]),
        (b'{"deep":[{"name":"a.example"}]}', [("deep.name", HOST, "a.example")]),
        (b'{"name":["a.example",["b.example"]]}', [("name", HOST, "a.example"), ("name", HOST, "b.example")]),
        (b'{"any":{"thing":"192.0.2.1"}}', [("any.thing", ADDRESS, "192.0.2.1")]),
        (b'{"link":"http://a.example/"}', [("link", URL, "http://a.example/")]),
        (b'{"link":"a.example:80"}', [("link", HOST, "a.example:80")]),
        (b'{"link":"/only/a/path"}', []),
        (b'{"text":"a.example"}', []),
        (b'[{"name":"a.example"}]', [("name", HOST, "a.example")]),
        (b'{"name":"a.example","cut', [("text", HOST, "a.example")]),
        (b"3", []),
    ],
)
def test_keys_decide_the_role(line: bytes, want: list[tuple[str, str, str]]) -> None:
    assert READER.candidates(line) == want


@given(st.binary(max_size=60))
def test_any_bytes_are_read(line: bytes) -> None:
    READER.candidates(line)
    READER.candidates(b'{"name":' + line)


def test_nesting_bombs_are_text() -> None:
    assert READER.candidates(b'{"name":' * 100_000) == []
