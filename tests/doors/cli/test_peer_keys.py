"""`comity peer invite`, `join`, `rotate`, `revoke`, against a node that runs."""

from __future__ import annotations

import json

import pytest

from tests.consortium import MEMBERS, indicator
from tests.running import free_port, running, until


@pytest.fixture
def made(comity, tmp_path):
    """A centre and the nodes of KZ and UZ with the same rules; where the centre is called."""
    (tmp_path / "a.toml").write_text(MEMBERS)
    for name, party in (("centre", "SCO-CENTRE"), ("kz", "KZ"), ("uz", "UZ")):
        comity("init", "--party", party, "--standing", "partner" if name == "centre" else "member", node=name)
        comity("agreement", "add", "a.toml", node=name)
        for code in ("KZ", "UZ"):
            comity("party", "add", "--party", code, "--body", "sco", "--standing", "member", "--from", "2001-06-15", node=name)
    return free_port()


def rows(result) -> list[dict]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def invited(comity, made, party: str, name: str = "") -> str:
    file = f"{party}{name}.invitation"
    comity("peer", "invite", "--party", party, "--url", f"https://127.0.0.1:{made}/", "--out", file, "--name", name, node="centre")
    return file


def test_an_invitation_needs_to_say_where(comity):
    comity("init", "--party", "SCO-CENTRE")
    assert b"peering.url" in comity("peer", "invite", "--party", "KZ", code=1).stderr


def test_an_invitation_is_written_once_and_for_one(comity, made, tmp_path):
    file = invited(comity, made, "KZ")
    assert (tmp_path / file).stat().st_mode & 0o077 == 0
    said = comity("peer", "invite", "--party", "UZ", "--url", f"https://127.0.0.1:{made}/", "--out", file, node="centre", code=1).stderr
    assert b"cannot write" in said
    assert b"for KZ" in comity("peer", "join", file, node="uz", code=2).stderr
    assert comity("peer", "invite", "--party", "UZ", "--url", f"https://127.0.0.1:{made}/", node="centre").stdout.startswith(
        b"comity invitation\n"
    )


@pytest.mark.loop
def test_nodes_link_exchange_rotate_and_part(comity, made, tmp_path):
    obj = indicator()
    (tmp_path / "i.json").write_text(json.dumps({"type": "bundle", "id": "bundle--00000000-0000-4000-8000-000000000001", "objects": [obj]}))
    with running(tmp_path / "centre", made):
        for party in ("KZ", "UZ"):
            comity("peer", "join", invited(comity, made, party), "--name", "centre", node=party.lower())
        comity("add", "i.json", "--tlp", "amber", node="kz")
        assert b"is that node already" in comity("peer", "join", "KZ.invitation", "--name", "other", node="kz", code=6).stderr
        assert rows(comity("sync", node="kz"))[0]["pushed"] == {"parcels": 1}
        assert rows(comity("sync", node="uz"))[0]["pulled"] == {"parcels": 1}
        assert json.loads(comity("get", obj["id"], node="uz").stdout)["id"] == obj["id"]
        assert rows(comity("sync", node="uz"))[0]["pulled"] == {}

        assert rows(comity("peer", "rotate", node="kz"))[0]["keys"] == "has them"
        assert rows(comity("peer", "rotate", node="centre")) == [
            {"name": "kz", "party": "KZ", "keys": "with its next request"},
            {"name": "uz", "party": "UZ", "keys": "with its next request"},
        ]
        for party in ("kz", "uz"):
            status = rows(comity("peer", "status", node=party))[0]
            assert (status["server"], status["problem"]) == ("answers", "")

        found = comity("peer", "revoke", "kz", "--compromised", "--since", "2020-01-01", "--reason", "broken into", node="centre")
        assert [row["id"] for row in rows(found)] == [obj["id"]]
        assert comity("peer", "status", node="kz", code=7).stdout
        comity("sync", node="kz", code=7)
        assert rows(comity("sync", node="uz"))[0]["pulled"] == {}
        assert "broken into" in rows(comity("peer", "status", "kz", node="centre", code=7))[0]["server"]

        comity("peer", "rotate", "--parcels", node="kz")
        comity("peer", "remove", "centre", node="kz")
        comity("peer", "join", invited(comity, made, "KZ", "kz"), "--name", "centre", node="kz")
        assert rows(comity("sync", node="kz"))

    assert b"nothing is unconfirmed" in comity("peer", "unconfirmed", node="uz").stderr
    assert b"what came from SCO-CENTRE waits" in comity("log", "renew", "--reason", "put back", node="uz").stderr
    assert b"is given on" in comity("peer", "resume", "centre", "--reason", "as good as new", node="uz").stderr


@pytest.mark.loop
def test_a_running_node_keeps_its_links_going(comity, made, tmp_path):
    obj, later = indicator(), indicator()
    for name, each in (("i.json", obj), ("j.json", later)):
        (tmp_path / name).write_text(
            json.dumps({"type": "bundle", "id": "bundle--00000000-0000-4000-8000-000000000001", "objects": [each]})
        )

    def has(id_: str) -> bool:
        return bool(comity("get", id_, node="uz", code=None).stdout)

    with running(tmp_path / "kz"), running(tmp_path / "uz"):
        with running(tmp_path / "centre", made):
            for party in ("KZ", "UZ"):
                comity("peer", "join", invited(comity, made, party), "--name", "centre", node=party.lower())
            comity("add", "i.json", "--tlp", "amber", node="kz")
            until(lambda: has(obj["id"]), 20)
        comity("add", "j.json", "--tlp", "amber", node="kz")
        assert not has(later["id"])
        with running(tmp_path / "centre", made):  # away for a while, and back: nobody has to do anything
            until(lambda: has(later["id"]), 40)
