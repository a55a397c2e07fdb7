"""Redacted copies over TAXII: what an observer's client gets, to the last byte and header, and what a member's does."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from comity.admin.collections import collection_ids
from comity.admin.tokens import SCOPES, create
from comity.doors.site import site
from comity.release.desk import Desk
from tests.consortium import indicator
from tests.inside import Inside
from tests.release.test_copies import SECRET, Cast

ACCEPT = {"Accept": "application/taxii+json;version=2.1"}


class Client:
    """A TAXII client of one party that keeps every byte it ever got."""

    def __init__(self, cast: Cast, party: str) -> None:
        world = cast.body.world
        _, secret = create(world, party=party, scopes=SCOPES, expires=world.clock() + timedelta(days=1))
        self.http = Inside(site(Desk(world)), base_url="http://localhost")
        self.head = {"Authorization": f"Bearer {secret}"}
        self.root = f"/taxii2/sco/collections/{collection_ids(world, 'sco')['exchange']}"
        self.heard = b""
        self.after: str | None = None

    def get(self, path: str, status: int = 200, accept: dict[str, str] | None = None, **params: str) -> Any:
        answer = self.http.get(path, headers={**self.head, **(ACCEPT if accept is None else accept)}, params=params)
        assert answer.status_code == status, answer.text
        self.heard += answer.content + repr(answer.headers.raw).encode()
        self.date = answer.headers.get("X-TAXII-Date-Added-Last")
        return msgspec.json.decode(answer.content)

    def polls(self) -> list[dict[str, Any]]:
        """Page by page what was added since the last poll."""
        found: list[dict[str, Any]] = []
        more: dict[str, str] = {"added_after": self.after} if self.after else {}
        while True:
            page = self.get(f"{self.root}/objects/", limit="2", **more)
            found += page.get("objects", ())
            self.after = self.date or self.after
            if not page.get("more"):
                return found
            more["next"] = page["next"]


@pytest.fixture
def cast() -> Cast:
    return Cast()


def test_an_observer_gets_each_copy_once_and_a_member_none(cast: Cast) -> None:
    first = [indicator(description=SECRET, name=f"n{number}") for number in range(5)]
    cast.kz.submits(*first, tlp="green")
    observer, member = Client(cast, "IR"), Client(cast, "UZ")
    got = observer.polls()
    assert sorted(obj["name"] for obj in got) == [obj["name"] for obj in first]
    assert observer.polls() == []
    new = indicator(description=SECRET, name="new")
    cast.kz.submits(new, tlp="green")
    (more,) = observer.polls()
    assert more["name"] == "new"
    assert observer.polls() == []
    copies = {obj["id"] for obj in (*got, more)}
    assert len(copies) == 6
    met = member.polls()
    assert [obj for obj in met if obj["type"] == "indicator"] == [*first, new]
    assert {obj["relationship_type"] for obj in met if obj["type"] == "relationship"} == {"derived-from"}
    assert not copies & {obj["id"] for obj in met}


def test_no_byte_that_an_observer_gets_tells_of_the_original(cast: Cast) -> None:
    author = indicator(description=SECRET)["id"].replace("indicator", "identity")
    item = indicator(description=SECRET, created_by_ref=author)
    cast.kz.submits(item, tlp="green")
    observer, member = Client(cast, "IR"), Client(cast, "KZ")
    (copy,) = observer.polls()
    objects = f"{observer.root}/objects"
    (record,) = observer.get(f"{observer.root}/manifest/")["objects"]
    assert (record["id"], record["version"]) == (copy["id"], item["modified"])
    assert observer.get(f"{objects}/{copy['id']}/versions/")["versions"] == [item["modified"]]
    assert observer.get(f"{objects}/{copy['id']}/")["objects"] == [copy]
    (listed,) = observer.get("/api/v1/items", accept={})["items"]
    assert (listed["id"], listed["origin"]) == (copy["id"], "KZ")
    assert observer.get(f"/api/v1/items/{copy['id']}/why", accept={}, party="IR")["effect"] == "permit"
    (link,) = [obj["id"] for obj in member.polls() if obj["type"] == "relationship"]
    assert copy["id"].encode() in observer.heard
    for secret in (*(id_.partition("--")[2] for id_ in (item["id"], author, link)), SECRET):
        assert secret.encode() not in observer.heard
    # Hidden and absent are the same.
    observer.get(f"{objects}/{item['id']}/", 404)
    observer.get(f"{objects}/{link}/", 404)
    (body,) = member.get(f"{member.root}/objects/{copy['id']}/")["objects"]
    assert body == copy


def test_what_the_origin_deletes_is_gone_for_the_observer(cast: Cast) -> None:
    item = indicator(description=SECRET)
    cast.kz.submits(item, tlp="green")
    observer, origin = Client(cast, "IR"), Client(cast, "KZ")
    (copy,) = observer.polls()
    assert origin.http.delete(f"{origin.root}/objects/{copy['id']}/", headers={**origin.head, **ACCEPT}).status_code == 404
    assert origin.http.delete(f"{origin.root}/objects/{item['id']}/", headers={**origin.head, **ACCEPT}).status_code == 200
    observer.get(f"{observer.root}/objects/{copy['id']}/", 404)
    assert origin.polls() == []
