"""What MISP says of an attribute, object or event beyond STIX, kept in the STIX object made of it; both directions.

The names are MISP's own, as `x_misp_` properties: those that misp-stix writes into its custom objects. They are top-level
properties of an extension of ours (STIX 2.1 section 7.3), so that a strict reader knows what they are. In a list
(`x_misp_attributes` of an object) they stand without the prefix.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from comity.forms.misp_fields import texts, true
from comity.forms.misp_scope import own_tags
from comity.terms.stix import MISP_EXTENSION

PREFIX = "x_misp_"
#: The custom types of what STIX has no place for, named as misp-stix names them.
KEPT_ATTRIBUTE = "x-misp-attribute"
KEPT_OBJECT = "x-misp-object"

_TEXTS = ("uuid", "type", "category", "value", "comment", "object_relation", "timestamp", "first_seen", "last_seen")
_FLAGS = ("to_ids", "disable_correlation")
_ON_TOP = {MISP_EXTENSION: {"extension_type": "toplevel-property-extension"}}
_NEW = {MISP_EXTENSION: {"extension_type": "new-sdo"}}


def essentials(attribute: Mapping[str, Any]) -> dict[str, Any]:
    """The record of an attribute: MISP's names and what says something; numbers as text, absent flags are off."""
    record: dict[str, Any] = {}
    for key in _TEXTS:
        value = attribute.get(key)
        if value is not None and value != "":
            record[key] = value if isinstance(value, str) else str(value)
    for key in _FLAGS:
        if true(attribute.get(key)):
            record[key] = True
    level = str(attribute.get("distribution"))
    if level in ("0", "1", "2", "3"):
        record["distribution"] = level
    tags = own_tags(attribute)
    if tags:
        record["tags"] = tags
    return record


def attribute_of(record: Mapping[str, Any]) -> dict[str, Any]:
    """The inverse of `essentials`: a MISP attribute, its distribution left to whoever sends it."""
    attribute: dict[str, Any] = {key: str(record[key]) for key in _TEXTS if key in record}
    attribute |= {key: true(record.get(key)) for key in _FLAGS}
    attribute.setdefault("comment", "")
    tags = texts(record.get("tags"))
    return attribute | ({"Tag": [{"name": name} for name in tags]} if tags else {})


def properties(record: Mapping[str, Any], *, of_type: str = "") -> dict[str, Any]:
    """A record as properties of a STIX object of a type, with the extension that defines them."""
    extension = _NEW if of_type in (KEPT_ATTRIBUTE, KEPT_OBJECT) else _ON_TOP
    return {"extensions": extension} | {PREFIX + key: value for key, value in record.items() if value not in ("", [], {}, None)}


def record_of(obj: Mapping[str, Any]) -> dict[str, Any]:
    """The record that a STIX object carries, without prefixes; empty if it did not come from MISP."""
    return {key[len(PREFIX) :]: value for key, value in obj.items() if key.startswith(PREFIX)}
