"""`comity notify`: the owners in a constituency are told what is said about their networks, by mail or webhook."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import msgspec

from comity.admin.constituency import check_may
from comity.doors.cli.context import node_option, opened
from comity.doors.cli.moments import SPAN
from comity.doors.cli.output import note, output_option, write
from comity.errors import Fault, OperatorFault, SenderFault
from comity.forms.notice import Notice, Sealed, entity, mail
from comity.match import notices
from comity.peer import smtp, webhook
from comity.peer.sealing import seal
from comity.release.desk import Desk
from comity.terms import tlp
from comity.terms.observable import normal
from comity.terms.party import party_code

#: Whose notices have no sender that answers (RFC 2606).
_NO_WAY = "no way to tell"
_NOBODY = "noreply@{}.invalid"
#: Up to this level what cannot be sealed goes in the clear all the same.
_OPEN = "green"


class _Ways(msgspec.Struct, frozen=True, kw_only=True):
    """How notices go out: what hands a mail on, and whether webhooks are called (`own`: in private networks too)."""

    mail: Callable[[Notice, bytes], str] | None
    hooks: bool
    own: bool


@click.command()
@click.option("--party", metavar="CODE", help="Whose constituency. [default: the node's own party; a centre may for others]")
@click.option("--since", type=SPAN, metavar="AGE", help="Only of what came so lately, like 7d.")
@click.option("--new", is_flag=True, help="Only of what owners have not been told yet.")
@click.option("--dry-run", is_flag=True, help="Say who would be told of how much; nobody is told.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), metavar="FOLDER", help="Write each mail into a file there.")
@click.option("--smtp", "relay", metavar="HOST:PORT", help="Send the mails through this relay, over TLS.")
@click.option("--webhooks", is_flag=True, help="Call the owners' webhooks.")
@click.option("--from", "sender", metavar="ADDRESS", help="The address that mails come from. [default: as node.toml says]")
@click.option("--allow-private", is_flag=True, help="Webhooks may be on this machine or in a private network.")
@output_option
@node_option
@click.pass_context
def notify(
    ctx: click.Context, party: str | None, since: timedelta | None, new: bool, dry_run: bool, out: Path | None, relay: str | None,
    webhooks: bool, sender: str | None, allow_private: bool, output: str | None, node: str | None,
) -> None:  # fmt: skip
    """Tell the owners in the constituency what the inbox says about theirs, one notice each. Every notice is in the log.

    Only what is TLP:CLEAR, GREEN or AMBER goes to clients. A mail is sealed with its owner's key if there is one. Exits 9 when somebody
    could not be told; they are told the next time.

    \b
    Example:
      comity notify --new --out notices/
    """
    if not (dry_run or out or relay or webhooks) or (dry_run and (out or relay or webhooks)) or (out and relay):
        raise click.UsageError("say how: --dry-run, or --out FOLDER or --smtp HOST:PORT, and --webhooks")
    desk = Desk(opened(ctx, node))
    settings = desk.world.settings
    whose = party_code(party) if party else settings.party
    check_may(desk.world, whose)
    by = _sender(sender or settings.notices.sender, whose, must=bool(relay))
    found = notices.gather(desk, whose, settings.body, desk.world.clock() - since if since else None, new=new)
    with ExitStack() as stack:
        to_mail = _writer(out) if out else _sending(stack, relay) if relay else None
        ways = None if dry_run else _Ways(mail=to_mail, hooks=webhooks, own=allow_private)
        rows = list(_tell_all(desk, found.due, by, ways))
    write(rows, output)
    for why, count in sorted(found.passed.items()):
        note(f"{count:,} not told of: {why}")
    desk.flush()
    ctx.exit(9 if any(row["outcome"] in ("failed", _NO_WAY) for row in rows) else 0)


def _sender(text: str, party: str, *, must: bool) -> str:
    if not text and must:
        raise OperatorFault("nobody is set as the sender of notices", next="--from ADDRESS, or sender under [notices] in node.toml")
    try:
        return normal("email", text or _NOBODY.format(party.lower()))
    except ValueError as error:
        raise SenderFault(str(error)) from None


def _tell_all(desk: Desk, due: tuple[notices.Due, ...], sender: str, ways: _Ways | None) -> Iterator[dict[str, Any]]:
    for each in due:
        said = notices.notice(desk, each, desk.world.settings.body, sender)
        row = {"owner": said.owner, "reference": said.reference, "tlp": said.level, "count": len(said.reports)}
        if ways is None:
            by = [word for word in ("mail", "webhook") if getattr(each.owner.contact, word)]
            yield row | {"outcome": "would be told" if by else _NO_WAY, "by": by}
            continue
        try:
            by = _tell(desk, each, said, ways)
            yield row | {"outcome": "told" if by else _NO_WAY, "by": by}
        except Fault as fault:
            note(f"{said.owner}: {fault}" + (f" ({fault.next})" if fault.next else ""))
            yield row | {"outcome": "failed", "by": []}


def _tell(desk: Desk, due: notices.Due, said: Notice, ways: _Ways) -> list[str]:
    """Tell one owner; by which ways. What cannot be said at all is found out before anything is recorded."""
    contact, body = due.owner.contact, desk.world.settings.body
    message = _message(desk, said, contact.key) if contact.mail and ways.mail else b""
    hook = contact.webhook if ways.hooks else ""
    if not message and not hook:
        return []
    if not notices.begin(desk, due, body, [word for word, used in (("mail", message), ("webhook", hook)) if used]):
        raise OperatorFault("something of it was withdrawn meanwhile: nothing was told", next="run it again")
    by = []
    if message and ways.mail:
        by.append(ways.mail(said, message))
    if hook:
        place = desk.world.settings.notices.address
        href = f"{place.rstrip('/')}/{said.reference}" if place else ""
        content = {"party": said.party, "owner": said.owner, "count": len(said.reports), "href": href}
        webhook.post(hook, msgspec.json.encode(content), said.reference, own=ways.own)
        by.append("webhook")
    notices.finish(desk, due, body)
    return by


def _message(desk: Desk, said: Notice, key: str) -> bytes:
    """The mail, sealed where there is a key. One that cannot be sealed goes in the clear up to TLP:GREEN, and else not at all."""
    sealed: Sealed | None = None
    if key:
        try:
            sealed = seal(entity(said), key, desk.world.clock())
        except Fault as fault:
            if not tlp.within(said.level, _OPEN):
                raise
            note(f"{said.owner}: {fault}; it is TLP:{said.level.upper()} and goes in the clear")
    return mail(said, sealed)


def _writer(folder: Path) -> Callable[[Notice, bytes], str]:
    def written(said: Notice, message: bytes) -> str:
        path = folder / f"{said.reference}.eml"
        part = path.with_suffix(".part")
        folder.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(message)
        part.replace(path)
        return str(path)

    return written


def _sending(stack: ExitStack, text: str) -> Callable[[Notice, bytes], str]:
    relay = stack.enter_context(smtp.relay(*smtp.address(text)))

    def sent(said: Notice, message: bytes) -> str:
        relay.send(said.sender, said.to, message)
        return "mail"

    return sent
