"""What the answers mean: TLP, nobody reached, and changes in words."""

from __future__ import annotations

from itertools import pairwise

import msgspec

from comity.release.preview import Answer, Item, Party
from comity.release.preview_findings import changes, counted, in_words, known_good, listed, plural, tlp_breaks, unreached

KZ = Party(party="KZ", label="KZ", standing="member", submits=True)
UZ = Party(party="UZ", label="UZ", standing="member")
IN = Party(party="IN", label="IN", standing="member")
IR = Party(party="IR", label="IR", standing="observer")
ANY = Party(party="ANY-GUEST", label="any guest", standing="guest", generic=True)


def yes(clause: str = "c1", rule: str = "clause") -> Answer:
    return Answer(effect="permit", rule=rule, agreement="ict", version=1, clause=clause, text="Yes.")


def no(rule: str = "no-clause", actual: str = "amber", clause: str = "c2") -> Answer:
    said = {"fact": "TLP", "expected": "at most green", "actual": actual}
    return Answer(effect="deny", rule=rule, agreement="ict", version=1, clause=clause, text="No.", **said)


def item(number: int, tlp: str, type_: str = "indicator", to: tuple[str, ...] | None = None, **answers: Answer) -> Item:
    return Item(
        id=f"{type_}--{number}", type=type_, version="1", name=f"n{number}", kind="", value="", tlp=tlp, to=to, marked=True, file="f",
        position="p", answers={"KZ": yes("own", "own"), **answers},
    )  # fmt: skip


def test_what_tlp_does_not_allow() -> None:
    items = [
        item(1, "amber+strict", UZ=yes(), IN=yes()),
        item(2, "amber+strict", UZ=no(), IN=no()),
        item(3, "red", to=("UZ",), UZ=yes(), IN=yes()),
        item(4, "amber", UZ=yes(), IN=yes()),
        item(5, "red", "marking-definition", UZ=yes("public", "public"), IN=no()),
    ]
    found = tlp_breaks(items, [KZ, UZ, IN])
    assert [(each.tlp, each.parties, [one.id for one in each.items]) for each in found] == [
        ("red", ("IN",), ["indicator--3"]),  # UZ is named
        ("amber+strict", ("UZ", "IN"), ["indicator--1"]),
    ]
    assert "clause c1, would give 1 indicator of it to UZ and IN" in found[1].text
    assert "Right only where KZ is the source" in found[1].text


def test_what_reaches_nobody_says_why_once_per_reason() -> None:
    items = [
        item(1, "green", UZ=yes(), IR=no()),
        item(2, "red", UZ=no("red-names-recipients"), IR=no("red-names-recipients")),
        item(3, "red", UZ=no("red-names-recipients"), IR=no("red-names-recipients")),
        item(4, "amber", to=(), UZ=no("addressed"), IR=no("addressed")),
        item(5, "amber", to=("ZZ",), UZ=no("addressed"), IR=no("addressed")),
        item(6, "green", UZ=no("forbidden"), IR=no("forbidden")),
        item(7, "green", "report", UZ=no("references", "hidden or absent: a[.]example, b[.]example"), IR=no()),
        item(8, "green", "relationship", UZ=no("references", "hidden or absent: x"), IR=no()),
        item(9, "amber", UZ=no(), IR=no(clause="c3")),
    ]
    texts = [each.text for each in unreached(items, [KZ, UZ, IR])]
    assert len(texts) == 6
    assert texts[0].startswith("2 indicators reach nobody: TLP:RED goes only to recipients it names")
    assert "addressed to nobody (in MISP" in texts[1]
    assert "addressed to ZZ" in texts[2]
    assert "clause c2, forbids it: No." in texts[3]
    assert texts[4].endswith("(n7 names a[.]example and b[.]example)")  # the report says more than the link
    assert "c2 wants TLP: at most green, it is amber (and more, for 1 other" in texts[5]
    assert unreached(items[:1], [KZ])[0].text.endswith("the register has no other party")


def test_what_awaits_approval_reaches_nobody_yet() -> None:
    waiting = Answer(effect="approve", rule="approval", agreement="ict", version=1, clause="c7", text="Two consent.")
    (found,) = unreached([item(1, "amber", UZ=waiting, IR=no(), IN=no())], [KZ, UZ, IR, IN])
    assert (found.rule, found.text) == ("approval", "1 indicator reaches nobody: ict, clause c7, gives it only once approved: Two consent.")
    copy = Answer(effect="redact", rule="clause", agreement="ict", version=1, clause="c7", text="A copy.")
    assert unreached([item(1, "amber", UZ=copy, IR=no())], [KZ, UZ, IR]) == []


def test_a_change_is_a_gain_by_how_much_it_gives() -> None:
    waiting = Answer(effect="approve", rule="approval", agreement="ict", version=1, clause="c1", text="Two consent.")
    copy = Answer(effect="redact", rule="clause", agreement="ict", version=1, clause="c1", text="A copy.")
    steps = [no(), waiting, copy, yes()]
    for less, more in pairwise(steps):
        before, after = item(1, "green", UZ=less, IR=more), item(1, "green", UZ=more, IR=less)
        assert [(each.party, each.what) for each in changes([before], [after], [KZ, UZ, IR])] == [("UZ", "gained"), ("IR", "lost")]


def test_changes_gained_lost_and_by_another_clause() -> None:
    before = [item(1, "green", UZ=no(), IR=yes()), item(2, "amber", UZ=no(), IR=yes("c1")), item(3, "amber", UZ=no(), IR=no())]
    after = [item(1, "green", UZ=yes(), IR=no()), item(2, "amber", UZ=yes(), IR=yes("c9")), item(3, "amber", UZ=no("gate"), IR=no())]
    found = changes(before, after, [KZ, UZ, IR])
    assert [(each.what, each.party, each.item.id) for each in found] == [
        ("gained", "UZ", "indicator--1"),
        ("lost", "IR", "indicator--1"),
        ("gained", "UZ", "indicator--2"),
        ("clause", "IR", "indicator--2"),
    ]
    assert in_words(found, [KZ, UZ, IR]) == [
        "gives 1 member (UZ) 2 indicators up to TLP:AMBER",
        "takes 1 indicator up to TLP:GREEN from 1 observer (IR)",
        "1 observer (IR) still receives 1 indicator, by another clause",
    ]
    assert changes(before, before, [KZ, UZ, IR]) == []


def test_parties_that_change_alike_share_a_sentence() -> None:
    before = [item(1, "clear", UZ=no(), IN=no(), IR=no(), **{"ANY-GUEST": no()})]
    after = [item(1, "clear", UZ=yes(), IN=yes(), IR=yes(), **{"ANY-GUEST": yes()})]
    said = in_words(changes(before, after, [UZ, IN, IR]), [UZ, IN, IR])
    assert said == ["gives 2 members and 1 observer (UZ, IN and IR) 1 indicator up to TLP:CLEAR"]
    assert in_words(changes(before, after, [ANY]), [ANY]) == ["gives any guest 1 indicator up to TLP:CLEAR"]


def test_words() -> None:
    kinds = ["indicator"] * 1200 + ["report"] + ["malware"] * 2 + ["tool"]
    assert counted([item(n, "green", kind) for n, kind in enumerate(kinds)]) == "1,204 objects (1,200 indicators, 2 malware, 2 more)"
    assert [plural(name) for name in ("identity", "windows-registry-key", "course-of-action", "alias", "tool")] == [
        "identities", "windows-registry-keys", "courses-of-action", "aliases", "tools",
    ]  # fmt: skip
    assert listed([]) == "nobody"
    assert listed("abcdefgh", 3) == "a, b, c and 5 more"


def test_what_is_known_good_by_list() -> None:
    lists = {"a.example": ("L1", "L2"), "b.example": ("L2",)}

    def named(number: int, value: str, type_: str = "indicator") -> Item:
        return msgspec.structs.replace(item(number, "green", type_), kind="domain", value=value)

    items = [named(1, "a.example"), named(2, "b.example"), named(3, "c.example"), named(4, "a.example", "domain-name"), item(5, "green")]
    found = known_good(items, lambda kind, value: lists.get(value, ()))
    assert [(each.list, [one.id for one in each.items]) for each in found] == [
        ("L2", ["indicator--1", "indicator--2"]),
        ("L1", ["indicator--1"]),
    ]
    assert found[0].text == "2 indicators on the warninglist 'L2': a[.]example and b[.]example"
