"""docs/agreement-reference.md knows every key and word that the code knows, its examples are sound, and its mistakes get the messages it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from comity.agree import agreement, guard, sections
from comity.agree.accord import ENTRIES
from comity.agree.accord import KINDS as KINDS_OF_AGREEMENT
from comity.agree.agreement import check, read
from comity.agree.approval import PROCEDURES
from comity.agree.clauses import EFFECTS, ONWARD
from comity.agree.limits import KINDS
from comity.agree.lint import lint
from comity.terms import pap
from comity.terms.item import HANDLING, PURPOSES
from comity.terms.party import ROLES, STANDINGS
from comity.terms.stix import GROUPS, PUBLIC_TYPES
from comity.terms.tlp import LEVELS

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "agreement-reference.md").read_text("utf-8")
EXAMPLE, *FRAGMENTS = re.findall(r"^```toml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
HEAD = EXAMPLE[: EXAMPLE.index("[[clause]]")]


def section(title: str) -> str:
    """What stands under a heading, up to the next one of any depth."""
    found = re.search(rf"^#+ {re.escape(title)}\n(.*?)(?=^#|\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found, f"no section {title!r}"
    return found[1]


def rows(title: str) -> list[list[str]]:
    """The cells of a section's table, without its head."""
    table = [line for line in section(title).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table[2:]]


def words(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


@pytest.mark.parametrize(
    ("title", "known"),
    [
        ("Keys of [agreement]", agreement._AGREEMENT),
        ("Keys of [[clause]]", agreement._CLAUSE),
        ("Selectors", agreement._SELECTOR),
        ("Keys of [party.XX]", sections.SIGNATORY),
        ("Keys of approval", agreement._APPROVAL),
        ("Keys of [profile.XX]", sections.PROFILE),
        ("Keys of [cap.XX]", sections.CAP),
        ("Keys of [[budget]]", sections.BUDGET),
        ("Keys of [map.XX]", sections.MAP),
        ("Kinds", KINDS_OF_AGREEMENT),
        ("PAP levels", pap.LEVELS),
        ("Handling codes", HANDLING),
        ("Procedures", PROCEDURES),
        ("Standings", STANDINGS),
        ("Roles", ROLES),
        ("Purposes", PURPOSES),
        ("Type groups", tuple(GROUPS)),
        ("TLP levels", LEVELS),
        ("Duties", guard.DUTIES),
        ("Effects", EFFECTS),
        ("Entry into force", ENTRIES),
        ("Onward transfer", ONWARD),
    ],
)
def test_a_list_is_the_one_the_code_knows(title: str, known: tuple[str, ...]) -> None:
    assert sorted(row[0] for row in rows(title)) == sorted(f"`{word}`" for word in known)


def test_levels_stand_in_their_order() -> None:
    assert [row[0].strip("`") for row in rows("TLP levels")] == list(LEVELS)
    assert [row[0].strip("`") for row in rows("PAP levels")] == list(pap.LEVELS)


def test_the_page_names_the_kinds_that_may_be_asked_about() -> None:
    (kinds,) = (row[1] for row in rows("Keys of [[budget]]") if row[0] == "`kinds`")
    assert words(kinds) == list(KINDS)


def test_type_groups_say_what_they_hold() -> None:
    assert {row[0].strip("`"): frozenset(words(row[1])) for row in rows("Type groups")} == GROUPS
    assert set(words(section("Type groups"))) >= PUBLIC_TYPES


def test_threat_words_are_all_there() -> None:
    assert words(section("Threat words")) == list(guard.THREATS)


def test_refused_words_are_refused_by_the_guardrail_that_the_page_names() -> None:
    found = rows("Words that lint refuses")
    assert [row[0] for row in found] == list(guard._STEMS)
    for name, why, examples in found:
        assert words(examples)
        assert {word: guard.refused(word) for word in words(examples)} == dict.fromkeys(words(examples), f"{name}: {why}")


def test_the_complete_example_leaves_lint_nothing_to_say() -> None:
    assert check(EXAMPLE) == []
    assert lint(read(EXAMPLE)) == []


@pytest.mark.parametrize("fragment", FRAGMENTS, ids=[fragment.splitlines()[1] for fragment in FRAGMENTS])
def test_each_clause_of_the_page_can_be_added_to_the_example(fragment: str) -> None:
    text = f"{EXAMPLE}\n{fragment}"
    assert check(text) == []
    assert not [finding for finding in lint(read(text)) if finding.level == "error"]


def test_there_are_clauses_of_each_kind() -> None:
    whole = read(EXAMPLE + "\n" + "\n".join(FRAGMENTS))
    clauses = whole.clauses
    for field in agreement._CLAUSE:
        assert any(getattr(clause, {"from": "from_"}.get(field, field)) for clause in clauses), field
    assert {clause.approval.kind for clause in clauses if clause.approval} == {"two-persons", "silence"}
    assert whole.profiles and whole.caps and whole.budgets
    assert {duty.split(" ")[0] for clause in clauses for duty in clause.duty} >= {"report-sightings", "feedback"}
    assert any(party.reservations and party.suspended and party.withdrawal for party in whole.parties)
    assert {clause.effect for clause in clauses} == set(EFFECTS)
    assert {role for clause in clauses if clause.to for role in clause.to.role} >= {"centre", "producer"}
    for field in agreement._SELECTOR:
        assert any(getattr(clause.to, field) for clause in clauses if clause.to), field


def with_line(line: str) -> str:
    """The example with its first line of the same key replaced, or the line added to its first clause."""
    key = line.split(" = ")[0]
    text, changed = re.subn(rf"^{key} = .*$", line, EXAMPLE, count=1, flags=re.MULTILINE)
    return text if changed else EXAMPLE.replace("[[clause]]\n", f"[[clause]]\n{line}\n", 1)


@pytest.mark.parametrize(("wrong", "message"), rows("Common mistakes"))
def test_a_mistake_gets_the_message_that_the_page_says(wrong: str, message: str) -> None:
    text = with_line(wrong.strip("`"))
    assert text != EXAMPLE
    found = check(text)
    if not any(finding.level == "error" for finding in found):
        found = [*found, *lint(read(text))]
    assert [finding for finding in found if message in finding.message], found
