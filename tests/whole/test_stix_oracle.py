"""Our strict check and the validator of OASIS judge the same objects: the examples, with each property left out or made another kind of value."""

from __future__ import annotations

import contextlib
import copy
import functools
import io
from collections.abc import Iterator
from typing import Any

import pytest

from comity.terms.stix_strict import Options, strict
from tests.terms.stix_examples import EVERY

validator = pytest.importorskip("stix2validator", reason="the reference validator: pip install '.[test]'")

MUSTS = Options(should=False)
#: (type, property, change) -> why the two differ, with the section that we go by.
DIFFERENCES = {("extension-definition", "created_by_ref", "nothing"): "section 7.3.1 requires it, the schema does not"}


@pytest.fixture(autouse=True, scope="module")
def schemas_read_once() -> Iterator[None]:
    """The validator reads and walks its folder of schemas for every object: find each file once."""
    inner = validator.validator
    find = inner.find_schema
    inner.find_schema = functools.cache(find)
    yield
    inner.find_schema = find


def _valid(obj: dict[str, Any]) -> bool:
    with contextlib.redirect_stdout(io.StringIO()):
        return bool(validator.validate_instance(copy.deepcopy(obj), validator.ValidationOptions(version="2.1")).is_valid)


def _changes(obj: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for name in obj:
        if name in ("type", "id"):
            continue
        yield name, "nothing", {key: value for key, value in obj.items() if key != name}
        wrong = 7 if isinstance(obj[name], str | list | dict | bool) else "x"
        yield name, "another kind", {**obj, name: wrong}


@pytest.mark.parametrize("type_", EVERY)
def test_both_judge_alike(type_: str) -> None:
    obj = EVERY[type_]
    assert _valid(obj)
    differ = []
    for name, change, changed in _changes(obj):
        try:
            theirs = _valid(changed)
        except (AttributeError, KeyError, TypeError):
            theirs = False  # it falls over what is not of the kind it expects
        if theirs != (strict(changed, MUSTS) == []) and (type_, name, change) not in DIFFERENCES:
            differ.append((name, change, strict(changed, MUSTS)))
    assert differ == []
