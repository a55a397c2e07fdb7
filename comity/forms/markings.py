"""What an object's own markings say: TLP (versions 1 and 2, markings, labels and tags) and PAP. The strictest wins.

A marking definition that claims one level under the fixed id of another is a fault of its writer: the stricter of the two
counts, and the definition itself is held for a person to look at (real bundles have this, see cti-python-stix2 issue 569).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from comity.terms import tlp

#: Permissible Actions Protocol, from the widest to the strictest.
PAP_LEVELS = ("clear", "green", "amber", "red")


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What the markings of one object come to; None where they say nothing. `undefined`: those of its markings that are not known."""

    tlp: str | None = None
    pap: str | None = None
    why_held: str = ""
    undefined: tuple[str, ...] = ()


def tlp_of_tag(tag: str) -> str | None:
    """The TLP level that a tag or label names (`tlp:amber`, `TLP:AMBER+STRICT`), None if it names none."""
    text = tag.strip().lower()
    if not text.startswith("tlp:"):
        return None
    try:
        return tlp.level(text)
    except ValueError:
        return None


def pap_of_tag(tag: str) -> str | None:
    """The PAP level that a tag or label names (`PAP:RED`, `pap:white`), None if it names none."""
    text = tag.strip().lower()
    if not text.startswith("pap:"):
        return None
    name = {"white": "clear"}.get(text[4:].strip(), text[4:].strip())
    return name if name in PAP_LEVELS else None


def strictest_pap(levels: Iterable[str]) -> str | None:
    """The strictest of some PAP levels, None when there are none."""
    return max(levels, key=PAP_LEVELS.index, default=None)


def marking_refs(obj: Mapping[str, Any]) -> list[str]:
    """The ids of the marking definitions that an object names, for itself or for parts of it, in order."""
    ids = list(_texts(obj.get("object_marking_refs")))
    granular = obj.get("granular_markings")
    if isinstance(granular, list):
        ids += [m["marking_ref"] for m in granular if isinstance(m, dict) and isinstance(m.get("marking_ref"), str)]
    return ids


class Markings:
    """The fixed markings, and those that marking definitions define which it was shown."""

    def __init__(self, definitions: Iterable[Mapping[str, Any]] = ()) -> None:
        self._tlp: dict[str, str] = dict(tlp.BY_ID)
        self._pap: dict[str, str] = {}
        self._defined: set[str] = set(tlp.BY_ID)
        for obj in definitions:
            self.learn(obj)

    def learn(self, obj: Mapping[str, Any]) -> None:
        """Take note of a marking definition. Of two under one id, and for a fixed id, the stricter counts."""
        id_ = obj.get("id")
        if not isinstance(id_, str):
            return
        self._defined.add(id_)
        level = tlp.strictest(x for x in (self._tlp.get(id_), _defined_tlp(obj)) if x)
        pap = strictest_pap(x for x in (self._pap.get(id_), _defined_pap(obj)) if x)
        if level:
            self._tlp[id_] = level
        if pap:
            self._pap[id_] = pap

    def knows(self, id_: str) -> bool:
        """Whether a marking is fixed, or was learnt."""
        return id_ in self._defined

    def of(self, obj: Mapping[str, Any]) -> Said:
        """What is said about one object, granular markings and tag-like labels included: those count for the whole object."""
        labels = obj.get("labels")
        why = _made_up(obj) if obj.get("type") == "marking-definition" else ""
        if not labels and "object_marking_refs" not in obj and "granular_markings" not in obj:
            return Said(why_held=why) if why else _SILENT
        ids = marking_refs(obj)
        levels = [self._tlp[id_] for id_ in ids if id_ in self._tlp]
        paps = [self._pap[id_] for id_ in ids if id_ in self._pap]
        for label in _texts(labels):
            level, pap = tlp_of_tag(label), pap_of_tag(label)
            if level:
                levels.append(level)
            if pap:
                paps.append(pap)
        undefined = tuple(id_ for id_ in ids if id_ not in self._defined)
        return Said(tlp=tlp.strictest(levels), pap=strictest_pap(paps), why_held=why, undefined=undefined)


_SILENT = Said()


def _texts(value: Any) -> Iterator[str]:
    return (item for item in value if isinstance(item, str)) if isinstance(value, list) else iter(())


def _claims(obj: Mapping[str, Any]) -> Iterator[str]:
    """The texts in which a definition may name its level: TLP 1's `definition.tlp`, TLP 2's extension, a statement."""
    definition, extensions = obj.get("definition"), obj.get("extensions")
    if isinstance(definition, dict):
        for key, value in definition.items():
            if isinstance(value, str):
                yield value if ":" in value else f"{key}:{value}"
    if isinstance(extensions, dict):
        extension = extensions.get(tlp.TLP2_EXTENSION)
        if isinstance(extension, dict) and isinstance(extension.get("tlp_2_0"), str):
            yield f"tlp:{extension['tlp_2_0']}"


def _defined_tlp(obj: Mapping[str, Any]) -> str | None:
    return tlp.strictest(level for level in map(tlp_of_tag, _claims(obj)) if level)


def _defined_pap(obj: Mapping[str, Any]) -> str | None:
    return strictest_pap(level for level in map(pap_of_tag, _claims(obj)) if level)


def clash(obj: Mapping[str, Any]) -> str:
    """Why a marking definition under a fixed id is not the fixed one (STIX 2.1 section 7.2.1.4); empty if it is, or has another id."""
    fixed = tlp.BY_ID.get(str(obj.get("id"))) if obj.get("type") == "marking-definition" else None
    claimed = _defined_tlp(obj) if fixed else None
    if fixed and claimed != fixed:
        return f"it defines {f'TLP:{claimed.upper()}' if claimed else 'no TLP'} under the fixed id of TLP:{fixed.upper()}"
    return ""


def _made_up(obj: Mapping[str, Any]) -> str:
    """Why a definition of a level under an id of its own is held back. What it marks is treated by it; but it may come after objects that
    name it, and those are shown to nobody until everything they name can be seen."""
    level = _defined_tlp(obj)
    if level and obj.get("id") not in tlp.BY_ID:
        return f"it defines TLP:{level.upper()} under an id of its own: only the fixed definitions are TLP (STIX 2.1 section 7.2.1.4)"
    return ""
