"""What is said beside objects on our own wire: read strictly, and it only narrows."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import SenderFault
from comity.forms import stix_json
from comity.forms.wire_envelope import PROPERTY, Said, applied, read, said_of, write
from comity.terms.item import HANDLING, PURPOSES, Draft, Envelope, Refused
from comity.terms.tlp import LEVELS
from tests.consortium import indicator

SAID = Said(tlp="green", purposes=("network-defence",))
FULL = Said(
    tlp="red",
    pap="amber",
    purposes=("statistics", "training"),
    handling=("H1", "H2"),
    to=("IO-UN", "KZ"),
    expires=datetime(2022, 1, 1, tzinfo=UTC),
)


def wire(said: object, count: int = 1) -> bytes:
    return b'{"objects":[' + b",".join([b"{}"] * count) + b'],"comity_envelopes":' + msgspec.json.encode(said) + b"}"


SAYINGS = st.builds(
    Said,
    tlp=st.sampled_from(LEVELS),
    pap=st.none() | st.sampled_from(("clear", "green", "amber", "red")),
    purposes=st.lists(st.sampled_from(PURPOSES), max_size=3).map(tuple),
    handling=st.lists(st.sampled_from(HANDLING), max_size=3).map(tuple),
    to=st.none() | st.lists(st.sampled_from(("KZ", "UZ", "IO-UN")), max_size=3).map(tuple),
    expires=st.none() | st.datetimes(timezones=st.just(UTC), min_value=datetime(1970, 1, 1), max_value=datetime(9998, 12, 31)),  # noqa: DTZ001
)


@given(said=st.lists(SAYINGS, max_size=4))
def test_what_is_written_is_read_and_the_objects_are_the_very_bytes(said):
    bodies = [b'{"n": %d.0,  "a":1}' % n for n in range(len(said))]
    raw = write(bodies, said)
    assert read(raw, len(said)) == said
    outer = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
    assert [bytes(each) for each in msgspec.json.decode(outer["objects"], type=list[msgspec.Raw])] == bodies


def test_nobody_and_whoever_is_permitted_stay_two_things():
    nobody, anybody = Said(tlp="red", purposes=(), to=()), Said(tlp="red", purposes=())
    assert read(write([b"{}", b"{}"], [nobody, anybody]), 2) == [nobody, anybody]


@pytest.mark.parametrize("raw", [b'{"objects":[{}]}', b"not json", b"", b"[]", b"\xff", b"[" * 100_000])
def test_an_envelope_that_says_nothing(raw):
    assert read(raw, 1) is None


def test_what_cannot_be_told_is_not_left_out():
    """Sound objects of a broken text are taken one by one, but not without what narrows them."""
    with pytest.raises(SenderFault, match="cannot be told"):
        read(wire([SAID])[:-1] + b",}", 1)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"tlp": "purple"}, "TLP level"), ({"tlp": "TLP:RED"}, "TLP level"), ({"tlp": "RED"}, "TLP level"), ({"purposes": ["marketing"]}, "purpose"),
        ({"handling": ["H9"]}, "handling code"), ({"pap": "purple"}, "PAP level"), ({"to": ["K"]}, "party code"), ({"to": ["KZ", "no party"]}, "party code"),
        ({"expires": "2022-01-01T00:00:00"}, "offset"), ({"tlp": None}, "malformed"), ({"to": "KZ"}, "malformed"), ({"expires": "soon"}, "malformed"),
        ({"expires": "9999-12-31T23:59:59-23:59"}, "1970 to 9998"), ({"expires": "9999-01-01T00:00:00Z"}, "1970 to 9998"),
        ({"expires": "0001-01-01T00:00:00+23:59"}, "1970 to 9998"), ({"expires": "1969-12-31T23:59:59Z"}, "1970 to 9998"),
        ({"gate": "open"}, "malformed"), ({"origin": "UZ"}, "malformed"), ({"purposes": None}, "malformed"),
    ],
)  # fmt: skip
def test_one_wrong_word_refuses_the_whole(change, words):
    said = {"tlp": "green", "purposes": ["network-defence"], **change}
    with pytest.raises(SenderFault, match=words):
        read(wire([{"tlp": "green", "purposes": ["network-defence"]}, said], 2), 2)


@pytest.mark.parametrize("missing", ["tlp", "purposes"])
def test_what_must_be_said(missing):
    said = {"tlp": "green", "purposes": ["network-defence"]}
    del said[missing]
    with pytest.raises(SenderFault):
        read(wire([said]), 1)


@pytest.mark.parametrize("said", [None, {}, "x", 1, [1], [None]])
def test_anything_but_a_list_of_sayings_is_malformed(said):
    with pytest.raises(SenderFault, match="malformed"):
        read(wire(said), 1)


@pytest.mark.parametrize("count", [0, 1, 3, -1])
def test_there_is_one_for_each_object(count):
    with pytest.raises(SenderFault, match="2 entries"):
        read(wire([SAID, SAID]), count)


@pytest.mark.parametrize("again", [b'"objects":[{},{}]', b'"obj\\u0065cts":[]', b'"comity_envelopes":[]'])
def test_what_stands_twice_says_nothing_for_sure(again):
    raw = wire([SAID])
    for twice in (raw[:-1] + b"," + again + b"}", b"{" + again + b"," + raw[1:]):
        with pytest.raises(SenderFault, match="twice"):
            read(twice, len(msgspec.json.decode(twice, type=dict[str, list])["objects"]))


def test_an_expiry_is_brought_to_utc():
    (said,) = read(wire([{"tlp": "red", "purposes": [], "expires": "2022-01-01T06:00:00+06:00"}]), 1) or ()
    assert said.expires == datetime(2022, 1, 1, tzinfo=UTC)
    assert said.expires.utcoffset() == UTC.utcoffset(None)


def test_parties_are_brought_to_their_one_spelling():
    assert read(wire([{"tlp": "red", "purposes": [], "to": ["kz", " UZ "]}]), 1) == [Said(tlp="red", purposes=(), to=("KZ", "UZ"))]


def test_what_an_origin_says_of_its_own_object():
    envelope = Envelope(
        origin="KZ", received_from="RU", hops=("RU",), purposes=("statistics",), tlp="green", pap="amber", handling=("H1",), to=("UZ",), case="secret",
        realm="exercise", gate="quarantine", basis="secret", expires=datetime(2022, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    said = said_of(envelope)
    assert said == Said(
        tlp="green", pap="amber", purposes=("statistics",), handling=("H1",), to=("UZ",), expires=datetime(2022, 1, 1, tzinfo=UTC)
    )
    assert b"secret" not in write([b"{}"], [said])


def draft(**options) -> Draft:
    obj = indicator()
    return Draft(raw=msgspec.json.encode(obj), obj=obj, position="objects[0]", **options)


@pytest.mark.parametrize(
    ("own", "said", "held"), [("green", "red", "red"), ("red", "green", "red"), (None, "clear", "clear"), ("amber", "amber", "amber")]
)
def test_of_two_levels_the_stricter_holds(own, said, held):
    (found,) = applied([draft(tlp=own)], [Said(tlp=said, purposes=())])
    assert found.tlp == held


def test_all_that_is_said_is_put_on_the_draft():
    plain = draft(pap="green")
    (found,) = applied([plain], [FULL])
    assert found == msgspec.structs.replace(
        plain, tlp="red", pap="amber", purposes=("statistics", "training"), handling=("H1", "H2"), to=("IO-UN", "KZ"), expires=FULL.expires
    )
    assert next(iter(applied([plain], [SAID]))).pap == "green"


def test_a_refused_piece_stays_refused_and_takes_its_place():
    refused = Refused(position="objects[0]", why="broken")
    found = list(applied([refused, draft()], [FULL, SAID]))
    assert found[0] == refused
    assert found[1].tlp == "green"


def test_fewer_words_than_objects_is_our_own_mistake():
    with pytest.raises(ValueError):
        list(applied([draft(), draft()], [SAID]))


def test_a_whole_envelope_there_and_back():
    objects = [indicator(), indicator()]
    raw = write([msgspec.json.encode(obj) for obj in objects], [FULL, SAID])
    said = read(raw, 2)
    assert said is not None
    found = list(applied(stix_json.read(raw), said))
    assert [each.obj["id"] for each in found] == [obj["id"] for obj in objects]
    assert [each.to for each in found] == [("IO-UN", "KZ"), None]


def test_the_property_is_a_constant_of_the_wire():
    assert PROPERTY == "comity_envelopes"


def test_consent_to_be_named_is_said_and_otherwise_there_is_none():
    """G16: of a sighting."""
    (plain,) = applied([draft()], [SAID])
    (named,) = applied([draft()], [msgspec.structs.replace(SAID, named=True)])
    assert (plain.named, named.named) == (False, True)
    assert b"named" not in msgspec.json.encode(SAID)
