"""A bundle of the first release that had them, which every later one takes in. It was made once, by `_make`, and is not made again."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import msgspec
import pytest

from comity.forms.medium import Line, Manifest
from comity.forms.parcel import Answer, Confirmed, Given, Governed, Parcel, Receipt, Statement, Withdrawn
from comity.intake.withdraw import withdraw
from comity.ledger.keys import LogKey
from comity.peer.media import stands
from comity.peer.partner import state
from comity.terms.item import Said, Vouch
from tests.carried import packed, pair, taken
from tests.consortium import indicator, sdo
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
    """How the sample was made: with an object, one that was taken back, and an answer."""
    kz, centre = _nodes()
    centre.adds(indicator())
    taken(kz, packed(centre, kz, folder))
    kz.adds(sdo("malware", id=IDS[0]), sdo("campaign", id=IDS[1]), gone := indicator())
    packed(kz, centre, folder)
    withdraw(kz.world, "KZ", gone["id"])
    kz.adds(sdo("note", id=IDS[2], object_refs=IDS[:2]))
    (file,) = packed(kz, centre, folder)
    shutil.copy(file, SAMPLE)


def test_a_bundle_of_the_first_release_is_taken_in() -> None:
    _, centre = _nodes()
    found = taken(centre, [SAMPLE])
    assert (found.sender, found.number, found.new, found.objects, found.answers, found.refused) == ("KZ/KZ-sco", 2, 1, 3, 1, [])
    assert {id_ for _, id_, _ in centre.stored()} == set(IDS)
    assert (state(centre.world, "kz").applied, stands(centre.world, "kz").seen) == (2, 2)
    assert taken(centre, [SAMPLE]).repeated == 1


#: What the first form has to find in everything that is written: fields without a default. None more, and none less, ever.
FIRST: dict[Any, str] = {
    Manifest: "version body sender receiver number made lines",
    Line: "kind sequence sha256 size",
    Parcel: "version body sender receiver sequence previous made expires entries",
    Answer: "version sender receiver parcel applied sequence last made",
    Given: "object origin entered said",
    Withdrawn: "origin id version sha256 entered cause at",
    Confirmed: "receipt key signature",
    Governed: "object note",
}
#: Of what is signed by itself and written anew on its way, every field.
CLOSED: dict[Any, str] = {
    Receipt: "party node origin outcome objects why of at",
    Statement: "body origin id version sha256 entered said addressed",
    Said: "tlp pap purposes handling to expires named person category basis",
    Vouch: "body key signature addressed salt said",
}


@pytest.mark.parametrize("kind", FIRST, ids=lambda kind: kind.__name__)
def test_the_first_form_finds_what_it_needs_in_what_is_written_now(kind: Any) -> None:
    assert [field.name for field in msgspec.structs.fields(kind) if field.required] == FIRST[kind].split()
    assert not kind.__struct_config__.forbid_unknown_fields


@pytest.mark.parametrize("kind", CLOSED, ids=lambda kind: kind.__name__)
def test_what_is_signed_by_itself_is_as_it_was(kind: Any) -> None:
    assert list(kind.__struct_fields__) == CLOSED[kind].split() and kind.__struct_config__.forbid_unknown_fields
