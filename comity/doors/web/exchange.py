"""When others get what was shared: by which links this node sends, and when each did last."""

from __future__ import annotations

from typing import Any

from comity.clock import micros
from comity.doors.web.page import Visit
from comity.doors.web.show import stamped
from comity.peer.standing import standings


def ahead(visit: Visit) -> list[dict[str, Any]] | None:
    """The links by which the node sends: `party` and when it was last `tried`; none where others come for it themselves.

    None for people of other parties: the node's links are no business of theirs.
    """
    if not visit.own:
        return None
    return [
        {"party": each.party, "name": each.name, "tried": stamped(micros(each.tried)) if each.tried else None, "good": each.good}
        for each in standings(visit.desk)
        if each.pushes
    ]
