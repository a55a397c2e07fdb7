"""What the attributes of an object of a known template describe together: its observables, and the pattern of what is flagged.

What a pattern looks for follows what MISP flags, attribute by attribute: a value that identifies by itself (address, name, URL,
mailbox, hash) is enough alone, so these are joined by OR; a port is looked for together with its address, and where nothing flagged
identifies by itself, all of it together: AND.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from comity.forms.misp_fields import text_of, true
from comity.forms.misp_paths import NAMED_BY, comparison, put, split, typed
from comity.forms.misp_templates import TEMPLATES
from comity.forms.misp_types import OBSERVABLES, observables, parts
from comity.terms.simple_pattern import pattern_for
from comity.terms.stix import check, sco_id

Attribute = Mapping[str, Any]


def place(template: str, attribute: Attribute) -> str:
    """Where a template puts an attribute, by its relation; "" for nowhere."""
    return TEMPLATES.get(template, {}).get(text_of(attribute, "object_relation"), ("", ""))[0]


def observed(template: str, members: Sequence[Attribute], seed: str) -> list[dict[str, Any]]:
    """The observables that an object's attributes describe, each once. `seed` is the object's UUID: a process is named by it.

    A value that is not of its type takes no part; it stays in the record.
    """
    found: dict[str, dict[str, Any]] = {}
    whole: dict[str, dict[str, Any]] = {}
    for attribute in members:
        path = place(template, attribute)
        if not path:
            continue
        try:
            _enter(path, attribute, whole, found)
        except ValueError:
            continue
    for obj in whole.values():
        obj = _completed(obj)
        try:
            # A process has nothing that names it, so its id has version 4 (STIX 2.1 section 2.9); ours is its object's UUID as such.
            obj["id"] = f"process--{seed[:14]}4{seed[15:]}" if obj["type"] == "process" else sco_id(obj)
        except ValueError:
            continue
        if check(obj) is None:
            found[obj["id"]] = obj
    return list(found.values())


def _enter(path: str, attribute: Attribute, whole: dict[str, dict[str, Any]], found: dict[str, dict[str, Any]]) -> None:
    type_, value = text_of(attribute, "type"), text_of(attribute, "value").strip()
    if path == "*":
        made = observables(type_, value)
        if made[0]["type"] == "file" and "file" in whole:  # a sample is the file that the object is about
            whole["file"].setdefault("hashes", {}).update(made[0].get("hashes", {}))
            return
        found.update((obj["id"], obj) for obj in made)
        return
    about, steps = split(path)
    said: Any
    if steps[-1].endswith(("_ref", "_refs")):
        named = _named(steps[-1], type_, value)
        found[named["id"]] = named
        said = named["id"]
    elif steps[-1] == "protocols":
        said = value.lower()
    else:
        said = typed(steps, value)
    put(whole.setdefault(about, {"type": about, "spec_version": "2.1", "id": ""}), steps, said)


def _named(reference: str, type_: str, value: str) -> dict[str, Any]:
    if reference not in NAMED_BY:
        return observables(type_, value)[0]
    about, key = NAMED_BY[reference]
    obj = {"type": about, "spec_version": "2.1", "id": "", key: value}
    return obj | {"id": sco_id(obj)}


def _completed(obj: dict[str, Any]) -> dict[str, Any]:
    """With what STIX demands and MISP leaves unsaid: traffic is at least IP, a message is in one part."""
    if obj["type"] == "network-traffic" and "protocols" not in obj:
        ends = (str(obj.get("src_ref", "")), str(obj.get("dst_ref", "")))
        obj["protocols"] = ["ipv6" if any(end.startswith("ipv6") for end in ends) else "ipv4"]
    elif obj["type"] == "email-message":
        obj["is_multipart"] = False
    return obj


def looked_for(template: str, members: Sequence[Attribute]) -> str:
    """The pattern of what is flagged `to_ids` in an object; "" if nothing is that a pattern can say."""
    flagged = [each for each in members if true(each.get("to_ids"))]
    alone, together, ports = [], [], False
    for attribute in flagged:
        type_, value = text_of(attribute, "type"), text_of(attribute, "value").strip()
        path = place(template, attribute)
        try:
            pairs = parts(type_, value) if type_ in OBSERVABLES else []
            alone += [pattern_for(kind, text)[1:-1] for kind, text in pairs]
            if path and path != "*":
                together.append(comparison(path, value if len(pairs) != 1 else pairs[0][1]))
                ports = ports or path.endswith("_port")
        except ValueError:
            continue
    if alone and not ports:
        return f"[{' OR '.join(dict.fromkeys(alone))}]"
    return f"[{' AND '.join(dict.fromkeys(together))}]" if together else f"[{' OR '.join(dict.fromkeys(alone))}]" if alone else ""
