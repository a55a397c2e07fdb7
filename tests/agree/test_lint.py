"""What lint remarks on, each remark from a text of its own."""

from __future__ import annotations

import msgspec
import pytest

from comity import samples
from comity.agree.agreement import check, read
from comity.agree.clauses import Selector
from comity.agree.lint import lint
from comity.terms.party import Register, Standing
from tests.agree.treaty import FORBID, HEAD, MEMBERS, OBSERVERS, PARTIES, TREATY, day, register

RETAINED = TREATY.replace('types = ["sighting"]', 'types = ["sighting"]\nretain = "P1Y"').replace(
    'types = ["@threat"]', 'types = ["@threat"]\nretain = "P1Y"'
)


def said(text: str, known: Register | None = None) -> list[str]:
    return [f"{finding.level}: {finding.message}" for finding in lint(read(text), known)]


def test_a_sound_agreement_is_left_alone() -> None:
    known = register(KZ="member", UZ="member", IR="observer", RU="member")
    assert lint(read(RETAINED), known) == []


@pytest.mark.parametrize(
    ("text", "level", "message"),
    [
        (TREATY, "info", "clause art-5 has no retain"),
        (RETAINED.replace("in_force = 2021-09-17\n", "", 1), "warning", "is a draft"),
        (RETAINED.replace('role = "centre"\n', ""), "info", "the agreement names no centre: whoever holds items of others"),
        (HEAD + FORBID + PARTIES, "warning", "no clause permits anything"),
        (HEAD + OBSERVERS + PARTIES, "info", "no clause lets sightings go back"),
        (HEAD + MEMBERS, "info", "it binds each party from its own ratification on"),
        (HEAD.replace("true", "false").replace("per-party", "all") + MEMBERS, "info", "not illustrative, and no party has in_force"),
        (RETAINED.replace('onward = "parties"', 'onward = "other"', 1), "info", "no agreement of this name is held here: it permits nothing"),
        (RETAINED.replace("signed = 2021-09-17", "signed = 2021-12-17", 1), "warning", "KZ is in force before it signed"),
        (RETAINED.replace('"@threat", "@obs', '"*", "@obs'), "warning", "clause art-4.2 covers every type"),
        (RETAINED.replace('"attribution"', '"fishing"'), "warning", "'fishing' is in no STIX vocabulary"),
        (RETAINED.replace('tlp_max = "amber"\n', "", 1), "warning", "clause art-4.2 has no tlp_max"),
        (RETAINED.replace("threat = [", 'tlp_max = "green"\nthreat = ['), "warning", "clause art-9 forbids only what is at most green"),
        (RETAINED.replace("threat = [", 'retain = "P1Y"\nthreat = ['), "warning", "clause art-9 forbids: its duty, retain and onward"),
        (RETAINED.replace('duty = ["rep', 'until = 2021-09-17\nduty = ["rep'), "warning", "it ends before the agreement is in force"),
        (
            RETAINED.replace('entry =', 'until = 2022-01-01\nentry =').replace('duty = ["rep', 'since = 2022-01-01\nduty = ["rep'),
            "warning",
            "it begins after the agreement has ended",
        ),
        (RETAINED.replace('standing = ["observer"]', 'party = ["TJ"]'), "warning", "TJ has no [party] section in force"),
        (RETAINED.replace('standing = ["observer"]', 'party = ["RU"]'), "warning", "RU has no [party] section in force"),
        (RETAINED.replace('standing = ["observer"]', 'party = ["TJ", "UZ"]'), "warning", "clause art-4.3 names TJ: not bound"),
        (RETAINED.replace('standing = ["observer"]', 'standing = ["suspended"]'), "warning", "a party that is suspended is never bound"),
        (RETAINED.replace('role = "centre"\n', ""), "warning", 'no [party] section has role = "centre"'),
        (RETAINED.replace('threat = ["attribution"]\n', ""), "warning", "clause art-4.2 can never apply: clause art-9 forbids all of it"),
        (RETAINED + MEMBERS.replace("art-4.2", "art-8"), "warning", "clause art-8 permits nothing that art-4.2 does not"),
        (
            RETAINED + MEMBERS.replace("art-4.2", "art-8").replace('from = { standing = ["member"] }\n', ""),
            "warning",
            "clause art-4.2 permits nothing that art-8 does not",
        ),
    ],
)  # fmt: skip
def test_a_remark(text: str, level: str, message: str) -> None:
    found = [line for line in said(text) if message in line]
    assert len(found) == 1, said(text)
    assert found[0].startswith(level)


def test_a_remark_stands_on_its_clause() -> None:
    agreement = read(TREATY.replace('"@threat", "@obs', '"*", "@obs'))
    (finding,) = [finding for finding in lint(agreement) if "every type" in finding.message]
    assert finding.line == agreement.lines["art-4.2"]


@pytest.mark.parametrize(
    ("text", "message", "at"),
    [
        (RETAINED.replace("in_force = 2021-09-17\n", "", 1), "is a draft", "[agreement]"),
        (HEAD + FORBID + PARTIES, "no clause permits anything", "[agreement]"),
        ("# note\n\n" + HEAD + OBSERVERS + PARTIES, "no clause lets sightings", "[agreement]"),
        (HEAD + MEMBERS, "from its own ratification on", "entry ="),
        ("\ufeff" + HEAD.replace("true", "false").replace("per-party", "all") + MEMBERS, "not illustrative", "illustrative ="),
    ],
)
def test_a_remark_on_the_whole_stands_where_it_can_be_mended(text: str, message: str, at: str) -> None:
    (finding,) = [finding for finding in lint(read(text)) if message in finding.message]
    assert finding.line == next(number for number, line in enumerate(text.splitlines(), 1) if line.lstrip("\ufeff").startswith(at))


def test_of_two_equal_clauses_only_the_later_is_superfluous() -> None:
    twice = said(RETAINED + MEMBERS.replace("art-4.2", "art-8"))
    assert not any("art-4.2 permits nothing" in line for line in twice)


def test_the_register_knows_better() -> None:
    text = RETAINED.replace('standing = ["observer"]', 'party = ["ZZ"], standing = ["guest"]').replace("per-party", "all")
    assert not any("register" in line or "nobody has ever" in line for line in said(text))
    known = said(text, register(KZ="member"))
    assert "warning: clause art-4.3: the register knows no party ZZ" in known
    assert "warning: clause art-4.3: nobody has ever been guest in sco" in known
    guests = Register([Standing(party="ZZ", body="sco", standing="guest", since=day(1)), *register(KZ="member").standings])
    assert said(text, guests) == said(text)


def test_without_a_register_the_text_itself_says_who_has_which_standing() -> None:
    assert not any("declares" in line for line in said(RETAINED))  # it says nothing: so be it
    told = RETAINED.replace("[party.UZ]", '[party.UZ]\nstanding = "guest"')
    remark = "info: clause art-4.3: no [party] section declares the standing observer"
    assert remark in said(told)
    assert remark not in said(told, register(IR="observer", KZ="member"))
    assert remark not in said(told.replace("[party.IR]", '[party.IR]\nstanding = "observer"'))


def test_what_reading_refuses_is_an_error_in_a_value_made_by_hand() -> None:
    agreement = read(RETAINED)
    clause = msgspec.structs.replace(
        agreement.clauses[0], threat=("separatism",), types=("x-religion",), duty=("surveillance",), to=Selector()
    )
    odd = msgspec.structs.replace(agreement, purposes=("propaganda",), clauses=(clause,))
    errors = [finding.message for finding in lint(odd) if finding.level == "error"]
    assert [next(g for g in ("G5", "G7", "G9", "purpose") if g in message) for message in errors] == ["purpose", "G7", "G9", "G5"]
    warnings = [finding.message for finding in lint(odd)]
    assert any("its to names nobody" in message for message in warnings)
    bare = msgspec.structs.replace(agreement, purposes=())
    assert any("neither it nor the agreement has a purpose" in finding.message for finding in lint(bare))
    other = msgspec.structs.replace(agreement, purposes=("training",))
    assert any("none of its purposes is the agreement's" in finding.message for finding in lint(other))


PROFILED = RETAINED.replace("[party.KZ]", '[profile.p]\nremove = ["name"]\n[party.KZ]', 1)
FULL = PROFILED.replace('retain = "P6M"', 'retain = "P6M"\nredact = "p"', 1)


@pytest.mark.parametrize(
    ("text", "level", "message"),
    [
        (PROFILED, "warning", "no clause uses profile p"),
        (RETAINED.replace('entry =', 'transition = 2022-01-01\nentry =', 1), "warning", "transition means nothing in version 1"),
        (RETAINED.replace("[party.UZ]", "[party.UZ]\nsigned = 2021-09-20\nratified = 2021-09-19"), "warning", "UZ ratified before it signed"),
        (RETAINED.replace("[party.UZ]", "[party.UZ]\nwithdrawal = 2021-10-01"), "warning", "UZ is never bound: it has left before"),
        (RETAINED.replace("[party.UZ]", '[party.UZ]\nreservations = ["art-9"]'), "warning", "UZ reserves clause art-9, a prohibition"),
        (
            RETAINED.replace('standing = ["observer"]', 'party = ["UZ"]').replace("[party.UZ]", '[party.UZ]\nreservations = ["art-4.3"]'),
            "warning", "clause art-4.3 can never apply: UZ reserved it",
        ),
        (
            RETAINED.replace('onward = "parties"', 'handling = ["H1", "H2"]\nonward = "parties"', 1),
            "warning", "clause art-4.2: onward = 'parties' never applies: it takes only what bears H1 or H2",
        ),
        (
            RETAINED.replace('tlp_max = "amber"\nonward', 'tlp_max = "red"\napproval = { procedure = "silence", window = "P1D" }\nonward', 1),
            "warning", "clause art-4.2 gives TLP:RED by silence",
        ),
        (
            RETAINED.replace('"statistics"]', '"criminal-investigation"]', 1).replace('purposes = ["network-defence"]\n', "", 1),
            "info", "clause art-4.2 permits criminal-investigation without the duty notify-before-court",
        ),
        (RETAINED.replace("threat = [", 'redact = "p"\nthreat = [') + '[profile.p]\nremove = ["name"]\n', "warning", "clause art-9 forbids: its duty"),
        (RETAINED.replace("threat = [", 'approval = { procedure = "origin" }\nthreat = ['), "warning", "clause art-9 forbids: its duty"),
        (RETAINED.replace("threat = [", 'onward = "parties"\nthreat = ['), "warning", "clause art-9 forbids: its duty"),
        (RETAINED.replace("threat = [", 'duty = ["feedback"]\nthreat = ['), "warning", "clause art-9 forbids: its duty"),
    ],
)  # fmt: skip
def test_a_remark_on_what_is_new(text: str, level: str, message: str) -> None:
    assert text != RETAINED
    found = [line for line in said(text) if message in line]
    assert len(found) == 1, said(text)
    assert found[0].startswith(level)


@pytest.mark.parametrize(
    "text",
    [
        FULL,
        RETAINED.replace("version = 1", "version = 2").replace('entry =', 'transition = 2022-01-01\nentry =', 1),
        RETAINED.replace("[party.UZ]", "[party.UZ]\nsigned = 2021-09-20\nratified = 2021-09-20"),
        RETAINED.replace("signed = 2021-09-17", "signed = 2021-10-01", 1),
        RETAINED.replace("[party.UZ]", "[party.UZ]\nwithdrawal = 2021-10-02"),
        RETAINED.replace("[party.UZ]", "[party.UZ]\nwithdrawal = 2021-10-01").replace("entry =", 'notice = "P1D"\nentry =', 1),
        RETAINED.replace("[party.UZ]", '[party.UZ]\nreservations = ["art-4.3"]'),
        RETAINED.replace('onward = "parties"', 'handling = ["H0", "H1"]\nonward = "parties"', 1),
        RETAINED.replace('onward = "parties"', 'handling = ["H1"]\nonward = "none"', 1),
        RETAINED.replace('onward = "parties"', 'onward = "example-ict"', 1),
        RETAINED.replace('tlp_max = "amber"\nonward', 'tlp_max = "red"\napproval = { procedure = "two-persons" }\nonward', 1),
        RETAINED.replace('tlp_max = "amber"\nonward', 'tlp_max = "amber"\napproval = { procedure = "silence", window = "P1D" }\nonward', 1),
        RETAINED.replace('"statistics"]', '"criminal-investigation"]', 1).replace('"report-sightings"]', '"notify-before-court by 2022-01-01"]', 1)
        .replace('types = ["sighting"]', 'types = ["sighting"]\nduty = ["notify-before-court"]').replace('types = ["@threat"]\n', 'types = ["@threat"]\nduty = ["notify-before-court"]\n'),
        RETAINED.replace("until = 2022-01-01", "until = 2021-10-02", 1),
        RETAINED.replace('duty = ["rep', 'until = 2021-09-18\nduty = ["rep', 1),
        RETAINED.replace('entry =', 'until = 2022-01-02\nentry =', 1).replace('duty = ["rep', 'since = 2022-01-01\nduty = ["rep', 1),
        RETAINED.replace('standing = ["observer"]', 'standing = ["observer", "suspended"]'),
        RETAINED.replace('standing = ["observer"] }', 'standing = ["suspended"], body = ["cica"] }'),
        RETAINED.replace('standing = ["observer"]', 'party = ["UZ"]').replace("per-party", "all"),
    ],
)  # fmt: skip
def test_what_is_right_is_left_alone(text: str) -> None:
    assert said(text) == []


def test_a_clause_for_the_centre_and_others_applies_without_a_centre() -> None:
    (finding,) = said(RETAINED.replace('role = ["centre"]', 'role = ["centre", "party"]').replace('role = "centre"\n', ""))
    assert finding.startswith("info: the agreement names no centre")


def test_agreements_that_are_held_can_be_named() -> None:
    text = RETAINED.replace('onward = "parties"', 'onward = "data"', 1)
    (finding,) = lint(read(text))
    assert (finding.fault, finding.line) == ("operator", read(text).lines["art-4.2"])
    assert lint(read(text), held={"data"}) == []


def test_a_party_that_a_permit_names_besides_others_is_no_hindrance() -> None:
    text = RETAINED.replace('standing = ["observer"]', 'party = ["UZ", "KZ"]').replace(
        "[party.UZ]", '[party.UZ]\nreservations = ["art-4.3"]'
    )
    assert said(text) == []


def test_what_the_register_lacks_is_the_operators_to_mend() -> None:
    text = RETAINED.replace('standing = ["observer"]', 'party = ["ZZ"], standing = ["guest"]').replace("per-party", "all")
    assert {finding.fault for finding in lint(read(text), register(KZ="member"))} == {"operator"}
    assert {finding.fault for finding in lint(read(PROFILED))} == {"author"}
    abroad = RETAINED.replace('standing = ["observer"] }', 'standing = ["guest"], body = ["cica", "asean"] }')
    known = register(KZ="member", UZ="member", IR="observer")
    assert "warning: clause art-4.3: nobody has ever been guest in cica or asean" in said(abroad, known)
    there = Register([*known.standings, Standing(party="ZZ", body="asean", standing="guest", since=day(1))])
    assert said(abroad, there) == []


def test_a_centre_that_says_nothing_of_its_standing_is_no_member() -> None:
    sections = '[party.KZ]\nin_force = 2021-10-01\nstanding = "observer"\n[party.HUB]\nin_force = 2021-10-01\n'
    remark = "clause art-4.2: no [party] section declares the standing member"
    assert remark in [finding.message for finding in lint(read(HEAD + MEMBERS + sections + 'role = "centre"\n'))]
    assert remark not in [finding.message for finding in lint(read(HEAD + MEMBERS + sections))]


def protocol(*changes: tuple[str, str]) -> str:
    text = samples.read("hub-protocol-sample.toml").decode()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return text


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ((('role = "centre"', ""),), "warning: 1 of 2 bodies have a centre here: a hub that is none passes on only as onward says"),
        (((', body = ["cica"] }', " }"),), "warning: clause art-1: the standing in its to may be one in any of sco, cica"),
        ((), "info: clause art-1: above TLP:GREEN only what its origin addresses by name goes across"),
    ],
)
def test_a_protocol_is_asked_of_its_hubs_its_words_and_whose_standing_is_meant(changes: tuple[tuple[str, str], ...], message: str) -> None:
    assert message in said(protocol(*changes))


def test_a_protocol_without_a_map_is_told_what_becomes_of_other_words() -> None:
    text = protocol(('[map.sco]\npurposes = { network-defence = "network-defence", training = "training" }\n', ""))
    assert "info: no [map.sco]: what is not in our closed lists of words is taken for the strictest" in said(text)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('bodies = ["sco", "cica"]', 'body = "sco"', "body of [agreement]: a protocol is between bodies"),
        ('kind = "protocol"\n', "", "bodies of [agreement]: an agreement is of one body, only"),
        ('["sco", "cica"]\npurposes', '["sco"]\npurposes', "bodies of [agreement] names one body"),
        ('restricted = "amber+strict"', 'amber = "green"', "tlp of [map.cica]: 'amber' would become 'green', which is wider"),
        ('restricted = "amber+strict"', 'restricted = "secret"', "'secret' is not a TLP level"),
        ("confidence-building", "propaganda-removal", "'propaganda-removal' cannot be a purpose (guardrail G8"),
        ('restricted = "amber+strict"', 'restricted = "amber+strict" }\nodd = {', "unknown key 'odd' in [map.cica]"),
        ("[map.sco]", "[map.asean]", "'asean' is not a body of this protocol"),
        ('kind = "protocol"', 'kind = "treaty"', "'treaty' is not a kind of agreement"),
    ],
)
def test_a_protocol_that_is_none_is_not_read(old: str, new: str, message: str) -> None:
    assert any(message in finding.message for finding in check(protocol((old, new))))
