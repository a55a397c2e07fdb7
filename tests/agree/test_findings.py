"""Findings come by line, the gravest first, each once."""

from __future__ import annotations

from comity.agree.findings import Finding, in_order


def finding(line: int, level: str, message: str = "m") -> Finding:
    return Finding(line=line, level=level, message=message)


def test_order() -> None:
    found = [finding(2, "info"), finding(2, "error"), finding(1, "info"), finding(2, "warning"), finding(2, "error")]
    assert [(f.line, f.level) for f in in_order(found)] == [(1, "info"), (2, "error"), (2, "warning"), (2, "info")]
