"""The screens. Each is a module with its `PAGES` and, where there are any, its `ACTS` and `FILES`."""

from __future__ import annotations

from comity.doors.web.page import Act, File, Page
from comity.doors.web.screens import (
    account,
    agreement_acts,
    agreement_changes,
    agreement_drafting,
    agreement_proposals,
    agreement_trial,
    agreements,
    approvals,
    attack,
    audience,
    claims,
    flows,
    graph,
    health,
    history,
    inbox,
    log,
    matches,
    members,
    object,
    palette,
    peers,
    people,
    register_acts,
    relations,
    search,
    share,
    shift,
    sightings,
    timeline,
    triaging,
)

_SCREENS = (
    shift,
    inbox,
    triaging,
    search,
    object,
    audience,
    history,
    relations,
    sightings,
    claims,
    graph,
    share,
    matches,
    timeline,
    attack,
    agreements,
    agreement_changes,
    agreement_trial,
    agreement_drafting,
    agreement_proposals,
    agreement_acts,
    members,
    register_acts,
    flows,
    log,
    health,
    peers,
    people,
    account,
    palette,
    approvals,
)
PAGES: tuple[Page, ...] = tuple(page for screen in _SCREENS for page in getattr(screen, "PAGES", ()))
ACTS: tuple[Act, ...] = tuple(act for screen in _SCREENS for act in getattr(screen, "ACTS", ()))
FILES: tuple[File, ...] = tuple(file for screen in _SCREENS for file in getattr(screen, "FILES", ()))
#: The main navigation, by the names of pages: the day's work, pictures of it, the rules, the node.
NAVIGATION = (
    ("shift", "inbox", "search", "share", "approvals", "matches"),
    ("timeline", "attack"),
    ("agreements", "members", "peers"),
    ("log", "ops", "people", "account"),
)
