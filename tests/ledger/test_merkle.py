"""RFC 6962 trees against the definition in the RFC, written naively, and against public vectors."""

from __future__ import annotations

import base64
import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import IntegrityFault, OurFault
from comity.ledger.merkle import (
    EMPTY,
    Frontier,
    leaf_hash,
    node_hash,
    read_frontier,
    root,
    verify_consistency,
    verify_inclusion,
    write_frontier,
)
from comity.ledger.tiles import consistency, inclusion, listed

LEAVES = [leaf_hash(str(n).encode()) for n in range(70)]


def naive_root(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962 section 2.1, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node_hash(naive_root(leaves[:split]), naive_root(leaves[split:]))


def naive_path(index: int, leaves: list[bytes]) -> list[bytes]:
    """PATH of RFC 6962 section 2.1.1, word for word."""
    if len(leaves) <= 1:
        return []
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    if index < split:
        return [*naive_path(index, leaves[:split]), naive_root(leaves[split:])]
    return [*naive_path(index - split, leaves[split:]), naive_root(leaves[:split])]


def test_hashes_are_prefixed_as_the_rfc_says() -> None:
    assert EMPTY.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert node_hash(b"a", b"b") == sha256(b"\x01ab").digest() != node_hash(b"b", b"a")


@pytest.mark.parametrize("size", range(len(LEAVES)))
def test_root_and_frontier_equal_the_naive_definition(size: int) -> None:
    frontier = Frontier()
    for leaf in LEAVES[:size]:
        frontier = frontier.append(leaf)
    assert root(LEAVES[:size]) == frontier.root() == naive_root(LEAVES[:size])
    assert frontier.size == size
    assert len(frontier.hashes) == size.bit_count()
    assert read_frontier(write_frontier(frontier)) == frontier


@given(st.integers(1, 70), st.data())
def test_inclusion_proofs(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    leaves = LEAVES[:size]
    proof = inclusion(listed(leaves), index, size)
    assert list(proof) == naive_path(index, leaves)
    verify_inclusion(leaf=leaves[index], index=index, size=size, proof=proof, root=root(leaves))
    wrong = data.draw(st.integers(0, size + 3).filter(lambda n: n != index))
    with pytest.raises(IntegrityFault):
        verify_inclusion(leaf=leaves[index], index=wrong, size=size, proof=proof, root=root(leaves))
    for bad in ((*proof, EMPTY), proof[1:] if proof else (EMPTY,), (*proof[:-1], EMPTY)):
        with pytest.raises(IntegrityFault):
            verify_inclusion(leaf=leaves[index], index=index, size=size, proof=bad, root=root(leaves))


@given(st.integers(1, 70), st.data())
def test_consistency_proofs(size: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, size))
    proof = consistency(listed(LEAVES), old, size)
    old_root, new_root = root(LEAVES[:old]), root(LEAVES[:size])
    verify_consistency(old_size=old, old_root=old_root, size=size, root=new_root, proof=proof)
    forged = root([*LEAVES[: old - 1], EMPTY])
    for bad_old, bad_root, bad_proof in (
        (old, forged, proof),
        (old, old_root, (*proof, EMPTY)),
        (old + 1, old_root, proof),
        (0, EMPTY, proof),
        (0, EMPTY, ()),
    ):
        with pytest.raises(IntegrityFault):
            verify_consistency(old_size=bad_old, old_root=bad_root, size=size, root=new_root, proof=bad_proof)
    if proof:
        with pytest.raises(IntegrityFault):
            verify_consistency(old_size=old, old_root=old_root, size=size, root=new_root, proof=proof[:-1])


def test_proof_hashes_must_be_32_bytes() -> None:
    """Else the two halves 31+33 would hash like 32+32."""
    whole = LEAVES[0] + LEAVES[1]
    top = root(LEAVES[:2])
    assert node_hash(whole[:31], whole[31:]) == top
    with pytest.raises(IntegrityFault, match="bytes"):
        verify_inclusion(leaf=whole[:31], index=0, size=2, proof=(whole[31:],), root=top)


def test_proofs_that_cannot_be_made_are_our_fault() -> None:
    with pytest.raises(OurFault):
        inclusion(listed(LEAVES), 70, 70)
    for old in (0, 71):
        with pytest.raises(OurFault):
            consistency(listed(LEAVES), old, 70)


@pytest.mark.parametrize("data", [b"", bytes(7), bytes(7) + b"\x01", bytes(40), bytes(8) + EMPTY])
def test_a_frontier_of_another_length_is_refused(data: bytes) -> None:
    with pytest.raises(IntegrityFault):
        read_frontier(data)


def vectors(folder: Path) -> list[tuple[str, dict[str, Any]]]:
    return [(str(path), json.loads(path.read_bytes())) for path in sorted(folder.rglob("*.json"))]


def hashes(proof: list[str] | None) -> tuple[bytes, ...]:
    return tuple(base64.b64decode(part) for part in proof or ())


def refused(check: Any, **given: Any) -> bool:
    try:
        check(**given)
    except IntegrityFault:
        return True
    return False


def test_public_inclusion_vectors(shared_data: Path) -> None:
    cases = vectors(shared_data / "vectors" / "merkle" / "inclusion")
    assert len(cases) == 98
    for name, case in cases:
        leaf, top = base64.b64decode(case["leafHash"] or ""), base64.b64decode(case["root"] or "")
        given = {"leaf": leaf, "index": case["leafIdx"], "size": case["treeSize"], "proof": hashes(case["proof"]), "root": top}
        assert refused(verify_inclusion, **given) == case["wantErr"], name


def test_public_consistency_vectors(shared_data: Path) -> None:
    cases = vectors(shared_data / "vectors" / "merkle" / "consistency")
    assert len(cases) == 98
    for name, case in cases:
        old, new = base64.b64decode(case["root1"] or ""), base64.b64decode(case["root2"] or "")
        given = {"old_size": case["size1"], "old_root": old, "size": case["size2"], "root": new, "proof": hashes(case["proof"])}
        assert refused(verify_consistency, **given) == case["wantErr"], name


def test_public_subtree_inclusion_vectors(shared_data: Path) -> None:
    cases = vectors(shared_data / "vectors" / "merkle" / "subtreeinclusion")
    assert len(cases) == 204
    for name, case in cases:
        leaf, top = base64.b64decode(case["leafHash"] or ""), base64.b64decode(case["root"] or "")
        given = {"leaf": leaf, "index": case["leafIdx"], "size": case["end"], "proof": hashes(case["proof"]), "root": top}
        assert refused(verify_inclusion, start=case["start"], **given) == case["wantErr"], name


def test_public_subtree_consistency_vectors(shared_data: Path) -> None:
    """All but six, which say that an empty sub-tree is in any tree: that shows nothing, so it is refused like a proof from size 0."""
    cases = vectors(shared_data / "vectors" / "merkle" / "subtreeconsistency")
    assert len(cases) == 118
    empty = 0
    for name, case in cases:
        old, new = base64.b64decode(case["root1"] or ""), base64.b64decode(case["root2"] or "")
        given = {"old_size": case["end"], "old_root": old, "size": case["size"], "root": new, "proof": hashes(case["proof"])}
        said = refused(verify_consistency, start=case["start"], **given)
        if case["start"] == case["end"]:
            assert said, name
            empty += not case["wantErr"]
        else:
            assert said == case["wantErr"], name
    assert empty == 6
