"""The screens, in the order of the main navigation. Each is a module with its `PAGES` and, where forms act, its `ACTS`."""

from __future__ import annotations

from comity.doors.web.page import Act, Page
from comity.doors.web.screens import agreements, arrived, inbox, log, members, object, triaging

PAGES: tuple[Page, ...] = (
    *arrived.PAGES,
    *inbox.PAGES,
    *triaging.PAGES,
    *object.PAGES,
    *agreements.PAGES,
    *members.PAGES,
    *log.PAGES,
)
ACTS: tuple[Act, ...] = (*triaging.ACTS,)
