"""Feedback: an opinion of the own party, which goes back to the producer and weighs in the score."""

from __future__ import annotations

import msgspec
import pytest

from comity.clock import parse
from comity.errors import NotFound
from comity.forms import misp as misp_form
from comity.forms.misp_out import Held
from comity.intake.submit import Submitter, submit
from comity.match.feedback import CONFIRMED, FALSE_POSITIVE, feedback
from comity.peer.misp_sightings import of_theirs
from comity.release.claims import Claim, claims
from comity.release.holdings import get
from comity.release.matchable import matchable
from comity.terms.item import Envelope
from tests.consortium import RETURNING, Body, drafts, indicator
from tests.peer.misp_standin import StandIn, attribute
from tests.peer.nodes import Node

#: Members receive indicators; sightings and opinions go back to producers and to nobody else.
BACK = RETURNING.replace('["@threat", ', '["indicator", ').replace('types = ["sighting"]', 'types = ["sighting", "opinion"]')


@pytest.fixture
def body() -> Body:
    """UZ's own node."""
    body = Body(agreement=None)
    object.__setattr__(body.world, "settings", msgspec.structs.replace(body.world.settings, party="UZ", name="UZ-sco"))
    body.member("UZ")
    return body


def pulled(body: Body, **options) -> str:
    """KZ's indicator as it came to UZ."""
    item = indicator(confidence=80)
    by = Submitter(**{"party": "KZ", "received_from": "SCO-CENTRE", "to": ("UZ",), **options})
    assert [outcome.outcome for outcome in submit(body.world, drafts([item]), by)] == ["accepted"]
    return str(item["id"])


def claim(body: Body, id_: str) -> Claim:
    (found,) = claims(body.desk, id_).claims
    return found


def test_a_false_positive_is_an_opinion_of_the_own_party_and_lowers_the_score(body):
    id_ = pulled(body, tlp="green", purposes=("network-defence", "incident-response"))
    before = claim(body, id_).score
    outcome = feedback(body.desk, id_, FALSE_POSITIVE, "our own scanner")
    row, raw = get(body.desk, str(outcome.id))
    obj = msgspec.json.decode(raw)
    assert (row.origin, obj["opinion"], obj["object_refs"], obj["explanation"]) == ("UZ", "strongly-disagree", [id_], "our own scanner")
    envelope = msgspec.json.decode(body.world.store.envelopes([row.item])[row.item], type=Envelope)
    assert (envelope.tlp, envelope.to, envelope.purposes) == ("green", None, ("incident-response", "network-defence"))
    assert (claim(body, id_).doubts, claim(body, id_).score) == (1, round(before / 4))
    assert list(matchable(body.desk, before // 2)) == [] != list(matchable(body.desk))


def test_a_confirmation_raises_it_and_a_later_opinion_takes_its_place(body):
    id_ = pulled(body)
    before = claim(body, id_).score
    first = feedback(body.desk, id_, CONFIRMED)
    assert (claim(body, id_).confirmed, claim(body, id_).sightings) == (1, 0)
    assert claim(body, id_).score > before
    second = feedback(body.desk, id_, FALSE_POSITIVE)
    assert (second.outcome, second.id) == ("accepted", first.id)
    assert (claim(body, id_).confirmed, claim(body, id_).doubts) == (0, 1)
    assert claim(body, id_).score < before


def test_what_is_red_goes_to_its_origin_alone(body):
    outcome = feedback(body.desk, pulled(body, tlp="red"), CONFIRMED)
    row, _ = get(body.desk, str(outcome.id))
    envelope = msgspec.json.decode(body.world.store.envelopes([row.item])[row.item], type=Envelope)
    assert (envelope.tlp, envelope.to) == ("red", ("KZ",))


def test_hidden_and_absent_are_the_same(body):
    hidden = indicator()
    list(submit(body.world, drafts([hidden]), Submitter(party="TJ")))
    for id_ in (hidden["id"], indicator()["id"]):
        with pytest.raises(NotFound):
            feedback(body.desk, id_, CONFIRMED)


def test_it_goes_back_to_the_producer_and_to_nobody_else():
    centre = Body(BACK)
    kz, uz, tj = centre.member("KZ"), centre.member("UZ"), centre.member("TJ")
    item = indicator()
    kz.submits(item)
    (said,) = uz.submits(
        {"type": "opinion", "spec_version": "2.1", "id": "opinion--0b7ee4b3-4c4c-4b3e-9d39-6e0f4d2a4c11", "created": "2021-11-01T00:00:00.000Z",
         "modified": "2021-11-01T00:00:00.000Z", "opinion": "strongly-disagree", "object_refs": [item["id"]]}
    )  # fmt: skip
    assert kz.reads(own=False) == [said.id]
    assert tj.reads(own=False) == [item["id"]]


def test_to_a_misp_it_is_a_sighting_of_type_1():
    node, there = Node("KZ"), StandIn()
    one = attribute("203.0.113.7", "ip-dst")
    event = there.holds(one)
    by = Submitter(party="UZ", to=("KZ",), received_from="UZ", hops=("UZ",))
    (subject,) = [o.id for o in submit(node.world, misp_form.read(msgspec.json.encode({"Event": event})), by) if o.type == "indicator"]
    outcome = feedback(node.desk, str(subject), FALSE_POSITIVE)
    obj = msgspec.json.decode(get(node.desk, str(outcome.id))[1])
    ((_, (uuid, said)),) = of_theirs(node.desk, "UZ", [Held(obj=obj, envelope=Envelope(origin="KZ"))]).items()
    at = int(parse(obj["modified"]).timestamp())
    assert (uuid, said) == (one["uuid"], {"type": "1", "source": "KZ", "timestamp": str(at)})
