"""In, out, in: what a MISP event says comes back, but for what docs/misp.md declares; over all of MISP's types and templates."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_DNS, uuid5

import pytest

from comity.errors import SenderFault
from comity.forms import json_text, stix_json
from comity.forms.detect import kind
from comity.forms.misp import events, read
from comity.forms.misp_out import Held, Written, write
from comity.terms.item import Draft, Envelope
from comity.terms.stix import check

pymisp = pytest.importorskip("pymisp", reason="pymisp is not installed: pip install '.[test]'")
DATA = Path(pymisp.__file__).parent / "data"
DOCS = Path(__file__).resolve().parents[2] / "docs" / "misp.md"
EMPTY = (None, "", [], {}, False)


def uid(*words: object) -> str:
    return str(uuid5(NAMESPACE_DNS, "|".join(map(str, words))))


def held(raw: bytes | str) -> tuple[list[Held], list[str]]:
    found = list(read(raw.encode() if isinstance(raw, str) else raw))
    drafts = [item for item in found if isinstance(item, Draft)]
    for draft in drafts:
        assert check(draft.obj) is None, (draft.position, check(draft.obj))
    kept = [Held(obj=d.obj, envelope=Envelope(origin="KZ", tlp=d.tlp or "amber", pap=d.pap, to=d.to)) for d in drafts]
    return kept, [str(item.why) for item in found if not isinstance(item, Draft)]


def out_again(event: dict[str, Any]) -> Written:
    """An event through Comity; the second time through, nothing changes any more."""
    first, refused = held(json.dumps({"Event": event}))
    assert refused == []
    written = write(first)
    assert written.left == []
    assert len(written.events) == 1
    text = json.dumps(written.events[0])
    assert kind(text.encode()) == "misp"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pymisp.MISPEvent().load(json.loads(text))
    second, _ = held(text)
    assert write(second).events == written.events
    return written


def declared() -> list[str]:
    """The first column of the table of docs/misp.md."""
    table = DOCS.read_text("utf-8").split("## What is not the same after in and out")[1].split("\nBesides")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    return [pattern for row in rows for pattern in re.findall(r"`([^`]+)`", row)]


DECLARED = declared()


def is_declared(sign: str, path: str) -> bool:
    """Whether a difference stands in the table: `-` what is lost, `+` added, `~` changed. A row without a sign is of any."""
    return any(fnmatchcase(path, pattern.lstrip("+-")) and pattern[0] in (sign, *path[:1], "*") for pattern in DECLARED)


def differences(one: Any, other: Any, path: str) -> Iterator[tuple[str, str, Any, Any]]:
    """(sign, path, before, after) of whatever differs; parts of a list are known by UUID or name."""
    if one == other or (one in EMPTY and other in EMPTY) or str(one) == str(other):
        return
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted(one.keys() | other.keys()):
            yield from differences(one.get(key), other.get(key), f"{path}.{key}")
    elif isinstance(one, list) and isinstance(other or [], list) and all(isinstance(item, dict) for item in one):
        known = {str(part["uuid"]) for part in one if part.get("uuid")}
        before, after = named(one, known), named(other or [], known)
        for key in sorted(before.keys() | after.keys()):
            if key in before and key in after:
                yield from differences(before[key], after[key], path)
            else:
                yield "-" if key in before else "+", path, before.get(key), after.get(key)
    else:
        yield ("+" if one in EMPTY else "-" if other in EMPTY else "~"), path, one, other


def named(parts: list[dict[str, Any]], known: set[str]) -> dict[str, dict[str, Any]]:
    """Parts by their UUID, if it is a known one, else by what they say."""
    found: dict[str, dict[str, Any]] = {}
    for part in parts:
        said = [str(part.get(key)) for key in ("name", "type", "value", "object_relation", "referenced_uuid")]
        if part.get("deleted") not in (True, "1", 1):
            found.setdefault(str(part["uuid"]) if part.get("uuid") in known else "|".join(said), part)
    return found


def undeclared(event: dict[str, Any], written: Written) -> list[tuple[str, str, Any, Any]]:
    return [found for found in differences(event, written.events[0]["Event"], "Event") if not is_declared(found[0], found[1])]


# --- all types, all templates ----------------------------------------------------------------------------------------------------

TYPES = json.loads((DATA / "describeTypes.json").read_text())["result"]
HEX = "0123456789abcdef" * 10
VALUES = {
    "md5": HEX[:32], "sha1": HEX[:40], "sha224": HEX[:56], "sha256": HEX[:64], "sha384": HEX[:96], "sha512": HEX[:128],
    "imphash": HEX[:32], "ssdeep": "3:AIO9AJraNvsgzsVqSwlhgNm:AeOqJrkoZn", "tlsh": HEX[:70], "domain": "a.example", "ip-src": "192.0.2.1",
    "ip-dst": "2001:db8::1", "ip": "192.0.2.7", "hostname": "h.a.example", "url": "https://a.example/x?y", "uri": "https://a.example/",
    "link": "https://b.example/", "email": "x@a.example", "email-src": "x@a.example", "email-dst": "y@a.example", "filename": "it's.exe",
    "mac-address": "00:00:5e:00:53:01", "regkey": "HKLM\\Software\\Made-up", "AS": "AS64500", "port": "443", "size-in-bytes": "12",
    "datetime": "2023-11-14T00:00:00+00:00", "boolean": "1", "vulnerability": "CVE-2024-0001", "yara": "rule x { condition: true }",
    "sigma": "title: x", "snort": 'alert tcp any any -> any any (msg:"x"; sid:1;)', "x509-fingerprint-sha1": HEX[:40],
    "stix2-pattern": "[file:name = 'x' AND file:size > 3]", "malware-sample": f"x.exe|{HEX[:32]}", "onion-address": "abcdefghij.onion",
}  # fmt: skip


def value(type_: str) -> str:
    if type_ in VALUES:
        return VALUES[type_]
    return "|".join(value(part) for part in type_.split("|")) if "|" in type_ else f"made-up {type_}"


def attribute(type_: str, category: str, seed: object, flagged: bool, **more: Any) -> dict[str, Any]:
    own = {"uuid": uid(type_, category, seed, flagged, more.get("object_relation")), "type": type_, "category": category}
    return own | {"value": value(type_), "to_ids": flagged, "comment": "said", "timestamp": "1700000000", "distribution": "5"} | more


def event(seed: object, **more: Any) -> dict[str, Any]:
    return {
        "uuid": uid("event", seed), "info": f"Event {seed}", "date": "2023-11-14", "timestamp": "1700000100", "published": True,
        "publish_timestamp": "1700000200", "threat_level_id": "2", "analysis": "1", "distribution": "1",
        "Orgc": {"name": "Example CERT", "uuid": uid("org")}, "Tag": [{"name": "tlp:amber"}, {"name": 'example:kind="made-up"'}], "Attribute": [],
    } | more  # fmt: skip


@pytest.mark.parametrize("type_", TYPES["types"])
def test_every_type_in_every_category(type_: str) -> None:
    categories = [name for name, types in TYPES["category_type_mappings"].items() if type_ in types]
    made = event(type_, Attribute=[attribute(type_, name, 0, flagged) for name in categories for flagged in (True, False)])
    assert list(differences(made, out_again(made).events[0]["Event"], "Event")) == []


TEMPLATES = sorted((DATA / "misp-objects" / "objects").glob("*/definition.json"))


def holder(template: dict[str, Any], seed: object, flagged: bool) -> dict[str, Any]:
    rows = []
    for relation, said in template["attributes"].items():
        type_ = said["misp-attribute"]
        category = (said.get("categories") or [TYPES["sane_defaults"][type_]["default_category"]])[0]
        rows.append(attribute(type_, category, seed, flagged, object_relation=relation))
    own = {"uuid": uid("object", template["name"], seed), "name": template["name"], "meta-category": template["meta-category"]}
    kept = {"description": template["description"], "template_uuid": template["uuid"], "template_version": str(template["version"])}
    return own | kept | {"comment": "said", "timestamp": "1700000000", "distribution": "5", "Attribute": rows}


def test_there_are_templates() -> None:
    assert len(TEMPLATES) > 400


@pytest.mark.parametrize("letter", sorted({path.parent.name[0] for path in TEMPLATES}))
def test_every_object_template(letter: str) -> None:
    for path in TEMPLATES:
        if path.parent.name[0] == letter:
            template = json.loads(path.read_text())
            made = event(template["name"], Object=[holder(template, flagged, flagged) for flagged in (True, False)])
            assert list(differences(made, out_again(made).events[0]["Event"], "Event")) == []


def test_what_is_written_is_valid_by_misp_s_own_schemas() -> None:
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed")
    lax, strict = (json.loads((DATA / name).read_text()) for name in ("schema-lax.json", "schema.json"))
    plain = event("plain", Attribute=[attribute("domain", "Network activity", 1, True), attribute("text", "Other", 1, False)])
    jsonschema.validate(out_again(plain).events[0], strict)
    file = json.loads((DATA / "misp-objects" / "objects" / "file" / "definition.json").read_text())
    jsonschema.validate(out_again(event("file", Object=[holder(file, 0, True)])).events[0], lax)


# --- real events, misp-stix's documented ones ------------------------------------------------------------------------------------


def real(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for file in sorted((folder / "public").rglob("*.json")):
        raw = file.read_bytes()
        if kind(raw) == "misp":
            try:
                found = [each for each in events(json_text.loads(raw)) if each.get("uuid")]
            except SenderFault:
                continue  # broken JSON, refused as that
            yield from ((file.name, each) for each in found)


def documented(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """The MISP side of misp-stix's documentation, which is made from its test generators."""
    for name in ("attributes", "objects", "galaxies", "events"):
        for page in (folder / "public").rglob(f"misp_{name}_to_stix21.md"):
            for number, text in enumerate(re.findall(r"- MISP\n\s*```json\n(.*?)```", page.read_text("utf-8"), re.DOTALL)):
                found = json.loads(re.sub(r",(\s*[}\]])", r"\1", text))  # one of them ends a list with a comma
                for each in found if isinstance(found, list) else [found]:
                    yield f"{name} {number}", wrapped(name, number, each)


def wrapped(name: str, number: int, part: dict[str, Any]) -> dict[str, Any]:
    if name == "events":
        return {"uuid": uid("documented", number), "Orgc": {"name": "Example CERT", "uuid": uid("org")}} | part["Event"]
    part.pop("descrption", None)  # a slip in one of the examples, which no MISP would write
    key = {"attributes": "Attribute", "objects": "Object", "galaxies": "Galaxy"}[name]
    return event(f"{name} {number}", **{"Attribute": [attribute("domain", "Network activity", number, True)]} | {key: [part]})


def test_real_and_documented_events_lose_only_what_is_declared(shared_data: Path) -> None:
    wrong, count = [], 0
    for name, each in [*real(shared_data), *documented(shared_data)]:
        repeated = repeated_uuids(each)
        wrong += [(name, *found) for found in undeclared(each, out_again(each)) if not repeated]
        count += 1
    assert wrong == []
    assert count > 240


def repeated_uuids(event: dict[str, Any]) -> bool:
    """Whether parts share a UUID, which MISP forbids: all but the first get another, so a comparison by UUID cannot find them."""
    holders = [event, *(each for each in event.get("Object") or () if isinstance(each, dict))]
    found = [each.get("uuid") for one in holders for each in one.get("Attribute") or () if each.get("uuid")]
    clusters = [each.get("uuid") for one in event.get("Galaxy") or () for each in one.get("GalaxyCluster") or () if each.get("uuid")]
    return len(set(found)) < len(found) or len(set(clusters)) < len(clusters)


def test_misp_stix_bundles_are_read_and_written_back(shared_data: Path) -> None:
    """What misp-stix makes of the same events is STIX that we take, and can give back to MISP."""
    converter = pytest.importorskip("misp_stix_converter", reason="misp-stix is not installed: pip install '.[test]'")
    done = 0
    for name, each in documented(shared_data):
        parser, loaded = converter.MISPtoSTIX21Parser(), pymisp.MISPEvent()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                loaded.load(json.loads(json.dumps({"Event": each})))
                parser.parse_misp_event(loaded)
                raw = parser.bundle.serialize().encode()
        except Exception:  # the converter's own limits are not ours to test
            continue
        drafts = list(stix_json.read(raw))
        assert all(isinstance(item, Draft) for item in drafts), name
        written = write(Held(obj=item.obj, envelope=Envelope(origin="KZ")) for item in drafts if isinstance(item, Draft))
        customs = {
            item.obj["id"] for item in drafts if isinstance(item, Draft) and item.obj["type"] in ("x-misp-attribute", "x-misp-object")
        }
        assert customs.isdisjoint(left.position for left in written.left), name
        done += 1
    assert done > 150
