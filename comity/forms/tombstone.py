"""What a client that polls is told of an object that was taken back: a last version of it that says `revoked` (STIX 2.1 section 3.6), or a
note about it.

The last version repeats nothing of the object but what its type must have, with the texts in that replaced. Only the creator of an object
may make versions of it, so there is one only where its origin is that, as far as the object says; else, and for what cannot be revoked, a
note says the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec

from comity.terms.stix import SCO_TYPES, derived_id, timestamp, version_moment
from comity.terms.stix_check import check, required

#: What stands in place of a text, and a pattern that nothing fits.
WORD, PATTERN = "withdrawn", "[x-withdrawn:value = 'withdrawn']"
#: Properties beside those of its type that the last version keeps.
_KEPT = ("type", "spec_version", "id", "created", "created_by_ref", "object_marking_refs")
_TEXTS = {"name": WORD, "content": WORD, "product": WORD, "pattern": PATTERN, "pattern_type": "stix"}
_NO_VERSIONS = SCO_TYPES | {"marking-definition", "extension-definition"}


class Tombstone(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An object that its origin took back. `recalls` are the names that go by it here, `shas` the SHA-256 of each version; `markings` are
    the object's own, `revoked` is its last version as JSON, empty where there is none.
    """

    recalls: tuple[str, ...]
    shas: tuple[bytes, ...] = ()
    origin: str
    id: str
    at: datetime
    reason: str = ""
    markings: tuple[str, ...] = ()
    revoked: bytes = b""


def revoked(obj: Mapping[str, Any], at: datetime) -> bytes:
    """The last version of an object that is taken back at a moment, as JSON; empty where it can have none."""
    type_ = obj["type"]
    if type_ in _NO_VERSIONS or "modified" not in obj or obj.get("revoked") is True:
        return b""
    later = max(at, version_moment(obj["modified"]) + timedelta(milliseconds=1))
    last = {key: obj[key] for key in (*_KEPT, *required(obj)) if key in obj}
    last |= {key: text for key, text in _TEXTS.items() if isinstance(last.get(key), str)}
    last |= {"modified": timestamp(later), "revoked": True}
    return b"" if check(last) else msgspec.json.encode(last)


def note(tomb: Tombstone) -> bytes:
    """A note that says that the object was taken back, and why, as JSON; the same at each call."""
    at = timestamp(tomb.at)
    found = {
        "type": "note", "spec_version": "2.1", "id": derived_id("note", WORD, tomb.origin, *tomb.recalls), "created": at, "modified": at,
        "abstract": f"{tomb.origin} has withdrawn this object", "content": tomb.reason or WORD, "object_refs": [tomb.id],
        **({"object_marking_refs": list(tomb.markings)} if tomb.markings else {}),
    }  # fmt: skip
    return msgspec.json.encode(found)
