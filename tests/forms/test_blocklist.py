"""What every block-list says of itself and of its entries."""

from __future__ import annotations

import re

from hypothesis import given

from comity.forms.blocklist import harmless, ordered, preamble, provenance
from tests.forms.lists import FRAME, entry, one_of_each, text


@given(text)
def test_harmless_text_ends_nothing(said):
    assert re.fullmatch(r"[A-Za-z0-9 ._:/@+=,()?&%~-]{0,200}", harmless(said))


def test_the_head_says_whose_it_is_how_strict_and_where_to_complain():
    head = preamble([entry(), entry("ipv4", "198.51.100.7", tlp="amber+strict")], FRAME)
    assert "KZ: 2 values" in head[0] and "TLP:AMBER+STRICT" in head[1] and "abuse@cert.example" in head[2]
    assert "TLP:CLEAR" in preamble([], FRAME)[1]


def test_an_entry_names_its_producer_evidence_and_end():
    said = provenance(entry(also=2))
    assert said.startswith("UZ indicator--a932fcc6-e032-476c-826f-cb970a5a1ade and 2 more TLP:AMBER malicious-activity score 80")
    assert "expires 2022-01-01T00:00:00.000Z evidence https://cert.example/report/7" in said


def test_order_is_by_kind_and_value():
    listed = ordered(one_of_each()[::-1])
    assert [(one.kind, one.value) for one in listed] == sorted((one.kind, one.value) for one in one_of_each())
