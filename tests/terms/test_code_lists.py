from __future__ import annotations

import re

import pytest

from comity.terms import code_lists


@pytest.mark.parametrize(
    ("codes", "form", "some", "none"),
    [
        (code_lists.LANGUAGES_2, r"[a-z]{2}", {"en", "kk", "ru", "uz", "zh"}, {"xx", "eng"}),
        (code_lists.LANGUAGES_3, r"[a-z]{3}", {"eng", "kaz", "deu", "ger", "und"}, {"bbb", "foo", "en"}),
        (code_lists.COUNTRIES, r"[A-Z]{2}", {"KZ", "UZ", "CN", "IN", "PK"}, {"UK", "XX"}),
        (code_lists.SOCKET_OPTIONS, r"[A-Z0-9]+_[A-Z0-9_]+", {"SO_KEEPALIVE", "IP_TTL", "ICMP6_FILTER"}, {"SO_FOO", "KEEPALIVE"}),
        (code_lists.REQUEST_HEADERS, r"[A-Za-z0-9-]+", {"Host", "User-Agent", "TE"}, {"x-foobar", "host"}),
        (code_lists.PDF_KEYS, r"[A-Z][A-Za-z]+", {"Title", "Trapped"}, {"Foo"}),
    ],
)
def test_a_list_has_codes_of_one_form(codes: frozenset[str], form: str, some: set[str], none: set[str]) -> None:
    assert all(re.fullmatch(form, code) for code in codes)
    assert some <= codes
    assert not none & codes
