"""Lists of documents as people write them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from comity.doors.documents import listed
from comity.errors import SenderFault


def test_a_title_alone_or_with_its_day():
    due = datetime(2022, 12, 31, tzinfo=UTC)
    assert listed(["Charter = 2022-12-31", "", " A=B protocol=2022-12-31 ", "Convention "]) == (
        ("Charter", due),
        ("A=B protocol", due),
        ("Convention", None),
    )


def test_a_day_that_is_none_is_said():
    with pytest.raises(SenderFault, match="'soon' is no date"):
        listed(["Charter=soon"])
