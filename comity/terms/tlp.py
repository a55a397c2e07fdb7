"""The Traffic Light Protocol: TLP 2.0 (FIRST) and TLP 1 on one lattice; markings may only tighten.

Marking ids: STIX 2.1 section 7.2.1.4 (TLP 1) and the OASIS TLP 2.0 extension.
"""

from __future__ import annotations

from collections.abc import Iterable

#: From the widest to the strictest; the index is the rank.
LEVELS = ("clear", "green", "amber", "amber+strict", "red")
RANK = {level: rank for rank, level in enumerate(LEVELS)}

#: TLP 2.0 extension (OASIS common objects), property `tlp_2_0`.
TLP2_EXTENSION = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"

TLP2_IDS = {
    "clear": "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
    "green": "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
    "amber": "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
    "amber+strict": "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
    "red": "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
}
TLP1_IDS = {
    "clear": "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9",
    "green": "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da",
    "amber": "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82",
    "red": "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed",
}
#: Marking-definition id -> level, both versions.
BY_ID = {id_: level for ids in (TLP1_IDS, TLP2_IDS) for level, id_ in ids.items()}


def level(text: str) -> str:
    """The level that a name stands for: `TLP:WHITE`, `tlp:amber+strict`, `Green`. Raises ValueError."""
    name = text.strip().lower().removeprefix("tlp:").strip().replace("_", "+").replace(" ", "")
    name = {"white": "clear", "amberstrict": "amber+strict", "amber-strict": "amber+strict"}.get(name, name)
    if name not in RANK:
        raise ValueError(f"{text!r} is not a TLP level: one of {', '.join(LEVELS)}")
    return name


def strictest(levels: Iterable[str]) -> str | None:
    """The strictest of some levels, None when there are none (STIX defines no precedence; ours is: strictest wins)."""
    return max(levels, key=RANK.__getitem__, default=None)


def within(subject: str, ceiling: str) -> bool:
    """Whether a level is at most the ceiling."""
    return RANK[subject] <= RANK[ceiling]
