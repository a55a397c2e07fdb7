"""Commands about a node elsewhere: with `--url`, a command asks that node's JSON API and prints what it would have printed here."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from comity.doors.cli.files import text_of
from comity.errors import NotAuthenticated, NotFound, SenderFault
from comity.terms.stix import is_id

if TYPE_CHECKING:  # an HTTP library takes a while to import, and most commands are about this machine's node
    from comity.client import Client

F = TypeVar("F", bound=Callable[..., Any])
_SHOWN = 10


def remotely(action: Callable[..., None], *, signed: bool = False) -> Callable[[F], F]:
    """`--url`, `--token-file` and `--ca`: with an address, `action` is called instead of the command, with a client and its parameters.

    A command that is `signed` gets `token_file` too: a person's token counts at the node itself as well.
    """

    def decorate(command: F) -> F:
        @functools.wraps(command)
        def either(*args: Any, url: str | None, token_file: Path | None, ca: Path | None, **given: Any) -> Any:
            address = url or ("" if given.get("node") else os.environ.get("COMITY_URL", ""))
            if not address:
                return command(*args, **given, token_file=token_file) if signed else command(*args, **given)
            from comity.client import Client

            with Client(address, token_text(token_file), ca=ca) as client:
                return action(client, **given)

        for option in reversed(_SIGNED if signed else _OPTIONS):
            either = option(either)
        return either  # type: ignore[return-value]

    return decorate


_URL = click.option("--url", metavar="URL", help="Ask the node at this address instead. [default: $COMITY_URL, unless --node is given]")
_CA = click.option("--ca", type=click.Path(path_type=Path), help="Certificates to trust for it. [default: the system's]")


def _token_file(text: str) -> Callable[[F], F]:
    return click.option("--token-file", type=click.Path(path_type=Path), help=text)


_OPTIONS = (_URL, _token_file("Where the token for it is. [default: the token in $COMITY_TOKEN]"), _CA)
_SIGNED = (_URL, _token_file("Where your token is. [default: the token in $COMITY_TOKEN]"), _CA)


def token_text(file: Path | None) -> str:
    """The token in a file, else in the environment. Raises NotAuthenticated."""
    token = (text_of(file) if file else os.environ.get("COMITY_TOKEN", "")).strip()
    if not token:
        raise NotAuthenticated("there is no token", next="name a file with --token-file, or set COMITY_TOKEN")
    return token


def named(client: Client, text: str) -> tuple[str, str | None]:
    """(id, version or None) of the object that a person means by ID, ID@VERSION or an observable value, as far as the node shows it.

    Raises NotFound, or SenderFault when several objects carry the value.
    """
    text = text.strip()
    id_, _, version = text.partition("@")
    if is_id(id_):
        return id_, version or None
    found = sorted({item.id for item in client.search(text)})
    if not found:
        raise NotFound(f"there is no {text} for you")
    if len(found) > 1:
        shown = ", ".join(found[:_SHOWN]) + (f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else "")
        raise SenderFault(f"{len(found)} objects carry {text}: {shown}", next="name one of them by its id")
    return found[0], None
