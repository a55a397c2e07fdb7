"""What every STIX object made from one MISP event has: dates, author, labels, and the record of where it came from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from comity.forms.misp_fields import stamped
from comity.forms.misp_record import properties
from comity.terms.stix import derived_id


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """The event that objects are made from: its UUID, its moment, its day if it says one, and its author's id."""

    uuid: str
    moment: datetime
    day: datetime | None = None
    author: str | None = None

    def head(self, type_: str, names: tuple[str, ...], when: datetime | None, tags: tuple[str, ...] = ()) -> dict[str, Any]:
        """The common properties. `names` is (UUID,), or what an object without one is known by.

        MISP does not say when a part was made; the event's day stays the same over its versions (STIX 2.1 section 3.2).
        """
        when = when or self.moment
        return {
            "type": type_,
            "spec_version": "2.1",
            "id": f"{type_}--{names[0]}" if names[0] else derived_id(type_, *names[1:]),
            "created_by_ref": self.author,
            "created": stamped(min(self.day or when, when)),
            "modified": stamped(when),
            "labels": list(tags),
        }

    def filled(self, obj: Mapping[str, Any], record: Mapping[str, Any]) -> dict[str, Any]:
        """An object with its record, and without its empty properties, which STIX forbids (section 2)."""
        whole = {**obj, **properties({"event_uuid": self.uuid, **record}, of_type=obj["type"])}
        return {key: item for key, item in whole.items() if item not in ("", [], None)}
