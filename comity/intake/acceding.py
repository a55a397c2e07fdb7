"""Accessions, suspensions and withdrawals: begun, and gone through step by step (`agree.accession`).

    1. judge   the step against the accession as it stands, under the rules of that very moment
    2. record  the step as a governance item, with the standing that an admission or a notice gives

Crash story: a step, with the standing that comes of it, is one commit. The same step again is found there and not recorded again.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime

import msgspec

from comity import registry
from comity.agree import duration
from comity.agree.accession import FINAL, KINDS, LONGEST, Accession, Document, Step, check, stage, targets
from comity.errors import Conflict, NotFound, OperatorFault, SenderFault
from comity.intake.govern import Fact, Overtaken, enter_all, judged_under, standing_fact
from comity.registry import Taken
from comity.terms.party import ENDED, TAKEN_BACK, Register, Standing, body_slug, party_code, standing_name
from comity.terms.stix import ACCESSION_STEP_TYPE, ACCESSION_TYPE, derived_id
from comity.world import World

#: How many documents a list may have.
MOST = 200
_Is = Callable[[str, datetime], bool]


def start(
    world: World, party: str, target: str, by: str, *, sponsors: bool = False, on: datetime | None = None,
    documents: tuple[tuple[str, datetime | None], ...] = (), body: str = "", note: str = "",
) -> Accession:  # fmt: skip
    """Begin an accession to a standing, or the notice of a withdrawal or suspension: then its end of rights is entered at once.

    Arguments and faults are those of `plan`.
    """
    return begin(world, plan(world, party, target, sponsors=sponsors, on=on, documents=documents, body=body, note=note), by)


def plan(
    world: World, party: str, target: str, *, sponsors: bool = False, on: datetime | None = None,
    documents: tuple[tuple[str, datetime | None], ...] = (), body: str = "", note: str = "",
) -> Accession:  # fmt: skip
    """What would be begun, checked and not recorded.

    `documents` are titles, each with the day on which it is due or None. Raises SenderFault, Conflict for one that is under way or has
    nothing to reach, OperatorFault for a setting that is wrong, NotFound for a body of which nothing is known here.
    """
    asks, moment = world.settings.accession, on or world.clock()
    code, slug, standing = party_code(party), body_slug(body or world.settings.body), standing_name(target)
    _check_body(world, slug)
    leaving = standing in ENDED
    made = Accession(
        accession=f"acc_{secrets.token_hex(6)}", party=code, body=slug, target=standing,
        mode="notice" if leaving else "sponsors" if sponsors else "consensus", begun=moment, sponsors=asks.sponsors, note=_text(note),
        window=_period("window", asks.window),
        notice=_period(standing, asks.withdrawal if standing == "withdrawn" else asks.suspension) if leaving else "",
        documents=_documents(documents, duration.after(moment, _period("documents", asks.documents))),
    )  # fmt: skip
    if sponsors and leaving:
        raise SenderFault("nobody speaks for a party that leaves", next="leave --sponsors away")
    if leaving and documents:
        raise SenderFault("a notice has no list of documents", next="leave the documents away")
    targets(made.mode, standing)
    if moment > world.clock():
        raise SenderFault("it will have been begun later than now", next="say when it was begun")
    _check_new(world, world.rulebook.current()[1].register, made)
    return made


def _check_body(world: World, body: str) -> None:
    """Raises NotFound for a body of which nothing is known here."""
    standings = world.rulebook.current()[1].register.standings
    known = {world.settings.body, *registry.bodies(world.store), *(standing.body for standing in standings)}
    if body not in known:
        raise NotFound(f"no body {body} is known here", next="one of " + ", ".join(sorted(known)))


def begin(world: World, made: Accession, by: str) -> Accession:
    """Record what was planned, unless it is recorded. Raises SenderFault, Conflict as `plan` does, by what is so now."""

    def facts(register: Register) -> list[Fact]:
        if any(each.accession == made.accession for each in registry.accessions(world.store)):
            return []
        _check_new(world, register, made)
        found = [accession_fact(made)]
        return [*found, standing_fact(notice(made))] if made.mode == "notice" else found

    _entered(world, facts, by)
    return find(world, made.accession)


def _check_new(world: World, register: Register, made: Accession) -> None:
    """Raises SenderFault for one that has no standing to lose, Conflict for a standing that the party has, or is on its way to."""
    if made.mode == "notice" and register.standing(made.party, made.body, made.begun) in (None, "withdrawn"):
        raise SenderFault(f"{made.party} has no standing in {made.body} to lose", next="comity party show says what it has")
    if register.standing(made.party, made.body, made.begun) == made.target:
        raise Conflict(f"{made.party} is {made.target} in {made.body} already", next="comity party show says since when")
    for each in registry.accessions(world.store):
        if (each.party, each.body, each.target) == (made.party, made.body, made.target):
            now = stage(each, world.clock(), membership(register, each))
            if now is not None and now.name not in FINAL:
                raise Conflict(
                    f"{made.party} is on its way there already: {each.accession} is {now.name}", next="go on with that one, or end it"
                )


def take(world: World, id_: str, step: Step, by: str) -> Accession:
    """Record a step. What the same party has done already is not done again. Raises NotFound, SenderFault, Denied, Conflict."""
    step = msgspec.structs.replace(step, party=party_code(step.party), note=_text(step.note), known=None)
    if step.kind not in KINDS:
        raise SenderFault(f"{step.kind!r} is no step", next="one of " + ", ".join(sorted(KINDS)))

    def facts(register: Register) -> list[Fact]:
        held = find(world, id_)
        if any(_same(one, step) for one in held.steps):
            return []
        check(held, step, world.clock(), membership(register, held))
        found = [step_fact(held, step)]
        return [*found, *map(standing_fact, _standing(held, step, register))]

    _entered(world, facts, by)
    return find(world, id_)


def accession_fact(made: Accession) -> Fact:
    """An accession as an item."""
    fields = _fields(f"{made.target}: {made.party} in {made.body}", made)
    return Fact(type=ACCESSION_TYPE, id=derived_id(ACCESSION_TYPE, made.accession), fields=fields)


def step_fact(held: Accession, step: Step) -> Fact:
    """A step of an accession as an item."""
    fields = _fields(f"{step.kind}: {held.party} in {held.body}", Taken(accession=held.accession, step=step))
    id_ = derived_id(ACCESSION_STEP_TYPE, held.accession, step.kind, step.party, step.document)
    return Fact(type=ACCESSION_STEP_TYPE, id=id_, fields=fields)


def _same(one: Step, other: Step) -> bool:
    return (one.kind, one.party, one.document, one.since) == (other.kind, other.party, other.document, other.since)


def _standing(held: Accession, step: Step, register: Register) -> list[Standing]:
    """The standing that comes of a step: the one admitted to, or after a notice that was taken back the one from before it."""
    if step.kind == "admit" and step.since is not None:
        return [
            Standing(party=held.party, body=held.body, standing=held.target, since=step.since, source=f"accession {held.accession}")
        ]  # fmt: skip
    before = register.standing(held.party, held.body, held.begun)
    if step.kind == "end" and held.mode == "notice" and before is not None:
        return [msgspec.structs.replace(notice(held), standing=before, source=f"notice {held.accession}{TAKEN_BACK}")]
    return []


def notice(made: Accession) -> Standing:
    """The standing that a notice gives once it has run."""
    return Standing(party=made.party, body=made.body, standing=made.target, since=made.effect, source=f"notice {made.accession}")


def find(world: World, id_: str) -> Accession:
    """The accession of an id. Raises NotFound."""
    found = next((each for each in registry.accessions(world.store) if each.accession == id_), None)
    if found is None:
        raise NotFound("there is no such accession for you")
    return found


def membership(register: Register, accession: Accession) -> _Is:
    """Who has a say about an accession, and when: members of its body."""
    return lambda party, at: register.has("member", accession.body, party, at)


def judge(world: World, accession: Accession, step: Step) -> None:
    """Refuse a step that cannot be taken now. Raises SenderFault, Denied, Conflict."""
    _, rules = world.rulebook.current()
    check(accession, step, world.clock(), membership(rules.register, accession))


def _entered(world: World, facts: Callable[[Register], list[Fact]], by: str) -> None:
    """Record what is to be recorded under the rules of the moment at which it is."""
    while True:
        version, rules = world.rulebook.current()
        found = facts(rules.register)
        try:
            if found:
                enter_all(world, found, by, first=judged_under(world, version))
        except Overtaken:
            continue
        return


def _fields(name: str, value: Accession | Taken) -> dict[str, object]:
    found: dict[str, object] = msgspec.json.decode(msgspec.json.encode(value))
    return {"name": name, **found}


def _documents(given: tuple[tuple[str, datetime | None], ...], due: datetime) -> tuple[Document, ...]:
    titles = [" ".join(title.split()) for title, _ in given]
    if len(titles) > MOST or len(set(titles)) < len(titles) or any(not 0 < len(title) <= LONGEST for title in titles):
        raise SenderFault("the list of documents is wrong", next=f"at most {MOST}, each with a title of its own, of {LONGEST} characters")
    return tuple(Document(title=title, due=day or due) for title, (_, day) in zip(titles, given))


def _text(text: str) -> str:
    if len(text) > LONGEST:
        raise SenderFault(f"a note has at most {LONGEST} characters", next="say it shorter")
    return text.strip()


def _period(name: str, text: str) -> str:
    """A duration from the settings; empty where there is none."""
    try:
        return duration.check(text) if text else ""
    except ValueError as error:
        raise OperatorFault(f"node.toml, accession, {name}: {error}", next="correct the file") from None
