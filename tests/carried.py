"""Nodes in memory that no network links: bundles go from one to the other as files in a folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from comity.errors import NotFound
from comity.peer.packing import Packed, pack
from comity.peer.partner import Partner
from comity.peer.unpacking import Found, take_in
from tests.linked import Node, link


def pair() -> tuple[Node, Node]:
    """The centre and KZ's node, which know each other."""
    centre, kz = Node("SCO-CENTRE"), Node("KZ")
    for node in (centre, kz):
        for code in ("KZ", "UZ"):
            node.member(code)
    link(kz, centre, centre="SCO-CENTRE")
    return kz, centre


def packs(one: Node, other: Node, folder: Path, **options: Any) -> Packed | None:
    return pack(one.desk, one.partners[other.code], one.key, folder, **options)


def packed(one: Node, other: Node, folder: Path, **options: Any) -> list[Path]:
    """The files of a bundle; there is something for it."""
    made = packs(one, other, folder, **options)
    assert made is not None
    return list(made.files)


def takes(node: Node, files: Sequence[Path], **options: Any) -> list[Found]:
    def partner_of(name: str) -> Partner:
        for partner in node.partners.values():
            if partner.node == name:
                return partner
        raise NotFound(f"no link to {name} is known here")

    return take_in(node.world, partner_of, node.key, files, **options)


def taken(node: Node, files: Sequence[Path]) -> Found:
    """What one bundle held, with nothing wrong with it."""
    (found,) = takes(node, files)
    if found.fault is not None:
        raise found.fault
    return found
