from __future__ import annotations

import json
from pathlib import Path

import pytest

from comity.forms.misp_paths import NAMED_BY, split
from comity.forms.misp_templates import OUT, TEMPLATES
from comity.terms.stix import SCO_TYPES


@pytest.fixture(scope="module")
def published() -> dict[str, dict[str, object]]:
    """MISP's own templates, by name."""
    pymisp = pytest.importorskip("pymisp", reason="pymisp is not installed: pip install '.[test]'")
    folder = Path(pymisp.__file__).parent / "data" / "misp-objects" / "objects"
    return {path.parent.name: json.loads(path.read_text()) for path in folder.glob("*/definition.json")}


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_relations_and_types_are_misp_s(name: str, published: dict[str, dict[str, dict[str, dict[str, str]]]]) -> None:
    known = published[name]["attributes"]
    wrong = {
        relation for relation, (_, type_) in TEMPLATES[name].items() if relation in known and known[relation]["misp-attribute"] != type_
    }
    assert wrong == set()
    # Some templates of older versions had more relations; hashes are tabled once for all.
    extra = {relation for relation in TEMPLATES[name] if relation not in known}
    assert extra <= {"pehash", "cdhash", "impfuzzy", "hostname-src", "hostname-dst"}, extra


@pytest.mark.parametrize("type_", sorted(OUT))
def test_what_goes_out_names_misp_s_templates(type_: str, published: dict[str, dict[str, object]]) -> None:
    name, uuid, version, category = OUT[type_]
    assert (published[name]["uuid"], published[name]["meta-category"]) == (uuid, category)
    assert int(version) <= int(str(published[name]["version"]))


def test_paths_are_of_observables() -> None:
    paths = {path for template in TEMPLATES.values() for path, _ in template.values() if path != "*"}
    assert {split(path)[0] for path in paths} <= SCO_TYPES
    assert {split(path)[1][-1] for path in paths if path.endswith("_ref")} >= set(NAMED_BY)
