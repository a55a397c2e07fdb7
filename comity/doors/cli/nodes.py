"""`comity init` and `comity up`."""

from __future__ import annotations

import errno
import ipaddress
import os
import socket
from typing import Any

import click

from comity.config import Settings, node_folder
from comity.doors.cli.context import Nodes, node_option
from comity.doors.cli.output import note
from comity.errors import OperatorFault
from comity.terms.party import STANDINGS, body_slug, party_code


@click.command()
@click.option("--party", required=True, metavar="CODE", help="The party this node belongs to, like KZ or SCO-CENTRE.")
@click.option("--body", default="sco", show_default=True, metavar="SLUG", help="The body it takes part in.")
@click.option("--name", default="", metavar="TEXT", help="What to call the node for people.")
@click.option("--standing", type=click.Choice(STANDINGS), default="member", show_default=True, help="The party's own standing.")
@click.option("--store", default="", metavar="URL", help="Where to keep items. [default: a SQLite file in the node's folder]")
@click.option("--body-key", is_flag=True, help="Also make the key by which this node makes its body's rules: it is the body's centre.")
@node_option
@click.pass_context
def init(ctx: click.Context, party: str, body: str, name: str, standing: str, store: str, body_key: bool, node: str | None) -> None:
    """Make a node: keys, node.toml, store. There are no default passwords.

    \b
    Example:
      comity init --party KZ --name "KZ-CERT" --body sco
      comity init --party SCO-CENTRE --standing partner --body-key
    """
    nodes: Nodes = ctx.obj
    code = party_code(party)
    folder = node_folder(node)
    settings = Settings(party=code, name=f"{code}-{body_slug(body)}", title=name, body=body_slug(body), store=store)
    nodes.create_node(folder, settings, standing)
    note(f"made a node of {code} in {folder}")
    if body_key and (key := nodes.keyring(folder).rules(make=True)) is not None:
        note(f"its body's rules are signed by {key.verifier.key_id.hex()}; members pin that key by an invitation with --rules")
    note(f"next: comity agreement add AGREEMENT.toml{_flag(node)}, then comity up{_flag(node)}")


def _flag(node: str | None) -> str:
    return f" --node {node}" if node else ""


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8443, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on.")
@click.option("--behind-proxy", metavar="ADDRESS", help="The trusted TLS proxy in front; needed beyond loopback.")
@click.option("--peering-host", metavar="ADDRESS", help="Address to listen on for other nodes. [default: as node.toml says]")
@click.option("--peering-port", type=click.IntRange(1, 65535), help="Port for other nodes, over TLS. [default: as node.toml says]")
@click.option("--with-stdin", is_flag=True, help="Also stop when standard input closes: a node that ends with its starter.")
@node_option
@click.pass_context
def up(
    ctx: click.Context, host: str, port: int, behind_proxy: str | None, peering_host: str | None, peering_port: int | None,
    with_stdin: bool, node: str | None,
) -> None:  # fmt: skip
    """Serve web pages and TAXII until interrupted, and keep the links to other nodes going.

    \b
    Example:
      comity up --port 8443
    """
    if not _loopback(host) and not behind_proxy:
        next_ = "put a TLS proxy in front and name it with --behind-proxy, or listen on 127.0.0.1"
        raise OperatorFault(f"{host} is not a loopback address, and this node speaks no TLS of its own yet", next=next_)
    if behind_proxy and not _network(behind_proxy):
        next_ = "name its address (192.0.2.7) or network (192.0.2.0/28), from which its connections come"
        raise OperatorFault(f"--behind-proxy {behind_proxy} is neither an address nor a network", next=next_)
    nodes: Nodes = ctx.obj
    folder = node_folder(node)
    world = nodes.open_node(folder)
    _check_free(host, port)
    said = world.settings.peering
    peering = (peering_host or said.host, peering_port or said.port)
    if peering[1]:
        _check_free(*peering)
    nodes.serve(world, folder, host, port, with_stdin=with_stdin, proxy=behind_proxy, peering=peering)


def _check_free(host: str, port: int) -> None:
    """Say that a port cannot be listened on before anything is printed that leads there. Raises OperatorFault."""
    fault, free = "it is not known", 0
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        found, fault = [], str(error.strerror)
    for family, kind, protocol, _, address in found:
        try:
            _bind(family, kind, protocol, address)
            free += 1
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise OperatorFault(f"port {port} is in use: choose another with --port") from None
            # A name may have an address that this machine does not speak, like ::1; one that works is enough.
            fault = str(error.strerror)
    if not free:
        raise OperatorFault(f"cannot listen on {host} port {port}: {fault}", next="choose another --host or --port")


def _bind(family: int, kind: int, protocol: int, address: Any) -> None:
    with socket.socket(family, kind, protocol) as probe:
        if os.name == "posix":
            # As the server itself does: a port whose last connections are only fading away is free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        probe.bind(address)


def _network(text: str) -> bool:
    """Whether it is an address or a network: what a name stands for may change while the node trusts it."""
    try:
        ipaddress.ip_network(text)
    except ValueError:
        return False
    return True


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
