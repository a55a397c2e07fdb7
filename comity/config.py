"""Settings of a node: `node.toml` beside its store, overridden by `COMITY_*`, overridden by flags (interfaces.md, CLI)."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated, Literal, get_type_hints

import msgspec

from comity.durable import put_whole
from comity.errors import OperatorFault

#: The host names a node answers to unless it is told of others.
HOSTS = ("localhost", "127.0.0.1", "::1")
_Positive = Annotated[int, msgspec.Meta(ge=1, le=10_000)]
_Hours = Annotated[int, msgspec.Meta(ge=0, le=24 * 365, title="hours")]
_Days = Annotated[int, msgspec.Meta(ge=1, le=10_000, title="days")]


class Limits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a submission may be at most, checked before anything is stored."""

    #: Bytes of one STIX object.
    object_bytes: int = 1 << 20
    #: Bytes of one TAXII POST: `max_content_length` of the API root (TAXII 2.1 section 4.2.1).
    content_bytes: int = 10 << 20
    #: Objects in one TAXII POST.
    objects: int = 10_000
    #: Objects on one page, whatever a client asks for.
    page: int = 1_000


class Sightings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How sightings are told to producers (guardrail G16)."""

    #: On a centre: so many parties must have sighted before anybody is told.
    parties: _Positive = 3
    #: On a centre: hours over which sightings are gathered, and after which they are told.
    delay: _Hours = 24
    #: On a centre: days within which sightings count together.
    window: _Days = 30
    #: This party consents to be known as the sighter of what its node sights.
    named: bool = False


class History(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is kept of the logs that are matched, so that new indicators can be looked for in them."""

    #: Keep what is observed in every log that `comity match` reads for this node.
    keep: bool = False
    #: Days for which it is kept.
    days: _Days = 30
    #: Where it is kept; empty means `history` beside this file.
    folder: str = ""


class Retention(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long items are kept of which nothing else says it (`docs/retention.md`)."""

    #: Days from receipt after which an item is erased, unless its origin, an agreement or an extension says otherwise.
    days: _Days = 1_095
    #: Days for which the node knows whose a pseudonym in the log is; each person has another one every quarter.
    persons: _Days = 730


class Notices(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the owners in a constituency are told (`comity notify`)."""

    #: The mail address that notices come from.
    sender: str = ""
    #: Whom an owner asks when something in a notice is wrong; empty means whoever sent it.
    redress: str = ""
    #: Where an owner finds a notice by its reference; what a webhook is given as `href`. The reference is added at its end.
    address: str = ""


class Accession(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the body asks of parties that come and go (`comity accession`). Durations are ISO 8601's, like P3W; a new setting holds for what
    is begun from then on.
    """

    #: Members that have to speak for a party, where that is the way in.
    sponsors: _Positive = 2
    #: How long members may object once they do.
    window: str = "P3W"
    #: By when documents are due that have no date of their own.
    documents: str = "P1Y"
    #: How long a notice of withdrawal runs before it has effect.
    withdrawal: str = "P12M"
    #: How long a notice of suspension runs; empty: it has effect at once.
    suspension: str = ""


class Pages(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the node's own pages are for everybody."""

    #: Shortcuts of a single key (`j`, `?`) work, unless a person switches them off for themselves.
    shortcuts: bool = True
    #: All that the node holds is sample data, as a demo's: its pages say so in place of calling it real.
    sample: bool = False


class Log(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the node's log is shown to others, below `/tlog/`."""

    #: Seconds between two checkpoints that others are shown: the log's size tells no more of when something happened.
    interval: Annotated[int, msgspec.Meta(ge=1, le=86_400)] = 60
    #: Anybody may read it, without a token: its size and commitments, never what they are about.
    open: bool = False
    #: How often a log was begun anew after a backup was restored that was not the latest; part of its name. Set by `comity restore`.
    number: Annotated[int, msgspec.Meta(ge=0)] = 0


class Gate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What becomes of values that lead to persons (guardrails G3, G4, G13)."""

    #: Days after which what is still in quarantine is erased.
    quarantine_days: _Days = 30
    #: Of what passes as an attacker's, one in so many is listed for people to look at; 1: all of it.
    sample: _Positive = 20
    #: Days within which a redress ticket is to be answered.
    redress_days: _Days = 30


class Oidc(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The identity provider by which people may sign in (OpenID Connect); none without an issuer."""

    #: The provider's issuer, like `https://id.example`: `/.well-known/openid-configuration` stands below it.
    issuer: str = ""
    #: The name under which this node is registered there. Its address to come back to is `/sign-in/oidc/back`.
    client: str = ""
    #: The file with the client's secret; empty for a public client.
    secret_file: str = ""
    #: What people call the provider.
    title: str = "OpenID"
    #: A file with further authorities to trust.
    ca: str = ""


class Sealing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What of this node's own party leaves only sealed to the keys of those it is addressed to, so that a node between cannot read it."""

    #: TLP levels at which what names its recipients is sealed, when all their keys are known here.
    levels: tuple[Literal["clear", "green", "amber", "amber+strict", "red"], ...] = ("amber+strict", "red")
    #: Refuse what cannot be sealed at these levels, instead of sharing it as it is.
    required: bool = False


class Peering(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where other Comity nodes call this one (`docs/peering.md`). A node that only calls others needs none of it."""

    #: The port for other nodes, over TLS of the node's own; 0: nobody can call this node.
    port: int = 0
    #: The address to listen on for other nodes.
    host: str = "127.0.0.1"
    #: Where invited nodes find this one, like `https://centre.example:8444/`.
    url: str = ""
    #: Other nodes come to the main port, by a proxy that speaks TLS: their requests' signatures alone say who they are.
    front: bool = False
    #: Hashes of guardrail profiles (`comity log guardrails`); with nodes of another nothing is exchanged. Empty: with any (G17).
    guardrails: tuple[str, ...] = ()


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The contents of `node.toml`."""

    #: The party the node belongs to, like `KZ`.
    party: str
    #: The node's own name, part of its log's.
    name: str
    #: What to call the node for people.
    title: str = ""
    #: The body it takes part in, like `sco`.
    body: str
    #: Where to keep items: a store URL; empty means `comity.db` beside this file.
    store: str = ""
    #: Host names the node answers to; requests for others are refused.
    hosts: tuple[str, ...] = HOSTS
    limits: Limits = Limits()
    sightings: Sightings = Sightings()
    history: History = History()
    retention: Retention = Retention()
    sealing: Sealing = Sealing()
    notices: Notices = Notices()
    pages: Pages = Pages()
    oidc: Oidc = Oidc()
    log: Log = Log()
    gate: Gate = Gate()
    accession: Accession = Accession()
    peering: Peering = Peering()


def node_folder(flag: str | None) -> Path:
    """The node's folder: the flag, else `COMITY_NODE`, else `./comity-node`."""
    return Path(flag or os.environ.get("COMITY_NODE") or "comity-node")


def cache_folder() -> Path:
    """Where what can be made again is kept: `comity` under `$XDG_CACHE_HOME`, else under `~/.cache` (XDG Base Directory Specification)."""
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "comity"


def read_settings(folder: Path) -> Settings:
    """Read `node.toml`. Raises OperatorFault when the folder is not a node, or the file is wrong or not to be read."""
    path = folder / "node.toml"
    try:
        settings = msgspec.toml.decode(path.read_bytes(), type=Settings)
    except FileNotFoundError:
        said = f"{folder} is not a node: it has no node.toml" if folder.is_dir() else f"there is no folder {folder}"
        raise OperatorFault(said, next="name the node with --node DIR or COMITY_NODE, or make one with: comity init --party XX") from None
    except PermissionError:
        raise OperatorFault(f"{path} may not be read by this user", next="run this as the user who owns the node") from None
    except (msgspec.MsgspecError, UnicodeDecodeError, OSError) as error:
        raise OperatorFault(f"{path}: {error}{_unit(error)}", next="correct the file") from error
    changes = {key: os.environ[f"COMITY_{key.upper()}"] for key in ("store", "title") if f"COMITY_{key.upper()}" in os.environ}
    return msgspec.structs.replace(settings, **changes)


def _unit(error: Exception) -> str:
    """In what a number is counted that is wrong, and within which bounds; "" for all else."""
    at = re.search(r"`\$\.(\w+)\.(\w+)`", str(error))
    table = get_type_hints(Settings).get(at.group(1)) if at else None
    named = get_type_hints(table, include_extras=True).get(at.group(2)) if at and table is not None else None
    said = [each for each in getattr(named, "__metadata__", ()) if isinstance(each, msgspec.Meta) and each.title]
    return f" ({said[0].title}, {said[0].ge} to {said[0].le:,})" if said else ""


def write_settings(folder: Path, settings: Settings) -> None:
    """Write a new `node.toml`. Only what differs from the defaults stands in it."""
    lines = [f"{key} = {_toml(getattr(settings, key))}" for key in ("party", "name", "title", "body", "store") if getattr(settings, key)]
    if settings.hosts != HOSTS:
        lines.append(f"hosts = [{', '.join(map(_toml, settings.hosts))}]")
    for table in (
        "limits",
        "sightings",
        "history",
        "retention",
        "sealing",
        "notices",
        "pages",
        "oidc",
        "log",
        "gate",
        "accession",
        "peering",
    ):
        values = getattr(settings, table)
        changed = {key: value for key, value in msgspec.structs.asdict(values).items() if value != getattr(type(values)(), key)}
        if changed:
            lines += [
                "",
                f"[{table}]",
                *(f"{key} = {_value(value)}" for key, value in changed.items()),
            ]
    put_whole(folder / "node.toml", ["\n".join([*lines, ""]).encode()])


def _value(value: object) -> str:
    """A setting's value: a text, a list of texts, a number, or true or false."""
    if isinstance(value, tuple):
        return f"[{', '.join(map(_toml, value))}]"
    return _toml(value) if isinstance(value, str) else str(value).lower()


def _toml(value: str) -> str:
    """A TOML basic string: JSON's escapes are a subset of its own; DEL, which only TOML forbids, is escaped besides."""
    return msgspec.json.encode(value).decode().replace("\x7f", "\\u007f")
