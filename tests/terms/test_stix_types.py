from __future__ import annotations

import itertools

from comity.terms import stix_types


def test_no_type_is_in_two_groups_and_public_ones_are_in_none() -> None:
    groups = list(stix_types.GROUPS.values())
    assert all(not a & b for a, b in itertools.combinations(groups, 2))
    assert not any(stix_types.PUBLIC_TYPES & group for group in groups)
    assert set(stix_types.GROUPS) == {"@threat", "@observables", "@links", "@cooperation"}


def test_minted_names_never_change() -> None:
    assert stix_types.COMITY_EXTENSION == "extension-definition--b8215083-58ac-4cde-9467-d8b96116c046"
    assert str(stix_types.OWN_NAMESPACE) == "0d1f66dd-ace7-44d3-bc95-bce89525aac6"
    assert str(stix_types.SCO_NAMESPACE) == "00abedb4-aa42-466c-9c01-fed23315a9b7"
    governing = {"comity-agreement", "comity-standing", "comity-agreement-act", "comity-party-key"}
    registered = {"comity-body", "comity-party", "comity-source", "comity-dispute", "comity-contact"}
    assert governing | registered | {"comity-accession", "comity-accession-step"} == stix_types.OWN_TYPES
