"""A stranger at the door: checks of TAXII 2.1, written from the standard, against `comity up` in a process of its own.

Nothing of the server's insides is used but to make the node and its tokens. Ids like S8 are the lines of docs/taxii.md. Every answer is held
to S4 and S38 besides: TAXII's media type, and an error resource where it is an error.
"""

from __future__ import annotations

import base64
import http.client
import itertools
import json
import re
import socket
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest

from comity import node, samples
from comity.admin.tokens import create
from comity.clock import parse
from comity.config import Settings
from comity.intake.govern import add_agreement, add_standing
from comity.terms.party import Standing
from tests.whole.test_live_node import serving

pytestmark = pytest.mark.loop
MEDIA = "application/taxii+json;version=2.1"
BOTH = ("taxii:read", "taxii:write")
SIX_DIGITS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
ABSENT = "indicator--99999999-9999-4999-8999-999999999999"
FIRST, LAST = "x-taxii-date-added-first", "x-taxii-date-added-last"


class Answer:
    """A response, held to what every one must be."""

    def __init__(self, method: str, path: str, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.raw = response.read()
        assert self.headers["content-type"] == MEDIA, f"S4: {method} {path}"
        if self.status >= 400 and method != "HEAD":
            said = self.json()
            assert isinstance(said["title"], str) and said["http_status"] == str(self.status), f"S38: {method} {path}"

    def json(self) -> Any:
        return json.loads(self.raw)

    @property
    def objects(self) -> list[dict[str, Any]]:
        return self.json().get("objects", [])

    @property
    def ids(self) -> list[str]:
        return [each["id"] for each in self.objects]


class Client:
    """One set of credentials; `root` and `at` (the read-write collection) are found as a stranger finds them."""

    def __init__(self, port: int, user: str, password: str) -> None:
        self.port = port
        self.user, self.password = user, password
        self.authorization = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
        self.root = self.at = ""

    def find(self) -> Client:
        self.root = self.ask("GET", "/taxii2/").json()["default"]
        self.at = next(f"{self.root}collections/{each['id']}/" for each in self.collections() if each["alias"] == "exchange")
        return self

    def collections(self) -> list[dict[str, Any]]:
        return self.ask("GET", self.root + "collections/").json()["collections"]

    def ask(self, method: str, path: str, body: Any = None, **headers: str | None) -> Answer:
        given: dict[str, str | None] = {"Accept": MEDIA, "Authorization": self.authorization}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            chunked = "Transfer-Encoding" in given
            connection.request(
                method, path, body, {name: value for name, value in given.items() if value is not None}, encode_chunked=chunked
            )
            return Answer(method, path, connection.getresponse())
        finally:
            connection.close()

    def get(self, path: str = "objects/", **headers: str | None) -> Answer:
        return self.ask("GET", self.at + path, **headers)

    def posts(self, body: Any, content_type: str = MEDIA, **headers: str | None) -> Answer:
        return self.ask("POST", self.at + "objects/", body, Content_Type=content_type, **headers)

    def adds(self, *objects: dict[str, Any]) -> dict[str, Any]:
        answer = self.posts(json.dumps({"objects": objects}))
        assert answer.status == 202
        return answer.json()

    def pages(self, path: str, step: str) -> Iterator[Answer]:
        """All pages, by `next` or by the header of the last date added."""
        query = path
        for _ in range(1_000):
            answer = self.get(query)
            assert answer.status == 200
            yield answer
            if not answer.json().get("more"):
                return
            mark = answer.json()["next"] if step == "next" else answer.headers[LAST]
            query = f"{path}&{step}={quote(mark)}"
        raise AssertionError("paging does not end")


class Place:
    """A node that serves, and credentials for it."""

    def __init__(self, world: Any, port: int) -> None:
        self.world, self.port = world, port
        self._codes = (f"P{number:03d}" for number in itertools.count())

    def client(self, party: str, scopes: tuple[str, ...] = BOTH, **options: Any) -> Client:
        until = datetime.now(UTC) + timedelta(days=1)
        _, text = create(self.world, party=party, scopes=scopes, expires=until, **options)
        return Client(self.port, party, text).find()

    def alone(self, scopes: tuple[str, ...] = BOTH) -> Client:
        """A party that nobody shares with: its collection holds what it posts."""
        return self.client(next(self._codes), scopes)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("probe") / "node"
    world = node.create_node(folder, Settings(party="SCO-CENTRE", name="SCO-CENTRE-sco", body="sco"), "partner")
    add_agreement(world, samples.read("sco-ict-sample.toml").decode(), "a.toml", by="test")
    for party, standing in (("KZ", "member"), ("UZ", "member"), ("IR", "observer")):
        add_standing(world, Standing(party=party, body="sco", standing=standing, since=parse("2001-06-15")), by="test")
    with serving(folder) as (url, _, _):
        yield Place(world, int(url.rpartition(":")[2]))
    world.store.close()


@pytest.fixture(scope="module")
def kz(place):
    return place.client("KZ")


@pytest.fixture(scope="module")
def uz(place):
    return place.client("UZ")


@pytest.fixture
def alone(place):
    return place.alone()


def item(**more: Any) -> dict[str, Any]:
    moment = more.pop("modified", "2021-10-01T00:00:00.000Z")
    return {
        "type": "indicator", "spec_version": "2.1", "id": f"indicator--{uuid.uuid4()}", "created": "2021-10-01T00:00:00.000Z", "modified": moment,
        "pattern": "[domain-name:value = 'bad.example']", "pattern_type": "stix", "valid_from": "2021-10-01T00:00:00Z", **more,
    }  # fmt: skip


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


# What is read


def test_s17_s18_s19_order_and_dates(alone):
    posted = [item() for _ in range(7)]
    for each in posted:
        alone.adds(each)
    manifest = alone.get("manifest/")
    dates = [record["date_added"] for record in manifest.objects]
    assert manifest.ids == alone.get().ids == [each["id"] for each in posted]
    assert dates == sorted(dates) and all(SIX_DIGITS.fullmatch(each) for each in dates)
    for path in ("manifest/?limit=3", "objects/?limit=3"):
        answer = alone.get(path)
        assert (answer.headers[FIRST], answer.headers[LAST]) == (dates[0], dates[2])
    for path in (f"objects/{posted[4]['id']}/", f"objects/{posted[4]['id']}/versions/"):
        answer = alone.get(path)
        assert (answer.headers[FIRST], answer.headers[LAST]) == (dates[4], dates[4])


@pytest.mark.parametrize("method", ["manifest/", "objects/"])
def test_s20_added_after_is_exclusive(alone, method):
    posted = [item() for _ in range(5)]
    alone.adds(*posted)
    records = alone.get("manifest/").objects
    for number, record in enumerate(records):
        assert alone.get(f"{method}?added_after={record['date_added']}").ids == [each["id"] for each in posted[number + 1 :]]


@pytest.mark.parametrize(
    "moment",
    ["2020-01-01T00:00:00Z", "2020-01-01T00:00:00.1Z", "2020-01-01T00:00:00.123Z", "2020-01-01T00:00:00.123456Z", "2020-01-01T00:00:00.123456789Z",
     "2020-01-01T05:00:00%2B05:00", "2020-01-01t00:00:00z", "1969-12-31T23:59:59Z", "0001-01-01T00:00:00Z"],
)  # fmt: skip
def test_s20_any_precision(alone, moment):
    alone.adds(item())
    assert len(alone.get(f"objects/?added_after={moment}").objects) == 1
    assert alone.get("objects/?added_after=9999-12-31T23:59:59.999999Z").json() == {}


@pytest.mark.parametrize("step", ["next", "added_after"])
@pytest.mark.parametrize("path", ["objects/", "manifest/"])
@pytest.mark.parametrize("limit", [1, 4, 10, 11])
def test_s21_pages(alone, path, step, limit):
    posted = [item() for _ in range(10)]
    alone.adds(*posted)
    pages = list(alone.pages(f"{path}?limit={limit}", step))
    assert [len(page.ids) for page in pages[:-1]] == [limit] * (len(pages) - 1)
    assert [id_ for page in pages for id_ in page.ids] == [each["id"] for each in posted]
    assert len(pages) == -(-10 // limit)
    for one, other in itertools.pairwise(pages):
        assert one.headers[LAST] < other.headers[FIRST]


def test_s21_a_great_limit_is_no_error(alone):
    alone.adds(item())
    for limit in (10**9, 2**53 - 1):
        assert len(alone.get(f"objects/?limit={limit}").objects) == 1


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=-1", "limit=x", "limit=", "limit=1.5", "limit=1&limit=1", "added_after=garbage", "added_after=", "added_after=2021-01-01",
     "added_after=2021-01-01T00:00:00Z&added_after=2021-01-01T00:00:00Z", "added_after=2021-02-30T00:00:00Z", "match[version]=garbage",
     "match[version]=all,last", "match[version]=last,last", "match[version]=first&match[version]=last", "match[version]=", "match[type]=indicator&match[type]=malware",
     "match[id]=a&match[id]=b", "match[spec_version]=2.0&match[spec_version]=2.1", "match[spec_version]=x", "next=garbage", "next=", "next=%00", "next=AAAA&next=AAAA",
     "match[spec_version]=2.1&match[type]=,"],
)  # fmt: skip
@pytest.mark.parametrize("path", ["objects/", "manifest/"])
def test_s22_malformed(kz, path, query):
    assert kz.get(f"{path}?{query}").status == 400


@pytest.mark.parametrize("path", ["objects/{id}/", "objects/{id}/versions/"])
@pytest.mark.parametrize("query", ["limit=0", "added_after=garbage", "next=garbage", "limit=1&limit=2", "match[spec_version]=x"])
def test_s22_malformed_for_one_object(alone, path, query):
    one = item()
    alone.adds(one)
    assert alone.get(path.format(id=one["id"]) + "?" + query).status == 400


def test_s23_filters_are_anded_and_their_values_ored(alone):
    one, two = item(), item()
    name = {"type": "domain-name", "spec_version": "2.1", "id": f"domain-name--{uuid.uuid4()}", "value": "example.com"}
    alone.adds(one, two, name)
    assert alone.get(f"objects/?match[id]={one['id']},{name['id']}").ids == [one["id"], name["id"]]
    assert alone.get(f"objects/?match[id]={one['id']},{name['id']}&match[type]=domain-name").ids == [name["id"]]
    assert alone.get("objects/?match[type]=indicator,domain-name").ids == [one["id"], two["id"], name["id"]]
    assert len(alone.get("objects/?match[x_example]=1&colour=blue").objects) == 3
    assert alone.get("objects/?match%5Btype%5D=domain-name").ids == [name["id"]]


DAYS = [f"2021-10-0{day}T00:00:00.{'0' * digits}Z" for day, digits in ((1, 3), (2, 3), (3, 6), (4, 3))]


@pytest.fixture(scope="module")
def family(place):
    """An object of four versions, posted out of order and in two ways of writing a moment; and who posted it."""
    client = place.alone()
    one = item()
    client.adds(*({**one, "modified": DAYS[number]} for number in (1, 0, 3, 2)))
    return client, one["id"]


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("", [3]), ("match[version]=last", [3]), ("match[version]=first", [0]), ("match[version]=all", [0, 1, 2, 3]), ("match[version]=first,last", [0, 3]),
        (f"match[version]={DAYS[1]}", [1]), (f"match[version]={DAYS[1]},last", [1, 3]), (f"match[version]={DAYS[2]},{DAYS[0]}", [0, 2]),
        (f"match[version]=first,{DAYS[0]}", [0]), ("match[version]=2021-10-03T00:00:00Z", [2]), ("match[version]=2021-10-09T00:00:00Z,last", [3]),
    ],
)  # fmt: skip
def test_s24_versions(family, query, wanted):
    client, id_ = family
    for path in (f"objects/?match[id]={id_}&", f"objects/{id_}/?"):
        assert sorted(each["modified"] for each in client.get(path + query).objects) == [DAYS[number] for number in wanted]
    assert sorted(each["version"] for each in client.get(f"manifest/?{query}").objects) == [DAYS[number] for number in wanted]


def test_s24_a_version_that_nothing_has(family):
    client, id_ = family
    assert client.get("objects/?match[version]=2001-06-15T00:00:00Z").json() == {}
    assert client.get(f"objects/{id_}/?match[version]=2001-06-15T00:00:00Z").status == 404


def test_s25_the_latest_specification_unless_said(alone):
    new = item()
    old = {
        key: value
        for key, value in item(id=new["id"], labels=["benign"], modified=DAYS[3]).items()
        if key not in ("spec_version", "pattern_type")
    }
    alone.adds(new, old)
    for query, wanted in (
        ("", [new]),
        ("match[spec_version]=2.0", [old]),
        ("match[spec_version]=2.1", [new]),
        ("match[spec_version]=2.0,2.1", [old]),
    ):
        assert alone.get("objects/?" + query).objects == wanted
    assert alone.get("objects/?match[version]=all&match[spec_version]=2.0,2.1").objects == [new, old]
    assert alone.get("objects/?match[spec_version]=2.2").json() == {}
    assert [record["media_type"][-3:] for record in alone.get("manifest/?match[version]=all&match[spec_version]=2.0,2.1").objects] == [
        "2.1",
        "2.0",
    ]
    assert alone.get(f"objects/{new['id']}/versions/").json() == {"versions": [new["modified"]]}
    assert alone.get(f"objects/{new['id']}/versions/?match[spec_version]=2.0").json() == {"versions": [DAYS[3]]}


TYPES = re.findall(
    r"\S+",
    "attack-pattern campaign course-of-action grouping identity incident indicator infrastructure intrusion-set location malware malware-analysis note "
    "observed-data opinion report threat-actor tool vulnerability relationship sighting artifact autonomous-system directory domain-name email-addr "
    "email-message file ipv4-addr ipv6-addr mac-addr mutex network-traffic process software url user-account windows-registry-key x509-certificate "
    "marking-definition language-content extension-definition bundle x-example",
)


def test_s26_every_type_may_be_asked_for(alone):
    alone.adds(item())
    for each in TYPES:
        answer = alone.get(f"objects/?match[type]={each}")
        assert (answer.status, len(answer.objects)) == (200, each == "indicator")


def test_s27_filters_per_endpoint(family):
    client, id_ = family
    assert client.get(f"objects/{id_}/?match[type]=malware&match[id]=x").ids == [id_]
    assert len(client.get(f"objects/{id_}/versions/?match[version]=first&match[type]=malware").json()["versions"]) == 4
    assert client.get(f"objects/{id_}/?match[version]=all&match[spec_version]=2.0").json() == {}


def test_s28_objects_without_modified(alone):
    marking = {
        "type": "marking-definition", "spec_version": "2.1", "id": f"marking-definition--{uuid.uuid4()}", "created": "2021-10-01T00:00:00.000Z",
        "definition_type": "statement", "definition": {"statement": "sample"},
    }  # fmt: skip
    name = {"type": "domain-name", "spec_version": "2.1", "id": f"domain-name--{uuid.uuid4()}", "value": "example.com"}
    status = alone.adds(marking, name)
    versions = {record["id"]: record["version"] for record in alone.get("manifest/").objects}
    assert versions[marking["id"]] == marking["created"]
    assert {each["id"]: each["version"] for each in status["successes"]} == versions
    for id_ in (marking["id"], name["id"]):
        assert alone.get(f"objects/{id_}/?match[version]={versions[id_]}").ids == [id_]
        assert alone.get(f"objects/{id_}/versions/").json() == {"versions": [versions[id_]]}
    # Marking definitions are for everybody: not to stand in the way of other checks.
    assert alone.ask("DELETE", f"{alone.at}objects/{marking['id']}/").status == 200


@pytest.mark.parametrize(
    "path", ["objects/", "manifest/", f"objects/?match[id]={ABSENT}", "objects/?match[type]=malware", "manifest/?limit=1"]
)
def test_s29_s44_nothing_is_an_empty_200_without_dates(alone, path):
    answer = alone.get(path)
    assert (answer.status, answer.json()) == (200, {})
    assert FIRST not in answer.headers and LAST not in answer.headers


@pytest.mark.parametrize(
    "path", [f"objects/{ABSENT}/", f"objects/{ABSENT}/versions/", "objects/x/", "objects/%00/", "objects/%2E%2E/", "objects/%C3%A9/"]
)
def test_s30_what_is_not_there(alone, path):
    assert alone.get(path).status == 404


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


def test_s43_next_on_versions_and_on_one_object(family):
    client, id_ = family
    for path, key in ((f"objects/{id_}/versions/?limit=1", "versions"), (f"objects/{id_}/?match[version]=all&limit=1", "objects")):
        found = [each for page in client.pages(path, "next") for each in page.json()[key]]
        assert sorted(each if key == "versions" else each["modified"] for each in found) == DAYS
    assert client.get(f"objects/{id_}/versions/").json()["versions"] == DAYS


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
