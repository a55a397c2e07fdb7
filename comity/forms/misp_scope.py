"""What holds for a part of a MISP event: its markings and audience, which only tighten from event to object to attribute.

Of several TLP tags on one part, even contradicting ones, the strictest counts. An audience is the intersection of those that the
event, the object and the attribute name; MISP's widths 1 to 3 do not widen what the agreement permits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from comity.errors import SenderFault
from comity.forms.markings import pap_of_tag, strictest_pap, tlp_of_tag
from comity.forms.misp_fields import true
from comity.terms import tlp
from comity.terms.item import Draft
from comity.terms.party import party_code

#: Widths that leave the audience to the agreement: this community, connected ones, all, and "as the event says".
_OPEN = frozenset({"1", "2", "3", "5"})
_NOBODY = "it is addressed to nobody: its sharing group is not active, or not described, or names no organisation that can be a party"
_encode = msgspec.json.Encoder().encode


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for a part of an event. `within` narrows it for a part of that part.

    `to` None leaves the audience to the agreement, () is nobody. `tags` are the part's own and those it has from around it.
    `parties` maps an organisation's UUID or lower-case name to a party code, where the name is not the code itself.
    `note` is told of a part whose sharing group reaches nobody.
    """

    tlp: str | None = None
    pap: str | None = None
    to: tuple[str, ...] | None = None
    groups: tuple[tuple[str, tuple[str, ...]], ...] = ()
    tags: tuple[str, ...] = ()
    parties: Mapping[str, str] = {}
    note: str = ""

    def within(self, part: Mapping[str, Any]) -> Scope:
        """The scope of a part: the strictest of both markings, the intersection of both audiences."""
        level = part.get("distribution")
        if (level is None or str(level) in _OPEN) and not part.get("Tag") and not part.get("SharingGroup"):
            return self
        named = [name for name, _ in _tags(part)]
        groups = {**dict(self.groups), **_groups(part, self.parties)}
        to = _audience(part, groups)
        return Scope(
            tlp=tlp.strictest(x for x in (self.tlp, *map(tlp_of_tag, named)) if x),
            pap=strictest_pap(x for x in (self.pap, *map(pap_of_tag, named)) if x),
            to=self.to if to is None else to if self.to is None else tuple(sorted(set(to) & set(self.to))),
            groups=tuple(groups.items()),
            tags=tuple(dict.fromkeys((*self.tags, *own_tags(part)))),
            parties=self.parties,
            note=_NOBODY if str(level) == "4" and not to else self.note,
        )

    def as_open(self, whole: Scope) -> bool:
        """Whether whoever may have the whole may have this part: only then may the whole say what the part says."""
        return self is whole or (self.tlp, self.pap, self.to) == (whole.tlp, whole.pap, whole.to)

    def draft(self, obj: dict[str, Any], position: str, note: str = "", *, dated: bool = True) -> Draft:
        """A derived draft of an object in this scope. MISP dates its parts; the organisations and clusters it names it does not."""
        note = "; ".join(filter(None, (note, self.note)))
        dated = dated and "modified" in obj and obj["type"] != "identity"
        return Draft(
            raw=_encode(obj), obj=obj, position=position, tlp=self.tlp, pap=self.pap, to=self.to, derived=True, dated=dated, note=note
        )  # fmt: skip


def own_tags(part: Mapping[str, Any]) -> list[str]:
    """The tags of a part that may travel with it. Local ones, and those that are not exportable, are its owner's own."""
    return list(dict.fromkeys(name for name, travels in _tags(part) if travels)) if part.get("Tag") else []


def _tags(part: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    """(name, whether it travels) of each tag."""
    tags = part.get("Tag")
    for tag in tags if isinstance(tags, list) else ():
        if isinstance(tag, dict) and isinstance(tag.get("name"), str) and tag["name"]:
            yield tag["name"], not true(tag.get("local")) and tag.get("exportable") not in (False, 0, "0")


def _audience(part: Mapping[str, Any], groups: Mapping[str, tuple[str, ...]]) -> tuple[str, ...] | None:
    """MISP's distribution: 0 nobody, 1 to 3 whoever the agreement permits, 4 a sharing group, 5 as the whole; else nobody."""
    level = part.get("distribution")
    if level is None or str(level) in _OPEN:
        return None
    return groups.get(str(part.get("sharing_group_id")), ()) if str(level) == "4" else ()


def _groups(part: Mapping[str, Any], parties: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """The sharing group that a part describes: its id -> the parties among its organisations; nobody if it is not active."""
    group = part.get("SharingGroup")
    if not isinstance(group, dict):
        return {}
    codes = party_codes(organisations(group), parties) if group.get("active") not in (False, 0, "0") else ()
    return {str(group.get("id", part.get("sharing_group_id"))): codes, str(part.get("sharing_group_id")): codes}


def organisations(group: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The organisations of a sharing group."""
    listed = group.get("SharingGroupOrg")
    named = [item.get("Organisation") for item in listed if isinstance(item, dict)] if isinstance(listed, list) else []
    return [org for org in named if isinstance(org, dict)]


def party_codes(named: Iterable[Mapping[str, Any]], parties: Mapping[str, str]) -> tuple[str, ...]:
    """The party codes of organisations: by UUID, by name, else the name itself where it can be a code."""
    found: set[str] = set()
    for org in named:
        uuid, name = str(org.get("uuid") or "").lower(), str(org.get("name") or "")
        try:
            found.add(parties.get(uuid) or parties.get(name.lower()) or party_code(name))
        except SenderFault:
            continue
    return tuple(sorted(found))
