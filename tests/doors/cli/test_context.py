"""What commands get from the composition root."""

from __future__ import annotations

import inspect

import click
import pytest
from click.testing import CliRunner

from comity import node
from comity.config import Settings
from comity.doors.cli.context import Nodes, node_option, opened
from comity.errors import OperatorFault


@click.command()
@node_option
@click.pass_context
def whose(ctx: click.Context, node: str | None) -> None:
    """Say whose node it is."""
    world = opened(ctx, node)
    click.echo(world.settings.party)
    world.store.close()


@pytest.fixture
def two(tmp_path, monkeypatch):
    for name in ("COMITY_NODE", "COMITY_STORE", "COMITY_TITLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    for folder, party in (("comity-node", "KZ"), ("other", "UZ"), ("third", "TJ")):
        node.create_node(tmp_path / folder, Settings(party=party, name=f"{party}-sco", body="sco"), "member").store.close()


def say(*args: str) -> str:
    return CliRunner().invoke(whose, args, obj=node, catch_exceptions=False).output.strip()


def test_the_node_is_the_flags_else_the_environments_else_the_default(two, monkeypatch):
    assert say() == "KZ"
    monkeypatch.setenv("COMITY_NODE", "other")
    assert say() == "UZ"
    assert say("--node", "third") == "TJ"


def test_a_folder_that_is_no_node(two):
    with pytest.raises(OperatorFault, match="there is no folder"):
        say("--node", "nowhere")


def test_the_option_explains_itself():
    said = CliRunner().invoke(whose, ["--help"]).output
    assert "--node DIR" in said
    assert "COMITY_NODE" in said


def test_the_composition_root_offers_what_commands_ask_for():
    """`Nodes` is what `comity.node` really has, parameter by parameter."""
    for name, wanted in vars(Nodes).items():
        if name.startswith("_"):
            continue
        offered = inspect.signature(getattr(node, name))
        assert list(offered.parameters) == [each for each in inspect.signature(wanted).parameters if each != "self"], name
        assert {each.kind for each in offered.parameters.values()} <= {p.kind for p in inspect.signature(wanted).parameters.values()}


def test_a_table_that_no_longer_stands_is_gone_after_any_command(two, tmp_path):
    table = tmp_path / "comity-node" / "tables" / "own.table"
    table.parent.mkdir()
    table.write_bytes(b"made of something else")
    assert say() == "KZ"
    assert not table.exists()
