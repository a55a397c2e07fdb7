"""What a node keeps of its feeds: lists on the web, each pulled on a schedule as its own administrator's submission (model.md, Who).

A feed is no party: the origin of what it brings is the node's own party, or one the administrator names (`party`), and which feed said it
stands inside the objects. What comes stays on this node (addressed to nobody, H2) unless the feed is set up to `share`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import msgspec

from comity.clock import micros, stamp
from comity.errors import Conflict, NotFound, SenderFault
from comity.forms import records
from comity.intake.submit import Submitter
from comity.ledger.journal import Entry
from comity.peer.channel import tls
from comity.peer.place import Limits, host_and_port, place
from comity.world import World

#: Where feeds, how far they have come, and what full lists held are kept.
FEEDS, STATES, LISTS = "feeds", "feed-states", "feed-lists"
KINDS = ("csv", "json", "text", "misp", "stix")


class Feed(msgspec.Struct, frozen=True, kw_only=True):
    """What is set up. Times in seconds; `life` None is for ever; `columns` maps fields (`forms.records.FIELDS`) to a feed's names.

    `full`: it lists everything each time, so what is gone is counted. `secret` is sent in the header `header` to the feed's origin.
    """

    name: str
    url: str
    kind: str
    added: str
    every: float = 3600.0
    tlp: str = "amber"
    purposes: tuple[str, ...] = ("network-defence",)
    party: str = ""
    share: bool = False
    person: str = "unknown"
    columns: dict[str, str] = {}
    threat: tuple[str, ...] = ()
    life: float | None = None
    full: bool = False
    allow: tuple[str, ...] = ()
    own: bool = False
    plain: bool = False
    most: int = 64 << 20
    seconds: float = 300.0
    ca: str = ""
    header: str = ""
    secret: str = ""

    def limits(self) -> Limits:
        """What a fetch for it may do. Raises SenderFault for a URL without a host."""
        host, port = host_and_port(self.url)
        return Limits(
            hosts=(host, *self.allow), ports=(port,) if port else (), own=self.own, plain=self.plain, most=self.most, seconds=self.seconds,
            ca=self.ca,
        )  # fmt: skip


class State(msgspec.Struct, frozen=True, kw_only=True):
    """How far it has come. `next` is when it is due (microseconds); `result` says how the last pull ended, `failures` how many failed since
    one did not.

    `period` is the version that was last taken in (`forms.feed_indicators.period`), `counts` its outcomes, `gone` what a full list no
    longer has; `cursor` is the latest event of a MISP feed (seconds), and `more` whether others are waiting.
    """

    next: int = 0
    tried: str = ""
    taken: str = ""
    result: str = "not yet pulled"
    failures: int = 0
    etag: str = ""
    modified: str = ""
    sha256: str = ""
    period: str = ""
    counts: dict[str, int] = {}
    problems: tuple[str, ...] = ()
    gone: int | None = None
    cursor: int = 0
    more: bool = False


def add_feed(world: World, feed: Feed) -> None:
    """Keep a new feed; it is due at once. Raises Conflict for a name that is taken, SenderFault for what would never work."""
    if feed.kind not in KINDS:
        raise SenderFault(f"{feed.kind!r} is no kind of feed", next="one of " + ", ".join(KINDS))
    place(feed.url, feed.limits())
    tls(feed.ca)
    submitter(world, feed)
    unknown = [field for field, name in feed.columns.items() if field not in records.FIELDS or name.strip("0") == ""]
    if unknown or (feed.columns and "value" not in feed.columns) or (feed.columns and feed.kind not in ("csv", "json")):
        raise SenderFault(
            "columns are for csv and json, and one of them is the value", next="--column value=NAME; " + ", ".join(records.FIELDS)
        )
    if world.store.private(FEEDS, feed.name) is not None:
        raise Conflict(f"there is a feed {feed.name!r} already", next=f"comity feed remove {feed.name}, or choose another name")
    with world.store.write() as tx:
        tx.put_private(FEEDS, feed.name, msgspec.json.encode(feed))
        tx.put_private(STATES, feed.name, msgspec.json.encode(State()))
        world.journal.append(
            tx, Entry(kind="feed", at=world.clock(), detail={"feed": feed.name, "url": shown(feed.url), "kind": feed.kind})
        )


def remove_feed(world: World, name: str) -> Feed:
    """Forget a feed and its secret; what came from it stays. Raises NotFound."""
    gone = feed(world, name)
    with world.store.write() as tx:
        for space in (FEEDS, STATES, LISTS):
            tx.put_private(space, name, None)
        world.journal.append(tx, Entry(kind="feed", at=world.clock(), detail={"feed": name, "removed": True}))
    return gone


def feeds(world: World) -> list[Feed]:
    """All feeds, by name."""
    found = [msgspec.json.decode(value, type=Feed) for _, value in world.store.privates(FEEDS)]
    return sorted(found, key=lambda each: each.name)


def feed(world: World, name: str) -> Feed:
    """A feed by name. Raises NotFound."""
    value = world.store.private(FEEDS, name)
    if value is None:
        raise NotFound(f"there is no feed {name!r}", next="comity feed list shows them")
    return msgspec.json.decode(value, type=Feed)


def state(world: World, name: str) -> State:
    """How far a feed has come."""
    value = world.store.private(STATES, name)
    return State() if value is None else msgspec.json.decode(value, type=State)


def due(world: World) -> list[str]:
    """The feeds whose time has come, those that wait longest first."""
    now = micros(world.clock())
    waiting = [(state(world, each.name).next, each.name) for each in feeds(world)]
    return [name for at, name in sorted(waiting) if at <= now]


def shown(url: str) -> str:
    """What may be shown of a feed's address: keys stand in queries."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, "", ""))


def submitter(world: World, set_up: Feed) -> Submitter:
    """As whom, and for whom, what comes is submitted. Raises SenderFault for words that are none."""
    own = world.settings.party
    party = set_up.party or own
    # What is made of rows carries its own end; of objects that are passed on as they are it stands in the envelope.
    expires = world.clock() + timedelta(seconds=set_up.life) if set_up.life and set_up.kind in ("stix", "misp") else None
    return Submitter(
        party=party,
        by=f"feed {set_up.name}",
        tlp=set_up.tlp,
        purposes=set_up.purposes,
        handling=() if set_up.share else ("H2",),
        to=None if set_up.share else (),
        received_from=None if party == own else party,
        expires=expires,
        person=set_up.person,
    )


def describe(world: World, set_up: Feed) -> dict[str, Any]:
    """A feed and how far it has come, for people: everything but its secret."""
    now = state(world, set_up.name)
    told = {"name": set_up.name, "kind": set_up.kind, "url": shown(set_up.url), "every": set_up.every, "tlp": set_up.tlp}
    told |= {
        "party": set_up.party or world.settings.party,
        "share": set_up.share,
        "person": set_up.person,
        "result": now.result,
        "failures": now.failures,
    }
    told |= {"tried": now.tried, "taken": now.taken, "next": stamp(now.next) if now.next else "at once"}
    return told | {"counts": now.counts, "gone": now.gone, "problems": now.problems}
