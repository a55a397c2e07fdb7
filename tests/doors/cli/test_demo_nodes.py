"""The demo's nodes: made, started, stopped, and a bad start explained."""

from __future__ import annotations

import httpx2
import pytest

from comity import node
from comity.admin import logbook, sessions
from comity.clock import now
from comity.doors.cli.demo_nodes import BODY, MEMBERS, Fleet
from comity.errors import OperatorFault


@pytest.fixture
def fleet(tmp_path):
    with Fleet(node, tmp_path) as made:
        made.make()
        yield made


def test_every_node_is_its_partys_own(fleet, tmp_path):
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(MEMBERS)
    verifiers = set()
    for name, (party, standing, title) in MEMBERS.items():
        world = fleet.world(name)
        assert (world.settings.party, world.settings.title, world.settings.body) == (party, title, BODY)
        assert world.rulebook.current()[1].register.standing(party, BODY, now()) == standing
        assert logbook.verify(world).ok
        verifiers.add(world.journal.verifier)
    assert len(verifiers) == len(MEMBERS)


def test_what_is_a_sample_says_so():
    assert all("sample" in title for _, _, title in MEMBERS.values())


def test_the_centre_is_no_member():
    assert MEMBERS["centre"][1] == "partner"


def test_addresses_are_on_loopback(fleet):
    fleet.servers.ports.update(dict.fromkeys(MEMBERS, 8443))
    assert fleet.taxii("kz") == "http://127.0.0.1:8443/taxii2/"
    people = fleet.people()
    assert {each.party for each in people} == {party for party, _, _ in MEMBERS.values()}
    for each in people:
        head, _, secret = each.link.rpartition("/")
        assert head == "http://127.0.0.1:8443/enter"
        world = fleet.world(each.name.partition(".")[0])
        signed = sessions.find(world, sessions.enter(world, secret))
        assert signed is not None
        assert (signed.user.name, signed.user.party, signed.user.role) == each[:3]
    assert len(fleet.people()) == len(people)


def test_leaving_closes_the_stores(tmp_path):
    with Fleet(node, tmp_path) as made:
        made.make()
        store = made.world("kz").store
        connection = store._connect()
    with pytest.raises(Exception, match="closed"):
        connection.execute("SELECT 1")


@pytest.mark.loop
def test_a_node_that_does_not_come_up_is_explained_and_nothing_stays(tmp_path):
    with Fleet(node, tmp_path) as made:
        made.make()
        (tmp_path / "uz" / "node.toml").write_text("party = ")
        with pytest.raises(OperatorFault, match="the node uz did not come up") as fault:
            made.start()
        assert "node.toml" in str(fault.value)
        processes = list(made.servers.processes.values())
    assert len(processes) == len(MEMBERS)
    assert all(process.poll() is not None for process in processes)


@pytest.mark.loop
def test_servers_are_ready_when_started_and_gone_when_left(tmp_path):
    with Fleet(node, tmp_path) as made:
        made.make()
        made.start()
        assert len(set(made.ports.values())) == len(MEMBERS)
        for name in MEMBERS:
            assert httpx2.get(f"http://127.0.0.1:{made.ports[name]}/healthz", trust_env=False).text == "ok\n"
            assert httpx2.get(made.taxii(name), trust_env=False).status_code == 401
        processes = list(made.servers.processes.values())
        address = made.taxii("kz")
    assert [process.poll() for process in processes] == [0] * len(MEMBERS)
    with pytest.raises(httpx2.HTTPError):
        httpx2.get(address, trust_env=False, timeout=2)
