"""Records of a body's register that its centre gives: what they were there, and no right."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from comity import registry
from comity.agree.accession import Step
from comity.errors import Fault, NotFound, SenderFault
from comity.intake import acceding, registering
from comity.intake.contacting import set_contact
from comity.intake.ruled import receive
from comity.terms.registry import Body as Known
from comity.terms.registry import Dispute, Entries, Position, Source
from tests.consortium import Body

NOTED = Dispute(
    about="who took part", body="sco", positions=(Position(source="a", says="six"), Position(source="b", says="five")), held="six"
)


@pytest.fixture
def there() -> Body:
    body = Body()
    body.member("KZ"), body.member("UZ")
    entries = Entries(bodies=(Known(body="sco", title="A body"),), sources=(Source(source="a", title="A list"),), disputes=(NOTED,))
    registering.take(body.world, entries, by="test")
    set_contact(body.world, "UZ", {"team": "CERT of UZ", "telephone": "+998 1 2345678"}, by="test")
    made = acceding.start(body.world, "IR", "member", by="test", documents=(("Charter", None),))
    acceding.take(body.world, made.accession, Step(kind="launch", party="SCO-CENTRE", on=body.clock()), by="test")
    return body


def written(body: Body) -> list[bytes]:
    rows = sorted((row for type_ in registry.RECORDS for row in body.world.store.by_type(type_)), key=lambda row: row.added)
    bodies = body.world.store.bodies([row.item for row in rows])
    return [bodies[row.item] for row in rows]


def said(body: Body) -> tuple[object, ...]:
    store = body.world.store
    accessions = [(each.accession, each.party, [step.kind for step in each.steps]) for each in registry.accessions(store)]
    return registry.bodies(store), registry.sources(store), registry.disputes(store), registry.contacts(store), accessions


def test_they_become_what_they_were_and_the_same_again_changes_nothing(there):
    here = Body(party="KZ")
    for raw in written(there):
        receive(here.world, "sco", raw, "link centre")
    assert said(here) == said(there) and said(here)[4]
    assert here.world.rulebook.current()[1].register.standing("IR", "sco", here.clock()) is None
    size = here.world.store.head().size
    for raw in written(there):
        receive(here.world, "sco", raw, "link centre")
    assert here.world.store.head().size == size


def test_how_its_own_party_is_reached_a_node_says_itself(there):
    here = Body(party="UZ")
    for raw in written(there):
        receive(here.world, "sco", raw, "link centre")
    assert registry.contacts(here.world.store) == {}


def test_what_nodes_do_not_write_so_is_refused(there):
    here = Body(party="KZ")
    for raw in written(there):
        obj = json.loads(raw)
        for wrong in (obj | {"x": 1}, obj | {"name": "another"}, {key: value for key, value in obj.items() if key != "name"}):
            with pytest.raises(SenderFault):
                receive(here.world, "sco", json.dumps(wrong).encode(), "link centre")
        receive(here.world, "sco", raw, "link centre")
    (step,) = (raw for raw in written(there) if b'"comity-accession-step"' in raw)
    with pytest.raises(NotFound):
        receive(Body(party="UZ").world, "sco", step, "link centre")
    of_others = Entries(bodies=(Known(body="cica", title="Another"),), disputes=(Dispute(about="x", body="cica", positions=()),))
    registering.take(there.world, of_others, by="test")
    for raw in written(there)[-2:]:
        with pytest.raises(Fault, match="record of cica"):
            receive(here.world, "sco", raw, "link centre")


def test_its_moments_are_the_centres(there):
    here = Body(party="KZ")
    here.clock.at += timedelta(days=9)
    for raw in written(there):
        receive(here.world, "sco", raw, "link centre")
    ((begun, (step,)),) = [(each.begun, each.steps) for each in registry.accessions(here.world.store)]
    assert [(begun, step.on)] == [(each.begun, each.steps[0].on) for each in registry.accessions(there.world.store)]
    assert begun < here.clock() - timedelta(days=8)
