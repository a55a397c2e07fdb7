"""A node's own figures: what is here, from whom, and whether anything was written."""

from __future__ import annotations

from collections import Counter

from comity.admin.inventory import objects, received_from, written
from comity.intake.submit import Submitter, submit
from tests.consortium import Body, drafts, indicator


def test_objects_are_counted_by_origin_and_rules_are_not():
    body = Body()
    obj = indicator()
    for code in ("KZ", "UZ"):
        body.member(code).submits(obj)
    assert objects(body.world) == Counter({("KZ", obj["id"]): 1, ("UZ", obj["id"]): 1})


def test_what_came_from_a_node_is_told_from_what_was_sent_here():
    body = Body()
    body.member("KZ").submits(indicator())
    list(submit(body.world, drafts([indicator(), indicator()]), Submitter(party="KZ", received_from="UZ")))
    assert [received_from(body.world, party) for party in ("UZ", "KZ")] == [2, 0]


def test_what_is_written_shows():
    body = Body()
    kz = body.member("KZ")
    before = written(body.world)
    assert written(body.world) == before
    kz.submits(indicator())
    assert written(body.world) != before
