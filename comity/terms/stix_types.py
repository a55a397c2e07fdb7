"""The vocabulary of STIX 2.0 and 2.1 types, in the groups that clauses name (model.md, Type groups), and our own types.

Ids and type names minted here are constants for ever: other nodes hold objects that carry them.
"""

from __future__ import annotations

from uuid import UUID

#: Domain objects (STIX 2.1 section 4) and the types MITRE ATT&CK adds.
THREAT_TYPES = frozenset(
    {
        "attack-pattern",
        "campaign",
        "course-of-action",
        "grouping",
        "identity",
        "indicator",
        "infrastructure",
        "intrusion-set",
        "location",
        "malware",
        "malware-analysis",
        "note",
        "observed-data",
        "opinion",
        "report",
        "threat-actor",
        "tool",
        "vulnerability",
        "x-mitre-analytic",
        "x-mitre-asset",
        "x-mitre-collection",
        "x-mitre-data-component",
        "x-mitre-data-source",
        "x-mitre-detection-strategy",
        "x-mitre-matrix",
        "x-mitre-tactic",
    }
)
#: Cyber-observable objects (STIX 2.1 section 6).
SCO_TYPES = frozenset(
    {
        "artifact",
        "autonomous-system",
        "directory",
        "domain-name",
        "email-addr",
        "email-message",
        "file",
        "ipv4-addr",
        "ipv6-addr",
        "mac-addr",
        "mutex",
        "network-traffic",
        "process",
        "software",
        "url",
        "user-account",
        "windows-registry-key",
        "x509-certificate",
    }
)
#: Relationship objects (STIX 2.1 section 5).
SRO_TYPES = frozenset({"relationship", "sighting"})
#: Meta objects (STIX 2.1 section 7): about objects, and never the end of a relationship.
META_TYPES = frozenset({"marking-definition", "extension-definition", "language-content", "bundle"})
#: Public vocabulary: whoever sees an object may see the definitions it names.
PUBLIC_TYPES = frozenset({"marking-definition", "extension-definition"})
#: Types that STIX 2.0 does not have: an object of one of them is 2.1 whatever it says.
ONLY_21 = frozenset(
    {"grouping", "infrastructure", "location", "malware-analysis", "note", "opinion", "language-content", "extension-definition"}
) | frozenset(SCO_TYPES)

#: Comity's own types, all defined by `COMITY_EXTENSION` (extension_type `new-sdo`).
AGREEMENT_TYPE = "comity-agreement"
STANDING_TYPE = "comity-standing"
OWN_TYPES = frozenset({AGREEMENT_TYPE, STANDING_TYPE})
COMITY_EXTENSION = "extension-definition--b8215083-58ac-4cde-9467-d8b96116c046"

#: Namespace of STIX's deterministic SCO ids (STIX 2.1 section 2.9); forbidden for anything else.
SCO_NAMESPACE = UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")
#: Namespace of the deterministic ids of objects that Comity makes from rows, attributes and reports.
OWN_NAMESPACE = UUID("0d1f66dd-ace7-44d3-bc95-bce89525aac6")

#: The groups a clause's `types` may name.
GROUPS: dict[str, frozenset[str]] = {
    "@threat": THREAT_TYPES,
    "@observables": SCO_TYPES,
    "@links": SRO_TYPES,
    "@cooperation": OWN_TYPES,
}
