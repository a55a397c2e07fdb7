"""What STIX 2.1 says of the properties that a copy is to be without: whether there are such, and whether a copy can be without them."""

from __future__ import annotations

from collections.abc import Iterator

from comity.agree.clauses import Clause, covered
from comity.agree.redact import Profile
from comity.terms.stix_domain import CUSTOM_21, DOMAIN_21
from comity.terms.stix_kinds import Kind
from comity.terms.stix_observables import OBSERVABLES_21

_KINDS: dict[str, Kind] = {**DOMAIN_21, **OBSERVABLES_21}


def missed(profile: Profile, clause: Clause) -> list[str]:
    """Paths of the profile whose property no type of the clause has. Custom ones (`x_...`) are their makers' business."""
    names = {name for kind in _kinds(clause).values() for name in kind.names}
    heads = {path: path.split(".")[0] for path in profile.remove}
    return [path for path, head in heads.items() if head not in names and not head.startswith("x_")]


def needed(profile: Profile, clause: Clause) -> Iterator[tuple[str, str]]:
    """(type, property) of what the profile leaves out though every object of a type has to have it.

    Only of types that the clause names one by one: of a group some may have it and others not.
    """
    for type_ in clause.types:
        kind = _KINDS.get(type_, CUSTOM_21)
        yield from ((type_, path) for path in profile.remove if path in kind.required)


def _kinds(clause: Clause) -> dict[str, Kind]:
    """What is said of each type that the clause covers."""
    types = covered(clause.types)
    return {type_: _KINDS.get(type_, CUSTOM_21) for type_ in (_KINDS if types is None else types)}
