"""The log's door: tiles for who has a token, and a witness for who has a log."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest
from starlette.applications import Starlette

from comity.admin import publishing, tokens, witnessing
from comity.doors import tlog
from comity.doors.site import site
from comity.ledger.keys import COSIGNATURE, LogKey, write_verifier
from comity.ledger.merkle import root
from comity.ledger.note import open_note
from comity.ledger.tiles import consistency, tiles, write_path
from comity.ledger.witness import LARGEST, Submission, read_answer, write_submission
from tests.consortium import Body, indicator
from tests.inside import Inside

KEY = LogKey("comity.example/uz/witness", bytes(32), COSIGNATURE)


@pytest.fixture
def body() -> Body:
    made = Body()
    made.member("KZ").submits(indicator())
    publishing.publish(made.world)
    return made


def client(body: Body, party: str = "UZ") -> Inside:
    _, secret = tokens.create(body.world, party=party, scopes=("taxii:read",), expires=body.clock() + timedelta(days=1))
    return Inside(Starlette(routes=tlog.routes(body.world, lambda: KEY)), headers={"Authorization": f"Bearer {secret}"})


def test_the_log_can_be_read_and_checked_by_any_member(body):
    reader = client(body)
    answer = reader.get("/tlog/checkpoint")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    checkpoint = open_note(answer.content, [body.world.journal.verifier])
    hashes = b"".join(reader.get(f"/tlog/{write_path(tile)}").content for tile in tiles(checkpoint.size) if tile.level == 0)
    assert root([hashes[at : at + 32] for at in range(0, len(hashes), 32)]) == checkpoint.root
    assert reader.get(f"/tlog/tile/entries/000.p/{checkpoint.size}").headers["content-type"] == "application/octet-stream"
    for path in ("tile/0/000", f"tile/0/000.p/{checkpoint.size + 1}", "tile/0/0", "tile/1/000.p/1", "tile/x"):
        assert reader.get(f"/tlog/{path}").status_code == 404


def test_without_a_token_nothing_unless_the_log_is_open(body):
    for path in ("checkpoint", "tile/0/000.p/1"):
        refused = Inside(Starlette(routes=tlog.routes(body.world, None))).get(f"/tlog/{path}")
        assert (refused.status_code, "www-authenticate" in refused.headers) == (401, True)
    settings = msgspec.structs.replace(body.world.settings, log=msgspec.structs.replace(body.world.settings.log, open=True))
    world = type(body.world)(**{name: getattr(body.world, name) for name in ("store", "journal", "rulebook", "clock")}, settings=settings)
    assert Inside(Starlette(routes=tlog.routes(world, None))).get("/tlog/checkpoint").status_code == 200


def test_a_witness_answers_as_the_standard_says(body):
    witness = client(Body(party="UZ"))
    world = Body(party="UZ").world
    witness = Inside(Starlette(routes=tlog.routes(world, lambda: KEY)))
    head = body.world.store.head()
    first = write_submission(Submission(old=0, proof=(), checkpoint=head.checkpoint))
    assert witness.post("/tlog/add-checkpoint", content=first).status_code == 404
    witnessing.watch(world, write_verifier(body.world.journal.verifier), "SCO-CENTRE", "test")
    answer = witness.post("/tlog/add-checkpoint", content=first)
    assert answer.status_code == 200
    read_answer(answer.content, head.checkpoint, KEY.verifier)
    again = witness.post("/tlog/add-checkpoint", content=first)
    assert (again.status_code, again.text, again.headers["content-type"]) == (409, f"{head.size}\n", "text/x.tlog.size")
    body.member("KG")
    grown = body.world.store.head()
    proof = consistency(body.world.store.tree_hashes, head.size, grown.size)
    for changed, status in (
        (Submission(old=head.size, proof=proof[1:], checkpoint=grown.checkpoint), 422),
        (Submission(old=grown.size + 1, proof=(), checkpoint=grown.checkpoint), 400),
        (Submission(old=head.size, proof=proof, checkpoint=grown.checkpoint), 200),
    ):
        assert witness.post("/tlog/add-checkpoint", content=write_submission(changed)).status_code == status
    forged = grown.checkpoint.replace(b"\n\n", b"\nmore\n\n")
    assert witness.post("/tlog/add-checkpoint", content=write_submission(Submission(old=0, proof=(), checkpoint=forged))).status_code == 403
    assert witness.post("/tlog/add-checkpoint", content=b"old 0").status_code == 400
    assert witness.post("/tlog/add-checkpoint", content=b"x" * (LARGEST + 1)).status_code == 413
    assert witness.get("/tlog/add-checkpoint").status_code == 405


def test_a_site_without_a_key_cosigns_nothing(body):
    inside = Inside(site(body.desk), base_url="http://localhost")
    assert inside.post("/tlog/add-checkpoint", content=b"").status_code in (404, 405)
    assert inside.get("/tlog/checkpoint").status_code == 401
