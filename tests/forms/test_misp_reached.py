from __future__ import annotations

from itertools import product

import pytest

from comity.forms.misp_reached import INHERIT, Reach, organisation, reach, sharing_group, tags, with_tags
from comity.forms.misp_scope import Scope
from comity.terms.item import Envelope
from comity.terms.tlp import LEVELS, RANK

WIDE = {"0": 0, "4": 1, "1": 2, "2": 3, "3": 4}
MOST = {"red": "0", "amber+strict": "0", "amber": "1", "green": "2", "clear": "3"}
AUDIENCES = (None, (), ("KZ",), ("KZ", "UZ"))


@pytest.mark.parametrize(
    ("tlp", "to", "said", "handling"), list(product(LEVELS, AUDIENCES, ("", "0", "1", "2", "3"), ((), ("H2",), ("H1",))))
)
def test_never_wider_than_the_envelope(tlp: str, to: tuple[str, ...] | None, said: str, handling: tuple[str, ...]) -> None:
    found = reach(Envelope(origin="KZ", tlp=tlp, to=to, handling=handling), said)
    assert WIDE[found.level] <= WIDE[MOST[tlp]]
    assert not said or WIDE[found.level] <= WIDE[said]
    if to is not None:
        assert found.level in ("0", "4")
        assert set(found.group) <= set(to)
    if to == () or "H2" in handling:
        assert found.level == "0"


def test_a_group_is_exactly_the_addressed_parties() -> None:
    fields = reach(Envelope(origin="KZ", tlp="green", to=("KZ", "UZ"))).fields()
    assert fields["distribution"] == "4"
    assert [each["Organisation"]["name"] for each in fields["SharingGroup"]["SharingGroupOrg"]] == ["KZ", "UZ"]
    assert Scope().within(fields).to == ("KZ", "UZ")
    assert sharing_group(("KZ",))["uuid"] != sharing_group(("UZ",))["uuid"] != organisation("UZ")["uuid"]


@pytest.mark.parametrize(("level", "other"), list(product(WIDE, WIDE)))
def test_a_part_says_its_reach_only_if_it_is_narrower(level: str, other: str) -> None:
    part, whole = (Reach(each, ("KZ",) if each == "4" else ()) for each in (level, other))
    inside = part.inside(whole)
    assert (inside.level == INHERIT) == (part == whole or (level != "4" and WIDE[level] >= WIDE[other]))
    assert part.or_narrower(whole) == (whole if inside.level == INHERIT else part)


def test_another_group_is_said() -> None:
    assert Reach("4", ("KZ",)).inside(Reach("4", ("UZ",))) == Reach("4", ("KZ",))


@pytest.mark.parametrize(
    ("names", "tlp", "around", "want"),
    [
        ([], "amber", [], ["tlp:amber"]),
        (["kind", "TLP:AMBER"], "amber", [], ["kind", "TLP:AMBER"]),
        (["tlp:white"], "amber", [], ["tlp:white", "tlp:amber"]),
        ([], "amber", ["tlp:amber"], []),
        ([], "red", ["tlp:amber"], ["tlp:red"]),
        (["a", "a"], "clear", ["tlp:white"], ["a"]),
    ],
)
def test_tags_say_what_holds(names: list[str], tlp: str, around: list[str], want: list[str]) -> None:
    found = [tag["name"] for tag in tags(names, Envelope(origin="KZ", tlp=tlp), around)]
    assert found == want
    assert RANK[Scope().within({"Tag": [{"name": name} for name in (*found, *around)]}).tlp or "clear"] >= RANK[tlp]


def test_pap() -> None:
    assert with_tags({}, ["tlp:green"], Envelope(origin="KZ", tlp="green", pap="red")) == {
        "Tag": [{"name": "tlp:green"}, {"name": "PAP:RED"}]
    }
    assert with_tags({"a": 1}, [], Envelope(origin="KZ"), ["tlp:amber"]) == {"a": 1}
