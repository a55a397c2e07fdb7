"""Packing bundles: what is in one, and what the next one goes on from."""

from __future__ import annotations

from pathlib import Path

import pytest

from comity.errors import OperatorFault, PeerFault, SenderFault
from comity.peer.media import stands
from comity.peer.partner import state
from tests.carried import packed, packs, pair, taken, takes
from tests.consortium import indicator


def test_nothing_new_makes_no_bundle_and_writes_nothing(tmp_path: Path) -> None:
    kz, centre = pair()
    before = kz.world.store.head().size
    assert packs(kz, centre, tmp_path) is None
    assert (kz.world.store.head().size, list(tmp_path.iterdir()), stands(kz.world, "sco-centre").number) == (before, [], 0)


def test_what_is_not_known_to_have_arrived_is_given_again_until_it_is(tmp_path: Path) -> None:
    kz, centre = pair()
    kz.adds(indicator())
    packed(kz, centre, tmp_path)  # this medium is lost
    second = indicator()
    kz.adds(second)
    files = packed(kz, centre, tmp_path)
    assert taken(centre, files).new == 1
    assert len(centre.stored()) == 2
    third = indicator()
    kz.adds(third)
    assert taken(centre, packed(kz, centre, tmp_path)).new == 1
    assert len(centre.stored()) == 3
    # The way back: what the centre has answered is known, and not packed again.
    back = packed(centre, kz, tmp_path, answers_only=True)
    assert taken(kz, back).answers == 2
    assert state(kz.world, "sco-centre").reached == state(centre.world, "kz").applied
    assert packs(kz, centre, tmp_path) is None


def test_answers_are_given_until_they_are_heard(tmp_path: Path) -> None:
    kz, centre = pair()
    kz.adds(indicator())
    taken(centre, packed(kz, centre, tmp_path))
    lost = packs(centre, kz, tmp_path, answers_only=True)
    again = packs(centre, kz, tmp_path, answers_only=True)
    assert lost is not None and again is not None and (lost.answers, again.answers) == (1, 1)
    taken(kz, again.files)
    assert taken(kz, lost.files).answers == 0  # older than what was heard
    kz.adds(indicator())
    taken(centre, packed(kz, centre, tmp_path))
    made = packs(centre, kz, tmp_path, answers_only=True)
    assert made is not None and made.answers == 1  # the first one was heard


def test_answers_alone_are_a_bundle_in_any_case_and_say_where_this_node_stands(tmp_path: Path) -> None:
    kz, centre = pair()
    made = packs(centre, kz, tmp_path, answers_only=True)
    assert made is not None and (made.last, made.answers) == (0, 0)
    assert taken(kz, made.files).answers == 0
    assert packs(centre, kz, tmp_path) is None


def test_a_diode_goes_on_from_the_last_bundle_and_begins_before_it_by_choice(tmp_path: Path) -> None:
    kz, centre = pair()
    bundles = []
    for _ in range(3):
        kz.adds(indicator())
        bundles.append(packed(kz, centre, tmp_path, diode=True))
    assert packs(kz, centre, tmp_path, diode=True) is None
    assert [taken(centre, files).new for files in bundles] == [1, 1, 1]
    assert len(centre.stored()) == 3
    back = packs(centre, kz, tmp_path, answers_only=True)
    assert back is not None and back.answers == 0  # nobody waits for an answer
    kz.adds(indicator())
    packed(kz, centre, tmp_path, diode=True)  # lost
    kz.adds(indicator())
    late = packed(kz, centre, tmp_path, diode=True)
    (found,) = takes(centre, late)
    assert isinstance(found.fault, PeerFault) and "a medium between is missing" in str(found.fault) and "--after 3" in found.fault.next
    assert len(centre.stored()) == 3
    overlapping = packed(kz, centre, tmp_path, diode=True, overlap=2)
    assert taken(centre, overlapping).new == 1
    assert len(centre.stored()) == 5


def test_after_a_gap_it_is_packed_again_from_where_the_other_side_stands(tmp_path: Path) -> None:
    kz, centre = pair()
    kz.adds(indicator())
    taken(centre, packed(kz, centre, tmp_path, diode=True))
    kz.adds(indicator())
    packed(kz, centre, tmp_path, diode=True)  # lost
    kz.adds(indicator())
    assert takes(centre, packed(kz, centre, tmp_path, diode=True))[0].fault
    assert taken(centre, packed(kz, centre, tmp_path, after=1)).new == 1
    assert len(centre.stored()) == 3
    with pytest.raises(PeerFault, match="not remembered"):
        packs(kz, centre, tmp_path, after=99)


def test_a_place_that_cannot_be_written_to_and_a_medium_that_is_too_small_are_said(tmp_path: Path) -> None:
    kz, centre = pair()
    kz.adds(indicator())
    with pytest.raises(SenderFault, match="too small"):
        packs(kz, centre, tmp_path, media_size=100)
    assert state(kz.world, "sco-centre").made == 0
    with pytest.raises(OperatorFault, match="cannot write"):
        packs(kz, centre, tmp_path / "nowhere")
