"""G4 and G11 as tests: everything expires, ungated personal data too, and after its deadline no byte of it is in any file of the node."""

from __future__ import annotations

import base64
import dataclasses
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from comity import node, samples
from comity.admin import asked, logbook, triage, users
from comity.admin.fsck import fsck
from comity.config import History, Settings
from comity.intake.govern import add_agreement, add_standing
from comity.intake.purge import overdue
from comity.intake.submit import Submitter, submit
from comity.ledger.proof import read_proof, verify
from comity.match import history, own
from comity.match.own import own_index
from comity.purging import purge_node
from comity.release.desk import Desk
from comity.release.replay import replays
from comity.release.select import Query
from comity.release.sight import Reader
from comity.retention import Retention
from comity.share import drafts as sharing
from comity.share.drafts import Said
from comity.terms.item import Outcome
from comity.terms.party import Standing
from comity.world import World
from tests.consortium import Ticking, drafts, indicator, relationship, report, sdo, sighting

START = datetime(2031, 1, 6, 9, tzinfo=UTC)
DAY = timedelta(days=1)
MARK = "zqxsecret"
READER = Reader(party="UZ", body="sco", purposes=("network-defence",))


def made(folder: Path) -> tuple[World, Ticking]:
    """A centre's node of the sample agreement, in a folder, with a clock that is told the time."""
    node.create_node(folder, Settings(party="SCO-CENTRE", name="centre", body="sco"), "partner").store.close()
    clock = Ticking(START)
    world = dataclasses.replace(node.open_node(folder), clock=clock)
    settings = msgspec.structs.replace(world.settings, history=History(keep=True, days=30, folder=str(folder / "history")))
    world = dataclasses.replace(world, settings=settings)
    add_agreement(world, samples.read("sco-ict-sample.toml").decode(), "sample.toml", by="test")
    for party in ("KZ", "UZ"):
        add_standing(world, Standing(party=party, body="sco", standing="member", since=START - 4_000 * DAY), by="test")
    return world, clock


def filled(world: World, folder: Path) -> list[bytes]:
    """The river with marks in everything that people write, and proofs of some of it."""
    first = indicator(
        name=f"{MARK} name", description=f"see {MARK}.example", pattern=f"[domain-name:value = '{MARK}.example']", labels=[f"{MARK}-label"]
    )
    mail = {
        "type": "email-addr",
        "spec_version": "2.1",
        "id": "email-addr--0c2ffb74-7bd0-5f69-8f47-8f4c8dd3e5bb",
        "value": f"{MARK}@mail.example",
    }
    kinds = sdo("malware", name=f"{MARK} family", malware_types=[f"{MARK}-kind"])
    note = sdo("note", content=f"{MARK} said", object_refs=[first["id"]])
    person = sdo("identity", name=f"{MARK} Person", identity_class="individual", contact_information=f"{MARK}@mail.example")
    told = [first, mail, kinds, note, person, report(first["id"], name=f"{MARK} report"), relationship(first["id"], kinds["id"])]
    told += [sighting(first["id"], description=MARK)] + [
        indicator(name=f"{MARK} {n}", pattern=f"[url:value = 'http://{MARK}{n}.example/']") for n in range(300)
    ]
    outcomes = list(submit(world, drafts(told), Submitter(party="KZ", tlp="green", named=True)))
    assert {each.outcome for each in outcomes} <= {"accepted", "quarantined"}
    list(submit(world, drafts([indicator(name="stays on")]), Submitter(party="SCO-CENTRE", tlp="green")))
    desk = Desk(world)
    assert desk.page(READER, Query(limit=1_000)).found and desk.object(READER, Query(ids=(first["id"],))).bodies
    desk.flush()
    user = users.add(world, "centre.first", "SCO-CENTRE", "analyst")
    draft = sharing.begin(world, user, Said(title=MARK, text=f"{MARK}.example"))
    with world.store.write() as tx:
        sharing.close(world, tx, draft, (Outcome(outcome="accepted", position="1", id=first["id"]),))
    asked.keep(world, user, [f"{MARK}.example"])
    triage.decide(world, user, {first["id"]: 1}, "disputed", since=START, why=f"{MARK} is wrong")
    history.keep(folder / "history", "log", [("domain", f"{MARK}.example", START)], START)
    own_index(desk, folder / "tables")
    logbook.export(world, folder.parent / "elsewhere")
    return [logbook.prove(world, first["id"]), logbook.prove(world, kinds["id"])]


def where(folder: Path) -> list[str]:
    """The files in which a mark stands, in any of the forms that bytes are kept in."""
    forms = {MARK.encode(), MARK.upper().encode(), MARK.encode("utf-16-le"), MARK.encode("utf-16-be"), MARK.encode().hex().encode()}
    forms |= {base64.b64encode(b" " * shift + MARK.encode())[4 if shift else 0 : 12] for shift in range(3)}
    return [
        str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() and any(form in path.read_bytes() for form in forms)
    ]


def test_g4_and_g11_after_the_deadline_the_bytes_are_found_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own, "WORTH", 1)
    folder = tmp_path / "node"
    world, clock = made(folder)
    proofs = filled(world, folder)
    assert {"comity.db", "tables/own.table"} & set(where(folder))
    clock.at = START + 1_100 * DAY
    before = len(overdue(world))
    found = purge_node(world, folder, by="test")
    assert before > 300 and found.overdue == 0 and found.scrubbed and overdue(world) == []
    assert where(folder) == []
    # What is left verifies, and says erased.
    assert logbook.verify(world).ok and list(fsck(world)) == []
    for proof in proofs:
        assert verify(read_proof(proof), [world.journal.verifier])
    replayed = [each for each in replays(Desk(world)) if not isinstance(each, tuple)]
    assert replayed and all(each.ok and each.gone and not each.same for each in replayed)
    world.store.close()
    assert where(folder) == []


def test_g4_what_nobody_let_out_of_quarantine_goes_at_its_deadline(tmp_path: Path) -> None:
    folder = tmp_path / "node"
    world, clock = made(folder)
    person = sdo("identity", name=f"{MARK} Person", identity_class="individual")
    (outcome,) = submit(world, drafts([person]), Submitter(party="KZ"))
    assert outcome.outcome == "quarantined"
    clock.at = START + (world.settings.gate.quarantine_days - 1) * DAY
    assert purge_node(world, folder).erased == {}
    clock.at = START + (world.settings.gate.quarantine_days + 1) * DAY
    assert purge_node(world, folder).erased == {"quarantine": 1} and where(folder) == []
    kinds = [each["kind"] for each in logbook.entries(world, 0, world.store.head().size)]
    assert "purge" in kinds
    assert world.store.by_id([person["id"]]) == []
    world.store.close()


def test_g11_everything_but_what_governs_has_a_date(tmp_path: Path) -> None:
    world, _ = made(tmp_path / "node")
    filled(world, tmp_path / "node")
    retention = Retention(world)
    without = {row.type for row in world.store.recent(10_000) if retention.due(row) is None}
    assert without == {"comity-agreement", "comity-standing"}
    report_ = json.loads(msgspec.json.encode(purge_node(world, tmp_path / "node")))
    assert report_["overdue"] == 0
    world.store.close()


def test_g4_a_backup_from_before_the_deadline_is_purged_before_it_is_served(tmp_path: Path) -> None:
    from comity.admin import backup
    from comity.purging import purge_first

    world, clock = made(tmp_path / "node")
    filled(world, tmp_path / "node")
    backup.back_up(world, tmp_path / "node", tmp_path / "b", "a passphrase")
    world.store.close()
    backup.restore(tmp_path / "b", tmp_path / "again", "a passphrase")
    clock.at = START + 1_100 * DAY
    again = dataclasses.replace(node.open_node(tmp_path / "again"), clock=clock)
    assert where(tmp_path / "again")
    assert purge_first(again, tmp_path / "again").overdue == 0 and where(tmp_path / "again") == []
    again.store.close()
