"""TAXII resources of one party at one root, without the routes (TAXII 2.1 sections 4 and 5)."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import partial
from typing import Any

import msgspec
import pytest
from starlette.datastructures import QueryParams
from starlette.responses import Response

from comity.admin import users
from comity.admin.tokens import create
from comity.clock import parse
from comity.config import Limits
from comity.doors.taxii.resources import Root
from comity.doors.taxii.wire import Refusal
from comity.errors import SenderFault
from comity.intake.govern import add_agreement, add_standing
from comity.ledger.journal import read_entry
from comity.terms.item import Envelope
from comity.terms.party import Standing
from tests.consortium import MEMBERS, START, Body, indicator, sdo

NONE = QueryParams("")


@pytest.fixture
def body():
    body = Body()
    for code in ("KZ", "UZ"):
        body.member(code)
    return body


def root(at: Body, party: str | None = "KZ", of: str = "sco", **options: Any) -> Root:
    given = {"scopes": ("taxii:read", "taxii:write"), "expires": at.clock() + timedelta(days=1), **options}
    token, _ = create(at.world, party=party, **given)
    return Root(at.desk, token, of)


def posts(at: Root, *objects: dict[str, Any], **more: Any) -> dict[str, Any]:
    return value(at.post(json.dumps({"objects": objects, **more}).encode()))


def value(response: Response) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(response.body)
    return found


def refused(status: int, act, *args: Any) -> Refusal:
    with pytest.raises(Refusal) as caught:
        act(*args)
    assert caught.value.status == status
    return caught.value


# Roots and collections


def test_a_root_is_a_body_of_the_node(body):
    assert root(body).describe().status_code == 200
    refused(404, root, body, "KZ", "cica")
    add_standing(body.world, Standing(party="KZ", body="cica", standing="member", since=START), by="test")
    assert root(body, "KZ", "cica").describe().status_code == 200


def test_a_token_for_one_body_finds_that_root_alone(body):
    add_standing(body.world, Standing(party="KZ", body="cica", standing="member", since=START), by="test")
    assert root(body, of="cica", body="cica").describe().status_code == 200
    said = [refused(404, partial(root, body, of=of, body="cica")) for of in ("sco", "nowhere")]
    assert (said[0].title, said[0].text) == (said[1].title, said[1].text)


def test_a_root_says_what_it_takes(body):
    found = value(root(body).describe())
    assert found["max_content_length"] == body.world.settings.limits.content_bytes
    assert found["comity_envelopes"] is True


@pytest.mark.parametrize(
    ("scopes", "read", "write"),
    [(("taxii:read",), True, False), (("taxii:write",), False, True), (("taxii:read", "taxii:write"), True, True)],
)
def test_collections_say_what_this_token_may(body, scopes, read, write):
    exchange, shared = value(root(body, scopes=scopes).collections())["collections"]
    assert (exchange["can_read"], exchange["can_write"]) == (read, write)
    assert (shared["can_read"], shared["can_write"]) == (read, False)


def test_a_collection_goes_by_its_id_or_alias(body):
    at = root(body)
    for collection in value(at.collections())["collections"]:
        assert value(at.collection(collection["id"])) == value(at.collection(collection["alias"])) == collection
    refused(404, at.collection, "nonesuch")
    refused(404, at.collection, "")


def test_only_exchange_takes_objects_and_only_from_writers(body):
    root(body).writable("exchange")
    refused(403, root(body).writable, "shared")
    refused(403, root(body, scopes=("taxii:read",)).writable, "exchange")
    refused(404, root(body).writable, "nonesuch")


def test_who_may_not_read_is_told_nothing(body):
    at = root(body, scopes=("taxii:write",))
    item = indicator()
    posts(at, item)
    for name in ("exchange", "shared"):
        refused(403, at.objects, name, NONE)
        refused(403, at.manifest, name, NONE)
        refused(403, at.object, name, item["id"], NONE)
        refused(403, at.versions, name, item["id"], NONE)
    refused(404, at.objects, "nonesuch", NONE)


# Reading


def test_pages_by_cursor(body):
    kz, uz = root(body), root(body, "UZ")
    items = [indicator() for _ in range(5)]
    posts(kz, *items)
    for of, key in ((uz.objects, "objects"), (uz.manifest, "objects")):
        found, text = [], "limit=2"
        while True:
            page = value(of("exchange", QueryParams(text)))
            found += [each["id"] for each in page[key]]
            if not page.get("more"):
                assert "next" not in page
                break
            text = f"limit=2&next={page['next']}"
        assert found == [item["id"] for item in items]


def test_dates_of_a_page_are_those_of_its_manifest(body):
    kz, uz = root(body), root(body, "UZ")
    posts(kz, *(indicator() for _ in range(3)))
    manifest, objects = uz.manifest("shared", NONE), uz.objects("shared", NONE)
    dates = [each["date_added"] for each in value(manifest)["objects"]]
    assert dates == sorted(dates)
    for response in (manifest, objects):
        assert response.headers["x-taxii-date-added-first"] == dates[0]
        assert response.headers["x-taxii-date-added-last"] == dates[-1]
    assert "x-taxii-date-added-first" not in root(body, "TJ").objects("shared", NONE).headers


def test_a_manifest_says_version_and_media_type(body):
    item = indicator()
    old = {key: text for key, text in indicator().items() if key not in ("spec_version", "pattern_type")} | {"labels": ["benign"]}
    posts(root(body), item, old)
    records = value(root(body, "UZ").manifest("shared", NONE))["objects"]
    assert [(each["id"], each["version"], each["media_type"]) for each in records] == [
        (item["id"], item["modified"], "application/stix+json;version=2.1"), (old["id"], old["modified"], "application/stix+json;version=2.0"),
    ]  # fmt: skip


def test_shared_leaves_ones_own_out(body):
    kz = root(body)
    item = indicator()
    posts(kz, item)
    assert [each["id"] for each in value(kz.objects("exchange", NONE))["objects"]] == [item["id"]]
    assert value(kz.objects("shared", NONE)) == {}
    assert value(kz.manifest("shared", NONE)) == {}
    refused(404, kz.object, "shared", item["id"], NONE)
    refused(404, kz.versions, "shared", item["id"], NONE)


def test_hidden_and_absent_are_the_same(body):
    hidden = indicator()
    posts(root(body, tlp="red"), hidden)
    uz = root(body, "UZ")
    for of in (uz.object, uz.versions):
        said = [refused(404, of, "shared", id_, NONE) for id_ in (hidden["id"], "indicator--99999999-9999-4999-8999-999999999999", "x", "")]
        assert len({(each.title, each.text) for each in said}) == 1


def test_filters_that_leave_nothing_of_a_visible_object_are_no_404(body):
    item = indicator()
    posts(root(body), item)
    uz = root(body, "UZ")
    assert value(uz.object("shared", item["id"], QueryParams("match[spec_version]=2.0"))) == {}
    assert value(uz.versions("shared", item["id"], QueryParams("match[spec_version]=2.0"))) == {}
    assert value(uz.versions("shared", item["id"], QueryParams("added_after=2031-01-01T00:00:00Z"))) == {}


def test_a_version_that_is_not_there_is_404_of_its_object(body):
    """What was deleted is not found (section 5.7), and nobody is told that it ever was."""
    item = indicator()
    posts(root(body), item)
    refused(404, root(body, "UZ").object, "shared", item["id"], QueryParams("match[version]=2020-01-01T00:00:00Z"))
    assert value(root(body, "UZ").object("shared", item["id"], QueryParams(f"match[version]=2020-01-01T00:00:00Z,{item['modified']}")))[
        "objects"
    ]


def test_versions_ascend_whatever_order_they_came_in(body):
    item = indicator()
    dates = [f"2021-10-0{day}T00:00:00.000Z" for day in (5, 1, 9)]
    posts(root(body), *({**item, "modified": at} for at in dates))
    found = root(body, "UZ").versions("shared", item["id"], NONE)
    assert value(found)["versions"] == sorted(dates)
    assert found.headers["x-taxii-date-added-first"] < found.headers["x-taxii-date-added-last"]


def test_versions_are_all_of_them(body):
    item = indicator()
    dates = ["2021-10-01T00:00:00.000Z", "2021-10-05T00:00:00.000Z"]
    posts(root(body), *({**item, "modified": at} for at in dates))
    assert value(root(body, "UZ").versions("shared", item["id"], NONE))["versions"] == dates


def test_what_a_page_of_others_objects_gives_is_in_the_log(body):
    posts(root(body), indicator(), indicator())
    root(body, "UZ").objects("shared", NONE)
    entry = read_entry(list(body.world.store.leaves())[-1].entry)
    assert (entry.kind, entry.party, entry.count) == ("disclose", "UZ", 2)


# Posting


def test_an_outcome_for_each_object_in_the_status(body):
    kz = root(body)
    good, person = indicator(), sdo("identity", identity_class="individual")
    status = posts(kz, good, {"type": "indicator"}, person, good)
    assert (status["status"], status["total_count"], status["success_count"], status["failure_count"], status["pending_count"]) == (
        "complete",
        4,
        3,
        1,
        0,
    )
    assert parse(status["request_timestamp"])
    messages = {each["id"]: each.get("message", "") for each in status["successes"]}
    assert "G3" in messages[person["id"]]
    assert value(kz.status(status["id"])) == status


def test_the_answer_is_202(body):
    assert root(body).post(json.dumps({"objects": [indicator()]}).encode()).status_code == 202


def test_a_status_is_found_by_its_own_party_at_its_own_root(body):
    add_standing(body.world, Standing(party="KZ", body="cica", standing="member", since=START), by="test")
    status = posts(root(body), indicator())
    assert value(root(body).status(status["id"])) == status
    for other in (root(body, "UZ"), root(body, of="cica")):
        refused(404, other.status, status["id"])
    refused(404, root(body).status, "99999999-9999-4999-8999-999999999999")


def test_what_a_token_says_holds_for_objects_that_say_nothing(body):
    item = indicator()
    posts(root(body, tlp="green", purposes=("statistics", "network-defence")), item)
    (row,) = body.world.store.by_id([item["id"]])
    envelope = msgspec.json.decode(body.world.store.envelopes([row.item])[row.item], type=Envelope)
    assert (envelope.origin, envelope.tlp, envelope.purposes) == ("KZ", "green", ("network-defence", "statistics"))


def test_a_token_cannot_be_widened_by_what_is_said_beside_the_object(body):
    item = indicator()
    status = posts(root(body, purposes=("statistics",)), item, comity_envelopes=[{"tlp": "clear", "purposes": ["network-defence"]}])
    assert status["failure_count"] == 1


def test_a_marking_is_not_widened_by_what_is_said_beside_the_object(body):
    item = indicator(object_marking_refs=["marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed"])
    posts(root(body), item, comity_envelopes=[{"tlp": "clear", "purposes": ["network-defence"]}])
    assert value(root(body, "UZ").objects("shared", NONE)) == {}


@pytest.mark.parametrize(
    "raw",
    [b"", b"null", b"[]", b'"objects"', b"{}", b'{"objects":[]}', b'{"objects":{}}', b'{"objects":null}', b'{"Objects":[{}]}', b"\xff"],
)
def test_s35_what_is_no_envelope(body, raw):
    size = body.world.store.head().size
    kz = root(body)
    assert refused(422, kz.post, raw).text
    assert body.world.store.head().size == size + 1  # the token


def test_too_many_objects_at_once(body):
    object.__setattr__(body.world, "settings", msgspec.structs.replace(body.world.settings, limits=Limits(objects=2)))
    kz = root(body)
    assert posts(kz, indicator(), indicator())["success_count"] == 2
    assert "2" in refused(422, lambda: posts(kz, indicator(), indicator(), indicator())).text


def test_no_page_is_longer_than_the_setting(body):
    object.__setattr__(body.world, "settings", msgspec.structs.replace(body.world.settings, limits=Limits(page=3)))
    kz = root(body)
    posts(kz, *(indicator() for _ in range(5)))
    assert len(value(kz.objects("exchange", QueryParams("limit=100")))["objects"]) == 3
    assert len(value(kz.objects("exchange", NONE))["objects"]) == 3


@pytest.mark.parametrize("said", [[], [{"tlp": "green", "purposes": []}] * 2, [{"tlp": "purple", "purposes": []}], "x", None])
def test_malformed_words_beside_objects_refuse_the_whole(body, said):
    item = indicator()
    with pytest.raises(SenderFault):
        posts(root(body), item, comity_envelopes=said)
    assert body.world.store.by_id([item["id"]]) == []


@pytest.mark.parametrize("head", ['"objects":[],', '"objects":[{}],'])
def test_objects_that_are_not_the_counted_ones_are_refused_not_mispaired(body, head):
    """Two lists of objects: what is said of each can be put to none."""
    one, other = json.dumps(indicator()), json.dumps(indicator())
    said = json.dumps([{"tlp": "green", "purposes": ["network-defence"]}] * 2)
    raw = f'{{{head}"objects":[{one},{other}],"comity_envelopes":{said}}}'
    with pytest.raises((Refusal, SenderFault)) as caught:
        root(body).post(raw.encode())
    assert getattr(caught.value, "status", 400) in (400, 422)
    assert body.world.store.counts().get("indicator") is None


@pytest.mark.parametrize("head", ['"type":"x-env","id":"x-env--1",', '"type":"envelope",', '"x":[1,2],', '"more":true,"next":"x",'])
def test_whatever_else_an_envelope_says_its_objects_are_posted(body, head):
    item = indicator()
    status = value(root(body).post(f'{{{head}"obj\\u0065cts":[{json.dumps(item)}]}}'.encode()))
    assert (status["total_count"], status["success_count"]) == (1, 1)
    assert [row.id for row in body.world.store.by_type("indicator")] == [item["id"]]


def test_objects_stand_once(body):
    with pytest.raises(Refusal) as caught:
        root(body).post(f'{{"objects":[{json.dumps(indicator())}],"objects":[{json.dumps(indicator())}]}}'.encode())
    assert caught.value.status == 422


def test_every_failure_is_listed_with_the_id_that_it_has(body):
    bad = ",".join(f'{{"type":"indicator","id":"{indicator()["id"]}","x":NaN}}' for _ in range(1_200))
    status = value(root(body).post(f'{{"objects":[{bad}]}}'.encode()))
    assert (status["failure_count"], len(status["failures"])) == (1_200, 1_200)
    assert all(each["id"].startswith("indicator--") for each in status["failures"])


def test_sound_objects_of_a_broken_text_are_taken(body):
    item = indicator()
    raw = b'{"objects":[' + json.dumps(item).encode() + b',{"type":"indicator","id":NaN}]}'
    status = value(root(body).post(raw))
    assert (status["success_count"], status["failure_count"]) == (1, 1)


def test_a_persons_token_posts_up_to_the_ceiling_of_their_role(body):
    text = MEMBERS.replace("version = 1", "version = 2") + '\n[cap.analyst]\ntlp_max = "green"\n'
    add_agreement(body.world, text, "v2", by="test")
    users.add(body.world, "anna", "KZ", "analyst")
    at = root(body, None, user="anna", tlp="green")
    clear, strict = indicator(), indicator(object_marking_refs=["marking-definition--f88d31f6-486f-44da-b317-01333bde0b82"])
    status = posts(at, clear, strict)
    assert (status["success_count"], status["failure_count"]) == (1, 1)
    assert "beyond the role analyst" in status["failures"][0]["message"]
