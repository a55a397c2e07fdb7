"""Comparisons of STIX 2.1 section 9.6; P-numbers are rows of the conformance checklist."""

from __future__ import annotations

from typing import Any

import pytest

from comity.errors import SenderFault
from comity.match.comparisons import compile_comparison
from comity.terms.pattern import Observation, parse

OBJECTS: dict[str, dict[str, Any]] = {
    "a": {
        "type": "file", "name": "Ärger.exe", "size": 7, "ratio": 7.0, "flag": True, "nothing": None, "payload_bin": "YWxpY2U=", "magic_hex": "616c696365",
        "broken_hex": "6z", "parent_ref": "b", "gone_ref": "x", "part_refs": ["b", "c"], "list": [1, "two", {"k-y": 3}], "hashes": {"SHA-256": "ab"},
        "seen": "2024-01-01T00:00:00.120Z", "address": "192.0.2.9", "block": "192.0.2.0/25", "six": "2001:db8::1",
    },
    "b": {"type": "directory", "path": "C:\\x", "up_ref": "c"},
    "c": {"type": "directory", "path": "C:\\"},
}  # fmt: skip


def meets(text: str) -> bool:
    tree = parse(f"[{text}]")
    assert isinstance(tree, Observation)
    compiled = compile_comparison(tree.of)
    return any(compiled(obj, OBJECTS) for obj in OBJECTS.values())


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("file:size = 7", True), ("file:size = 7.0", True), ("file:ratio = 7", True), ("file:size != 7", False), ("file:size NOT != 7", True),
        ("file:size > 6.9 AND file:size <= 7", True), ("file:size < 7", False), ("file:size NOT < 7", True), ("directory:size = 7", False),
        # P3: a missing property meets nothing; types that do not compare are unequal and have no order.
        ("file:none = 1", False), ("file:none != 1", False), ("file:none NOT = 1", False), ("file:name = 7", False), ("file:name != 7", True),
        ("file:flag = 1", False), ("file:flag = true", True), ("file:flag IN (1)", False), ("file:name > 7", False), ("file:name NOT > 7", False),
        # P4: code points for comparison, NFC for LIKE and MATCHES.
        ("file:name = 'A\u0308rger.exe'", False), ("file:name LIKE 'A\u0308rger.%'", True), ("file:name LIKE '_rger_exe'", True), ("file:name LIKE 'rger'", False),
        ("file:name MATCHES '^A\u0308'", True), ("file:name NOT MATCHES 'exe$'", False), ("file:name IN ('x', 'Ärger.exe')", True), ("file:name NOT IN ()", True),
        # P5: bytes.
        ("file:payload_bin = 'alice'", True), ("file:payload_bin = h'616c696365'", True), ("file:magic_hex = b'YWxpY2U='", True), ("file:magic_hex = 'ălice'", False),
        ("file:magic_hex != 'ălice'", True), ("file:magic_hex > 'ălice'", False), ("file:magic_hex MATCHES '\\\\x61l'", True), ("file:broken_hex = 'x'", False),
        ("file:name < h'ff'", True), ("file:magic_hex IN ('alice', 'x')", True),
        # P6: paths.
        ("file:parent_ref.path = 'C:\\\\x'", True), ("file:parent_ref.up_ref.path LIKE 'C:%'", True), ("file:gone_ref.path != 'x'", False), ("file:parent_ref = 'b'", True),
        ("file:part_refs[*].path = 'C:\\\\'", True), ("file:part_refs[0].path = 'C:\\\\'", False), ("file:list[1] = 'two'", True), ("file:list[*].'k-y' = 3", True),
        ("file:list[-1] = 1", False), ("file:list[9] = 1", False), ("file:hashes.'SHA-256' = 'ab'", True), ("file:size[0] = 7", False),
        ("EXISTS file:name", True), ("EXISTS file:none", False), ("NOT EXISTS file:none", True), ("NOT EXISTS process:none", False), ("file:parent_ref.type = 'directory'", True),
        # Times at any precision, and networks.
        ("file:seen = t'2024-01-01T00:00:00.12Z'", True), ("file:seen > t'2024-01-01T00:00:00.119999999Z'", True), ("file:seen IN (t'2024-01-01T00:00:00.120000Z')", True),
        ("file:address ISSUBSET '192.0.2.0/24'", True), ("file:block ISSUBSET '192.0.2.0/24'", True), ("file:block ISSUPERSET '192.0.2.9'", True), ("file:six ISSUBSET '192.0.2.0/24'", False),
        ("file:name ISSUBSET '192.0.2.0/24'", False), ("file:name NOT ISSUBSET '192.0.2.0/24'", True), ("file:six ISSUBSET '2001:db8::/32'", True),
        # P2: all comparisons of one observation are about one object.
        ("directory:path = 'C:\\\\' AND directory:up_ref = 'c'", False), ("directory:path = 'C:\\\\' OR file:size = 0", True), ("directory:path = 'C:\\\\' AND file:size = 7", False),
    ],
)  # fmt: skip
def test_comparisons(text: str, want: bool) -> None:
    assert meets(text) is want


@pytest.mark.parametrize(
    "text", ["file:name MATCHES '('", "file:size IN (1, 'x')", "file:name = t'2024-01-01T00:00:00Z'", "file:seen = t'2024-02-30T00:00:00Z'"]
)
def test_what_has_no_meaning_is_refused(text: str) -> None:
    with pytest.raises(SenderFault):
        meets(text)


def test_references_are_followed_without_their_number_multiplying() -> None:
    """20 names that each resolve to all 20: 20**9 ways lead from one of them to another in nine steps."""
    ids = [str(number) for number in range(20)]
    names = {id_: {"type": "domain-name", "value": f"{id_}.example", "resolves_to_refs": ids} for id_ in ids}
    for value, want in (("19.example", True), ("20.example", False)):
        tree = parse(f"[domain-name:{'resolves_to_refs[*].' * 9}value = '{value}']")
        assert isinstance(tree, Observation)
        assert compile_comparison(tree.of)(names["0"], names) is want
