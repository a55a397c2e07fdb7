"""The command line as a whole: help, typos, exit codes."""

from __future__ import annotations

import pytest

from comity.doors.cli import COMMANDS, EXITS
from comity.errors import AgreementFault, Conflict, Denied, IntegrityFault, NotAuthenticated, NotFound, PeerFault, SenderFault


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(comity, name):
    assert comity(name, "--help").stdout.startswith(b"Usage:")


def test_a_typo_gets_a_suggestion(comity):
    assert b"Did you mean 'preview'?" in comity("preveiw", code=2).stderr


def test_no_command_shows_the_help(comity):
    assert b"Commands:" in comity(code=2).stderr + comity("--help").stdout


def test_exit_codes_are_the_documented_ones():
    assert dict(EXITS) == {
        NotFound: 3, Denied: 4, NotAuthenticated: 5, Conflict: 6, PeerFault: 7, IntegrityFault: 8, SenderFault: 2,
    }  # fmt: skip
    assert AgreementFault not in dict(EXITS)


def test_version(comity):
    assert b"version" in comity("--version").stdout
