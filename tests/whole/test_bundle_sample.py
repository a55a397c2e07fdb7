"""A bundle of the first release that had them, which every later one takes in. It was made once, by `_make`, and is not made again."""

from __future__ import annotations

import shutil
from pathlib import Path

from comity.ledger.keys import LogKey
from comity.peer.media import stands
from comity.peer.partner import state
from tests.carried import packed, pair, taken
from tests.consortium import sdo
from tests.linked import Node

SAMPLE = Path(__file__).resolve().parents[1] / "samples" / "bundle-v1.airgap"
#: The key of the node that made it.
KEY = LogKey("comity.example/sample/parcels", bytes(range(32)))
IDS = [f"{type_}--00000000-0000-4000-8000-0000000000{number:02d}" for number, type_ in enumerate(["malware", "campaign", "note"])]


def _nodes() -> tuple[Node, Node]:
    kz, centre = pair()
    kz.key = KEY
    kz_known, *_ = centre.partners.values()
    centre.partners.clear()
    centre.knows(kz, centre=False)
    assert centre.partners["KZ"].node == kz_known.node
    return kz, centre


def _make(folder: Path) -> None:
    """How the sample was made."""
    kz, centre = _nodes()
    kz.adds(sdo("malware", id=IDS[0]), sdo("campaign", id=IDS[1]))
    packed(kz, centre, folder)
    kz.adds(sdo("note", id=IDS[2], object_refs=IDS[:2]))
    (file,) = packed(kz, centre, folder)
    shutil.copy(file, SAMPLE)


def test_a_bundle_of_the_first_release_is_taken_in() -> None:
    _, centre = _nodes()
    found = taken(centre, [SAMPLE])
    assert (found.sender, found.number, found.new, found.objects, found.refused) == ("KZ/KZ-sco", 2, 1, 3, [])
    assert {id_ for _, id_, _ in centre.stored()} == set(IDS)
    assert (state(centre.world, "kz").applied, stands(centre.world, "kz").seen) == (2, 2)
    assert taken(centre, [SAMPLE]).repeated == 1
