"""Fuzz every parser of bytes from outside: `pip install '.[fuzz]' && python -m tests.fuzz --minutes 10 [PARSER…]`.

Coverage-guided (atheris on libFuzzer), one process per parser, for so many CPU-minutes each. An input that makes a parser raise anything
but its own refusal, take more than SECONDS or more than MEGABYTES is printed and kept in `--keep DIR`; mended ones belong into
`tests/found/PARSER/`, which `tests/test_fuzz.py` gives to the parser again. `--list` names the parsers.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import partial
from importlib import resources
from pathlib import Path
from typing import NamedTuple

from starlette.datastructures import QueryParams

from comity.errors import Fault
from tests import register_file

SECONDS = 5
MEGABYTES = 1_500
AT = datetime(2021, 11, 1, tzinfo=UTC)
FOUND = Path(__file__).resolve().parent / "found"


class Parser(NamedTuple):
    """What is fuzzed: one call, what it may raise, and inputs to begin with."""

    call: Callable[[bytes], object]
    seeds: Callable[[], Iterable[bytes]]
    refusals: tuple[type[Exception], ...] = (Fault,)


def _text(call: Callable[[str], object]) -> Callable[[bytes], object]:
    return lambda data: call(data.decode("utf-8", "replace"))


def _all(call: Callable[[bytes], Iterable[object]]) -> Callable[[bytes], object]:
    return lambda data: sum(1 for _ in call(data))


def _samples(*suffixes: str) -> Callable[[], list[bytes]]:
    def read() -> list[bytes]:
        files = resources.files("comity.samples").iterdir()
        return [file.read_bytes()[:60_000] for file in files if file.name.endswith(suffixes)]

    return read


#: A page and a table of our own: the samples have none.
PAGE = b"""<!doctype html><html><head><title>Sign-in pages copied</title><meta charset="utf-8"></head><body><nav><a href=/>Home</a></nav>
<article><h1>Sign-in pages</h1><p>1 November 2021 13:27 UTC. Seen at hxxps://login[.]bad.example/a?b=1, 192.0.2[.]7 and 2001:db8::7;
<b>d41d8cd98f00b204e9800998ecf8427e</b> &amp; me[at]bad.example.</p><script>var x='bad.example'</script></article></body></html>"""
TABLE = b"""type,value,tlp,first_seen,comment
domain,bad.example,green,2021-10-01T00:00:00Z,"quoted, with a comma"
ipv4,192.0.2.7,amber,2021-10-02,=1+1
# a comment
hxxp://u[.]example/x	d41d8cd98f00b204e9800998ecf8427e
"""


def _lines(*suffixes: str) -> Callable[[], list[bytes]]:
    return lambda: [line for whole in _samples(*suffixes)() for line in whole.splitlines()[:40]]


def _said(*texts: str) -> Callable[[], list[bytes]]:
    return lambda: [text.encode() for text in texts]


def _submit(data: bytes) -> None:
    """The whole way in: STIX text through intake into a store in memory."""
    from comity.forms import stix_json
    from comity.intake.submit import Submitter, submit
    from tests.consortium import Body

    body = Body()
    for outcome in submit(body.world, stix_json.read(data), Submitter(party="KZ")):
        assert outcome.outcome in ("accepted", "duplicate", "quarantined", "rejected")


def _wire(data: bytes) -> None:
    from comity.doors.taxii import wire

    text = data.decode("utf-8", "replace")
    for call in (
        lambda: wire.read_query(QueryParams(text), own=True, page=100, allowed=frozenset({"id", "type", "version", "spec_version"})),
        lambda: wire.read_cursor(text),
        lambda: wire.check_accept(text),
        lambda: wire.check_content_type(text),
    ):
        try:
            call()
        except wire.Refusal as refusal:
            if not 400 <= refusal.status < 500:
                raise


def _log_lines(data: bytes) -> None:
    from comity.forms.columns import ColumnsReader
    from comity.forms.eve import any_json, any_text, eve_json
    from comity.forms.json_pretty import PrettyReader
    from comity.forms.textlogs import TextReader
    from comity.forms.zeek import ZeekReader, zeek_json

    for reader in (ZeekReader(), eve_json(), any_json(), zeek_json(), TextReader(), any_text(), ColumnsReader(), PrettyReader()):
        for line in data.splitlines():
            for found in reader.candidates(line):
                assert found is not None


def _opened(data: bytes) -> None:
    from comity.match.openfile import DAMAGED, lines, opened

    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        try:
            with opened(file.name) as stream:
                for number, _ in lines(stream):
                    if number > 100_000:
                        break
        except DAMAGED:
            pass


def _stix_check(data: bytes) -> None:
    """What a strict reader says of any JSON object, bundles included."""
    from comity.forms import json_text
    from comity.terms import stix_check, stix_strict

    value = json_text.loads(data)
    if isinstance(value, dict):
        for obj in (value, *stix_strict.objects_of(value)):
            stix_strict.findings(obj)
            stix_check.check(obj)


def _round_trip(data: bytes) -> None:
    """MISP in, and what was taken out again."""
    from comity.forms import misp, misp_out
    from comity.forms.misp_composed import Held
    from comity.terms.item import Draft, Envelope

    drafts = [draft for draft in misp.read(data) if isinstance(draft, Draft)]
    misp_out.write(Held(obj=draft.obj, envelope=Envelope(origin="KZ", tlp=draft.tlp or "amber", to=draft.to)) for draft in drafts)


def _observed(data: bytes) -> None:
    """Observations of any shape under a pattern of every kind."""
    from comity.forms import json_text
    from comity.match.patterns import Pattern, read_observations

    value = json_text.loads(data)
    seen = read_observations([value] if isinstance(value, dict) else [])
    Pattern("[a:b.c[*].d_ref.e LIKE '%x' OR url:value IN ('x') OR EXISTS a:b] FOLLOWEDBY [a:x_hex > h'00'] WITHIN 5 SECONDS").matches(seen)


def _resources(data: bytes) -> None:
    from comity.peer import resources

    for kind in (resources.Discovery, resources.ApiRoot, resources.Status, resources.Collections, resources.Page, resources.Manifest):
        resources.read(kind, data)
    resources.said(data)


def _value(data: bytes) -> None:
    from comity.terms.observable import guess, refang

    text = data.decode("utf-8", "replace")
    refang(text)
    found = guess(text)
    if found is not None:
        from comity.terms.observable import normal

        assert normal(found[0], found[1]) == found[1], found


_ACT = f"""comity agreement act v1
agreement ours@1
sha256 {hashlib.sha256(b"").hexdigest()}
party UZ
act ratify
on 2021-09-24
in-force 2021-10-01T05:00:00.500000Z
authority CERT
"""


#: A parcel with an entry of each kind, and an answer.
_RECEIPT = (
    '{"key":"00","kind":"receipt","receipt":{"at":"2021-11-01T00:00:00Z","node":"UZ/uz","objects":"","origin":"KZ","outcome":"arrived",'
    '"party":"UZ"},"signature":"aA=="}'
)
_PARCEL = (
    '{"body":"sco","entries":[{"entered":7,"grounds":["a@1/b"],"hops":["KZ/kz"],"kind":"object","object":"e30=","origin":"KZ",'
    '"said":{"purposes":["network-defence"],"tlp":"green","to":["UZ"]}},'
    '{"at":"2021-11-01T00:00:00Z","cause":"recalled","entered":7,"id":"x--1","kind":"withdrawn","origin":"KZ","sha256":"'
    + "a" * 64
    + '","version":""},'
    + _RECEIPT
    + ',{"kind":"governance","note":"bg==","object":"e30="}],"expires":"2021-11-01T00:00:00Z","made":"2021-11-01T00:00:00Z",'
    '"previous":"","receiver":"SCO-CENTRE/hub","sender":"KZ/kz","sequence":1,"version":1}'
)
_ANSWER = (
    '{"applied":true,"last":"'
    + "a" * 64
    + '","made":"2021-11-01T00:00:00Z","parcel":"'
    + "a" * 64
    + '","receipts":['
    + _RECEIPT
    + '],"receiver":"KZ/kz","refused":[[0,"x"]],"sender":"SCO-CENTRE/hub","sequence":1,"version":1}'
)


def _act(data: bytes) -> None:
    """An act's text, or a signed file of one: whatever is read is written as it was."""
    from comity.agree.acts import read, write
    from comity.intake.deeds import opened

    if b"\n\n" in data:
        opened(data)
        return
    text = data.decode("utf-8", "replace")
    assert write(read(text)) == text


def _sealed(data: bytes) -> None:
    """A sealed object of any shape, looked at and opened with a key that it is not sealed to."""
    from comity.forms import json_text, sealed
    from comity.forms.sealing_key import OpeningKey

    value = json_text.loads(data)
    if isinstance(value, dict):
        sealed.unseal(value, "KZ", "UZ", [OpeningKey("uz.example/sealing", bytes(32))])


def _seals() -> list[bytes]:
    from comity.forms import sealed
    from comity.forms.sealing_key import OpeningKey
    from comity.forms.wire_envelope import Said

    raw = b'{"type":"note","id":"note--x","modified":"2021-11-01T00:00:00Z"}'
    key = OpeningKey("uz.example/sealing", bytes(32)).public
    return [sealed.seal(raw, Said(tlp="red", purposes=("training",)), origin="KZ", to={"UZ": [key]}, salt="", at="2021-11-01T00:00:00Z")]


def _parsers() -> dict[str, Parser]:
    from comity.agree import agreement
    from comity.forms import (
        detect,
        dsse,
        html_text,
        json_text,
        medium,
        misp,
        misp_reach,
        parcel,
        party_file,
        records,
        report,
        stix_json,
        table,
        wire_envelope,
    )
    from comity.release import replay
    from comity.terms import party, pattern_check, simple_pattern
    from tests.ledger.formats import formats

    return {
        **{name: Parser(each.same, partial(list, each.examples)) for name, each in formats().items()},
        "act": Parser(_act, _said(_ACT, f"{_ACT}\n— comity.example/sco/UZ/UZ-sco/acts Xjn86oT859Ji+u9cxyDHTET0KgOBFEFNoMCzYrE41G3m/LnA\n")),
        "agreement": Parser(_text(agreement.check), _samples(".toml")),
        "detect": Parser(
            lambda data: (detect.kind(data, "x"), detect.log_format(data)), _samples(".json", ".csv", ".log", ".txt", ".html")
        ),
        "envelope": Parser(lambda data: wire_envelope.read(data, 1), _said('{"objects":[{}],"comity_envelopes":[{"tlp":"amber"}]}')),
        "dsse": Parser(
            lambda data: dsse.read(data, 1 << 20), _said('{"payload":"e30=","payloadType":"x","signatures":[{"keyid":"a","sig":""}]}')
        ),
        "html": Parser(_text(html_text.parse), lambda: [PAGE]),
        "json": Parser(json_text.loads, _samples(".json")),
        "logs": Parser(_log_lines, _lines(".log", ".csv", ".txt")),
        "misp": Parser(_all(misp.read), _samples(".misp.json")),
        "misp-reach": Parser(misp_reach.reach, _samples(".misp.json")),
        "openfile": Parser(_opened, lambda: [b"\x1f\x8b\x08\0", b"\x28\xb5\x2f\xfd\0"]),
        "party-file": Parser(party_file.read, lambda: [register_file.raw()]),
        "party": Parser(_text(party.party_code), _said("KZ", "IO-UN")),
        "parcel": Parser(parcel.read_parcel, _said(_PARCEL)),
        "parcel-answer": Parser(parcel.read_answer, _said(_ANSWER)),
        "pattern": Parser(
            _text(pattern_check.check_pattern),
            _said("[file:hashes.'SHA-256' IN ('a') OR a:b[*].c_ref.d NOT LIKE h'00'] AND ([a:b=t'2021-11-01T00:00:00Z']) REPEATS 2 TIMES"),
        ),
        "misp-out": Parser(_round_trip, _samples(".misp.json")),
        "observed": Parser(
            _observed,
            _said(
                '{"type":"observed-data","first_observed":"2021-11-01T00:00:00Z","last_observed":"2021-11-01T00:00:00Z",'
                '"number_observed":1,"objects":{"0":{"type":"a","b":{"c":[{"d_ref":"1"}]},"x_hex":"0a"},"1":{"type":"a","e":"x"}}}'
            ),
        ),
        "records": Parser(
            _all(lambda data: records.of_json(data, {"value": "a.b"})), _said('[{"a":{"b":"bad.example"}}]', '{"a":{"b":"x"}}\n{}')
        ),
        "records-csv": Parser(
            _all(lambda data: records.of_csv(data.splitlines(), {"value": "v"})), lambda: [TABLE.replace(b"value", b"v")]
        ),
        "resources": Parser(
            _resources, _said('{"title":"x","api_roots":["/a/"],"more":true,"next":"x","objects":[{"id":"x"}],"collections":[]}')
        ),
        "case": Parser(replay.read_case, _said('{"version":1,"proof":"","opening":"","holder":"KZ","objects":[]}')),
        "stix-check": Parser(_stix_check, _samples(".stix.json")),
        "report": Parser(_all(lambda data: report.read(data, at=AT)), lambda: [PAGE, TABLE]),
        "medium": Parser(
            lambda data: (medium.read_part if b'"form"' in data else medium.read_manifest)(data),
            _said(
                '{"body":"sco","lines":[],"made":"2021-11-01T00:00:00Z","number":1,"receiver":"UZ/b","sender":"KZ/a","version":1}',
                '{"bundle":"","form":"comity airgap part v1","number":1,"offset":0,"part":1,"parts":1,"size":1,"total":1}\n',
            ),
        ),
        "sealed": Parser(_sealed, _seals),
        "simple-pattern": Parser(
            _text(simple_pattern.pattern_value), _said("[url:value = 'http://a.example/'] OR [ipv4-addr:value = '192.0.2.1']")
        ),
        "stix": Parser(_all(stix_json.read), _samples(".stix.json")),
        "submit": Parser(_submit, _samples(".stix.json")),
        "table": Parser(_all(lambda data: table.read(data.splitlines(), at=AT)), lambda: [TABLE]),
        "taxii-request": Parser(
            _wire, _said("added_after=2021-11-01T00:00:00Z&limit=5&match[version]=all", "application/taxii+json;version=2.1")
        ),
        "value": Parser(_value, _said("hxxp://a[.]example/x", "192.0.2.1/24", "2001:db8::1", "a@b.example")),
    }


PARSERS = _parsers()


def give(name: str, data: bytes) -> None:
    """One input to one parser; anything but success or a refusal comes out."""
    parser = PARSERS[name]
    try:
        parser.call(data)
    except parser.refusals as fault:
        if not str(fault):
            raise AssertionError("a refusal that says nothing") from fault


def _child(name: str, seconds: int, corpus: str, keep: str) -> None:
    import atheris

    with atheris.instrument_imports(include=["comity"]):
        for module in [key for key in sys.modules if key.startswith("comity")]:
            del sys.modules[module]
        globals()["PARSERS"] = _parsers()
        globals()["Fault"] = __import__("comity.errors", fromlist=["Fault"]).Fault
    parser = PARSERS[name]
    refusals = tuple(Fault if kind.__name__ == "Fault" else kind for kind in parser.refusals)

    def one(data: bytes) -> None:
        try:
            parser.call(data)
        except refusals as fault:
            if not str(fault):
                raise AssertionError("a refusal that says nothing") from fault

    limits = [f"-max_total_time={seconds}", f"-timeout={SECONDS}", f"-rss_limit_mb={MEGABYTES}", "-max_len=65536", "-print_final_stats=1"]
    atheris.Setup([sys.argv[0], *limits, f"-artifact_prefix={keep}/{name}-", corpus], one)
    atheris.Fuzz()


def _run(name: str, minutes: float, keep: Path) -> dict[str, object]:
    """Fuzz one parser until it has used its CPU time or a finding ends it."""
    with tempfile.TemporaryDirectory() as corpus:
        for seed in [*PARSERS[name].seeds(), *(file.read_bytes() for file in (FOUND / name).glob("*"))]:
            (Path(corpus) / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)
        before, used, runs = resource.getrusage(resource.RUSAGE_CHILDREN), 0.0, 0
        began = set(keep.glob(f"{name}-*"))
        while used < minutes * 60 and set(keep.glob(f"{name}-*")) == began:
            left = max(1, round(minutes * 60 - used))
            call = [sys.executable, "-m", "tests.fuzz", "--child", name, str(left), corpus, str(keep)]
            done = subprocess.run(call, capture_output=True, text=True, errors="replace", check=False)
            runs += sum(int(line.split()[1]) for line in done.stderr.splitlines() if line.startswith("stat::number_of_executed_units:"))
            now = resource.getrusage(resource.RUSAGE_CHILDREN)
            used = now.ru_utime + now.ru_stime - before.ru_utime - before.ru_stime
            if done.returncode and set(keep.glob(f"{name}-*")) == began:
                raise SystemExit(f"{name}: the fuzzer itself failed:\n{done.stderr[-2000:]}")
    new = sorted(file.name for file in set(keep.glob(f"{name}-*")) - began)
    return {"parser": name, "cpu_seconds": round(used), "inputs": runs, "found": new, **({"said": done.stderr[-1500:]} if new else {})}


def main() -> None:
    """The command."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("parsers", nargs="*", metavar="PARSER")
    options.add_argument("--minutes", type=float, default=10, help="CPU-minutes for each parser")
    options.add_argument("--keep", type=Path, default=Path("fuzz-found"), help="folder for inputs that break a parser")
    options.add_argument("--list", action="store_true")
    options.add_argument("--child", nargs=4, help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.child:
        _child(chosen.child[0], int(chosen.child[1]), chosen.child[2], chosen.child[3])
        return
    if chosen.list:
        print("\n".join(PARSERS))
        return
    chosen.keep.mkdir(parents=True, exist_ok=True)
    bad, began = 0, time.monotonic()
    for name in chosen.parsers or PARSERS:
        result = _run(name, chosen.minutes, chosen.keep.resolve())
        bad += bool(result["found"])
        print(json.dumps(result), flush=True)
    print(json.dumps({"parsers": len(chosen.parsers or PARSERS), "broken": bad, "wall_seconds": round(time.monotonic() - began)}))
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    os.environ.setdefault("PYTHONHASHSEED", "0")
    main()
