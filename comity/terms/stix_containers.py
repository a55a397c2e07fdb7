"""The `objects` of observed-data: observables that refer to each other by local keys (STIX 2.0 part 2, deprecated in 2.1 section 4.14)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from comity.terms.stix_kinds import Kind, all_faults, extensions
from comity.terms.stix_observables import OBSERVABLES_20, OBSERVABLES_21
from comity.terms.stix_shapes import TYPE_NAME, Faults, Rule

_CUSTOM = Kind(shapes={"extensions": extensions()}, names=frozenset({"type", "extensions"}))
_ANY_UUID = "00000000-0000-4000-8000-000000000000"


def _container(kinds: Mapping[str, Kind]) -> Rule:
    """The rule for the objects of an observed-data (2.0 part 2; deprecated in 2.1): each one, and what they refer to."""

    def rule(obj: Mapping[str, Any]) -> Faults | None:
        if "objects" not in obj:
            return None
        objects = obj["objects"]
        if not isinstance(objects, dict) or not objects:
            return [("objects", "must be a non-empty object")]
        faults: Faults = []
        for key, each in objects.items():
            path = f"objects.{key[:80]}"
            if not isinstance(each, dict) or not isinstance(each.get("type"), str):
                faults.append((path, "must be an object with a type"))
            elif not TYPE_NAME.match(each["type"]) or each["type"] == "action":
                faults.append((f"{path}.type", "is not the name of an observable's type"))
            else:
                # Local keys become ids of the type they lead to, so that the same shapes hold inside a container.
                found = all_faults(kinds.get(each["type"], _CUSTOM), _resolved(each, objects))
                faults += [(f"{path}.{where}", why.replace("is not an id", "names nothing in this container")) for where, why in found]
        return faults or None

    return rule


def _resolved(node: Mapping[str, Any], objects: Mapping[str, Any]) -> dict[str, Any]:
    """A copy in which each local reference is an id."""

    def lead(value: Any) -> Any:
        target = objects.get(value) if isinstance(value, str) else None
        return f"{target['type']}--{_ANY_UUID}" if isinstance(target, dict) and isinstance(target.get("type"), str) else value

    def copy(key: str, value: Any) -> Any:
        if key.endswith("_ref"):
            return lead(value)
        if isinstance(value, list):
            return [lead(item) if key.endswith("_refs") else copy("", item) for item in value]
        return _resolved(value, objects) if isinstance(value, dict) else value

    return {key: copy(key, value) for key, value in node.items()}


container_21 = _container(OBSERVABLES_21)
container_20 = _container(OBSERVABLES_20)
