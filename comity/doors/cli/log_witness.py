"""`comity log witness`: members' nodes that cosign this log's checkpoints, and logs that this node cosigns."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import click
import rfc8785

from comity.admin import publishing, witnessing
from comity.admin.publishing import Witness
from comity.config import node_folder
from comity.doors.cli.context import Nodes, node_option, opened
from comity.doors.cli.output import document, note, output_option, write
from comity.errors import PeerFault
from comity.ledger.keys import write_verifier
from comity.peer.channel import check_url
from comity.peer.witnesses import ask_all
from comity.terms.guardrails import profile, profile_hash
from comity.world import World


@click.group("witness")
def witness() -> None:
    """Who cosigns this log's checkpoints, and whose this node cosigns (C2SP tlog-witness).

    A node cosigns a checkpoint only if it extends the last one that it cosigned. With cosignatures of two other parties, a member that was
    shown another past would need both to have helped."""


@witness.command("key")
@output_option
@node_option
@click.pass_context
def key_command(ctx: click.Context, output: str | None, node: str | None) -> None:
    """This node's keys: its log's, for those who witness it; and by which it cosigns, for those whom it witnesses.

    \b
    Example:
      comity log witness key
    """
    nodes: Nodes = ctx.obj
    log, own = opened(ctx, node).journal.verifier, nodes.witness_key(node_folder(node)).verifier
    found = {"log": write_verifier(log), "witness": write_verifier(own)}
    document(found, output, "\n".join(f"{name:<8} {text}" for name, text in found.items()))


@witness.command("add")
@click.argument("name")
@click.option("--url", required=True, help="The node's address; of another witness, what stands before /add-checkpoint.")
@click.option("--key", required=True, metavar="LINE", help="Its witness key, as `comity log witness key` prints it there.")
@click.option("--party", required=True, metavar="CODE", help="Whose it is.")
@node_option
@click.pass_context
def add_command(ctx: click.Context, name: str, url: str, key: str, party: str, node: str | None) -> None:
    """Have a witness cosign this log from now on. Its operator has to trust the log first (comity log witness trust).

    \b
    Example:
      comity log witness add uz --url https://uz.example/tlog --key LINE --party UZ
    """
    check_url(url, plain=True, example="https://host/tlog")  # nothing secret goes there
    publishing.add_witness(opened(ctx, node), Witness(name=name, url=url, key=key.strip(), party=party), by="administrator")
    note(f"{name} is asked with the next checkpoint that is published; comity log publish does it now")


@witness.command("drop")
@click.argument("name")
@node_option
@click.pass_context
def drop_command(ctx: click.Context, name: str, node: str | None) -> None:
    """Ask a witness no longer.

    \b
    Example:
      comity log witness drop uz
    """
    publishing.drop_witness(opened(ctx, node), name, by="administrator")


@witness.command("list")
@output_option
@node_option
@click.pass_context
def list_command(ctx: click.Context, output: str | None, node: str | None) -> None:
    """Who is asked, how far each has cosigned, and what went wrong last.

    \b
    Example:
      comity log witness list
    """
    write(_witnesses(opened(ctx, node)), output, ("name", "party", "size", "cosigned", "problem", "url"))


def _witnesses(world: World) -> Iterator[dict[str, Any]]:
    by = publishing.witnessed(world).by
    for each in publishing.witnesses(world):
        at = by[each.name][1] if each.name in by else None
        cosigned = datetime.fromtimestamp(at, UTC).isoformat() if at is not None else None
        yield {"name": each.name, "party": each.party, "size": each.size, "cosigned": cosigned, "problem": each.problem, "url": each.url}


@witness.command("trust")
@click.argument("key", metavar="LINE")
@click.option("--party", required=True, metavar="CODE", help="Whose log it is.")
@node_option
@click.pass_context
def trust_command(ctx: click.Context, key: str, party: str, node: str | None) -> None:
    """Cosign a party's log from now on, known by the key that `comity log witness key` prints there.

    \b
    Example:
      comity log witness trust LINE --party KZ
    """
    witnessing.watch(opened(ctx, node), key.strip(), party, by="administrator")
    note("its checkpoints are cosigned here as long as each extends the one before")


@witness.command("watched")
@output_option
@node_option
@click.pass_context
def watched_command(ctx: click.Context, output: str | None, node: str | None) -> None:
    """The logs that this node cosigns. Exits 8 if one has shown two pasts, or a checkpoint without a proof that it goes on from its past.

    \b
    Example:
      comity log witness watched
    """
    logs = list(witnessing.watched(opened(ctx, node)))
    rows = [
        {
            "log": each.verifier.name, "party": each.party, "size": last.size if (last := witnessing.last_seen(each)) else 0,
            "forks": len(each.evidence), "doubtful": bool(each.doubtful),
        }
        for each in logs
    ]  # fmt: skip
    write(iter(rows), output, ("log", "party", "size", "forks", "doubtful"))
    forked = any(each.evidence for each in logs)
    if forked:
        note("comity: a log has signed two pasts; the entry of kind fork in this log has both checkpoints")
    if doubtful := [each.verifier.name for each in logs if each.doubtful]:
        said = "showed a checkpoint without a proof that it extends what was cosigned; an entry of kind witness in this log has both"
        note(
            f"comity: {', '.join(doubtful)} {said}: ask its operator, and hold members' checkpoints against each other (comity log compare)"
        )
    if forked or doubtful:
        ctx.exit(8)


@click.command("guardrails")
@output_option
@node_option
@click.pass_context
def guardrails(ctx: click.Context, output: str | None, node: str | None) -> None:
    """What this node says of itself that it keeps to, and its hash, which stands in each checkpoint (guardrail G17). Self-declared.

    \b
    Example:
      comity log guardrails
    """
    settings = opened(ctx, node).settings
    hash_ = profile_hash(settings)
    document({"sha256": hash_, "profile": profile(settings)}, output, f"{hash_}\n{rfc8785.dumps(profile(settings)).decode()}")


@click.command("publish")
@output_option
@node_option
@click.pass_context
def publish(ctx: click.Context, output: str | None, node: str | None) -> None:
    """Publish the log as it is now, and have it cosigned; comity up does so at an interval ([log] interval in node.toml).

    \b
    Example:
      comity log publish
    """
    world = opened(ctx, node)
    problems = ask_all(world)
    found = publishing.witnessed(world)
    text = publishing.published(world).decode().rstrip("\n")
    document({"size": found.size, "independent": found.independent, "witnessed": found.enough, "checkpoint": text}, output, text)
    note(said(found))
    if problems:
        raise PeerFault("; ".join(problems.values()), next="comity log witness list; it is asked again with the next checkpoint")


def said(found: publishing.Witnessed) -> str:
    """How far a checkpoint can be relied on to be the same for everybody."""
    if found.enough:
        return f"cosigned by {found.independent} other parties"
    who = f"one other party, {publishing.ENOUGH} are needed" if found.independent else "no other party"
    return f"unwitnessed: cosigned by {who}; a log that shows two members two pasts would not be noticed"
