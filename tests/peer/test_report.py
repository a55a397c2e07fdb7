"""A report in numbers."""

from __future__ import annotations

from comity.peer.report import Report


def test_a_report_says_how_many_and_not_what() -> None:
    report = Report(peer="x", pulled={"accepted": 2}, pushed={}, problems=["one", "two"])
    assert report.row() == {"peer": "x", "pulled": {"accepted": 2}, "pushed": {}, "problems": 2}
