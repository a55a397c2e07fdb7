"""The federation demo's story: two hubs and 27 members share, a link is cut and mended, and everybody has what it is to have, once."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Any

import msgspec

from comity.admin import inventory, logbook
from comity.doors.cli.demo_bodies import CICA, HUBS, SCO, Item, crosses, entitled, items, raw
from comity.doors.cli.demo_hubs import Federation
from comity.errors import OurFault
from comity.forms import stix_json
from comity.intake.submit import Submitter, submit

#: How many items are shared; once how much of what is to cross has crossed, the link between the hubs is cut, so many bytes later.
ITEMS, CUT_AT, _LATER = 10_000, 0.37, 20_000
_PATIENCE = 180.0


class Story:
    """Runs the steps and keeps what happened. `tell` gets lines for a person."""

    def __init__(self, federation: Federation, tell: Callable[[str], None], count: int = ITEMS) -> None:
        self.federation = federation
        self.tell = tell
        self.items: list[Item] = list(items(count))
        self.to_cross = sum(map(crosses, self.items))
        self.crossed_at_cut = 0
        self.bytes_at_cut = 0
        self.delivered: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.entries: Counter[str] = Counter()
        self.nameless = 0
        self.twofold = 0
        self.unchanged = False
        self.verified = False

    def run(self) -> None:
        """All steps."""
        self.tell("Comity: two bodies with a hub each, 27 members of the one and 8 of the other on 27 nodes, on this machine.")
        self.tell(
            "Each hub is a process of its own; the 27 members' nodes share a third. They talk over HTTP and TLS. Texts: sample wording.\n"
        )
        for number, step in enumerate((self.nodes, self.share, self.cross, self.compare, self.decided, self.again), 1):
            began = time.monotonic()
            for at, line in enumerate(step()):
                head = f" {number} {step.__name__.capitalize():<8}" if at == 0 else " " * 11
                self.tell(f"{head} {line}" + (f"   ({time.monotonic() - began:.1f} s)" if at == 0 else ""))

    def nodes(self) -> list[str]:
        """Make, start and link the nodes."""
        self.federation.make()
        self.federation.start()
        return [f"29 nodes, {sum(len(CICA) if body == 'cica' else len(SCO) for body in HUBS)} links to hubs and one between them"]

    def share(self) -> list[str]:
        """Everybody adds its items and gives them to its hub; the link between the hubs is cut when 37 % of what is to has crossed."""
        own: dict[str, list[Item]] = defaultdict(list)
        for item in self.items:
            own[item.origin].append(item)
        for party in CICA:
            self._submit(party, own[party])
            self.federation.sync(party)
            self._watch()
        wire = self.federation.wire
        if not self.bytes_at_cut:  # so few items that all had crossed before
            self._cut()
        wire.mend()
        rate = f"{self.crossed_at_cut / self.to_cross:.0%}" if self.to_cross else "nothing"
        return [
            f"{len(self.items):,} items; {self.to_cross:,} are to cross",
            f"the link between the hubs was cut when {self.crossed_at_cut:,} had crossed ({rate}), in the middle of what was on its way",
        ]

    def _submit(self, party: str, shared: list[Item]) -> None:
        world = self.federation.world(party)
        groups: dict[tuple[str, tuple[str, ...], tuple[str, ...] | None], list[Item]] = defaultdict(list)
        for item in shared:
            groups[item.tlp, item.handling, item.to].append(item)
        for (tlp, handling, to), alike in groups.items():
            bundle = b'{"objects":[' + b",".join(map(raw, alike)) + b"]}"
            by = Submitter(party=party, by="demo", tlp=tlp, handling=handling, to=to)
            for outcome in submit(world, stix_json.read(bundle), by):
                if outcome.outcome != "accepted":
                    raise OurFault(f"{outcome.id}: {outcome.outcome}: {outcome.why}")

    def _watch(self) -> None:
        """Settle when the link is cut; once it is, note what had crossed, and mend it after one more member has shared."""
        wire = self.federation.wire
        if self.bytes_at_cut:
            wire.mend()
        elif wire.is_cut:
            self._cut()
        elif not wire.limited and self.federation.crossed() >= CUT_AT * self.to_cross:
            wire.mend(_LATER)

    def _cut(self) -> None:
        self.federation.wire.cut()
        self.crossed_at_cut, self.bytes_at_cut = self.federation.crossed(), self.federation.wire.passed

    def cross(self) -> list[str]:
        """The link is mended: the rest crosses, and the members take what is theirs."""
        until = time.monotonic() + _PATIENCE
        while self.federation.crossed() < self.to_cross and time.monotonic() < until:
            time.sleep(0.2)
        for party in CICA:
            self.federation.sync(party)
        return [f"mended, it goes on by itself: {self.federation.crossed():,} of {self.to_cross:,} have crossed"]

    def compare(self) -> list[str]:
        """What each node holds of others, against what it is to hold, worked out by hand from the texts."""
        due: dict[str, set[tuple[str, str]]] = defaultdict(set)
        for item in self.items:
            for party in entitled(item):
                due[party].add((item.origin, item.obj["id"]))
        for party in CICA:
            held = Counter({key: times for key, times in inventory.objects(self.federation.world(party)).items() if key[0] != party})
            self.delivered[party] = held.total()
            lost, extra = due[party] - set(held), set(held) - due[party]
            twice = [key for key, times in held.items() if times > 1]
            if lost or extra or twice:
                self.wrong.append(f"{party}: {len(lost)} missing, {len(extra)} too many, {len(twice)} more than once")
        verdict = "exactly what it is to have, once each" if not self.wrong else "; ".join(self.wrong)
        return [f"every node holds {verdict}: {self.delivered.total():,} items applied"]

    def decided(self) -> list[str]:
        """Every disclosure in the hubs' logs names agreement and clause; members of both bodies were given items under two agreements."""
        by_party: dict[str, set[str]] = defaultdict(set)
        for hub in HUBS.values():
            self.federation.desks[hub].flush()
            for entry in logbook.entries(self.federation.world(hub), 0, 1 << 40):
                if entry["kind"] != "disclose":
                    continue
                self.nameless += not entry["agreements"]
                for ground in entry["agreements"]:
                    self.entries[ground] += 1
                    by_party[entry["party"]].add(ground.partition("@")[0])
        self.verified = all(logbook.verify(self.federation.world(party)).ok for party in (*HUBS.values(), *CICA))
        self.twofold = sum({"sco-ict-sample", "hub-protocol-sample"} <= by_party[party] for party in SCO)
        return [
            f"{len(self.entries)} clauses are named in the hubs' logs, and {self.nameless} disclosures name none",
            f"{self.twofold} members of both bodies were given items under two agreements, and hold each once",
            f"every entry, salt, hash and signature of 29 logs is {'sound' if self.verified else 'NOT sound'}",
        ]

    def again(self) -> list[str]:
        """A sync without news writes nothing."""
        for party in (*CICA, *CICA):  # what the last answers were about, and what came of that
            self.federation.sync(party)
        time.sleep(3)
        before = {party: self.federation.state(party) for party in (*HUBS.values(), *CICA)}
        for party in CICA:
            self.federation.sync(party)
        after = {party: self.federation.state(party) for party in before}
        changed = [party for party in before if before[party] != after[party]]
        self.unchanged = not changed
        return [
            "a sync without news wrote nothing at any of the 29 nodes" if not changed else f"written without news: {', '.join(changed)}"
        ]


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What `--once` prints."""

    nodes: int
    memberships: dict[str, int]
    processes: dict[str, str]
    items: int
    delivered: int
    equal_to_expectation: bool
    wrong: list[str]
    to_cross: int
    crossed: int
    cut_at: float
    disclosures_by_clause: dict[str, int]
    disclosures_without_clause: int
    under_two_agreements: int
    no_change_sync_writes_nothing: bool
    verified: bool
    seconds: float
    peak_memory_mb: float

    @classmethod
    def of(cls, story: Story, seconds: float) -> Summary:
        """The summary of a story that has run."""
        return cls(
            nodes=len(story.federation.desks),
            memberships={"sco": len(SCO), "cica": len(CICA)},
            processes=dict.fromkeys(HUBS.values(), "its own") | {"the 27 members": "one for all"},
            items=len(story.items),
            delivered=story.delivered.total(),
            equal_to_expectation=not story.wrong,
            wrong=story.wrong,
            to_cross=story.to_cross,
            crossed=story.federation.crossed(),
            cut_at=round(story.crossed_at_cut / story.to_cross, 3) if story.to_cross else 0.0,
            disclosures_by_clause=dict(sorted(story.entries.items())),
            disclosures_without_clause=story.nameless,
            under_two_agreements=story.twofold,
            no_change_sync_writes_nothing=story.unchanged,
            verified=story.verified,
            seconds=round(seconds, 2),
            peak_memory_mb=round(story.federation.servers.peak_memory() / 1e6, 1),
        )

    @property
    def sound(self) -> bool:
        """Whether all is as it should be."""
        complete = self.equal_to_expectation and self.crossed == self.to_cross and not self.disclosures_without_clause
        return complete and self.no_change_sync_writes_nothing and self.verified

    def as_json(self) -> dict[str, Any]:
        """As a record."""
        found: dict[str, Any] = msgspec.to_builtins(self)
        return found
