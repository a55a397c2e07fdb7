"""Two server processes over one store, one of them restarted on the way, objects of one time stamp, inserts while they are read."""

from __future__ import annotations

import json
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest

from comity import node, samples
from comity.admin.fsck import fsck
from comity.admin.tokens import create
from comity.clock import parse
from comity.config import Settings
from comity.intake.govern import add_agreement, add_standing
from comity.terms.party import Standing
from tests.whole.taxii_stranger import BOTH, LAST, Client, item
from tests.whole.test_live_node import serving

pytestmark = pytest.mark.loop
MANY = 10_000


@pytest.fixture
def folder(tmp_path):
    """A centre with KZ and UZ as members."""
    world = node.create_node(tmp_path / "node", Settings(party="SCO-CENTRE", name="SCO-CENTRE-sco", body="sco"), "partner")
    add_agreement(world, samples.read("sco-ict-sample.toml").decode(), "a.toml", by="test")
    for party in ("KZ", "UZ"):
        add_standing(world, Standing(party=party, body="sco", standing="member", since=parse("2001-06-15")), by="test")
    world.store.close()
    return tmp_path / "node"


def clients(folder, url: str, texts: dict[str, str]) -> dict[str, Client]:
    return {party: Client(int(url.rpartition(":")[2]), party, text).find() for party, text in texts.items()}


def tokens(folder) -> dict[str, str]:
    world = node.open_node(folder)
    until = datetime.now(UTC) + timedelta(days=1)
    made = {party: create(world, party=party, scopes=BOTH, expires=until)[1] for party in ("KZ", "UZ")}
    world.store.close()
    return made


def test_each_object_once_over_two_processes_a_restart_and_inserts(folder):
    """10,000 objects with the same `modified`, read by `next` and by `added_after` at once, page by page from one process and the other."""
    texts = tokens(folder)
    with ExitStack() as first, ExitStack() as second:
        places = [clients(folder, stack.enter_context(serving(folder))[0], texts) for stack in (first, second)]
        posted: list[str] = []
        for place in places:  # half of them to each process
            half = [item() for _ in range(MANY // 2)]
            assert place["KZ"].adds(*half)["success_count"] == MANY // 2
            posted += [each["id"] for each in half]
        found: dict[str, list[str]] = {"next": [], "added_after": []}
        marks: dict[str, str] = {}
        open_ = set(found)
        for turn in range(1_000):
            if not open_:
                break
            if turn == 9:
                first.close()
                places[0] = clients(folder, first.enter_context(serving(folder))[0], texts)
            if turn < 20:
                late = [item() for _ in range(7)]
                places[turn // 2 % 2]["KZ"].adds(*late)
                posted += [each["id"] for each in late]
            for step in sorted(open_):
                mark = f"&{step}={quote(marks[step])}" if step in marks else ""
                answer = places[turn % 2]["UZ"].get(f"{'objects' if step == 'next' else 'manifest'}/?limit=499{mark}")
                assert answer.status == 200
                found[step] += answer.ids
                if answer.json().get("more"):
                    marks[step] = answer.json()["next"] if step == "next" else answer.headers[LAST]
                else:
                    open_.discard(step)
        assert not open_
        for ids in found.values():
            assert ids == posted
    world = node.open_node(folder)
    assert list(fsck(world)) == []
    world.store.close()


def test_a_cursor_outlives_its_process(folder):
    texts = tokens(folder)
    posted = [item() for _ in range(20)]
    with serving(folder) as (url, _, _):
        place = clients(folder, url, texts)
        place["KZ"].adds(*posted)
        cursor = place["UZ"].get("objects/?limit=10").json()["next"]
    with serving(folder) as (url, _, _):
        place = clients(folder, url, texts)
        assert place["UZ"].get(f"objects/?next={cursor}").ids == [each["id"] for each in posted[10:]]


def standing(place) -> list[str]:
    """What the reader has, but for the words on what was taken back, which come within a second."""
    return [each["id"] for each in place["UZ"].get().json()["objects"] if not each.get("revoked")]


def test_two_processes_delete_and_post_at_once(folder):
    """What one process withdraws the other no longer has, whatever it remembers of the reader."""
    texts = tokens(folder)
    with ExitStack() as stack:
        places = [clients(folder, stack.enter_context(serving(folder))[0], texts) for _ in range(2)]
        posted = [item() for _ in range(10)]
        places[0]["KZ"].adds(*posted)
        for place in places:
            assert len(place["UZ"].get().ids) == 10
        for number, each in enumerate(posted[:5]):
            kz = places[number % 2]["KZ"]
            assert kz.ask("DELETE", f"{kz.at}objects/{each['id']}/").status == 200
            assert places[1 - number % 2]["UZ"].get(f"objects/{each['id']}/").status == 404
        for place in places:
            assert standing(place) == [each["id"] for each in posted[5:]]
        assert json.loads(places[1]["KZ"].posts(json.dumps({"objects": posted[:1]})).raw)["success_count"] == 1
        assert standing(places[0]) == [each["id"] for each in (*posted[5:], posted[0])]
