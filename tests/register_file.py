"""A register of our own making in the form `domain.parties/1`: two bodies that are not there, with everything that such a file can say."""

from __future__ import annotations

from typing import Any

import msgspec


def row(party: str, name: str, status: str = "member", joined: str | None = "2001-06-15", **more: Any) -> dict[str, Any]:
    """A membership of the river council, as cited by its charter."""
    given = {"org": "RIVER", "party": party, "kind": "state", "name": name, "status": status, "rights_status": status, "joined": joined}
    return {**given, "joined_precision": "day", "confidence": "cited", "sources": ["charter"], **more}


def register() -> dict[str, Any]:
    """Six parties of the river council and one of the hill league, on 2021-11-01."""
    return {
        "schema": "domain.parties/1",
        "as_of": "2021-11-01",
        "organisations": [
            {
                "id": "RIVER",
                "name": "River Council",
                "founded": "2001-06-15",
                "bodies": [{"id": "RIVER-SEC", "name": "Secretariat", "seat": "Ford, AA"}],
            },
            {"id": "HILL", "name": "Hill League"},
        ],
        "memberships": [
            row("AA", "Alder", basis="founding declaration"),
            row("BB", "Birch", sources=["charter", "yearbook"], flags=["absent from the list in gazette"]),
            row("CC", "Cedar", joined="2017-06-09", previous=[{"status": "observer", "from": "2005", "precision": "year"}]),
            row(
                "DD", "Dogwood", "acceding", "2005-07-05", rights_status="observer", target_status="member",
                procedure={
                    "stage_on_as_of": "launched",
                    "launched": "2021-09-17",
                    "steps_later": [
                        {"step": "memorandum signed", "date": "2022-09-15", "conflict": "2022-09-16 in gazette"},
                        {"step": "full member", "date": "2023-07-04", "confidence": "memory"},
                    ],
                },
            ),
            row("EE", "Elm", "acceding", None, rights_status="none", target_status="dialogue_partner", procedure={"launched": "2021-09"}),
            row("FF", "Fir", "dialogue_partner", None, joined_precision="unknown", flags=["the day is not known"]),
            {**row("BB", "Birch", joined="2010"), "org": "HILL"},
        ],
        "instruments": [{"title": "Charter"}],
        "conflicts": [
            {"id": "C1", "what": "RIVER member list", "values": {"gazette": "2, Birch missing", "charter": 3}, "resolution": "3"},
            {"id": "C2", "what": "who signed", "values": {"gazette": "one", "yearbook": "another"}},
        ],
        "sources": {
            "charter": {"title": "Charter of the River Council", "date": "2001-06-15", "kind": "treaty"},
            "yearbook": {"title": "Yearbook", "url": "https://www.example.com/yearbook"},
            "gazette": {"title": "Gazette", "date": "2021-11-01"},
        },
    }  # fmt: skip


def raw(**changes: Any) -> bytes:
    """The file, with some of its keys changed."""
    return msgspec.json.encode({**register(), **changes})
