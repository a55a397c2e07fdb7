"""What copies cannot be without, and what no object has."""

from __future__ import annotations

import msgspec
import pytest

from comity.agree.agreement import read
from comity.agree.clauses import Clause
from comity.agree.lint import lint
from comity.agree.properties import missed, needed
from comity.agree.redact import Profile
from tests.agree.test_lint import FULL

CLAUSE: Clause = read(FULL).clauses[0]


def of(*types: str) -> Clause:
    return msgspec.structs.replace(CLAUSE, types=types)


def without(*remove: str) -> Profile:
    return Profile(name="p", remove=remove)


@pytest.mark.parametrize(
    ("remove", "types", "lost"),
    [
        ("author", ("report",), ["author"]),
        ("created_by_ref", ("report",), []),
        ("pattern", ("report",), ["pattern"]),
        ("pattern", ("report", "indicator"), []),
        ("pattern", ("@threat",), []),
        ("author", ("*",), ["author"]),
        ("external_references.url", ("report",), []),
        ("x_source", ("report",), []),
        ("description", ("x-own-type",), ["description"]),
        ("labels", ("x-own-type",), []),
        ("dst_ref", ("network-traffic",), []),
    ],
)
def test_a_property_that_nothing_has_is_told(remove: str, types: tuple[str, ...], lost: list[str]) -> None:
    assert missed(without(remove), of(*types)) == lost


def test_what_a_type_that_is_named_has_to_have() -> None:
    assert list(needed(without("object_refs", "name", "description"), of("report", "indicator"))) == [
        ("report", "object_refs"),
        ("report", "name"),
    ]
    assert list(needed(without("name"), of("@threat"))) == []
    assert list(needed(without("pattern"), of("indicator"))) == [("indicator", "pattern")]


def test_lint_says_both() -> None:
    assert [each.message for each in lint(read(FULL)) if "profile p" in each.message] == []
    said = [each.message for each in lint(read(FULL.replace('["name"]', '["author"]')))]
    assert "profile p leaves out 'author': nothing that clause art-4.3 gives has it" in said
