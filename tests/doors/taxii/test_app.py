"""The TAXII 2.1 server over the wire, as a client meets it. Ids like S8 are rows of the conformance checklist."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta

import pytest
from starlette.applications import Starlette

from comity.admin.tokens import create
from comity.doors.taxii import app
from tests.consortium import Body, indicator, relationship
from tests.doors.taxii.site import EXCHANGE, MEDIA, ROOT


def test_discovery_and_root(site, kz):
    found = kz("GET", "/taxii2/").json()
    assert found["default"] == ROOT
    assert found["api_roots"] == [ROOT]
    root = kz("GET", ROOT).json()
    assert MEDIA in root["versions"]
    assert root["max_content_length"] > 0


@pytest.mark.parametrize(
    "path", ["/taxii2/", ROOT, EXCHANGE, EXCHANGE + "objects/", EXCHANGE + "manifest/", "/taxii2/nobody/", "/taxii2/x/y/z/"]
)
def test_s4_every_answer_has_the_media_type_and_errors_are_error_resources(site, kz, path):
    for response in (kz("GET", path), site.http.get(path, headers={"Accept": MEDIA})):
        assert response.headers["content-type"] == MEDIA
        if response.status_code >= 400:
            assert response.json()["http_status"] == str(response.status_code)
            assert response.json()["title"]


def test_s8_without_a_token_401(site):
    response = site.http.get(EXCHANGE + "objects/")
    assert response.status_code == 401
    assert response.headers["www-authenticate"].startswith("Basic")


@pytest.mark.parametrize(
    "accept", [MEDIA, "application/taxii+json", "*/*", "application/*;q=0.5", "text/html, application/taxii+json; version=2.1;q=0.9"]
)
def test_s5_defined_ranges_are_never_406(kz, accept):
    assert kz("GET", ROOT, headers={"Accept": accept}).status_code == 200


@pytest.mark.parametrize("accept", ["text/html", "application/taxii+json;version=9.9"])
def test_s6_others_are(kz, accept):
    assert kz("GET", ROOT, headers={"Accept": accept}).status_code == 406


def test_s12_collections(kz):
    listed = kz("GET", ROOT + "collections/").json()["collections"]
    assert [c["alias"] for c in listed] == ["exchange", "shared"]
    assert listed == kz("GET", ROOT + "collections/").json()["collections"]
    for each in listed:
        assert kz("GET", f"{ROOT}collections/{each['id']}/").json() == each
        assert kz("GET", f"{ROOT}collections/{each['alias']}/").json() == each
    assert [c["can_write"] for c in listed] == [True, False]


def test_s31_post_and_status(site, kz):
    response = site.posts(kz, indicator(), {"type": "indicator", "id": "x"})
    assert response.status_code == 202
    status = response.json()
    assert (status["status"], status["total_count"], status["success_count"], status["failure_count"]) == ("complete", 2, 1, 1)
    assert status["failures"][0]["message"]
    assert kz("GET", f"{ROOT}status/{status['id']}/").json() == status


def test_a_status_is_its_submitters_alone(site, kz, uz):
    status = site.posts(kz, indicator()).json()
    assert uz("GET", f"{ROOT}status/{status['id']}/").status_code == 404


def test_s32_a_repeat_is_no_failure(site, kz):
    item = indicator()
    site.posts(kz, item)
    assert site.posts(kz, item).json()["failure_count"] == 0
    assert len(kz("GET", EXCHANGE + "objects/").json()["objects"]) == 1


def test_s7_other_content_types_415(site, kz):
    assert site.posts(kz, indicator(), media="application/json").status_code == 415


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"{}", b'{"objects": {}}', b'{"objects": []}', b'{"objects": "x"}', b"\xff\xfe", b"{" * 100_000, b"[" * 1_000_000],
)
def test_s35_what_is_no_envelope_is_4xx(site, kz, content):
    assert site.posts(kz, content=content).status_code in (400, 422)


def test_s11_too_long_a_body_413(site, kz):
    limit = kz("GET", ROOT).json()["max_content_length"]
    assert site.posts(kz, content=b"x" * (limit + 1)).status_code == 413


def test_one_bad_object_among_many_leaves_the_good_ones(site, kz):
    items = [json.dumps(indicator()) for _ in range(50)]
    items[10] = '{"type": "indicator", "id": NaN}'
    items[20] = items[20].replace('"type"', '"type": "indicator", "type"', 1)
    status = site.posts(kz, content=('{"objects": [' + ",".join(items) + "]}").encode()).json()
    assert (status["success_count"], status["failure_count"]) == (48, 2)


def test_s18_dates_are_those_of_the_page(site, kz, uz):
    site.posts(kz, *(indicator() for _ in range(5)))
    manifest = uz("GET", EXCHANGE + "manifest/")
    dates = [record["date_added"] for record in manifest.json()["objects"]]
    assert dates == sorted(set(dates))
    page = uz("GET", EXCHANGE + "objects/?limit=2")
    assert (page.headers["x-taxii-date-added-first"], page.headers["x-taxii-date-added-last"]) == (dates[0], dates[1])
    assert page.json()["more"] is True


def test_s21_pages_by_next_and_by_added_after_are_the_same(site, kz, uz):
    items = [indicator() for _ in range(23)]
    site.posts(kz, *items)
    for fallback in (False, True):
        found, params = [], {"limit": "5"}
        while True:
            page = uz("GET", EXCHANGE + "objects/", params=params)
            found += [o["id"] for o in page.json().get("objects", [])]
            if not page.json().get("more"):
                break
            step = {"added_after": page.headers["x-taxii-date-added-last"]} if fallback else {"next": page.json()["next"]}
            params = {"limit": "5", **step}
        assert found == [item["id"] for item in items]


@pytest.mark.parametrize(
    "query",
    [
        "limit=0", "limit=-1", "limit=x", "limit=1&limit=2", "added_after=garbage", "added_after=2021-01-01T00:00:00Z&added_after=2021-01-01T00:00:00Z",
        "next=garbage", "match[version]=garbage", "match[version]=all,last", "match[type]=a&match[type]=b", "match[spec_version]=9",
        "match[type]=", "limit=99999999999999999999",
    ],
)  # fmt: skip
def test_s22_malformed_parameters_are_400(kz, query):
    assert kz("GET", EXCHANGE + "objects/?" + query).status_code == 400


def test_s20_any_precision_of_added_after(site, kz):
    site.posts(kz, indicator())
    for moment in ("2020-01-01T00:00:00Z", "2020-01-01T00:00:00.1Z", "2020-01-01T00:00:00.123456Z", "2020-01-01T02:00:00%2B02:00"):
        assert len(kz("GET", EXCHANGE + f"objects/?added_after={moment}").json()["objects"]) == 1


def test_s23_filters(site, kz):
    one, other = indicator(), indicator()
    link = relationship(one["id"], other["id"])
    site.posts(kz, one, other, link)

    def ids(query: str) -> set[str]:
        return {o["id"] for o in kz("GET", EXCHANGE + "objects/?" + query).json().get("objects", [])}

    assert ids("match[type]=relationship") == {link["id"]}
    assert ids("match[type]=relationship,indicator") == {one["id"], other["id"], link["id"]}
    assert ids(f"match[id]={one['id']},{link['id']}&match[type]=indicator") == {one["id"]}
    assert ids("match[type]=malware") == set()
    assert ids("match[spec_version]=2.0") == set()
    assert ids("match[nonsense]=1") == {one["id"], other["id"], link["id"]}


def test_s24_versions(site, kz):
    first = indicator()
    second = {**first, "modified": "2021-10-05T00:00:00.000Z"}
    third = {**first, "modified": "2021-10-09T00:00:00.000Z"}
    site.posts(kz, second, first, third)

    def modified(query: str) -> list[str]:
        return [o["modified"] for o in kz("GET", EXCHANGE + f"objects/{first['id']}/?" + query).json().get("objects", [])]

    assert modified("") == [third["modified"]]
    assert modified("match[version]=first") == [first["modified"]]
    assert sorted(modified("match[version]=all")) == sorted(o["modified"] for o in (first, second, third))
    assert modified("match[version]=2021-10-05T00:00:00Z") == [second["modified"]]
    assert sorted(modified("match[version]=first,last")) == sorted([first["modified"], third["modified"]])
    listed = kz("GET", EXCHANGE + f"objects/{first['id']}/versions/").json()["versions"]
    assert sorted(listed) == sorted(o["modified"] for o in (first, second, third))


def test_s29_nothing_is_an_empty_200(kz):
    response = kz("GET", EXCHANGE + "objects/")
    assert (response.status_code, response.json()) == (200, {})
    assert "x-taxii-date-added-first" not in response.headers
    assert kz("GET", EXCHANGE + "manifest/").json() == {}


def test_s14_scopes(site):
    site.body.member("KZ")
    reader, writer = site.client("KZ", ("taxii:read",)), site.client("KZ", ("taxii:write",))
    assert site.posts(reader, indicator()).status_code == 403
    assert site.posts(writer, indicator()).status_code == 202
    assert writer("GET", EXCHANGE + "objects/").status_code == 403


def test_s42_objects_come_back_as_the_very_bytes(site, kz, uz):
    raw = '{ "type":"indicator", "spec_version":"2.1","id":"indicator--11111111-1111-4111-8111-111111111111",  "created":"2021-10-01T00:00:00.000Z","modified":"2021-10-01T00:00:00.000Z","pattern":"[domain-name:value = \'\\u0431.example\']","pattern_type":"stix","valid_from":"2021-10-01T00:00:00Z","x_custom":1.50 }'
    assert site.posts(kz, content=f'{{"objects":[{raw}]}}'.encode()).json()["success_count"] == 1
    assert raw in uz("GET", EXCHANGE + "objects/").text


def test_shared_leaves_own_items_out(site, kz, uz):
    mine, others = indicator(), indicator()
    site.posts(uz, mine)
    site.posts(kz, others)
    assert [o["id"] for o in uz("GET", ROOT + "collections/shared/objects/").json()["objects"]] == [others["id"]]
    assert {o["id"] for o in uz("GET", EXCHANGE + "objects/").json()["objects"]} == {mine["id"], others["id"]}
    assert uz("GET", ROOT + f"collections/shared/objects/{mine['id']}/").status_code == 404


def test_governance_is_refused_from_submissions(site, kz):
    fake = {**indicator(), "type": "comity-standing", "id": "comity-standing--11111111-1111-4111-8111-111111111111"}
    assert site.posts(kz, fake).json()["failure_count"] == 1


def test_a_token_of_another_body_finds_no_root(site):
    site.body.member("KZ")
    assert site.client("KZ", body="cica")("GET", ROOT).status_code == 404


def test_envelopes_beside_objects_narrow(site, kz, uz):
    item, plain = indicator(), indicator()
    said = [{"tlp": "red", "purposes": ["network-defence"], "to": ["TJ"]}, {"tlp": "green", "purposes": ["network-defence"]}]
    body = json.dumps({"objects": [item, plain], "comity_envelopes": said}).encode()
    assert site.posts(kz, content=body).json()["success_count"] == 2
    assert [o["id"] for o in uz("GET", EXCHANGE + "objects/").json()["objects"]] == [plain["id"]]
    wrong = json.dumps({"objects": [item], "comity_envelopes": said}).encode()
    assert site.posts(kz, content=wrong).status_code == 400


@pytest.mark.parametrize("header", [b"Basic \xc3\xa9", b"Basic \xff\xfe", b"Bearer \xc3\xa9", b"Basic =", b"\xe9"])
def test_a_header_that_is_no_credential_401(site, header):
    response = site.http.get(EXCHANGE + "objects/", headers={"Authorization": header})
    assert (response.status_code, response.headers["content-type"]) == (401, MEDIA)


def test_what_nobody_expected_is_an_error_resource_without_details(site, kz, caplog):
    def broken():
        raise ZeroDivisionError("the clock of 192.0.2.7 stands still")

    object.__setattr__(site.body.world, "clock", broken)
    for response in (kz("GET", ROOT), site.posts(kz, indicator())):
        assert (response.status_code, response.headers["content-type"]) == (500, MEDIA)
        assert response.json() == {"title": "The node has a problem", "http_status": "500"}
    assert "stands still" in caplog.text


@pytest.mark.parametrize(
    "said",
    [
        b'"comity_envelopes":[{"tlp":"red","purposes":["network-defence"]}],"objects":[]',
        b'"comity_envelopes":[{"tlp":"red","purposes":["network-defence"]}],"comity_envelopes":[]',
        b'"comity_envelopes":[{"tlp":"red","purposes":["network-defence"],"expires":"9999-12-31T23:59:59-23:59"}]',
    ],
)
def test_an_envelope_of_doubtful_meaning_is_refused_whole(site, kz, said):
    item = json.dumps(indicator()).encode()
    for content in (b'{"objects":[' + item + b"]," + said + b"}", b"{" + said + b',"objects":[' + item + b"]}"):
        assert site.posts(kz, content=content).status_code in (400, 422)
    assert kz("GET", EXCHANGE + "objects/").json().get("objects", []) == []


# What is not there, and what is asked otherwise


@pytest.mark.parametrize(
    "path", ["/taxii2", "/taxii2/sco", ROOT + "collections", EXCHANGE[:-1], EXCHANGE + "objects", EXCHANGE + "manifest", "/taxii2/sco/nothing/", "/taxii2//", "/taxii2/sco/status/"]
)  # fmt: skip
def test_s3_a_path_without_its_last_slash_is_not_found(site, kz, path):
    for call in (kz, site.http.request):
        response = call("GET", path, follow_redirects=False)
        assert (response.status_code, response.headers["content-type"], response.json()["http_status"]) == (404, MEDIA, "404")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/taxii2/", "GET, HEAD"), ("DELETE", ROOT, "GET, HEAD"), ("PUT", EXCHANGE + "objects/", "GET, HEAD, POST"),
        ("POST", EXCHANGE + "objects/indicator--1/", "DELETE, GET, HEAD"), ("OPTIONS", EXCHANGE + "manifest/", "GET, HEAD"), ("X-NONE", EXCHANGE, "GET, HEAD"),
    ],
)  # fmt: skip
def test_s38_a_method_that_a_path_does_not_have(kz, method, path, allowed):
    response = kz(method, path)
    assert (response.status_code, response.headers["allow"], response.json()["http_status"]) == (405, allowed, "405")


@pytest.mark.parametrize("path", ["/taxii2/", ROOT, ROOT + "collections/", EXCHANGE, EXCHANGE + "objects/", EXCHANGE + "manifest/"])
def test_head_is_get_without_a_body(site, kz, path):
    site.posts(kz, indicator())
    whole, head = kz("GET", path), kz("HEAD", path)
    assert head.status_code == whole.status_code == 200
    assert head.content == b""
    names = ("content-type", "content-length", "x-taxii-date-added-first")
    assert [head.headers.get(name) for name in names] == [whole.headers.get(name) for name in names]


def test_s7_a_coding_is_415(site, kz):
    headers = {"Content-Type": MEDIA, "Content-Encoding": "gzip"}
    response = kz("POST", EXCHANGE + "objects/", content=b"x", headers=headers)
    assert (response.status_code, response.headers["accept-encoding"]) == (415, "identity")


def test_s39_unknown_properties_of_an_envelope_are_ignored(site, kz):
    item = indicator()
    body = json.dumps({"more": True, "next": "x", "x_example_com_score": {"a": [1]}, "objects": [item]}).encode()
    assert site.posts(kz, content=body).json()["success_count"] == 1
    assert kz("GET", EXCHANGE + "objects/").json() == {"more": False, "objects": [item]}


@pytest.mark.parametrize("accept", ["application/taxii+json;q=0", "*/*;q=0.0"])
def test_s6_a_range_without_weight_is_none(kz, accept):
    assert kz("GET", ROOT, headers={"Accept": accept}).status_code == 406


def test_a_message_that_takes_too_long_408():
    """Whoever has a token may not keep a connection and its buffers by dripping."""
    body = Body()
    body.member("KZ")
    _, text = create(body.world, party="KZ", scopes=("taxii:write",), expires=body.clock() + timedelta(days=1))
    application = Starlette(routes=app.routes(body.desk, upload=0.05))
    headers = [(b"authorization", f"Bearer {text}".encode()), (b"content-type", MEDIA.encode())]
    scope = {"type": "http", "method": "POST", "path": EXCHANGE + "objects/", "query_string": b"", "headers": headers, "root_path": ""}
    sent: list[dict] = []

    async def receive() -> dict:
        await asyncio.sleep(0.01)
        return {"type": "http.request", "body": b" ", "more_body": True}

    async def send(message) -> None:
        sent.append(message)

    asyncio.run(application(scope, receive, send))
    assert sent[0]["status"] == 408
    assert (b"content-type", MEDIA.encode()) in sent[0]["headers"]
    assert json.loads(sent[1]["body"])["http_status"] == "408"
