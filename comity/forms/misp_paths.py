"""Where a value stands in a STIX observable, as `type:property.property`: putting it there, and looking for it there in a pattern.

A path is written once, in the tables of `misp_types` and `misp_templates`, and serves observables, patterns (STIX 2.1 section
9.7) and the way back. `values` of a registry key is a list of one dictionary here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from comity.forms.misp_fields import moment, true
from comity.terms.stix import timestamp

#: Hash names of STIX (sections 2.7 and 10.9) and those that misp-stix adds -> MISP's type, and hexadecimal digits (0: another alphabet).
HASHES = {
    "MD5": ("md5", 32), "SHA-1": ("sha1", 40), "SHA-224": ("sha224", 56), "SHA-256": ("sha256", 64), "SHA-384": ("sha384", 96),
    "SHA-512": ("sha512", 128), "SHA-512-224": ("sha512/224", 56), "SHA-512-256": ("sha512/256", 64),
    "SHA3-224": ("sha3-224", 56), "SHA3-256": ("sha3-256", 64), "SHA3-384": ("sha3-384", 96), "SHA3-512": ("sha3-512", 128),
    "AUTHENTIHASH": ("authentihash", 64), "IMPHASH": ("imphash", 32), "PEHASH": ("pehash", 40), "CDHASH": ("cdhash", 40),
    "TELFHASH": ("telfhash", 0), "IMPFUZZY": ("impfuzzy", 0), "VHASH": ("vhash", 0), "SSDEEP": ("ssdeep", 0), "TLSH": ("tlsh", 0),
}  # fmt: skip
_WHOLE = {"size": 2**53 - 1, "src_port": 65535, "dst_port": 65535, "pid": 2**53 - 1, "number": 4_294_967_295}
_FLAGS = frozenset({"is_hidden", "is_disabled", "is_privileged", "is_service_account", "can_escalate_privs", "is_self_signed"})
_MOMENTS = frozenset(
    {"created_time", "atime", "ctime", "mtime", "date", "start", "end", "modified_time", "validity_not_before", "validity_not_after",
     "account_created", "account_expires", "account_first_login", "account_last_login", "credential_last_changed"}
)  # fmt: skip
_REGISTRY = frozenset(
    {"REG_NONE", "REG_SZ", "REG_EXPAND_SZ", "REG_BINARY", "REG_DWORD", "REG_DWORD_BIG_ENDIAN", "REG_DWORD_LITTLE_ENDIAN", "REG_LINK",
     "REG_MULTI_SZ", "REG_RESOURCE_LIST", "REG_FULL_RESOURCE_DESCRIPTION", "REG_RESOURCE_REQUIREMENTS_LIST", "REG_QWORD",
     "REG_INVALID_TYPE"}
)  # fmt: skip
#: A key's hive is written out (section 6.17).
_HIVES = {
    "HKLM": "HKEY_LOCAL_MACHINE", "HKCU": "HKEY_CURRENT_USER", "HKCR": "HKEY_CLASSES_ROOT", "HKU": "HKEY_USERS",
    "HKCC": "HKEY_CURRENT_CONFIG",
}  # fmt: skip
_HEX = re.compile(r"[0-9a-f]+\Z")
_SSDEEP = re.compile(r"[0-9]+:[A-Za-z0-9/+]+:[A-Za-z0-9/+]+\Z")
_TLSH = re.compile(r"[A-Za-z0-9]{70}\Z")
_MAC = re.compile(r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\Z")
_HIVE = re.compile(r"[\w :-]+\Z", re.ASCII)
_WORD = re.compile(r"[a-z][a-z0-9_]*\Z")
#: What a reference names, where that is not a value of its own kind: its type and the property that the value is.
NAMED_BY = {"parent_directory_ref": ("directory", "path"), "image_ref": ("file", "name")}


def split(path: str) -> tuple[str, tuple[str, ...]]:
    """A path as its type and steps; a hash name keeps its characters, dots it has none."""
    type_, _, rest = path.partition(":")
    return type_, tuple(rest.split("."))


def typed(steps: tuple[str, ...], text: str) -> Any:
    """A text as what its property holds: a number, flag, moment, hash or text. Raises ValueError."""
    last = steps[-1]
    if steps[0] == "hashes":
        return _hash(last, text)
    if last in _WHOLE:
        digits = text.strip().upper().removeprefix("AS").strip() if last == "number" else text.strip()
        if not (digits.isascii() and digits.isdigit()) or len(digits) > 16 or int(digits) > _WHOLE[last]:
            raise ValueError(f"{text[:80]!r} is not a {last.replace('_', ' ')}")
        return int(digits)
    if last in _MOMENTS:
        found = moment(text.strip())
        if found is None:
            raise ValueError(f"{text[:80]!r} is not a moment")
        return timestamp(found)
    if last in _FLAGS:
        return true(text.strip())
    if last == "value":
        text = text.strip().lower().replace("-", ":")
        if not _MAC.match(text):
            raise ValueError(f"{text[:80]!r} is not a MAC address")
    if last == "key":
        hive, slash, rest = text.partition("\\")
        if not _HIVE.match(hive):
            raise ValueError(f"{text[:80]!r} is not a registry key")
        return _HIVES.get(hive.upper().rstrip(":"), hive) + slash + rest
    if last == "data_type" and text not in _REGISTRY:
        raise ValueError(f"{text[:80]!r} is not a registry data type")
    return text


def _hash(name: str, text: str) -> str:
    text = text.strip()
    length = HASHES[name][1]
    fits = (
        (_SSDEEP if name == "SSDEEP" else _TLSH).match(text)
        if name in ("SSDEEP", "TLSH")
        else not length or (len(text) == length and _HEX.match(text.lower()))
    )
    if not fits:
        raise ValueError(f"{text[:140]!r} is not a {name} hash")
    return text.lower() if length else text


def put(obj: dict[str, Any], steps: tuple[str, ...], value: Any) -> None:
    """Set a property that is not set yet; of several values for one property the first stays."""
    node = obj
    for step in steps[:-1]:
        node = node.setdefault(step, [{}])[0] if step == "values" else node.setdefault(step, {})
    if steps[-1].endswith("_refs") or steps[-1] == "protocols":
        listed = node.setdefault(steps[-1], [])
        if value not in listed:
            listed.append(value)
    else:
        node.setdefault(steps[-1], value)


def find(obj: Mapping[str, Any], steps: tuple[str, ...]) -> Any:
    """What stands at a path, None if nothing does: the inverse of `put`."""
    node: Any = obj
    for step in steps:
        node = node[0] if isinstance(node, list) and node else node
        node = node.get(step) if isinstance(node, Mapping) else None
    return node


def comparison(path: str, text: str) -> str:
    """The comparison that looks for a value at its path: `file:hashes.'SHA-1' = '...'`. Raises ValueError."""
    type_, steps = split(path)
    last = steps[-1]
    if last.endswith(("_ref", "_refs")):
        inner = NAMED_BY.get(last, ("", "value"))[1]
        written = [*steps[:-1], last + ("[*]" if last.endswith("_refs") else ""), inner]
    else:
        written = [step if _WORD.match(step) else f"'{step}'" for step in steps]
    shown = ".".join("values[*]" if step == "values" else "protocols[*]" if step == "protocols" else step for step in written)
    value = typed(steps, text)
    if isinstance(value, bool):
        literal = "true" if value else "false"
    elif isinstance(value, int):
        literal = str(value)
    else:
        literal = ("t" if last in _MOMENTS else "") + quoted(value)
    return f"{type_}:{shown} = {literal}"


def quoted(text: str) -> str:
    """A string literal of the pattern language (section 9.3)."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
