from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from comity.errors import SenderFault
from comity.match.origins import labelled, sources

IDENTITY = "identity--12345678-1234-4234-8234-123456789012"
BUNDLE = {
    "type": "bundle",
    "id": "bundle--12345678-1234-4234-8234-123456789012",
    "objects": [
        {"type": "identity", "spec_version": "2.1", "id": IDENTITY, "created": "2026-01-01T00:00:00Z", "modified": "2026-01-01T00:00:00Z", "name": "CERT One"},
        *(
            {
                "type": "indicator", "spec_version": "2.1", "id": f"indicator--12345678-1234-4234-8234-12345678901{at}", "created": "2026-01-01T00:00:00Z",
                "modified": "2026-01-01T00:00:00Z", "valid_from": "2026-01-01T00:00:00Z", "pattern_type": "stix", "pattern": f"[domain-name:value = '{name}']", **more,
            }
            for at, (name, more) in enumerate({"a.example": {"created_by_ref": IDENTITY}, "b.example": {"labels": ["x", "source:feed two"]}, "c.example": {}}.items())
        ),
    ],
}  # fmt: skip


def test_each_value_has_the_names_of_those_who_gave_it(tmp_path: Path) -> None:
    (tmp_path / "b.json").write_text(json.dumps(BUNDLE))
    (tmp_path / "t.csv").write_text("value,source\na.example,feed three\nd.example,\ne.example,x\n")
    paths = [str(tmp_path / "b.json"), str(tmp_path / "t.csv")]
    wanted = {("domain", f"{letter}.example") for letter in "abcd"}
    assert sources(paths, wanted) == {
        ("domain", "a.example"): {"CERT One", "feed three"},
        ("domain", "b.example"): {"feed two"},
        ("domain", "c.example"): {paths[0]},
        ("domain", "d.example"): {paths[1]},
    }


def test_a_damaged_file_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "x.gz").write_bytes(gzip.compress(b"a.example\n" * 10_000)[:40])
    with pytest.raises(SenderFault, match="damaged"):
        sources([str(tmp_path / "x.gz")], set())


def test_labels_of_anything() -> None:
    assert [labelled(each) for each in (None, 5, [5], ["a"], ["source:b"])] == ["", "", "", "", "b"]
