"""Who is to be told of what was taken back."""

from __future__ import annotations

from comity.intake.telling import tell
from comity.intake.withdraw import recalls, withdraw
from comity.store import reports, tombstones
from tests.consortium import Body, indicator
from tests.release.test_copies import REDACTED


def waiting(body: Body, party: str) -> list[tuple[str, ...]]:
    return [tomb.recalls for _, tomb in tombstones.after(body.world.store, party, 0)]


def test_whoever_received_it_and_nobody_else_and_once():
    body = Body()
    kz, uz, ir = body.member("KZ"), body.member("UZ"), body.observer("IR")
    item = indicator()
    kz.submits(item, tlp="amber")
    kz.submits({**item, "modified": "2021-10-05T00:00:00.000Z"}, tlp="amber")
    uz.gets(item["id"], versions=("all",))
    ir.reads()
    found = withdraw(body.world, "KZ", item["id"], reason="wrong")
    assert tell(body.world) == 1 and tell(body.world) == 0
    assert waiting(body, "UZ") == [tuple(each.name for each in found)] and waiting(body, "IR") == waiting(body, "KZ") == []
    assert body.world.store.last_added() >= next(tombstones.after(body.world.store, "UZ", 0))[0]


def test_an_objects_last_version_is_made_only_where_its_origin_counts_as_its_creator():
    body = Body()
    kz, uz = body.member("KZ"), body.member("UZ")
    mine, theirs = ({"type": "identity", "id": f"identity--00000000-0000-4000-8000-00000000000{n}"} for n in (1, 2))
    said = {"spec_version": "2.1", "created": "2021-10-01T00:00:00.000Z", "modified": "2021-10-01T00:00:00.000Z", "name": "A CERT"}
    kz.submits({**mine, **said, "identity_class": "organization"})
    uz.submits({**theirs, **said, "identity_class": "organization"})
    items = [indicator(), indicator(created_by_ref=mine["id"]), indicator(created_by_ref=theirs["id"])]
    kz.submits(*items)
    recalls = [withdraw(body.world, "KZ", item["id"])[0] for item in items]
    assert [bool(each.revoked) for each in recalls] == [True, True, False]


def test_of_a_redacted_copy_its_origin_hears_as_of_its_object():
    body = Body(REDACTED)
    kz, ir = body.member("KZ"), body.observer("IR")
    item = indicator(description="how we know")
    kz.submits(item, tlp="green")
    (copy,) = ir.reads()
    assert copy != item["id"]
    found = withdraw(body.world, "KZ", item["id"], reason="wrong")
    assert tell(body.world) == 1
    ((_, report),) = reports.since(body.world.store, 0)
    (own,) = (each for each in found if each.id == item["id"])
    assert (report.of, report.outcome, report.sha.hex()) == ("IR", "fetched", own.sha)
    assert {each.id for each in recalls(body.world, item["id"])} == {item["id"], copy}
