"""P4: over any number of hops nobody is given more than the origin's own decision gives, and nothing strict goes on by itself (G10).

Each party has a node of its own under the same agreements. Items are handed on from node to node as links do it: the reader's party takes what the
holder's node gives it, and submits it at home with its origin, its handling and whom it came from.
"""

from __future__ import annotations

from datetime import timedelta
from random import Random

import msgspec
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from comity.agree import onward, sieve, weigh
from comity.agree.decide import Question
from comity.agree.sieve import Sieve
from comity.terms.traits import Traits
from tests.agree.oracle import Oracle
from tests.whole.laws import caught, dices, play
from tests.whole.years import OPEN, PARTIES, PURPOSES, TLPS, Sent, Tale, clause


class Hops(RuleBasedStateMachine):
    """Four nodes that hand on what they have."""

    @initialize()
    def begin(self) -> None:
        self.nodes = {party: Tale(party=party) for party in PARTIES}
        self.handed = 0
        for tale in self.nodes.values():
            tale.agree("test", OPEN)
            for party, word in zip(PARTIES, ("member", "member", "member", "observer"), strict=True):
                tale.stands(party, word)

    @rule(dice=dices, origin=st.sampled_from(PARTIES), tlp=st.sampled_from([*TLPS, "green", "green"]))
    def somebody_has_something(self, dice: Random, origin: str, tlp: str) -> None:
        tale = self.nodes[origin]
        obj = tale.object(dice, "indicator")
        obj["id"] = f"indicator--00000000-0000-4000-8000-{PARTIES.index(origin)}{tale.words:011d}"
        handling, to = dice.choice(((), (), (), ("H0",), ("H2",))), dice.choice((None, None, None, ("UZ", "IR"), ("TJ",)))
        tale.submits(origin, obj, tlp=tlp, handling=handling, to=to)

    @rule(dice=dices, id_=st.sampled_from(["test", "data"]))
    def a_version_comes(self, dice: Random, id_: str) -> None:
        seed, now = dice.random(), self.nodes["KZ"].now()
        for tale in self.nodes.values():
            chance = Random(seed)
            kept = {name: keys for name, keys in tale.clauses.get(id_, {}).items() if chance.random() < 0.9}
            tale.agree(id_, kept | {f"c{chance.randrange(3)}": clause(chance, now)})

    @rule(party=st.sampled_from(PARTIES), word=st.sampled_from(["member", "member", "observer", "suspended"]))
    def a_standing_comes(self, party: str, word: str) -> None:
        for tale in self.nodes.values():
            tale.stands(party, word)

    @rule(days=st.sampled_from([1, 4, 20]))
    def time_passes(self, days: int) -> None:
        for tale in self.nodes.values():
            tale.body.clock.at += timedelta(days=days)

    @rule(holder=st.sampled_from(PARTIES), taker=st.sampled_from(PARTIES))
    def p4_one_hands_on_what_the_origin_would_give(self, holder: str, taker: str) -> None:
        giver, home = self.nodes[holder], self.nodes[taker]
        given = giver.reads(taker)
        assert given == giver.visible(taker)
        if holder == taker:
            return
        for sent in [each for each in giver.sent if each.raw in given and each.traits.origin != taker]:
            self._within_the_origins_decision(giver, taker, sent)
            if not any(each.raw == sent.raw for each in home.sent):
                by = msgspec.structs.replace(sent.by, received_from=holder)
                said = {name: getattr(by, name) for name in by.__struct_fields__ if name != "party"}
                home.submits(sent.traits.origin, msgspec.json.decode(sent.raw), **said)
                self.handed += 1

    def _within_the_origins_decision(self, giver: Tale, taker: str, sent: Sent) -> None:
        own = msgspec.structs.replace(sent.traits, received_from=None)
        question = Question(recipient=taker, body="sco", purposes=PURPOSES, holder=own.origin, valid_at=giver.now())
        assert Oracle(giver.rules(giver.size()), giver.now(), None).effect(question, own) == "permit"
        if giver.party != own.origin:
            assert own.tlp in ("clear", "green")
            assert not {"H1", "H2", "H3"} & set(own.handling)

    def teardown(self) -> None:
        for tale in getattr(self, "nodes", {}).values():
            tale.body.world.store.close()


def test_p4_no_hop_gives_more_than_the_origin() -> None:
    play(Hops, 40)


def test_the_hops_do_hand_things_on() -> None:
    tale, home = Tale(party="KZ"), Tale(party="UZ")
    for each in (tale, home):
        each.agree("test", OPEN)
        for party in PARTIES:
            each.stands(party, "member")
    hops = Hops()
    hops.nodes, hops.handed = {"KZ": tale, "UZ": home, "TJ": home}, 0
    for tlp in ("green", "amber"):
        assert tale.submits("KZ", tale.object(Random(tlp), "malware"), tlp=tlp)
    hops.p4_one_hands_on_what_the_origin_would_give("KZ", "UZ")
    assert (hops.handed, len(home.reads("UZ")), len(home.reads("TJ"))) == (2, 2, 1)


def test_caught_p4_amber_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (onward, sieve):
        monkeypatch.setattr(module, "automatic", lambda traits: True)
    caught(Hops)


def test_caught_p4_what_a_clause_says_of_passing_on_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weigh, "_passed_on", lambda permits, *more: permits)
    caught(Hops)


def test_caught_p4_a_holder_decides_as_if_it_were_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    permits = Sieve.permits

    def wrong(self: Sieve, traits: Traits) -> bool:
        own = msgspec.structs.replace(traits, origin=self._question.holder, received_from=None)
        return permits(self, traits) or permits(self, own)

    monkeypatch.setattr(Sieve, "permits", wrong)
    caught(Hops)
