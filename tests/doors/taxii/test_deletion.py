"""DELETE over the wire, as a client meets it. Ids like S36 are rows of the conformance checklist."""

from __future__ import annotations

import json

import pytest

from comity.admin.tokens import revoke, tokens
from comity.intake.telling import tell
from tests.consortium import indicator
from tests.doors.taxii.site import EXCHANGE, MEDIA, ROOT


def test_s36_what_was_deleted_is_not_found(site, kz, uz):
    item, other = indicator(), indicator()
    site.posts(kz, item, other)
    path = f"{EXCHANGE}objects/{item['id']}/"
    response = kz("DELETE", path)
    assert (response.status_code, response.headers["content-type"], response.json()) == (200, MEDIA, {})
    for client in (kz, uz):
        for gone in (path, path + "versions/", path + "?match[version]=all", path + f"?match[version]={item['modified']}"):
            assert client("GET", gone).status_code == 404
        assert [o["id"] for o in client("GET", EXCHANGE + "objects/").json()["objects"]] == [other["id"]]
        assert [o["id"] for o in client("GET", EXCHANGE + "manifest/").json()["objects"]] == [other["id"]]
        assert client("GET", f"{EXCHANGE}objects/?match[id]={item['id']}").json() == {}
    assert kz("DELETE", path).status_code == 404


def test_s36_by_version_all_unless_said(site, kz):
    first = indicator()
    site.posts(kz, *({**first, "modified": f"2021-10-0{n}T00:00:00.000Z"} for n in range(1, 6)))
    path = f"{EXCHANGE}objects/{first['id']}/"

    def left() -> str:
        response = kz("GET", path + "versions/")
        return "".join(at[9] for at in response.json()["versions"]) if response.status_code == 200 else ""

    assert kz("DELETE", path + "?match[version]=last").status_code == 200
    assert left() == "1234"
    assert kz("DELETE", path + "?match[version]=2021-10-02T00:00:00.000Z").status_code == 200
    assert left() == "134"
    assert kz("GET", path + "?match[version]=2021-10-02T00:00:00.000Z").status_code == 404
    assert kz("DELETE", path + "?match[version]=2021-10-02T00:00:00.000Z").status_code == 404
    assert kz("DELETE", path + "?match[version]=all&match[spec_version]=2.0").status_code == 404
    assert kz("DELETE", path + "?match[version]=first,last").status_code == 200
    assert left() == "3"
    assert kz("DELETE", path + "?match[version]=all").status_code == 200
    assert left() == ""


@pytest.mark.parametrize(
    ("scopes", "of", "status"),
    [
        ((), "exchange", 404), (("taxii:read",), "exchange", 403), (("taxii:write",), "exchange", 403), (("taxii:read", "taxii:write"), "exchange", 200),
        ((), "shared", 404), (("taxii:read",), "shared", 403), (("taxii:write",), "shared", 404), (("taxii:read", "taxii:write"), "shared", 403),
        (("taxii:read", "taxii:write"), "nonesuch", 404),
    ],
)  # fmt: skip
def test_s16_who_may_delete(site, kz, scopes, of, status):
    item = indicator()
    site.posts(kz, item)
    assert site.client("KZ", scopes)("DELETE", f"{ROOT}collections/{of}/objects/{item['id']}/").status_code == status
    assert bool(kz("GET", EXCHANGE + "objects/").json()) == (status != 200)


@pytest.mark.parametrize(
    "query",
    [
        "limit=1",
        "added_after=2021-01-01T00:00:00Z",
        "match[version]=all,last",
        "match[version]=x",
        "match[version]=last&match[version]=last",
    ],
)
def test_s22_a_malformed_deletion_deletes_nothing(site, kz, query):
    item = indicator()
    site.posts(kz, item)
    assert kz("DELETE", f"{EXCHANGE}objects/{item['id']}/?{query}").status_code == 400
    assert kz("GET", f"{EXCHANGE}objects/{item['id']}/").status_code == 200


def test_s45_nobody_learns_by_delete_what_there_is(site, kz):
    """Another's visible object, another's hidden one and none at all: one answer, to the byte; and the hidden ones stay."""
    site.body.observer("IR")
    ir = site.client("IR")
    hidden, shown = indicator(), indicator()
    site.posts(kz, hidden)
    site.posts(site.client("KZ", tlp="green"), shown)
    asked = [hidden["id"], shown["id"], "indicator--99999999-9999-4999-8999-999999999999", "x", "%00", "é"]
    for query in ("", "?match[version]=all", f"?match[version]={hidden['modified']}"):
        said = [ir("DELETE", f"{EXCHANGE}objects/{id_}/{query}") for id_ in asked]
        assert {each.status_code for each in said} == {404}
        assert len({each.content for each in said}) == 1
        assert len({tuple(sorted(each.headers.items())) for each in said}) == 1
    assert len(kz("GET", EXCHANGE + "objects/").json()["objects"]) == 2


def test_s36_an_old_cursor_goes_on_and_a_repost_is_new(site, kz, uz):
    items = [indicator() for _ in range(5)]
    site.posts(kz, *items)
    page = uz("GET", EXCHANGE + "objects/?limit=2").json()
    for item in (items[1], items[3]):
        assert kz("DELETE", f"{EXCHANGE}objects/{item['id']}/").status_code == 200
    rest = uz("GET", EXCHANGE + "objects/", params={"limit": "9", "next": page["next"]})
    assert [o["id"] for o in rest.json()["objects"]] == [items[2]["id"], items[4]["id"]]
    last = rest.headers["x-taxii-date-added-last"]
    assert uz("GET", EXCHANGE + "manifest/", params={"added_after": last}).json() == {}
    assert site.posts(kz, items[1]).json()["success_count"] == 1
    (again,) = uz("GET", EXCHANGE + "manifest/", params={"added_after": last}).json()["objects"]
    assert (again["id"], again["date_added"] > last) == (items[1]["id"], True)


def test_a_token_revoked_while_a_message_arrives_writes_nothing(site, kz):
    """A message has two minutes to arrive."""
    message = json.dumps({"objects": [indicator()]}).encode()

    def slowly():
        yield message[:10]
        (token,) = tokens(site.body.world)
        assert revoke(site.body.world, token.id)
        yield message[10:]

    assert site.posts(kz, content=slowly()).status_code == 401
    assert list(site.body.world.store.by_type("indicator")) == []


def test_whoever_had_it_is_told_where_it_reads_on(site, kz, uz):
    item = indicator()
    site.posts(kz, item)
    last = uz("GET", EXCHANGE + "objects/").headers["X-TAXII-Date-Added-Last"]
    assert kz("DELETE", f"{EXCHANGE}objects/{item['id']}/").status_code == 200
    tell(site.body.world)
    (record,) = uz("GET", f"{EXCHANGE}manifest/?added_after={last}").json()["objects"]
    (gone,) = uz("GET", f"{EXCHANGE}objects/?added_after={last}").json()["objects"]
    assert (gone["id"], gone["revoked"], gone["modified"]) == (item["id"], True, record["version"]) and record["id"] == item["id"]
    assert uz("GET", f"{EXCHANGE}objects/{item['id']}/").status_code == 404
    assert kz("GET", EXCHANGE + "objects/").json() == {}
