"""Taking in what came on media: in any order, more than once, damaged, forged, for somebody else."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from comity.clock import micros
from comity.config import Limits
from comity.errors import Fault, IntegrityFault, NotFound, OperatorFault, PeerFault, SenderFault
from comity.intake.withdraw import withdraw
from comity.peer import unpacking
from comity.peer.media import stands, unheard
from comity.peer.partner import state
from comity.peer.restoring import waits
from comity.rulebook import UNHEARD, Unheard
from tests import linked
from tests.carried import packed, packs, pair, taken, takes
from tests.consortium import indicator
from tests.linked import Node, link

SMALL = 20_000


def many(count: int = 60) -> list[dict[str, object]]:
    return [indicator(description="x" * 1_000) for _ in range(count)]


def test_parts_in_any_order_are_one_bundle(tmp_path: Path) -> None:
    kz, centre = pair()
    kz.adds(*many())
    files = packed(kz, centre, tmp_path, media_size=SMALL)
    assert len(files) > 4 and all(file.stat().st_size <= SMALL for file in files)
    random.Random(7).shuffle(files)
    renamed = [file.rename(tmp_path / f"{number}.bin") for number, file in enumerate(files)]
    assert taken(centre, [*renamed, renamed[0]]).new == 1
    assert len(centre.stored()) == 60 and centre.stored() == kz.stored()


def test_a_missing_part_is_named_and_nothing_is_taken_in(tmp_path: Path) -> None:
    kz, centre = pair()
    kz.adds(*many())
    files = packed(kz, centre, tmp_path, media_size=SMALL)
    (found,) = takes(centre, [files[0], *files[2:]])
    assert isinstance(found.fault, NotFound) and files[1].name in str(found.fault)
    assert centre.stored() == set()
    assert taken(centre, files).new == 1


def test_what_comes_again_is_passed_over(tmp_path: Path) -> None:
    kz, centre = pair()
    kz.adds(indicator())
    files = packed(kz, centre, tmp_path)
    assert taken(centre, files).new == 1
    before = centre.world.store.head().size
    again = taken(centre, files)
    assert (again.new, again.repeated) == (0, 1)
    assert centre.world.store.head().size == before


def test_bundles_given_together_are_taken_in_in_their_order_and_late_ones_bring_nothing_back(tmp_path: Path) -> None:
    kz, centre = pair()
    gone = indicator()
    kz.adds(gone)
    first = packed(kz, centre, tmp_path, diode=True)
    kz.adds(indicator())
    second = packed(kz, centre, tmp_path, diode=True)
    assert [each.new for each in takes(centre, [*second, *first])] == [1, 1]
    withdraw(kz.world, "KZ", gone["id"])
    kz.adds(indicator())
    taken(centre, packed(kz, centre, tmp_path, diode=True))
    assert taken(centre, first).repeated == 1
    assert gone["id"] not in {id_ for _, id_, _ in centre.stored()} and len(centre.stored()) == 2


def test_an_older_bundle_that_comes_late_is_passed_over(tmp_path: Path) -> None:
    kz, centre = pair()
    kz.adds(indicator())
    late = packed(kz, centre, tmp_path)
    kz.adds(indicator())
    taken(centre, packed(kz, centre, tmp_path))
    assert (taken(centre, late).repeated, len(centre.stored())) == (1, 2)


def test_looking_changes_nothing_and_says_what_importing_would_do(tmp_path: Path) -> None:
    kz, centre = pair()
    kz.adds(indicator())
    files = packed(kz, centre, tmp_path, diode=True)
    kz.adds(indicator())
    files += packed(kz, centre, tmp_path, diode=True)
    before = centre.world.store.head().size
    assert [(each.new, each.fault) for each in takes(centre, files, dry=True)] == [(1, None), (1, None)]
    assert (centre.world.store.head().size, centre.stored()) == (before, set())
    (gap,) = takes(centre, files[1:], dry=True)
    assert isinstance(gap.fault, PeerFault)


def cut(data: bytes) -> bytes:
    return data[:-100]


def flipped(data: bytes) -> bytes:
    return data[:-100] + bytes([data[-100] ^ 1]) + data[-99:]


def headless(data: bytes) -> bytes:
    return data[:40] + b"\x00" + data[41:]


def longer(data: bytes) -> bytes:
    return data + b"x"


def renumbered(data: bytes) -> bytes:
    return data.replace(b'"number":1', b'"number":2', 1)


def other_bundle(data: bytes) -> bytes:
    at = data.index(b'"bundle":"') + 10
    return data[:at] + (b"0" * 64) + data[at + 64 :]


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (cut, "is cut off"), (flipped, "is damaged"), (longer, "longer than it was"), (renumbered, "another than its manifest"),
        (other_bundle, "first lines are damaged"), (headless, "its first line is not what was written"),
    ],
)  # fmt: skip
def test_a_damaged_medium_is_said_and_loses_nothing(tmp_path: Path, harm: Callable[[bytes], bytes], said: str) -> None:
    kz, centre = pair()
    kz.adds(indicator())
    (file,) = packed(kz, centre, tmp_path)
    whole = file.read_bytes()
    file.write_bytes(harm(whole))
    (found,) = takes(centre, [file])
    assert isinstance(found.fault, IntegrityFault) and said in str(found.fault)
    assert centre.stored() == set()
    file.write_bytes(whole)
    assert taken(centre, [file]).new == 1


def test_any_flipped_byte_or_cut_is_noticed(tmp_path: Path) -> None:
    kz, centre = pair()
    kz.adds(indicator())
    (file,) = packed(kz, centre, tmp_path)
    whole, chance = file.read_bytes(), random.Random(1)
    for _ in range(150):
        at = chance.randrange(len(whole))
        bent = bytearray(whole)
        bent[at] ^= 1 << chance.randrange(8)
        file.write_bytes(bytes(bent[:at]) if chance.random() < 0.3 else bytes(bent))
        try:
            (found,) = takes(centre, [file])
        except Fault:
            continue
        assert found.fault is not None
    assert centre.stored() == set()


def test_a_bundle_for_another_node_of_another_body_or_of_a_stranger(tmp_path: Path) -> None:
    kz, centre = pair()
    uz = Node("UZ")
    kz.adds(indicator())
    files = packed(kz, centre, tmp_path)
    (found,) = takes(uz, files)
    assert isinstance(found.fault, SenderFault) and "is for SCO-CENTRE/SCO-CENTRE-sco" in str(found.fault)
    stranger, _ = pair()
    stranger.partners["SCO-CENTRE"] = kz.partners["SCO-CENTRE"]
    stranger.adds(indicator())
    (found,) = takes(centre, packed(stranger, centre, tmp_path))  # KZ's name under another key
    assert isinstance(found.fault, IntegrityFault) and "is not KZ/KZ-sco's" in str(found.fault)
    centre.partners.clear()
    (found,) = takes(centre, files)
    assert isinstance(found.fault, NotFound)
    assert centre.stored() == set()


def test_bundles_of_several_senders_go_on_when_one_is_bad(tmp_path: Path) -> None:
    kz, centre = pair()
    uz = Node("UZ")
    uz.member("UZ")
    link(uz, centre, centre="SCO-CENTRE")
    kz.adds(indicator())
    uz.adds(indicator())
    (bad,) = packed(kz, centre, tmp_path)
    bad.write_bytes(flipped(bad.read_bytes()))
    found = takes(centre, [*packed(uz, centre, tmp_path), bad])
    assert [(each.sender, each.new, each.fault is None) for each in found] == [("KZ/KZ-sco", 0, False), ("UZ/UZ-sco", 1, True)]


def test_what_is_no_part_is_said_with_its_name(tmp_path: Path) -> None:
    kz, centre = pair()
    (tmp_path / "holiday.jpg").write_bytes(b"\xff\xd8\xff\n")
    kz.adds(indicator())
    good = packed(kz, centre, tmp_path)
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "round").symlink_to(tmp_path / "round")
    *junk, whole = takes(centre, [*(tmp_path / name for name in ("holiday.jpg", "pipe", "round", "")), *good])
    said = {type(each.fault): str(each.fault) for each in junk}
    assert len(junk) == 4 and set(said) == {SenderFault, OperatorFault}
    assert [str(each.fault).partition(": ")[2] for each in junk][:2] == ["not a part of a bundle", "not a file"]
    assert "round: Too many levels" in said[OperatorFault]
    assert whole.fault is None and whole.new == 1
    with pytest.raises(NotFound):
        takes(centre, [tmp_path / "nowhere"])


def test_an_expired_bundle_is_said(tmp_path: Path) -> None:
    kz, centre = pair()
    kz.adds(indicator())
    files = packed(kz, centre, tmp_path)
    centre.clock.at += timedelta(days=40)
    (found,) = takes(centre, files)
    assert isinstance(found.fault, PeerFault) and "expired on 2021-12-01" in str(found.fault) and "clock" in found.fault.next


def test_a_clock_that_is_a_day_off_changes_nothing(tmp_path: Path) -> None:
    kz, centre = pair()
    centre.clock.at -= timedelta(days=1)
    kz.adds(indicator())
    assert taken(centre, packed(kz, centre, tmp_path)).new == 1


def test_a_restored_sender_is_noticed(tmp_path: Path) -> None:
    kz, centre = pair()
    for _ in range(2):
        kz.adds(indicator())
        taken(centre, packed(kz, centre, tmp_path, diode=True))
    restored, _ = pair()
    restored.key = kz.key
    restored.partners["SCO-CENTRE"] = kz.partners["SCO-CENTRE"]
    restored.clock.at = kz.clock.at + timedelta(hours=1)
    restored.adds(indicator())
    (found,) = takes(centre, packed(restored, centre, tmp_path, diode=True))
    assert isinstance(found.fault, PeerFault) and "restored from a backup" in str(found.fault) and "--past 2" in found.fault.next


@pytest.mark.parametrize("own", [0, 1, 2])
def test_a_restored_sender_goes_on_when_it_has_the_receipts(tmp_path: Path, own: int) -> None:
    """Also where it has made parcels of its own meanwhile, under numbers that the receiver knows for others."""
    kz, centre = pair()
    restored = linked.restored(kz)
    for _ in range(2):
        kz.adds(indicator())
        taken(centre, packed(kz, centre, tmp_path))
    restored.clock.at = kz.clock.at + timedelta(hours=1)
    for at in range(own):
        restored.adds(indicator())
        (found,) = takes(centre, packed(restored, centre, tmp_path))
        assert isinstance(found.fault, PeerFault), at
    restored.adds(last := indicator())
    taken(restored, packed(centre, restored, tmp_path, answers_only=True))
    taken(centre, packed(restored, centre, tmp_path))
    assert len(centre.stored()) == 3 + own and any(id_ == last["id"] for _, id_, _ in centre.stored())


def test_a_restored_node_gets_what_is_for_it_and_is_heard_though_it_counts_its_bundles_anew(tmp_path: Path) -> None:
    """What it had applied and had answered it may have forgotten, too."""
    kz, centre = pair()
    kz.adds(indicator())
    taken(centre, packed(kz, centre, tmp_path))
    taken(kz, packed(centre, kz, tmp_path, answers_only=True))
    old = linked.restored(kz)
    for _ in range(3):
        kz.adds(indicator())
        taken(centre, packed(kz, centre, tmp_path))
    old.clock.at = kz.clock.at + timedelta(hours=1)
    centre.adds(news := indicator())
    found = taken(old, packed(centre, old, tmp_path))
    assert (found.answers, found.new) == (3, 1)
    assert any("this node was restored" in leaf.entry.decode() for leaf in old.world.store.leaves())
    old.adds(last := indicator())
    back = taken(centre, packed(old, centre, tmp_path))
    assert (back.number, back.answers, back.new) == (2, 1, 1)
    assert state(centre.world, "kz").reached == 1
    assert {last["id"], news["id"]} <= {id_ for _, id_, _ in centre.stored()} & {id_ for _, id_, _ in old.stored()}


def test_a_bundle_says_which_keys_its_maker_has_and_an_older_one_does_not(tmp_path: Path) -> None:
    kz, centre = pair()
    first = packed(centre, kz, tmp_path, answers_only=True)
    centre.partners["KZ"] = msgspec.structs.replace(centre.partners["KZ"], turn=2)
    taken(kz, packed(centre, kz, tmp_path, answers_only=True))
    assert stands(kz.world, "sco-centre").turn == 2
    taken(kz, first)
    assert stands(kz.world, "sco-centre").turn == 2


@pytest.mark.parametrize("told", [False, True])
def test_a_restored_receiver_says_so_and_keeps_nothing_that_was_recalled_though_there_is_nothing_new(tmp_path: Path, told: bool) -> None:
    """With `log renew` by itself; without one (`told`) once the sender's answers name a parcel that it does not have.

    What came from the sender waits until the bundle is taken in that holds all since the place that was told with that.
    """
    kz, centre = pair()
    kz.adds(gone := indicator(), indicator())
    taken(centre, packed(kz, centre, tmp_path))
    taken(kz, packed(centre, kz, tmp_path, answers_only=True))
    taken(centre, packed(kz, centre, tmp_path, answers_only=True))  # so the first answer is heard, and forgotten
    old = linked.restored(centre)
    withdraw(kz.world, "KZ", gone["id"])
    taken(centre, packed(kz, centre, tmp_path))
    taken(kz, packed(centre, kz, tmp_path, answers_only=True))
    assert len(centre.stored()) == 1 and packs(kz, centre, tmp_path) is None

    old.clock.at = kz.clock.at + timedelta(hours=1)
    if told:
        assert packs(old, kz, tmp_path) is None
        (noticed,) = taken(old, packed(kz, old, tmp_path, answers_only=True)).noticed
        assert "it knows that parcel 2 arrived, and 1 is the last that is here" in noticed
    else:
        renewed(old)
        early = packed(kz, old, tmp_path, after=1)
    back = taken(kz, packed(old, kz, tmp_path, answers_only=told))
    assert back.noticed == [
        "it stands at parcel 1 again, after 2: it was restored from a backup, and gets what came since with the next bundle "
        "(comity airgap pack sco-centre)"
    ]
    if told:
        assert packs(old, kz, tmp_path) is None
    else:
        for files in (early, packed(kz, old, tmp_path, answers_only=True)):  # made before it told, and without what was recalled
            assert taken(old, files).noticed == [] and waits(old.world, "kz")
        assert packs(old, kz, tmp_path) is not None, "as long as it waits"
    found = taken(old, packed(kz, old, tmp_path))
    assert found.noticed == ([] if told else ["that is all that came since this node's backup: what came from it waits no longer"])
    assert gone["id"] not in {id_ for _, id_, _ in old.stored()} and not waits(old.world, "kz")
    assert taken(kz, packed(old, kz, tmp_path, answers_only=True)).noticed == []
    assert packs(kz, old, tmp_path) is None


def test_a_restored_node_that_missed_nothing_waits_for_that_word_alone(tmp_path: Path) -> None:
    kz, centre = pair()
    kz.adds(indicator())
    taken(centre, packed(kz, centre, tmp_path))
    taken(kz, packed(centre, kz, tmp_path))
    taken(centre, packed(kz, centre, tmp_path, answers_only=True))
    renewed(centre)
    for _ in range(2):  # the first medium is lost on either way
        asks = packed(centre, kz, tmp_path)
    taken(kz, asks)
    for _ in range(2):
        gives = packed(kz, centre, tmp_path)
    (looked,) = takes(centre, gives, dry=True)
    assert looked.noticed and waits(centre.world, "kz")
    assert taken(centre, gives).noticed == looked.noticed and not waits(centre.world, "kz")
    taken(kz, packed(centre, kz, tmp_path))
    assert packs(kz, centre, tmp_path) is packs(centre, kz, tmp_path) is None


def renewed(node: Node) -> None:
    """As by `comity log renew`, as far as links can tell: what came from the only other node waits."""
    settings = node.world.settings
    log = msgspec.structs.replace(settings.log, number=settings.log.number + 1)
    object.__setattr__(node.world, "settings", msgspec.structs.replace(settings, log=log))
    (partner,) = node.partners.values()
    with node.world.store.write() as tx:
        tx.put_private(UNHEARD, partner.name, msgspec.json.encode(Unheard(party=partner.party, since=micros(node.clock.at))))


def test_a_restored_receiver_gets_everything_since(tmp_path: Path) -> None:
    kz, centre = pair()
    kz.adds(indicator())
    taken(centre, packed(kz, centre, tmp_path))
    taken(kz, packed(centre, kz, tmp_path, answers_only=True))
    _, restored = pair()
    restored.key, restored.partners = centre.key, centre.partners
    kz.adds(indicator())
    files = packed(kz, centre, tmp_path)
    (found,) = takes(restored, files)
    assert isinstance(found.fault, PeerFault) and "--after 0" in found.fault.next
    assert taken(restored, packed(kz, centre, tmp_path, after=0)).new == 1
    assert len(restored.stored()) == 2


def test_an_import_that_was_cut_off_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kz, centre = pair()
    kz.adds(indicator())
    files = packed(kz, centre, tmp_path)

    def cut_off(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(unpacking, "keep_answer", cut_off)
    with pytest.raises(KeyboardInterrupt):
        takes(centre, files)
    monkeypatch.undo()
    assert state(centre.world, "kz").applied == 1 and unheard(centre.world, "kz") == []
    assert taken(centre, files).repeated == 1
    assert taken(kz, packed(centre, kz, tmp_path, answers_only=True)).answers == 1
    assert packs(kz, centre, tmp_path) is None


def test_entries_that_are_refused_are_told_here_and_to_the_sender(tmp_path: Path) -> None:
    kz, centre = pair()
    small = msgspec.structs.replace(centre.world.settings, limits=Limits(object_bytes=700))
    object.__setattr__(centre.world, "settings", small)
    kz.adds(indicator(), *many(1))
    found = taken(centre, packed(kz, centre, tmp_path))
    assert found.new == 1 and len(found.refused) == 1 and "parcel 1, entry 1: the object has" in found.refused[0]
    assert len(centre.stored()) == 1
    assert taken(kz, packed(centre, kz, tmp_path, answers_only=True)).answers == 1
