"""Who and what a preview is about: agreements from files, a register made of what they declare, and a scratch world with both.

The register has every [party.X] of the agreements; its standing is what `--party` says, else the section's own `standing`, else
`member` (a centre has none). For a standing that a clause names and nobody has, a made-up party is bound, so that the clause shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from comity.agree.accord import Agreement
from comity.agree.agreement import read
from comity.clock import EPOCH
from comity.doors.cli.context import Nodes
from comity.errors import AgreementFault, SenderFault
from comity.intake.govern import add_agreement, add_standing
from comity.release.preview import Party
from comity.terms.party import ENDED, STANDINGS, Standing
from comity.world import World


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """An agreement as a file gave it; `name` is the file's, `instead_of` the version it is tried in place of."""

    name: str
    text: str
    agreement: Agreement
    instead_of: str = ""


class Cast(msgspec.Struct, frozen=True, kw_only=True):
    """Everybody in the preview: the columns, and the register's entries as (party, body, standing)."""

    parties: tuple[Party, ...]
    register: tuple[tuple[str, str, str], ...]
    submitter: Party


def given(name: str, text: str) -> Given:
    """An agreement from a file's text. Raises AgreementFault with its line."""
    return Given(name=name, text=text, agreement=read(text, name=name))


def changed(agreements: Sequence[Given], change: Given) -> tuple[Given, ...]:
    """The agreements with one of them in its changed version. Raises SenderFault when none has its id."""
    old = [each.agreement.ref for each in agreements if each.agreement.id == change.agreement.id]
    if not old:
        ids = ", ".join(sorted({each.agreement.id for each in agreements}))
        message = f"{change.name} is {change.agreement.id!r}, and no --agreement has that id"
        raise SenderFault(message, next=f"a changed version keeps its id: {ids}")
    others = tuple(each for each in agreements if each.agreement.id != change.agreement.id)
    return (*others, msgspec.structs.replace(change, instead_of=old[-1]))


def assemble(agreements: Sequence[Given], named: Mapping[str, str], submitter: str | None) -> Cast:
    """Who takes part. `named` is code -> standing from `--party`. Raises SenderFault when nobody could submit."""
    held = _register([each.agreement for each in agreements], named)
    roles = _roles(agreements)
    code = submitter or next((party for party in dict.fromkeys(party for party, _ in held) if roles.get(party) != "centre"), None)
    if code is None:
        raise SenderFault("the agreement has no [party.X] who could submit", next="say who does, with --as CODE, and --party for others")
    bodies = tuple(dict.fromkeys(body for each in agreements for body in each.agreement.spans))
    if not any(party == code for party, _ in held):
        held |= {(code, body): named.get(code, "member") for body in bodies}
    parties = [_party(party, held, roles, code, bodies) for party in dict.fromkeys(party for party, _ in held)]
    parties.sort(key=_place)
    for standing, body in _unheld([each.agreement for each in agreements], held):
        made = _generic(standing, body, bodies)
        if made.party not in {each.party for each in parties}:
            parties.append(made)
            held[made.party, body] = standing
    register = tuple((party, body, standing) for (party, body), standing in held.items() if standing)
    return Cast(parties=tuple(parties), register=register, submitter=next(each for each in parties if each.submits))


def _place(party: Party) -> tuple[bool, int]:
    """Members before observers and the rest, the centre last; else as the agreements name them."""
    first = party.standing.partition(" /")[0]
    return party.role == "centre", STANDINGS.index(first) if first in STANDINGS else len(STANDINGS)


def _register(agreements: Iterable[Agreement], named: Mapping[str, str]) -> dict[tuple[str, str], str]:
    """(party, body) -> standing, in the order of the agreements; empty for a centre."""
    held: dict[tuple[str, str], str] = {}
    bodies: dict[str, None] = {}
    for agreement in agreements:
        bodies |= dict.fromkeys(agreement.spans)
        for section in agreement.parties:
            declared = section.standing or ("" if section.role == "centre" else "member")
            held.setdefault((section.party, agreement.body), named.get(section.party, declared))
    for party, standing in named.items():
        if not any(known == party for known, _ in held):
            held |= {(party, body): standing for body in bodies}
    return held


def _roles(agreements: Iterable[Given]) -> dict[str, str]:
    centres = {section.party for each in agreements for section in each.agreement.parties if section.role == "centre"}
    return dict.fromkeys(centres, "centre")


def _party(code: str, held: Mapping[tuple[str, str], str], roles: Mapping[str, str], submitter: str, bodies: tuple[str, ...]) -> Party:
    own = [(body, standing) for (party, body), standing in held.items() if party == code]
    standings = list(dict.fromkeys(standing for _, standing in own if standing))
    return Party(
        party=code,
        label=code,
        standing=" / ".join(standings),
        role=roles.get(code, "party"),
        submits=code == submitter,
        bodies=tuple(body for body, _ in own) or bodies,
    )


def _unheld(agreements: Iterable[Agreement], held: Mapping[tuple[str, str], str]) -> Iterator[tuple[str, str]]:
    """(standing, body) that a clause is addressed to and nobody has. A party suspended or withdrawn is never bound."""
    known = {(standing, body) for (_, body), standing in held.items()}
    for agreement in agreements:
        for clause in agreement.clauses:
            for standing in clause.to.standing if clause.to else ():
                for body in (clause.to.body if clause.to else ()) or agreement.spans:
                    if standing not in ENDED and (standing, body) not in known:
                        known.add((standing, body))
                        yield standing, body


def _generic(standing: str, body: str, bodies: tuple[str, ...]) -> Party:
    foreign = "" if body in bodies else f"{body}-"
    return Party(
        party=f"ANY-{foreign}{standing}".upper()[:32],
        label=f"any {body + ' ' if foreign else ''}{standing}",
        standing=standing,
        generic=True,
        bodies=bodies if foreign else (body,),
    )


def world_of(nodes: Nodes, agreements: Sequence[Given], everybody: Cast) -> World:
    """A scratch world of the submitter with the register and the agreements, made-up parties bound by each."""
    world = nodes.scratch_world(everybody.submitter.party, everybody.submitter.bodies[0])
    for party, body, standing in everybody.register:
        add_standing(world, Standing(party=party, body=body, standing=standing, since=EPOCH, source="preview"), by="preview")
    for each in agreements:
        add_agreement(world, _with_sections(each, [party.party for party in _joining(each.agreement, everybody)]), each.name, by="preview")
    return world


def _joining(agreement: Agreement, everybody: Cast) -> list[Party]:
    """Whom a preview takes as bound though the text does not say so: made-up parties, and all where it is open who the parties are."""
    return [each for each in everybody.parties if each.generic or (agreement.awaits_parties and agreement.signatory(each.party) is None)]


def assumed(agreement: Agreement, everybody: Cast) -> list[str]:
    """The real parties among those."""
    return [each.party for each in _joining(agreement, everybody) if not each.generic] if agreement.in_force else []


def _with_sections(source: Given, made_up: Sequence[str]) -> str:
    """The text with a section for each made-up party, in force as long as the agreement itself."""
    if not made_up or source.agreement.in_force is None:
        return source.text
    since = source.agreement.in_force.strftime("%Y-%m-%dT%H:%M:%SZ")
    text = source.text + "".join(f"\n\n[party.{code}]\nin_force = {since}\n" for code in made_up)
    try:
        read(text)
    except AgreementFault:  # `party = {...}` on one line cannot be added to; then those columns show "not a party"
        return source.text
    return text
