"""What arrived."""

from __future__ import annotations

from tests.consortium import indicator
from tests.doors.web.visitor import Visitor, body_that_reads


def test_home_facts():
    body, kz = body_that_reads()
    kz.submits(indicator(), tlp="green")
    kz.submits(indicator(), tlp="amber")
    home = Visitor(body).data("/.json")
    assert home["counts"] == {"total": 1, "more": False, "by_type": {"indicator": 1, "comity-agreement": 1, "comity-standing": 1}}
    assert home["parties"] == ["KZ", "SCO-CENTRE"]
    assert home["log"] == {"size": body.world.store.head().size, "root": body.world.store.head().root.hex()}
    assert not home["begin"]
    (item,) = home["items"]
    assert item["grounds"] == [{"agreement": "test", "clause": "centre"}]
    assert (item["origin"], item["tlp"]) == ("KZ", "green")
