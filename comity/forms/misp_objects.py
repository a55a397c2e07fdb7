"""MISP objects as STIX: of a known template one thing over its observables, of another a record of what says nothing by itself.

Of a known template an object is an indicator, if anything in it is flagged `to_ids` that a pattern can say, else an observed-data.
The observables are those of all its attributes. What it says beyond them is in the record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from comity.forms.misp_attribute import ended, seen
from comity.forms.misp_fields import moment, seconds, text_of, true, uuid_of
from comity.forms.misp_observed import looked_for, observed, place
from comity.forms.misp_record import KEPT_OBJECT, essentials
from comity.forms.misp_scope import own_tags
from comity.forms.misp_sheet import Sheet
from comity.forms.misp_templates import TEMPLATES
from comity.forms.misp_types import says_something
from comity.terms.stix import timestamp

Part = Mapping[str, Any]

#: A record longer than this is not kept in one STIX object, which has a largest size: the attributes are then read one by one.
MAX_RECORD = 200_000
_VULNERABILITY = "vulnerability"


def members(holder: Part, attributes: Sequence[Part]) -> list[Part]:
    """Those of an object's attributes that its STIX object stands for: of a known template all, but for what is flagged and has no
    place in it; of another what says nothing in STIX by itself."""
    name = text_of(holder, "name")
    if name == _VULNERABILITY:
        found = list(attributes)
    elif name in TEMPLATES:
        found = [each for each in attributes if place(name, each) or not true(each.get("to_ids"))]
    else:
        found = [each for each in attributes if not says_something(*_said(each))]
    return found if sum(len(text_of(each, "value")) + len(text_of(each, "comment")) for each in found) <= MAX_RECORD else []


def _said(attribute: Part) -> tuple[str, str, bool]:
    return text_of(attribute, "type"), text_of(attribute, "value").strip(), true(attribute.get("to_ids"))


def made(holder: Part, chosen: Sequence[Part], sheet: Sheet, inherited: tuple[str, ...]) -> list[dict[str, Any]]:
    """The STIX object that stands for an object and its `chosen` attributes, then the observables that these describe."""
    name, names = text_of(holder, "name"), (uuid_of(holder),)
    tags = tuple(dict.fromkeys((*inherited, *(tag for each in chosen for tag in own_tags(each)))))
    stamps = [stamp for each in (holder, *chosen) if (stamp := seconds(each.get("timestamp")))]
    when = max(stamps, default=sheet.moment)

    def filled(type_: str, body: Mapping[str, Any], *about: Part) -> dict[str, Any]:
        obj = sheet.head(type_, names, when, tags) | dict(body)
        return sheet.filled(ended(obj, *about) if about else obj, _record(holder, chosen))

    if name == _VULNERABILITY and (body := _vulnerability(holder, chosen)):
        return [filled(_VULNERABILITY, body)]
    found = observed(name, chosen, names[0])
    pattern = looked_for(name, chosen)
    if pattern:
        flagged = next(text_of(each, "value").strip() for each in chosen if true(each.get("to_ids")))
        body = {"name": flagged[:250], "description": text_of(holder, "comment"), "pattern": pattern, "pattern_type": "stix"}
        body["valid_from"] = timestamp(moment(holder.get("first_seen")) or when)
        return [filled("indicator", body, *chosen), *found]
    if found:
        return [filled("observed-data", seen(holder, sheet) | {"object_refs": [obj["id"] for obj in found]}), *found]
    return [filled(KEPT_OBJECT, {})]


def _record(holder: Part, chosen: Sequence[Part]) -> dict[str, Any]:
    said: dict[str, Any] = {key: text_of(holder, key) for key in ("name", "description", "comment", "timestamp", "first_seen", "last_seen")}
    said |= {key.replace("-", "_"): text_of(holder, key) for key in ("meta-category", "template_uuid", "template_version")}
    level = text_of(holder, "distribution")
    said["distribution"] = level if level in ("0", "1", "2", "3") else ""
    return said | {"attributes": [essentials(each) for each in chosen]}


def _vulnerability(holder: Part, chosen: Sequence[Part]) -> dict[str, Any] | None:
    """What an object of the template `vulnerability` says in STIX's own type; None if it has no name."""
    said: dict[str, list[str]] = {}
    for each in chosen:
        said.setdefault(text_of(each, "object_relation"), []).append(text_of(each, "value").strip())
    names = [name for name in said.get("id", []) if name]
    if not names:
        return None
    known = [{"source_name": "cve", "external_id": name} for name in names if name.upper().startswith("CVE-")]
    links = [{"source_name": "misp", "url": url} for url in said.get("references", []) if "://" in url]
    description = "\n".join(said.get("description", []) + said.get("summary", [])) or text_of(holder, "comment")
    return {"name": names[0], "description": description, "external_references": known + links}
