"""What `comity demo` sets up besides its story, for whoever looks round: techniques around the campaign, and a request that waits.

Nothing of it counts in the story. Techniques have ATT&CK's ids as external references, and words of our own.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import msgspec

from comity import samples
from comity.agree.approval import Person
from comity.doors.cli.demo_nodes import Fleet
from comity.forms import stix_json
from comity.intake import approve
from comity.intake.govern import add_agreement
from comity.intake.submit import Submitter, submit
from comity.peer import link
from comity.release.holdings import get

_MOMENT = "2021-10-30T08:00:00.000Z"
_SPACE = uuid.UUID("0d7c41c2-5a4e-4c39-8a55-3b6f3a2f6f0e")
#: (id in ATT&CK, tactics there, what we call it, what of the story is tied to it: how many indicators, and whether the malware is)
TECHNIQUES: tuple[tuple[str, tuple[str, ...], str, int, bool], ...] = (
    ("T1583.001", ("resource-development",), "Names are registered that look like those of public services", 12, False),
    ("T1566.001", ("initial-access",), "Letters come with a document that loads the first stage", 9, True),
    ("T1566.002", ("initial-access",), "Letters lead to a copy of a sign-in page", 6, False),
    ("T1204.002", ("execution",), "Somebody opens the document", 3, True),
    ("T1059.001", ("execution",), "Commands run in the system's own shell", 1, True),
    ("T1053.005", ("execution", "persistence", "privilege-escalation"), "A task is planned that starts it again", 0, True),
    ("T1027", ("defense-evasion",), "Code is packed so that it reads as noise", 2, True),
    ("T1056.003", ("collection", "credential-access"), "Passwords are typed into the copied page", 4, False),
    ("T1071.001", ("command-and-control",), "Orders come over the web like any other page", 7, True),
    ("T1105", ("command-and-control",), "The second stage is fetched from the same host", 3, True),
    ("T1041", ("exfiltration",), "What was gathered leaves the way that orders come", 1, True),
)
#: A second agreement, by which what is for answering an incident alone goes to the other member with the consent of two persons.
CAREFUL = """# Sample wording for demonstrations, not the text of any treaty.

[agreement]
id = "incident-sample"
version = 1
title = "Sample arrangement on help with incidents"
illustrative = true
body = "sco"
purposes = ["incident-response"]
in_force = 2021-09-17
entry = "per-party"

[[clause]]
id = "i-1"
text = "What helps to answer an incident goes to the other party up to TLP:AMBER once two persons of its origin have consented."
effect = "permit"
to = { standing = ["member"] }
from = { standing = ["member"] }
types = ["indicator"]
tlp_max = "amber"
purposes = ["incident-response"]
approval = { procedure = "two-persons", lapse = "P7D" }
retain = "P90D"

[party.KZ]
signed = 2021-09-17
in_force = 2021-10-01
authority = "KZ-CERT (sample)"

[party.UZ]
signed = 2021-09-17
in_force = 2021-10-01
authority = "UZ-CERT (sample)"
"""


def set_up(fleet: Fleet) -> None:
    """Once the story is told."""
    _share(fleet, list(_around()), tlp="green", purposes=("network-defence",))
    for name in ("kz", "uz", "in"):
        link.sync(fleet.desks[name], "centre")
    world = fleet.world("kz")
    add_agreement(world, CAREFUL, "incident-sample.toml", by="demo")
    _share(fleet, [_incident()], tlp="amber", purposes=("incident-response",))
    row, _ = get(fleet.desks["kz"], _incident()["id"])
    approve.ask(world, [row.item], ["UZ"], Person(party="KZ", id="kz.analyst"))


def _share(fleet: Fleet, objects: list[dict[str, Any]], tlp: str, purposes: tuple[str, ...]) -> None:
    raw = msgspec.json.encode({"type": "bundle", "id": f"bundle--{_id('bundle')}", "objects": objects})
    by = Submitter(party="KZ", by="demo", tlp=tlp, purposes=purposes)
    refused = [each for each in submit(fleet.world("kz"), stix_json.read(raw), by) if each.outcome != "accepted"]
    assert not refused, refused


def _around() -> Iterator[dict[str, Any]]:
    """The attack patterns, and what ties the story's malware and indicators to them."""
    story = msgspec.json.decode(samples.read("kz-threat-report.stix.json"))["objects"]
    malware = next(each["id"] for each in story if each["type"] == "malware")
    indicators = [each["id"] for each in story if each["type"] == "indicator"]
    for number, (technique, tactics, name, count, used) in enumerate(TECHNIQUES):
        phases = [{"kill_chain_name": "mitre-attack", "phase_name": each} for each in tactics]
        reference = [{"source_name": "mitre-attack", "external_id": technique}]
        pattern = _object("attack-pattern", technique, name=name, kill_chain_phases=phases, external_references=reference)
        yield pattern
        ties = [(malware, "uses")] if used else []
        ties += [(indicators[(5 * number + each) % len(indicators)], "indicates") for each in range(count)]
        for source, how in ties:
            yield _object("relationship", f"{source} {technique}", relationship_type=how, source_ref=source, target_ref=pattern["id"])


def _incident() -> dict[str, Any]:
    pattern = "[domain-name:value = 'relay-7.example']"
    said = {"pattern": pattern, "pattern_type": "stix", "valid_from": _MOMENT, "indicator_types": ["malicious-activity"]}
    return _object("indicator", "incident", name="relay of an intrusion that is being answered", **said)


def _object(type_: str, called: str, **said: Any) -> dict[str, Any]:
    return {"type": type_, "spec_version": "2.1", "id": f"{type_}--{_id(called)}", "created": _MOMENT, "modified": _MOMENT, **said}


def _id(name: str) -> uuid.UUID:
    return uuid.uuid5(_SPACE, name)
