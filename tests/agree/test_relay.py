"""An item over several hands, in a treaty where members may pass on and a neighbouring agreement takes over."""

from __future__ import annotations

import pytest

from comity.agree.agreement import read
from comity.agree.decide import Rules, decide
from comity.agree.relay import relay
from comity.terms.party import Register, Standing
from tests.agree.treaty import HEAD, MEMBERS, OBSERVERS, PARTIES, ask, day, item, register

CN = "[party.CN]\nin_force = 2021-10-01\n"
PASSING = HEAD + MEMBERS + OBSERVERS.replace('retain = "P6M"', 'onward = "parties"') + PARTIES + CN
KNOWN = register(KZ="member", UZ="member", IR="observer", CN="member")


def path(*hands: str, text: str = PASSING, others: tuple[str, ...] = (), **change: object) -> list[str]:
    rules = Rules([read(each) for each in (text, *others)], KNOWN)
    return [decision.effect for decision in relay(hands, ask("UZ"), item(**change), rules)]


def test_green_goes_over_two_hops_and_amber_over_one() -> None:
    assert path("KZ", "UZ", "CN", tlp="green") == ["permit", "permit"]
    assert path("KZ", "UZ", "CN", tlp="amber") == ["permit", "deny"]
    assert path("KZ", "HUB", "UZ", tlp="green") == ["deny"]  # the centre reads nothing by its standing; it holds


def test_how_far_is_said_by_what_the_holder_was_given_by_not_by_what_the_next_would_be() -> None:
    kept = PASSING.replace('onward = "parties"', 'onward = "none"', 1)  # members may not, though observers might
    assert path("KZ", "UZ", "IR", text=kept, tlp="green") == ["permit", "deny"]
    assert path("KZ", "IR", "UZ", text=kept, tlp="green") == ["permit", "permit"]
    assert path("KZ", "UZ", "IR", tlp="green") == ["permit", "permit"]


def test_no_hop_goes_beyond_the_origins_own_decision() -> None:
    assert path("KZ", "UZ", "IR", type="malware", tlp="green") == ["permit", "deny"]  # observers do not get malware from KZ either
    assert path("KZ", "UZ", "CN", tlp="green", to=("UZ",)) == ["permit", "deny"]
    assert path("KZ", "UZ", "CN", tlp="green", to=("CN",)) == ["deny"]
    assert path("KZ", "UZ", "CN", "IR", tlp="green") == ["permit", "permit", "permit"]


def test_a_holder_that_should_not_have_it_passes_nothing_on() -> None:
    rules = Rules([read(PASSING)], KNOWN)
    for change in ({"to": ("CN",)}, {"type": "malware"}):
        assert decide(ask("CN", holder="IR"), item(tlp="green", **change), rules).effect == "deny"
    assert decide(ask("CN", holder="IR"), item(tlp="green"), rules).effect == "permit"
    barred = PASSING + '[[clause]]\nid = "no"\ntext = "Not to UZ."\neffect = "forbid"\nto = { party = ["UZ"] }\n'
    assert decide(ask("CN", holder="UZ"), item(tlp="green"), Rules([read(barred)], KNOWN)).effect == "deny"
    copies = PASSING.replace("[[clause]]", '[profile.p]\nremove = ["name"]\n[[clause]]', 1).replace("retain", 'redact = "p"\nretain', 1)
    assert decide(ask("CN", holder="UZ"), item(tlp="green"), Rules([read(copies)], KNOWN)).effect == "deny"


OTHER = (
    (HEAD + MEMBERS + PARTIES + CN)
    .replace('"example-ict"', '"data"')
    .replace('{ standing = ["member"] }', '{ party = ["CN"] }', 1)
    .replace('"parties"', '"none"')
)


@pytest.mark.parametrize(
    ("onward", "others", "last"),
    [
        ("data", (), "deny"),  # no such agreement
        ("data", (OTHER,), "permit"),
        ("parties", (OTHER,), "permit"),
        ("data", (OTHER.replace("in_force = 2021-10-01", "in_force = 2021-12-15"),), "deny"),
        ("data", (OTHER.replace('["CN"]', '["IR"]'),), "deny"),  # CN is no party that it gives anything
        ("ict", (OTHER,), "deny"),
    ],
)
def test_passing_on_under_another_agreement(onward: str, others: tuple[str, ...], last: str) -> None:
    text = PASSING.replace('onward = "parties"', f'onward = "{onward}"', 1)
    assert path("KZ", "UZ", "CN", text=text, others=others, tlp="green") == ["permit", last]


def test_two_grounds_must_both_let_it_go() -> None:
    twice = OTHER.replace('["CN"]', '["CN", "UZ"]')  # now UZ too was given it by `data`, which says none
    assert path("KZ", "UZ", "CN", others=(twice,), tlp="green") == ["permit", "deny"]
    assert path("KZ", "UZ", "CN", others=(twice.replace('"none"', '"parties"'),), tlp="green") == ["permit", "permit"]
    assert path("KZ", "UZ", "CN", others=(twice.replace('"none"', '"example-ict"'),), tlp="green") == ["permit", "permit"]


def test_another_body_lets_nothing_through_by_a_permit() -> None:
    foreign = OTHER.replace('body = "sco"', 'body = "cica"')
    text = PASSING.replace('onward = "parties"', 'onward = "data"', 1)
    known = Register([*KNOWN.standings, *(Standing(party=p, body="cica", standing="member", since=day(1)) for p in ("KZ", "CN"))])
    rules = Rules([read(text), read(foreign)], known)
    assert [each.effect for each in relay(["KZ", "UZ", "CN"], ask("UZ"), item(tlp="green"), rules)] == ["permit", "deny"]


def test_what_came_through_another_body_goes_on_as_that_one_allows() -> None:
    """A neighbour of another organisation was given it there, and passes it on here."""
    abroad = (HEAD + MEMBERS + PARTIES + CN).replace('"sco"', '"cica"').replace('"example-ict"', '"abroad"')
    here = (HEAD + MEMBERS + PARTIES + CN).replace('standing = ["member"] }', 'party = ["CN"] }', 1)
    known = Register([*KNOWN.standings, *(Standing(party=p, body="cica", standing="member", since=day(1)) for p in ("KZ", "UZ"))])

    def last(onward: str, *more: str) -> str:
        texts = (abroad.replace('onward = "parties"', f'onward = "{onward}"'), here, *more)
        return decide(ask("CN", holder="UZ"), item(tlp="green"), Rules([read(text) for text in texts], known)).effect

    assert last("example-ict") == "permit"
    assert last("parties") == "deny"
    assert last("none") == "deny"
    own = (HEAD + MEMBERS + PARTIES).replace('"example-ict"', '"own"').replace('onward = "parties"', 'onward = "example-ict"')
    assert last("none", own) == "permit"  # what it has by an agreement of this body is not bound by the other's


def test_one_hand_is_no_hop() -> None:
    assert path("KZ") == []
