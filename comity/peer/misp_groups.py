"""Sharing groups of a MISP server for events that go to named parties: one that holds nobody else, or none.

An event may only name groups that the server has, and making one there would be its operator's affair. So of those it has, the largest
that fits is taken; where none does, the part goes to our own organisation there alone, which is narrower and never wider.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from comity.forms.misp_fields import text_of, true
from comity.forms.misp_scope import organisations, party_codes
from comity.peer.misp_server import MispServer

Part = dict[str, Any]


class Groups:
    """The groups of one server, asked for once; `party` is this node's."""

    def __init__(self, server: MispServer, party: str) -> None:
        self._server, self._party = server, party
        own = server.organisation
        self._named = {name: party for name in (own.uuid, own.name.lower()) if name}
        self._found: list[Part] | None = None

    def confine(self, event: Part) -> list[str]:
        """Give each part of an event that goes to named parties a group of the server's, or nobody; what is to be told of the latter."""
        told: list[str] = []
        for part in parts_of(event):
            group = part.pop("SharingGroup", None)
            if str(part.get("distribution")) != "4":
                continue
            codes = set(party_codes(organisations(group or {}), {}))
            fitting = self._fitting(codes | {self._party})
            if fitting:
                part["sharing_group_id"] = fitting
            else:
                part["distribution"] = "0"
                part.pop("sharing_group_id", None)
                names = ", ".join(sorted(codes))
                told.append(f"no sharing group there holds {names} alone: what is for them goes to no other organisation")
        return told

    def _fitting(self, codes: set[str]) -> str:
        if self._found is None:
            self._found = self._server.groups()
        fits = [(len(organisations(group)), text_of(group, "id")) for group in self._found if self._inside(group, codes)]
        return max(fits, default=(0, ""))[1]

    def _inside(self, group: Mapping[str, Any], codes: set[str]) -> bool:
        """Whether a group is in use, and holds no organisation and reaches no server beyond these parties."""
        servers = group.get("SharingGroupServer")
        wide = true(group.get("roaming")) or any(true(each.get("all_orgs")) for each in servers or () if isinstance(each, dict))
        known = [party_codes([each], self._named) for each in organisations(group)]
        return true(group.get("active")) and not wide and bool(known) and all(each and set(each) <= codes for each in known)


def parts_of(event: Part) -> Iterator[Part]:
    """An event and everything in it that may have a distribution of its own."""
    yield event
    for key in ("Attribute", "Object", "EventReport"):
        for part in event.get(key, ()):
            yield part
            yield from part.get("Attribute", ())
