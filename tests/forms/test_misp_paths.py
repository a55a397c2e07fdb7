from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.forms.misp_paths import HASHES, comparison, find, put, quoted, split, typed
from comity.terms.pattern_check import check_pattern


@pytest.mark.parametrize(
    ("path", "text", "want"),
    [
        ("file:size", "12", 12),
        ("network-traffic:dst_port", " 443 ", 443),
        ("autonomous-system:number", "AS64500", 64500),
        ("autonomous-system:number", "64500", 64500),
        ("process:is_hidden", "True", True),
        ("file:mtime", "2023-11-14T00:00:00+00:00", "2023-11-14T00:00:00.000Z"),
        ("file:hashes.SHA-1", "A" * 40, "a" * 40),
        ("file:hashes.SSDEEP", "3:AB:CD", "3:AB:CD"),
        ("windows-registry-key:key", "hklm\\x", "HKEY_LOCAL_MACHINE\\x"),
        ("windows-registry-key:key", "Other\\x", "Other\\x"),
        ("windows-registry-key:values.data_type", "REG_SZ", "REG_SZ"),
        ("mac-addr:value", "00-00-5E-00-53-01", "00:00:5e:00:53:01"),
        ("file:name", " x ", " x "),
    ],
)
def test_typed(path: str, text: str, want: Any) -> None:
    assert typed(split(path)[1], text) == want
    assert not [finding for finding in check_pattern(f"[{comparison(path, text)}]") if finding.wrong]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("file:size", "many"),
        ("network-traffic:dst_port", "65536"),
        ("process:pid", "9" * 20),
        ("file:mtime", "soon"),
        ("file:hashes.MD5", "a" * 31),
        ("file:hashes.TLSH", "T1"),
        ("windows-registry-key:values.data_type", "REG_MADE_UP"),
        ("mac-addr:value", "00:00"),
        ("windows-registry-key:key", "(HKLM|HKCU)\\x"),
    ],
)
def test_what_is_not_of_its_type(path: str, text: str) -> None:
    with pytest.raises(ValueError, match="is not a"):
        typed(split(path)[1], text)


@pytest.mark.parametrize(
    ("path", "text", "want"),
    [
        ("file:hashes.SHA-1", "a" * 40, f"file:hashes.'SHA-1' = '{'a' * 40}'"),
        ("network-traffic:dst_ref", "192.0.2.1", "network-traffic:dst_ref.value = '192.0.2.1'"),
        ("email-message:to_refs", "x@a.example", "email-message:to_refs[*].value = 'x@a.example'"),
        ("file:parent_directory_ref", "/opt", "file:parent_directory_ref.path = '/opt'"),
        ("windows-registry-key:values.name", "n", "windows-registry-key:values[*].name = 'n'"),
        ("network-traffic:protocols", "tcp", "network-traffic:protocols[*] = 'tcp'"),
        ("process:pid", "4", "process:pid = 4"),
        ("process:is_hidden", "0", "process:is_hidden = false"),
        ("file:mtime", "2023-11-14", "file:mtime = t'2023-11-14T00:00:00.000Z'"),
    ],
)
def test_comparisons(path: str, text: str, want: str) -> None:
    assert comparison(path, text) == want
    assert not [finding for finding in check_pattern(f"[{want}]") if finding.wrong]


@given(st.text())
def test_any_text_is_quoted(text: str) -> None:
    assert not [finding for finding in check_pattern(f"[file:name = {quoted(text)}]") if finding.wrong]


@pytest.mark.parametrize("path", ["file:name", "file:hashes.MD5", "windows-registry-key:values.data", "email-message:to_refs"])
def test_what_is_put_is_found(path: str) -> None:
    obj: dict[str, Any] = {}
    steps = split(path)[1]
    put(obj, steps, "one")
    put(obj, steps, "two")
    assert find(obj, steps) in ("one", ["one", "two"])
    assert find({}, steps) is None


def test_hashes_have_one_misp_type_each() -> None:
    assert len({type_ for type_, _ in HASHES.values()}) == len(HASHES)
