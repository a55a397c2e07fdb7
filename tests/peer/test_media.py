"""How links by media stand."""

from __future__ import annotations

import msgspec

from comity.peer.media import Stands, change, keep_answer, kept_answer, stands, unheard
from tests.consortium import Body


def test_answers_are_kept_by_link_until_they_are_heard() -> None:
    world = Body().world
    keep_answer(world, "kz", 2, b"two")
    keep_answer(world, "kz", 10, b"ten")
    keep_answer(world, "kz2", 1, b"another link's")
    assert unheard(world, "kz") == [(2, b"two"), (10, b"ten")] and kept_answer(world, "kz", 2)
    change(world, "kz", lambda now: msgspec.structs.replace(now, seen=3), heard=[2])
    assert unheard(world, "kz") == [(10, b"ten")] and not kept_answer(world, "kz", 2)
    assert (stands(world, "kz"), stands(world, "uz")) == (Stands(seen=3), Stands())
