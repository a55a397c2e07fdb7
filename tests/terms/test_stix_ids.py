from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.terms.stix_ids import sco_id
from comity.terms.stix_types import CONTRIBUTING, SCO_TYPES
from tests.terms.stix_examples import OBSERVABLES, U4

stix2 = pytest.importorskip("stix2", reason="stix2 is the oracle: pip install '.[test]'")

#: Any text that a JSON text may hold: control characters, astral planes, what RFC 8785 escapes, sorts and normalises not.
TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
HEX = st.text("0123456789abcdef", min_size=32, max_size=32)
INTS = st.integers(0, 2**53 - 1)
TIMES = st.datetimes().map(lambda each: each.strftime("%Y-%m-%dT%H:%M:%S.%fZ").rjust(27, "0"))


def _digest(length: int) -> st.SearchStrategy[str]:
    return st.text("0123456789abcdef", min_size=length, max_size=length)


HASHES = st.fixed_dictionaries(
    {},
    optional={"MD5": _digest(32), "SHA-1": _digest(40), "SHA-256": _digest(64), "SHA-512": _digest(128), "SHA3-256": _digest(64)},
).filter(bool)
EXTENSIONS = st.fixed_dictionaries(
    {},
    optional={
        "ntfs-ext": st.fixed_dictionaries({"sid": TEXT}),
        "pdf-ext": st.fixed_dictionaries({"version": TEXT, "is_optimized": st.booleans()}),
        "raster-image-ext": st.fixed_dictionaries({"image_height": INTS}, optional={"exif_tags": st.just({"Make": 'é\u2028"\\'})}),
        "windows-pebinary-ext": st.fixed_dictionaries(
            {
                "pe_type": TEXT,
                "sections": st.lists(
                    st.fixed_dictionaries({"name": TEXT, "entropy": st.floats(-1e30, 1e30, allow_nan=False)}), min_size=1, max_size=2
                ),
            }
        ),
    },
).filter(bool)
CHANGES: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "artifact": {"hashes": HASHES},
    "autonomous-system": {"number": INTS},
    "directory": {"path": TEXT},
    "domain-name": {"value": TEXT},
    "email-addr": {"value": TEXT},
    "email-message": {"subject": TEXT, "from_ref": st.just(f"email-addr--{U4}")},
    "file": {"name": TEXT, "hashes": HASHES, "extensions": EXTENSIONS},
    "ipv4-addr": {"value": TEXT},
    "ipv6-addr": {"value": TEXT},
    "mac-addr": {"value": TEXT},
    "mutex": {"name": TEXT},
    "network-traffic": {
        "src_port": st.integers(0, 65535),
        "protocols": st.lists(TEXT, min_size=1, max_size=3),
        "start": st.just("2024-03-01T12:00:00Z"),
        "extensions": st.fixed_dictionaries({"tcp-ext": st.just({"src_flags_hex": "00000002"})}),
    },
    "software": {"name": TEXT, "vendor": TEXT, "version": TEXT, "swid": TEXT},
    "url": {"value": TEXT},
    "user-account": {"user_id": TEXT, "account_login": TEXT, "account_type": TEXT},
    "windows-registry-key": {"key": TEXT, "values": st.lists(st.fixed_dictionaries({"name": TEXT, "data": TEXT}), min_size=1, max_size=2)},
    "x509-certificate": {"serial_number": TEXT, "hashes": HASHES},
}
#: How often per type; docs/stix.md tells of a longer run.
EXAMPLES = 40


@st.composite
def observables(draw: st.DrawFn, type_: str) -> dict[str, Any]:
    """A random observable of a type, with some of its contributing properties changed or left out."""
    base = {
        key: value for key, value in OBSERVABLES[type_].items() if key not in ("id", "object_marking_refs", "defanged", "end", "is_active")
    }
    kept = draw(st.sets(st.sampled_from(sorted(CHANGES[type_])), min_size=1))
    for name in CHANGES[type_]:
        base.pop(name, None)
    needed = {"windows-registry-key": {"key"}, "software": {"name"}, "network-traffic": {"protocols"}}.get(type_, set())
    for name in sorted(kept | needed):
        base[name] = draw(CHANGES[type_][name])
    if type_ == "artifact" and "hashes" not in base:
        base["hashes"] = draw(HASHES)
    if type_ == "file" and not {"name", "hashes"} & set(base):
        base["name"] = draw(TEXT)
    return base


def test_every_type_that_has_a_derived_id_is_tried() -> None:
    assert set(CHANGES) == set(CONTRIBUTING) == SCO_TYPES - {"process"}


@pytest.mark.parametrize("type_", CHANGES)
def test_ids_are_those_of_stix2(type_: str) -> None:
    @settings(max_examples=EXAMPLES, deadline=None)
    @given(observables(type_))
    def same(obj: dict[str, Any]) -> None:
        # The other one makes ids from values as it has read them, so it reads what it would write.
        oracle = stix2.parse({"spec_version": "2.1", **obj, "id": f"{type_}--{U4}"}, allow_custom=True, version="2.1")
        assert sco_id(json.loads(oracle.serialize())) == oracle._generate_id()

    same()


def test_ids_equal_the_published_vectors(shared_data: Path) -> None:
    lines = (shared_data / "vectors/stix/sco-deterministic-ids.jsonl").read_text().splitlines()
    cases = [json.loads(line) for line in lines]
    assert len(cases) >= 60
    assert [sco_id(case["object"]) for case in cases] == [case["stix2_id"] for case in cases]


def test_one_hash_contributes_and_something_must() -> None:
    both = sco_id({"type": "file", "hashes": {"SHA-1": "a" * 40, "MD5": "b" * 32}})
    assert both == sco_id({"type": "file", "hashes": {"MD5": "b" * 32}})
    assert sco_id({"type": "file", "hashes": {"SSDEEP": "x", "TLSH": "y"}}) == sco_id({"type": "file", "hashes": {"SSDEEP": "x"}})
    for nothing in ({"type": "process", "pid": 1}, {"type": "file", "hashes": {}}, {"type": "x-own", "value": "v"}, {}):
        with pytest.raises(ValueError, match="contributing"):
            sco_id(nothing)
