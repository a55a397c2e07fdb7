"""The catalogue: every language says everything, in all its plural forms, and nothing is said that no page needs."""

from __future__ import annotations

import ast
import re
import string
from collections import Counter
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from jinja2 import Environment, nodes

import comity.doors.web as web
from comity.doors.web.words import LANGUAGES, Words
from comity.doors.web.words.catalogue import FALLBACK, PSEUDO, areas, facts, is_english, messages, texts
from comity.terms.item import HANDLING, PURPOSES
from comity.terms.observable import KINDS
from comity.terms.party import STANDINGS
from comity.terms.stix import OWN_TYPES, SCO_TYPES, SRO_TYPES

ROOT = Path(web.__file__).parent
#: Languages that say everything; the others say what they say, and the rest in English.
FULL = ("en", "ru", "zh")
PARTIAL = tuple(lang for lang in LANGUAGES if lang not in FULL)
#: Texts without a letter of the language: names of formats, and titles made of fields.
ALIKE = {"utc", "title.relationship"}


def said(lang: str) -> dict[str, tuple[str, ...]]:
    """Key -> its forms, of all areas but the facts."""
    found: dict[str, tuple[str, ...]] = {}
    for area in areas(lang):
        for message in messages(lang, area) if not is_english(area) else ():
            if message.id:
                key = message.id if isinstance(message.id, str) else message.id[0]
                found[key] = (message.string,) if isinstance(message.string, str) else tuple(message.string)
    return found


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


ENGLISH = said(FALLBACK)


def templates() -> list[tuple[Path, nodes.Template]]:
    return [(file, Environment().parse(file.read_text("utf-8"))) for file in sorted((ROOT / "templates").rglob("*.html"))]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_key_is_said_twice(lang):
    keys = Counter(str(message.id) for area in areas(lang) if not is_english(area) for message in messages(lang, area) if message.id)
    assert [key for key, times in keys.items() if times > 1] == []


@pytest.mark.parametrize("lang", FULL)
def test_no_key_is_missing(lang):
    assert set(said(lang)) == set(ENGLISH)
    assert {area for area in areas(lang) if not is_english(area)} == set(areas(FALLBACK))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_text_is_there_with_the_fields_of_the_english(lang):
    for key, forms in said(lang).items():
        plural = len(ENGLISH[key]) > 1
        for text in forms:
            assert text.strip(), key
            assert text != key
            assert fields(text) <= fields(ENGLISH[key][-1]), key
            assert plural or fields(text) == fields(ENGLISH[key][0]), key


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_plural_class_is_there(lang):
    count = Catalog(locale=lang).num_plurals
    for key, forms in said(lang).items():
        assert len(forms) == (1 if len(ENGLISH[key]) == 1 else count), key


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_file_says_which_language_it_is_and_how_that_counts(lang):
    for area in areas(lang):
        head = (ROOT / "words" / lang / f"{area}.po").read_text("utf-8").split("\n\n")[0]
        assert f'"Language: {lang}\\n"' in head
        assert f'"Plural-Forms: {Catalog(locale=lang).plural_forms}\\n"' in head


@pytest.mark.parametrize(("lang", "letters"), [("ru", "[а-яё]"), ("zh", "[\u4e00-\u9fff]"), ("fa", "[\u0600-\u06ff]")])
def test_a_language_is_written_in_its_letters(lang, letters):
    strange = {key for key, forms in said(lang).items() if not re.search(letters, " ".join(forms), re.IGNORECASE)}
    foreign = {key for key in strange if re.search("[a-z]{4}", re.sub(r"\{[^}]*\}", "", " ".join(said(lang)[key])))}
    assert foreign <= ALIKE
    for key in strange - ALIKE:
        assert said(lang)[key] == ENGLISH[key] or not re.search("[a-z]{3}", re.sub(r"\{[^}]*\}", "", said(lang)[key][0])), key


@pytest.mark.parametrize("lang", FULL)
def test_the_closed_lists_have_names(lang):
    keys = said(lang)
    groups = {"purpose": PURPOSES, "handling": HANDLING, "standing": STANDINGS, "kind_of": KINDS, "type": SCO_TYPES | SRO_TYPES | OWN_TYPES}
    for group, names in groups.items():
        for name in names:
            assert f"{group}.{name}" in keys, (group, name)
    assert Words(lang).name("type", "x-unheard-of") == "x-unheard-of"


def test_what_a_language_lacks_is_said_in_english():
    lacking = next(iter(sorted(set(ENGLISH) - set(said("fa")))))
    assert texts("fa").gettext(lacking) == ENGLISH[lacking][0]
    assert Words("fa").period("P2D") == "2 days"
    assert facts("fa") == {}


def test_the_pseudo_locale_is_longer_and_keeps_its_fields():
    words = Words(PSEUDO)
    assert words("inbox.via", party="KZ").startswith("[")
    assert "KZ" in words("inbox.via", party="KZ")
    for key, forms in ENGLISH.items():
        found = texts(PSEUDO).gettext(key) if len(forms) == 1 else texts(PSEUDO).ngettext(key, key, 5)
        assert fields(found) == fields(forms[-1]), key
        assert len(found) >= 1.4 * len(forms[-1]), key
    with pytest.raises(KeyError):
        words("no.such.key")


# What the pages ask for


def named() -> tuple[set[str], set[str]]:
    """(keys, beginnings of keys) that templates and code name."""
    keys: set[str] = set()
    beginnings: set[str] = set()
    for _, template in templates():
        for call in template.find_all(nodes.Call):
            _of_call(call, keys, beginnings)
        keys |= {node.value for node in template.find_all(nodes.Const) if isinstance(node.value, str)}
    for file in [*ROOT.rglob("*.py")]:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                keys.add(node.value)
            if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                beginnings.add(str(node.values[0].value))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "name" and len(node.args) == 2:
                beginnings |= {f"{one.value}." for one in node.args[:1] if isinstance(one, ast.Constant)}
    return keys, {one for one in beginnings if "." in one}


def _of_call(call: nodes.Call, keys: set[str], beginnings: set[str]) -> None:
    first = call.args[0] if call.args else None
    if isinstance(call.node, nodes.Getattr) and call.node.attr == "rule":
        beginnings.add("rule.")
    elif isinstance(first, nodes.Concat) and isinstance(first.nodes[0], nodes.Const):
        beginnings.add(str(first.nodes[0].value))
    elif isinstance(first, nodes.Const) and len(call.args) == 2:
        beginnings.add(f"{first.value}.")


def test_every_key_that_a_template_names_is_there():
    asked = {
        (file.name, call.args[0].value)
        for file, template in templates()
        for call in template.find_all(nodes.Call)
        if isinstance(call.node, nodes.Name) and call.node.name == "t" and call.args and isinstance(call.args[0], nodes.Const)
    }
    assert len(asked) > 80
    assert {(file, key) for file, key in asked if key not in ENGLISH} == set()


def test_no_text_is_left_that_nothing_asks_for():
    keys, beginnings = named()
    scripts = "".join(file.read_text("utf-8") for file in Path(ROOT.parents[2], "frontend", "src").rglob("*.js"))
    unused = {key for key in ENGLISH if key not in keys and not key.startswith(tuple(beginnings)) and f"'{key}'" not in scripts}
    assert {key for key in unused if f'"{key}"' not in scripts} == set()


#: What may stand in a template as it is: the name of this product, and of a hash.
PLAIN = {"Comity", "SHA-256", "TLP:", "PAP:", "STIX", "MISP", "SVG", "PNG", "JSON", "CSV", "NDJSON"}


def test_no_template_says_anything_itself():
    for file, template in templates():
        text = "".join(data.data for data in template.find_all(nodes.TemplateData))
        text = re.sub(r"<pre class=\"shell\".*?</pre>", "", text, flags=re.DOTALL)
        text = re.sub(r"""<[^<>]*>|\s[a-z-]+="[^"<>]*"|\srequired\b""", "\n", text)
        text = re.sub(r"&[a-z]+;", " ", text)
        left = set(re.findall(r"[^\W\d_][\w:-]{2,}", text)) - PLAIN
        assert left == set(), (file.name, left)
