"""TAXII on the wire: media types, parameters, cursors, errors. Ids like S6 are rows of the conformance checklist."""

from __future__ import annotations

import base64
import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import QueryParams

from comity.clock import micros, parse
from comity.doors.taxii.wire import (
    MEDIA,
    Refusal,
    check_accept,
    check_coding,
    check_content_type,
    read_cursor,
    read_deletion,
    read_query,
    respond,
    unauthenticated,
    write_cursor,
)
from comity.release.select import Query

ALL = frozenset({"id", "type", "version", "spec_version"})


def query(
    text: str = "", *, own: bool = True, page: int = 1000, allowed: frozenset[str] = ALL, ids: tuple[str, ...] | None = None
) -> Query:
    return read_query(QueryParams(text), own=own, page=page, allowed=allowed, ids=ids)


def refused(text: str, **options) -> Refusal:
    with pytest.raises(Refusal) as caught:
        query(text, **options)
    return caught.value


# Media types


@pytest.mark.parametrize(
    "accept",
    [
        None, "", MEDIA, "application/taxii+json", "application/taxii+json; version=2.1", "APPLICATION/TAXII+JSON;version=2.1", 'application/taxii+json;version="2.1"', "*/*", "application/*",
        "text/html, */*;q=0.1", "*/*;q=0, application/taxii+json", "application/taxii+json;version=2.1;q=0.0,application/taxii+json;version=2.1;q=0.001", "application/json,application/taxii+json;q=0.5", "application/taxii+json;version=2.0, application/taxii+json;version=2.1",
    ],
)  # fmt: skip
def test_s5_accepts(accept):
    check_accept(accept)


@pytest.mark.parametrize(
    "accept",
    [
        "text/html",
        "application/json",
        "application/stix+json;version=2.1",
        "application/taxii+json;version=2.0",
        "taxii",
        "text/*",
        ",",
        "application",
        "application/taxii+json;q=0",
        "*/*, application/taxii+json;version=2.1;q=0.000",
    ],
)
def test_s6_accepts_not(accept):
    with pytest.raises(Refusal) as caught:
        check_accept(accept)
    assert caught.value.status == 406


@pytest.mark.parametrize(
    "media",
    [
        MEDIA,
        "application/taxii+json",
        "application/taxii+json; version=2.1",
        'application/taxii+json;version="2.1"',
        "Application/TAXII+json",
    ],
)
def test_s7_content_types(media):
    check_content_type(media)


@pytest.mark.parametrize(
    "media",
    [None, "", "application/json", "application/stix+json;version=2.1", "application/taxii+json;version=2.0", "application/*", "*/*"],
)
def test_s7_other_content_types(media):
    with pytest.raises(Refusal) as caught:
        check_content_type(media)
    assert caught.value.status == 415


@pytest.mark.parametrize("encoding", [None, "", "identity", " Identity "])
def test_no_coding(encoding):
    check_coding(encoding)


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate", "identity, gzip", "x"])
def test_a_coding_is_415_and_told_which_is_not(encoding):
    with pytest.raises(Refusal) as caught:
        check_coding(encoding)
    assert (caught.value.status, caught.value.response().headers["accept-encoding"]) == (415, "identity")


# Responses


def test_a_response_is_never_kept_by_a_cache_for_another_party():
    response = respond({"a": 1})
    assert response.headers["content-type"] == MEDIA
    assert response.headers["cache-control"] == "no-store"
    assert "Authorization" in response.headers["vary"]
    assert (response.status_code, response.body) == (200, b'{"a":1}')


def test_bytes_pass_as_they_are():
    raw = b'{ "a": 1.0 }'
    assert respond(raw, 202, {"X-One": "1"}).body == raw
    assert respond(raw, 202, {"X-One": "1"}).headers["x-one"] == "1"


def test_an_error_resource():
    response = Refusal(404, "Not found").response()
    assert (response.status_code, json.loads(response.body)) == (404, {"title": "Not found", "http_status": "404"})
    assert json.loads(Refusal(400, "Malformed", "why").response().body)["description"] == "why"
    assert "www-authenticate" not in response.headers
    told = unauthenticated("wrong").response()
    assert (told.status_code, told.headers["www-authenticate"][:12]) == (401, "Basic realm=")


# Queries


def test_nothing_asked():
    assert query() == Query(limit=1000)
    assert query(own=False).own is False


def test_all_that_can_be_asked():
    found = query(
        "added_after=2021-11-01T09:00:00Z&limit=5&match[id]=a--1,b--2&match[type]=indicator,malware&match[version]=first,last&match[spec_version]=2.0,2.1"
    )
    assert found == Query(
        after=micros(parse("2021-11-01T09:00:00Z")), limit=5, ids=("a--1", "b--2"), types=frozenset({"indicator", "malware"}),
        versions=("first", "last"), spec_versions=frozenset({"2.0", "2.1"}),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "limit"),
    [("", 20), ("limit=1", 1), ("limit=20", 20), ("limit=21", 20), ("limit=999999999", 20), ("limit=9007199254740991", 20)],
)
def test_s26_a_limit_is_at_most_the_servers(text, limit):
    assert query(text, page=20).limit == limit


@pytest.mark.parametrize("limit", ["0", "-1", "x", "", "1.5", "1e3", " 1", "9007199254740992", "٣", "0x10", "1_0"])
def test_s26_other_limits_are_400(limit):
    assert refused(f"limit={limit}").status == 400


@pytest.mark.parametrize(
    "moment", ["2021-11-01T09:00:00.123456Z", "2021-11-01T09:00:00Z", "2021-11-01T14:00:00%2B05:00", "2021-11-01T14:00:00+05:00"]
)
def test_s19_moments(moment):
    assert query(f"added_after={moment}").after // 1_000_000 == micros(parse("2021-11-01T09:00:00Z")) // 1_000_000


@pytest.mark.parametrize(
    "moment", ["", "yesterday", "2021-11-01", "2021-11-01T09:00:00", "2021-13-01T00:00:00Z", "1635757200", "0001-01-01T00:00:00%2B14:00"]
)
def test_s19_other_moments_are_400(moment):
    assert refused(f"added_after={moment}").status == 400


@pytest.mark.parametrize(
    "name", ["added_after", "limit", "next", "match[id]", "match[type]", "match[version]", "match[spec_version]", "match[other]"]
)
def test_s17_given_twice_is_400(name):
    value = {
        "added_after": "2021-11-01T00:00:00Z",
        "limit": "1",
        "next": write_cursor(5),
        "match[version]": "last",
        "match[spec_version]": "2.1",
    }.get(name, "a")
    query(f"{name}={value}")
    assert refused(f"{name}={value}&{name}={value}").status == 400


@pytest.mark.parametrize("text", ["match[id]=", "match[type]=,", "match[type]=a,,b", "match[version]=last,", "match[spec_version]=,2.1"])
def test_s16_an_empty_value_is_400(text):
    assert refused(text).status == 400


@pytest.mark.parametrize(
    "wanted",
    [
        "newest",
        "LAST",
        "all,last",
        "last,last",
        "all,2021-11-01T09:00:00Z",
        "2021",
        "2021-11-01",
        "last,newest",
        "2021-11-01T09:00:00.Z",
        "2021-11-01T09:00:00%2B01:00",
        "2021-13-01T09:00:00Z",
        "2021-11-01T09:00:00Z,2021-11-01T09:00:00Z",
    ],
)
def test_s24_other_versions_are_400(wanted):
    assert refused(f"match[version]={wanted}").status == 400


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ("last",)), ("match[version]=all", ("all",)), ("match[version]=first", ("first",)), ("match[version]=last,first", ("last", "first")),
        ("match[version]=2021-11-01T09:00:00Z", ("2021-11-01T09:00:00Z",)), ("match[version]=last,2021-11-01T09:00:00Z", ("last", "2021-11-01T09:00:00Z")),
    ],
)  # fmt: skip
def test_s24_versions(text, found):
    assert query(text).versions == found


@pytest.mark.parametrize("wanted", ["2", "2.x", "2.1.0", "2.1,latest", "latest", "２.１"])
def test_other_specifications_are_400(wanted):
    assert refused(f"match[spec_version]={wanted}").status == 400


def test_s25_filters_an_endpoint_does_not_have_are_ignored():
    """And none of them may do anything: `versions` lists them all, whatever `match[version]` says."""
    assert query("match[type]=a&match[id]=b", allowed=frozenset({"version", "spec_version"}), ids=("c",)) == Query(limit=1000, ids=("c",))
    assert query("match[version]=last", allowed=frozenset({"spec_version"}), ids=("c",)).versions == ("all",)
    assert query("match[spec_version]=2.0", allowed=frozenset()).spec_versions is None
    assert query("match[colour]=blue&other=1") == query()


def test_a_specification_to_come_is_asked_for_in_vain_and_not_malformed():
    assert query("match[spec_version]=2.1,2.2").spec_versions == frozenset({"2.1", "2.2"})


def test_a_deletion_is_of_versions_alone():
    assert read_deletion(QueryParams(""), "a--1") == Query(limit=1, ids=("a--1",), versions=("all",))
    found = read_deletion(QueryParams("match[version]=all&match[spec_version]=2.0&x=1"), "a--1")
    assert (found.versions, found.spec_versions) == (("all",), frozenset({"2.0"}))


@pytest.mark.parametrize(
    "text", ["limit=1", "added_after=2031-01-01T00:00:00Z", f"next={write_cursor(5)}", "match[id]=b", "match[type]=url"]
)
def test_a_deletion_does_not_ignore_what_was_to_spare_something(text):
    with pytest.raises(Refusal) as caught:
        read_deletion(QueryParams(text), "a--1")
    assert caught.value.status == 400


def test_the_objects_of_an_address_are_not_widened_by_a_filter():
    assert query("match[id]=b", ids=("c",)).ids == ("c",)


# Cursors


@given(at=st.integers(0, (1 << 63) - 1))
def test_cursors_there_and_back(at):
    assert read_cursor(write_cursor(at)) == at
    assert write_cursor(at).replace("-", "").replace("_", "").isalnum()


@given(text=st.text(max_size=30) | st.binary(min_size=10, max_size=10).map(lambda raw: base64.urlsafe_b64encode(raw).decode().rstrip("=")))
def test_a_cursor_is_one_that_was_given_or_400(text):
    found = -1
    with suppress(Refusal):
        found = read_cursor(text)
    assert found == -1 or write_cursor(found) == text


@pytest.mark.parametrize(
    "text",
    [
        "", "x", "AAAA", write_cursor(7)[:-1], write_cursor(7) + "A", write_cursor(7) + "=", " " + write_cursor(7), "é", "5",
        base64.urlsafe_b64encode(b"c2" + bytes(8)).decode().rstrip("="), base64.urlsafe_b64encode(b"c1" + b"\xff" * 8).decode().rstrip("="),
    ],
)  # fmt: skip
def test_cursors_of_another_make_are_400(text):
    assert refused(f"next={text}").status == 400


def test_a_cursor_goes_on_after_it_and_never_back():
    assert query(f"next={write_cursor(1_700_000_000_000_000)}").after == 1_700_000_000_000_000
    later = micros(parse("2031-01-01"))
    assert query(f"next={write_cursor(5)}&added_after=2031-01-01T00:00:00Z").after == later
    assert query(f"next={write_cursor(later + 1)}&added_after=2031-01-01T00:00:00Z").after == later + 1
