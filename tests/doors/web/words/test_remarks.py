"""Whatever lint can say of a text of an agreement, and faults of what was asked for, is said in every language."""

from __future__ import annotations

import ast
import re
from html import unescape
from pathlib import Path
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity import agree
from comity.agree.agreement import check
from comity.doors.web.show import clean, told
from comity.doors.web.words import Words, catalogue
from comity.doors.web.words.catalogue import remarks
from comity.doors.web.words.remarks import FIELD, remark
from tests.make_words import LANGUAGES
from tests.refusals import LEFT_OUT, file_of, templates

ROOT = Path(agree.__file__).parent
#: Where remarks are made. Their plain texts that are none: what is no sentence, and what only a raised fault says.
MODULES = ("lint", "agreement", "sections", "reading", "mapping", "duration", "duties", "guard")
NONE = re.compile(
    r"\\|\[A-Z|more, see `comity|, line 1: |^(member|example-ict|sco|KZ or IO-UN|'x') \(|^\n|^(ethni|watchlist|separatis|content\.|extradit)"
)
#: Parts of what is said elsewhere in these modules.
PARTS = re.compile(
    r"use one of $|unknown purpose|(table|key|\[profile\.|'x' purpose)|.*; 1$| \(guardrail|a deadline is|no control of content of"
)
#: What stands in an expression's place in a sample.
SAMPLES = (
    (r"line|len\(|_MOST|LONGEST|MOST_NAMES|number", "1"),
    (r"complaint\[0\]|^why$|^wrong$|^kind$|_GROUNDS|^because$|^message$", "no control of content"),
    (r"nth\(", "first"),
    (r"a\(what\)", "an effect"),
    (r"^what$", "purpose"),
    (r"_TYPES|_named", "a list"),
    (r"key", "to"),
    (r"label|\.name$|^name$", "clause art-1"),
    (r"nearest", "remove it"),
    (r"guard", "G5"),
    (r".", "'x'"),
)


def _sample(expression: str) -> str:
    return next(text for pattern, text in SAMPLES if re.search(pattern, expression))


def said() -> list[str]:
    """A sample of every text with a space in it, in those modules."""
    found = []
    for module in MODULES:
        tree = ast.parse((ROOT / f"{module}.py").read_text("utf-8"))
        parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
        parts |= {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if id(node) in parts:
                continue
            if isinstance(node, ast.JoinedStr):
                pieces = (
                    str(part.value) if isinstance(part, ast.Constant) else _sample(ast.unparse(part.value))  # type: ignore[attr-defined]
                    for part in node.values
                )
                found.append("".join(pieces))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
                found.append(node.value)
    return [text for text in dict.fromkeys(found) if " " in text.strip() and not NONE.search(text)]


@pytest.mark.parametrize(("lang", "letter"), [("ru", "[а-яё]"), ("zh", "[\u4e00-\u9fff]")])
def test_whatever_lint_says_has_a_counterpart(lang, letter):
    texts = [text for text in said() if not PARTS.match(text)]
    assert len(texts) > 150
    assert [text for text in texts if not any(re.search(letter, remark(lang, each)) for each in (text, f"a {text}", f"an {text}"))] == []


FAULTY = """
[agreement]
id = "A B"
version = 0
title = ""
body = "sco"
ethnicity = "x"
purposes = ["network-defense", "network-defence"]
in_force = "2021"

[[clause]]
id = "c"
effect = "permitt"
to = { standing = ["membre"], party = [] }
types = ["indicatr", "*"]
tlp_max = "ambr"
retain = "1Y"
onward = "some"
handling = []
duty = ["x within P1D"]

[[clause]]
text = 3
"""


@pytest.mark.parametrize(("lang", "letter"), [("ru", "[а-яё]"), ("zh", "[\u4e00-\u9fff]")])
@pytest.mark.parametrize(
    "text",
    [
        FAULTY,
        "x = [",
        "= 1",
        "[agreement\n",
        'a = "',
        "a = 1\na = 2\n",
        "[x]\n[x]\n",
        "",
        "a.b = 1\n",
        '[agreement]\nbodies = ["x"]\nkind = "protocol"\nbody = "x"',
    ],
)
def test_what_is_said_of_faulty_texts(lang, letter, text):
    found = check(text)
    assert found
    for each in found:
        assert re.search(letter, remark(lang, each.message)), each.message
        plain = each.next in ("see https://toml.io/en/v1.0.0",) or not each.next
        assert plain or re.search(letter, remark(lang, each.next)), each.next


def test_how_it_is_said():
    assert remark("ru", "effect: 'permitt' is not an effect") == "effect: 'permitt' — не действие пункта"
    assert remark("ru", "did you mean 'permit'?") == "вы имели в виду 'permit'?"
    assert remark("ru", "the first clause (line 9) has no id") == "1-й пункт (строка 9): нет id"
    assert remark("zh", "clause art-1 can never apply: UZ and IN reserved it") == "条款 art-1 永远不会适用：UZ 和 IN 已对其提出保留"
    assert remark("en", "remove it") == remark("fa", "remove it") == "remove it"


def test_what_was_written_is_left_as_it_is():
    text = "effect: '" + "is not of must be (line 1) " * 40 + "' is not an effect"
    assert remark("ru", text) == text.replace(" is not an effect", " — не действие пункта")
    assert remark("ru", text * 2) == text * 2
    assert "remove it" in remark("ru", "purposes: 'remove it' is not a purpose")


def test_the_languages_know_the_same_remarks():
    assert set(remarks("ru")) == set(remarks("zh"))
    for key, text in remarks("ru").items():
        assert set(FIELD.findall(key)) == set(FIELD.findall(text)) == set(FIELD.findall(remarks("zh")[key])), key


# What faults and outcomes say


SAID = sorted({text for texts in templates().values() for text in texts})


@pytest.mark.parametrize(("lang", "letter"), [("ru", "[а-яё]"), ("zh", "[\u4e00-\u9fff]")])
def test_whatever_a_page_can_refuse_has_a_counterpart(lang, letter):
    """A new fault has none: `python -m tests.make_words` makes its entry, to be filled in."""
    assert len(SAID) > 600
    known = remarks(lang)
    assert [text for text in SAID if text not in known] == []
    alike = re.compile(r"(a URL \(|IN \(\)|said: |node\.toml)")
    assert [text for text in SAID if not re.search(letter, known[text]) and not alike.match(text)] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_entry_is_left_that_nothing_says(lang):
    entries = {key for area in catalogue.areas(lang) if area.startswith(catalogue.REFUSALS) for key in catalogue.english(lang, area)}
    assert sorted(entries - set(SAID)) == []


def test_what_is_left_out_is_there():
    assert [name for names in LEFT_OUT for name in names.split() if file_of(name) is None] == []


ODD = [
    "is not a purpose", "', \"'; x", "a: b; c. d", "{name} {0}", "<b>&amp;</b>", "one of KZ", "\\' is not a standing", "must be a string",
    "не цель", "\u202eevil", "]]>", "",
]  # fmt: skip


@given(st.sampled_from([text for text in SAID if FIELD.search(text)]), st.lists(st.sampled_from(ODD), min_size=8, max_size=8))
def test_values_come_through_as_they_were(template, values):
    given_, names = iter(values), dict.fromkeys(FIELD.findall(template))
    held = {name: next(given_) for name in names}
    quoted = {name for name in names if f"{{{name}!r}}" in template}
    text = re.sub(r"\{([a-z]+)(?:!r)?\}", lambda at: repr(held[at[1]]) if at[1] in quoted else held[at[1]], template)
    for lang in ("ru", "zh"):
        shown = str(told(text, Words(lang)))
        assert re.sub(r"</?(bdi|span)( (dir|class|lang)=\"[a-z]+\")*>", "", shown).count("<") == 0
        if quoted == set(names):
            plain = unescape(re.sub("<[^>]*>", "", shown))
            assert all(clean(repr(held[name])) in plain for name in names)
            assert remark(lang, text) != text


def test_a_fault_within_another_is_said_too():
    assert remark("ru", "pattern: the pattern ends where a constant should stand (STIX 2.1 section 9)") == (
        "паттерн: паттерн кончается там, где нужно: константа (STIX 2.1, раздел 9)"
    )
    assert remark("zh", "number[2]: must be a string") == "number[2]：须为字符串"
    assert remark("ru", "'x' is not a purpose. one of a, b") == "'x' — не цель; одно из: a, b"
    assert remark("ru", "type: missing; id: missing") == "type: отсутствует; id: отсутствует"


def test_what_nobody_translated_is_shown_in_english_and_said_to_be():
    assert told("out of paper", Words("ru")) == '<span lang="en" dir="ltr"><bdi>out of paper</bdi></span>'
    assert told("out of paper", Words("en")) == "<bdi>out of paper</bdi>"
    assert "lang" not in told("кончилась бумага", Words("ru"))
    assert '<span lang="en"' in told("not a sealing key: out of ink", Words("zh"))


@pytest.mark.parametrize("text", ["a: " * 660, "; " * 990, "'" * 1_990, "character 1: " * 150, "x is not " * 220, "\\" * 1_990])
def test_no_text_takes_long(text):
    started = process_time()
    remark("ru", text)
    assert process_time() - started < 0.2


@pytest.mark.parametrize("value", ["zq; zq. zq, a: b", "a. b's", "A" * 10_000])
def test_what_is_in_quotes_stays_whole_and_what_is_endless_is_shortened(value: str) -> None:
    said = remark("ru", f"{value!r} is not a party code. use 2 to 32 of A-Z, 0-9 and '-', like KZ or IO-UN")
    assert said.endswith("— не код стороны; от 2 до 32 знаков A-Z, 0-9 и '-', например KZ или IO-UN")
    assert said.startswith(repr(value)) if len(value) < 80 else len(said) < 200


@pytest.mark.parametrize("text", ["'\\" * 990, "\"'" * 990, "'a: " * 490, ", ' " * 600])
def test_quotes_that_do_not_end_cost_nothing(text: str) -> None:
    began = process_time()
    remark("ru", text)
    assert process_time() - began < 1
