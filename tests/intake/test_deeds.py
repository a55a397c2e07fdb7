"""Acts of parties come in by one of three ways, and decisions follow from them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from comity.admin.fsck import fsck
from comity.agree.accord import Agreement
from comity.agree.acts import Deed
from comity.agree.life import ADMINISTRATOR, SIGNATURE
from comity.agree.status import statuses
from comity.errors import AgreementFault, Conflict, IntegrityFault, NotFound, OperatorFault, SenderFault
from comity.intake.deeds import deed, held, record, sign, take
from comity.intake.govern import add_agreement, add_key
from comity.ledger.journal import read_entry
from comity.ledger.note import LogKey, write_verifier
from comity.terms.stix import ACT_TYPE
from tests.consortium import MEMBERS, START, Body, indicator

PERSONAL = MEMBERS.replace("in_force = 2021-01-01", 'in_force = 2021-01-01\nentry = "per-party"') + "in_force = 2021-01-01\n"
KEY = LogKey.generate("comity.example/sco/UZ/acts")
OTHER = LogKey.generate("comity.example/sco/UZ/acts")
DAY = timedelta(days=1)


@pytest.fixture(params=["memory", "sqlite"])
def body(request, tmp_path):
    body = Body(agreement=PERSONAL, store="memory:" if request.param == "memory" else f"sqlite:{tmp_path / 'store.db'}")
    yield body
    assert list(fsck(body.world)) == []
    body.world.store.close()


def files(body: Body, party: str = "UZ", key: LogKey = KEY) -> list[bytes]:
    acts = [deed(body.world, "test", act, party=party, on=START - 2 * DAY) for act in ("sign", "ratify")]
    return [sign(each, key) for each in acts]


def words(agreement: Agreement, party: str) -> set[str]:
    section = agreement.signatory(party)
    assert section is not None
    return {step.word for step in section.steps(None)}


def test_decisions_follow_from_acts_at_the_next_request(body):
    kz, uz = body.member("KZ"), body.member("UZ")
    one = indicator()
    kz.submits(one)
    assert uz.polls() == []
    for code in ("KZ", "UZ"):
        for act in ("sign", "ratify"):
            record(body.world, deed(body.world, "test@1", act, party=code, on=START - DAY), "administrator")
    assert uz.polls() == [one["id"]]
    assert words(held(body.world, "test"), "UZ") == {ADMINISTRATOR}
    record(body.world, deed(body.world, "test", "suspend", party="KZ", on=body.clock()), "administrator")
    assert uz.reads() == []
    record(body.world, deed(body.world, "test", "resume", party="KZ", on=body.clock()), "administrator")
    assert uz.reads() == [one["id"]]
    record(body.world, deed(body.world, "test", "reserve", party="KZ", on=START - DAY, clauses=("members",)), "administrator")
    assert uz.reads() == []


def test_a_signed_file_is_taken_on_the_signature_of_a_known_key(body):
    add_key(body.world, "UZ", write_verifier(KEY.verifier), by="administrator")
    for file in files(body):
        made, row = take(body.world, file, "administrator")
        assert (made.party, made.signed, row.type) == ("UZ", True, ACT_TYPE)
        assert take(body.world, file, "administrator")[1] == row  # once
    assert words(held(body.world, "test"), "UZ") == {SIGNATURE}
    assert body.world.store.counts()[ACT_TYPE] == 2
    entry = read_entry(list(body.world.store.leaves())[row.leaf].entry)
    assert (entry.kind, entry.detail["type"]) == ("govern", ACT_TYPE)
    obj = msgspec.json.decode(body.world.store.bodies([row.item])[row.item])
    assert (obj["note"].encode(), obj["name"]) == (files(body)[1], "UZ ratified test@1")


def test_an_act_is_known_from_when_it_was_learnt(body):
    before = body.clock()
    record(body.world, deed(body.world, "test", "sign", party="UZ", on=START - DAY), "administrator")
    record(body.world, deed(body.world, "test", "ratify", party="UZ", on=START - DAY), "administrator")
    _, rules = body.world.rulebook.current()
    body.member("UZ")
    register = body.world.rulebook.current()[1].register
    for known, bound in ((before, False), (body.clock(), True), (None, True)):
        (governing,) = rules.governing("UZ", "UZ", START, known)
        assert governing.binds("UZ", register, START) is bound


def test_dates_far_away_keep_nobody_from_an_answer():
    """Notice given on the last day there is would end after it."""
    made = Body(MEMBERS.replace("in_force = 2021-01-01", 'in_force = 2021-01-01\nnotice = "P12M"'))
    kz, uz = made.member("KZ"), made.member("UZ")
    add_key(made.world, "UZ", write_verifier(KEY.verifier), by="administrator")
    last = datetime(9999, 12, 31, tzinfo=UTC)
    for act, on in (("sign", datetime(1, 1, 1, tzinfo=UTC)), ("suspend", last - DAY), ("resume", last), ("withdraw", last)):
        take(made.world, sign(deed(made.world, "test", act, party="UZ", on=on), KEY), "administrator")
    one = indicator()
    kz.submits(one)
    assert uz.polls() == [one["id"]]
    assert statuses(held(made.world, "test"), made.world.rulebook.current()[1], made.clock())


def test_no_key_is_known_of_the_party(body):
    with pytest.raises(OperatorFault, match="no key of UZ") as fault:
        take(body.world, files(body)[0], "administrator")
    assert "comity party key add --party UZ" in fault.value.next
    assert ACT_TYPE not in body.world.store.counts()


def test_neither_another_key_nor_another_party_can_sign_for_one(body):
    add_key(body.world, "UZ", write_verifier(KEY.verifier), by="administrator")
    add_key(body.world, "KZ", write_verifier(OTHER.verifier), by="administrator")
    for wrong in (files(body, "UZ", OTHER)[0], files(body, "KZ", KEY)[0]):
        with pytest.raises(IntegrityFault, match="not signed by"):
            take(body.world, wrong, "administrator")


def test_a_key_that_was_given_up_signs_no_more_and_what_it_signed_stays(body):
    add_key(body.world, "UZ", write_verifier(KEY.verifier), by="administrator")
    first, second = files(body)
    take(body.world, first, "administrator")
    add_key(body.world, "UZ", write_verifier(KEY.verifier), by="administrator", trusted=False)
    with pytest.raises(OperatorFault, match="no key of UZ"):
        take(body.world, second, "administrator")
    assert words(held(body.world, "test"), "UZ") == {SIGNATURE}


@pytest.mark.parametrize(
    "change", [(b"UZ", b"KZ"), (b"act sign", b"act ratify"), (b"on 2021-10-3", b"on 2021-10-2"), (b"test@1", b"test@2")]
)
def test_a_file_changed_by_one_word_is_refused(body, change):
    for party in ("UZ", "KZ"):
        add_key(body.world, party, write_verifier(KEY.verifier), by="administrator")
    file = files(body)[0]
    changed = file.replace(*change, 1)
    assert changed != file
    with pytest.raises(IntegrityFault, match=r"signature by .* is wrong"):
        take(body.world, changed, "administrator")


@pytest.mark.parametrize("data", [b"", b"\xff", b"{}", b"x\n\n\xe2\x80\x94 a AAAAAAAA\n", b"a" * 70_000])
def test_what_is_no_signed_act_is_refused_with_what_next(body, data):
    with pytest.raises((IntegrityFault, SenderFault)) as fault:
        take(body.world, data, "administrator")
    assert "--out" in fault.value.next


def test_an_act_about_another_text_is_refused(body):
    add_key(body.world, "UZ", write_verifier(KEY.verifier), by="administrator")
    elsewhere = Body(agreement=PERSONAL.replace("TLP:GREEN.", "TLP:GREEN, only."))
    with pytest.raises(Conflict, match="SHA-256"):
        take(body.world, files(elsewhere)[0], "administrator")
    with pytest.raises(NotFound, match="no agreement test@2"):
        record(body.world, msgspec.structs.replace(deed(body.world, "test", "sign", party="UZ", on=START), ref="test@2"), "administrator")


def test_what_the_rules_of_acts_forbid_leaves_nothing(body):
    size = body.world.store.head().size
    with pytest.raises(AgreementFault, match="has not signed"):
        record(body.world, deed(body.world, "test", "ratify", party="UZ", on=START), "administrator")
    with pytest.raises(NotFound):
        deed(body.world, "nothing", "sign", party="UZ", on=START)
    with pytest.raises(SenderFault):
        deed(body.world, "test", "sign", party="U Z", on=START)
    assert body.world.store.head().size == size


def test_when_a_ratification_says_nothing_of_entry_into_force():
    body = Body(agreement=MEMBERS)
    body.member("KZ")

    def stated(party: str) -> Deed:
        return deed(body.world, "test", "ratify", party=party, on=START)

    assert stated("KZ").in_force is None  # bound by its standing
    assert stated("UZ").in_force == START  # bound by nothing else
    add_agreement(body.world, PERSONAL.replace("version = 1", "version = 2"), "b.toml", by="test")
    assert stated("KZ").in_force == START


def test_the_version_meant_is_the_newest_unless_said(body):
    add_agreement(body.world, PERSONAL.replace("version = 1", "version = 2"), "b.toml", by="test")
    assert (held(body.world, "test").version, held(body.world, "test@1").version) == (2, 1)
