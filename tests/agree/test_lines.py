"""Every path of a document on its line, whatever TOML it is written in."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.agree.lines import LONGEST_PATH, MOST_NAMES, Lines, overlong

TEXT = '''\
# a comment with [brackets] = "and quotes
top = 1
[a]            # header
b . c = 'x#y'
"quoted \\u0041.key" = [ # first
  "one", """two
\\"""] "" \\"""" ,
  { deep = [1,
     2] },
]
[[list]]
name = "first"
[list.sub]
x = {y = {z = 1}}
[[list]]
text = """
[[list]]
""\\
"""

lit = \'\'\'
# not a comment \\\'\'\'
when = 2021-09-17 10:00:00Z # with a space
[[list.inner]]
q = 1
[[list.inner]]
q = 2
[ "x y" . z ]
end = true'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("top",), 2),
        (("a",), 3),
        (("a", "b"), 4),
        (("a", "b", "c"), 4),
        (("a", "quoted A.key"), 5),
        (("a", "quoted A.key", 0), 6),
        (("a", "quoted A.key", 1), 6),
        (("a", "quoted A.key", 2, "deep"), 8),
        (("a", "quoted A.key", 2, "deep", 1), 9),
        (("list", 0), 11),
        (("list", 0, "name"), 12),
        (("list", 0, "sub", "x", "y", "z"), 14),
        (("list", 1), 15),
        (("list", 1, "text"), 16),
        (("list", 1, "lit"), 21),
        (("list", 1, "when"), 23),
        (("list", 1, "inner", 0, "q"), 25),
        (("list", 1, "inner", 1), 26),
        (("list", 1, "inner", 1, "q"), 27),
        (("x y", "z"), 28),
        (("x y", "z", "end"), 29),
        (("x y", "z", "absent", "deeper"), 28),
        (("nowhere",), 1),
        ((), 1),
    ],
)
def test_a_path_is_on_its_line(path: tuple[str | int, ...], line: int) -> None:
    tomllib.loads(TEXT)
    assert Lines(TEXT).of(path) == line
    assert Lines(TEXT.replace("\n", "\r\n")).of(path) == line


_keys = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=5)
_words = st.text(st.sampled_from("ab\"'\\#[]{}=,\n\t é"), max_size=8)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'


@settings(max_examples=60)
@given(st.lists(st.tuples(_keys, st.lists(_words, max_size=3), st.integers(0, 3)), unique_by=lambda entry: entry[0], max_size=6))
def test_generated_documents(entries: list[tuple[str, list[str], int]]) -> None:
    text, expected = "", {}
    for key, words, gap in entries:
        text += "# [no] = 'table\n" * gap
        expected[key] = text.count("\n") + 1
        text += f"{_quoted(key)} = [\n" + "".join(f"  {_quoted(word)}, # ]\n" for word in words) + "]\n"
    document = tomllib.loads(text)
    lines = Lines(text)
    for key, words, _ in entries:
        assert document[key] == words
        assert lines.of((key,)) == expected[key]
        for index in range(len(words)):
            assert lines.of((key, index)) == expected[key] + 1 + index


# Texts that would cost by their square

WIDEST = ".".join(["a"] * MOST_NAMES)


@pytest.mark.parametrize(
    "text",
    [
        f"{WIDEST} = 1.5",
        f"[{WIDEST}]\n{WIDEST} = [1.5, 2.5, 3.5] # {WIDEST}.a",
        f"[[{WIDEST}]]",
        f"x = {{{WIDEST} = 1.5, b.{WIDEST[2:]} = 1}}",
        f"x = '{WIDEST}.a'",
        f'x = "\\"{WIDEST}.a"',
        f'x = """\n{WIDEST}.a\n""\\"""{WIDEST}.a"""""\ny = 1',
        f"x = '''{WIDEST}.a\n''\"{WIDEST}.a'''\ny = 1",
        f"'{WIDEST}.a' = 1",
        f'x."#".y = 1\n# {WIDEST}.a',
        "when = 2021-09-17 10:00:00.5Z\n" + f"{WIDEST[2:]}.b = 1",
    ],
)
def test_ordinary_keys_and_dots_in_strings_are_not_overlong(text: str) -> None:
    tomllib.loads(text)
    assert overlong(text) is None


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (f"{WIDEST}.a = 1", 1),
        (f"x = 1.5\r\n[{WIDEST}.a]", 2),
        (f"x = '#'\n[[ {WIDEST.replace('.', ' . ')} . a ]]", 2),
        (f"x = {{ y = 1, {WIDEST}.a = 1 }}", 1),
        ("'x.y'." + '"\\"#".' * (MOST_NAMES - 1) + "z = 1", 1),
        (f'x = """\n"""""\n{WIDEST}.a = 1', 3),
        (f"x = '''\\'''\n{WIDEST}.a = 1", 2),
        (f"{WIDEST}.", 1),
        ("a." * 500_000, 1),
    ],
)
def test_a_key_or_header_of_too_many_names_is_found(text: str, line: int) -> None:
    assert overlong(text) == line


_parts = st.sampled_from(["a", "9", '"."', "'.#'", '"\\""', "''"])


@given(
    st.lists(
        st.tuples(st.lists(_parts, min_size=1, max_size=20), st.sampled_from(["1.5", "'...'", '"""\n.\n"""', "[1.5, '.']"])), max_size=4
    )
)
def test_the_first_of_too_many_names_is_found_whatever_stands_before(entries: list[tuple[list[str], str]]) -> None:
    text, expected = "", None
    for number, (names, value) in enumerate(entries):
        if expected is None and len(names) + 1 > MOST_NAMES:
            expected = text.count("\n") + 1
        text += f"x{number} . {' . '.join(names)} = {value} # ...\n"
    tomllib.loads(text)
    assert overlong(text) == expected


def test_paths_have_a_length() -> None:
    Lines("x = " + "[" * (LONGEST_PATH - 1) + "]" * (LONGEST_PATH - 1))
    with pytest.raises(RecursionError):
        Lines("x = " + "[" * (LONGEST_PATH + 1) + "]" * (LONGEST_PATH + 1))
