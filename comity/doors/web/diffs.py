"""What changed between two versions of an object, property by property; and in who gets what of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

import msgspec

from comity.release.explain import Verdict

#: A piece of a change: `same`, `del` or `ins`, and its text.
Part = tuple[str, str]
#: Longer texts, in words, are shown whole, the old and then the new: to compare them word by word takes too long.
WORDS = 1_500
#: Words that stayed are kept on either side of a change; more of them become an ellipsis.
_AROUND = 12
_TOKEN = re.compile(r"\s+|[^\s]+")


def objects(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each property that differs: `property`, `change` (added, removed, changed) and `parts`; in the new object's order."""
    found = []
    for name in dict.fromkeys([*new, *old]):
        if name in old and name in new and old[name] == new[name]:
            continue
        change = "added" if name not in old else "removed" if name not in new else "changed"
        found.append({"property": name, "change": change, "parts": _parts(old.get(name), new.get(name))})
    return found


def _parts(old: Any, new: Any) -> list[Part]:
    if isinstance(old, str) and isinstance(new, str):
        return words(old, new)
    if _listed(old) and _listed(new):
        before, after = _members(old), _members(new)
        kept = [("same", text) for text in after if text in before]
        return kept + [("del", text) for text in before if text not in after] + [("ins", text) for text in after if text not in before]
    return [(kind, _text(value)) for kind, value in (("del", old), ("ins", new)) if value is not None]


def _listed(value: Any) -> bool:
    return isinstance(value, list) or value is None


def _members(value: Any) -> list[str]:
    return list(dict.fromkeys(_text(each) for each in value or ()))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def words(old: str, new: str) -> list[Part]:
    """Two texts word by word, what stayed shortened to what stands around a change."""
    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    if max(len(before), len(after)) > 2 * WORDS:
        return [("del", old), ("ins", new)]
    found: list[Part] = []
    gone = come = ""
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        text = "".join(before[a:b])
        if kind == "equal" and not text.isspace():
            found += _pair(gone, come)
            found.append(("same", _shortened(before[a:b], first=a == 0, last=b == len(before))))
            gone = come = ""
        else:  # the space between two changes is part of both
            gone, come = gone + text, come + "".join(after[c:d])
    return found + _pair(gone, come)


def _pair(gone: str, come: str) -> list[Part]:
    return [(sign, text) for sign, text in (("del", gone), ("ins", come)) if text]


def _shortened(tokens: Sequence[str], *, first: bool, last: bool) -> str:
    head, tail = (0 if first else _AROUND), (0 if last else _AROUND)
    if len(tokens) <= head + tail + 4:
        return "".join(tokens)
    return "".join(tokens[:head]) + " \N{HORIZONTAL ELLIPSIS} " + "".join(tokens[len(tokens) - tail :] if tail else ())


def audiences(old: Sequence[Verdict], new: Sequence[Verdict]) -> list[dict[str, Any]]:
    """Each party for whom something differs: what was and is decided, and the fields that it gains and loses."""
    before, after = ({each.party: each for each in found} for found in (old, new))
    found = []
    for party in sorted({*before, *after}):
        was, now = before.get(party), after.get(party)
        had, has = _received(was), _received(now)
        row = {
            "party": party,
            "old": _decided(was),
            "new": _decided(now),
            "change": "gains" if has and not had else "loses" if had and not has else "fields" if had != has else "grounds",
            "gains": [name for name in has if name not in had],
            "loses": [name for name in had if name not in has],
        }
        # Of what is refused before and after, on which grounds is told by the audience itself.
        if had != has or (has and row["old"] != row["new"]):
            found.append(row)
    return found


def _received(verdict: Verdict | None) -> list[str]:
    """The fields that a party gets."""
    return [name for name, effect in verdict.fields.items() if effect == "permit"] if verdict else []


def _decided(verdict: Verdict | None) -> dict[str, str] | None:
    if verdict is None:
        return None
    governing = verdict.decision.governing
    return {
        "effect": verdict.decision.effect,
        "rule": verdict.decision.rule,
        "agreement": governing.agreement if governing else "",
        "clause": governing.clause if governing else "",
    }
