from __future__ import annotations

import pytest

from comity.terms.pattern_check import check_pattern


@pytest.mark.parametrize(
    ("text", "said", "wrong"),
    [
        ("[a:b = 1 AND c:d = 2]", "different object types", True),
        ("[(a:b = 1 OR c:d = 2) AND c:e = 3]", "", False),
        ("[(a:b = 1 OR c:d = 2) AND e:f = 3]", "different object types", True),
        ("[a:b IN ()]", "empty set", False),
        ("[a:b IN (1, 'x')]", "one type", True),
        ("[a:b IN (1, 2.5)]", "", False),
        ("[a:b IN (1, true)]", "one type", True),
        ("[a:b MATCHES '(']", "missing )", True),
        ("[a:b MATCHES '(a)\\\\1']", "linear time", True),
        ("[ipv4-addr:value ISSUBSET '192.0.2.0/33']", "CIDR", True),
        ("[file:hashes.'SHA-256' = 'f00']", "64 hexadecimal digits", True),
        ("[file:hashes.MD5 LIKE 'f00%']", "", False),
        ("[a:b = 1] START t'2024-01-02T00:00:00Z' STOP t'2024-01-01T00:00:00Z'", "not later", False),
        ("([a:b = 1] AND [c:d MATCHES '(']) REPEATS 2 TIMES", "missing )", True),
        ("[a:b = ", "ends where", True),
    ],
)
def test_findings(text: str, said: str, wrong: bool) -> None:
    found = check_pattern(text)
    assert [each.wrong for each in found] == ([wrong] if said else [])
    assert said in "".join(each.text for each in found)
