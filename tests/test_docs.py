"""The reference pages say what the code says, and links between pages lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from comity.doors.cli import COMMANDS, cli
from tests.make_docs import DOCS, PAGES, commands, exits, help_text, routes, settings

ROOT = Path(__file__).resolve().parent.parent
COMMAND_WORDS = [(words, command) for words, command in commands()]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_made_from_the_code_is_up_to_date(name):
    assert (DOCS / name).read_text("utf-8") == PAGES[name](), "run: python -m tests.make_docs"


@pytest.mark.parametrize(("words", "command"), COMMAND_WORDS, ids=[words for words, _ in COMMAND_WORDS])
def test_every_command_explains_itself_with_an_example(words, command):
    text = help_text(words, command)
    assert command.help
    if not isinstance(command, click.Group):
        assert "Example" in text, f"comity {words} has no example"
        assert f"comity {words}" in text.split("Example", 1)[1], f"the example of comity {words} is of another command"
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"comity {words} {parameter.opts[0]} says nothing"


def test_the_commands_listed_are_those_there_are():
    top = [words for words, _ in COMMAND_WORDS if " " not in words]
    assert top == list(COMMANDS)
    assert all(line for _, line in COMMANDS.values())


def test_exit_codes_settings_and_routes_are_told():
    assert set(exits()) == {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 130}
    assert all(exits().values())
    assert all(text for _, _, text in settings())
    assert {"party", "store", "hosts", "limits.page"} <= {key for key, _, _ in settings()}
    paths = {path for path, _ in routes()}
    assert {"/taxii2/", "/taxii2/{body}/collections/{collection}/objects/", "/", "/healthz"} <= paths


def test_links_between_the_pages_lead_somewhere():
    broken = []
    for page in [*ROOT.glob("*.md"), *DOCS.rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
            if not re.match(r"[a-z]+:", target) and not (page.parent / target).exists():
                broken.append(f"{page.relative_to(ROOT)}: {target}")
    assert broken == []


def unknown(words: list[str]) -> str:
    """What of a command line is no command, or no option of it; "" if all of it is there."""
    command: click.Command = cli
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        inner = command.get_command(click.Context(command), words[0])
        if inner is None:
            return "" if command.name == "recall" and command is not cli else words[0]  # `comity recall ID`
        command, words = inner, words[1:]
    known = {"-h", "--help", "-"} | {name for each in command.params for name in (*each.opts, *each.secondary_opts)}
    options = (each.partition("=")[0].rstrip(",.:)") for each in words if each.startswith("-"))
    return next((each for each in options if each not in known), "")


def test_options_that_pages_name_are_there():
    wrong = []
    for page in [*ROOT.glob("*.md"), *DOCS.rglob("*.md")]:
        for line in re.findall(r"(?m)(?:^ *(?:\$ )?|`)comity ([a-z][^`\n|;#>]*)", page.read_text("utf-8")):
            if word := unknown(line.split()):
                wrong.append(f"{page.name}: comity {line.strip()}: {word}")
    assert wrong == []


def test_links_within_pages_lead_to_a_heading():
    broken = []
    for page in [*ROOT.glob("*.md"), *DOCS.rglob("*.md")]:
        for target, heading in re.findall(r"\]\(([^)#\s:]*)#([^)]+)\)", page.read_text("utf-8")):
            there = (page.parent / target if target else page).read_text("utf-8")
            titles = (re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in re.findall(r"(?m)^#+ (.*)$", there))
            if heading not in titles:
                broken.append(f"{page.name}: {target}#{heading}")
    assert broken == []


def test_commands_and_tests_that_pages_name_are_there():
    words = {words for words, _ in COMMAND_WORDS}
    wrong = []
    for page in [*ROOT.glob("*.md"), *DOCS.rglob("*.md")]:
        text = page.read_text("utf-8")
        for found in re.findall(r"(?:\$ |`)comity ([a-z]+)(?: ([a-z]+))?", text):
            if found[0] not in words:
                wrong.append(f"{page.name}: comity {found[0]}")
        for path in re.findall(r"`((?:tests|comity)/[\w/.-]+)`", text):
            if not (ROOT / path).exists():
                wrong.append(f"{page.name}: {path}")
    assert wrong == []
