"""The words of the complaints: the nearest known name, or the list."""

from __future__ import annotations

from comity.agree.lines import Lines
from comity.agree.reading import Notes, Table, a, nearest, nth, one_of, shaped, unknown


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


def test_counting_as_a_reader_does() -> None:
    assert [nth(index) for index in (0, 2, 9, 10, 11, 12, 20, 21, 22, 110, 111)] == [
        "first", "third", "tenth", "11th", "12th", "13th", "21st", "22nd", "23rd", "111th", "112th",
    ]  # fmt: skip


def test_an_unknown_key_that_a_guardrail_refuses_is_told_so() -> None:
    assert unknown("key 'titel'", "titel", ["title"]) == ("unknown key 'titel'", "did you mean 'title'?")
    message, next_step = unknown("key 'motive'", "motive", ["title"])
    assert "G7" in message
    assert "mean" not in next_step


def test_a_word_that_is_refused_is_noted_and_a_stand_in_given() -> None:
    notes = Notes(Lines('a = "mauve"\n'))
    table = Table(notes, {"a": "mauve"}, (), "a table", ("a",))
    assert table.text("a", one_of(("red", "green"), "colour"), default="red") == "red"
    assert [finding.message for finding in notes.findings] == ["a: 'mauve' is not a colour"]
