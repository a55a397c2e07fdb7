"""A decision record: who may receive an object and why, as decided now, in the log, so that anybody can check that this node said so.

The record is JSON, with the hashes of the agreements' texts; an entry of the log commits to its bytes, and the proof beside it (C2SP
tlog-proof) leads to the checkpoint that the node signed. `comity log check PROOF --data RECORD` checks both without the node.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from hashlib import sha256

import msgspec

from comity.clock import micros, stamp
from comity.ledger.journal import Entry
from comity.ledger.proof import prove, write_proof
from comity.release.desk import Desk
from comity.release.explain import Verdict

#: What the two files are called together.
RECORD, PROOF = "decision.json", "decision.tlog-proof"
_write = msgspec.json.Encoder(order="sorted").encode


def certified(desk: Desk, verdicts: Iterable[Verdict], purposes: tuple[str, ...], *, by: str) -> bytes:
    """A ZIP archive of the record of these verdicts and of its proof. Durable in the log when this returns."""
    world, at = desk.world, desk.world.clock()
    found = list(verdicts)
    cited = {f"{reason.agreement}@{reason.version}" for each in found for reason in each.decision.reasons}
    texts = {each.ref: each.sha256 for each in world.rulebook.current()[1].agreements if each.ref in cited}
    said = {
        "version": 1,
        "node": world.journal.origin,
        "made": stamp(micros(at)),
        "purposes": purposes,
        "decisions": [each.as_json() for each in found],
        "agreements": texts,
    }
    record = msgspec.json.format(_write(said), indent=1)
    with world.store.write() as tx:
        receipt = world.journal.append(tx, Entry(kind="record", at=at, actor=by), [sha256(record).digest()])
    leaf = next(world.store.leaves(receipt.index, receipt.index + 1))
    proof = write_proof(prove(leaf, world.store.tree_hashes, world.store.head().checkpoint, 0))
    return _zip({RECORD: record, PROOF: proof})


def _zip(files: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return made.getvalue()
