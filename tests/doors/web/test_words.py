"""Words: plural forms, numbers, periods, and the language that a visitor asks for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.doors.web.words import LANGUAGES, Words, choose, offered


@pytest.mark.parametrize(
    ("lang", "n", "said"),
    [
        ("en", 1, "1 day"),
        ("en", 2, "2 days"),
        ("ru", 1, "1 день"),
        ("ru", 3, "3 дня"),
        ("ru", 11, "11 дней"),
        ("ru", 21, "21 день"),
        ("zh", 1, "1 天"),
        ("zh", 5, "5 天"),
        ("en", 12345, "12,345 days"),
        ("ru", 12345, "12\xa0345 дней"),
    ],
)
def test_a_count_takes_its_plural_form(lang, n, said):
    assert Words(lang)("period.days", n=n) == said


def test_a_number_that_only_names_has_no_form():
    assert Words("en")("entry.title", n=1234) == "Log entry 1234"


def test_a_key_that_is_not_there_is_an_error():
    with pytest.raises(KeyError):
        Words("ru")("no.such.key")
    with pytest.raises(KeyError):
        Words("ru")("no.such.key", n=2)


def test_periods():
    assert Words("en").period("P1Y") == "1 year"
    assert Words("ru").period("P1Y6M") == "1 год 6 месяцев"
    assert Words("zh").period("P1Y") == "1 年"
    assert Words("en").period("PT1H") == "PT1H"
    assert Words("en").period("P") == "P"


def test_bytes_in_the_unit_that_suits_them():
    assert [Words("en").size(n) for n in (0, 1023, 1024, 1536, 5 << 20, 3 << 30, 5 << 50)] == [
        "0 byte", "1,023 byte", "1 kB", "1.5 kB", "5 MB", "3 GB", "5,120 TB",
    ]  # fmt: skip
    assert (Words("ru").size(1536), Words("zh").size(1536)) == ("1,5 кБ", "1.5 kB")


def test_several_names_in_one_phrase():
    assert Words("en").together(["KZ", "UZ", "IR"]) == "KZ, UZ, and IR"
    assert Words("ru").together(["KZ", "UZ"]) == "KZ и UZ"
    assert Words("zh").together(["KZ", "UZ"]) == "KZ和UZ"


def test_which_way_a_language_is_written():
    assert [Words(lang).direction for lang in LANGUAGES] == ["ltr", "ltr", "ltr", "rtl"]


def test_the_pseudo_locale_is_offered_when_asked_for(monkeypatch):
    monkeypatch.delenv("COMITY_PSEUDO", raising=False)
    assert "qps" not in offered()
    assert choose("qps", None, "") == "en"
    monkeypatch.setenv("COMITY_PSEUDO", "1")
    assert choose("qps", None, "") == "qps"
    assert Words("qps").tag == "en-x-pseudo"


@pytest.mark.parametrize(
    ("asked", "kept", "accepted", "chosen"),
    [
        (None, None, "", "en"),
        ("ru", "en", "en", "ru"),
        ("xx", "ru", "en", "ru"),
        (None, None, "ru-RU,ru;q=0.9,en;q=0.8", "ru"),
        (None, None, "de,en;q=0.4,ru;q=0.5", "ru"),
        (None, None, "zh-CN,zh;q=0.9", "zh"),
        (None, None, "ru;q=0,de", "en"),
        (None, None, "RU", "ru"),
    ],
)
def test_the_language_asked_for_kept_or_accepted(asked, kept, accepted, chosen):
    assert choose(asked, kept, accepted) == chosen


@given(st.none() | st.text(), st.none() | st.text(), st.text())
def test_any_request_gets_some_language(asked, kept, accepted):
    assert choose(asked, kept, accepted) in LANGUAGES
