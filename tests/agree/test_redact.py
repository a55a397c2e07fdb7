"""What a redacted copy leaves out, and when there can be none."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.agree.redact import KEPT, Profile, copied, fields, redacted, withheld
from comity.terms.stix import check
from comity.terms.tlp import TLP2_IDS
from tests.consortium import indicator, sdo

FULL = indicator(
    name="host",
    description="from our sensor in 192.0.2.7",
    created_by_ref="identity--00000000-0000-4000-8000-000000000001",
    labels=["sensor-7", "phishing"],
    external_references=[
        {"source_name": "blog", "description": "a post", "url": "https://blog.example/1"},
        {"source_name": "mail", "external_id": "7", "url": "https://m.example"},
    ],
    object_marking_refs=[TLP2_IDS["green"]],
    granular_markings=[
        {"marking_ref": TLP2_IDS["amber"], "selectors": ["description", "labels.[0]"]},
        {"marking_ref": TLP2_IDS["amber"], "selectors": ["external_references.[1].url"]},
    ],
)


def copy(*paths: str, of: dict[str, Any] = FULL) -> dict[str, Any] | None:
    return redacted(of, Profile(name="p", remove=paths))


def test_a_copy_lacks_what_the_profile_names_and_nothing_else() -> None:
    assert check(FULL) is None
    made = copy("name", "created_by_ref", "not_there")
    assert made == {key: value for key, value in FULL.items() if key not in ("name", "created_by_ref")}
    assert FULL["name"] == "host"
    assert copy() == FULL


def test_a_path_goes_through_lists_and_leaves_the_rest_of_each_entry() -> None:
    made = copy("external_references.url")
    assert made is not None
    assert made["external_references"] == [{"source_name": "blog", "description": "a post"}, {"source_name": "mail", "external_id": "7"}]
    deep = sdo(
        "identity",
        extensions={"extension-definition--00000000-0000-4000-8000-000000000002": {"extension_type": "property-extension", "a": 1}},
    )
    inner = copy("extensions.extension-definition--00000000-0000-4000-8000-000000000002.a", of=deep)
    assert inner is not None
    assert inner["extensions"] == {"extension-definition--00000000-0000-4000-8000-000000000002": {"extension_type": "property-extension"}}


def test_granular_markings_lose_the_selectors_of_what_is_gone() -> None:
    made = copy("description")
    assert made is not None
    assert [marking["selectors"] for marking in made["granular_markings"]] == [["labels.[0]"], ["external_references.[1].url"]]
    made = copy("description", "labels")
    assert made is not None
    assert [marking["selectors"] for marking in made["granular_markings"]] == [["external_references.[1].url"]]
    made = copy("description", "labels", "external_references")
    assert made is not None
    assert "granular_markings" not in made
    assert made["object_marking_refs"] == FULL["object_marking_refs"]


@pytest.mark.parametrize("path", ["pattern", "pattern_type", "valid_from", "external_references.source_name"])
def test_what_an_object_cannot_do_without_makes_the_copy_impossible(path: str) -> None:
    assert copy(path) is None


def test_an_entry_left_empty_makes_the_copy_impossible() -> None:
    bare = {**FULL, "external_references": [{"source_name": "a"}], "granular_markings": []}
    assert copy("external_references.source_name", of=bare) is None


def test_a_table_left_empty_goes_with_its_key() -> None:
    odd = sdo(
        "identity", extensions={"extension-definition--00000000-0000-4000-8000-000000000002": {"extension_type": "property-extension"}}
    )
    made = copy("extensions.extension-definition--00000000-0000-4000-8000-000000000002", of=odd)
    assert made is not None
    assert "extensions" not in made


def test_a_key_is_the_same_for_what_leaves_out_the_same() -> None:
    one, two = Profile(name="a", remove=("name", "labels")), Profile(name="b", remove=("labels", "name", "name"), line=7)
    assert one.key == two.key
    assert len(one.key) == 32
    assert one.key != Profile(name="a", remove=("name",)).key


@given(st.lists(st.sampled_from([*sorted(FULL), "external_references.url", "labels.x"]), unique=True, max_size=5))
@settings(max_examples=100)
def test_no_copy_holds_what_it_leaves_out_and_two_are_equal(paths: list[str]) -> None:
    made = copy(*paths)
    assert made == copy(*paths)
    if made is not None:
        assert check(made) is None
        assert not {path for path in paths if path in made and path != "granular_markings"}
        assert all(
            made.get(key) == FULL[key] for key in FULL if key not in paths and key not in ("granular_markings", "external_references")
        )


def test_markings_and_identity_are_kept_whatever_is_asked() -> None:
    assert {"type", "id", "object_marking_refs", "granular_markings"} <= KEPT


def test_a_copy_has_an_id_of_its_own_and_repeats_no_part_of_the_originals() -> None:
    unique = "00000000-0000-4000-8000-0000000000ab"
    original = FULL | {"id": f"indicator--{unique}", "external_references": [{"source_name": "x", "external_id": unique.upper()}]}
    raw = copied(original, Profile(name="p", remove=("description",)), "indicator--11111111-1111-4111-8111-111111111111")
    assert raw is not None
    assert unique.encode() not in raw.lower()
    made = msgspec.json.decode(raw)
    assert made["id"] == "indicator--11111111-1111-4111-8111-111111111111"
    assert "description" not in made
    assert made["external_references"][0]["external_id"] == "11111111-1111-4111-8111-111111111111"
    assert made["created"] == original["created"]


def test_a_copy_repeats_no_part_of_the_originals_id_without_its_hyphens() -> None:
    own = "indicator--11111111-1111-4111-8111-111111111111"
    bare = FULL["id"].partition("--")[2].replace("-", "")
    raw = copied({**FULL, "x_event": bare, "x_both": [bare.upper(), FULL["id"]]}, Profile(name="p", remove=("description",)), own)
    assert raw is not None and bare not in raw.decode().lower().replace("-", "")
    left = msgspec.json.decode(raw)
    assert (left["x_event"], left["x_both"]) == ("1" * 12 + "4" + "1" * 3 + "8" + "1" * 15, [left["x_event"], own])
    assert check(left) is None


def test_what_makes_no_copy_has_no_bytes() -> None:
    assert copied(FULL, Profile(name="p", remove=("pattern",)), FULL["id"]) is None


def test_what_becomes_of_each_field():
    profile = Profile(name="p", remove=("description", "external_references.url", "external_references.hashes", "lang"))
    assert withheld(FULL, profile) == ("description", "external_references.url")
    told = fields(FULL, "redact", profile)
    assert {name for name, effect in told.items() if effect == "redact"} == {"description", "external_references.url"}
    assert told["external_references"] == told["name"] == "permit"
    assert set(told) - {"external_references.url"} == set(FULL)
    assert set(fields(FULL, "permit", None).values()) == {"permit"}
    assert set(fields(FULL, "permit", profile).values()) == {"permit"}
    for effect in ("deny", "approve"):
        assert fields(FULL, effect, profile) == dict.fromkeys(FULL, "deny")


def test_fields_say_what_the_copy_lacks():
    profile = Profile(name="p", remove=("description", "labels", "external_references.url", "name.more"))
    copy = redacted(FULL, profile)
    told = fields(FULL, "redact", profile)
    assert set(copy) - {"granular_markings"} == {name for name in FULL if told[name] == "permit"} - {"granular_markings"}
    assert not any("url" in each for each in copy["external_references"])
