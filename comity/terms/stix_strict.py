"""Everything that STIX says against an object or bundle: what it must, what it should, and what is worth a look.

`strict` is for people who make STIX; what arrives is judged by `stix_check.check`, which is milder and stops at the first fault.
The names of recommendations and demands are those of the STIX validator of OASIS, so that its users' settings carry over.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from comity.terms.stix_check import check
from comity.terms.stix_custom import extensions_used, kinds, prefixed, standard_only
from comity.terms.stix_domain import CUSTOM_20, CUSTOM_21
from comity.terms.stix_ids import sco_id
from comity.terms.stix_kinds import Kind, all_faults
from comity.terms.stix_musts import MUSTS
from comity.terms.stix_shapes import UUID, ref
from comity.terms.stix_should import RECOMMENDED_20, RECOMMENDED_21, Found, Object, Recommendation
from comity.terms.stix_types import CONTRIBUTING, SCO_TYPES


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One finding. `level` is must, should or note; `path` leads to the property; `rule` names a recommendation, else it is "".

    `id` is the object's, where it has one.
    """

    level: str
    path: str
    why: str
    rule: str = ""
    id: str = ""

    def __str__(self) -> str:
        return f"{self.path}: {self.why}" + (f" [{self.rule}]" if self.rule else "")


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What to look for. `version` 2.0 or 2.1 is for what does not say its own; `should` counts recommendations, all but the
    `disabled`, or, when only `enabled` are named, those. The other flags demand more than the standard does."""

    version: str | None = None
    should: bool = True
    strict_types: bool = False
    strict_properties: bool = False
    enforce_refs: bool = False
    interop: bool = False
    disabled: frozenset[str] = frozenset()
    enabled: frozenset[str] = frozenset()


_PREFIXES = ("custom-prefix", "custom-prefix-lax")
_VOCABULARY = frozenset(
    {
        *("attack-motivation", "attack-resource-level", "identity-class", "indicator-types", "indicator-label", "industry-sector"),
        *("malware-types", "malware-label", "report-types", "report-label", "threat-actor-types", "threat-actor-label"),
        *("threat-actor-role", "threat-actor-sophistication", "tool-types", "tool-label", "region", "grouping-context"),
        *("implementation-languages", "infrastructure-types", "malware-capabilities", "processor-architecture", "malware-result"),
        *("hash-algo", "encryption-algo", "windows-pebinary-type", "account-type", "indicator-pattern-types"),
    }
)
_EXTERNAL = frozenset({"mime-type", "protocols", "ipfix", "http-request-headers", "socket-options", "pdf-doc-info", "countries"})
#: A name for several recommendations at once.
GROUPS: dict[str, frozenset[str]] = {
    "format-checks": frozenset(
        {
            *(*_PREFIXES, "uuid-check", "open-vocab-format", "kill-chain-names", "observable-object-keys"),
            *("observable-dictionary-keys", "malware-analysis-product", "windows-process-priority-format", "hash-length"),
        }
    ),
    "approved-values": frozenset({"marking-definition-type", "relationship-types", "duplicate-ids"}) | _VOCABULARY | _EXTERNAL,
    "all-vocabs": _VOCABULARY,
    "all-external-sources": _EXTERNAL,
}


def _random_id(obj: Object) -> Found:
    """Section 2.9: UUIDv5 for an observable that an id can be derived for, else UUIDv4."""
    id_ = obj.get("id")
    if not isinstance(id_, str) or not UUID.match(id_.partition("--")[2]):
        return
    derived = obj["type"] in SCO_TYPES and bool(set(obj) & set(CONTRIBUTING.get(obj["type"], ())))
    if id_.partition("--")[2][14] != ("5" if derived else "4"):
        yield "id", f"should be a UUIDv{5 if derived else 4}"


def _duplicates(obj: Object) -> Found:
    seen: set[tuple[str, str]] = set()
    for index, each in enumerate(objects_of(obj)):
        version = each.get("id"), each.get("modified")
        if all(isinstance(part, str) for part in version):
            if version in seen:
                yield f"objects[{index}]", f"a second {version[0]} of {version[1]}"
            seen.add((str(version[0]), str(version[1])))


_RULES: dict[bool, dict[str, Recommendation]] = {
    False: {
        **RECOMMENDED_21,
        "uuid-check": _random_id,
        "extensions-use": extensions_used,
        "custom-prefix": prefixed(lax=False, old=False),
        "custom-prefix-lax": prefixed(lax=True, old=False),
        "duplicate-ids": _duplicates,
    },
    True: {
        **RECOMMENDED_20,
        "custom-prefix": prefixed(lax=False, old=True),
        "custom-prefix-lax": prefixed(lax=True, old=True),
        "duplicate-ids": _duplicates,
    },
}
#: Every name that `Options.disabled` and `enabled` may hold.
NAMES = frozenset(_RULES[True]) | frozenset(_RULES[False]) | frozenset(GROUPS) | {"all"}


def strict(obj: Mapping[str, Any], options: Options | None = None) -> list[str]:
    """All that counts against an object or bundle, empty if nothing does: each its path, what must be or should be, and the rule."""
    options = options or Options()
    return [str(each) for each in findings(obj, options) if each.level == "must" or (each.level == "should" and options.should)]


def findings(obj: Mapping[str, Any], options: Options | None = None) -> list[Finding]:
    """All findings on an object, or on a bundle and each object in it."""
    options = options or Options()
    if not isinstance(obj.get("type"), str):
        return [Finding(level="must", path="type", why="missing")]
    found = list(_of_one(obj, options, None))
    if obj["type"] == "bundle":
        found += _references_within(obj, options)
        for each in objects_of(obj):
            inside = [Finding(level="must", path="type", why="missing")] if not isinstance(each.get("type"), str) else []
            found += inside or list(_of_one(each, options, obj))
    return list(dict.fromkeys(found))


def objects_of(bundle: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The objects in a bundle, none if it is no bundle."""
    objects = bundle.get("objects") if bundle.get("type") == "bundle" else None
    return [each for each in objects if isinstance(each, dict)] if isinstance(objects, list) else []


def _is_old(obj: Mapping[str, Any], options: Options, bundle: Mapping[str, Any] | None) -> bool:
    """Whether 2.0 is to be asked: as told, as it says; a 2.0 bundle holds 2.0, a 2.1 one also what says nothing but has `created`."""
    if bundle is not None and (bundle.get("spec_version") == "2.0" or ("spec_version" not in obj and "created" in obj)):
        return True
    return (options.version or obj.get("spec_version", "2.1")) == "2.0"


def _of_one(obj: Mapping[str, Any], options: Options, bundle: Mapping[str, Any] | None) -> Iterator[Finding]:
    old = _is_old(obj, options, bundle)
    id_ = obj["id"] if isinstance(obj.get("id"), str) else ""
    for path, why in _musts(obj, old):
        yield Finding(level="must", path=path, why=why, id=id_)
    for name in sorted(_active(options, old)):
        yield from (Finding(level="should", path=path, why=why, rule=name, id=id_) for path, why in _RULES[old][name](obj))
    for name, wanted in (("type", options.strict_types), ("property", options.strict_properties)):
        rule = "strict-types" if name == "type" else "strict-properties"
        for path, why in standard_only(name, old)(obj) if wanted else ():
            yield Finding(level="should", path=path, why=why, rule=rule, id=id_)
    yield from (Finding(level="note", path=path, why=why, id=id_) for path, why in _notes(obj))


def _musts(obj: Mapping[str, Any], old: bool) -> Found:
    if obj["type"] == "bundle":
        yield from _bundle(obj, old)
    else:
        # The mild check's own words for what it looks at before properties; it judges by what an object says of itself.
        first = check(obj if old or obj["type"] in SCO_TYPES else {**obj, "spec_version": obj.get("spec_version", "2.1")})
        path, _, why = (first or "").partition(": ")
        if path in ("type", "id", "created", "modified", "spec_version"):
            yield path, why
        custom: Kind = CUSTOM_20 if old else CUSTOM_21
        yield from all_faults(kinds(old).get(obj["type"], custom), obj)
        if old and obj["type"] in ("incident", "infrastructure"):
            yield "type", "is reserved by STIX and must not be used"
    for must in MUSTS:
        yield from must(obj, old)


def _bundle(obj: Mapping[str, Any], old: bool) -> Found:
    """Section 8; in 2.0 the bundle says the version for all (part 1 section 5)."""
    if "id" not in obj:
        yield "id", "missing"
    else:
        yield from (("id", why) for _, why in ref("bundle")(obj["id"]) or ())
    if old and obj.get("spec_version") != "2.0":
        yield "spec_version", "must be 2.0"
    objects = obj.get("objects")
    if "objects" in obj and not (isinstance(objects, list) and objects and all(isinstance(each, dict) for each in objects)):
        yield "objects", "must be a non-empty list of objects"


def _active(options: Options, old: bool) -> frozenset[str]:
    """The recommendations asked for. Of those on names one holds: extensions if that is asked, else the stricter prefix."""
    rules = frozenset(_RULES[old])

    def spread(names: frozenset[str]) -> frozenset[str]:
        return rules if "all" in names else frozenset().union(names, *(GROUPS.get(name, ()) for name in names)) & rules

    if options.enabled and not options.disabled:
        return spread(options.enabled)
    asked = rules - spread(options.disabled)
    if "extensions-use" in asked:
        asked -= frozenset(_PREFIXES)
    elif "custom-prefix" in asked:
        asked -= {"custom-prefix-lax"}
    return asked | spread(options.enabled)


def _notes(obj: Mapping[str, Any]) -> Found:
    """What breaks no rule but surprises: an observable's id that is not the derived one, and references that are not ids."""
    if obj["type"] not in SCO_TYPES or not isinstance(obj.get("id"), str):
        return
    try:
        derived = sco_id(obj)
    except (ValueError, TypeError, AttributeError):
        derived = obj["id"]
    if obj["id"] != derived and obj["id"].partition("--")[2][14:15] == "5":
        yield "id", f"is not the one that its properties make, {derived} (section 2.9)"
    for name, value in obj.items():
        for each in value if name.endswith("_refs") and isinstance(value, list) else [value] if name.endswith("_ref") else []:
            yield from ((name, why) for _, why in ref()(each) or ())


#: Type -> what the interoperability profile asks of it beyond `created_by_ref` (STIX Interoperability Test Document, part 1).
_INTEROP = {
    "attack-pattern": ("external_references", "kill_chain_phases"),
    "indicator": ("name", "indicator_types"),
    "intrusion-set": ("resource_level", "primary_motivation"),
    "malware": (
        "name",
        "malware_types",
        "first_seen",
        "last_seen",
        "architecture_execution_envs",
        "implementation_languages",
        "capabilities",
    ),
    "malware-analysis": ("version", "submitted", "analysis_started", "analysis_ended", "result"),
    "sighting": ("first_seen", "last_seen", "count"),
    "threat-actor": ("threat_actor_types", "roles", "sophistication", "resource_level", "primary_motivation"),
    "vulnerability": ("external_references",),
}


def _references_within(bundle: Mapping[str, Any], options: Options) -> Iterator[Finding]:
    """`enforce_refs`: ends of relationships are in the bundle; `interop`: so is who created each object, and what the profile asks."""
    objects = objects_of(bundle)
    ids = {str(each.get("id")) for each in objects if each.get("type") != "relationship"}
    makers = {str(each.get("id")) for each in objects if each.get("type") == "identity"}
    for each in objects:
        id_ = str(each.get("id", ""))
        for end in ("source_ref", "target_ref") if options.enforce_refs and each.get("type") == "relationship" else ():
            if str(each.get(end)) not in ids:
                yield Finding(level="should", path=end, why=f"{str(each.get(end))[:80]} is not in the bundle", rule="enforce-refs", id=id_)
        if options.interop and each.get("type") not in {"identity", "marking-definition", *SCO_TYPES}:
            if str(each.get("created_by_ref")) not in makers:
                yield Finding(level="must", path="created_by_ref", why="must be an identity of the bundle", rule="interop", id=id_)
            for name in _INTEROP.get(str(each.get("type")), ()):
                if name not in each:
                    yield Finding(level="must", path=name, why="missing, the interoperability profile asks for it", rule="interop", id=id_)
