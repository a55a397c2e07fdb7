"""Filters over MITRE ATT&CK (two releases of two matrices, 7,634 objects in 4,706 versions) against a plain computation of what they mean.

A few hundred objects of the older release are posted as STIX 2.0, so that ids have versions in both specifications.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime
from itertools import chain, combinations
from random import Random
from typing import Any, NamedTuple

import pytest
from starlette.datastructures import QueryParams

from comity.clock import parse
from comity.doors.taxii.resources import Root
from comity.forms import stix_json
from comity.intake.submit import Submitter, submit
from tests.consortium import Body
from tests.doors.taxii.test_resources import root

#: Types whose objects are the same in both specifications.
EITHER = {"attack-pattern", "course-of-action", "intrusion-set", "relationship"}


class Record(NamedTuple):
    """One version of one object, as the standard sees it."""

    id: str
    type: str
    spec: str
    version: str

    @property
    def moment(self) -> datetime:
        return parse(self.version)


class Library:
    """The objects in a node of KZ's own, and the versions in the order in which they came."""

    def __init__(self, objects: list[dict[str, Any]], folder) -> None:
        body = Body(store=f"sqlite:{folder / 'store.db'}")
        body.member("KZ")
        drafts = stix_json.read(json.dumps(objects).encode())
        outcomes = list(submit(body.world, drafts, Submitter(party="KZ")))
        self.refused = {(outcome.id, outcome.version) for outcome in outcomes if outcome.outcome == "rejected"}
        self.at: Root = root(body)
        first: dict[tuple[str, str], Record] = {}
        for obj in objects:
            version = obj.get("modified") or obj["created"]
            first.setdefault((obj["id"], version), Record(obj["id"], obj["type"], obj.get("spec_version", "2.0"), version))
        self.records = [record for key, record in first.items() if key not in self.refused]
        self.families: dict[str, list[Record]] = {}
        for record in self.records:
            self.families.setdefault(record.id, []).append(record)

    def told(self, query: str) -> list[tuple[str, str]]:
        """(id, version) of all pages of the manifest, which come in strict order of the dates added."""
        found: list[tuple[str, str]] = []
        last = ""
        cursor = ""
        while True:
            listing = json.loads(self.at.manifest("exchange", QueryParams(query + cursor)).body)
            for each in listing.get("objects", []):
                assert last < each["date_added"]
                last = each["date_added"]
                found.append((each["id"], each["version"]))
            if not listing.get("more"):
                return found
            cursor = f"&next={listing['next']}"

    def meant(
        self, versions: tuple[str, ...], specs: set[str] | None, ids: set[str] | None, types: set[str] | None
    ) -> set[tuple[str, str]]:
        """(id, version) of what sections 3.4 and 3.4.1 say."""
        found: set[tuple[str, str]] = set()
        for id_, family in self.families.items():
            if (ids is not None and id_ not in ids) or (types is not None and family[0].type not in types):
                continue
            latest = max(record.spec for record in family)
            there = [record for record in family if record.spec in (specs if specs is not None else {latest})]
            for record in there:
                newest, oldest = max(each.moment for each in there), min(each.moment for each in there)
                for wanted in versions or ("last",):
                    fits = {"all": True, "last": record.moment == newest, "first": record.moment == oldest}
                    if fits[wanted] if wanted in fits else record.moment == parse(wanted):
                        found.add((record.id, record.version))
        return found

    def agree(self, versions: tuple[str, ...] = (), specs=None, ids=None, types=None) -> int:
        """Compare; how many records there are."""
        given = {"version": versions, "spec_version": specs, "id": ids, "type": types}
        query = "&".join(f"match[{name}]={','.join(values)}" for name, values in given.items() if values)
        told, meant = self.told(query), self.meant(versions, specs and set(specs), ids and set(ids), types and set(types))
        assert len(told) == len(set(told)), query
        assert set(told) == meant, query
        return len(told)


@pytest.fixture(scope="module")
def library(shared_data, tmp_path_factory):
    folder = shared_data / "public" / "taxii-serving" / "stix" / "attack-stix-data"
    releases = [
        [json.loads((folder / f"{name}-attack" / f"{name}-attack-17.{n}.json").read_bytes())["objects"] for name in ("ics", "mobile")]
        for n in (0, 1)
    ]
    old, new = (list(chain.from_iterable(release)) for release in releases)
    assert (len(old) + len(new), len({(obj["id"], obj.get("modified")) for obj in old + new})) == (7_634, 4_706)
    later = {obj["id"]: obj.get("modified") for obj in new}
    both = [obj for obj in old if obj["type"] in EITHER and obj["id"] in later and later[obj["id"]] != obj["modified"]]
    for obj in both[::2]:
        del obj["spec_version"]
    made = Library(old + new, tmp_path_factory.mktemp("attack"))
    assert len(made.records) == 4_706
    return made


@pytest.fixture(scope="module")
def exact(library) -> list[str]:
    """The version that most objects have, one of an object with two, and one that none has."""
    common = Counter(record.version for record in library.records).most_common(1)[0][0]
    pair = next(
        family for family in library.families.values() if [r.spec for r in family] == ["2.1", "2.1"] and family[0].version != common
    )
    return [common, pair[0].version, "2001-06-15T00:00:00.000Z"]


def test_s24_every_combination_of_versions(library, exact):
    counts = {}
    words = ["first", "last", *exact]
    for size in range(1, len(words) + 1):
        for versions in combinations(words, size):
            counts[versions] = library.agree(versions)
    counts["all",] = library.agree(("all",))
    assert library.agree() == counts["last",] == 3_820
    assert counts["all",] > counts["first", "last"] - 1 > counts["last",]
    assert counts[exact[2],] == 0 < counts[exact[1],]


def test_s25_every_combination_of_specifications(library, exact):
    for specs in (("2.0",), ("2.1",), ("2.0", "2.1"), ("2.2",)):
        for versions in ((), ("all",), ("first", "last"), ("first", exact[0])):
            assert (library.agree(versions, specs) == 0) == (specs == ("2.2",))
        library.agree((exact[1],), specs)
    assert library.agree(("all",), ("2.0", "2.1")) == len(library.records)


def test_s26_every_type_and_pairs_of_them(library):
    types = sorted({record.type for record in library.records})
    assert sum(library.agree(("all",), ("2.0", "2.1"), types=(each,)) for each in types) == len(library.records)
    for each in combinations(types[::3], 2):
        library.agree(("first", "last"), types=each)
    assert library.agree(types=("tool", "no-such-type")) == library.agree(types=("tool",))
    assert library.agree(types=("no-such-type",)) == 0


def test_s23_ids_with_all_the_rest(library, exact):
    chance = Random(24)
    names = sorted(library.families)
    twice = [id_ for id_, family in library.families.items() if len(family) > 1]
    for _ in range(60):
        ids = (*chance.sample(names, 20), *chance.sample(twice, 10), "tool--00000000-0000-4000-8000-000000000000")
        versions = chance.choice([(), ("all",), ("first",), ("last", exact[0]), (library.families[ids[20]][0].version,)])
        specs = chance.choice([None, ("2.0",), ("2.1",), ("2.0", "2.1")])
        types = chance.choice([None, ("relationship",), ("attack-pattern", "malware", "relationship")])
        library.agree(versions, specs, ids, types)


def test_s24_one_object_and_its_versions(library):
    """The object's own address says the same as the filter by id; `versions` ascend."""
    chance = Random(8)
    for id_ in chance.sample([id_ for id_, family in library.families.items() if len(family) > 1], 40):
        family = library.families[id_]
        for versions in ("all", "first", "last", "first,last", family[0].version, f"last,{family[0].version}"):
            query = f"match[version]={versions}&match[spec_version]=2.0,2.1"
            whole = json.loads(library.at.object("exchange", id_, QueryParams(query)).body)
            meant = library.meant(tuple(versions.split(",")), {"2.0", "2.1"}, {id_}, None)
            assert {(o["id"], o["modified"]) for o in whole["objects"]} == meant
            assert len(whole["objects"]) == len(meant)
        listed = json.loads(library.at.versions("exchange", id_, QueryParams("match[spec_version]=2.0,2.1")).body)["versions"]
        assert listed == sorted(record.version for record in family)
