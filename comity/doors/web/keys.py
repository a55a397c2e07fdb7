"""Shortcuts of the pages: which letter goes where after `g`, and what else has a key on every page."""

from __future__ import annotations

#: Name in the main navigation -> the letter after `g`.
PLACES = {
    "account": "u",
    "agreements": "a",
    "approvals": "v",
    "attack": "k",
    "inbox": "i",
    "log": "l",
    "matches": "m",
    "members": "p",
    "ops": "o",
    "peers": "r",
    "people": "e",
    "search": "s",
    "share": "d",
    "shift": "h",
    "timeline": "t",
}
#: Key -> act of the scripts (`frontend/src/page/`), in the order in which they are listed. Its text is `key.<act>` in the catalogue.
ACTS = {"?": "keys", "Ctrl+k": "palette", "j": "next", "k": "previous", "Escape": "leave"}
