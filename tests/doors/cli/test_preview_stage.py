"""Who is in a preview, and as what."""

from __future__ import annotations

import pytest

from comity import node
from comity.doors.cli.preview_stage import assemble, assumed, changed, given, world_of
from comity.errors import AgreementFault, SenderFault

HEAD = """[agreement]
id = "ict"
version = 1
title = "T"
body = "sco"
purposes = ["network-defence"]
in_force = 2021-01-01
entry = "per-party"

[[clause]]
id = "1"
text = "Some receive."
effect = "permit"
to = { standing = ["member", "guest", "suspended"] }
types = ["@threat"]
"""
PARTIES = '[party.HUB]\nrole = "centre"\nin_force = 2021-01-01\n[party.IR]\nstanding = "observer"\n[party.KZ]\n[party.UZ]\n'


def cast_of(text: str, submitter: str | None = None, **named: str) -> dict[str, tuple[str, str, bool, bool]]:
    parties = assemble([given("a", text)], named, submitter).parties
    return {each.party: (each.standing, each.role, each.generic, each.submits) for each in parties}


def test_the_first_party_submits_and_the_centre_comes_last() -> None:
    found = cast_of(HEAD + PARTIES)
    assert found == {
        "KZ": ("member", "party", False, False),
        "UZ": ("member", "party", False, False),
        "IR": ("observer", "party", False, True),
        "HUB": ("", "centre", False, False),
        "ANY-GUEST": ("guest", "party", True, False),
    }
    assert list(found) == ["KZ", "UZ", "IR", "HUB", "ANY-GUEST"]


def test_party_options_win_over_what_the_text_declares() -> None:
    found = cast_of(HEAD + PARTIES, "KZ", IR="guest", ZZ="member")
    assert found["IR"][0] == "guest"
    assert found["ZZ"] == ("member", "party", False, False)
    assert found["KZ"][3]
    assert "ANY-GUEST" not in found  # somebody is one now


def test_whoever_submits_is_in_the_register() -> None:
    assert cast_of(HEAD, "KZ")["KZ"] == ("member", "party", False, True)
    with pytest.raises(SenderFault, match="who could submit") as caught:
        cast_of(HEAD)
    assert "--as" in caught.value.next


def test_a_standing_in_another_body_has_a_column_of_its_own() -> None:
    foreign = HEAD.replace('standing = ["member", "guest", "suspended"]', 'standing = ["member"], body = ["cica"]')
    everybody = assemble([given("a", foreign + PARTIES)], {}, None)
    made = next(each for each in everybody.parties if each.generic)
    assert (made.party, made.label, made.bodies) == ("ANY-CICA-MEMBER", "any cica member", ("sco",))
    assert ("ANY-CICA-MEMBER", "cica", "member") in everybody.register


def test_a_made_up_party_is_bound_so_that_its_clause_shows() -> None:
    sources = [given("a", HEAD + PARTIES)]
    everybody = assemble(sources, {}, None)
    _, rules = world_of(node, sources, everybody).rulebook.current()
    (agreement,) = rules.agreements
    assert agreement.binds("ANY-GUEST", rules.register, agreement.in_force or pytest.fail("no date"))
    inline = HEAD.replace("[agreement]", "party = { KZ = {}, UZ = {} }\n[agreement]", 1)
    sources = [given("a", inline)]
    _, rules = world_of(node, sources, assemble(sources, {}, None)).rulebook.current()
    assert rules.agreements[0].signatory("ANY-GUEST") is None  # such a text cannot be added to; nothing breaks


def test_a_change_keeps_the_id_of_what_it_changes() -> None:
    old, new = given("a", HEAD), given("b", HEAD.replace("version = 1", "version = 2"))
    (tried,) = changed([old], new)
    assert (tried.agreement.version, tried.instead_of) == (2, "ict@1")
    with pytest.raises(SenderFault, match="no --agreement has that id"):
        changed([old], given("b", HEAD.replace('"ict"', '"other"')))


def test_a_faulty_agreement_names_its_line() -> None:
    with pytest.raises(AgreementFault) as caught:
        given("a.toml", HEAD.replace('"permit"', '"allow"'))
    assert caught.value.line == 13


def test_where_no_party_has_a_date_all_in_the_preview_are_taken_as_bound() -> None:
    hub = '[party.HUB]\nrole = "centre"\nin_force = 2021-01-01\n'
    source = given("a", HEAD + hub)
    everybody = assemble([source], {"UZ": "member"}, "KZ")
    assert assumed(source.agreement, everybody) == ["UZ", "KZ"]
    world = world_of(node, [source], everybody)
    (held,) = world.rulebook.current()[1].agreements
    assert {section.party for section in held.parties} == {"HUB", "KZ", "UZ", "ANY-GUEST"}
    dated = given("a", HEAD + hub + "[party.UZ]\nin_force = 2021-01-01\n")
    assert assumed(dated.agreement, assemble([dated], {}, "KZ")) == []
    draft = given("a", HEAD.replace("in_force = 2021-01-01\n", "") + '[party.HUB]\nrole = "centre"\n')
    assert assumed(draft.agreement, assemble([draft], {}, "KZ")) == []
