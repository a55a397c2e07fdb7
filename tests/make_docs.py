"""Writes the reference pages that are made from the code: `python -m tests.make_docs`. tests/test_docs.py compares them."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import click
from starlette.routing import BaseRoute, Mount, Route

from comity import config
from comity.agree.decide import Rules
from comity.doors.cli import COMMANDS, EXITS, cli
from comity.doors.peering.app import Door
from comity.doors.site import site
from comity.node import scratch_world
from comity.peer.guard import Guard
from comity.release.desk import Desk

DOCS = Path(__file__).resolve().parent.parent / "docs"
WIDTH = 100
#: Exit codes that no fault stands for.
OTHER_EXITS = {0: "success", 1: "any other failure", 2: "usage, or input that its sender must change", 9: "partly done", 130: "interrupted"}
MADE = "<!-- made by `python -m tests.make_docs` from the code; do not edit -->\n"


def commands() -> Iterator[tuple[str, click.Command]]:
    """(words, command) of every command and sub-command, in the order of --help, groups before what is in them."""
    root = click.Context(cli, info_name="comity")
    for name in COMMANDS:
        command = cli.get_command(root, name)
        assert command is not None, name
        yield name, command
        if isinstance(command, click.Group):
            inner = click.Context(command, info_name=name, parent=root)
            for each in command.list_commands(inner):
                found = command.get_command(inner, each)
                assert found is not None, each
                yield f"{name} {each}", found


def help_text(words: str, command: click.Command) -> str:
    """What `comity WORDS --help` prints, at a fixed width."""
    names = cli.context_settings["help_option_names"]
    context = click.Context(cli, info_name="comity", terminal_width=WIDTH, max_content_width=WIDTH, help_option_names=names)
    for word in words.split()[:-1]:
        context = click.Context(click.Group(word), info_name=word, parent=context)
    if words:
        context = click.Context(command, info_name=words.split()[-1], parent=context)
    text = command.get_help(context)
    return "\n".join(line.rstrip() for line in text.splitlines())


def exits() -> dict[int, str]:
    """Exit code -> what it says: the words of the fault that it stands for."""
    named = {code: (inspect.getdoc(kind) or "").split(".")[0].split(":")[0] for kind, code in EXITS}
    return dict(sorted((named | OTHER_EXITS).items()))


def settings() -> Iterator[tuple[str, str, str]]:
    """(key, default, what it is) of everything `node.toml` may hold."""
    tables = {
        "limits": config.Limits,
        "sightings": config.Sightings,
        "history": config.History,
        "retention": config.Retention,
        "sealing": config.Sealing,
        "notices": config.Notices,
        "pages": config.Pages,
        "oidc": config.Oidc,
        "log": config.Log,
        "gate": config.Gate,
        "accession": config.Accession,
        "peering": config.Peering,
    }
    for kind, prefix in ((config.Settings, ""), *((kind, f"{name}.") for name, kind in tables.items())):
        text = ""
        for line in inspect.getsource(kind).splitlines():
            line = line.strip()
            if line.startswith("#:"):
                text = f"{text} {line[2:].strip()}".strip()
            elif found := re.fullmatch(r"(\w+): [^=]+(?:= .+)?", line):
                name = found[1]
                if name not in tables:
                    default = next(field.default for field in _fields(kind) if field.name == name)
                    yield prefix + name, "" if repr(default) == "NODEFAULT" else repr(default), text
                text = ""


def _fields(kind: type) -> tuple[object, ...]:
    import msgspec

    return msgspec.structs.fields(kind)


def routes() -> list[tuple[str, str]]:
    """(path, methods) of everything a node answers, sorted by path."""
    desk = Desk(scratch_world("KZ", "sco"))
    assert isinstance(desk.world.rulebook.current()[1], Rules)
    found: dict[str, set[str]] = {}
    others = Door(Guard(desk.world, lambda: None), None).routes()
    for route in _flat(site(desk, peering=others).routes, ""):
        found.setdefault(route[0], set()).update(route[1])
    return [(path, ", ".join(sorted(methods))) for path, methods in sorted(found.items())]


def _flat(given: list[BaseRoute], prefix: str) -> Iterator[tuple[str, set[str]]]:
    for route in given:
        if isinstance(route, Mount):
            yield from _flat(list(route.routes), prefix + route.path)
        elif isinstance(route, Route):
            yield prefix + route.path, set(route.methods or ())


def cli_page() -> str:
    """docs/cli.md."""
    lines = ["# The command line", "", MADE, "```console", "$ comity --help", help_text("", cli), "```", ""]
    lines += ["## Exit codes", "", "| code | meaning |", "|---|---|"]
    lines += [f"| {code} | {text[:1].lower() + text[1:]} |" for code, text in exits().items()]
    lines += ["", "## node.toml", "", "| key | default | meaning |", "|---|---|---|"]
    lines += [f"| `{key}` | {f'`{default}`' if default else 'none: `comity init` sets it'} | {text} |" for key, default, text in settings()]
    lines += ["", "`COMITY_NODE` names the node's folder; `COMITY_STORE` and `COMITY_TITLE` override the file; flags override both.", ""]
    lines += ["## Commands", ""]
    for words, command in commands():
        lines += [f"### comity {words}", "", "```console", f"$ comity {words} --help", help_text(words, command), "```", ""]
    return "\n".join(lines).rstrip() + "\n"


def http_page() -> str:
    """docs/http.md."""
    lines = ["# What a node answers over HTTP", "", MADE, "| path | methods |", "|---|---|"]
    lines += [f"| `{path}` | {methods} |" for path, methods in routes()]
    return "\n".join(lines) + "\n"


PAGES = {"cli.md": cli_page, "http.md": http_page}


def main() -> None:
    """Write every page."""
    for name, page in PAGES.items():
        (DOCS / name).write_text(page(), "utf-8")


if __name__ == "__main__":
    main()
