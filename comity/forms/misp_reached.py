"""How far MISP may send what is written for it: never further than the envelope lets it go; and tags that say the same.

Distribution is MISP's own rule, tags are advice, so both are written. Of the width that a source gave and the one that follows here
the narrower counts.

| envelope | distribution |
|---|---|
| RED or AMBER+STRICT, or not to be passed on (H2), or to nobody | 0, your organisation only |
| to named parties | 4, a sharing group of exactly these |
| AMBER | 1, this community only |
| GREEN | 2, connected communities |
| CLEAR | 3, all communities |
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from comity.forms.markings import pap_of_tag, strictest_pap, tlp_of_tag
from comity.terms import tlp
from comity.terms.item import Envelope
from comity.terms.stix import derived_id

_WIDTHS = {"amber": "1", "green": "2", "clear": "3"}
#: From the narrowest to the widest.
_ORDER = ("0", "4", "1", "2", "3")
#: As the whole says.
INHERIT = "5"


class Reach(msgspec.Struct, frozen=True):
    """A distribution, and the parties of its sharing group where it is 4."""

    level: str
    group: tuple[str, ...] = ()

    def fields(self) -> dict[str, Any]:
        """MISP's fields for it; the group is described, so that whoever reads the event knows who is in it."""
        if self.level != "4":
            return {"distribution": self.level}
        group = sharing_group(self.group)
        return {"distribution": "4", "sharing_group_id": group["id"], "SharingGroup": group}

    def or_narrower(self, whole: Reach) -> Reach:
        """The narrower of this reach and that of the whole it is in."""
        return whole if self.inside(whole).level == INHERIT else self

    def inside(self, whole: Reach) -> Reach:
        """This reach as that of a part: "as the whole" unless it is narrower, or another group."""
        if self == whole or (self.level != "4" and _ORDER.index(self.level) >= _ORDER.index(whole.level)):
            return Reach(INHERIT)
        return self


def reach(envelope: Envelope, said: str = "") -> Reach:
    """How far an item may go in MISP; `said` is the distribution that its source gave it, if any."""
    if tlp.RANK[envelope.tlp] >= tlp.RANK["amber+strict"] or "H2" in envelope.handling or envelope.to == ():
        return Reach("0")
    level = "4" if envelope.to is not None else _WIDTHS[envelope.tlp]
    if said in _ORDER and _ORDER.index(said) < _ORDER.index(level) and said != "4":
        level = said
    return Reach(level, envelope.to or ()) if level == "4" else Reach(level)


def sharing_group(parties: tuple[str, ...]) -> dict[str, Any]:
    """A sharing group of exactly these parties, the same for the same parties."""
    uuid = derived_id("misp-sharing-group", *parties).partition("--")[2]
    members = [{"Organisation": organisation(code), "extend": False} for code in parties]
    name = "Comity: " + ", ".join(parties)
    return {"id": str(int(uuid[:8], 16)), "uuid": uuid, "name": name, "releasability": name, "active": True, "SharingGroupOrg": members}


def organisation(code: str) -> dict[str, str]:
    """A party as an organisation that MISP can name."""
    return {"name": code, "uuid": derived_id("misp-organisation", code).partition("--")[2]}


def tags(names: Iterable[str], envelope: Envelope, around: Iterable[str] = ()) -> list[dict[str, str]]:
    """Tags as they were, and those that say the envelope's TLP and PAP where these, with the tags `around` them, say less."""
    found = list(dict.fromkeys(names))
    told = [*found, *around]
    if tlp.strictest(level for level in map(tlp_of_tag, told) if level) != envelope.tlp:
        found.append(f"tlp:{envelope.tlp}")
    if envelope.pap and strictest_pap(level for level in map(pap_of_tag, told) if level) != envelope.pap:
        found.append(f"PAP:{envelope.pap.upper()}")
    return [{"name": name} for name in found]


def with_tags(part: Mapping[str, Any], names: Iterable[str], envelope: Envelope, around: Iterable[str] = ()) -> dict[str, Any]:
    """A part with its tags, if it has any."""
    found = tags(names, envelope, around)
    return {**part, "Tag": found} if found else dict(part)
