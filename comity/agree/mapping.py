"""How one body's words are read in another: the `[map.XX]` tables of a protocol between bodies. A reading only ever narrows.

Of our own words (the closed lists) a map may make stricter ones and never wider: a TLP or PAP level becomes one at least as strict, a
handling code is kept and another comes beside it, a purpose stays itself or is dropped. The other body's own words mean what the map says;
one that neither is ours nor stands in the map falls to the strictest: TLP:RED, PAP:RED, H1 with H2 and H3, no purpose at all. To read
twice gives what reading once gives, so that the hubs on both sides may do it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from comity.terms import pap, tlp
from comity.terms.item import HANDLING, PURPOSES

#: What an unknown handling code is taken to ask for: everything that a code can ask for.
STRICTEST_HANDLING = ("H1", "H2", "H3")


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of an item as far as a map reads it: words of any body before, of our closed lists after."""

    tlp: str
    pap: str | None = None
    handling: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()


class WordMap(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One `[map.XX]`: how what comes from the body `of` is read, each table from its word to ours.

    `purposes` None lets every purpose of ours through; else those that it does not name are dropped. `line` is where it stands (1-based).
    """

    of: str
    tlp: Mapping[str, str] = {}
    pap: Mapping[str, str] = {}
    handling: Mapping[str, str] = {}
    purposes: Mapping[str, str] | None = None
    line: int = 0

    def read(self, said: Words) -> Words:
        """What was said, in our words; at least as strict as any of it that is ours already."""
        codes = {code for word in said.handling for code in self._codes(word)}
        codes |= {self.handling[code] for code in codes if code in self.handling}  # of a word that fell to the strictest, too
        known = {name: name for name in PURPOSES} if self.purposes is None else self.purposes
        return Words(
            tlp=_level(said.tlp, self.tlp, tlp.LEVELS),
            pap=None if said.pap is None else _level(said.pap, self.pap, pap.LEVELS),
            handling=tuple(sorted(codes)),
            purposes=tuple(sorted({known[word] for word in said.purposes if word in known})),
        )

    def _codes(self, word: str) -> tuple[str, ...]:
        given = (self.handling[word],) if word in self.handling else ()
        return (word, *given) if word in HANDLING else given or STRICTEST_HANDLING

    def widenings(self) -> Iterator[tuple[str, str, str]]:
        """What of it would widen, or be read otherwise the second time: (table, word, why). A text with such a map is not read."""
        for table, held, levels in (("tlp", self.tlp, tlp.LEVELS), ("pap", self.pap, pap.LEVELS)):
            for word, level in held.items():
                if word in levels and levels.index(level) < levels.index(word):
                    yield table, word, f"{word!r} would become {level!r}, which is wider"
                elif held.get(level, level) != level:
                    yield table, word, f"{word!r} becomes {level!r}, which becomes {held[level]!r}: name the last"
        for word, code in self.handling.items():
            if self.handling.get(code, code) != code:
                yield "handling", word, f"{word!r} brings {code!r}, which brings {self.handling[code]!r}: name the last"
        purposes = self.purposes or {}
        for word, purpose in purposes.items():
            if word in PURPOSES and purpose != word:
                yield "purposes", word, f"{word!r} would be used for {purpose!r}, for which nobody shared it"
            elif purposes.get(purpose) != purpose:
                yield "purposes", word, f"{word!r} becomes {purpose!r}, which this map drops: let it stay itself"


def read(said: Words, maps: Iterable[WordMap]) -> Words:
    """What was said as some maps read it one after the other; without any, what is not ours falls to the strictest all the same."""
    for each in maps:
        said = each.read(said)
    return WordMap(of="").read(said)


def _level(word: str, table: Mapping[str, str], levels: tuple[str, ...]) -> str:
    return table.get(word, word if word in levels else levels[-1])
