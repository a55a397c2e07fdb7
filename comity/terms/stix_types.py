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
        "incident",
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
    {
        "grouping",
        "incident",
        "infrastructure",
        "location",
        "malware-analysis",
        "note",
        "opinion",
        "language-content",
        "extension-definition",
    }
) | frozenset(SCO_TYPES)

#: Comity's own types, all defined by `COMITY_EXTENSION` (extension_type `new-sdo`).
AGREEMENT_TYPE = "comity-agreement"
STANDING_TYPE = "comity-standing"
#: What a party did about an agreement, and a key by which what it signs is known.
ACT_TYPE = "comity-agreement-act"
KEY_TYPE = "comity-party-key"
#: What the register says besides: bodies, parties, sources, and where sources differ.
BODY_TYPE = "comity-body"
PARTY_TYPE = "comity-party"
SOURCE_TYPE = "comity-source"
DISPUTE_TYPE = "comity-dispute"
#: A party's way to a standing, and what was done on it.
ACCESSION_TYPE = "comity-accession"
ACCESSION_STEP_TYPE = "comity-accession-step"
#: How a party is reached.
CONTACT_TYPE = "comity-contact"
OWN_TYPES = frozenset(
    {
        AGREEMENT_TYPE, STANDING_TYPE, ACT_TYPE, KEY_TYPE, BODY_TYPE, PARTY_TYPE, SOURCE_TYPE, DISPUTE_TYPE, ACCESSION_TYPE,
        ACCESSION_STEP_TYPE, CONTACT_TYPE,
    }
)  # fmt: skip
#: An object whose body only those it is addressed to can read (ADR 17): an item like any other, not governance.
SEALED_TYPE = "comity-sealed"
COMITY_EXTENSION = "extension-definition--b8215083-58ac-4cde-9467-d8b96116c046"
#: Defines the `x_misp_` properties and the `x-misp-` types of objects made from MISP (docs/misp.md).
MISP_EXTENSION = "extension-definition--7997084c-4842-417e-8388-27447270dec5"

#: Namespace of STIX's deterministic SCO ids (STIX 2.1 section 2.9); forbidden for anything else.
SCO_NAMESPACE = UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")
#: Namespace of the deterministic ids of objects that Comity makes from rows, attributes and reports.
OWN_NAMESPACE = UUID("0d1f66dd-ace7-44d3-bc95-bce89525aac6")

#: The groups a clause's `types` may name.
GROUPS: dict[str, frozenset[str]] = {
    "@threat": THREAT_TYPES,
    "@observables": SCO_TYPES,
    "@links": SRO_TYPES | {"language-content"},
    "@cooperation": OWN_TYPES,
}

#: Properties that make an SCO's deterministic id (STIX 2.1 section 6); a process has none.
CONTRIBUTING = {
    "artifact": ("hashes", "payload_bin"),
    "autonomous-system": ("number",),
    "directory": ("path",),
    "domain-name": ("value",),
    "email-addr": ("value",),
    "email-message": ("from_ref", "subject", "body"),
    "file": ("hashes", "name", "extensions", "parent_directory_ref"),
    "ipv4-addr": ("value",),
    "ipv6-addr": ("value",),
    "mac-addr": ("value",),
    "mutex": ("name",),
    "network-traffic": ("start", "end", "src_ref", "dst_ref", "src_port", "dst_port", "protocols", "extensions"),
    "software": ("name", "cpe", "swid", "vendor", "version"),
    "url": ("value",),
    "user-account": ("account_type", "user_id", "account_login"),
    "windows-registry-key": ("key", "values"),
    "x509-certificate": ("hashes", "serial_number"),
}
