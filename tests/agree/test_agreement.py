"""Faulty texts, each with the line of its fault; and what a sound text says."""

from __future__ import annotations

import time
import tracemalloc
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.agree.accord import Agreement
from comity.agree.agreement import LONGEST, check, read
from comity.agree.approval import Procedure
from comity.agree.clauses import Clause, Selector
from comity.agree.life import Signatory
from comity.errors import AgreementFault
from tests.agree.treaty import HEAD, MEMBERS, TREATY, day

SOUND = HEAD + MEMBERS


def line_of(text: str, words: str) -> int:
    """The 1-based line on which `words` stand."""
    return next(number for number, line in enumerate(text.splitlines(), 1) if words in line)


def key_is_needed(new: str) -> bool:
    """Whether the misspelt key of a test row was a required one."""
    return new.startswith(("titel", "texts"))


def test_the_treaty_says_what_it_says() -> None:
    treaty = read(TREATY)
    assert (treaty.id, treaty.version, treaty.ref, treaty.body) == ("example-ict", 1, "example-ict@1", "sco")
    assert treaty.illustrative
    assert treaty.in_force == day(9, 17)
    assert [clause.id for clause in treaty.clauses] == ["art-4.2", "art-4.3", "art-5", "art-6", "art-9"]
    members = treaty.clauses[0]
    assert members.to == Selector(standing=("member",)) == members.from_
    assert (members.tlp_max, members.onward, members.retain, members.duty) == ("amber", "parties", "P1Y", ("report-sightings",))
    assert treaty.lines["art-4.2"] == line_of(TREATY, "[[clause]]")
    assert treaty.signatory("HUB") is not None
    assert treaty.role("HUB") == "centre"
    assert treaty.text == TREATY
    declared = read(TREATY.replace("[party.UZ]", '[party.UZ]\nstanding = "observer"')).signatory("UZ")
    assert declared is not None
    assert declared.standing == "observer"
    assert check(TREATY) == []
    assert hash(treaty) == hash(read(TREATY))


@pytest.mark.parametrize(
    ("old", "new", "at", "message", "hint"),
    [
        ('id = "example-ict"', "", "[agreement]", "[agreement] has no id", "add id"),
        ("version = 1", "", "[agreement]", "[agreement] has no version", ""),
        ("version = 1", "version = true", "version", "must be a whole number, not true or false", ""),
        ("version = 1", 'version = "1"', "version", "must be a whole number, not text", ""),
        ("version = 1", "version = 0", "version", "1 or more", ""),
        ('title = "Agreement', 'titel = "Agreement', "titel", "unknown key 'titel'", "'title'"),
        ('body = "sco"', 'body = "The SCO"', "body =", "is not a body", "sco"),
        ('body = "sco"', 'body = ""', "body =", "body of [agreement] is empty", ""),
        ('"network-defence", "statistics"', '"network-defense"', "purposes", "not a purpose", "'network-defence'"),
        ('"network-defence", "statistics"', "", "purposes", "empty list", ""),
        ('["network-defence", "statistics"]', '"statistics"', "purposes", "must be a list, not text", '["statistics"]'),
        ('"network-defence", "statistics"', '"counter-extremism"', "purposes", "G7", ""),
        ("in_force = 2021-09-17", 'in_force = "2021-09-17"', "in_force", "must be a date, not text", "without quotes"),
        ("in_force = 2021-09-17", "in_force = 2021-09-17T12:00:00", "in_force", "no offset", "Z"),
        ("in_force = 2021-09-17", "in_force = 12:00:00", "in_force", "must be a date", ""),
        ("in_force = 2021-09-17", "in_force = 2021-09-17\nuntil = 2021-09-17", "until", "not after in_force", ""),
        ('entry = "per-party"', 'entry = "each"', "entry", "not a kind of entry", "per-party"),
        ("illustrative = true", 'illustrative = "yes"', "illustrative", "true or false", ""),
        ('effect = "permit"', 'effect = "allow"', "effect", "'allow' is not an effect", "forbid"),
        ('effect = "permit"', "", "[[clause]]", "clause art-4.2 has no effect", ""),
        ('id = "art-4.2"', 'id = "art 4.2"', 'id = "art', "not a clause id", "art-4.2"),
        ('text = "Members', 'texts = "Members', "texts", "unknown key 'texts'", "'text'"),
        ('to = { standing = ["member"] }', "", "[[clause]]", "to nobody", "standing"),
        ('to = { standing = ["member"] }', "to = {}", "to =", "selects nobody", ""),
        ('to = { standing = ["member"] }', "to = { standing = [] }", "to =", "empty list", ""),
        ('to = { standing = ["member"] }', 'to = { standings = ["member"] }', "to =", "unknown key 'standings'", "'standing'"),
        ('to = { standing = ["member"] }', 'to = { standing = ["members"] }', "to =", "not a standing", "'member'"),
        ('to = { standing = ["member"] }', 'to = { role = ["center"] }', "to =", "not a role", "'centre'"),
        ('to = { standing = ["member"] }', 'to = { party = ["kz"] }', "to =", "not a party code", "KZ"),
        ('to = { standing = ["member"] }', 'to = "member"', "to =", "must be a table, not text", ""),
        ('from = { standing = ["member"] }', 'from = { role = ["producer"] }', "from =", "not a role in from", ""),
        ('types = ["@threat", "@observables", "@links"]', "", "[[clause]]", "has no types", ""),
        ('"@observables"', '"@observable"', "types", "not a STIX type", "'@observables'"),
        ('"@observables"', '"indicators"', "types", "not a STIX type", "'indicator'"),
        ('"@observables"', '"x-religion"', "types", "G5", ""),
        ('"@observables"', "7", "types", "expected text, not a whole number", ""),
        ('"@observables"', '"@threat"', "types", "said twice", ""),
        ('tlp_max = "amber"', 'tlp_max = "TLP:AMBER"', "tlp_max", "not a TLP level", "'amber'"),
        ('tlp_max = "amber"', 'threat = ["Separatism"]', "threat =", "G7", ""),
        ('tlp_max = "amber"', 'threat = ["Phishing!"]', "threat =", "not a threat type", "malicious-activity"),
        ('tlp_max = "amber"', 'purposes = ["training"]', "purposes = [\"tr", "not among the agreement's", ""),
        ('onward = "parties"', 'onward = "Other Agreement"', "onward", "not an agreement id", ""),
        ('onward = "parties"', 'onward = "Everyone"', "onward", "not a kind of onward", '"parties" or "none"'),
        ('onward = "parties"', 'onward = "all"', "onward", "not a kind of onward", '"parties" or "none"'),
        ('onward = "parties"', 'onward = "no_one"', "onward", "not a kind of onward", '"parties" or "none"'),
        ('onward = "parties"', 'motive = "x"', "motive", "unknown key 'motive' in clause art-4.2 (guardrail G7", "remove it"),
        ('retain = "P1Y"', 'retain = "1 year"', "retain", "not an ISO 8601 duration", "P1Y"),
        ('retain = "P1Y"', 'retain = "P0D"', "retain", "lasts no time", ""),
        ('"report-sightings"', '"surveillance"', "duty", "G9", "feedback"),
        ('duty = ["report-sightings"]', 'since = 2021-10-01\nuntil = 2021-10-01', "until", "not after since", ""),
    ],
)  # fmt: skip
def test_a_fault_is_found_on_its_line(old: str, new: str, at: str, message: str, hint: str) -> None:
    text = SOUND.replace(old, new, 1)
    assert text != SOUND
    found = [finding for finding in check(text) if message in finding.message]
    assert len(found) == 1, check(text)
    assert found[0].line == line_of(text, at)
    assert found[0].next
    assert hint in found[0].next
    # One slip is one finding; a misspelt key that had to be there is also missing.
    assert len(check(text)) == (2 if "unknown key" in message and key_is_needed(new) else 1)


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("", 1, "no [agreement] table"),
        ("[agreement\n", 1, "not TOML"),
        (SOUND + "\n[[clause]\n", len(SOUND.splitlines()) + 2, "not TOML"),
        (SOUND + 'x = "open\n', len(SOUND.splitlines()) + 1, "not TOML"),
        (SOUND + "x = [1,\n2", len(SOUND.splitlines()) + 2, "not TOML"),
        (SOUND + 'id = "again"\n', len(SOUND.splitlines()) + 1, "not TOML"),
        ("x = " + "[" * 5000, 1, "nested too deeply"),
        ("x = " + "9" * 5000, 1, "not TOML"),
        (SOUND + MEMBERS, len(SOUND.splitlines()) + 3, "already used on line 11"),
        (HEAD + "[clause]\n", len(HEAD.splitlines()) + 1, "must be a list of tables"),
        (HEAD + "[party.kz]\n", len(HEAD.splitlines()) + 1, "not a party code"),
        (HEAD + '[party.KZ]\nrole = "producer"\n', len(HEAD.splitlines()) + 2, "not a role of a party"),
        (HEAD + '[party.KZ]\nstanding = "membre"\n', len(HEAD.splitlines()) + 2, "not a standing"),
        (HEAD + "[parties.KZ]\n", len(HEAD.splitlines()) + 1, "unknown table [parties]"),
        ("party = 3\nclause = 4\n" + HEAD, 1, "party must be tables"),
        ("agreement = 3\n", 1, "must be a table"),
        ("#" * 1_000_001, 1, "longer than"),
    ],
)
def test_a_text_that_is_no_agreement_says_where(text: str, line: int, message: str) -> None:
    with pytest.raises(AgreementFault, match=r"treaty\.toml, line") as caught:
        read(text, name="treaty.toml")
    assert message in str(caught.value)
    assert caught.value.line == line
    assert caught.value.next


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("\n[" + ".".join(["a"] * 20_000) + "]", 2, "more than 16 names"),
        ("a." * 499_999, 1, "more than 16 names"),
        ("x=" + ("{" + ".".join(["a"] * 16) + "=") * 60 + "[" + "1," * 60_000 + "]" + "}" * 60, 1, "nested too deeply"),
    ],
)
def test_a_text_that_would_cost_by_its_square_is_refused_first(text: str, line: int, message: str) -> None:
    tracemalloc.start()
    try:
        begun = time.process_time()
        (finding,) = check(text)
        assert time.process_time() - begun < 5
        assert tracemalloc.get_traced_memory()[1] < 40_000_000
    finally:
        tracemalloc.stop()
    assert (finding.line, message in finding.message) == (line, True)


def test_all_faults_are_collected_by_line_and_the_first_is_raised() -> None:
    text = TREATY.replace('body = "sco"', 'body = "?"').replace('"member"', '"membre"').replace('"P6M"', '"6M"')
    found = check(text)
    assert [finding.line for finding in found] == sorted(finding.line for finding in found)
    assert len(found) == 4
    with pytest.raises(AgreementFault) as caught:
        read(text)
    assert caught.value.line == found[0].line
    assert "3 more" in caught.value.next


def test_a_clause_without_an_id_is_named_as_a_reader_counts() -> None:
    text = TREATY.replace('id = "art-5"\n', "").replace('id = "art-9"', 'id = " "')
    third = text.split("[[clause]]")
    third_line, last_line = (sum(part.count("\n") for part in third[:count]) + 1 for count in (3, 5))
    messages = [(finding.line, finding.message) for finding in check(text)]
    assert (third_line, f"the third clause (line {third_line}) has no id") in messages
    assert any(f"id of the fifth clause (line {last_line}) is empty" == message for _, message in messages)
    assert "to of the third clause" in check(text.replace('{ role = ["producer"] }', "{}"))[1].message


def test_a_table_that_a_guardrail_refuses_is_told_so() -> None:
    (finding,) = check(SOUND + "\n[religion]\na = 1\n")
    assert "unknown table [religion] (guardrail G5" in finding.message


def test_windows_text_reads_alike() -> None:
    windows = "\ufeff" + TREATY.replace("\n", "\r\n")
    assert read(windows).clauses == read(TREATY).clauses
    assert read(windows).text == windows


def test_a_moment_with_an_offset_is_kept_in_utc() -> None:
    assert read(SOUND.replace("2021-09-17", "2021-09-17T05:00:00+05:00")).in_force == datetime(2021, 9, 17, tzinfo=UTC)


def test_purposes_may_stand_in_the_clauses_alone() -> None:
    bare = SOUND.replace('purposes = ["network-defence", "statistics"]\n', "")
    assert "has no purposes" in check(bare)[0].message
    assert read(bare + 'purposes = ["training"]\n').clauses[0].purposes == ("training",)


_LINES = TREATY.splitlines()


@given(st.integers(0, len(_LINES) - 1), st.sampled_from(["", "x", "]", '"', "[[clause]]", "= 1", "[party.KZ]", "types = [[1]]"]))
def test_any_broken_line_is_read_or_refused_never_worse(at: int, instead: str) -> None:
    text = "\n".join([*_LINES[:at], instead, *_LINES[at + 1 :]])
    errors = [finding for finding in check(text) if finding.level == "error"]
    if errors:
        with pytest.raises(AgreementFault):
            read(text)
        assert all(1 <= finding.line <= len(_LINES) + 1 for finding in errors)
    else:
        assert isinstance(read(text), Agreement)


def test_a_version_beyond_all_counting_is_a_finding() -> None:
    text = '[agreement]\nid = "x"\nversion = 0x' + "f" * 5_000 + '\ntitle = "t"\nbody = "sco"\npurposes = ["network-defence"]\n'
    assert "too large" in " ".join(finding.message for finding in check(text))


def test_the_longest_text_and_a_custom_type_are_read() -> None:
    assert read(SOUND + "#" * (LONGEST - len(SOUND))).id == "example-ict"
    assert read(SOUND.replace('"@observables"', '"x-odd"')).clauses[0].types == ("@threat", "x-odd", "@links")


def test_one_fault_has_no_more_beside_it() -> None:
    with pytest.raises(AgreementFault) as caught:
        read(SOUND.replace('"P1Y"', '"1Y"'))
    assert "more" not in caught.value.next


def test_an_approval_by_sponsors_asks_for_two_unless_it_says_so() -> None:
    asked = SOUND.replace("retain =", 'approval = { procedure = "sponsors", window = "P21D" }\nretain =')
    assert (
        read(asked).clauses[0].approval
        == Procedure(kind="sponsors", sponsors=2, window="P21D")
        == Procedure(kind="sponsors", window="P21D")
    )


def test_what_is_not_said_is_so() -> None:
    bare = read(HEAD.replace("illustrative = true\n", "").replace('entry = "per-party"\n', "") + "[[clause]]\n" + "\n".join(
        ['id = "a"', 'text = "A."', 'effect = "permit"', "to = { standing = ['member'] }", 'types = ["report"]', "[party.KZ]"]
    ))  # fmt: skip
    assert (bare.illustrative, bare.entry, bare.notice, bare.transition, bare.until, bare.known) == (False, "all", None, None, None, None)
    assert bare == Agreement(
        id="example-ict", version=1, title=bare.title, body="sco", purposes=bare.purposes, in_force=day(9, 17), text=bare.text,
        clauses=(Clause(id="a", text="A.", effect="permit", to=Selector(standing=("member",)), types=("report",), line=bare.clauses[0].line),),
        parties=(Signatory(party="KZ", line=bare.parties[0].line),),
    )  # fmt: skip


def test_one_more_fault_is_counted() -> None:
    with pytest.raises(AgreementFault) as caught:
        read(SOUND.replace('"P1Y"', '"1Y"').replace('"amber"', '"mauve"', 1))
    assert "; 1 more, see" in caught.value.next


@pytest.mark.parametrize(
    ("text", "line"), [('c = """', 1), ("[agreement]\nid = ", 2), ('a = 1\nb = 2\nc = """', 3), ("x = 1" + "0" * 5_000, 1)]
)
def test_what_is_not_toml_has_a_line(text: str, line: int) -> None:
    assert check(text)[0].line == line


def test_a_text_without_a_head_stands_for_its_first_version() -> None:
    from comity.agree.agreement import _read

    agreement, _ = _read("")
    assert agreement is not None
    assert agreement.version == 1


def test_consent_of_the_origin_has_no_window() -> None:
    asked = read(SOUND.replace("retain =", 'approval = { procedure = "origin" }\nretain ='))
    assert asked.clauses[0].approval == Procedure(kind="origin")
