"""Making and opening a node; the ticker that records what a desk gathered."""

from __future__ import annotations

import base64
import os
import stat
import threading

import pytest

from comity import node
from comity.admin import credentials, links, logbook
from comity.admin.fsck import fsck
from comity.clock import now, parse
from comity.config import Limits, Settings, read_settings, write_settings
from comity.errors import Conflict, IntegrityFault, OperatorFault
from comity.intake.govern import add_standing
from comity.node import KEYS, Ticker, _keep_key, acts_key, create_node, open_node, opening_keys, rotate_sealing, scratch_world
from comity.terms.party import Standing
from tests.consortium import Body, Member, indicator

SETTINGS = Settings(party="KZ", name="KZ-sco", title="KZ-CERT", body="sco")


@pytest.fixture(autouse=True)
def no_variables(monkeypatch):
    for name in ("COMITY_STORE", "COMITY_TITLE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def made(tmp_path):
    world = create_node(tmp_path / "deep" / "node", SETTINGS, "member")
    yield world
    world.store.close()


def mode(path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_node_is_a_member_of_its_body_and_has_a_sound_log(made, tmp_path):
    _, rules = made.rulebook.current()
    assert rules.register.standing("KZ", "sco", now()) == "member"
    assert rules.register.standing("KZ", "sco", parse("1970-01-01")) == "member"
    assert rules.agreements == ()
    assert [record["kind"] for record in logbook.entries(made, 0, 10)] == ["init", "govern"]
    assert logbook.verify(made).ok
    assert list(fsck(made)) == []
    assert read_settings(tmp_path / "deep" / "node") == SETTINGS


def test_its_standing_is_the_one_given(tmp_path):
    world = create_node(tmp_path, SETTINGS, "partner")
    assert world.rulebook.current()[1].register.standing("KZ", "sco", now()) == "partner"
    world.store.close()


@pytest.mark.skipif(os.name != "posix", reason="file modes are those of POSIX")
def test_its_folder_and_keys_are_its_owners_alone(made, tmp_path):
    folder = tmp_path / "deep" / "node"
    assert mode(folder) == 0o700
    assert sorted(path.name for path in (folder / "keys").iterdir()) == sorted([*KEYS, "high-water", "turns"])
    assert {mode(folder / "keys" / name) for name in KEYS} == {0o600}


def test_one_key_serves_one_purpose(made, tmp_path):
    texts = {(tmp_path / "deep" / "node" / "keys" / name).read_bytes() for name in KEYS}
    assert len(texts) == len(KEYS)


def test_two_nodes_have_keys_of_their_own(tmp_path):
    worlds = [create_node(tmp_path / name, SETTINGS, "member") for name in ("one", "other")]
    assert worlds[0].journal.verifier != worlds[1].journal.verifier
    for world in worlds:
        world.store.close()


def test_a_node_is_opened_as_it_was_left(made, tmp_path):
    again = open_node(tmp_path / "deep" / "node")
    assert again.store.head() == made.store.head()
    assert again.journal.verifier == made.journal.verifier
    assert again.settings == made.settings
    assert logbook.verify(again).ok
    again.store.close()


def test_settings_other_than_the_defaults_are_the_nodes(tmp_path):
    limits = Limits(page=7)
    world = create_node(tmp_path, Settings(party="KZ", name="KZ-sco", body="sco", limits=limits, hosts=("node.example",)), "member")
    assert (world.settings.limits, world.settings.hosts) == (limits, ("node.example",))
    world.store.close()


def test_a_store_elsewhere(tmp_path):
    world = create_node(
        tmp_path / "node", Settings(party="KZ", name="KZ-sco", body="sco", store=f"sqlite:{tmp_path / 'other.db'}"), "member"
    )
    world.store.close()
    assert (tmp_path / "other.db").is_file()
    assert not (tmp_path / "node" / "comity.db").exists()


def test_a_node_is_not_made_twice(made, tmp_path):
    folder = tmp_path / "deep" / "node"
    before = {
        path: path.read_bytes() for path in [folder / "node.toml", *(each for each in (folder / "keys").rglob("*") if each.is_file())]
    }
    with pytest.raises(Conflict, match="is a node already") as fault:
        create_node(folder, SETTINGS, "member")
    assert "--node" in fault.value.next
    assert {path: path.read_bytes() for path in before} == before


def test_keys_are_never_overwritten(tmp_path):
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "log").write_bytes(b"an older key")
    with pytest.raises(OperatorFault, match="cannot make a node"):
        create_node(tmp_path, SETTINGS, "member")
    assert (tmp_path / "keys" / "log").read_bytes() == b"an older key"


def test_a_place_that_cannot_be_written_is_the_operators(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OperatorFault, match="cannot make a node"):
        create_node(tmp_path / "file" / "node", SETTINGS, "member")


@pytest.mark.parametrize("store", ["postgresql://db.example/comity", "sqlite:nowhere/at/all.db"])
def test_a_store_that_cannot_be_opened_leaves_no_half_made_node(tmp_path, monkeypatch, store):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "node"
    with pytest.raises(OperatorFault):
        create_node(folder, Settings(party="KZ", name="KZ-sco", body="sco", store=store), "member")
    world = create_node(folder, SETTINGS, "member")
    assert logbook.verify(world).ok
    world.store.close()


def test_a_folder_that_is_no_node(tmp_path):
    with pytest.raises(OperatorFault, match="is not a node"):
        open_node(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_key_is_the_operators_to_restore(made, tmp_path):
    (tmp_path / "deep" / "node" / "keys" / "log").unlink()
    with pytest.raises(OperatorFault, match="log key") as fault:
        open_node(tmp_path / "deep" / "node")
    assert "backup" in fault.value.next


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "binary", "other"])
def test_a_damaged_key_is_the_operators_to_restore_and_is_not_quoted(made, tmp_path, damage):
    path = tmp_path / "deep" / "node" / "keys" / "log"
    raw = path.read_bytes()
    changed = {
        "cut": raw[:-9], "flipped": raw[:-20] + bytes([raw[-20] ^ 1]) + raw[-19:], "empty": b"", "binary": b"\xff" * 60, "other": b"some text\n",
    }  # fmt: skip
    path.write_bytes(changed[damage])
    with pytest.raises(OperatorFault) as fault:
        open_node(tmp_path / "deep" / "node")
    assert "backup" in fault.value.next
    assert str(fault.value) == "the node's log key is damaged"


def test_another_nodes_key_cannot_go_on_with_the_log(made, tmp_path):
    other = create_node(tmp_path / "other", SETTINGS, "member")
    other.store.close()
    (tmp_path / "deep" / "node" / "keys" / "log").write_bytes((tmp_path / "other" / "keys" / "log").read_bytes())
    world = open_node(tmp_path / "deep" / "node")
    assert not logbook.verify(world).ok
    with pytest.raises(IntegrityFault, match="nothing was appended"):
        add_standing(world, Standing(party="UZ", body="sco", standing="member", since=now()), by="test")
    world.store.close()


def test_a_damaged_store_is_named(made, tmp_path):
    made.store.close()
    for path in (tmp_path / "deep" / "node").glob("comity.db*"):
        path.write_bytes(b"this is no database, and longer than its header" * 9)
    with pytest.raises(IntegrityFault, match="damaged"):
        open_node(tmp_path / "deep" / "node")


def test_a_wrong_settings_file_is_named(made, tmp_path):
    (tmp_path / "deep" / "node" / "node.toml").write_text("party = ")
    with pytest.raises(OperatorFault, match=r"node\.toml"):
        open_node(tmp_path / "deep" / "node")


def test_a_log_is_named_after_its_node(made, tmp_path):
    assert node.log_name(SETTINGS) in made.store.head().checkpoint.decode()
    write_settings(tmp_path / "deep" / "node", Settings(party="UZ", name="UZ-sco", body="sco"))
    renamed = open_node(tmp_path / "deep" / "node")
    assert not logbook.verify(renamed).ok
    renamed.store.close()


def test_a_scratch_world_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    world = scratch_world("KZ", "sco")
    assert (world.settings.party, world.settings.body, world.store.head().size) == ("KZ", "sco", 0)
    assert scratch_world("KZ", "sco").journal.verifier != world.journal.verifier
    assert list(tmp_path.iterdir()) == []


# The ticker


def kinds(body: Body) -> list[str]:
    return [record["kind"] for record in logbook.entries(body.world, 0, 100)]


def reading() -> Body:
    body = Body()
    kz, ir = body.member("KZ"), body.observer("IR")
    item = indicator()
    kz.submits(item, tlp="amber")
    Member(body, "SCO-CENTRE").reads(types=frozenset({"comity-standing"}))  # by the node's own people
    ir.gets(item["id"])
    return body


def test_the_ticker_records_what_was_gathered_when_it_ends():
    body = reading()
    with Ticker(body.desk):
        assert "refuse" not in kinds(body)
    assert kinds(body)[-2:] == ["refuse", "access"]


def test_the_ticker_records_refusals_at_each_tick_and_reads_at_longer_ones(monkeypatch):
    monkeypatch.setattr(node, "TICK", 0.01)
    body = reading()
    with Ticker(body.desk):
        until = threading.Event()
        for _ in range(300):
            if "refuse" in kinds(body):
                break
            until.wait(0.01)
        assert kinds(body)[-1] == "refuse"
    assert kinds(body)[-1] == "access"


def test_one_bad_moment_does_not_end_the_ticker(monkeypatch, capsys):
    monkeypatch.setattr(node, "TICK", 0.01)
    body = reading()
    clock, failed = body.world.clock, threading.Event()

    def broken():
        failed.set()
        raise ZeroDivisionError("the clock stands still")

    object.__setattr__(body.world, "clock", broken)
    with Ticker(body.desk):
        assert failed.wait(5)
        object.__setattr__(body.world, "clock", clock)
    assert "the clock stands still" in capsys.readouterr().err


def test_the_key_for_acts_is_the_nodes_own_and_made_once(made, tmp_path):
    folder = tmp_path / "deep" / "node"
    first = acts_key(folder)
    assert first.name == "comity.example/sco/KZ/KZ-sco/acts"
    assert acts_key(folder).verifier == first.verifier
    (folder / "keys" / "acts").unlink()  # as in a node from before there were acts
    again = acts_key(folder)
    assert again.verifier != first.verifier
    assert acts_key(folder).verifier == again.verifier
    assert sorted(path.name for path in (folder / "keys").iterdir()) == sorted([*KEYS, "high-water", "turns"])
    if os.name == "posix":
        assert mode(folder / "keys" / "acts") == 0o600
    (folder / "keys" / "acts").write_bytes(b"damaged")
    with pytest.raises(OperatorFault, match="damaged"):
        acts_key(folder)


def test_a_key_takes_the_place_of_none(tmp_path):
    (tmp_path / "acts").write_bytes(b"there")
    with pytest.raises(FileExistsError):
        _keep_key(tmp_path / "acts", b"another")
    assert [path.name for path in tmp_path.iterdir()] == ["acts"]
    assert (tmp_path / "acts").read_bytes() == b"there"


def test_sealing_keys_are_made_at_first_use_and_none_is_lost_by_rotation(made, tmp_path):
    folder = tmp_path / "deep" / "node"
    (first,) = opening_keys(folder)
    second = rotate_sealing(folder)
    assert [key.public for key in opening_keys(folder)] == [first.public, second.public]
    assert mode(folder / "keys" / "sealing") == 0o600
    (folder / "keys" / "sealing").unlink()
    (third,) = opening_keys(folder)
    assert third.public not in (first.public, second.public)
    (folder / "keys" / "sealing").write_bytes(b"damaged")
    with pytest.raises(OperatorFault, match="sealing key file"):
        opening_keys(folder)


def test_no_secret_of_a_code_generator_can_be_read_in_the_folder(tmp_path):
    folder = tmp_path / "node"
    world = create_node(folder, Settings(party="KZ", name="n", body="sco"), "member")
    secret = links.first(world)
    seed = links.look(world, secret).seed
    new = credentials.New(password="kept as its hash", totp=seed)
    credentials.enrol(world, secret, new, name="kz.admin")
    forms = (seed, base64.b64encode(seed), seed.hex().encode(), b"kept as its hash")
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert [path for path in files for form in forms if form in path.read_bytes()] == []
    world.store.close()
    again = open_node(folder)
    assert credentials.held(again, "kz.admin").totp == seed
    again.store.close()
    # Another key in its place: they are nobody's, until the right one is there again.
    kept = (folder / "keys" / "people").read_bytes()
    (folder / "keys" / "people").unlink()
    other = open_node(folder)
    assert credentials.held(other, "kz.admin") is None
    other.store.close()
    (folder / "keys" / "people").write_bytes(kept)
    assert credentials.held(open_node(folder), "kz.admin").totp == seed
    (folder / "keys" / "people").write_bytes(b"damaged")
    with pytest.raises(OperatorFault, match="damaged"):
        open_node(folder)
