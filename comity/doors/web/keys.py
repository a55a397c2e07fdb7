"""Shortcuts of the pages: what there are, where each works, and what a person may have instead of the usual key.

A key is written as the scripts call it (`frontend/src/page/shortcuts.js`): `j`, `?`, `Shift+f`, `Ctrl+k`, `Alt+m`, `F2`, `Escape`, or two
after each other, `g i`. Whoever chooses keys is refused what could not work: what the browser or fields need, and two meanings for one key.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

#: Name in the main navigation -> the letter after `g`.
PLACES = {
    "account": "u",
    "agreements": "a",
    "approvals": "v",
    "attack": "k",
    "gate": "q",
    "inbox": "i",
    "log": "l",
    "matches": "m",
    "members": "p",
    "ops": "o",
    "peers": "r",
    "people": "e",
    "redress": "c",
    "search": "s",
    "share": "d",
    "shift": "h",
    "timeline": "t",
}
#: Act of the scripts (`frontend/src/page/`) -> its usual key, in the order in which they are listed. Its text is `key.<act>`.
ACTS = {"keys": "?", "palette": "Ctrl+k", "next": "j", "previous": "k", "leave": "Escape"}
EVERYWHERE = "everywhere"
#: Where -> what (the catalogue's key of its text) -> its usual key. What works everywhere shares no key with anything.
USUAL: dict[str, dict[str, str]] = {
    EVERYWHERE: {
        **{f"key.{act}": key for act, key in ACTS.items()},
        "key.find": "/",
        **{f"nav.{place}": f"g {letter}" for place, letter in PLACES.items()},
    },
    "inbox": {"inbox.accept": "a", "inbox.file": "f", "inbox.dispute": "x"},
    "audience": {"suppose.title": "s", "audience.explain": "w"},
    "timeline": {"timeline.earlier": "[", "timeline.later": "]", "timeline.in": "+", "timeline.out": "-", "timeline.whole": "0"},
}
_ALL = {name: key for usual in USUAL.values() for name, key in usual.items()}
_STROKE = re.compile(r"(?:Ctrl|Alt)\+[a-z]|Shift\+[a-z]|[!-@\[-`a-z{-~]|F(?:[1-9]|1[0-2])|Escape")
#: They copy, paste, look for, close, load anew: browsers and fields need them.
_BROWSERS = frozenset([*(f"Ctrl+{letter}" for letter in "acflnprstvwxz"), "F1", "F3", "F5", "F6", "F7", "F11", "F12"])
_COMBINED = ("Ctrl+", "Alt+")


class Wrong(msgspec.Struct, frozen=True):
    """Why a key cannot be had: the catalogue's key of the text, and what else has it (the key of its text)."""

    why: str
    other: str = ""


def usual(name: str) -> str:
    """The usual key of a shortcut."""
    return _ALL[name]


def written(text: str) -> str:
    """A key as scripts call it, from what somebody wrote: `ctrl + K` -> `Ctrl+k`, `J` -> `Shift+j`. It may be none all the same."""
    strokes = re.sub(r"\s*\+\s*(?=\S)", "+", text.strip()).split()
    return " ".join(_stroke(stroke) for stroke in strokes)


def _stroke(text: str) -> str:
    before, plus, key = text.rpartition("+")
    if plus and before and key:
        return f"{before.capitalize()}+{key.lower()}"
    if len(text) == 1 and text.isascii() and text.isupper():
        return f"Shift+{text.lower()}"
    named = {"esc": "Escape", "escape": "Escape"}.get(text.lower(), text)
    return named.upper() if re.fullmatch(r"f\d+", named) else named


def chosen(texts: Mapping[str, str]) -> tuple[dict[str, str], dict[str, Wrong]]:
    """Of what somebody wrote: the keys that are not the usual ones, and what is wrong with which. An empty text means the usual."""
    keys = {name: written(texts.get(name, "")) or key for name, key in _ALL.items()}
    wrong = {name: Wrong(why) for name, key in keys.items() if (why := _unfit(key))}
    for area, names in USUAL.items():
        for name in names:
            rivals = [*names, *USUAL[EVERYWHERE]] if area != EVERYWHERE else list(_ALL)
            other = next((each for each in rivals if each != name and _meet(keys[name], keys[each])), "")
            # Of two that meet, the one that was moved is in the wrong.
            if other and name not in wrong and keys[name] != _ALL[name]:
                wrong[name] = Wrong("keys.wrong.same", other)
    return {name: key for name, key in keys.items() if key != _ALL[name]}, wrong


def _unfit(key: str) -> str:
    """Why a key is none: the catalogue's key of the text, empty if it is one."""
    strokes = key.split(" ")
    if key in _BROWSERS:
        return "keys.wrong.browser"
    several = len(strokes) > 1
    if len(strokes) > 2 or not all(_STROKE.fullmatch(stroke) and not (several and stroke.startswith(_COMBINED)) for stroke in strokes):
        return "keys.wrong.form"
    return ""


def _meet(one: str, other: str) -> bool:
    """Whether two keys are the same, or one begins the other: then nobody could tell which is meant."""
    return one == other or one.startswith(f"{other} ") or other.startswith(f"{one} ")
