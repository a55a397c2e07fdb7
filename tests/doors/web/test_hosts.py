"""How hosts are written: the other form, the scripts, and what mixes them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.doors.web.hosts import written


@pytest.mark.parametrize("value", ["bad.example", "192.0.2.7", "http://192.0.2.7/x", "me@bad.example", "no host at all", "http://["])
def test_plain_values_have_nothing_to_say(value):
    assert written(value) is None


@pytest.mark.parametrize("value", ["xn--e1afmkfd.example", "https://xn--e1afmkfd.example/p", "me@xn--e1afmkfd.example"])
def test_punycode_is_told_as_people_read_it(value):
    host = written(value)
    assert (host.other, host.scripts, host.mixed) == ("пример.example", ("cyrillic",), False)


def test_what_people_read_is_told_as_punycode():
    assert written("пример.example").other == "xn--e1afmkfd.example"


def test_a_path_is_no_part_of_the_host():
    assert written("http://пример.example/логин").other == "xn--e1afmkfd.example"
    assert written("http://xn--e1afmkfd.example/логин").other == "пример.example"


def test_a_label_of_two_scripts_is_mixed():
    cyrillic_a = "\u0430"
    host = written(f"p{cyrillic_a}yroll.example")
    assert host.mixed
    assert host.scripts == ("cyrillic", "latin")


def test_labels_of_one_script_each_are_not_mixed():
    assert not written("пример.例子.example").mixed
    assert written("пример.例子.example").scripts == ("cjk", "cyrillic")


def test_punycode_that_is_none_is_told_as_it_is():
    assert written("xn--a-.example") is None or written("xn--a-.example").scripts == ()


@given(st.text(max_size=60) | st.from_regex(r"xn--[a-z0-9-]{1,20}\.example", fullmatch=True))
def test_anything_can_be_asked(value):
    host = written(value)
    assert host is None or isinstance(host.other, str)
