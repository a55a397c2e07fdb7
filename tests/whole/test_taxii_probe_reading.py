"""What a stranger reads by TAXII 2.1 from `comity up`, as the standard has it. Ids like S17 are the lines of docs/taxii.md."""

from __future__ import annotations

import itertools
import re
import uuid

import pytest

from tests.whole.taxii_stranger import ABSENT, DAYS, FIRST, LAST, SIX_DIGITS, item

pytestmark = pytest.mark.loop


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


def test_s43_next_on_versions_and_on_one_object(family):
    client, id_ = family
    for path, key in ((f"objects/{id_}/versions/?limit=1", "versions"), (f"objects/{id_}/?match[version]=all&limit=1", "objects")):
        found = [each for page in client.pages(path, "next") for each in page.json()[key]]
        assert sorted(each if key == "versions" else each["modified"] for each in found) == DAYS
    assert client.get(f"objects/{id_}/versions/").json()["versions"] == DAYS
