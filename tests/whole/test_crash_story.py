"""Each write step of all that a node does goes wrong once, without its effect and with it; each time the whole tree is audited, then it is
done again.

What holds after each: an error was said; the log is sound, extends what it was before, and the store fits it; doing the same again succeeds,
extends the log, and leaves what it would have left at once. In the style of sunlight's TestSequenceErrors.
"""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from comity.admin import backup, logbook, pruning, publishing, tokens
from comity.admin.fsck import fsck
from comity.clock import now
from comity.config import Settings
from comity.durable import PART
from comity.errors import Conflict, Fault
from comity.intake.govern import add_agreement, add_standing
from comity.intake.purge import last
from comity.intake.submit import Submitter, submit
from comity.intake.withdraw import withdraw
from comity.ledger.keys import COSIGNATURE, LogKey, write_verifier
from comity.ledger.note import read_note
from comity.ledger.tile_audit import verify_tiles
from comity.ledger.witness import cosignature, write_answer
from comity.node import create_node, keyring, open_node, renew_log, rotate_sealing
from comity.purging import purge_node
from comity.release.desk import Desk
from comity.release.select import Query
from comity.release.sight import Reader
from comity.terms.party import Standing
from comity.world import World
from tests.consortium import MEMBERS, drafts, indicator
from tests.whole.faults import Steps

SETTINGS = Settings(party="SCO-CENTRE", name="SCO-CENTRE-sco", body="sco")
HELD, NEW = indicator(), indicator(pattern="[domain-name:value = 'worse.example']")
WITNESS = LogKey("comity.example/UZ/witness", bytes(32), COSIGNATURE)
READER = Reader(party="UZ", body="sco", purposes=("network-defence",))
SINCE = datetime(2021, 1, 1, tzinfo=UTC)
SECRET = "correct horse"
#: Steps whose failure need not be told: what is left over is removed, and the mark beside the keys follows with the next entry.
SILENT = ("unlink", "write")


@pytest.fixture(scope="module", autouse=True)
def _cheap() -> Iterator[None]:
    """Keys in a backup are as safe as their passphrase; here it is derived a hundred times."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(backup, "_COST", (1, 64, 1))
        yield


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a node, a backup of it, and its log as tiles."""
    folder = tmp_path_factory.mktemp("sound")
    world = create_node(folder / "node", SETTINGS, "member")
    add_agreement(world, MEMBERS, "test.toml", by="test")
    for party in ("KZ", "UZ"):
        add_standing(world, Standing(party=party, body="sco", standing="member", since=SINCE), by="test")
    list(submit(world, drafts([HELD]), Submitter(party="KZ", tlp="amber")))
    publishing.add_witness(
        world, publishing.Witness(name="uz", url="https://uz.example/tlog", key=write_verifier(WITNESS.verifier), party="UZ"), "test"
    )
    publishing.export(world, folder / "tiles")
    backup.back_up(world, folder / "node", folder / "yesterday", SECRET)
    rotate_sealing(folder / "node")
    world.store.close()
    return folder


def opened(work: Callable[[World, Path], Any]) -> Callable[[Path], None]:
    """A deed at the folder's node, as one run of the program does it."""

    def deed(folder: Path) -> None:
        world = open_node(folder / "node")
        try:
            work(world, folder)
        finally:
            world.store.close()

    return deed


def disclose(world: World, folder: Path) -> None:
    assert [row.id for _, row in Desk(world).page(READER, Query(limit=10)).found] == [HELD["id"]]


def take_back(world: World, folder: Path) -> None:
    withdraw(world, "KZ", HELD["id"], by="KZ", reason="wrong")


def refuse(world: World, folder: Path) -> None:
    """Several entries in one critical section."""
    desk = Desk(world)
    for party in ("IN", "IR"):
        assert not desk.object(Reader(party=party, body="sco", purposes=("network-defence",)), Query(ids=(HELD["id"],))).found
    desk.flush()


def later(world: World) -> World:
    """When everything has expired."""
    return dataclasses.replace(world, clock=lambda: now() + timedelta(days=2_000))


def forget(world: World, folder: Path) -> None:
    purge_node(later(world), folder / "node")


def prune(world: World, folder: Path) -> None:
    disclose(world, folder)
    pruning.prune(later(world), later(world).clock(), "test", compact=True)


def publish(world: World, folder: Path) -> None:
    publishing.publish(world)
    asked = publishing.submission(world, "uz")
    if asked is not None:
        publishing.answered(world, "uz", asked, write_answer([cosignature(read_note(asked.checkpoint), WITNESS, 1_700_000_000)]))


def back_up(world: World, folder: Path) -> None:
    with suppress(Conflict):  # the second time it may be there, and is then whole
        backup.back_up(world, folder / "node", folder / "today", SECRET)
    backup.check(folder / "today")


def restore(folder: Path) -> None:
    with suppress(Conflict):
        backup.restore(folder / "yesterday", folder / "again", SECRET)
    sound_after(folder / "again", None)


def begin(folder: Path) -> None:
    with suppress(Conflict):
        create_node(folder / "new", SETTINGS, "member").store.close()
    sound_after(folder / "new", None)


def export(world: World, folder: Path) -> None:
    logbook.export(world, folder / "copy")
    publishing.export(world, folder / "tiles")
    assert verify_tiles(folder / "tiles", world.journal.verifier).ok


def renew(folder: Path) -> None:
    renew_log(folder / "node", "the disk failed", "test").store.close()


def rotate(folder: Path) -> None:
    keyring(folder / "node").rotate(parcels=True)
    rotate_sealing(folder / "node")


class Deed(NamedTuple):
    """Something that a node does, and what there is to see of it: the same after a fault and another try as without a fault."""

    do: Callable[[Path], None]
    seen: Callable[[World], Any] = lambda world: None


def items(world: World) -> Any:
    return sorted(
        (row.type, row.id, row.origin)
        for type_ in ("indicator", "comity-agreement", "comity-standing")
        for row in world.store.by_type(type_)
    )


DEEDS = {
    "submit": Deed(opened(lambda world, _: list(submit(world, drafts([NEW, HELD]), Submitter(party="KZ", tlp="amber")))), items),
    "govern": Deed(opened(lambda world, _: add_standing(world, Standing(party="IN", body="sco", standing="member", since=SINCE), by="test")), items),
    "disclose": Deed(opened(disclose), lambda world: {"UZ" in str(entry["party"]) for entry in logbook.entries(world, 0, 99)}),
    "token": Deed(opened(lambda world, _: tokens.create(world, party="UZ", scopes=("taxii:read",), expires=world.clock() + timedelta(days=1)))),
    "erase": Deed(opened(take_back), items),
    "refuse": Deed(opened(refuse), lambda world: {str(entry["party"]) for entry in logbook.entries(world, 0, 99) if entry["kind"] == "refuse"}),
    "purge": Deed(opened(forget), lambda world: (items(world), last(world).overdue if last(world) else None)),
    "prune": Deed(opened(prune), lambda world: {entry["kind"] for entry in logbook.entries(world, 0, 99)} >= {"prune"}),
    "publish": Deed(opened(publish), lambda world: publishing.witnessed(world).by.keys()),
    "backup": Deed(opened(back_up)),
    "restore": Deed(restore),
    "init": Deed(begin),
    "export": Deed(opened(export)),
    "renew": Deed(renew),
    "rotate": Deed(rotate, items),
}  # fmt: skip


def sound_after(node: Path, held: bytes | None) -> tuple[bytes, World]:
    """The node opens, its whole tree is sound and extends a checkpoint, and its store fits; the checkpoint now."""
    world = open_node(node)
    try:
        own = world.journal.verifier.name in (held or world.store.head().checkpoint).decode()
        report = logbook.verify(world, held if own else None)
        # A log whose renewal was cut off is not signed by the new key yet; the next entry says so, or does it.
        assert report.ok or not own or "none of the given keys" in str(report.problems), report.problems
        if report.ok:
            assert list(fsck(world)) == []
        return world.store.head().checkpoint, world
    finally:
        world.store.close()


@pytest.mark.parametrize("name", DEEDS)
def test_each_write_step_fails_once_with_and_without_its_effect(sound: Path, tmp_path: Path, name: str) -> None:
    deed, before = DEEDS[name], sound_after(sound / "node", None)[0]
    plain = shutil.copytree(sound, tmp_path / "plain")
    with Steps().watched() as steps:
        deed.do(plain)
    expected = deed.seen(open_node(plain / "node"))
    assert steps.seen
    for number, step in enumerate(steps.seen):
        for persisted in (False, True):
            folder = shutil.copytree(sound, tmp_path / f"{number}-{persisted}")
            where = f"{name}: {step} (step {number}, {'persisted' if persisted else 'not persisted'})"
            with Steps(number, persisted=persisted).watched() as failing, suppress(Fault, OSError):
                deed.do(folder)
                assert step in SILENT or (persisted and step == "mkdir"), f"{where}: no error was said"
            assert failing.seen[number] == step, where
            then, _ = sound_after(folder / "node", before)
            deed.do(folder)
            sound_after(folder / "node", then)
            world = open_node(folder / "node")
            assert deed.seen(world) == expected, where
            world.store.close()
            assert not list(folder.rglob(f"*{PART}")), where
            shutil.rmtree(folder)
