"""The shortcuts of the pages, each with its key, for a person to choose others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from comity.admin import shortcuts
from comity.doors.web import keys
from comity.doors.web.keys import Wrong
from comity.doors.web.once import Told
from comity.doors.web.page import Act, Again, Done, Form, Page, Visit

_TEMPLATE = "screens/shortcuts.html"
_PATH = "/account/keys"


def build(visit: Visit, *, sent: Mapping[str, str] | None = None, wrong: Mapping[str, Wrong] | None = None) -> dict[str, Any]:
    """`keys`: what there is, where it works, its key and the usual one. `sent` is what was filled in and not kept."""
    mine, wrong = shortcuts.of(visit.world, visit.user), wrong or {}
    return {
        "keys": [
            {
                "name": name,
                "area": area,
                "key": (sent or {}).get(name) or mine.keys.get(name, usual),
                "usual": usual,
                "wrong": wrong[name].why if name in wrong else "",
                "other": wrong[name].other if name in wrong else "",
            }
            for area, names in keys.USUAL.items()
            for name, usual in names.items()
        ],
        "single": mine.single,
        "changed": mine.keys != {},
        "refused": bool(wrong),
    }


def choose(visit: Visit, form: Form) -> Done | Again:
    """Keep the keys that were filled in, all of them or none; an empty one is the usual."""
    sent = {name: form.text(name) for names in keys.USUAL.values() for name in names}
    chosen, wrong = keys.chosen(sent)
    if wrong:
        return Again(template=_TEMPLATE, data={**build(visit, sent=sent, wrong=wrong), "single": bool(form.text("single"))})
    shortcuts.keep(visit.world, visit.user, chosen, bool(form.text("single")))
    return Done(to=_PATH, told=Told(word="keys.kept"))


def reset(visit: Visit, form: Form) -> Done:
    """All as usual again."""
    shortcuts.keep(visit.world, visit.user, {}, True)
    return Done(to=_PATH, told=Told(word="keys.kept"))


PAGES = (Page(path=_PATH, template=_TEMPLATE, build=build, rows="keys"),)
ACTS = (Act(path=_PATH, do=choose), Act(path=f"{_PATH}/reset", do=reset))
