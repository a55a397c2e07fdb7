from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from comity.forms.candidates import ADDRESS, URL
from comity.forms.json_pretty import PrettyReader


def test_what_stands_on_a_line_by_itself() -> None:
    reader = PrettyReader()
    assert reader.candidates(b'    "src_ip": "192.0.2.1",') == [("text", ADDRESS, "192.0.2.1")]
    assert reader.candidates(b'    "hostname": "a.example",') == []
    assert reader.candidates(b'    "any": "http:\\/\\/\\u0061.example\\/x"') == [("url", URL, "http://a.example/x")]


@given(st.binary(max_size=60))
def test_any_bytes_are_read(line: bytes) -> None:
    PrettyReader().candidates(b'"\\' + line)
