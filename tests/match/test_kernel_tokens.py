"""Which tokens count, seen through the whole pass (`test_prefilter` for all that readers find)."""

from __future__ import annotations

import numpy as np
import pytest

from comity.match.compiled import Compiled
from comity.match.table import combined
from comity.match.table_maker import build


def shows(values: list[tuple[str, str]], line: bytes) -> bool:
    pieces = list(Compiled(combined([build([(*value, None) for value in values])])).pieces(np.frombuffer(line, np.uint8)))
    return any(len(found) for found, _ in pieces)


@pytest.mark.parametrize(
    ("value", "yes", "no"),
    [
        (("domain", "b.example"), [b"b.example", b"B.Example.", b"a.b.example", b"\\nb.example", b"a" * 70 + b".b.example"], [b"ab.example", b"b.example.a"]),
        (("domain", "b.example"), [b"x" * 100 + b"/b.example", b"\\" + b"x" * 80 + b".b.example"], [b"b-example", b"b..example"]),
        (("url", "http://intranet/x"), [b"intranet", b"http://INTRANET:80/", b"at.intranet", b"\\tintranet"], [b"intranets", b"intranet.at", b"x" * 90]),
        (("md5", "0a" * 16), [b"0A" * 16, b"\\t" + b"0a" * 16, b"=" + b"0a" * 16 + b","], [b"0a" * 15, b"0a" * 17, b"0b" * 16]),
        (("ipv4", "192.0.2.1"), [b"192.0.2.1", b"192.0.2.1:53", b"192.0.2.1.", b"\\x0a192.0.2.1"], [b"192.0.2.10", b"92.0.2.1", b"1.192.0.2.1"]),
        (("cidr", "192.0.2.0/30"), [b"192.0.2.3", b"192.0.2.3."], [b"192.0.3.3", b"192.0.2", b"192.0.2.256"]),
        (("url", "http://odd.123/"), [b"odd.123", b"an.odd.123"], [b"odd.124", b"1.23", b"192.0.2.1", b"x.123"]),
    ],
)  # fmt: skip
def test_tokens(value: tuple[str, str], yes: list[bytes], no: list[bytes]) -> None:
    for text in yes:
        assert shows([value], b"12:00 " + text + b" 5.5\n"), text
    for text in no:
        assert not shows([value], b"12:00 " + text + b" 5.5\n"), text
