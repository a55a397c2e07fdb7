"""A stranger at the door: checks of TAXII 2.1, written from the standard, against `comity up` in a process of its own.

Nothing of the server's insides is used but to make the node and its tokens. Ids like S8 are the lines of docs/taxii.md. Every answer is held
to S4 and S38 besides: TAXII's media type, and an error resource where it is an error.
"""

from __future__ import annotations

import base64
import itertools
import json
import re
import socket
import time
import uuid
from datetime import UTC, datetime

import pytest

from tests.whole.taxii_stranger import ABSENT, BOTH, DAYS, LAST, MEDIA, SIX_DIGITS, item

pytestmark = pytest.mark.loop


# Discovery, roots, media types


def test_s1_discovery(kz):
    found = kz.ask("GET", "/taxii2/")
    assert found.status == 200
    assert found.json()["title"] and found.json()["api_roots"]


def test_s2_roots_are_absolute_or_begin_with_one_slash(kz):
    found = kz.ask("GET", "/taxii2/").json()
    assert found["default"] in found["api_roots"]
    assert all(re.match(r"https://|/(?!/)", each) and "?" not in each and each.endswith("/") for each in found["api_roots"])


@pytest.mark.parametrize("path", ["/taxii2", "{root}", "{root}collections", "{at}", "{at}objects", "{at}manifest"])
def test_s3_paths_end_in_a_slash(kz, path):
    path = path.format(root=kz.root, at=kz.at).rstrip("/")
    assert kz.ask("GET", path + "/").status == 200
    assert kz.ask("GET", path).status == 404


@pytest.mark.parametrize(
    "path", ["/taxii2/nothing/", "/taxii2/nothing/collections/", "{root}nothing/", "{root}status/x/", "{root}collections/x/", "{at}nothing/", "{at}objects/x/y/"]
)  # fmt: skip
def test_s4_s38_what_is_not_there_is_an_error_resource(kz, path):
    assert kz.ask("GET", path.format(root=kz.root, at=kz.at)).status == 404


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "POST", "OPTIONS"])
def test_s38_methods_that_are_not_there(kz, method):
    answer = kz.ask(method, kz.at)
    assert answer.status == 405
    assert "GET" in answer.headers["allow"]


@pytest.mark.parametrize(
    "accept",
    [
        MEDIA, "application/taxii+json", "application/taxii+json; version=2.1", 'application/taxii+json;version="2.1"', "*/*", "application/*",
        "application/json, application/taxii+json;version=2.1;q=0.9", "application/taxii+json;version=2.1,application/stix+json;version=2.1",
        "text/html,application/xhtml+xml,*/*;q=0.8", "application/taxii+json;version=2.0, application/taxii+json;version=2.1", None,
    ],
)  # fmt: skip
def test_s5_accepted(kz, accept):
    assert kz.ask("GET", kz.root, Accept=accept).status == 200
    assert kz.get(Accept=accept).status == 200


@pytest.mark.parametrize(
    "accept",
    ["text/html", "application/json", "application/taxii+json;version=9.9", "application/vnd.oasis.taxii+json;version=2.0", MEDIA + ";q=0"],
)
def test_s6_not_acceptable(kz, accept):
    assert kz.ask("GET", kz.root, Accept=accept).status == 406
    assert kz.posts(json.dumps({"objects": [item()]}), Accept=accept).status == 406


@pytest.mark.parametrize(
    "media", [MEDIA, "application/taxii+json", "application/taxii+json; version=2.1", "Application/TAXII+JSON;Version=2.1"]
)
def test_s7_content_types(alone, media):
    assert alone.posts(json.dumps({"objects": [item()]}), media).status == 202


@pytest.mark.parametrize(
    "media", ["application/json", "text/plain", "application/stix+json;version=2.1", "application/taxii+json;version=2.0"]
)
def test_s7_other_content_types(alone, media):
    assert alone.posts(json.dumps({"objects": [item()]}), media).status == 415
    assert alone.get().json() == {}


def test_s7_a_coding_that_is_not_known(alone):
    assert alone.posts(json.dumps({"objects": [item()]}), Content_Encoding="gzip").status == 415


# Who asks


ENDPOINTS = [
    ("GET", "/taxii2/"), ("GET", "{root}"), ("GET", "{root}status/" + ABSENT[11:] + "/"), ("GET", "{root}collections/"), ("GET", "{at}"),
    ("GET", "{at}manifest/"), ("GET", "{at}objects/"), ("POST", "{at}objects/"), ("GET", "{at}objects/" + ABSENT + "/"),
    ("DELETE", "{at}objects/" + ABSENT + "/"), ("GET", "{at}objects/" + ABSENT + "/versions/"), ("GET", "/taxii2/nobody/collections/"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
def test_s8_without_credentials_401(kz, method, path):
    wrong = "Basic " + base64.b64encode(f"KZ:{kz.password[:-1]}x".encode()).decode()
    another = "Basic " + base64.b64encode(f"UZ:{kz.password}".encode()).decode()
    for authorization in (None, wrong, another, "Basic", "Basic =", "Bearer x", "Digest x"):
        answer = kz.ask(method, path.format(root=kz.root, at=kz.at), Authorization=authorization)
        assert answer.status == 401
        assert "Basic" in answer.headers["www-authenticate"]


def test_s9_basic_and_bearer(kz):
    assert kz.ask("GET", kz.root, Authorization="Bearer " + kz.password).status == 200
    assert kz.ask("GET", kz.root, Authorization=kz.authorization.replace("Basic", "basic")).status == 200


def test_s10_the_root(kz):
    found = kz.ask("GET", kz.root).json()
    assert found["title"] and MEDIA in found["versions"]
    assert type(found["max_content_length"]) is int and found["max_content_length"] > 0


# Collections


def test_s12_collections(kz):
    listed = kz.collections()
    assert listed == kz.collections() and len(listed) == 2
    for each in listed:
        assert str(uuid.UUID(each["id"])) == each["id"] and uuid.UUID(each["id"]).version == 4
        assert each["title"] and type(each["can_read"]) is type(each["can_write"]) is bool
        assert kz.ask("GET", f"{kz.root}collections/{each['id']}/").json() == each


def test_s13_aliases_are_unique_and_serve_in_paths(kz):
    listed = kz.collections()
    assert len({each["alias"] for each in listed} | {each["id"] for each in listed}) == 2 * len(listed)
    for each in listed:
        assert kz.ask("GET", f"{kz.root}collections/{each['alias']}/").json() == each


@pytest.mark.parametrize("path", ["objects/", "manifest/", "objects/{id}/", "objects/{id}/versions/"])
def test_s14_what_may_not_be_read(place, path):
    writer = place.alone(("taxii:write",))
    one = item()
    writer.adds(one)
    assert not any(each["can_read"] for each in writer.collections())
    for id_ in (one["id"], ABSENT):
        assert writer.get(path.format(id=id_)).status == 403


def test_s15_what_may_not_be_written(place, kz):
    body = json.dumps({"objects": [item()]})
    reader = place.alone(("taxii:read",))
    for each in reader.collections():
        assert each["can_write"] is False
        assert reader.ask("POST", f"{reader.root}collections/{each['id']}/objects/", body, Content_Type=MEDIA).status == 403
    shared = next(each for each in kz.collections() if not each["can_write"])
    assert kz.ask("POST", f"{kz.root}collections/{shared['id']}/objects/", body, Content_Type=MEDIA).status == 403


@pytest.mark.parametrize(("scopes", "status"), [((), 404), (BOTH[:1], 403), (BOTH[1:], 403), (BOTH, 200)])
def test_s16_who_may_delete(place, alone, scopes, status):
    one = item()
    alone.adds(one)
    assert place.client(alone.user, scopes).ask("DELETE", f"{alone.at}objects/{one['id']}/").status == status
    assert alone.get(f"objects/{one['id']}/").status == (404 if status == 200 else 200)


# What is posted


def test_s31_s33_a_post_and_its_status(alone):
    good, bad = item(), {**item(), "pattern": 5}
    status = alone.adds(good, bad)
    assert uuid.UUID(status["id"]).version == 4
    counts = [status[f"{name}_count"] for name in ("total", "success", "failure", "pending")]
    assert (status["status"], counts) == ("complete", [2, 1, 1, 0])
    assert SIX_DIGITS.fullmatch(status["request_timestamp"])
    for each in status["successes"] + status["failures"]:
        assert each["id"] and each["version"]
    assert (status["failures"][0]["id"], status["failures"][0]["version"]) == (bad["id"], bad["modified"])
    assert status["failures"][0]["message"]
    assert alone.ask("GET", f"{alone.root}status/{status['id']}/").json() == status
    assert "pendings" not in status


def test_s30_another_ones_status_is_none(alone, kz):
    status = alone.adds(item())
    for id_ in (status["id"], str(uuid.uuid4()), "x"):
        assert kz.ask("GET", f"{kz.root}status/{id_}/").status == 404


def test_s32_a_duplicate_is_no_failure(alone):
    one = item()
    assert [alone.adds(one, one)["failure_count"], alone.adds(one)["failure_count"]] == [0, 0]
    assert alone.get().ids == [one["id"]]


@pytest.mark.parametrize(
    "content",
    [b"", b" ", b"null", b"5", b"[]", b"{}", b'{"objects":"x"}', b'{"objects":{}}', b'{"objects":[]}', b'{"objects":null}', b"\xff\xfe", b"{", b"[" * 100_000,
     b'{"objects":' * 10_000, b'{"id":"x"}', b'{"type":"bundle","id":"bundle--1"}'],
)  # fmt: skip
def test_s35_what_is_no_envelope(alone, content):
    assert alone.posts(content).status in (400, 422)
    assert alone.get().json() == {}


@pytest.mark.parametrize(
    "content",
    [b'{"objects":["x"]}', b'{"objects":[5,null,true,[]]}', b'{"objects":[{}]}', b'{"objects":[{"id":"x"}]}', b'{"objects":[{"type":"indicator","id":"indicator--1"}]}',
     b'{"objects":[{"type":"indicator","id":NaN}]}', b'{"objects":[{"a":1,"a":2}]}', b'{"objects":[{"type":"\\ud800"}]}'],
)  # fmt: skip
def test_s35_objects_that_are_none_are_counted_failures(alone, content):
    answer = alone.posts(content)
    assert answer.status == 202
    assert answer.json()["success_count"] == 0 < answer.json()["failure_count"] == answer.json()["total_count"]
    assert alone.get().json() == {}


def test_s11_content_of_the_greatest_length_and_of_one_more(alone):
    limit = alone.ask("GET", alone.root).json()["max_content_length"]
    one = json.dumps({"objects": [item()]}).encode()
    assert alone.posts(one.ljust(limit)).status == 202
    assert alone.posts(one.ljust(limit + 1)).status == 413
    assert alone.posts((one[at : at + 65_536] for at in [0]), Transfer_Encoding="chunked").status == 202
    assert alone.posts((part for part in [one, *[b" " * 65_536] * (limit // 65_536)]), Transfer_Encoding="chunked").status == 413


def test_s11_many_objects_below_the_length_are_no_413(alone):
    """More objects than one message may have are refused for what they are: the message is not too long."""
    answer = alone.posts(b'{"objects":[' + b",".join([b"{}"] * 10_001) + b"]}")
    assert answer.status == 422


def test_s39_custom_and_other_properties(alone):
    one = item()
    assert alone.posts(json.dumps({"more": True, "next": "x", "x_example_com_score": {"a": 1}, "objects": [one]})).status == 202
    assert alone.get().ids == [one["id"]]
    custom = set(alone.ask("GET", alone.root).json()) - {"title", "description", "versions", "max_content_length"}
    assert all(re.fullmatch(r"[a-z0-9_]{3,250}", name) for name in custom)


def test_s42_objects_come_back_byte_for_byte(alone):
    raw = json.dumps(item(x_unknown={"deep": [1.50, "\u0431", None]}, name="caf\u00e9"), indent=1, ensure_ascii=True)
    assert alone.posts(f'{{ "objects": [ {raw} ] }}'.encode()).json()["success_count"] == 1
    assert raw.encode() in alone.get().raw


# What is deleted


def test_s36_deleted_and_gone(alone):
    one, other = item(), item()
    alone.adds(one, other)
    assert alone.ask("DELETE", f"{alone.at}objects/{one['id']}/").status == 200
    for path in ("", "versions/", "?match[version]=all"):
        assert alone.get(f"objects/{one['id']}/{path}").status == 404
    assert alone.get().ids == alone.get("manifest/").ids == [other["id"]]
    assert alone.ask("DELETE", f"{alone.at}objects/{one['id']}/").status == 404


def test_s36_deleted_by_version(alone):
    one = item()
    alone.adds(*({**one, "modified": at} for at in DAYS))
    path = f"{alone.at}objects/{one['id']}/"
    assert alone.ask("DELETE", path + f"?match[version]={DAYS[1]}").status == 200
    assert alone.get(f"objects/{one['id']}/versions/").json()["versions"] == [DAYS[0], DAYS[2], DAYS[3]]
    assert alone.get(f"objects/{one['id']}/?match[version]={DAYS[1]}").status == 404
    assert alone.ask("DELETE", path + "?match[version]=last").status == 200
    assert alone.get().objects[0]["modified"] == DAYS[2]
    assert alone.ask("DELETE", path + "?match[version]=all").status == 200
    assert alone.get(f"objects/{one['id']}/").status == 404


def test_s36_deleted_and_posted_again(alone):
    one, other = item(), item()
    alone.adds(one, other)
    last = alone.get("manifest/").headers[LAST]
    alone.ask("DELETE", f"{alone.at}objects/{one['id']}/")
    assert alone.get(f"objects/?added_after={last}").json() == {}
    assert alone.adds(one)["success_count"] == 1
    assert alone.get(f"objects/?added_after={last}").ids == [one["id"]]


@pytest.mark.parametrize("query", ["", "?match[version]=all", "?match[version]=2021-10-01T00:00:00.000Z", "?match[spec_version]=2.1"])
def test_s36_s45_what_is_not_ones_own(kz, uz, query):
    one = item()
    kz.adds(one)
    assert uz.get(f"objects/?match[id]={one['id']}").ids == [one["id"]]
    said = [uz.ask("DELETE", f"{uz.at}objects/{id_}/{query}") for id_ in (one["id"], ABSENT, "x")]
    assert {(each.status, each.raw) for each in said} == {(404, said[0].raw)}
    assert kz.get(f"objects/{one['id']}/").status == 200


@pytest.mark.parametrize(
    "query",
    ["match[version]=garbage", "match[version]=all,last", "match[version]=last&match[version]=last", "match[spec_version]=x", "limit=0"],
)
def test_s22_a_malformed_deletion_deletes_nothing(alone, query):
    one = item()
    alone.adds(one)
    assert alone.ask("DELETE", f"{alone.at}objects/{one['id']}/?{query}").status == 400
    assert alone.get().ids == [one["id"]]


# House rules


def test_s37_manifest_records(alone):
    alone.adds(item())
    (record,) = alone.get("manifest/").objects
    assert set(record) == {"id", "date_added", "version", "media_type"}
    assert record["media_type"] in alone.ask("GET", alone.at).json()["media_types"]


def test_s43_dates_are_unique_and_ascend(alone):
    moment = "2021-10-01T00:00:00.000Z"
    alone.adds(*(item(modified=moment) for _ in range(300)))
    dates = [record["date_added"] for record in alone.get("manifest/").objects]
    assert dates == sorted(set(dates)) and len(dates) == 300


def test_s45_hidden_and_absent_are_the_same(place, kz):
    ir = place.client("IR")  # an observer: up to GREEN
    hidden, shown = item(), item()
    kz.adds(hidden)
    place.client("KZ", tlp="green").adds(shown)
    assert shown["id"] in [id_ for page in ir.pages("objects/?limit=500", "next") for id_ in page.ids]
    for path in (
        "objects/{}/",
        "objects/{}/versions/",
        "objects/?match[id]={}",
        "manifest/?match[id]={}",
        "objects/{}/?match[version]=all",
        "objects/{}/?limit=0",
    ):
        said = [ir.get(path.format(id_)) for id_ in (hidden["id"], ABSENT)]
        assert (said[0].status, said[0].raw) == (said[1].status, said[1].raw)
    status = ir.adds(hidden)
    assert "message" not in status["successes"][0]
    assert ir.ask("DELETE", f"{ir.at}objects/{hidden['id']}/").status == 200


@pytest.mark.parametrize("path", ["objects/", "manifest/", "objects/{id}/", "objects/{id}/versions/", ""])
def test_head(alone, path):
    one = item()
    alone.adds(one)
    path = alone.at + path.format(id=one["id"])
    whole, head = alone.ask("GET", path), alone.ask("HEAD", path)
    assert (head.status, head.raw, head.headers["content-length"]) == (200, b"", str(len(whole.raw)))


def test_s35_nothing_is_ever_5xx(alone):
    """Pieces of requests put together at random: whatever they make is answered, and not by a fault of the server's."""
    one = item()
    alone.adds(one)
    names = [
        "limit",
        "next",
        "added_after",
        "match[id]",
        "match[type]",
        "match[version]",
        "match[spec_version]",
        "match[]",
        "match[",
        "%00",
        "",
    ]
    values = [
        "",
        "0",
        "1",
        "all",
        "first,last",
        DAYS[0],
        "2.1",
        one["id"],
        "%00",
        "%FF",
        "%F0%9F%92%A3",
        "'",
        "x" * 5_000,
        "1e9",
        "-0",
        ",",
        "a,b",
    ]
    paths = ["objects/", "manifest/", f"objects/{one['id']}/", f"objects/{one['id']}/versions/", "objects/%00/", "%FF/", ""]
    for number, (name, value) in enumerate(itertools.product(names, values)):
        method = "DELETE" if number % 9 == 0 and "limit" in name else "GET"
        assert alone.ask(method, f"{alone.at}{paths[number % len(paths)]}?{name}={value}").status < 500


def test_a_slow_message_does_not_hold_others_up(alone):
    """Half a message that never ends costs its sender a connection, not others an answer (its end after two minutes is tests/doors/taxii's)."""
    with socket.create_connection(("127.0.0.1", alone.port)) as slow:
        head = f"POST {alone.at}objects/ HTTP/1.1\r\nHost: localhost\r\nAuthorization: {alone.authorization}\r\nContent-Type: {MEDIA}\r\nContent-Length: 999\r\n\r\n{{"
        slow.sendall(head.encode())
        began = time.monotonic()
        assert alone.get().status == 200
        assert time.monotonic() - began < 5


# The field's own client


def test_taxii2_client_does_all_of_it(place):
    taxii2client = pytest.importorskip("taxii2client.v21")
    alone = place.alone()
    server = taxii2client.Server(f"http://127.0.0.1:{place.port}/taxii2/", user=alone.user, password=alone.password)
    assert server.title and server.default.url in [root.url for root in server.api_roots]
    root = server.default
    assert root.max_content_length > 0 and MEDIA in root.versions
    exchange = next(each for each in root.collections if each.alias == "exchange")
    assert exchange.can_read and exchange.can_write
    posted = [item() for _ in range(25)]
    status = exchange.add_objects({"objects": posted})
    assert (status.status, status.success_count, status.failure_count) == ("complete", 25, 0)
    assert root.get_status(status.id).success_count == 25
    for call in (exchange.get_objects, exchange.get_manifest):
        found = [each["id"] for page in taxii2client.as_pages(call, per_request=7) for each in page.get("objects", [])]
        assert found == [each["id"] for each in posted]
    assert [each["id"] for each in exchange.get_objects(type="indicator", id=posted[3]["id"])["objects"]] == [posted[3]["id"]]
    assert exchange.get_objects(added_after=datetime(2020, 1, 1, tzinfo=UTC), type=["malware", "indicator"], limit=2)["more"] is True
    later = {**posted[3], "modified": DAYS[3]}
    exchange.add_objects({"objects": [later]})
    assert exchange.get_object(posted[3]["id"])["objects"] == [later]
    assert exchange.get_object(posted[3]["id"], version="all")["objects"] == [posted[3], later]
    assert exchange.object_versions(posted[3]["id"])["versions"] == [posted[3]["modified"], DAYS[3]]
    exchange.delete_object(posted[3]["id"], version=DAYS[3])
    assert exchange.get_object(posted[3]["id"])["objects"] == [posted[3]]
    exchange.delete_object(posted[3]["id"])
    assert posted[3]["id"] not in [each["id"] for each in exchange.get_manifest()["objects"]]
    server.close()
