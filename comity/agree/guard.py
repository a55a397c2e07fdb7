"""Guardrails on the words an agreement may classify by (product.md G5, G7, G8, G9): by act and effect, never by motive.

They bind purposes, types, threats and duties. A title or a clause's text may cite a treaty in the treaty's own words.
"""

from __future__ import annotations

import re

#: The closed list of duties a clause may lay on the recipient.
DUTIES = ("report-sightings", "feedback", "notify-before-court")

_VOCABULARY = """
adware amplification anomalous-activity anonymization attack-pattern attribution backdoor benign bootkit bot botnet campaign
command-and-control compromised credential-exploitation ddos denial-of-service domain-registration downloader dropper
exfiltration exploit-kit exploitation firewall hosting-malware hosting-target-lists identity indicator
information-gathering intrusion-set keylogger malicious-activity malware mobile-tool network-capture observed-data phishing
ransomware reconnaissance remote-access remote-access-trojan resource-exploitation rogue-security-software rootkit
routers-switches screen-capture spyware staging threat-actor threat-report tool trojan undefined unknown virus
vulnerability vulnerability-scanning webshell wiper workstation worm
"""
#: STIX 2.1 section 10 open vocabularies that `Traits.threat` can hold: indicator-type-ov, malware-type-ov,
#: infrastructure-type-ov, tool-type-ov, report-type-ov. A word outside them is legal STIX and a likely slip of the pen.
THREATS = tuple(_VOCABULARY.split())

_GROUNDS = {
    "G5": "no classification by ethnicity, religion, belief, opinion, orientation, union or health",
    "G6": "no lists of persons and no search for persons",
    "G7": "classify by act, technical effect and impact, never by motive",
    "G8": "no control of content",
    "G9": "no location, extradition or surveillance",
}
#: Beginnings of words; a word ending in "." counts only whole.
_STEMS = {
    "G5": "ethni racial race. nationalit relig belief faith. opinion politic ideolog orientation. sexual union. health. "
    "muslim islam. islamic. christian. christians. protestant jew. jews. jewish hindu. hindus. buddhist sect. sects. sectarian "
    "caste. castes. tribe. tribes. tribal lgbt gay. gays. lesbian homosexual transgender",
    "G6": "watchlist person. persons. people. suspect. suspects. dossier biometri journalist",
    "G7": "separatis extremis terroris radicalis radicaliz deradical dissident activis hacktivis subversi motive. "
    "protest unrest. opposition.",
    "G8": "content. censor takedown propaganda misinformation disinformation speech. morality rumour rumor fakenews",
    "G9": "extradit deport surveil location. geolocat tracking. wiretap. intercept",
}
#: Two words that are refused where both stand.
_PAIRS = (("G6", "watch", "list"), ("G6", "watch", "lists"), ("G8", "fake", "news"))
# STIX and our own vocabulary, where a stem means something technical.
_TECHNICAL = frozenset({"opinion", "language-content", "location", "person-gate", *THREATS})


def refused(word: str) -> str | None:
    """Why a word may not be a purpose, type, threat or duty (`G7: classify by act…`); None if it may."""
    name = word.lower()
    if name in _TECHNICAL:
        return None
    parts = [part for part in re.split(r"[^a-z0-9]+", name) if part]
    for guard, one, other in _PAIRS:
        if one in parts and other in parts:
            return f"{guard}: {_GROUNDS[guard]}"
    for guard, stems in _STEMS.items():
        if any(_begins(part, stem) for part in parts for stem in stems.split()):
            return f"{guard}: {_GROUNDS[guard]}"
    return None


def _begins(part: str, stem: str) -> bool:
    return part == stem[:-1] if stem.endswith(".") else part.startswith(stem)
