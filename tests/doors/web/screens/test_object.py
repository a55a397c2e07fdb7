"""One object."""

from __future__ import annotations

from tests.consortium import indicator
from tests.doors.web.visitor import Visitor, body_that_reads


def test_the_audience_equals_what_each_party_reads():
    body, kz = body_that_reads()
    others = [body.member("UZ"), body.observer("IR"), body.party("AF", "guest")]
    item = indicator()
    kz.submits(item, tlp="green")
    found = {one["party"]: one["effect"] for one in Visitor(body).data(f"/o/{item['id']}.json")["audience"]}
    for member in (kz, *others):
        assert found[member.code] == ("permit" if item["id"] in member.reads() else "deny")
