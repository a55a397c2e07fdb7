"""What is due goes from everywhere, the log says so, and what is left verifies."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from comity.admin import logbook, triage
from comity.admin.fsck import fsck
from comity.admin.triage import Note
from comity.errors import OurFault
from comity.intake import erase
from comity.intake.purge import erase_rows, last, overdue, purge
from comity.intake.withdraw import withdraw
from comity.ledger.leaf import Opening, read_entry
from comity.ledger.note import read_note
from comity.ledger.proof import read_proof, verify
from comity.retention import Retention
from tests.consortium import START, Body, Ticking, indicator, report, sdo

DAY = timedelta(days=1)


@pytest.fixture(params=["memory", "sqlite"])
def body(request: pytest.FixtureRequest, tmp_path: Path) -> Body:
    return Body(store="memory:" if request.param == "memory" else f"sqlite:{tmp_path / 'comity.db'}")


def sound(body: Body) -> bool:
    return logbook.verify(body.world).ok and list(fsck(body.world)) == []


def test_what_is_due_goes_and_the_rest_stays(body: Body) -> None:
    kz, uz = body.member("KZ"), body.member("UZ")
    going, staying = indicator(), indicator()
    kz.submits(going, expires=START + DAY)
    kz.submits(staying)
    assert set(uz.reads()) == {going["id"], staying["id"]}
    body.clock.at = START + 2 * DAY
    assert [due.row.id for due in overdue(body.world)] == [going["id"]]
    report_ = purge(body.world, by="test")
    assert (report_.erased, report_.held, report_.overdue, report_.scrubbed) == ({"origin": 1}, {}, 0, True)
    assert last(body.world) == report_ and overdue(body.world) == []
    assert uz.reads() == [staying["id"]] and body.world.store.by_id([going["id"]]) == []
    assert sound(body)


def test_a_second_purge_finds_nothing_and_says_nothing_in_the_log(body: Body) -> None:
    body.member("KZ").submits(indicator(), expires=START + DAY)
    body.clock.at = START + 2 * DAY
    purge(body.world)
    size = body.world.store.head().size
    assert purge(body.world).erased == {} and body.world.store.head().size == size


def test_no_record_in_the_log_opens_to_what_went(body: Body) -> None:
    kz, uz = body.member("KZ"), body.member("UZ")
    objects = [indicator() for _ in range(5)]
    kz.submits(*objects[:3], expires=START + DAY)
    kz.submits(*objects[3:])
    uz.reads()
    rows = body.world.store.by_id([each["id"] for each in objects[:3]])
    body.clock.at = START + 2 * DAY
    purge(body.world)
    opened = {hash_ for leaf in body.world.store.leaves() for hash_ in Opening(records=leaf.opening).hashes()}
    assert not opened & {row.sha for row in rows}
    found = logbook.verify(body.world)
    assert (found.erased, found.erased_objects, found.kinds["purge"]) == (0, 6, 1)
    entry = next(read_entry(leaf.entry) for leaf in body.world.store.leaves() if read_entry(leaf.entry).kind == "purge")
    assert entry.detail["because"] == {"origin": 3} and entry.detail["objects"] == 3


def test_bytes_that_another_origin_sent_too_keep_their_disclosures(body: Body) -> None:
    kz, uz, tj = body.member("KZ"), body.member("UZ"), body.member("TJ")
    obj = indicator()
    kz.submits(obj, expires=START + DAY)
    uz.submits(obj)
    tj.reads()
    body.clock.at = START + 2 * DAY
    purge(body.world)
    (row,) = body.world.store.by_id([obj["id"]])
    assert row.origin == "UZ" and tj.reads() == [obj["id"]]
    assert row.sha in {hash_ for leaf in body.world.store.leaves() for hash_ in Opening(records=leaf.opening).hashes()}
    assert sound(body)


def test_old_proofs_still_verify(body: Body) -> None:
    kz = body.member("KZ")
    first, second = indicator(), indicator()
    kz.submits(first, second, expires=START + DAY)
    proofs = [logbook.prove(body.world, name) for name in (first["id"], second["id"], "0")]
    body.clock.at = START + 2 * DAY
    purge(body.world)
    for proof in proofs:
        assert verify(read_proof(proof), [body.world.journal.verifier])
    assert read_note(body.world.store.head().checkpoint)


def test_what_is_held_stays_and_is_named(body: Body) -> None:
    obj = indicator()
    body.member("KZ").submits(obj, expires=START + DAY)
    erase.hold(body.world, obj["id"], "evidence in case 7", "test")
    body.clock.at = START + 2 * DAY
    found = purge(body.world)
    assert (found.erased, found.held, found.overdue) == ({}, {obj["id"]: "evidence in case 7"}, 0)
    erase.let_go(body.world, obj["id"], "test")
    assert purge(body.world).erased == {"origin": 1} and sound(body)


def test_g4_what_waits_in_quarantine_is_held_by_nobody(body: Body) -> None:
    obj = indicator(description="ask anna.b@mail.example")
    body.member("KZ").submits(obj)
    erase.hold(body.world, obj["id"], "evidence in case 7", "test")
    body.clock.at = START + 31 * DAY
    report_ = purge(body.world)
    assert (report_.erased, report_.held, report_.overdue) == ({"quarantine": 1}, {}, 0)
    assert body.world.store.by_id([obj["id"]]) == [] and sound(body)


def test_a_hold_that_was_altered_is_named(body: Body) -> None:
    kz, obj = body.member("KZ"), indicator()
    kz.submits(obj)
    erase.hold(body.world, obj["id"], "evidence in case 7", "test")
    ((key, value),) = body.world.store.privates("holds")
    assert sound(body)
    with body.world.store.write() as tx:
        tx.put_private("holds", key, value.replace(b"case 7", b"case 8"))
    assert list(fsck(body.world)) == [f"hold of {key}: it is not as it was made"]


def test_notes_about_what_went_go_with_it(body: Body) -> None:
    obj = indicator()
    body.member("KZ").submits(obj, expires=START + DAY)
    with body.world.store.write() as tx:
        for space in ("triage|KZ", "mutes|KZ", "inbox|KZ|sco"):
            tx.put_private(space, obj["id"], msgspec.json.encode(Note(by="one", at=START)))
    assert [id_ for id_, _ in triage.notes(body.world, "KZ")] == [obj["id"]]
    body.clock.at = START + 2 * DAY
    purge(body.world)
    assert list(triage.notes(body.world, "KZ")) == []
    assert [body.world.store.private(space, obj["id"]) for space in ("triage|KZ", "mutes|KZ", "inbox|KZ|sco")] == [None] * 3


def test_many_objects_in_many_leaves(body: Body) -> None:
    kz, uz = body.member("KZ"), body.member("UZ")
    for _ in range(12):
        kz.submits(*(indicator() for _ in range(60)), expires=START + DAY)
    kz.submits(*(indicator() for _ in range(3)))
    assert len(uz.reads(limit=50)) == 723
    body.clock.at = START + 2 * DAY
    assert purge(body.world).erased == {"origin": 720}
    assert len(uz.reads()) == 3 and sound(body)


def test_other_things_to_forget_are_counted(body: Body) -> None:
    assert purge(body.world, besides={"drafts": lambda: 2, "lists": lambda: 0}).erased == {"drafts": 2}


def test_an_object_can_be_erased_before_its_time(body: Body) -> None:
    obj = sdo("identity", name="A. Person", identity_class="individual")
    body.member("KZ").submits(obj)
    rows = body.world.store.by_id([obj["id"]])
    assert erase_rows(body.world, rows, by="test", why="rejected") == 1
    assert body.world.store.by_id([obj["id"]]) == [] and sound(body)


def test_what_names_something_erased_stays_as_it_is(body: Body) -> None:
    kz, uz = body.member("KZ"), body.member("UZ")
    obj = indicator()
    kz.submits(obj, expires=START + DAY)
    of = report(obj["id"])
    kz.submits(of)
    body.clock.at = START + 2 * DAY
    purge(body.world)
    assert uz.reads() == [of["id"]] and sound(body)


class _Cut(Exception):
    pass


class _Cutting:
    """A journal that fails once, at its n-th entry."""

    def __init__(self, body: Body, cut: int) -> None:
        self._append, self._left = body.world.journal.append, cut
        body.world.journal.append = self  # type: ignore[assignment,method-assign]

    def __call__(self, *given: Any, **named: Any) -> Any:
        self._left -= 1
        if self._left == 0:
            raise _Cut
        return self._append(*given, **named)


def test_cut_off_at_any_step_and_run_again_it_ends_the_same(tmp_path: Path) -> None:
    """Each write step fails once, before it is durable, and the whole is run again."""
    ends, cuts = set(), 0
    for cut in range(1, 4):
        body = Body(store=f"sqlite:{tmp_path / f'{cut}.db'}", clock=Ticking())
        kz, uz = body.member("KZ"), body.member("UZ")
        for _ in range(2):
            kz.submits(*(indicator() for _ in range(130)), expires=START + DAY)
        kz.submits(indicator())
        uz.reads(limit=100)
        body.clock.at = START + 2 * DAY
        _Cutting(body, cut)
        with suppress(_Cut):
            purge(body.world)
            cuts -= 1
        cuts += 1
        assert sound(body)
        purge(body.world)
        found = logbook.verify(body.world)
        ends.add((found.ok, found.erased_objects, len(overdue(body.world)), len(body.world.store.recent(1_000))))
        assert sound(body)
        body.world.store.close()
    assert cuts == 2 and ends == {(True, 520, 0, 4)}  # an agreement, two standings, one object


def test_after_a_purge_the_bytes_are_in_no_file(tmp_path: Path) -> None:
    body = Body(store=f"sqlite:{tmp_path / 'comity.db'}")
    kz = body.member("KZ")
    for part in range(12):
        marked = [indicator(name=f"secretmark{part}x{n} word{n}", description="secretmark " * (n % 40)) for n in range(80)]
        clear = [indicator(name=f"plainmark{part}x{n}") for n in range(80)]
        kz.submits(*(each for pair in zip(marked, clear) for each in pair if each in clear))
        kz.submits(*marked, expires=START + DAY)
    body.clock.at = START + 2 * DAY
    found = purge(body.world)
    assert (found.erased, found.scrubbed) == ({"origin": 960}, True)
    for path in tmp_path.iterdir():
        assert b"secretmark" not in path.read_bytes(), path.name
    assert b"plainmark" in (tmp_path / "comity.db").read_bytes() and sound(body)


def test_what_was_taken_back_before_is_in_no_file_after_a_purge_in_which_nothing_is_due(tmp_path: Path) -> None:
    body = Body(store=f"sqlite:{tmp_path / 'comity.db'}")
    obj = indicator(name="zqxtaken")
    kz = body.member("KZ")
    kz.submits(obj, *(indicator() for _ in range(20)))
    withdraw(body.world, "KZ", obj["id"])
    assert any(b"zqxtaken" in path.read_bytes() for path in tmp_path.iterdir())
    report_ = purge(body.world)
    assert (report_.erased, report_.scrubbed) == ({}, True)
    assert not any(b"zqxtaken" in path.read_bytes() for path in tmp_path.iterdir())


def test_a_reader_in_the_way_is_said_and_made_good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from comity.store import slack

    monkeypatch.setattr(slack, "_PATIENCE", 0.05)
    monkeypatch.setattr(slack, "_TRIES", 2)
    body = Body(store=f"sqlite:{tmp_path / 'comity.db'}")
    body.member("KZ").submits(indicator(), expires=START + DAY)
    reading = sqlite3.connect(tmp_path / "comity.db", isolation_level=None)
    reading.execute("BEGIN")
    reading.execute("SELECT count(*) FROM items").fetchone()
    body.clock.at = START + 2 * DAY
    assert not purge(body.world).scrubbed
    reading.close()
    assert purge(body.world).scrubbed


def test_tombstones_cannot_be_erased(body: Body) -> None:
    from comity.ledger.erasure import erase_entry

    body.member("KZ").submits(indicator(), expires=START + DAY)
    body.clock.at = START + 2 * DAY
    purge(body.world)
    leaf = next(leaf for leaf in body.world.store.leaves() if read_entry(leaf.entry).kind == "purge")
    with pytest.raises(OurFault):
        erase_entry(leaf)


def test_dates_are_asked_anew_in_the_critical_section(body: Body) -> None:
    """What went meanwhile, as with a withdrawal, is passed over."""
    kz = body.member("KZ")
    obj = indicator()
    kz.submits(obj, expires=START + DAY)
    body.clock.at = START + 2 * DAY
    (due,) = Retention(body.world).until(body.world.clock())
    purge(body.world)
    assert erase_rows(body.world, [due.row], by="test", why="late") == 0
