"""The parties, dates and texts that the tests of `agree` speak of. Random worlds of them are in `worlds`, the brute-force oracle in `oracle`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from comity.agree.agreement import read
from comity.agree.decide import Question, Rules
from comity.terms.party import Register, Standing
from comity.terms.traits import Traits

HEAD = """\
[agreement]
id = "example-ict"
version = 1
title = "Agreement on exchange of technical threat information"
illustrative = true
body = "sco"
purposes = ["network-defence", "statistics"]
in_force = 2021-09-17
entry = "per-party"
"""
MEMBERS = """
[[clause]]
id = "art-4.2"
text = "Members receive technical indicators up to TLP:AMBER."
effect = "permit"
to = { standing = ["member"] }
from = { standing = ["member"] }
types = ["@threat", "@observables", "@links"]
tlp_max = "amber"
onward = "parties"
retain = "P1Y"
duty = ["report-sightings"]
"""
OBSERVERS = """
[[clause]]
id = "art-4.3"
text = "Observers receive indicators up to TLP:GREEN."
effect = "permit"
to = { standing = ["observer"] }
types = ["indicator", "@observables"]
tlp_max = "green"
purposes = ["network-defence"]
retain = "P6M"
"""
PRODUCERS = """
[[clause]]
id = "art-5"
text = "Sightings go back to the producer."
effect = "permit"
to = { role = ["producer"] }
types = ["sighting"]
tlp_max = "amber"
"""
CENTRE = """
[[clause]]
id = "art-6"
text = "The centre reads up to TLP:GREEN."
effect = "permit"
to = { role = ["centre"] }
types = ["@threat"]
tlp_max = "green"
"""
FORBID = """
[[clause]]
id = "art-9"
text = "Attribution is not exchanged."
effect = "forbid"
threat = ["attribution"]
"""
PARTIES = """
[party.KZ]
signed = 2021-09-17
in_force = 2021-10-01
[party.UZ]
in_force = 2021-10-01
[party.IR]
in_force = 2021-10-01
until = 2022-01-01
[party.RU]
signed = 2021-09-17
[party.HUB]
in_force = 2021-10-01
role = "centre"
"""
TREATY = HEAD + MEMBERS + OBSERVERS + PRODUCERS + CENTRE + FORBID + PARTIES


def day(month: int, number: int = 1, year: int = 2021) -> datetime:
    """A midnight."""
    return datetime(year, month, number, tzinfo=UTC)


def register(**standings: str) -> Register:
    """Standings in `sco` since 2001: `register(KZ="member")`."""
    return Register(Standing(party=party, body="sco", standing=word, since=day(6, 15, 2001)) for party, word in standings.items())


def rules(*texts: str) -> Rules:
    """The treaty (or other texts) among two members, an observer, a member not yet bound, and a suspended member."""
    known = register(KZ="member", UZ="member", IR="observer", RU="member", TJ="member", XX="suspended")
    return Rules((read(text) for text in texts or (TREATY,)), known)


def ask(recipient: str, *purposes: str, holder: str = "HUB", at: datetime | None = None) -> Question:
    """A question in `sco`, at the centre, on 2021-11-01 and for network defence unless said otherwise."""
    return Question(recipient=recipient, body="sco", purposes=purposes or ("network-defence",), holder=holder, valid_at=at or day(11))


def item(**other: Any) -> Traits:
    """An AMBER indicator of KZ for network defence, changed as told."""
    base = Traits(type="indicator", origin="KZ", purposes=("network-defence",), tlp="amber")
    return Traits(**{name: getattr(base, name) for name in base.__struct_fields__} | other)
