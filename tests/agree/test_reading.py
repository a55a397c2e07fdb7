"""The words of the complaints: the nearest known name, or the list."""

from __future__ import annotations

from comity.agree.lines import Lines
from comity.agree.reading import Notes, Table, a, nearest, one_of, shaped


def test_the_nearest_name_or_the_list() -> None:
    assert nearest("Memebr", ["member", "observer"]) == "did you mean 'member'?"
    assert nearest("dialogue_partner", ["dialogue-partner", "member"]) == "did you mean 'dialogue-partner'?"
    assert nearest("zzz", ["member", "observer"]) == "use one of member, observer"
    assert "documentation" in nearest("zzz", [f"name-{number}" for number in range(17)])


def test_judges() -> None:
    assert one_of(["amber"], "level")("amber") is None
    assert one_of(["amber"], "level")("amba") == ("'amba' is not a level", "did you mean 'amber'?")
    assert "G9" in (one_of(["feedback"], "duty")("surveillance") or ("", ""))[0]
    slug = shaped(r"[a-z]+", "slug", "abc")
    assert slug("abc") is None
    assert slug("abc\n") == ("'abc\\n' is not a slug", "write it like abc")
    assert slug("é") is not None
    assert (a("effect"), a("standing")) == ("an effect", "a standing")


def test_a_table_reads_what_is_there_and_stands_in_for_what_is_not() -> None:
    notes = Notes(Lines("x = 1\n"))
    table = Table(notes, {"x": 1, "flag": True, "day": None}, (), "t", ("x", "flag", "day"))
    assert table.whole("x") == 1
    assert table.flag("flag")
    assert table.text("absent", default="d") == "d"
    assert table.moment("day") is None
    assert table.period("day", "day") == (None, None)
    assert notes.findings == []
    assert table.text("x") == ""
    assert [finding.line for finding in notes.findings] == [1]
