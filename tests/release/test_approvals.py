"""Whose business a request is, what each is told of it, and what may be asked about: hidden and absent are the same."""

from __future__ import annotations

from datetime import timedelta

import pytest

from comity.admin.fsck import fsck
from comity.agree.approval import Person
from comity.errors import NotFound, SenderFault
from comity.intake import approve
from comity.ledger.journal import read_entry
from comity.release import approvals
from tests.approving import GUESTS, SILENT, SPOKEN, TEXT, TWO, Meeting
from tests.consortium import Member, indicator, sdo

ABSENT = "indicator--99999999-9999-4999-8999-999999999999"


@pytest.fixture
def meeting() -> Meeting:
    return Meeting()


def sees(meeting: Meeting, member: Member, request) -> bool:
    listed = request.id in [each.request.approval.id for each in approvals.standing(meeting.desk, member.reader)]
    if listed:
        assert meeting.told(request, member).id == request.id
    else:
        with pytest.raises(NotFound, match=approve.ABSENT):
            meeting.told(request, member)
    return listed


def who_sees(meeting: Meeting, request) -> str:
    members = (meeting.kz, meeting.uz, meeting.tj, meeting.ir, meeting.by, meeting.member("XX"))
    return " ".join(member.code for member in members if sees(meeting, member, request))


def test_the_origin_and_whoever_asked_see_a_request(meeting):
    (id_,) = meeting.shares(indicator())
    (request,) = meeting.asks([id_], "UZ", "TJ")
    assert who_sees(meeting, request) == "KZ"
    (green,) = meeting.shares(indicator(), tlp="green")
    (request,) = meeting.asks([green], "BY", by="UZ/x")
    assert who_sees(meeting, request) == "KZ UZ"


def test_a_recipient_sees_it_once_it_sees_an_object(meeting):
    (id_,) = meeting.shares(indicator())
    (request,) = meeting.asks([id_], "UZ", "TJ")
    for name in ("anna", "bulat"):
        meeting.does("approve", request, f"KZ/{name}")
    assert who_sees(meeting, request) == "KZ UZ TJ"
    meeting.does("revoke", request, "KZ/anna")
    assert who_sees(meeting, request) == "KZ"


@pytest.mark.parametrize("tlp_and_type", [("amber", "malware", SILENT, "UZ"), ("green", "indicator", SPOKEN, "IR")])
def test_a_party_that_may_object_sees_it(meeting, tlp_and_type):
    tlp, type_, clause, to = tlp_and_type
    (id_,) = meeting.shares(sdo(type_) if type_ != "indicator" else indicator(), tlp=tlp)
    (request,) = meeting.asks([id_], to)
    assert request.clause == clause
    assert who_sees(meeting, request) == "KZ UZ TJ IR BY"
    meeting.body.party("TJ", "suspended", since=meeting.body.clock.at)
    assert who_sees(meeting, request) == "KZ UZ IR BY"


def test_ids_are_told_to_whoever_sees_the_objects_and_that_is_on_record(meeting):
    one, two = meeting.shares(sdo("malware"), sdo("malware"))
    (green,) = meeting.shares(sdo("malware"), tlp="green")
    (request,) = meeting.asks([one, two], "UZ")
    assert (meeting.told(request, None).ids, meeting.told(request, meeting.kz).ids) == ((one, two), (one, two))
    size = meeting.body.world.store.head().size
    found = meeting.told(request, meeting.tj)
    assert (found.objects, found.ids) == (2, ())
    assert meeting.body.world.store.head().size == size
    (other,) = meeting.asks([one], "TJ")
    meeting.body.clock.at += timedelta(days=14)
    assert meeting.told(request, meeting.tj).ids == (one,)
    entry = read_entry(list(meeting.body.world.store.leaves())[-1].entry)
    assert (entry.kind, entry.party, entry.count) == ("disclose", "TJ", 1)
    assert meeting.told(other, meeting.ir).ids == ()
    assert green not in str(meeting.told(request, meeting.tj))


def test_a_partys_people_are_named_to_itself_alone(meeting):
    (id_,) = meeting.shares(sdo("malware"))
    (request,) = meeting.asks([id_], "UZ")
    meeting.does("object", request, "TJ/daler")
    for asker, names in (
        (meeting.kz, ("anna", None)),
        (meeting.tj, (None, "daler")),
        (meeting.uz, (None, None)),
        (None, ("anna", "daler")),
    ):
        found = meeting.told(request, asker)
        assert (found.person, found.acts[0].person) == names
        assert (found.party, found.acts[0].party, found.acts[0].act) == ("KZ", "TJ", "object")


def test_where_it_stands_is_told_in_words_with_its_next_deadline(meeting):
    (id_,) = meeting.shares(indicator(), tlp="green")
    (request,) = meeting.asks([id_], "IR")
    found = meeting.told(request, None)
    assert (found.state, found.words, found.deadline) == ("requested", "requested", request.requested + timedelta(days=60))
    assert found.asks == "2 sponsors and no objection within P7D"
    for party in ("UZ", "TJ"):
        request = meeting.does("approve", request, f"{party}/x")
    found = meeting.told(request, None)
    assert (found.words, found.deadline) == ("open to objections", request.acts[-1].at + timedelta(days=7))
    meeting.body.clock.at += timedelta(days=7)
    found = meeting.told(request, None)
    assert (found.state, found.deadline, found.since) == ("adopted", None, request.acts[-1].at + timedelta(days=7))


def test_those_that_wait_come_first_then_the_older(meeting):
    ids = meeting.shares(*(indicator() for _ in range(4)))
    made = [meeting.asks([id_], "UZ")[0] for id_ in ids]
    meeting.does("object", made[1], "KZ/anna")
    listed = approvals.standing(meeting.desk, meeting.kz.reader)
    assert [each.request.approval.id for each in listed] == [made[n].id for n in (0, 2, 3, 1)]
    assert [each.order for each in listed] == sorted(each.order for each in listed)
    objected = approvals.standing(meeting.desk, None, "objected")
    assert [each.request.approval.id for each in objected] == [made[1].id]
    assert approvals.standing(meeting.desk, None, "adopted") == []


# What may be asked about


def test_one_may_ask_about_ones_own_and_about_what_one_sees(meeting):
    (green,) = meeting.shares(indicator(), tlp="green")
    (held,) = [row.item for row in meeting.body.world.store.by_id([green])]
    for member in (meeting.kz, meeting.uz):
        assert approvals.askable(meeting.desk, member.reader, [green]) == [held]
    assert approvals.askable(meeting.desk, None, [green]) == [held]


@pytest.mark.parametrize("code", ["UZ", "IR", "BY", "XX"])
def test_a_hidden_id_looks_like_one_that_nobody_has(meeting, code):
    (hidden,) = meeting.shares(indicator())
    member = meeting.member(code)
    said = []
    for id_ in (hidden, ABSENT):
        with pytest.raises(NotFound) as fault:
            approvals.askable(meeting.desk, member.reader, [id_])
        said.append((str(fault.value).replace(id_, "ID"), fault.value.next))
    assert said[0] == said[1]
    with pytest.raises(NotFound):
        approvals.askable(meeting.desk, None, [ABSENT])


def test_all_that_is_named_must_be_seen(meeting):
    (green,) = meeting.shares(indicator(), tlp="green")
    (amber,) = meeting.shares(indicator())
    with pytest.raises(NotFound, match=amber):
        approvals.askable(meeting.desk, meeting.uz.reader, [green, amber])


def test_only_versions_that_the_asker_sees_are_meant(meeting):
    obj = indicator()
    meeting.shares(obj)
    meeting.shares({**obj, "modified": "2021-10-05T00:00:00.000Z"}, tlp="green")
    rows = meeting.body.world.store.by_id([obj["id"]])
    assert approvals.askable(meeting.desk, meeting.uz.reader, [obj["id"]]) == [rows[1].item]
    assert approvals.askable(meeting.desk, meeting.kz.reader, [obj["id"]]) == [row.item for row in rows]


def test_of_several_origins_ones_own_is_meant_or_whose_has_to_be_said(meeting):
    obj = indicator()
    for member in (meeting.kz, meeting.uz):
        meeting.shares(obj, tlp="green", by=member)
    rows = {row.origin: row.item for row in meeting.body.world.store.by_id([obj["id"]])}
    assert approvals.askable(meeting.desk, meeting.kz.reader, [obj["id"]]) == [rows["KZ"]]
    assert approvals.askable(meeting.desk, meeting.kz.reader, [obj["id"]], "UZ") == [rows["UZ"]]
    with pytest.raises(SenderFault, match="KZ, UZ"):
        approvals.askable(meeting.desk, meeting.tj.reader, [obj["id"]])
    with pytest.raises(NotFound):
        approvals.askable(meeting.desk, meeting.tj.reader, [obj["id"]], "TJ")


def test_what_has_expired_is_not_there(meeting):
    (id_,) = meeting.shares(indicator(), tlp="green", expires=meeting.body.clock.at + timedelta(days=1))
    (request,) = meeting.asks([id_], "BY")
    meeting.does("approve", request, "KZ/anna")
    assert sees(meeting, meeting.by, request)
    meeting.body.clock.at += timedelta(days=1)
    assert not sees(meeting, meeting.by, request)
    for asker in (None, meeting.kz.reader):
        with pytest.raises(NotFound):
            approvals.askable(meeting.desk, asker, [id_])


def test_a_request_of_a_tool_is_on_record_as_that(meeting):
    (id_,) = meeting.shares(indicator(), tlp="green")
    items = approvals.askable(meeting.desk, meeting.uz.reader, [id_])
    (request,) = approve.ask(meeting.body.world, items, ["BY"], Person(party="UZ", id="token 1f2e", robot=True))
    assert request.clause == GUESTS
    assert (meeting.told(request, meeting.uz).person, meeting.told(request, meeting.kz).person) == ("token 1f2e", None)
    assert request.clause != TWO


# Redacted copies

COPIED = (
    TEXT.replace("version = 1", "version = 2")
    + """
[[clause]]
id = "copies"
text = "Observers receive copies of TLP:GREEN malware."
effect = "permit"
to = { standing = ["observer"] }
types = ["malware"]
tlp_max = "green"
redact = "short"

[[clause]]
id = "whole"
text = "And the whole with consent."
effect = "permit"
to = { standing = ["observer"] }
types = ["malware"]
tlp_max = "green"
approval = { procedure = "origin" }

[profile.short]
remove = ["description"]
"""
)


@pytest.mark.parametrize("first", ["copy", "request"])
def test_whoever_sees_a_copy_may_ask_for_the_whole_and_is_told_of_the_copy_alone(first):
    meeting = Meeting(COPIED.replace("version = 2", "version = 1"))
    (id_,) = meeting.shares(sdo("malware", description="secret"), tlp="green")
    if first == "request":  # made before there is a copy
        (early,) = meeting.asks([id_], "IR")
        assert not sees(meeting, meeting.ir, early)
    (copy,) = meeting.ir.polls()
    assert copy != id_
    (request,) = meeting.asks([copy], "IR", by="IR/reza")
    assert request.clause == "careful@1/whole"
    assert (meeting.told(request, meeting.ir).ids, meeting.told(request, meeting.kz).ids) == ((copy,), (id_,))
    assert id_ not in str(meeting.told(request, meeting.ir))
    if first == "request":
        assert sees(meeting, meeting.ir, early)  # a recipient that sees a copy by now
    meeting.does("approve", request, "KZ/anna")
    assert meeting.ir.polls() == [id_]
    assert meeting.told(request, meeting.ir).ids == (id_,)
    assert approvals.askable(meeting.desk, None, [copy]) == [row.item for row in meeting.body.world.store.by_id([id_])]
    assert list(fsck(meeting.body.world)) == []
    meeting.does("revoke", request, "KZ/anna")
    assert meeting.ir.gets(id_) == []
    assert len(meeting.ir.gets(copy)) == 1
    assert list(fsck(meeting.body.world)) == []


def test_what_goes_as_a_copy_only_with_approval_does_so():
    text = TEXT.replace('approval = { procedure = "origin" }', 'approval = { procedure = "origin" }\nredact = "short"')
    meeting = Meeting(text + '\n[profile.short]\nremove = ["description"]\n')
    (id_,) = meeting.shares(indicator(description="secret"), tlp="green")
    assert meeting.by.polls() == []
    (request,) = meeting.asks([id_], "BY")
    meeting.does("approve", request, "KZ/anna")
    (copy,) = meeting.by.polls()
    assert copy != id_ and b"secret" not in meeting.by.gets(copy)[0]
    assert meeting.told(request, meeting.by).ids == (copy,)
    meeting.does("revoke", request, "KZ/anna")
    assert meeting.by.gets(copy) == []
    assert list(fsck(meeting.body.world)) == []
