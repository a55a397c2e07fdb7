"""Values on a page: defanged, isolated, escaped, never disguised."""

from __future__ import annotations

import html
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.doors.web.show import SHOWN, address, clean, indented, line, moment, pattern, prose, stamped, value


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("bad.example", "bad[.]example"),
        ("https://bad.example/a", "hxxps://bad[.]example/a"),
        ("192.0.2.7", "192[.]0[.]2[.]7"),
        ("me@bad.example", "me[at]bad[.]example"),
    ],
)
def test_a_value_is_defanged_and_left_to_right(text, shown):
    assert value(text) == f'<bdi dir="ltr" class="value">{shown}</bdi>'


@pytest.mark.parametrize(
    ("text", "also"),
    [
        ("xn--e1afmkfd.example", "пример[.]example · Cyrillic"),
        ("пример.example", "xn--e1afmkfd[.]example · Cyrillic"),
        ("http://xn--e1afmkfd.example/a", "пример[.]example · Cyrillic"),
        ("xn--pyple-9ce.example", "mixed"),
    ],
)
def test_an_internationalised_name_has_its_other_form_beside_it(text, also):
    shown = value(text)
    assert "data-also=" in shown
    assert also in shown or also == "mixed"
    assert "data-also=" in prose(f"see {text} there")


def test_a_plain_name_has_nothing_beside_it():
    for text in ("bad.example", "http://bad.example/é", "192.0.2.7", "x" * 5000):
        assert "data-also" not in value(text)


def test_observables_in_prose_are_defanged_and_the_rest_is_kept():
    shown = str(prose('See "bad.example", 192.0.2.7|8443 and e.g. nothing (https://bad.example/x).'))
    assert "bad.example" not in shown
    assert "https:" not in shown
    assert "192[.]0[.]2[.]7" in shown
    assert "e.g. nothing" in shown
    assert shown.endswith(").</bdi>")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("10.0.0.0-10.0.0.255", "10[.]0[.]0[.]0-10[.]0[.]0[.]255"),
        ("10.0.0.0 \u2013 10.0.0.255", "10[.]0[.]0[.]0 \u2013 10[.]0[.]0[.]255"),
        ("2001:db8::1-2001:db8::9", "2001[:]db8[:][:]1-2001[:]db8[:][:]9"),
        ("10.1.2.3:8080", "10[.]1[.]2[.]3[:]8080"),
        ("[2001:db8::1]:443", "[2001[:]db8[:][:]1][:]443"),
        ("bad.example:443", "bad[.]example[:]443"),
    ],
)
def test_a_range_and_an_address_with_its_port_are_one_value(text, shown):
    assert f'\u0645\u0631 <bdi dir="ltr" class="value">{shown}</bdi>,' in prose(f"\u0645\u0631 {text}, \u0645")
    apart = line(f"\u0645\u0631 {text}, \u0645")
    assert (apart.count("\u2066"), apart.count("\u2069"), apart.partition("\u2066")[2].startswith(shown)) == (1, 1, True)
    assert f'\u0645\u0631 <bdi dir="ltr">{text}</bdi>, \u0645</bdi>' in indented({"x": f"\u0645\u0631 {text}, \u0645"})


@pytest.mark.parametrize("text", ["at 12:30 - 13:45", "3-4 of bad-face", "pages 10.1-10.9", "1.2.3.4.5-1.2.3.4.6", "10.0.0.1-2001:db8::1"])
def test_what_looks_like_a_range_and_is_none_is_text(text):
    assert text.partition("-")[0] in html.unescape(str(prose(text)))


def test_beside_others_a_line_needs_no_isolation():
    assert line("see 10.0.0.1-10.0.0.2") == "see 10[.]0[.]0[.]1-10[.]0[.]0[.]2"
    assert indented({"x": "10.0.0.1"}) == '<pre dir="ltr">{\n  &#34;x&#34;: &#34;10.0.0.1&#34;\n}</pre>'


@given(st.text())
def test_nothing_that_others_wrote_becomes_markup(text):
    for shown in (str(prose(text)), str(value(text)), str(pattern(text)), str(indented({"x": text}))):
        inner = re.sub(
            r'<(/?bdi( dir="ltr" class="value"( data-also="[^"<]*")?)?|/?code( dir="ltr" class="wrap")?|/?pre( dir="ltr")?)>', "", shown
        )
        assert "<" not in inner
        assert '"' not in inner


def bare(text: str) -> str:
    """Text as it reads, whether defanged or not."""
    return text.lower().replace("[at]", "@").replace("hxxp", "http").replace("[", "").replace("]", "")


@given(st.text(max_size=80) | st.from_regex(r"[a-z.@:/ |]{1,60}", fullmatch=True))
def test_prose_loses_nothing(text):
    plain = html.unescape(re.sub(r"<[^>]*>", "", str(prose(text))))
    assert bare(plain) == bare(clean(text))


def test_direction_overrides_are_made_visible():
    assert clean("invoice\u202efdp.exe\x00") == "invoice\ufffdfdp.exe\ufffd"
    assert "\u202e" not in prose("a\u202eb") + value("a\u202eb") + pattern("a\u202eb") + indented("a\u202eb")


def test_a_pattern_is_defanged_inside_its_quotes_only():
    shown = pattern("[domain-name:value = 'bad.example' AND file:name = 'a b']")
    assert shown == '<code dir="ltr" class="wrap">[domain-name:value = &#39;bad[.]example&#39; AND file:name = &#39;a b&#39;]</code>'


def test_moments():
    text = stamped(1_635_757_200_000_001)
    assert text == "2021-11-01T09:00:00.000001Z"
    assert moment(text) == f'<time datetime="{text}" title="{text}">2021-11-01 09:00:00</time>'


def test_an_address_cannot_leave_its_place():
    assert address("a/../b?c#d") == "/o/a%2F..%2Fb%3Fc%23d"


@pytest.mark.parametrize("draw", [prose, pattern])
@pytest.mark.parametrize(
    "text",
    [
        (")," * 1_000 + "x ") * 500,
        "'\\'" * 10_000,
        "'" + "\\'" * 30_000,
        "('" * 15_000,
        "." * 30_000,
        "<a.b>" * 6_000,
        "a.example " * 3_000,
    ],
)
def test_drawing_takes_time_in_proportion(draw, text):
    began = time.process_time()
    draw(text)
    assert time.process_time() - began < 1


def test_a_text_is_shown_up_to_a_length():
    for draw in (prose, pattern):
        assert len(draw("x" * 1_000_000)) < SHOWN + 100
        assert "\N{HORIZONTAL ELLIPSIS}" in draw("x" * (SHOWN + 1))
        assert "\N{HORIZONTAL ELLIPSIS}" not in draw("x" * SHOWN)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("(bad.example).", "(bad[.]example)."),
        ("bad.example..", "bad.example.."),
        ("'bad.example',", "'bad[.]example',"),
        ("<bad.example>", "<bad[.]example>"),
        ("[bad.example]?!", "[bad[.]example]?!"),
        ("bad.example", "bad[.]example"),
        ("((((", "(((("),
        ("))).", ")))."),
    ],
)
def test_what_stands_around_a_value_stays(text, shown):
    assert html.unescape(re.sub(r"</?bdi[^>]*>", "", str(prose(text)))) == shown


@pytest.mark.parametrize("text", ["[a:b = 'bad.example", "[a:b = 'bad.example\\", "'"])
def test_a_literal_that_is_not_closed_is_defanged_too(text):
    assert html.unescape(str(pattern(text))).endswith(text.replace("bad.example", "bad[.]example") + "</code>")


def test_a_line_for_a_picture_is_defanged_and_keeps_its_end():
    assert line("see http://bad.example/x, (192.0.2.1)\nagain") == "see hxxp://bad[.]example/x, (192[.]0[.]2[.]1) again"
    assert line("a" * 20 + ".example", 15) == "aaaaaaaaa\u2026ample"
    assert line("\u4e2d" * 10, 9) == "\u4e2d\u4e2d\u2026\u4e2d"
    assert line("a\u202eb") == "a\ufffdb"
