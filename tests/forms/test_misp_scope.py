from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from comity.forms.misp_scope import Scope, own_tags, party_codes
from comity.terms.tlp import LEVELS, RANK

GROUPS = {
    "7": {"id": "7", "SharingGroupOrg": [{"Organisation": {"name": name}} for name in ("KZ", "uz", "Not a code")]},
    "8": {"id": "8", "SharingGroupOrg": [{"Organisation": {"name": name}} for name in ("UZ", "TJ")]},
    "9": {"id": "9", "SharingGroupOrg": []},
    "10": {"id": "10", "active": False, "SharingGroupOrg": [{"Organisation": {"name": "KZ"}}]},
}
MEMBERS = {"7": {"KZ", "UZ"}, "8": {"UZ", "TJ"}, "9": set(), "10": set(), "99": set()}
#: Every way of saying how far a part goes: (distribution, group), and who is left of all parties.
ALL = frozenset({"KZ", "UZ", "TJ", "IR"})
REACHES: list[tuple[Any, str | None, frozenset[str]]] = [
    *((level, None, ALL) for level in (None, 1, "2", "3", "5")),
    *((level, None, frozenset()) for level in (0, "0", "9", "", [])),
    *(("4", group, frozenset(found)) for group, found in MEMBERS.items()),
]


def part(level: Any, group: str | None, **more: Any) -> dict[str, Any]:
    said = {} if level is None else {"distribution": level}
    described = {"SharingGroup": GROUPS[group]} if group in GROUPS else {}
    return said | ({"sharing_group_id": group} if group else {}) | described | more


def told(reach: tuple[Any, str | None, frozenset[str]]) -> str:
    """A case's name, the same in each process: a set's own order is not."""
    return f"{reach[0]} {reach[1]} {sorted(reach[2])}"


@pytest.mark.parametrize("event", REACHES, ids=told)
def test_the_strictest_of_event_object_and_attribute(event: tuple[Any, str | None, frozenset[str]]) -> None:
    for holder, attribute in product(REACHES, REACHES):
        scope = Scope()
        for level, group, _ in (event, holder, attribute):
            scope = scope.within(part(level, group))
        want = event[2] & holder[2] & attribute[2]
        assert (ALL if scope.to is None else set(scope.to)) == want


def test_a_group_that_was_described_around_a_part_is_known_in_it() -> None:
    whole = Scope().within(part("1", None, SharingGroup=GROUPS["7"], sharing_group_id="7"))
    assert whole.to is None
    assert whole.within({"distribution": "4", "sharing_group_id": "7"}).to == ("KZ", "UZ")


@pytest.mark.parametrize(("whole", "one", "other"), list(product(LEVELS, LEVELS, LEVELS)))
def test_of_contradicting_tags_the_strictest_holds(whole: str, one: str, other: str) -> None:
    tags = [{"name": f"TLP:{one.upper()}"}, {"name": f"tlp:{other}"}, {"name": "tlp:unclear"}]
    scope = Scope().within({"Tag": [{"name": f"tlp:{whole}"}]}).within({"Tag": tags})
    assert scope.tlp == max((whole, one, other), key=RANK.__getitem__)


def test_local_tags_tighten_and_do_not_travel() -> None:
    part_ = {"Tag": [{"name": "tlp:red", "local": 1}, {"name": "mine", "exportable": False}, {"name": "kind"}, {"name": "kind"}, {}, "x"]}
    scope = Scope(tags=("above",)).within(part_)
    assert (scope.tlp, scope.tags) == ("red", ("above", "kind"))
    assert own_tags(part_) == ["kind"]
    assert own_tags({}) == []


def test_as_open() -> None:
    scope = Scope(tlp="green", to=("KZ", "UZ"))
    assert scope.as_open(scope)
    assert scope.within({"Tag": [{"name": "kind"}]}).as_open(scope)
    assert not scope.within({"distribution": "0"}).as_open(scope)
    assert not scope.within({"Tag": [{"name": "tlp:red"}]}).as_open(scope)
    assert not scope.within({"Tag": [{"name": "PAP:RED"}]}).as_open(scope)


def test_party_codes() -> None:
    named = [{"name": "kz"}, {"name": "National CERT", "uuid": "A-1"}, {"name": "Second"}, {}, {"name": "not a code"}]
    assert party_codes(named, {"a-1": "TJ", "second": "UZ"}) == ("KZ", "TJ", "UZ")
