from __future__ import annotations

import contextlib
import json
import time
from pathlib import Path as File

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import SenderFault
from comity.terms.pattern import Binary, Combination, Join, Observation, Path, Repeats, StartStop, Test, Timestamp, Within, parse


def one(text: str) -> Test:
    tree = parse(text)
    assert isinstance(tree, Observation)
    assert isinstance(tree.of, Test)
    return tree.of


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("[file:size = 1280]", Test(Path("file", ("size",)), "=", (1280,))),
        ("[file:size<>+7]", Test(Path("file", ("size",)), "!=", (7,))),
        ("[file:size == -0.5]", Test(Path("file", ("size",)), "=", (-0.5,))),
        ("[a:b NOT != true]", Test(Path("a", ("b",)), "!=", (True,), True)),
        ("[file:hashes.'SHA-256' IN ('x', 'it\\'s', 'a\\\\b')]", Test(Path("file", ("hashes", "SHA-256")), "IN", ("x", "it's", "a\\b"))),
        ("[a-b:c[*].d[3].'e f' LIKE '%']", Test(Path("a-b", ("c", None, "d", 3, "e f")), "LIKE", ("%",))),
        ("[a:b = b'AQID']", Test(Path("a", ("b",)), "=", (Binary(b"\1\2\3"),))),
        ("[a:b > h'0aFF']", Test(Path("a", ("b",)), ">", (Binary(b"\n\xff"),))),
        ("[a:b = t'2024-02-29T12:00:00.1200Z']", Test(Path("a", ("b",)), "=", (Timestamp("2024-02-29T12:00:00", "12"),))),
        ("[NOT EXISTS a:b_ref.c]", Test(Path("a", ("b_ref", "c")), "EXISTS", (), True)),
        ("/* why */ [ a:b = 1 ] // the end", Test(Path("a", ("b",)), "=", (1,))),
    ],
)
def test_comparisons(text: str, want: Test) -> None:
    assert one(text) == want


def test_and_binds_before_or_and_both_before_followedby() -> None:
    tree = parse("[a:b=1] OR [a:b=2] AND [a:b=3] FOLLOWEDBY [a:b=4]")
    assert isinstance(tree, Combination)
    assert tree.operator == "FOLLOWEDBY"
    first = tree.parts[0]
    assert isinstance(first, Combination)
    assert first.operator == "OR"
    assert isinstance(first.parts[1], Combination)
    assert first.parts[1].operator == "AND"
    inner = parse("[a:b=1 OR a:b=2 AND a:b=3]")
    assert isinstance(inner, Observation)
    assert isinstance(inner.of, Join)
    assert inner.of.operator == "OR"


def test_a_qualifier_belongs_to_the_nearest_expression() -> None:
    tree = parse("[a:b=1] AND [a:b=2] WITHIN 5 SECONDS REPEATS 2 TIMES")
    assert isinstance(tree, Combination)
    assert isinstance(tree.parts[0], Observation)
    repeats = tree.parts[1]
    assert isinstance(repeats, Repeats)
    assert isinstance(repeats.of, Within)
    assert (repeats.times, repeats.of.seconds) == (2, 5.0)
    tree = parse("([a:b=1] AND [a:b=2]) START t'2024-01-01T00:00:00Z' STOP t'2024-01-02T00:00:00Z'")
    assert isinstance(tree, StartStop)
    assert isinstance(tree.of, Combination)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "ends where"),
        ("file:size = 1", "character 1"),
        ("[file:size = ]", "a constant"),
        ("[file:size = 1", "']'"),
        ("[file.size = 1]", "':'"),
        ("[a:b-c = 1]", "write 'b-c'"),
        ("[a:b = null]", "character 8"),
        ("[a:b = 'x\\n']", "string constant"),
        ("[a:b > false]", "order"),
        ("[a:b = b'====']", "base64 constant"),
        ("[a:b = t'2024-13-01T00:00:00Z']", "timestamp constant"),
        ("[a:b = 1] REPEATS 0 TIMES", "positive"),
        ("[a:b = 1] WITHIN 5 HOURS", "'SECONDS'"),
        ("[a:b = 1] within 5 SECONDS", "the end"),
        ("[a:b = 1] WITHIN 5 SECONDS WITHIN 6 SECONDS", "twice"),
        ("[a:b = 1] START '2024-01-01T00:00:00Z' STOP '2024-01-02T00:00:00Z'", "timestamp constant"),
        ("[a:b LIKE 1]", "a string constant"),
        ("[AND:b = 1]", "object path"),
        ("[a:b = 99999999999999999999999]", "digits"),
        ("[NOT a:b = 1]", "EXISTS"),
        ("[a:b]", "comparison operator"),
        ("[a:b = 01]", "character"),
    ],
)
def test_a_fault_says_where_and_what(text: str, said: str) -> None:
    with pytest.raises(SenderFault) as fault:
        parse(text)
    assert said in f"{fault.value} {fault.value.next}"


def test_strings_stand_as_start_and_stop_in_2_0_alone() -> None:
    tree = parse("[a:b = 1] START '2024-01-01T00:00:00Z' STOP '2024-01-02T00:00:00Z'", "2.0")
    assert isinstance(tree, StartStop)
    with pytest.raises(SenderFault, match="RFC 3339"):
        parse("[a:b = 1] START '2024-01-01t00:00:00Z' STOP '2024-01-02T00:00:00Z'", "2.0")


@pytest.mark.parametrize("text", ["(" * 200 + "[a:b=1]" + ")" * 200, "[" + "(" * 200 + "a:b=1" + ")" * 200 + "]"])
def test_nesting_is_bounded(text: str) -> None:
    with pytest.raises(SenderFault, match="nested"):
        parse(text)


@pytest.mark.parametrize(
    "text", [" OR ".join(["[a:b='x']"] * 100_000), "[" + " AND ".join(["a:b='x'"] * 100_000) + "]", "'" + "\\" * 1_000_001]
)
def test_long_patterns_cost_what_they_are_long(text: str) -> None:
    began = time.process_time()
    try:
        tree = parse(text)
        assert not isinstance(tree, Combination) or len(tree.parts) == 100_000
    except SenderFault:
        assert text[0] == "'"
    assert time.process_time() - began < 20


@given(st.text(alphabet="[]()ab:.=<>'\\ 10*,tTZ-ANDORINOT", max_size=60))
def test_any_text_parses_or_is_refused(text: str) -> None:
    with contextlib.suppress(SenderFault):  # nothing else may come out of it
        parse(text)


#: Labels that the standard's own text contradicts.
EXCEPTIONS = {"[network-traffic:src_port = 37020 AND user-account:user_id = 'root']": "9.5: AND joins comparisons of one object type"}


def test_public_cases_are_decided_as_labelled(shared_data: File) -> None:
    from comity.terms.pattern_check import check_pattern

    wrong, excepted = [], 0
    for line in (shared_data / "vectors/stix/pattern-validate.jsonl").read_text("utf-8").splitlines():
        case = json.loads(line)
        if (not any(each.wrong for each in check_pattern(case["pattern"], case["stix_version"]))) != case["valid"]:
            known = any(case["pattern"].startswith(start) for start in EXCEPTIONS)
            excepted += known
            if not known:
                wrong.append(case["pattern"])
    assert not wrong
    assert excepted == len(EXCEPTIONS)
