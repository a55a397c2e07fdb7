"""How far MISP itself would send each part of an event, held against its TLP; and which sharing groups an export names.

MISP's distribution and a TLP tag are two statements about one thing, and MISP follows the first. Nothing here decides anything:
`forms.misp` reads the same events for Comity, where the agreement decides and distribution can only narrow.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from comity.errors import SenderFault
from comity.forms import json_text
from comity.forms.misp import events as events_in
from comity.forms.misp_fields import parts as parts_of
from comity.forms.misp_scope import Scope, organisations, party_codes

#: MISP's distribution levels (MISP core format, distribution); 5 inherits.
LEVELS = {
    0: "Your organisation only",
    1: "This community only",
    2: "Connected communities",
    3: "All communities",
    4: "Sharing group",
}
#: From the narrowest to the widest; an attribute is seen only by those who see its event.
_NARROWEST = (0, 4, 1, 2, 3)
#: TLP -> the distributions that would send further than TLP 2.0 (FIRST) lets it go.
TOO_WIDE = {"red": (1, 2, 3), "amber+strict": (1, 2, 3), "amber": (3,)}
#: How many values are given as examples.
EXAMPLES = 5


class Wider(msgspec.Struct, frozen=True, kw_only=True):
    """Parts of one event with one TLP and one effective distribution that is wider than it.

    `whole` says whether the event itself is among them; `attributes` counts the others, `examples` are values of some.
    """

    position: str
    event: str
    tlp: str
    distribution: int
    whole: bool
    attributes: int
    examples: tuple[str, ...]

    @property
    def level(self) -> str:
        """The distribution in MISP's words."""
        return LEVELS[self.distribution]


class SharingGroup(msgspec.Struct, frozen=True, kw_only=True):
    """A sharing group that parts of an event go to.

    `organisations` are the names the export gives, `codes` those that can be party codes; `described` is False where the
    export names the group by its number only. `parts` counts the event and attributes that name it.
    """

    position: str
    name: str
    organisations: tuple[str, ...]
    codes: tuple[str, ...]
    described: bool
    parts: int


class _Part(msgspec.Struct, frozen=True):
    event: str
    title: str
    value: str | None
    scope: Scope
    distribution: int | None
    group: str | None
    groups: dict[str, Mapping[str, Any]]


def reach(raw: bytes) -> tuple[list[Wider], list[SharingGroup]]:
    """What goes too far, and the sharing groups, of every event in a MISP export. Empty for a text that is none."""
    try:
        events = list(events_in(json_text.loads(raw.removeprefix(b"\xef\xbb\xbf"))))
    except SenderFault:
        return [], []
    parts = [part for at, event in enumerate(events) for part in _walk(event, f"Event[{at}]" if len(events) > 1 else "Event")]
    return _wider(parts), _sharing_groups(parts)


def _walk(event: dict[str, Any], position: str) -> Iterator[_Part]:
    """The event, then every attribute of it and of its objects."""
    top = _part(position, str(event.get("info") or "MISP event"), None, event, None)
    yield top
    for _, attribute in parts_of(event, "Attribute"):
        yield _part(position, top.title, attribute, attribute, top)
    for _, holder in parts_of(event, "Object"):
        middle = _part(position, top.title, None, holder, top)
        for _, attribute in parts_of(holder, "Attribute"):
            yield _part(position, top.title, attribute, attribute, middle)


def _part(position: str, title: str, attribute: dict[str, Any] | None, node: dict[str, Any], outer: _Part | None) -> _Part:
    said = str(node.get("distribution"))
    own = int(said) if said in ("0", "1", "2", "3", "4") else None
    inherited = outer.distribution if outer else None
    known = [level for level in (own, inherited) if level is not None]
    groups = dict(outer.groups) if outer else {}
    number = str(node.get("sharing_group_id"))
    if isinstance(node.get("SharingGroup"), dict):
        groups[number] = node["SharingGroup"]
    return _Part(
        event=position,
        title=title,
        value=str(attribute.get("value", "")) if attribute else None,
        scope=(outer.scope if outer else Scope()).within(node),
        distribution=min(known, key=_NARROWEST.index) if known else None,
        group=number if own == 4 else None,
        groups=groups,
    )


def _wider(parts: list[_Part]) -> list[Wider]:
    found: dict[tuple[str, str, int], list[_Part]] = {}
    for part in parts:
        level, marking = part.distribution, part.scope.tlp
        if level is not None and marking is not None and level in TOO_WIDE.get(marking, ()):
            found.setdefault((part.event, marking, level), []).append(part)
    return [_as_wider(position, marking, level, members) for (position, marking, level), members in found.items()]


def _as_wider(position: str, marking: str, level: int, members: list[_Part]) -> Wider:
    values = [part.value for part in members if part.value is not None]
    return Wider(
        position=position,
        event=members[0].title,
        tlp=marking,
        distribution=level,
        whole=len(values) < len(members),
        attributes=len(values),
        examples=tuple(values[:EXAMPLES]),
    )


def _sharing_groups(parts: list[_Part]) -> list[SharingGroup]:
    found: dict[tuple[str, str], list[_Part]] = {}
    for part in parts:
        if part.group is not None:
            found.setdefault((part.event, part.group), []).append(part)
    return [_as_group(position, number, members) for (position, number), members in found.items()]


def _as_group(position: str, number: str, members: list[_Part]) -> SharingGroup:
    described = next((part.groups[number] for part in members if number in part.groups), None)
    names = tuple(str(org["name"]) for org in organisations(described or {}) if org.get("name"))
    return SharingGroup(
        position=position,
        name=str((described or {}).get("name") or f"number {number}"),
        organisations=names,
        codes=party_codes(({"name": name} for name in names), {}),
        described=described is not None,
        parts=len(members),
    )
