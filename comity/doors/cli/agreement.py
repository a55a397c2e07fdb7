"""`comity agreement`: new, lint and diff need no node, show and export take a file instead of one; add, list and acts need a node."""

from __future__ import annotations

from pathlib import Path

import click

from comity.agree.accord import current
from comity.agree.agreement import check, read
from comity.agree.cedar import policies
from comity.agree.difference import differences
from comity.agree.document import as_html, as_text
from comity.agree.findings import in_order
from comity.agree.lint import lint
from comity.agree.status import statuses
from comity.clock import now
from comity.doors.cli.acting import COLUMNS, COMMANDS, rows
from comity.doors.cli.beginning import new
from comity.doors.cli.context import node_option, opened
from comity.doors.cli.files import text_of
from comity.doors.cli.output import chosen, document, note, output_option, write
from comity.doors.cli.simulate import simulate
from comity.doors.cli.texts import named_text
from comity.errors import OperatorFault
from comity.intake.deeds import held
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
    columns = ("line", "level", "message", "fault", "next")
    write(({name: getattr(each, name) for name in columns} for each in findings), output, columns)
    errors = sum(finding.level == "error" for finding in findings)
    counts = f"{_counted(errors, 'error')}, {_counted(len(findings) - errors, 'other finding')}"
    note(f"{file}: {counts if findings else 'nothing to complain about'}")
    ctx.exit(1 if errors else 0)


def _counted(number: int, what: str, several: str = "") -> str:
    return f"{number} " + (what if number == 1 else several or f"{what}s")


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
    world = opened(ctx, node)
    add_agreement(world, text, str(file), by="administrator")
    note(f"{found.ref}: {found.title}" + (" (sample wording, not the text of any treaty)" if found.illustrative else ""))
    own = world.settings.body
    if own not in found.spans:
        note(f"note: this node is of {own}, the agreement of {found.body}: comity why and comity audience take --body {found.body}")
    elif found.role(world.settings.party) != "centre":
        note(f"note: {world.settings.party} is not its centre: this node passes on items of others only as onward says")
    bound = sum(each.bound for each in statuses(held(world, found.ref), world.rulebook.current()[1], now()))
    note(f"it binds {_counted(bound, 'party', 'parties')} now; comity agreement status {found.ref} says whom, and since when")


@agreement.command("list")
@click.option("--parties", is_flag=True, help="Instead where each party of each stands, as `comity agreement status`.")
@output_option
@node_option
@click.pass_context
def list_command(ctx: click.Context, parties: bool, output: str | None, node: str | None) -> None:
    """The agreements held, the newest version in force of each (GOVERNS), and how many parties each binds now.

    Between two parties of which one has not ratified the newest version, the one that they share goes on governing.

    \b
    Example:
      comity agreement list
      comity agreement list --parties
    """
    _, rules = opened(ctx, node).rulebook.current()
    at, texts = now(), sorted(rules.agreements, key=lambda a: (a.id, a.version))
    if parties:
        told = ({"agreement": found.ref, **row} for found in texts for row in rows(found, rules, at))
        write(told, output, ("agreement", *COLUMNS))
        return
    governing = {found.ref for found in current(rules.agreements, at)}
    write(
        (
            {
                "agreement": found.ref,
                "title": found.title,
                "body": found.body,
                "in_force": found.in_force.date().isoformat() if found.in_force else "",
                "governs": found.ref in governing,
                "bound": sum(each.bound for each in statuses(found, rules, at)),
                "clauses": len(found.clauses),
                "illustrative": found.illustrative,
            }
            for found in texts
        ),
        output,
    )


@agreement.command("show")
@click.argument("id")
@click.option("--toml", is_flag=True, help="The text as it was written, not the document made from it.")
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), metavar="OUT.html", help="Also write it as a page.")
@output_option
@node_option
@click.pass_context
def show_command(ctx: click.Context, id: str, toml: bool, html: Path | None, output: str | None, node: str | None) -> None:
    """An agreement as a document to read: each clause in its own words and in the machine's, and where each party stands.

    ID is that of an agreement which the node holds (its newest version; ID@VERSION for another), or a file.

    \b
    Example:
      comity agreement show example-ict@1
      comity agreement show agreement.toml
    """
    found = named_text(ctx, id, node)
    if html:
        try:
            html.write_text(as_html(found), "utf-8")
        except OSError as error:
            raise OperatorFault(f"cannot write {html}: {error.strerror}", next="choose another place") from error
    record = {"agreement": found.ref, "title": found.title, "body": found.body, "text": found.text, "document": as_text(found)}
    if toml and chosen(output) == "table" and found.illustrative:
        note("sample wording, not the text of any treaty")
    document(record, output, (found.text if toml else as_text(found)).rstrip())


@agreement.command("diff")
@click.argument("old")
@click.argument("new")
@output_option
@node_option
@click.pass_context
def diff_command(ctx: click.Context, old: str, new: str, output: str | None, node: str | None) -> None:
    """What NEW changes against OLD, in words: who gains and loses what, then what was reworded. Files, or agreements of the node.

    Standings are those that the texts declare in their [party.XX] sections (member where nothing is said).

    \b
    Example:
      comity agreement diff agreement.toml next.toml
      comity agreement diff example-ict@1 example-ict@2
    """
    before, after = (named_text(ctx, each, node) for each in (old, new))
    said = differences(before, after)
    write(({"change": each} for each in said), output, ("change",))
    note(f"{before.ref} -> {after.ref}: {_counted(len(said), 'change')}")


@agreement.command("export")
@click.argument("id")
@click.option("--cedar", is_flag=True, required=True, help="As Cedar policies (the one format there is).")
@node_option
@click.pass_context
def export_command(ctx: click.Context, id: str, cedar: bool, node: str | None) -> None:
    """An agreement in another policy language, for other tools to evaluate or to check Comity's decisions.

    \b
    Example:
      comity agreement export example-ict --cedar
      comity agreement export agreement.toml --cedar
    """
    click.echo(policies([named_text(ctx, id, node)]), nl=False)


for _command in (new, simulate, *COMMANDS):
    agreement.add_command(_command)
