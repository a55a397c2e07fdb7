"""Groups, cells and grounds of a matrix."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from comity.doors.cli.preview_look import Preview
from comity.doors.cli.preview_rows import alike, cited, clean, grouped, mark, refusals, shifts, shown, who, word

BUNDLE = "kz-threat-report.stix.json"


def test_every_item_is_in_one_group_and_groups_are_ordered(previewed: Callable[..., Preview]) -> None:
    found = previewed(BUNDLE)
    groups = grouped(found.items, found.others)
    assert sorted(item.id for group in groups for item in group.items) == sorted(item.id for item in found.items)
    assert [group.tlp for group in groups] == sorted((group.tlp for group in groups), key=["green", "amber", "red"].index)
    for group in groups:
        for item in group.items:
            assert (item.tlp, item.type) == (group.tlp, group.type)
            assert {p: (a.effect, a.clause) for p, a in item.answers.items()} == {p: (a.effect, a.clause) for p, a in group.answers.items()}
    largest = next(group for group in groups if group.title == "30 indicators")
    assert largest.kinds == "domain 12, url 6, ipv4 5, sha256 5, ipv6 2"
    assert largest.examples(2) == ["steppe-post[.]example", "heron-files[.]example"]


def test_a_group_holds_either_changed_items_or_others(previewed: Callable[..., Preview], changed: str) -> None:
    found = previewed(BUNDLE, change=changed)
    groups = grouped(found.items, found.others, found.changes)
    assert [(group.title, sorted(group.moved)) for group in groups if group.moved] == [("28 indicators", ["IR"])]
    (shift,) = shifts(found.changes)
    assert (shift.party, shift.tlp, len(shift.items), mark(shift.before), mark(shift.after)) == ("IR", "amber", 28, "–", "✓")


def test_marks_and_words(previewed: Callable[..., Preview]) -> None:
    found = previewed(BUNDLE)
    by_label = {item.label: item for item in found.items}
    forbidden, red = by_label["203.0.113.233"], by_label["heron-gate.example.com"]
    link = next(item for item in found.items if item.answers["UZ"].rule == "references")
    assert [(mark(item.answers["UZ"]), word(item.answers["UZ"])) for item in (forbidden, red, link)] == [
        ("✗", "art-5.1"), ("–", "unnamed"), ("–", "references"),
    ]  # fmt: skip
    permitted = by_label["steppe-post.example"].answers["IR"]
    assert (mark(permitted), word(permitted), word(permitted, several=True)) == ("✓", "art-2.2", "sco-ict-sample/art-2.2")
    for effect, sign in (("redact", "◐"), ("approve", "?")):
        other = msgspec.structs.replace(permitted, effect=effect)
        assert (mark(other), word(other)) == (sign, "art-2.2")


def test_grounds_and_clauses(previewed: Callable[..., Preview], changed: str) -> None:
    found = previewed(BUNDLE)
    groups = grouped(found.items, found.others)
    grounds = {(each.word, each.parties): each for each in refusals(groups, found.others)}
    assert grounds["TLP", ("IR",)].items == 28
    assert grounds["TLP", ("IR",)].text == "art-2.2 permits only TLP at most green; here it is amber"
    assert grounds["unnamed", ("UZ", "IN", "IR", "SCO-CENTRE")].items == 2
    clauses = {answer.clause: answer.effect for answer in cited(groups, found.others)}
    assert clauses == {"art-2.1": "permit", "art-2.2": "permit", "art-4.1": "permit", "art-5.1": "deny"}


def test_parties_that_get_the_same_share_a_column(previewed: Callable[..., Preview]) -> None:
    found = previewed(BUNDLE, named={"AA": "member", "BB": "observer"})
    columns = alike(grouped(found.items, found.others), found.others)
    assert [[each.party for each in column] for column in columns] == [["UZ", "IN"], ["AA"], ["IR"], ["BB"], ["SCO-CENTRE"]]
    assert [who(column) for column in columns] == ["2 members", "member", "observer", "observer", "centre"]


def test_nothing_that_a_terminal_obeys_is_shown(previewed: Callable[..., Preview]) -> None:
    assert clean("a\x1b[31mb\n\u202ec\x07") == "a\ufffd[31mb \ufffdc\ufffd"
    hostile: dict[str, Any] = {
        "type": "campaign", "spec_version": "2.1", "id": "campaign--6d2a1f7e-3c41-4f6e-9c6c-0a8f0c5f2b11", "name": "x\x1b]0;y\x07\u202e",
        "created": "2021-10-01T00:00:00Z", "modified": "2021-10-01T00:00:00Z",
    }  # fmt: skip
    (item,) = previewed(files={"h.json": hostile}).items
    assert shown(item).isprintable()
