"""What STIX recommends of one object (its SHOULDs), each under the name that the STIX validator of OASIS gives it.

A recommendation looks at an object and yields faults: (property path, what should be). `RECOMMENDED_21` and `RECOMMENDED_20` say
which there are. Those on observables see an observable on its own and each one in a container of observed-data alike.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from comity.terms.code_lists import COUNTRIES, PDF_KEYS, REQUEST_HEADERS, SOCKET_OPTIONS
from comity.terms.stix_types import META_TYPES, SCO_TYPES, SRO_TYPES
from comity.terms.stix_vocabularies import (
    ACCOUNT_TYPES_20,
    ACCOUNT_TYPES_21,
    ENCRYPTION_20,
    HASHES_20,
    HASHES_21,
    PE_TYPES,
    VOCABULARIES_20,
    VOCABULARIES_21,
    Vocabulary,
    suggested,
)

Object = Mapping[str, Any]
Found = Iterator[tuple[str, str]]
Recommendation = Callable[[Object], Found]

#: RFC 6838 section 4.2 under the registered top-level types.
MEDIA_TYPE = re.compile(
    r"(?:application|audio|example|font|haptics|image|message|model|multipart|text|video)/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}\Z"
)
#: RFC 6335 section 5.1.
_SERVICE = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9](?:-?[A-Za-z0-9])*\Z")
#: RFC 7013 section 6.
_IPFIX = re.compile(r"[a-z][A-Za-z0-9]*\Z")
_PRODUCT = re.compile(r"[a-z0-9-]+\Z")
#: Dictionaries whose keys are names of other standards, written as those write them.
_FOREIGN_KEYS = frozenset(
    {
        *("hashes", "file_header_hashes", "request_header", "additional_header_fields", "document_info_dict", "exif_tags"),
        *("ipfix", "options", "environment_variables", "startup_info"),
    }
)


def observables(obj: Object) -> Iterator[tuple[str, Object]]:
    """The observables in an object, with the path to each: itself, or those in its container."""
    if obj["type"] in SCO_TYPES:
        yield "", obj
    elif obj["type"] == "observed-data" and isinstance(obj.get("objects"), dict):
        for key, each in obj["objects"].items():
            if isinstance(each, dict) and isinstance(each.get("type"), str):
                yield f"objects.{key}.", each


def extension(obj: Object, name: str) -> Object:
    """A predefined extension of an observable, empty if it has none or its shape is wrong."""
    found = obj.get("extensions")
    inner = found.get(name) if isinstance(found, dict) else None
    return inner if isinstance(inner, dict) else {}


def listed(value: object) -> list[Any]:
    """A list's items; none if it is no list."""
    return value if isinstance(value, list) else []


def _strings(value: object) -> list[str]:
    return [item for item in (value if isinstance(value, list) else [value]) if isinstance(item, str)]


def _keys(value: object) -> list[str]:
    return list(value) if isinstance(value, dict) else []


def _on_observables(one: Callable[[Object], Found]) -> Recommendation:
    def all_of(obj: Object) -> Found:
        for path, each in observables(obj):
            for where, why in one(each):
                yield path + where, why

    return all_of


def _vocabulary(vocabulary: Vocabulary) -> Recommendation:
    def check(obj: Object) -> Found:
        for name in vocabulary.uses.get(obj["type"], ()):
            for value in _strings(obj.get(name, [])):
                if value not in vocabulary.values:
                    yield name, f"{value[:80]!r} is not in the vocabulary of STIX"

    return check


def _word(value: str) -> bool:
    return value.islower() and "_" not in value and " " not in value


def _vocabulary_format(vocabularies: Mapping[str, Vocabulary]) -> Recommendation:
    uses: dict[str, list[str]] = {"marking-definition": ["definition_type"]}
    for vocabulary in vocabularies.values():
        for type_, names in vocabulary.uses.items():
            if type_ not in ("grouping",) and "pattern_type" not in names:
                uses.setdefault(type_, []).extend(names)

    def check(obj: Object) -> Found:
        for name in uses.get(obj["type"], ()):
            for value in _strings(obj.get(name, [])):
                if not _word(value):
                    yield name, f"{value[:80]!r} should be lower-case words with '-' between"

    return check


def _kill_chain_names(obj: Object) -> Found:
    for index, phase in enumerate(listed(obj.get("kill_chain_phases"))):
        for name in ("kill_chain_name", "phase_name"):
            value = phase.get(name) if isinstance(phase, dict) else None
            if isinstance(value, str) and not _word(value):
                yield f"kill_chain_phases[{index}].{name}", f"{value[:80]!r} should be lower-case words with '-' between"


def _external_hashes(obj: Object) -> Found:
    for index, each in enumerate(listed(obj.get("external_references"))):
        if isinstance(each, dict) and "url" in each and "hashes" not in each:
            yield f"external_references[{index}].hashes", "a URL should come with hashes of what it leads to"


def _relationship(old: bool) -> Recommendation:
    def check(obj: Object) -> Found:
        kind, ends = obj.get("relationship_type"), [obj.get("source_ref"), obj.get("target_ref")]
        if obj["type"] != "relationship" or not all(isinstance(each, str) for each in (kind, *ends)):
            return
        source, target = (str(end).partition("--")[0] for end in ends)
        if not {source, target} & (META_TYPES | SRO_TYPES) and not suggested(source, str(kind), target, old=old):
            yield "relationship_type", f"STIX does not suggest {source} {str(kind)[:80]} {target}"

    return check


def _marking_type(obj: Object) -> Found:
    if obj["type"] == "marking-definition" and obj.get("definition_type", "tlp") not in ("statement", "tlp"):
        yield "definition_type", "should be statement or tlp"


def _country(obj: Object) -> Found:
    if obj["type"] == "location" and isinstance(obj.get("country"), str) and obj["country"].upper() not in COUNTRIES:
        yield "country", "should be an ISO 3166-1 alpha-2 code"


def _product(obj: Object) -> Found:
    if obj["type"] == "malware-analysis" and isinstance(obj.get("product"), str) and not _PRODUCT.match(obj["product"]):
        yield "product", "should be lower-case words with '-' between"


def _indicator(obj: Object) -> Found:
    if obj["type"] == "indicator":
        yield from ((name, "missing, an indicator should have it") for name in ("name", "description") if name not in obj)


def _extension_definition(obj: Object) -> Found:
    if obj["type"] == "extension-definition" and "description" not in obj:
        yield "description", "missing, an extension definition should have it"


def _extension_properties(obj: Object) -> Found:
    wanted = "toplevel-property-extension" in listed(obj.get("extension_types"))
    if obj["type"] == "extension-definition" and wanted and "extension_properties" not in obj:
        yield "extension_properties", "missing, a toplevel-property-extension should name its properties"


def _deprecated(obj: Object) -> Found:
    if obj["type"] == "observed-data" and "objects" in obj:
        yield "objects", "is deprecated, object_refs should be used"


def _object_keys(obj: Object) -> Found:
    if obj["type"] == "observed-data":
        for key in _keys(obj.get("objects")):
            if not (key.isascii() and key.isdigit()):
                yield f"objects.{key[:80]}", "should be under a key that is a whole number"


def _dictionary_keys(old: bool) -> Callable[[Object], Found]:
    def check(obj: Object) -> Found:
        waiting: list[tuple[str, Object]] = [("", obj)]
        while waiting:
            path, node = waiting.pop()
            for key, value in node.items():
                if key != key.lower():
                    yield path + key[:80], "a dictionary key should be lower case"
                if old and path and len(key) > 30 and "_usage_period_" not in key:
                    yield path + key[:80], "a dictionary key should have 30 characters at most"
                if isinstance(value, dict) and key not in _FOREIGN_KEYS:
                    waiting.append((f"{path}{key[:80]}.", value))

    return check


def _hash_lists(obj: Object) -> Iterator[tuple[str, list[str]]]:
    """Path and names of each list of hashes in a file, artifact or certificate."""
    if obj["type"] not in ("file", "artifact", "x509-certificate"):
        return
    yield "hashes", _keys(obj.get("hashes"))
    pe = extension(obj, "windows-pebinary-ext")
    yield "extensions.windows-pebinary-ext.file_header_hashes", _keys(pe.get("file_header_hashes"))
    header = pe.get("optional_header")
    yield "extensions.windows-pebinary-ext.optional_header.hashes", _keys(header.get("hashes") if isinstance(header, dict) else None)
    streams = extension(obj, "ntfs-ext").get("alternate_data_streams")
    for name, parts in (("ntfs-ext.alternate_data_streams", streams), ("windows-pebinary-ext.sections", pe.get("sections"))):
        for index, part in enumerate(listed(parts)):
            yield f"extensions.{name}[{index}].hashes", _keys(part.get("hashes") if isinstance(part, dict) else None)


def _hash_names(known: frozenset[str]) -> Callable[[Object], Found]:
    def check(obj: Object) -> Found:
        for path, names in _hash_lists(obj):
            for name in names:
                if name not in known and not name.startswith("x_"):
                    yield f"{path}.{name[:80]}", "is not a hash of STIX's vocabulary, nor named x_"

    return check


def _hash_lengths(obj: Object) -> Found:
    for path, names in _hash_lists(obj):
        yield from ((f"{path}.{name[:80]}", "a hash name should have 30 characters at most") for name in names if len(name) > 30)


def _among(type_: str, name: str, values: frozenset[str]) -> Callable[[Object], Found]:
    def check(obj: Object) -> Found:
        value = obj.get(name)
        if obj["type"] == type_ and isinstance(value, str) and value not in values:
            yield name, f"{value[:80]!r} is not in the vocabulary of STIX"

    return check


def _pe_type(obj: Object) -> Found:
    value = extension(obj, "windows-pebinary-ext").get("pe_type") if obj["type"] == "file" else None
    if isinstance(value, str) and value not in PE_TYPES:
        yield "extensions.windows-pebinary-ext.pe_type", f"{value[:80]!r} is not in the vocabulary of STIX"


def _media_type(obj: Object) -> Found:
    value = obj.get("mime_type") if obj["type"] == "file" else None
    if isinstance(value, str) and not MEDIA_TYPE.match(value):
        yield "mime_type", "should be a media type like text/plain (RFC 6838)"


def _protocols(obj: Object) -> Found:
    for index, name in enumerate(listed(obj.get("protocols")) if obj["type"] == "network-traffic" else ()):
        if isinstance(name, str) and not (_SERVICE.match(name) and len(name) <= 15):
            yield f"protocols[{index}]", f"{name[:80]!r} cannot be a service name (RFC 6335)"


def _traffic_keys(path: str, fits: Callable[[str], object], what: str) -> Callable[[Object], Found]:
    """On the keys of a dictionary of network traffic: `ipfix`, or one inside an extension (`socket-ext/options`)."""
    inside, _, name = path.rpartition("/")

    def check(obj: Object) -> Found:
        holder = extension(obj, inside) if inside else obj
        for key in _keys(holder.get(name)) if obj["type"] == "network-traffic" else ():
            if not fits(key):
                yield f"{f'extensions.{inside}.' if inside else ''}{name}.{key[:80]}", f"is not {what}"

    return check


def _pdf_keys(obj: Object) -> Found:
    for key in _keys(extension(obj, "pdf-ext").get("document_info_dict")) if obj["type"] == "file" else ():
        if key not in PDF_KEYS:
            yield f"extensions.pdf-ext.document_info_dict.{key[:80]}", "is not a key of PDF document information (ISO 32000-1)"


def _ports(obj: Object) -> Found:
    if obj["type"] == "network-traffic":
        yield from ((name, "missing, network traffic should have it") for name in ("src_port", "dst_port") if name not in obj)


def _priority(obj: Object) -> Found:
    value = extension(obj, "windows-process-ext").get("priority") if obj["type"] == "process" else None
    if isinstance(value, str) and not value.endswith("_CLASS"):
        yield "extensions.windows-process-ext.priority", "should end in _CLASS"


_EVERYWHERE: dict[str, Recommendation] = {
    "kill-chain-names": _kill_chain_names,
    "extref-hashes": _external_hashes,
    "marking-definition-type": _marking_type,
    "observable-object-keys": _object_keys,
    "hash-length": _on_observables(_hash_lengths),
    "windows-pebinary-type": _on_observables(_pe_type),
    "mime-type": _on_observables(_media_type),
    "protocols": _on_observables(_protocols),
    "ipfix": _on_observables(_traffic_keys("ipfix", _IPFIX.match, "the name of an IPFIX element (RFC 7013)")),
    "http-request-headers": _on_observables(
        _traffic_keys("http-request-ext/request_header", REQUEST_HEADERS.__contains__, "a known request header as it is written")
    ),
    "pdf-doc-info": _on_observables(_pdf_keys),
    "network-traffic-ports": _on_observables(_ports),
    "windows-process-priority-format": _on_observables(_priority),
}
RECOMMENDED_21: dict[str, Recommendation] = {
    **_EVERYWHERE,
    **{name: _vocabulary(vocabulary) for name, vocabulary in VOCABULARIES_21.items()},
    "open-vocab-format": _vocabulary_format(VOCABULARIES_21),
    "relationship-types": _relationship(old=False),
    "observable-dictionary-keys": _on_observables(_dictionary_keys(old=False)),
    "hash-algo": _on_observables(_hash_names(HASHES_21)),
    "account-type": _on_observables(_among("user-account", "account_type", ACCOUNT_TYPES_21)),
    "socket-options": _on_observables(_traffic_keys("socket-ext/options", SOCKET_OPTIONS.__contains__, "a known socket option")),
    "countries": _country,
    "malware-analysis-product": _product,
    "indicator-properties": _indicator,
    "extension-description": _extension_definition,
    "extension-properties": _extension_properties,
    "deprecated-properties": _deprecated,
}
RECOMMENDED_20: dict[str, Recommendation] = {
    **_EVERYWHERE,
    **{name: _vocabulary(vocabulary) for name, vocabulary in VOCABULARIES_20.items()},
    "open-vocab-format": _vocabulary_format(VOCABULARIES_20),
    "relationship-types": _relationship(old=True),
    "observable-dictionary-keys": _on_observables(_dictionary_keys(old=True)),
    "hash-algo": _on_observables(_hash_names(HASHES_20)),
    "account-type": _on_observables(_among("user-account", "account_type", ACCOUNT_TYPES_20)),
    "encryption-algo": _on_observables(_among("file", "encryption_algorithm", ENCRYPTION_20)),
    "socket-options": _on_observables(_traffic_keys("socket-ext/options", lambda key: key.startswith("SO_"), "a socket option SO_*")),
}
