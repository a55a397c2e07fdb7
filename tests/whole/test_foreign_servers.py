"""Links to the servers that the field runs: medallion (the reference server) and OpenTAXII, in processes of their own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from comity.clock import stamp
from comity.peer import book, link, pulling
from comity.peer.report import Report
from comity.peer.taxii_client import TaxiiClient
from tests.consortium import MEMBERS, indicator
from tests.peer import foreign
from tests.peer.nodes import GREEN, Node, ids

pytestmark = pytest.mark.loop

#: The members' agreement, with KZ as the custodian that what UZ's node posts goes to.
TO_KZ = MEMBERS.replace("[party.SCO-CENTRE]", "[party.KZ]")


@pytest.fixture
def objects() -> list[dict[str, Any]]:
    return [indicator(name=f"number {n}") for n in range(57)]


@pytest.fixture
def node(monkeypatch: pytest.MonkeyPatch) -> Node:
    monkeypatch.setattr(pulling, "PAGE", 10)
    return Node("UZ", agreement=TO_KZ)


def linked(node: Node, url: str, **more: Any) -> None:
    peer = book.Peer(name="other", party="KZ", url=url, user="kz", token="word", **more)
    book.add_peer(node.world, peer)


def sync(node: Node) -> Report:
    return link.sync(node.desk, "other")


def moment(second: int) -> str:
    return stamp(1_633_046_400_000_000 + second * 1_000_000)


def test_medallion_is_pulled_page_by_page_once(tmp_path: Path, node: Node, objects: list[dict[str, Any]]) -> None:
    """Its `next` is the same throughout, and gives each page once."""
    pytest.importorskip("medallion")
    rows = [(moment(n // 5), obj) for n, obj in enumerate(objects)]
    with foreign.medallion(tmp_path, rows) as url:
        linked(node, url, collection=foreign.READ)
        report = sync(node)
        assert (report.pulled, report.problems) == ({"accepted": 57}, [])
        assert set(node.holds()) == ids(objects)
        assert sync(node).pulled == {}
        seen = link.look(node.world, "other")
        assert (seen["server"], seen["collection"], seen["news"]) == ("answers", foreign.READ, False)


def test_medallion_forgets_its_next_and_nothing_is_lost(tmp_path: Path, node: Node, objects: list[dict[str, Any]]) -> None:
    """Another reader of the same walk takes a page away; a walk that is cut begins just before what it had."""
    pytest.importorskip("medallion")
    with foreign.medallion(tmp_path, [(moment(n // 5), obj) for n, obj in enumerate(objects)]) as url:
        client = TaxiiClient("kz", "word")
        collection = next(each for each in client.collections(url) if each.id == foreign.READ)
        pages = client.pages(collection, None, 10)
        got = [next(pages), next(pages)]
        forgotten = TaxiiClient("kz", "word")
        resume = got[-1].resume
        rest = list(forgotten.pages(collection, resume, 10))
        found = {obj["id"] for each in got + rest for obj in json.loads(each.raw)["objects"]}
        assert found == ids(objects)


def test_medallion_is_posted_to_and_says_what_became_of_it(tmp_path: Path, node: Node) -> None:
    """It knows no envelopes: only objects that say their own marking go there. A post made twice is, to medallion, a failure."""
    pytest.importorskip("medallion")
    with foreign.medallion(tmp_path, []) as url:
        linked(node, url, push=True, pull=False)
        marked = [indicator(object_marking_refs=[GREEN]) for _ in range(12)]
        unmarked = indicator()
        node.adds(*marked, unmarked)
        report = sync(node)
        assert report.pushed == {"taken": 12, "refused": 0, "kept here": 1}
        assert sync(node).pushed == {}
        client = TaxiiClient("kz", "word")
        collection = next(each for each in client.collections(url) if each.id == foreign.WRITE)
        given = [obj["id"] for page in client.pages(collection, None, 5) for obj in json.loads(page.raw)["objects"]]
        assert set(given) == ids(marked)
        again = client.post(collection, json.dumps({"objects": marked[:1]}).encode())
        assert again is not None
        assert (again.taken, again.refused) == (0, 1)


def test_several_collections_are_listed_to_choose_from(tmp_path: Path, node: Node) -> None:
    pytest.importorskip("medallion")
    with foreign.medallion(tmp_path, []) as url:
        linked(node, url)
        assert foreign.READ in link.look(node.world, "other")["server"]
        book.change_peer(node.world, "other", url=url.replace("taxii2", foreign.ROOT_ID) + f"collections/{foreign.READ}/")
        assert link.look(node.world, "other")["collection"] == foreign.READ


def test_opentaxii_is_pulled_page_by_page_once_and_posted_to(tmp_path: Path, node: Node, objects: list[dict[str, Any]]) -> None:
    """Every object says its type for its `spec_version`; the link sets that right."""
    pytest.importorskip("opentaxii")
    with foreign.opentaxii(tmp_path, objects) as url:
        linked(node, url, push=True)
        report = sync(node)
        assert (report.pulled, report.problems) == ({"accepted": 57}, [])
        assert set(node.holds()) == ids(objects)
        assert set(sync(node).pulled) <= {"duplicate"}
        mine = indicator(object_marking_refs=[GREEN])
        node.adds(mine)
        report = sync(node)
        assert (report.pushed, report.problems) == ({"taken": 1, "refused": 0}, [])
        client = TaxiiClient("kz", "word")
        (collection,) = client.collections(url)
        given = [obj["id"] for page in client.pages(collection, None, 10) for obj in json.loads(page.raw)["objects"]]
        assert set(given) == ids([*objects, mine])
