"""Domain words on the command line."""

from __future__ import annotations

import pytest

from comity.doors.cli.words import listed, tlp_level
from comity.errors import SenderFault


def test_tlp():
    assert tlp_level("TLP:WHITE") == "clear"
    with pytest.raises(SenderFault):
        tlp_level("purple")


def test_listed():
    assert listed(" a, b ,,c ") == ("a", "b", "c")
