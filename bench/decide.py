"""Deciding a million items for 40 parties by their trait rows, as every page is decided; one page from nothing, and one after an agreement
was changed; and every decision with its reasons, which items of one row share.

Correctness: the fast path answers as `decide` does on a sample of rows for every party.
"""

from __future__ import annotations

import json
import random
import resource
import sys
import time
from datetime import UTC, datetime

from comity.agree.agreement import read
from comity.agree.decide import Question, Rules, decide
from comity.agree.sieve import Sieve
from comity.terms.party import Register, Standing
from comity.terms.tlp import LEVELS
from comity.terms.traits import Traits

AT = datetime(2021, 11, 1, tzinfo=UTC)
PARTIES = [f"P{number:02}" for number in range(40)]
TYPES = ("indicator", "domain-name", "ipv4-addr", "file", "malware", "report", "relationship", "url")
THREATS = ((), ("phishing",), ("malicious-activity",), ("attribution",), ("benign", "phishing"))
TEXT = """
[agreement]
id = "bench"
version = 1
title = "Members, observers, a prohibition"
body = "sco"
purposes = ["network-defence", "statistics"]
in_force = 2021-01-01
[[clause]]
id = "members"
text = "Members up to TLP:AMBER."
effect = "permit"
to = { standing = ["member"] }
from = { standing = ["member"] }
types = ["@threat", "@observables", "@links"]
tlp_max = "amber"
[[clause]]
id = "observers"
text = "Observers up to TLP:GREEN."
effect = "permit"
to = { standing = ["observer"] }
types = ["indicator", "@observables"]
tlp_max = "green"
[[clause]]
id = "quiet"
text = "Partners up to TLP:CLEAR, for passive use."
effect = "permit"
to = { standing = ["partner"] }
types = ["indicator"]
tlp_max = "clear"
pap_max = "amber"
[[clause]]
id = "never"
text = "No attribution."
effect = "forbid"
threat = ["attribution"]
[party.CENTRE]
role = "centre"
"""


def rows_of(count: int, dice: random.Random) -> list[Traits]:
    """Different trait rows."""
    found: dict[Traits, None] = {}
    while len(found) < count:
        addressed = tuple(sorted(dice.sample(PARTIES, 3))) if dice.random() < (0.1 if count < 10_000 else 0.9) else None
        row = Traits(
            type=dice.choice(TYPES), threat=dice.choice(THREATS), origin=dice.choice(PARTIES[:20]), purposes=("network-defence",),
            tlp=dice.choice(LEVELS[:4]), pap=dice.choice((None, None, "amber")), handling=dice.choice(((), (), ("H1",))), to=addressed,
        )  # fmt: skip
        found[row] = None
    return list(found)


def rules() -> Rules:
    """Twenty members, twelve observers, eight partners, and a centre that holds the items."""
    agreement = read(TEXT)
    words = ["member"] * 20 + ["observer"] * 12 + ["partner"] * 8
    since = datetime(2001, 6, 15, tzinfo=UTC)
    return Rules([agreement], Register(Standing(party=p, body="sco", standing=w, since=since) for p, w in zip(PARTIES, words, strict=True)))


def question(party: str) -> Question:
    """As at the centre, for network defence."""
    return Question(recipient=party, body="sco", purposes=("network-defence",), holder="CENTRE", valid_at=AT)


def audiences(world: Rules, rows: list[Traits], counts: list[int]) -> dict[str, int]:
    """Party -> how many items it may see: each row decided once, its items counted."""
    found = {}
    for party in PARTIES:
        permits = Sieve(question(party), world).permits
        found[party] = sum(count for row, count in zip(rows, counts, strict=True) if permits(row))
    return found


def explained(world: Rules, rows: list[Traits]) -> float:
    """CPU seconds for the decision with its reasons on every row for every party."""
    began = time.process_time()
    for party in PARTIES:
        asked = question(party)
        for row in rows:
            decide(asked, row, world)
    return time.process_time() - began


def measured(rows: int, items: int, dice: random.Random) -> dict[str, object]:
    """One line of figures, CPU seconds."""
    world, traits = rules(), rows_of(rows, dice)
    counts = [0] * rows
    for row in dice.choices(range(rows), k=items):
        counts[row] += 1
    began = time.process_time()
    found = audiences(world, traits, counts)
    took = time.process_time() - began
    for party in PARTIES:
        sieve = Sieve(question(party), world)
        for at in dice.sample(range(rows), min(rows, 50)):
            assert sieve.permits(traits[at]) is decide(question(party), traits[at], world).permits
    assert min(found.values()) > 0
    assert max(found.values()) < items
    page = [traits[at] for at in dice.choices(range(rows), k=100)]
    began = time.process_time()
    for _ in range(20):
        permits = Sieve(question(PARTIES[0]), world).permits
        for row in page:
            permits(row)
    first = (time.process_time() - began) / 20
    stricter = TEXT.replace("version = 1", "version = 2").replace('tlp_max = "amber"', 'tlp_max = "clear"')
    began = time.process_time()
    changed = Rules([*world.agreements, read(stricter)], world.register)
    permits = Sieve(question(PARTIES[0]), changed).permits
    after = [permits(row) for row in page]
    second = time.process_time() - began
    assert after == [decide(question(PARTIES[0]), row, changed).permits for row in page]
    sample = traits[:500]
    reasons = explained(world, sample)
    calls = len(sample) * len(PARTIES)
    return {
        "trait_rows": rows,
        "items": items,
        "parties": len(PARTIES),
        "cpu_s": round(took, 3),
        "decisions_per_s": round(rows * len(PARTIES) / took),
        "page_of_100_cpu_ms": round(first * 1_000, 3),
        "page_of_100_after_a_change_cpu_ms": round(second * 1_000, 3),
        "explained_rows_per_s": round(calls / reasons),
        "explained_items_per_s": round(calls / reasons * items / rows),
    }


def main(items: int = 1_000_000) -> None:
    """Run and print one JSON line."""
    dice = random.Random(20210917)
    print(
        json.dumps(
            {
                "bench": "decide",
                "runs": [measured(rows, items, dice) for rows in (500, 50_000)],
                "peak_memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000),
                "checked": "the fast path equals decide on 50 rows per party; nobody sees nothing or everything",
            }
        )
    )


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
