"""What the gate for persons says of public objects: MITRE ATT&CK's that name contributors, MISP events with mail addresses or registrants.

`python -m tests.person_public DATA` writes `docs/person-data-public.md` from the folder with the public data: ids and reasons, no words of
theirs. Ids and verdicts are facts about them; nothing of what they say is repeated.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from comity.forms import misp, stix_json
from comity.terms.item import Draft
from comity.terms.persons import findings, held

PAGE = Path(__file__).resolve().parents[1] / "docs" / "person-data-public.md"
_PERSONAL = re.compile(rb'"type"\s*:\s*"(?:email|target-email|target-user|whois-registrant|dns-soa-email|phone-number)[a-z-]*"')


class Verdict(NamedTuple):
    """One object or event: how many of its objects wait if nothing is said, how many if it is said to be an attacker's, and why."""

    id: str
    objects: int
    unknown: int
    attacker: int
    why: str


def attack(data: Path) -> Iterator[Verdict]:
    """ATT&CK objects that name contributors, each id once."""
    seen: set[str] = set()
    for path in sorted(data.glob("taxii-serving/stix/attack-stix-data/*/*.json")):
        for draft in stix_json.read(path.read_bytes()):
            if isinstance(draft, Draft) and "x_mitre_contributors" in draft.obj and draft.obj["id"] not in seen:
                seen.add(draft.obj["id"])
                yield _verdict(draft.obj["id"], [draft])


def events(data: Path) -> Iterator[Verdict]:
    """MISP events with an attribute that is of a person by its type, each uuid once."""
    seen: set[str] = set()
    for path in sorted(data.rglob("*.json")):
        raw = path.read_bytes()
        if b'"Attribute"' not in raw or not _PERSONAL.search(raw):
            continue
        found = [draft for draft in misp.read(raw) if isinstance(draft, Draft)]
        reports = [draft.obj["id"] for draft in found if draft.obj["type"] in ("report", "grouping")]
        if found and reports and reports[0] not in seen:
            seen.add(reports[0])
            yield _verdict(reports[0], found)


def _verdict(id_: str, drafts: list[Draft]) -> Verdict:
    found = [findings(draft.obj, draft.raw) for draft in drafts]
    kinds = sorted({each.kind for values in found for each in held(values, "unknown")})
    left = sorted({each.kind for values in found for each in held(values, "attacker")})
    why = ", ".join(kinds) + (f"; of an attacker's still {', '.join(left)}" if left else "; technical values alone" if kinds else "")
    waits = [sum(bool(held(values, said)) for values in found) for said in ("unknown", "attacker")]
    return Verdict(id=id_, objects=len(drafts), unknown=waits[0], attacker=waits[1], why=why or "nothing leads to a person")


def page(data: Path) -> str:
    """The page."""
    contributed, mailed = list(attack(data)), list(events(data))
    passing = [each for each in contributed if not each.unknown]
    lines = [
        "# What the gate says of public data", "",
        "Written by `python -m tests.person_public DATA`; a test compares it where the data is. Ids only: nothing of what the objects say is "
        "repeated here. What the rules are is in [person-data.md](person-data.md).", "",
        f"## {len(contributed)} ATT&CK objects that name contributors", "",
        f"{len(passing)} pass: contributors are published authorship. {len(contributed) - len(passing)} wait for something else in them.", "",
        "| object | verdict | reason |", "|---|---|---|",
        *(f"| `{each.id}` | {'waits' if each.unknown else 'passes'} | "
          f"{each.why if each.unknown else 'published authorship'} |" for each in contributed), "",
        f"## {len(mailed)} MISP events with mail addresses, accounts, telephones or registrants", "",
        "How many of the event's objects wait if its feed says nothing (`unknown`), and if it says that they are the attacker's.", "",
        "| event | objects | wait, `unknown` | wait, `attacker` | what leads to persons |", "|---|---|---|---|---|",
        *(f"| `{each.id}` | {each.objects} | {each.unknown} | {each.attacker} | {each.why} |" for each in mailed), "",
    ]  # fmt: skip
    return "\n".join(lines)


if __name__ == "__main__":
    PAGE.write_text(page(Path(sys.argv[1])), "utf-8")
