"""The page that says how the node is."""

from __future__ import annotations

import json
from datetime import timedelta

import msgspec

from comity.admin import upkeep
from comity.config import Gate
from comity.intake import redress
from comity.peer import book, restoring
from tests.consortium import indicator
from tests.doors.web.visitor import Visitor, body_that_reads


def test_checks_say_what_is_known_and_what_is_not():
    body, kz = body_that_reads()
    kz.submits(indicator(), tlp="green")
    visitor = Visitor(body)
    data = visitor.data("/ops.json")
    checks = {each["name"]: each for each in data["checks"]}
    assert (checks["log"]["state"], checks["log"]["number"]) == ("good", body.world.store.head().size)
    assert (checks["witnesses"]["state"], checks["backup"]["state"], checks["integrity"]["state"]) == ("warn", "unknown", "unknown")
    assert checks["links"] | {"state": "good", "note": "alone", "number": 0} == checks["links"]
    for lang in ("en", "ru", "zh"):
        page = visitor.see(f"/ops?lang={lang}")
        assert page.count('role="row"') == len(data["checks"]) + 1


def test_a_link_that_failed_is_seen_and_what_it_said_is_inert():
    body, _ = body_that_reads()
    book.add_peer(body.world, book.Peer(name="uz", party="UZ", url="https://uz.example/taxii2/", user="u", token="secret", push=True))
    book.note_result(body.world, "uz", "<b>no way</b> to http://uz.example/")
    visitor = Visitor(body)
    page = visitor.see("/ops")
    assert "<b>no way" not in page
    assert "secret" not in page
    (link,) = visitor.data("/ops.json")["links"]
    assert (link["good"], link["waiting"]) == (False, 2)
    assert next(each for each in visitor.data("/ops.json")["checks"] if each["name"] == "links")["state"] == "bad"


def test_what_waits_after_a_restore_is_seen():
    body, _ = body_that_reads()
    book.add_peer(body.world, book.Peer(name="uz", party="UZ", url="", user="", token="", kind="comity"))
    restoring.begun(body.world)
    visitor = Visitor(body)
    (check,) = (each for each in visitor.data("/ops.json")["checks"] if each["name"] == "unheard")
    assert (check["state"], check["number"], check["command"]) == ("warn", 1, "comity doctor")
    assert "has not said since what it took back" in visitor.see("/ops")


def test_the_bundle_for_whoever_helps_names_nobody():
    body, kz = body_that_reads()
    kz.submits(indicator(name="a secret name"), tlp="green")
    book.add_peer(body.world, book.Peer(name="uz-link", party="UZ", url="https://uz.example/taxii2/", user="uzuser", token="secret"))
    book.note_result(body.world, "uz-link", "cannot find uz.example")
    answer = Visitor(body, name="a.person").get("/ops/support.json")
    assert answer.headers["content-disposition"] == 'attachment; filename="comity-support.json"'
    told = json.loads(answer.text)
    assert told["links"] == [{"kind": "taxii", "pulls": True, "pushes": False, "tried": told["links"][0]["tried"], "good": False,
                              "waiting": None, "failures": 0}]  # fmt: skip
    for word in ("secret", "uz.example", "uz-link", "UZ", "KZ", "SCO-CENTRE", "a.person", "uzuser"):
        assert word not in answer.text, word


def test_it_is_for_people_of_the_nodes_own_party():
    body, _ = body_that_reads()
    other = Visitor(body, party="KZ")
    absent = other.get("/nothing-of-the-sort")
    for path in ("/ops", "/ops/support.json", "/log/0/proof"):
        assert (other.get(path).status_code, other.get(path).text.count("ops")) == (absent.status_code, absent.text.count("ops"))
    assert Visitor(body, signed_in=False).get("/ops/support.json").status_code == 401


def test_the_last_backup_and_the_compiled_table_are_told_with_their_age():
    body, _ = body_that_reads()
    visitor, now = Visitor(body), body.world.clock()

    def told(name: str) -> tuple[str, str, int | None]:
        (check,) = [each for each in visitor.data("/ops.json")["checks"] if each["name"] == name]
        page = "".join(visitor.see(f"/ops?lang={lang}") for lang in ("en", "ru", "zh"))
        assert "ops.note" not in page
        assert check["command"] in page
        return check["state"], check["note"], check["bytes"]

    assert told("backup") == ("unknown", "unrecorded", None)
    assert told("table") == ("unknown", "uncompiled", None)
    upkeep.note_backup(body.world, upkeep.Backup(at=now, bytes=5_000, keys=True))
    upkeep.note_table(body.world, upkeep.Compiled(at=now, bytes=70_000, count=1_000))
    assert told("backup") == ("good", "backed_up", 5_000)
    assert told("table") == ("good", "compiled", 70_000)
    upkeep.note_backup(body.world, upkeep.Backup(at=now - timedelta(days=8), bytes=5_000, keys=True))
    assert told("backup") == ("warn", "backup_old", 5_000)


def test_g13_a_late_answer_to_a_redress_ticket_is_bad():
    body, _ = body_that_reads()
    visitor = Visitor(body)

    def seen() -> tuple[str, str]:
        check = next(each for each in visitor.data("/ops.json")["checks"] if each["name"] == "redress")
        return check["state"], check["note"]

    assert seen() == ("good", "none")
    ticket = redress.open_ticket(body.world, "x", "hotline 12", "anna")
    assert seen() == ("warn", "waiting")
    object.__setattr__(body.world, "settings", msgspec.structs.replace(body.world.settings, gate=Gate(redress_days=1)))
    late = redress.open_ticket(body.world, "y", "hotline 13", "anna")
    body.clock.at = late.due
    visitor = Visitor(body)
    assert seen() == ("bad", "late")
    for each in (ticket, late):
        redress.answer(body.world, each.id, "refused", "no", "bulat")
    assert seen() == ("good", "none")
