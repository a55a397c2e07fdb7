"""The pseudo-locale."""

from __future__ import annotations

from comity.doors.web.words.pseudo import stretched


def test_a_text_is_longer_and_its_fields_are_whole():
    assert stretched("Nothing leaves {party} unseen") == "[Nöthîñg léåvéš {party} ûñšééñ" + "~" * 10 + "]"


def test_a_short_text_grows_too():
    assert stretched("by") == "[bý]"
