"""`comity agreement`: lint needs no node; add, list and show do."""

from __future__ import annotations

from pathlib import Path

import click

from comity.agree.accord import current
from comity.agree.agreement import check, read
from comity.agree.findings import in_order
from comity.agree.lint import lint
from comity.clock import now
from comity.doors.cli.context import node_option, opened
from comity.doors.cli.files import text_of
from comity.doors.cli.output import chosen, document, note, output_option, write
from comity.errors import NotFound
from comity.intake.govern import add_agreement


@click.group()
def agreement() -> None:
    """Agreements as code: who may receive what, from whom, for which purpose, since when."""


@agreement.command("lint")
@click.argument("file", type=click.Path(path_type=Path))
@output_option
@click.pass_context
def lint_command(ctx: click.Context, file: Path, output: str | None) -> None:
    """Check an agreement: each finding with its line, whose fault it is and what next. Needs no node.

    \b
    Example:
      comity agreement lint agreement.toml
    """
    text = text_of(file)
    findings = check(text)
    if not any(finding.level == "error" for finding in findings):
        findings = in_order([*findings, *lint(read(text, name=str(file)))])
    columns = ("line", "level", "message", "next")
    write(({"line": f.line, "level": f.level, "message": f.message, "next": f.next} for f in findings), output, columns)
    errors = sum(finding.level == "error" for finding in findings)
    counts = f"{_counted(errors, 'error')}, {_counted(len(findings) - errors, 'other finding')}"
    note(f"{file}: {counts if findings else 'nothing to complain about'}")
    ctx.exit(1 if errors else 0)


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")


@agreement.command("add")
@click.argument("file", type=click.Path(path_type=Path))
@node_option
@click.pass_context
def add_command(ctx: click.Context, file: Path, node: str | None) -> None:
    """Take an agreement into the node; it governs from its own dates on.

    \b
    Example:
      comity agreement add agreement.toml
    """
    text = text_of(file)
    found = read(text, name=str(file))
    add_agreement(opened(ctx, node), text, str(file), by="administrator")
    note(f"{found.ref}: {found.title}" + (" (sample wording, not the text of any treaty)" if found.illustrative else ""))


@agreement.command("list")
@output_option
@node_option
@click.pass_context
def list_command(ctx: click.Context, output: str | None, node: str | None) -> None:
    """The agreements held, and which version governs now.

    \b
    Example:
      comity agreement list
    """
    _, rules = opened(ctx, node).rulebook.current()
    governing = {found.ref for found in current(rules.agreements, now())}
    write(
        (
            {
                "agreement": found.ref,
                "title": found.title,
                "body": found.body,
                "in_force": found.in_force.date().isoformat() if found.in_force else "",
                "governs": found.ref in governing,
                "clauses": len(found.clauses),
                "illustrative": found.illustrative,
            }
            for found in sorted(rules.agreements, key=lambda a: (a.id, a.version))
        ),
        output,
    )


@agreement.command("show")
@click.argument("id")
@output_option
@node_option
@click.pass_context
def show_command(ctx: click.Context, id: str, output: str | None, node: str | None) -> None:
    """An agreement's text: ID for the newest version, ID@VERSION for another.

    \b
    Example:
      comity agreement show example-ict@1
    """
    _, rules = opened(ctx, node).rulebook.current()
    matching = [found for found in rules.agreements if id in (found.id, found.ref)]
    if not matching:
        raise NotFound(f"this node holds no agreement {id}", next="comity agreement list shows those it has")
    found = max(matching, key=lambda a: a.version)
    record = {"agreement": found.ref, "title": found.title, "body": found.body, "text": found.text}
    if chosen(output) == "table" and found.illustrative:
        note("sample wording, not the text of any treaty")
    document(record, output, found.text.rstrip())
