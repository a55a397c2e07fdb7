"""STIX's open vocabularies (STIX 2.1 section 10; STIX 2.0 part 1 section 6) and its suggested relationships (sections 4 to 6)."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from comity.terms.stix_types import SCO_TYPES


class Vocabulary(msgspec.Struct, frozen=True):
    """An open vocabulary: its values, and where it is used (type -> properties)."""

    values: frozenset[str]
    uses: Mapping[str, tuple[str, ...]]


def _of(values: str, **uses: str) -> Vocabulary:
    """From words; `_` in the name of an argument stands for `-` in a type's."""
    return Vocabulary(frozenset(values.split()), {type_.replace("_", "-"): tuple(names.split()) for type_, names in uses.items()})


_MOTIVES = "primary_motivation secondary_motivations"
_RESOURCES = "individual club contest team organization government"
_SECTORS = (
    "agriculture aerospace automotive communications construction education energy entertainment financial-services "
    "government-national government-regional government-local government-public-services healthcare hospitality-leisure "
    "infrastructure insurance manufacturing mining non-profit pharmaceuticals retail technology telecommunications "
    "transportation utilities "
)
_INDICATORS = "anomalous-activity anonymization benign compromised malicious-activity attribution "
_MALWARE = (
    "adware backdoor bot ddos dropper exploit-kit keylogger ransomware remote-access-trojan resource-exploitation "
    "rogue-security-software rootkit screen-capture spyware trojan virus worm "
)
_REPORTS = "threat-report attack-pattern campaign identity indicator malware observed-data threat-actor tool vulnerability "
_ACTORS = (
    "activist competitor crime-syndicate criminal hacker insider-accidental insider-disgruntled nation-state sensationalist spy terrorist "
)
_TOOLS = (
    "denial-of-service exploitation information-gathering network-capture credential-exploitation remote-access vulnerability-scanning "
)
_BOTH: dict[str, Vocabulary] = {
    "attack-motivation": _of(
        "accidental coercion dominance ideology notoriety organizational-gain personal-gain personal-satisfaction revenge unpredictable",
        intrusion_set=_MOTIVES,
        threat_actor=f"{_MOTIVES} personal_motivations",
    ),
    "attack-resource-level": _of(_RESOURCES, intrusion_set="resource_level", threat_actor="resource_level"),
    "threat-actor-role": _of(
        "agent director independent infrastructure-architect infrastructure-operator malware-author sponsor", threat_actor="roles"
    ),
    "threat-actor-sophistication": _of("none minimal intermediate advanced expert innovator strategic", threat_actor="sophistication"),
}
#: Name of the recommendation -> vocabulary. The names are those that the STIX validator of OASIS uses.
VOCABULARIES_21: dict[str, Vocabulary] = {
    **_BOTH,
    "grouping-context": _of("suspicious-activity malware-analysis unspecified", grouping="context"),
    "identity-class": _of("individual group system organization class unknown", identity="identity_class"),
    "implementation-languages": _of(
        "applescript bash c c++ c# go java javascript lua objective-c perl php powershell python ruby scala swift typescript "
        "visual-basic x86-32 x86-64",
        malware="implementation_languages",
    ),
    "indicator-types": _of(_INDICATORS + "unknown", indicator="indicator_types"),
    "indicator-pattern-types": _of("stix pcre sigma snort suricata yara", indicator="pattern_type"),
    "industry-sector": _of(_SECTORS + "chemical commercial dams defense emergency-services government nuclear water", identity="sectors"),
    "infrastructure-types": _of(
        "amplification anonymization botnet command-and-control control-system exfiltration firewall hosting-malware "
        "hosting-target-lists phishing reconnaissance routers-switches staging workstation unknown",
        infrastructure="infrastructure_types",
    ),
    "malware-capabilities": _of(
        "accesses-remote-machines anti-debugging anti-disassembly anti-emulation anti-memory-forensics anti-sandbox anti-vm "
        "captures-input-peripherals captures-output-peripherals captures-system-state-data cleans-traces-of-infection "
        "commits-fraud communicates-with-c2 compromises-data-availability compromises-data-integrity "
        "compromises-system-availability controls-local-machine degrades-security-software degrades-system-updates "
        "determines-c2-server emails-spam escalates-privileges evades-av exfiltrates-data fingerprints-host hides-artifacts "
        "hides-executing-code infects-files infects-remote-machines installs-other-components persists-after-system-reboot "
        "prevents-artifact-access prevents-artifact-deletion probes-network-environment self-modifies "
        "steals-authentication-credentials violates-system-operational-integrity",
        malware="capabilities",
    ),
    "malware-result": _of("malicious suspicious benign unknown", malware_analysis="result"),
    "malware-types": _of(_MALWARE + "bootkit downloader unknown webshell wiper", malware="malware_types"),
    "processor-architecture": _of("alpha arm ia-64 mips powerpc sparc x86 x86-64", malware="architecture_execution_envs"),
    "region": _of(
        "africa eastern-africa middle-africa northern-africa southern-africa western-africa americas latin-america-caribbean "
        "south-america caribbean central-america northern-america asia central-asia eastern-asia southern-asia "
        "south-eastern-asia western-asia europe eastern-europe northern-europe southern-europe western-europe oceania "
        "antarctica australia-new-zealand melanesia micronesia polynesia",
        location="region",
    ),
    "report-types": _of(_REPORTS + "intrusion-set", report="report_types"),
    "threat-actor-types": _of(_ACTORS + "unknown", threat_actor="threat_actor_types"),
    "tool-types": _of(_TOOLS + "unknown", tool="tool_types"),
}
VOCABULARIES_20: dict[str, Vocabulary] = {
    **_BOTH,
    "identity-class": _of("individual group organization class unknown", identity="identity_class"),
    "indicator-label": _of(_INDICATORS, indicator="labels"),
    "industry-sector": _of(_SECTORS + "defence", identity="sectors"),
    "malware-label": _of(_MALWARE, malware="labels"),
    "report-label": _of(_REPORTS, report="labels"),
    "threat-actor-label": _of(_ACTORS, threat_actor="labels"),
    "tool-label": _of(_TOOLS, tool="labels"),
}
_ACCOUNTS = "unix windows-local windows-domain ldap tacacs radius nis openid facebook skype twitter kavi"
ACCOUNT_TYPES_21 = frozenset(_ACCOUNTS.split())
ACCOUNT_TYPES_20 = ACCOUNT_TYPES_21 - {"kavi"}
HASHES_21 = frozenset({"MD5", "SHA-1", "SHA-256", "SHA-512", "SHA3-256", "SHA3-512", "SSDEEP", "TLSH"})
HASHES_20 = frozenset(
    {
        *("MD5", "MD6", "RIPEMD-160", "SHA-1", "SHA-224", "SHA-256", "SHA-384", "SHA-512"),
        *("SHA3-224", "SHA3-256", "SHA3-384", "SHA3-512", "ssdeep", "WHIRLPOOL"),
    }
)
ENCRYPTION_20 = frozenset(
    {
        *(f"AES128-{mode}" for mode in ("ECB", "CBC", "CFB", "COFB", "CTR", "XTS", "GCM")),
        *("Salsa20", "Salsa12", "Salsa8", "ChaCha20-Poly1305", "ChaCha20", "DES-CBC", "3DES-CBC", "DES-EBC", "3DES-EBC"),
        *("CAST128-CBC", "CAST256-CBC", "RSA", "DSA"),
    }
)
PE_TYPES = frozenset({"exe", "dll", "sys"})

COMMON_RELATIONSHIPS = frozenset({"derived-from", "duplicate-of", "related-to"})
_ADDRESSES = "domain-name ipv4-addr ipv6-addr"
_USED = "attack-pattern infrastructure malware tool"
_VICTIMS = "identity location vulnerability"
#: Source type -> relationship type -> target types, as STIX 2.1 suggests them.
_RELATIONSHIPS_21: dict[str, dict[str, str]] = {
    "attack-pattern": {"delivers": "malware", "targets": _VICTIMS, "uses": "malware tool"},
    "campaign": {
        "attributed-to": "intrusion-set threat-actor",
        "compromises": "infrastructure",
        "originates-from": "location",
        "targets": _VICTIMS,
        "uses": _USED,
    },
    "course-of-action": {
        "investigates": "indicator",
        "mitigates": "attack-pattern indicator malware tool vulnerability",
        "remediates": "malware vulnerability",
    },
    "domain-name": {"resolves-to": _ADDRESSES},
    "identity": {"located-at": "location"},
    "indicator": {
        "indicates": "attack-pattern campaign infrastructure intrusion-set malware threat-actor tool",
        "based-on": "observed-data",
    },
    "infrastructure": {
        "communicates-with": f"infrastructure {_ADDRESSES} url",
        "consists-of": f"infrastructure observed-data {' '.join(sorted(SCO_TYPES))}",
        "controls": "infrastructure malware",
        "delivers": "malware",
        "has": "vulnerability",
        "hosts": "malware tool",
        "located-at": "location",
        "uses": "infrastructure",
    },
    "intrusion-set": {
        "attributed-to": "threat-actor",
        "compromises": "infrastructure",
        "hosts": "infrastructure",
        "originates-from": "location",
        "owns": "infrastructure",
        "targets": _VICTIMS,
        "uses": _USED,
    },
    "ipv4-addr": {"resolves-to": "mac-addr", "belongs-to": "autonomous-system"},
    "ipv6-addr": {"resolves-to": "mac-addr", "belongs-to": "autonomous-system"},
    "malware": {
        "authored-by": "intrusion-set threat-actor",
        "beacons-to": "infrastructure",
        "communicates-with": f"{_ADDRESSES} url",
        "controls": "malware",
        "downloads": "file malware tool",
        "drops": "file malware tool",
        # The text has the first form in its table and the second in its summary.
        "exfiltrate-to": "infrastructure",
        "exfiltrates-to": "infrastructure",
        "exploits": "vulnerability",
        "originates-from": "location",
        "targets": f"infrastructure {_VICTIMS}",
        "uses": _USED,
        "variant-of": "malware",
    },
    "malware-analysis": dict.fromkeys(("characterizes", "analysis-of", "static-analysis-of", "dynamic-analysis-of"), "malware"),
    "threat-actor": {
        "attributed-to": "identity",
        "compromises": "infrastructure",
        "hosts": "infrastructure",
        "impersonates": "identity",
        "located-at": "location",
        "owns": "infrastructure",
        "targets": _VICTIMS,
        "uses": _USED,
    },
    "tool": {
        "delivers": "malware",
        "drops": "malware",
        "has": "vulnerability",
        "targets": f"infrastructure {_VICTIMS}",
        "uses": "infrastructure",
    },
}
_RELATIONSHIPS_20: dict[str, dict[str, str]] = {
    "attack-pattern": {"targets": "identity vulnerability", "uses": "malware tool"},
    "campaign": {
        "attributed-to": "intrusion-set threat-actor",
        "targets": "identity vulnerability",
        "uses": "attack-pattern malware tool",
    },
    "course-of-action": {"mitigates": "attack-pattern malware tool vulnerability"},
    "indicator": {"indicates": "attack-pattern campaign intrusion-set malware threat-actor tool"},
    "intrusion-set": {"attributed-to": "threat-actor", "targets": "identity vulnerability", "uses": "attack-pattern malware tool"},
    "malware": {"targets": "identity vulnerability", "uses": "tool", "variant-of": "malware"},
    "threat-actor": {
        "attributed-to": "identity",
        "impersonates": "identity",
        "targets": "identity vulnerability",
        "uses": "attack-pattern malware tool",
    },
    "tool": {"targets": "identity vulnerability"},
}


def suggested(source: str, relationship: str, target: str, *, old: bool = False) -> bool:
    """Whether STIX (2.0 if `old`) suggests this relationship between these types."""
    table = _RELATIONSHIPS_20 if old else _RELATIONSHIPS_21
    return relationship in COMMON_RELATIONSHIPS or target in table.get(source, {}).get(relationship, "").split()
