"""The components, drawn by themselves: named for whoever cannot see them, and inert whatever others wrote."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from starlette.requests import Request

from comity.doors.web.columns import Column, of
from comity.doors.web.render import TEMPLATES
from comity.doors.web.words import LANGUAGES, Words

HOSTILE = "</td><script>alert(1)</script>\"'><img src=x onerror=y>{{ 7*7 }}\u202e"
REQUEST = Request({"type": "http", "method": "GET", "path": "/", "query_string": b"type=a", "headers": []})
COLUMNS = of(REQUEST, (Column(key="what", label="inbox.what", lone=True), Column(key="when", label="home.when", sorts=True)))


def drawn(text: str, lang: str = "en", **data: object) -> str:
    head = '{% import "ui.html" as ui with context %}'
    template = TEMPLATES.from_string(head + text)
    return template.render(t=Words(lang), params=[("type", "a")], columns=COLUMNS, h=HOSTILE, **data)


class Elements(HTMLParser):
    """The elements and attribute names that a browser would see."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.names: set[str] = set()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.names |= {name for name, _ in attrs}


EVERY = (
    "{{ ui.tlp('amber+strict') }}",
    "{{ ui.value('bad.example', 'domain') }}",
    "{{ ui.party('UZ', h, 'member') }}",
    "{{ ui.verdict('redact') }}",
    "{% call(row) ui.table(columns, [h], h) %}<tr role=\"row\">{% call ui.cell(columns, 'what') %}{{ row | prose }}{% endcall %}</tr>{% endcall %}",
    "{{ ui.chooser(columns) }}",
    "{{ ui.pager('/a', '/b', h) }}",
    "{{ ui.tabs([('/a', h, 3, true)], h) }}",
    "{{ ui.chips([('/a', h, none, false)], h) }}",
    "{% call ui.filters() %}{{ ui.field('q', h, h) }}{% endcall %}",
    "{% call ui.empty(h, h) %}{{ h }}{% endcall %}",
    "{% call ui.notice('no', h) %}{{ h }}{% endcall %}",
    "{{ ui.diff([(h, h, none), ('b', none, h)], h) }}",
    "{{ ui.field('a', h, h, hint=h, wrong=h, lines=3) }}",
    "{{ ui.choice('a', h, [(h, h)], h) }}",
    "{{ ui.checks('a', h, [(h, h)], [h]) }}",
    "{{ ui.bar([('yes', 0, 50, h)], h, now=40) }}",
    "{{ ui.stats([(h, 3, '/a'), (h, h, '')]) }}",
    "{{ ui.progress(h, 1, 2) }}",
    "{{ ui.crumbs([('/a', h)]) }}",
)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("text", EVERY)
def test_what_others_wrote_is_text_in_every_component(text, lang):
    found = Elements()
    found.feed(drawn(text, lang))
    assert not found.tags & {"script", "img", "style"}
    assert not any(name.startswith("on") or name == "style" for name in found.names)
    assert "\u202e" not in drawn(text, lang)


def test_a_marking_and_a_verdict_are_never_colour_alone():
    assert "TLP:AMBER+STRICT" in drawn("{{ ui.tlp('amber+strict') }}")
    signs = set()
    for effect in ("permit", "redact", "approve", "deny"):
        page = drawn(f"{{{{ ui.verdict('{effect}') }}}}")
        signs.add(re.search(r'aria-hidden="true">(.)<', page)[1])
        assert Words("en")(f"verdict.{effect}") in page
    assert len(signs) == 4


def test_a_value_is_defanged_and_its_button_has_it_as_it_is():
    page = drawn("{{ ui.value('http://bad.example/x', 'url') }}")
    assert "hxxp://bad[.]example/x" in page
    assert 'data-copy="http://bad.example/x"' in page
    assert "<a " not in page
    assert " hidden>" in page


def test_a_field_is_tied_to_its_name_its_hint_and_what_is_wrong():
    page = drawn("{{ ui.field('tlp', 'Marking', 'x', hint='which', wrong='not that', required=true) }}")
    assert '<label for="field-tlp">Marking</label>' in page
    assert 'aria-describedby="hint-tlp wrong-tlp"' in page
    assert 'aria-invalid="true"' in page
    assert 'id="wrong-tlp">not that' in page
    area = drawn("{{ ui.field('text', 'Text', '\nfirst', lines=3) }}")
    assert ">\n\nfirst</textarea>" in area


def test_a_table_sorts_by_a_link_and_leaves_out_columns():
    page = drawn(
        "{% call(row) ui.table(columns, [1, 2], 'All') %}<tr role=\"row\">{% call ui.cell(columns, 'when') %}{{ row }}{% endcall %}</tr>{% endcall %}"
    )
    assert '<table role="table" aria-label="All">' in page
    assert '<a href="?type=a&amp;sort=when">When</a>' in page
    assert page.count('<td role="cell" data-name="When">') == 2
    columns = [{**column, "shown": column["lone"]} for column in COLUMNS]
    assert "<td" not in TEMPLATES.from_string(
        '{% import "ui.html" as ui with context %}{% call ui.cell(columns, "when") %}x{% endcall %}'
    ).render(t=Words("en"), params=[], columns=columns)


def test_the_chooser_keeps_the_rest_of_the_address():
    assert '<input type="hidden" name="type" value="a">' in drawn("{{ ui.chooser(columns) }}")


def test_a_pager_without_a_way_is_nothing():
    assert drawn("{{ ui.pager() }}").strip() == ""
