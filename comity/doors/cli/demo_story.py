"""The demo's story, step by step, over real nodes: share, decide, deliver, match, sight, refuse, prove."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec

from comity import samples
from comity.admin import logbook, tokens
from comity.clock import now, parse
from comity.doors.cli.demo_nodes import BODY, MEMBERS, Fleet
from comity.forms import misp, stix_json
from comity.intake.govern import add_agreement, add_standing
from comity.intake.submit import Submitter, submit
from comity.match.index import Index
from comity.match.scan import scan
from comity.match.sighted import submit_sightings
from comity.peer import book, link
from comity.peer.taxii_client import TaxiiClient
from comity.release import explain
from comity.release.holdings import every, own_reader
from comity.release.matchable import matchable
from comity.release.sight import Reader
from comity.store.protocol import Row
from comity.terms.observable import defang
from comity.terms.party import Standing
from comity.terms.values import observables

#: The register of the SCO as of 2021-11-01, as far as the story needs it: party, name, standing, since, source.
REGISTER = (
    ("KZ", "Kazakhstan", "member", "2001-06-15", "founding declaration"),
    ("UZ", "Uzbekistan", "member", "2001-06-15", "founding declaration"),
    ("IN", "India", "observer", "2005-07-05", "Astana summit 2005"),
    ("IN", "India", "member", "2017-06-09", "Astana summit 2017"),
    ("IR", "Iran", "observer", "2005-07-05", "Astana summit 2005; accession launched 2021-09-17 adds no rights"),
)
PURPOSES = ("network-defence",)
_LOGS = {"uz": "uz-dns.log", "in": "in-proxy.log"}


class Story:
    """Runs the loop and keeps what happened. `tell` gets lines for a person."""

    def __init__(self, fleet: Fleet, tell: Callable[[str], None]) -> None:
        self.fleet = fleet
        self.tell = tell
        self.items = 0
        self.received: dict[str, int] = {}
        self.log_lines = 0
        self.hits: dict[str, int] = {}
        self.returned = 0
        self.refusals = 0
        self.refused: explain.Verdict | None = None
        self.logs: dict[str, tuple[int, bool]] = {}

    def run(self) -> None:
        """All steps."""
        self.tell("Comity: a centre and three members on this machine run the whole loop.")
        self.tell("Register of the SCO as of 2021-11-01; agreement: sample wording, not the text of any treaty.\n")
        for number, step in enumerate((self.nodes, self.share, self.deliver, self.match, self.sight, self.refuse, self.prove), 1):
            began = time.monotonic()
            first, *others = step()
            self.tell(f" {number} {step.__name__.capitalize():<8} {first:<88} {time.monotonic() - began:5.1f} s")
            for line in others:
                self.tell(f"            {line}")

    def nodes(self) -> list[str]:
        """Make and start the nodes; register, agreement and tokens."""
        self.fleet.make()
        for name in MEMBERS:
            world = self.fleet.world(name)
            for party, title, standing, since, source in REGISTER:
                fact = Standing(party=party, body=BODY, standing=standing, since=parse(since), name=title, source=source)
                add_standing(world, fact, by="demo")
            add_agreement(world, samples.read("sco-ict-sample.toml").decode(), "sco-ict-sample.toml", by="demo")
        self.fleet.start()
        for name in ("kz", "uz", "in"):
            token = self._token(MEMBERS[name][0], ("taxii:read", "taxii:write"))
            party = MEMBERS[name][0]
            centre = book.Peer(
                name="centre", party="SCO-CENTRE", url=self.fleet.taxii("centre"), user=party, token=token, purposes=PURPOSES, push=True
            )
            book.add_peer(self.fleet.world(name), centre)
        places = "  ".join(f"{party} :{self.fleet.ports[name]}" for name, (party, _, _) in MEMBERS.items())
        return [f"{places} are up"]

    def _token(self, party: str, scopes: tuple[str, ...]) -> str:
        expires = now() + timedelta(days=1)
        _, text = tokens.create(self.fleet.world("centre"), party=party, scopes=scopes, purposes=PURPOSES, expires=expires, by="demo")
        return text

    def share(self) -> list[str]:
        """KZ adds a bundle and a MISP event to its node, which posts them to the centre."""
        world = self.fleet.world("kz")
        by = Submitter(party="KZ", by="demo", purposes=PURPOSES)
        kinds: Counter[str] = Counter()
        for drafts in (
            stix_json.read(samples.read("kz-threat-report.stix.json")),
            misp.read(samples.read("kz-phishing.misp.json")),
        ):
            kinds.update(o.type or "" for o in submit(world, drafts, by) if o.outcome == "accepted")
        self.items = kinds.total()
        report = link.sync(self.fleet.desks["kz"], "centre")
        kept = self.items - report.pushed.get("taken", 0)
        return [
            f"KZ adds a STIX bundle and a MISP event: {self.items} items, {kinds['indicator']} indicators",
            f"and posts {report.pushed.get('taken', 0)} of them to the centre; {kept} it marked for nobody else never leave its node",
        ]

    def deliver(self) -> list[str]:
        """The centre decides; UZ and IN pull over TAXII 2.1, IR with a token of its own."""
        for name in ("uz", "in"):
            report = link.sync(self.fleet.desks[name], "centre")
            self.received[MEMBERS[name][0]] = report.pulled.get("accepted", 0)
        self.received["IR"] = self._pull_as("IR")
        centre = self.fleet.desks["centre"]
        self.received["SCO-CENTRE"] = sum(1 for _ in every(centre, own_reader(centre, PURPOSES)))
        _, rules = centre.world.rulebook.current()
        lines = [f"the centre decides under {rules.agreements[0].ref}; every page is in its log before it leaves"]
        for party in ("UZ", "IN", "IR"):
            standing = rules.register.standing(party, BODY, now())
            lines.append(f"{party}  {standing:<9} receives {self.received[party]:>3} of {self.items}")
        lines[-1] += "   (an accession under way adds no rights)"
        return lines

    def _pull_as(self, party: str) -> int:
        client = TaxiiClient(party, self._token(party, ("taxii:read",)))
        try:
            shared = next(c for c in client.collections(self.fleet.taxii("centre")) if c.alias == "shared")
            return sum(len(msgspec.json.decode(page.raw).get("objects", [])) for page in client.pages(shared, None, 1000))
        finally:
            client.close()

    def match(self) -> list[str]:
        """UZ and IN match their own logs against what they received."""
        lines = []
        self._found = {}
        for name, sample in _LOGS.items():
            desk = self.fleet.desks[name]
            path = self.fleet.folder / name / sample
            path.write_bytes(samples.read(sample))
            hits = list(scan([str(path)], Index.build(matchable(desk))))
            count = len(samples.read(sample).splitlines())
            party = MEMBERS[name][0]
            self.log_lines += count
            self.hits[party] = len(hits)
            self._found[name] = hits
            shown = len({hit.line for hit in hits})
            lines.append(f"{party} finds {len(hits)} hits on {shown} of {count:,} lines of its own {sample}; the log never leaves")
        return lines

    def sight(self) -> list[str]:
        """Hits become sightings and go back to the producer: with two sighters only because both consent to be named (G16)."""
        made = 0
        for name, hits in self._found.items():
            made += len(submit_sightings(self.fleet.world(name), hits, named=True))
            link.sync(self.fleet.desks[name], "centre")
        link.sync(self.fleet.desks["kz"], "centre")
        desk = self.fleet.desks["kz"]
        others = (row for _, row, _ in every(desk, own_reader(desk), frozenset({"sighting"})) if row.origin != "KZ")
        self.returned = sum(1 for _ in others)
        return [
            f"{self.returned} of {made} sightings are back at KZ: counts only, no host, no user",
            "UZ and IN consent to be named; else nobody is told before three parties have seen it (docs/loop.md)",
        ]

    def refuse(self) -> list[str]:
        """One disclosure that is refused, explained by clause."""
        desk = self.fleet.desks["centre"]
        denied: dict[str, int] = {}
        for party in ("UZ", "IN", "IR"):
            reader = Reader(party=party, body=BODY, purposes=PURPOSES)
            sight = desk.sight(reader)
            rows = [row for row in explain.held(desk) if row.origin == "KZ"]
            unseen = [row for row in rows if not sight.sees(row.traits)]
            denied[party] = len(unseen)
            if party == "IR":
                chosen = [row for row in unseen if row.type == "indicator" and sight.decision(row.base).rule == "no-clause"]
                self.refused = explain.why(desk, min(chosen, key=self._obscurity).id, reader)
        self.refusals = sum(denied.values())
        assert self.refused is not None
        clauses, wishes = self.refused.sentences()[1:3], [f"{wish[:1].upper()}{wish[1:]}." for wish in self.refused.would_change()]
        return [f"IR does not receive {defang(self._value(self.refused.row))}: {self.refusals} refusals in all", *clauses, *wishes]

    def _value(self, row: Row) -> str:
        """The value that an indicator is about."""
        return observables(msgspec.json.decode(explain.body(self.fleet.desks["centre"], row)))[0][1]

    def _obscurity(self, row: Row) -> tuple[bool, str]:
        """Least for what a person reads most easily: a name, not a number."""
        value = self._value(row)
        return not value.replace(".", "").replace("-", "").isalpha(), value

    def prove(self) -> list[str]:
        """Every node's log verifies."""
        for name, (party, _, _) in MEMBERS.items():
            self.fleet.desks[name].flush()
            report = logbook.verify(self.fleet.world(name))
            self.logs[party] = (report.size, report.ok)
        sizes = ", ".join(f"{party} {size}" for party, (size, _) in self.logs.items())
        sound = all(ok for _, ok in self.logs.values())
        return [f"{'every' if sound else 'NOT every'} entry, salt, hash and signature of four logs is sound: {sizes}"]

    def disclosures(self) -> dict[str, int]:
        """Objects disclosed per party, from the centre's own log."""
        counts: Counter[str] = Counter()
        for entry in logbook.entries(self.fleet.world("centre"), 0, 1 << 40):
            if entry["kind"] == "disclose":
                counts[entry["party"]] += entry["count"]
        return dict(sorted(counts.items()))


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What `--once` prints."""

    parties: list[str]
    items: int
    disclosures: dict[str, int]
    refusals: int
    refused_id: str
    refusal: dict[str, Any]
    log_lines: int
    hits: int
    sightings_returned: int
    ledger_size: int
    ledgers: dict[str, int]
    verified: bool
    seconds: float
    peak_memory_mb: float

    @classmethod
    def of(cls, story: Story, seconds: float) -> Summary:
        """The summary of a story that has run."""
        assert story.refused is not None
        return cls(
            parties=["SCO-CENTRE", "KZ", "UZ", "IN", "IR"],
            items=story.items,
            disclosures=story.disclosures(),
            refusals=story.refusals,
            refused_id=story.refused.row.id,
            refusal=story.refused.as_json(),
            log_lines=story.log_lines,
            hits=sum(story.hits.values()),
            sightings_returned=story.returned,
            ledger_size=story.logs["SCO-CENTRE"][0],
            ledgers={party: size for party, (size, _) in story.logs.items()},
            verified=all(ok for _, ok in story.logs.values()),
            seconds=round(seconds, 2),
            peak_memory_mb=round(story.fleet.peak_memory() / 1e6, 1),
        )

    def as_json(self) -> dict[str, Any]:
        """As a record."""
        found: dict[str, Any] = msgspec.to_builtins(self)
        return found
