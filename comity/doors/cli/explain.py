"""`comity why` and `comity audience`: decisions with their reasons, for the item's origin and the node's auditor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from comity.clock import parse
from comity.config import node_folder
from comity.doors.cli.context import Nodes, node_option, opened
from comity.doors.cli.files import write_new
from comity.doors.cli.moments import MOMENT
from comity.doors.cli.output import document, output_option, safe, write
from comity.doors.cli.remote import named, remotely
from comity.doors.cli.words import purposes
from comity.errors import SenderFault
from comity.peer.arrival import arrival
from comity.peer.provenance import provenance
from comity.release import explain
from comity.release.certified import certified
from comity.release.desk import Desk
from comity.release.explain import Verdict
from comity.release.sight import Reader
from comity.terms.party import ADMINISTRATOR, body_slug, party_code
from comity.wire_links import Arrival

if TYPE_CHECKING:
    from comity import wire
    from comity.client import Client


def _asked(client: Client, id: str, purpose: str, on: str | None, known: str | None, body: str | None) -> tuple[str, dict[str, Any]]:
    """The id that is meant, and the parameters to ask the node with."""
    name, version = named(client, id)
    return name, {
        "purpose": purposes(purpose),
        "on": parse(on) if on else None,
        "known": parse(known) if known else None,
        "modified": version,
        "body": body_slug(body) if body else None,
    }


def _said(verdict: wire.Verdict) -> dict[str, Any]:
    """What `comity why` prints, of what the node said."""
    said: dict[str, Any] = msgspec.to_builtins(verdict)
    return {name: value for name, value in said.items() if name not in ("alone", "sentences")} | {
        "on": verdict.on.isoformat(),
        "known": verdict.known.isoformat() if verdict.known else None,
    }


def _when(on: str | None, known: str | None) -> explain.Moments:
    return explain.Moments(on=parse(on) if on else None, known=parse(known) if known else None)


def _why_there(
    client: Client,
    id: str,
    party: str,
    purpose: str,
    on: str | None,
    known: str | None,
    body: str | None,
    arrival: bool,
    output: str | None,
    node: str | None,
) -> None:
    name, asked = _asked(client, id, purpose, on, known, body)
    verdict = client.why(name, party_code(party), **asked)
    said = _said(verdict)
    if arrival:
        asked = {key: asked[key] for key in ("purpose", "body")}
        said["arrival"] = msgspec.to_builtins(client.arrival(name, party_code(party), **asked))
    document(said, output, _text(said, verdict.sentences))


@click.command()
@click.argument("id")
@click.argument("party")
@click.option("--purpose", default="network-defence", show_default=True, help="For this purpose (comma list).")
@click.option("--on", type=MOMENT, metavar="DATE", help="As of this moment. [default: now]")
@click.option("--known", type=MOMENT, metavar="DATE", help="With the rules as this node knew them at this moment. [default: now]")
@click.option("--body", metavar="SLUG", help="In this body. [default: the node's own]")
@click.option("--arrival", is_flag=True, help="Also how far it has come on its way there, and why no further.")
@output_option
@node_option
@remotely(_why_there)
@click.pass_context
def why(
    ctx: click.Context,
    id: str,
    party: str,
    purpose: str,
    on: str | None,
    known: str | None,
    body: str | None,
    arrival: bool,
    output: str | None,
    node: str | None,
) -> None:
    """Why PARTY sees the object ID, or why not: agreement, clause, text; for a deny the clauses tried and the fact that failed.

    ID may also be ID@VERSION, or an observable value that one object carries.

    Exits 0 whatever the effect, 3 when this node holds no such object.

    \b
    Example:
      comity why indicator--a932fcc6-e032-476c-826f-cb970a5a1ade IR --on 2021-11-01
      comity why indicator--a932fcc6-e032-476c-826f-cb970a5a1ade UZ --arrival
    """
    world = opened(ctx, node)
    reader = Reader(party=party_code(party), body=body_slug(body or world.settings.body), purposes=purposes(purpose))
    desk = Desk(world)
    name, version = explain.named(desk, id)
    verdict = explain.why(desk, name, reader, _when(on, known), version)
    said = verdict.as_json()
    if arrival:
        said["arrival"] = msgspec.to_builtins(_arrived(ctx, node, desk, verdict))
    came = provenance(desk, verdict.row)
    if came.received_from is not None:
        said["provenance"] = msgspec.to_builtins(came)
    document(said, output, "\n".join((_text(said, verdict.sentences()), *map(safe, came.sentences()))))


def _arrived(ctx: click.Context, node: str | None, desk: Desk, verdict: Verdict) -> Arrival:
    """How far the object has come; what only our centre knows is asked of it."""
    from comity.peer.exchange import asked

    nodes: Nodes = ctx.obj
    found = arrival(desk, verdict)
    return found if found.state != "unconfirmed" else asked(desk, nodes.keyring(node_folder(node)), verdict, found)


def _text(said: Mapping[str, Any], sentences: Sequence[str]) -> str:
    first, *others = sentences
    head = f"{said['effect'].upper()}  {said['id']}  to {said['party']}"
    return "\n".join(
        map(
            safe,
            [
                head,
                first,
                *(f"  - {line}" for line in others),
                *map(_received, said["disclosed"]),
                *map(_refused, said["refusals"]),
                *map(_come, [said["arrival"]] if "arrival" in said else ()),
            ],
        )
    )


def _come(told: Mapping[str, Any]) -> str:
    """How far it has come."""
    over = f", over {told['over']}" if told["over"] else ""
    since = f" ({told['at']})" if told["at"] else ""
    return f"Arrival: {told['state']}{over}{since}{': ' if told['why'] else ''}{told['why']}."


def _received(told: Mapping[str, Any]) -> str:
    """A past disclosure, and how to prove it."""
    by = f" by {', '.join(told['agreements'])}" if told["agreements"] else ""
    entry = told["entry"]
    return f"Disclosed on {told['at']}{by}" + (f" (log entry {entry}; comity log prove {entry})." if entry is not None else ".")


def _refused(told: Mapping[str, Any]) -> str:
    """A declaration of a purpose that the object was not shared for."""
    times = f", {told['times']} times in all" if told["times"] > 1 else ""
    return f"Refused on {told['at']} when asked for {' or '.join(told['purposes'])}{times}: it was not shared for that."


def _audience_there(
    client: Client, id: str, purpose: str, on: str | None, known: str | None, body: str | None, record: Path | None, output: str | None,
    node: str | None,
) -> None:  # fmt: skip
    if record:
        raise SenderFault("a record is made where the log is", next="leave --url away, or get it from the object's page")
    name, asked = _asked(client, id, purpose, on, known, body)
    write((_row(_said(verdict)) for verdict in client.audience(name, **asked)), output)


@click.command()
@click.argument("id")
@click.option("--purpose", default="network-defence", show_default=True, help="For this purpose (comma list).")
@click.option("--on", type=MOMENT, metavar="DATE", help="As of this moment. [default: now]")
@click.option("--known", type=MOMENT, metavar="DATE", help="With the rules as this node knew them at this moment. [default: now]")
@click.option("--body", metavar="SLUG", help="In this body. [default: the node's own]")
@click.option(
    "--record",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Also write the decisions into this ZIP file, with a proof.",
)
@output_option
@node_option
@remotely(_audience_there)
@click.pass_context
def audience(
    ctx: click.Context, id: str, purpose: str, on: str | None, known: str | None, body: str | None, record: Path | None,
    output: str | None, node: str | None,
) -> None:  # fmt: skip
    """Who sees the object ID: every party of the body, with the deciding clause (MISP calls this "distribution").

    ID may also be an observable value that one object carries. What --record writes is checked without the node: comity log check
    decision.tlog-proof --data decision.json --key LINE.

    \b
    Examples:
      comity audience indicator--a932fcc6-e032-476c-826f-cb970a5a1ade
      comity audience indicator--a932fcc6-e032-476c-826f-cb970a5a1ade --record decision.zip
    """
    world = opened(ctx, node)
    slug = body_slug(body or world.settings.body)
    desk = Desk(world)
    name, _ = explain.named(desk, id)
    verdicts = explain.audience(desk, name, slug, purposes(purpose), _when(on, known))
    if record:
        write_new(record, certified(desk, verdicts, purposes(purpose), by=ADMINISTRATOR))
    write((_row(verdict.as_json()) for verdict in verdicts), output)


def _row(said: Mapping[str, Any]) -> dict[str, Any]:
    first = said["reasons"][0] if said["reasons"] else {}
    reason = first.get("text", "")
    if said["effect"] == "deny" and first.get("fact"):
        reason = f"{first['fact']}: expected {first['expected']}, is {first['actual']}"
    return {
        "party": said["party"],
        "effect": said["effect"],
        "agreement": first.get("agreement", ""),
        "clause": first.get("clause", ""),
        "withheld": [path for path, effect in said["fields"].items() if effect == "redact"],
        "received": said["disclosed"][-1]["at"] if said["disclosed"] else "",
        "refused": said["refusals"][-1]["at"] if said["refusals"] else "",
        "reason": reason,
    }
