"""Field profiles: which properties of an object a redacted copy leaves out (product.md: permit, redact, deny).

A copy is made by the same rule for everybody, so equal objects under equal profiles give equal copies, but for the id: a copy is a new
object (STIX 2.1 section 3.6), and `release` gives it an id that tells nothing of the original's.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

import msgspec

from comity.terms.stix import SEALED_TYPE, check

#: Properties without which an object is none, and markings, which may only tighten.
KEPT = frozenset({"type", "spec_version", "id", "created", "modified", "object_marking_refs", "granular_markings"})
#: A property, or one inside it: `external_references.url`. Lists are passed through: it goes from each of their entries.
PATH = r"[a-z0-9_-]{1,250}(?:\.[a-zA-Z0-9_-]{1,250}){0,7}"


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """A named set of properties that are left out."""

    name: str
    remove: tuple[str, ...]
    line: int = 0

    @property
    def key(self) -> str:
        """The same for every profile that leaves out the same, whatever agreement names it how: a copy is made once per item and key."""
        return hashlib.sha256("\n".join(sorted(set(self.remove))).encode()).hexdigest()[:32]


def redacted(obj: Mapping[str, Any], profile: Profile) -> dict[str, Any] | None:
    """The object without what the profile leaves out; None when what is left is no valid STIX object, and so nothing may leave.

    A granular marking loses the selectors of what is gone. An entry of a list that would be left empty makes the copy impossible: taking
    it out would move its neighbours, and with them what markings select. A sealed object is whole or nothing.
    """
    if obj.get("type") == SEALED_TYPE:
        return None
    left = msgspec.json.decode(msgspec.json.encode(obj))
    for path in profile.remove:
        if not _take(left, path.split(".")):
            return None
    granular = left.get("granular_markings")
    if isinstance(granular, list):
        kept = [thinned for marking in granular if (thinned := _thinned(marking, left))]
        left.pop("granular_markings")
        left |= {"granular_markings": kept} if kept else {}
    return left if check(left) is None else None


def copied(obj: Mapping[str, Any], profile: Profile, id_: str) -> bytes | None:
    """The bytes of the redacted copy under an id of its own; None as for `redacted`.

    Wherever the object repeats the unique part of its id, in a custom property or a text, with hyphens or without, the copy has that of its
    own.
    """
    left = redacted(obj, profile)
    if left is None:
        return None
    text, mine = msgspec.json.encode(left).decode(), _unique(id_)
    original = re.escape(_unique(obj["id"])).replace(r"\-", "-?")
    return re.sub(original, lambda found: mine if "-" in found[0] else mine.replace("-", ""), text, flags=re.IGNORECASE).encode()


def _unique(id_: str) -> str:
    """The part of an id behind its type."""
    return id_.partition("--")[2]


def withheld(obj: Mapping[str, Any], profile: Profile) -> tuple[str, ...]:
    """What the profile leaves out of this object: those of its paths that are there."""
    return tuple(path for path in dict.fromkeys(profile.remove) if _there(obj, path.split(".")))


def fields(obj: Mapping[str, Any], effect: str, profile: Profile | None) -> dict[str, str]:
    """What becomes of each property of an object under a decision: `permit`, `redact` (left out of the copy) or `deny`.

    A property of which only a part is left out is `permit`, and the part stands beside it as a dotted path. What awaits approval is
    denied as yet.
    """
    if effect not in ("permit", "redact"):
        return dict.fromkeys(obj, "deny")
    gone = withheld(obj, profile) if effect == "redact" and profile else ()
    return {**dict.fromkeys(obj, "permit"), **dict.fromkeys(gone, "redact")}


def _there(node: Any, path: list[str]) -> bool:
    """Whether a path below a node, or below an entry of a list there, names something."""
    if not path:
        return True
    if isinstance(node, list):
        return any(_there(entry, path) for entry in node)
    return isinstance(node, Mapping) and path[0] in node and _there(node[path[0]], path[1:])


def _take(node: Any, path: list[str]) -> bool:
    """Remove a path below a node; False if an entry of a list would be left empty."""
    if isinstance(node, list):
        return all(_take(entry, path) and entry != {} for entry in node)
    if not isinstance(node, dict) or path[0] not in node:
        return True
    if len(path) == 1:
        del node[path[0]]
        return True
    if not _take(node[path[0]], path[1:]):
        return False
    if node[path[0]] == {}:
        del node[path[0]]
    return True


def _thinned(marking: Any, obj: Mapping[str, Any]) -> dict[str, Any] | None:
    """A granular marking with those of its selectors that still select something; None without any."""
    if not isinstance(marking, dict):
        return None
    selectors = [each for each in marking.get("selectors", ()) if isinstance(each, str) and _selects(obj, each)]
    return {**marking, "selectors": selectors} if selectors else None


def _selects(node: Any, selector: str) -> bool:
    """Whether a selector (STIX 2.1 section 7.2.3.1: `external_references.[0].url`) names something that is there."""
    for step in selector.split("."):
        index = re.fullmatch(r"\[(\d{1,9})\]", step)
        if index and isinstance(node, list) and int(index[1]) < len(node):
            node = node[int(index[1])]
        elif isinstance(node, dict) and step in node:
            node = node[step]
        else:
            return False
    return True
