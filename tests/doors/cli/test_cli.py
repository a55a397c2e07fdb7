"""The command line as a whole: help, typos, exit codes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from comity import samples
from comity.doors.cli import COMMANDS, EXITS
from comity.errors import AgreementFault, Conflict, Denied, IntegrityFault, NotAuthenticated, NotFound, PeerFault, SenderFault

HERE = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(comity, name):
    assert comity(name, "--help", fresh=True).stdout.startswith(b"Usage:")


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


def first_line_only(folder, *args):
    """Run a command whose reader goes after the first line: its exit code and stderr."""
    environment = {**os.environ, "COMITY_NODE": str(folder / "node"), "PYTHONPATH": str(HERE)}
    command = [sys.executable, "-m", "comity", *args]
    with subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.readline()
        process.stdout.close()
        said = process.stderr.read()
        return process.wait(timeout=60), said


@pytest.mark.parametrize("form", ["csv", "ndjson", "json", "table"])
def test_a_reader_that_goes_is_no_failure(tmp_path, form):
    agreement = samples.read("sco-ict-sample.toml")
    (tmp_path / "a.toml").write_bytes(agreement)
    (tmp_path / "list.txt").write_text("".join(f"h{number}.bad.example\n" for number in range(3_000)))
    code, said = first_line_only(tmp_path, "preview", "list.txt", "--agreement", "a.toml", "-o", form, "--all")
    assert code == 0
    assert b"Traceback" not in said
    assert b"Exception" not in said


def test_a_reader_that_goes_before_the_help_is_no_failure(tmp_path):
    read, written = os.pipe()
    os.close(read)
    environment = {**os.environ, "PYTHONPATH": str(HERE)}
    for args in (["--help"], ["demo", "--help"]):
        done = subprocess.run(
            [sys.executable, "-m", "comity", *args], cwd=tmp_path, env=environment, stdout=written, stderr=subprocess.PIPE
        )
        assert (done.returncode, done.stderr) == (0, b"")
    os.close(written)


def test_a_stream_that_cannot_take_a_character_gets_another(comity, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    comity("init", "--party", "KZ")
    comity("party", "add", "--party", "UZ", "--body", "sco", "--standing", "member", "--from", "2001-06-15", "--name", "\u0423\u0437")
    table = comity("party", "list", "-o", "table")
    assert b"UZ" in table.stdout
    assert b"??" in table.stdout


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is always full")
def test_what_the_system_refuses_is_said_without_a_traceback(comity, tmp_path):
    (tmp_path / "file").write_text("")
    (tmp_path / "list.txt").write_text("bad.example\n")
    comity("init", "--party", "KZ")
    refused = comity("log", "prove", "0", "--out", "file/entry.proof", code=1).stderr
    assert refused.startswith(b"comity: ")
    assert b"file/entry.proof" in refused
    environment = {**os.environ, "PYTHONPATH": str(HERE)}
    with open("/dev/full", "wb") as full:
        done = subprocess.run([sys.executable, "-m", "comity", "--help"], env=environment, stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 1
    assert done.stderr.startswith(b"comity: ")
    assert b"Traceback" not in done.stderr


def completed(shell, **environment):
    """What the installed program answers a shell."""
    run = "import sys; sys.argv = ['comity']; from comity.__main__ import main; main()"
    environment = {**os.environ, "PYTHONPATH": str(HERE), "_COMITY_COMPLETE": shell, **environment}
    return subprocess.run([sys.executable, "-c", run], env=environment, capture_output=True, text=True, timeout=60).stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(shell):
    assert "_COMITY_COMPLETE" in completed(f"{shell}_source")
    words = {"COMP_WORDS": "comity agr", "COMP_CWORD": "agr" if shell == "fish" else "1"}
    assert "agreement" in completed(f"{shell}_complete", **words)
    assert "demo" not in completed(f"{shell}_complete", **words)
