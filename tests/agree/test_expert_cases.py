"""The cases an expert tries first, by name."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec

from comity.agree.agreement import check, read
from comity.agree.decide import Rules, decide
from comity.agree.lint import lint
from comity.agree.relay import relay
from comity.agree.sieve import Sieve
from comity.intake.govern import add_agreement
from comity.terms.tlp import TLP2_IDS
from tests.agree.treaty import CENTRE, HEAD, MEMBERS, OBSERVERS, PARTIES, TREATY, ask, day, item, register, rules
from tests.consortium import MEMBERS as OPEN
from tests.consortium import START, Body, indicator

CN = "[party.CN]\nin_force = 2021-10-01\n"
#: The body of the store's tests, with a section for UZ to leave by.
LEAVING = OPEN.replace("in_force = 2021-01-01\n", 'in_force = 2021-01-01\nnotice = "P1D"\n', 1) + "\n[party.UZ]\nwithdrawal = 2021-11-01\n"


def test_amber_over_two_hops() -> None:
    world = Rules([read(HEAD + MEMBERS + PARTIES + CN)], register(KZ="member", UZ="member", CN="member"))

    def hops(tlp: str) -> list[str]:
        return [each.effect for each in relay(["KZ", "UZ", "CN"], ask("UZ"), item(tlp=tlp), world)]

    assert hops("green") == ["permit", "permit"]
    assert hops("amber") == ["permit", "deny"]
    (fact,) = decide(ask("CN", holder="UZ"), item(), world).reasons[0].facts
    assert fact.fact == "onward transfer"
    assert decide(ask("CN", holder="KZ"), item(), world).effect == "permit"  # the origin itself may


def test_in_force_for_one_party_only() -> None:
    for recipient, origin in (("RU", "KZ"), ("KZ", "RU")):
        refused = decide(ask(recipient), item(origin=origin, tlp="clear"), rules())
        assert refused.effect == "deny"
        side = "recipient" if recipient == "RU" else "origin"
        assert {fact.fact for reason in refused.reasons for fact in reason.facts} >= {f"in force for {side}"}


def test_withdrawal_between_two_pages() -> None:
    body = Body(LEAVING)
    kz, uz, tj = body.member("KZ"), body.member("UZ"), body.member("TJ")
    kz.submits(*(indicator() for _ in range(6)))
    first = uz.page(limit=3)
    assert (len(first.found), first.more) == (3, True)
    body.clock.at = START.replace(day=2, hour=0, minute=0)  # its notice has run out
    assert uz.page(limit=3, after=first.found[-1][0]).found == []
    assert uz.reads() == []
    assert len(tj.reads()) == 6


def test_the_same_item_under_two_agreements_with_different_retention() -> None:
    other = (HEAD + MEMBERS + PARTIES).replace("example-ict", "data").replace("P1Y", "P30D")
    world = Rules([read(TREATY), read(other)], register(KZ="member", UZ="member"))
    decision = decide(ask("UZ"), item(), world)
    assert [reason.ref for reason in decision.reasons] == ["data@1", "example-ict@1"]
    assert decision.expires(day(11)) == day(12)  # the earlier of a year and 30 days
    alone = decide(ask("UZ"), item(under="example-ict"), world)
    assert alone.expires(day(11)) == day(11, 1, 2022)


def test_created_by_ref_that_is_not_the_submitter() -> None:
    body = Body(OPEN.replace('to = { standing = ["member"] }', 'to = { standing = ["member"] }\nfrom = { party = ["KZ"] }'))
    kz, uz, tj = body.member("KZ"), body.member("UZ"), body.member("TJ")
    claims_kz = indicator(created_by_ref="identity--00000000-0000-4000-8000-00000000000a")
    honest = indicator(created_by_ref=claims_kz["created_by_ref"])
    uz.submits(claims_kz)
    kz.submits(honest)
    assert tj.reads() == [honest["id"]]  # who submitted it counts, whatever it says of itself


def test_conflicting_granular_markings() -> None:
    """The whole object is as strict as the strictest of its parts: a GREEN name beside an AMBER pattern is not for observers."""
    from comity.forms.stix_json import read as read_stix

    mixed = indicator(
        name="host",
        object_marking_refs=[TLP2_IDS["green"]],
        granular_markings=[
            {"marking_ref": TLP2_IDS["green"], "selectors": ["name"]},
            {"marking_ref": TLP2_IDS["amber"], "selectors": ["name"]},
        ],
    )
    (draft,) = read_stix(msgspec.json.encode({"type": "bundle", "id": "bundle--00000000-0000-4000-8000-000000000001", "objects": [mixed]}))
    assert getattr(draft, "tlp", None) == "amber"
    body = Body()
    kz, uz, ir = body.member("KZ"), body.member("UZ"), body.observer("IR")
    kz.submits(mixed | {"x_tlp": "amber"}, tlp="green")
    assert (uz.reads(), ir.reads()) == ([mixed["id"]], [])


def test_a_clock_a_day_wrong_at_entry_into_force() -> None:
    """What counts is the deciding node's clock: a day slow it releases nothing early, a day fast exactly a day early, and the log says when."""
    instant = day(10)
    for wrong in (timedelta(days=-1), timedelta(days=1)):
        for real in (instant - timedelta(microseconds=1), instant, instant + timedelta(days=1)):
            asked = decide(ask("UZ", at=real + wrong), item(), rules())
            assert (asked.effect == "permit") is (real + wrong >= instant)
    body = Body(OPEN.replace("in_force = 2021-01-01", "in_force = 2021-11-02"))
    kz, uz = body.member("KZ"), body.member("UZ")
    kz.submits(indicator())
    assert uz.reads() == []
    body.clock.at += timedelta(days=1)
    assert len(uz.reads()) == 1
    body.clock.at -= timedelta(days=1)  # set right again: nothing more goes until the day has come
    kz.submits(indicator())
    assert uz.reads() == []
    body.clock.at += timedelta(days=1)
    assert len(uz.reads()) == 2


def test_an_empty_group() -> None:
    for empty in ("to = {}", "to = { party = [] }", "to = { standing = [] }"):
        text = HEAD + MEMBERS.replace('to = { standing = ["member"] }', empty) + PARTIES
        assert [finding.level for finding in check(text)] == ["error"]
    by_hand = read(TREATY)
    nobody = msgspec.structs.replace(by_hand, clauses=(msgspec.structs.replace(by_hand.clauses[0], to=None),))
    for recipient in ("UZ", "IR", "HUB", "RU"):
        assert decide(ask(recipient), item(tlp="clear"), Rules([nobody], rules().register)).effect == "deny"
    assert decide(ask("UZ"), item(to=()), rules()).rule == "addressed"


def test_a_group_naming_an_unknown_party() -> None:
    text = HEAD + MEMBERS.replace('{ standing = ["member"] }', '{ party = ["ZZ", "UZ"] }', 1) + PARTIES
    world = Rules([read(text)], register(KZ="member", UZ="member"))
    assert decide(ask("ZZ"), item(), world).effect == "deny"  # unknown is nobody, not everybody
    assert decide(ask("UZ"), item(), world).effect == "permit"
    assert decide(ask("RU"), item(), world).effect == "deny"
    found = [finding for finding in lint(read(text), register(KZ="member", UZ="member")) if "ZZ" in finding.message]
    assert {(finding.level, finding.fault) for finding in found} == {("warning", "author"), ("warning", "operator")}


def test_a_party_of_two_organisations_meets_each_rule_in_its_own() -> None:
    """All members of one body are members of another: a permit counts in its body, a prohibition in both."""
    body = Body(OPEN)
    kz, uz = body.member("KZ"), body.member("UZ")
    kz.submits(indicator())
    assert len(uz.reads()) == 1
    ban = (
        '[agreement]\nid = "cica-ban"\nversion = 1\ntitle = "A ban"\nbody = "cica"\npurposes = ["network-defence"]\nin_force = 2021-01-01\n'
    )
    ban += '[[clause]]\nid = "none"\ntext = "No indicators."\neffect = "forbid"\ntypes = ["indicator"]\n[party.KZ]\n[party.UZ]\n'
    add_agreement(body.world, ban, "ban.toml", by="test")
    assert uz.reads() == []


def test_the_oldest_trick_a_change_that_touches_no_item() -> None:
    """A page asked for after a change answers by the new rules; no item is written for it."""
    body = Body()
    kz, uz = body.member("KZ"), body.member("UZ")
    kz.submits(*(indicator() for _ in range(3)))
    assert len(uz.reads()) == 3
    before = body.world.store.last_added()
    stricter = OPEN.replace("version = 1", "version = 2").replace('tlp_max = "amber"', 'tlp_max = "clear"')
    add_agreement(body.world, stricter, "v2.toml", by="test")
    governed = body.world.store.last_added()
    assert uz.reads() == []
    assert governed > before
    assert body.world.store.last_added() == governed


def test_a_centre_that_forwards_what_it_may_not_read() -> None:
    world = Rules([read(HEAD + MEMBERS + CENTRE + PARTIES)], register(KZ="member", UZ="member", HUB="member"))
    assert not Sieve(ask("HUB"), world).permits(item())
    assert Sieve(ask("UZ"), world).permits(item())


def test_an_observer_that_accedes_keeps_its_rights_until_the_instant() -> None:
    world: Any = Rules([read(HEAD + MEMBERS + OBSERVERS + PARTIES)], register(KZ="member", IR="observer"))
    assert [decide(ask("IR"), item(tlp=tlp), world).effect for tlp in ("green", "amber")] == ["permit", "deny"]
