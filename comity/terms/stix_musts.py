"""What STIX demands of one object beyond `stix_check.check`: what feeds get wrong without harm to anybody else, or what takes long to tell.

Each function yields (property path, what must be). The strict check asks them all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from encodings.aliases import aliases

from comity.terms.code_lists import LANGUAGES_2, LANGUAGES_3
from comity.terms.pattern import parse
from comity.terms.pattern_check import check_pattern
from comity.terms.stix_custom import kinds, named_in_pattern, pattern_of
from comity.terms.stix_domain import RESERVED_20
from comity.terms.stix_observables import OBSERVABLES_20, OBSERVABLES_21
from comity.terms.stix_shapes import TYPE_NAME, binary, hexadecimal, language
from comity.terms.stix_should import MEDIA_TYPE, Found, Object, extension, listed, observables
from comity.terms.stix_types import CONTRIBUTING, SCO_TYPES
from comity.terms.stix_vocabularies import HASHES_21

_NAME_21 = re.compile(r"[a-z][a-z0-9_]{2,249}\Z")
_NAME_20 = re.compile(r"[a-z0-9_]{3,250}\Z")
_PATTERN_NAME = re.compile(r"[a-z0-9_]{3,250}\Z")
_EXTENSION = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*-ext\Z")
_MILLIS = re.compile(r".*\.\d{3,}Z\Z")
_MILLIS_20 = re.compile(r".*\.\d{3}Z\Z")
_SELECTOR = re.compile(r"(?:[a-z0-9_-]{3,250}(?:\.(?:\[\d+\]|[a-z0-9_-]{1,250}))*|id)\Z")
_EXIF = re.compile(r"[A-Z][a-zA-Z0-9_-]+\Z")
_SOCKET = re.compile(r"(?:SO|ICMP|ICMP6|IP|IPV6|MCAST|TCP|IRLMP)_[A-Z0-9_]+\Z")
#: CPE 2.3 formatted string (NISTIR 7695 section 6.2): part, five attributes, language, four attributes.
_ATTRIBUTE = r"(?:[*-]|(?:\?*|\*?)(?:[a-zA-Z0-9._-]|\\[^a-zA-Z0-9\s])+(?:\?*|\*?))"
_CPE = re.compile(
    rf"cpe:2\.3:[aho*-](?::{_ATTRIBUTE}){{5}}:(?:[a-zA-Z]{{2,3}}(?:-(?:[a-zA-Z]{{2}}|\d{{3}}))?|[*-])(?::{_ATTRIBUTE}){{4}}\Z"
)
_HIVES = re.compile(r"(?:HKLM|HKCC|HKCR|HKCU|HKU)(?:\\|\Z)", re.IGNORECASE)
_CHARSETS = frozenset(aliases) | frozenset(aliases.values())
_OTHER_SOURCE = re.compile(r"(?:CVE-\d{4}-\d{4,}|CAPEC-\d+)\Z")
#: RFC 3986: a scheme, and then only what a URI may hold.
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+\Z")
#: Fields of the Windows STARTUPINFO structure (section 6.13.2).
_STARTUP = re.compile(
    r"cb|lpReserved2?|lpDesktop|lpTitle|dwX|dwY|dwXSize|dwYSize|dwXCountChars|dwYCountChars|dwFillAttribute|dwFlags|wShowWindow|cbReserved2|"
    r"hStdInput|hStdOutput|hStdError"
)
#: The only four objects of `definition_type` tlp (section 7.2.1.4).
_TLP = {
    "white": "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9",
    "green": "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da",
    "amber": "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82",
    "red": "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed",
}
_TLP_CREATED = "2017-01-20T00:00:00.000Z"
_TLP_20 = frozenset({"type", "id", "created", "definition_type", "definition"})
_TLP_21 = _TLP_20 | {"spec_version", "name"}


def _versions(obj: Object, old: bool) -> Found:
    wanted = ("created",) if obj["type"] == "marking-definition" else ("created", "modified") if obj["type"] != "bundle" else ()
    yield from ((name, "missing") for name in wanted if old and name not in obj)
    if not old and "spec_version" not in obj and obj["type"] not in SCO_TYPES and ("created" in obj or "modified" in obj):
        yield "spec_version", "missing"
    for name in ("created", "modified") if obj["type"] not in SCO_TYPES else ():
        value = obj.get(name)
        if isinstance(value, str) and not (_MILLIS_20 if old else _MILLIS).match(value) and obj["type"] != "marking-definition":
            yield name, f"must be precise to the millisecond{' and no further' if old else ''}"


def _ids(obj: Object, old: bool) -> Found:
    """Section 2.9: what nothing can be derived from has a UUIDv4; in 2.0 everything has."""
    id_ = obj.get("id")
    version = id_.partition("--")[2][14:15] if isinstance(id_, str) else ""
    if old:
        for name, value in obj.items() if obj["type"] != "bundle" else ():
            ids = [value] if name == "id" or name.endswith("_ref") else listed(value) if name.endswith("_refs") else []
            if any(isinstance(each, str) and each.partition("--")[2][14:15] not in ("4", "") for each in ids):
                yield name, "must be a UUIDv4"
    elif obj["type"] in SCO_TYPES and version not in ("4", "") and not set(obj) & set(CONTRIBUTING.get(obj["type"], ())):
        yield "id", "must be a UUIDv4, for nothing here makes another"


def _names(obj: Object, old: bool) -> Found:
    """Property names (section 3.1), and no empty value under them (sections 2.3, 2.12)."""
    kind = kinds(old).get(obj["type"])
    form = _NAME_20 if old else _NAME_21
    for name, value in obj.items():
        if not form.match(name) and name != "id" and not (kind and name in kind.names):
            yield name[:80], "is not a property name: 3 to 250 of a-z, 0-9 and '_'" + ("" if old else ", a letter first")
        if value is None:
            yield name[:80], "must not be null"
        elif value == [] and not (kind and name in kind.shapes):
            yield name[:80], "must not be an empty list"
        for ending, shape in (("_bin", binary), ("_hex", hexadecimal)):
            if name.endswith(ending):
                yield from ((name[:80], why) for _, why in shape(value) or ())
        if old and name in RESERVED_20:
            yield name, "is reserved by STIX and must not be used"


def _markings(obj: Object, old: bool) -> Found:
    if obj["type"] == "marking-definition" and obj.get("definition_type") == "tlp":
        definition = obj.get("definition")
        level = definition.get("tlp") if isinstance(definition, dict) else None
        fixed = obj.get("id") == _TLP.get(str(level)) and obj.get("created") == _TLP_CREATED
        whole = _TLP_20 if old else _TLP_21
        if not fixed or set(obj) != whole or ("name" in whole and obj.get("name") != f"TLP:{str(level).upper()}"):
            yield "definition", "is not one of the four TLP markings that STIX defines, as it defines them"
    for index, marking in enumerate(listed(obj.get("granular_markings"))):
        for place, selector in enumerate(listed(marking.get("selectors") if isinstance(marking, dict) else None)):
            if isinstance(selector, str) and not _SELECTOR.match(selector):
                yield f"granular_markings[{index}].selectors[{place}]", f"{selector[:80]!r} is not a selector"


def registered(tag: str) -> bool:
    """Whether a language tag is well-formed and begins with a language of ISO 639-1 or 639-2 (RFC 5646 section 2.2.1)."""
    first = tag.partition("-")[0].lower()
    return language(tag) is None and (first in LANGUAGES_2 or first in LANGUAGES_3 or first == "x")


def _languages(obj: Object, old: bool) -> Found:
    contents = obj.get("contents") if obj["type"] == "language-content" else None
    tags = [("lang", obj["lang"])] if isinstance(obj.get("lang"), str) and not old else []
    tags += [(f"contents.{key[:80]}", key) for key in contents] if isinstance(contents, dict) else []
    yield from ((path, "is not a registered language (RFC 5646)") for path, tag in tags if not registered(tag))
    for key, values in contents.items() if isinstance(contents, dict) else ():
        for name in values if isinstance(values, dict) else ():
            if not _PATTERN_NAME.match(name):
                yield f"contents.{key[:80]}.{name[:80]}", "is not a property name"


def _sources(obj: Object, old: bool) -> Found:
    """Section 2.5; CVE and CAPEC entries are named so (sections 4.1, 4.19)."""
    for index, each in enumerate(listed(obj.get("external_references"))):
        if not isinstance(each, dict):
            continue
        if isinstance(each.get("url"), str) and not _URI.match(each["url"]):
            yield f"external_references[{index}].url", "must be a URL (RFC 3986)"
        for name in each["hashes"] if isinstance(each.get("hashes"), dict) and not old else ():
            if name not in HASHES_21:
                yield f"external_references[{index}].hashes.{name[:80]}", "must be a hash of STIX's vocabulary"
        found = each.get("external_id")
        if isinstance(found, str) and _OTHER_SOURCE.match(found) and each.get("source_name") not in ("cve", "capec"):
            yield f"external_references[{index}].source_name", f"must be {found.partition('-')[0].lower()} for {found[:40]}"


def _extension_keys(obj: Object, old: bool) -> Found:
    for path, each in [("", obj)] if not old else []:
        found = each.get("extensions")
        for key in found if isinstance(found, dict) else ():
            if not key.startswith("extension-definition--") and not _EXTENSION.match(key):
                yield f"{path}extensions.{key[:80]}", "must be the id of an extension definition, or end in -ext"


def _observable(obj: Object, old: bool) -> Found:
    for path, each in observables(obj):
        for where, why in _of_observable(each, old):
            yield path + where, why


def _of_observable(obj: Object, old: bool) -> Found:
    for name, holds, why in _VALUES.get(obj["type"], ()):
        value = obj.get(name)
        if isinstance(value, str) and not holds(value):
            yield name, why
    for index, tag in enumerate(listed(obj.get("languages")) if obj["type"] == "software" else ()):
        if isinstance(tag, str) and not (tag in LANGUAGES_3 if old else registered(tag)):
            yield f"languages[{index}]", "is not an ISO 639-2 code" if old else "is not a registered language (RFC 5646)"
    if obj["type"] == "file":
        stamp = extension(obj, "windows-pebinary-ext").get("time_date_stamp")
        if isinstance(stamp, str) and "." in stamp:
            yield "extensions.windows-pebinary-ext.time_date_stamp", "must be precise to the second"
        yield from _keys_like(obj, "raster-image-ext", "exif_tags", _EXIF, "an EXIF tag")
    if obj["type"] == "process":
        yield from _keys_like(obj, "windows-process-ext", "startup_info", _STARTUP, "a field of STARTUPINFO")
    if obj["type"] == "network-traffic" and not old:
        yield from _keys_like(obj, "socket-ext", "options", _SOCKET, "a socket option: SO_*, IP_*, TCP_* and so on")


def _keys_like(obj: Object, inside: str, name: str, form: re.Pattern[str], what: str) -> Found:
    found = extension(obj, inside).get(name)
    for key in found if isinstance(found, dict) else ():
        if not form.fullmatch(key):
            yield f"extensions.{inside}.{name}.{key[:80]}", f"is not {what}"


def _charset(value: str) -> bool:
    return re.sub("[^a-z0-9]+", "_", value.lower()) in _CHARSETS


#: Type -> (property, what it must meet, what to say).
_VALUES: dict[str, tuple[tuple[str, Callable[[str], object], str], ...]] = {
    "artifact": (("mime_type", MEDIA_TYPE.match, "must be a media type like text/plain (RFC 6838)"),),
    "directory": (("path_enc", _charset, "must be an IANA character set"),),
    "file": (("name_enc", _charset, "must be an IANA character set"),),
    "software": (("cpe", _CPE.match, "must be a CPE 2.3 formatted string (NISTIR 7695)"),),
    "url": (("value", _URI.match, "must be a URL (RFC 3986)"),),
    "windows-registry-key": (("key", lambda value: not _HIVES.match(value), "the hive must be written out"),),
}


def _pattern(obj: Object, old: bool) -> Found:
    """Section 9: an indicator's pattern parses and is meaningful, and names what could be named so."""
    found = pattern_of(obj, old)
    if found is None:
        return
    wrong = [each for each in check_pattern(*found) if each.wrong]
    yield from (("pattern", f"{each.text} (section {each.section})") for each in wrong)
    if wrong:
        return
    known = OBSERVABLES_20 if old else OBSERVABLES_21
    for type_, name in dict.fromkeys(named_in_pattern(parse(*found))):
        if type_ not in known and not TYPE_NAME.match(type_):
            yield "pattern", f"{type_[:80]!r} is not a type name"
        if not _PATTERN_NAME.match(name) and name != "id" and not (type_ in known and name in known[type_].names):
            yield "pattern", f"{name[:80]!r} is not a property name"


#: In the order in which they are told.
MUSTS: tuple[Callable[[Object, bool], Iterator[tuple[str, str]]], ...] = (
    _versions,
    _ids,
    _names,
    _markings,
    _languages,
    _sources,
    _extension_keys,
    _observable,
    _pattern,
)
