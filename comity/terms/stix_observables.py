"""STIX's cyber-observable objects as tables, with their predefined extensions (STIX 2.1 section 6; STIX 2.0 parts 3 and 4)."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from typing import Any

from comity.terms.stix_extensions import PREDEFINED, extension
from comity.terms.stix_kinds import (
    GRANULAR_MARKINGS,
    Kind,
    among,
    extensions,
    in_order,
    needs,
    properties,
    selectors_resolve,
    text_or_whole,
)
from comity.terms.stix_shapes import (
    Faults,
    Rule,
    Shape,
    anything,
    fault,
    keyed,
    language,
    like,
    link,
    many,
    one_of,
    record,
    string,
    texts,
)

_COMMON: dict[str, Shape] = {
    "object_marking_refs": many(link("marking-definition")),
    "granular_markings": GRANULAR_MARKINGS,
    **properties(flag="defanged"),
}
_NAMES = frozenset({"type", "id", "spec_version", "extensions", *_COMMON})


def _address(version: int) -> Shape:
    """One address or, with a prefix length, a network in CIDR notation; host bits may be set (sections 6.8, 6.9)."""
    one: Callable[[str], object] = ipaddress.IPv4Address if version == 4 else ipaddress.IPv6Address
    no = fault(f"must be an IPv{version} address, or a network in CIDR notation")
    longest = 32 if version == 4 else 128

    def shape(value: object) -> Faults | None:
        if not isinstance(value, str):
            return no
        address, slash, length = value.partition("/")
        if slash and not (length.isascii() and length.isdigit() and str(int(length[:4])) == length and int(length) <= longest):
            return no
        try:
            one(address)
        except ValueError:
            return no
        return None

    return shape


def _texts_or_one(value: object) -> Faults | None:
    return None if string(value) is None or texts(value) is None else fault("must be a string or a list of strings")


def _payload(obj: Mapping[str, Any]) -> Faults | None:
    """Section 6.1: the payload itself, or where it is and its hashes; a key only for what is encrypted."""
    if "payload_bin" in obj and "url" in obj:
        return [("url", "must not be given together with payload_bin")]
    return [("hashes", "missing, url needs it")] if "url" in obj and "hashes" not in obj else None


def _body(obj: Mapping[str, Any]) -> Faults | None:
    """Section 6.6: a multipart message has parts, any other a body."""
    wrong = "body" if obj["is_multipart"] else "body_multipart"
    return [(wrong, f"must not be given when is_multipart is {str(obj['is_multipart']).lower()}")] if wrong in obj else None


def _one_body(obj: Mapping[str, Any]) -> Faults | None:
    return [("body", "must not be given together with body_raw_ref")] if "body" in obj and "body_raw_ref" in obj else None


def _ended(obj: Mapping[str, Any]) -> Faults | None:
    return [("end", "must not be given while is_active is true")] if obj.get("is_active") and "end" in obj else None


def _encrypted(obj: Mapping[str, Any]) -> Faults | None:
    """STIX 2.0 part 4, file."""
    if not obj.get("is_encrypted"):
        return [(key, "needs is_encrypted to be true") for key in ("encryption_algorithm", "decryption_key") if key in obj]
    return None


_X509_V3 = properties(
    string="basic_constraints name_constraints policy_constraints key_usage extended_key_usage subject_key_identifier "
    "authority_key_identifier subject_alternative_name issuer_alternative_name subject_directory_attributes "
    "crl_distribution_points inhibit_any_policy certificate_policies policy_mappings",
    time="private_key_usage_period_not_before private_key_usage_period_not_after",
)
_REGISTRY_TYPES = (
    "NONE SZ EXPAND_SZ BINARY DWORD DWORD_BIG_ENDIAN DWORD_LITTLE_ENDIAN LINK MULTI_SZ RESOURCE_LIST FULL_RESOURCE_DESCRIPTION "
    "RESOURCE_REQUIREMENTS_LIST QWORD INVALID_TYPE"
)
_REGISTRY_VALUE = {
    **properties(string="name data"),
    "data_type": among("REG_", _REGISTRY_TYPES),
}
_MIME_PART = {**properties(string="body content_type content_disposition"), "body_raw_ref": link("artifact", "file")}
_END = link("ipv4-addr", "ipv6-addr", "mac-addr", "domain-name")
_ADDRESS_LINKS: dict[str, Shape] = {"resolves_to_refs": many(link("mac-addr")), "belongs_to_refs": many(link("autonomous-system"))}

#: Type -> (its own properties, the required ones, one of these or "*" for any one of all, rules), as in 2.1.
_OWN: dict[str, tuple[dict[str, Shape], str, str, tuple[Rule, ...]]] = {
    "artifact": (
        {
            **properties(string="mime_type decryption_key", binary="payload_bin", hashes="hashes"),
            "url": like(r"[A-Za-z][A-Za-z0-9+.-]*:.+", "a URL (RFC 3986)"),
            "encryption_algorithm": one_of("AES-256-GCM", "ChaCha20-Poly1305", "mime-type-indicated"),
        },
        "",
        "payload_bin url",
        (_payload, needs("decryption_key", "encryption_algorithm")),
    ),
    "autonomous-system": (properties(size="number", string="name rir"), "number", "", ()),
    "directory": (
        {**properties(text="path", string="path_enc", time="ctime mtime atime"), "contains_refs": many(link("file", "directory"))},
        "path",
        "",
        (),
    ),
    "domain-name": (
        {**properties(text="value"), "resolves_to_refs": many(link("ipv4-addr", "ipv6-addr", "domain-name"))},
        "value",
        "",
        (),
    ),
    "email-addr": (
        {
            "value": like(r"[^\s@<>]+@[^\s@<>]+", "an e-mail address without a display name (RFC 5322 addr-spec)"),
            **properties(string="display_name"),
            "belongs_to_ref": link("user-account"),
        },
        "value",
        "",
        (),
    ),
    "email-message": (
        {
            **properties(flag="is_multipart", time="date", string="content_type message_id subject body", texts="received_lines"),
            **dict.fromkeys(("from_ref", "sender_ref"), link("email-addr")),
            **dict.fromkeys(("to_refs", "cc_refs", "bcc_refs"), many(link("email-addr"))),
            "additional_header_fields": keyed(_texts_or_one),
            "body_multipart": many(record(_MIME_PART, (), ("body", "body_raw_ref"), (_one_body,))),
            "raw_email_ref": link("artifact"),
        },
        "is_multipart",
        "",
        (_body,),
    ),
    "file": (
        {
            **properties(
                string="name name_enc mime_type", hashes="hashes", size="size", hexes="magic_number_hex", time="ctime mtime atime"
            ),
            "parent_directory_ref": link("directory"),
            "contains_refs": many(link()),
            "content_ref": link("artifact"),
        },
        "",
        "hashes name",
        (),
    ),
    "ipv4-addr": ({"value": _address(4), **_ADDRESS_LINKS}, "value", "", ()),
    "ipv6-addr": ({"value": _address(6), **_ADDRESS_LINKS}, "value", "", ()),
    "mac-addr": ({"value": like(r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}", "six lower-case octets with ':' between")}, "value", "", ()),
    "mutex": (properties(text="name"), "name", "", ()),
    "network-traffic": (
        {
            **properties(
                time="start end",
                flag="is_active",
                port="src_port dst_port",
                texts="protocols",
                size="src_byte_count dst_byte_count src_packets dst_packets",
            ),
            **dict.fromkeys(("src_ref", "dst_ref"), _END),
            "ipfix": keyed(text_or_whole),
            **dict.fromkeys(("src_payload_ref", "dst_payload_ref"), link("artifact")),
            "encapsulates_refs": many(link("network-traffic")),
            "encapsulated_by_ref": link("network-traffic"),
        },
        "protocols",
        "src_ref dst_ref",
        (in_order("start", "end"), _ended),
    ),
    "process": (
        {
            **properties(flag="is_hidden", whole="pid", time="created_time", string="cwd command_line"),
            "environment_variables": keyed(anything),
            "opened_connection_refs": many(link("network-traffic")),
            "creator_user_ref": link("user-account"),
            "image_ref": link("file"),
            "parent_ref": link("process"),
            "child_refs": many(link("process")),
        },
        "",
        "*",
        (),
    ),
    "software": (
        {**properties(text="name", string="swid vendor version cpe"), "languages": many(language)},
        "name",
        "",
        (),
    ),
    "url": ({"value": like(r"[A-Za-z][A-Za-z0-9+.-]*:\S+", "a URL (RFC 3986)")}, "value", "", ()),
    "user-account": (
        properties(
            string="user_id credential account_login account_type display_name",
            flag="is_service_account is_privileged can_escalate_privs is_disabled",
            time="account_created account_expires credential_last_changed account_first_login account_last_login",
        ),
        "",
        "*",
        (),
    ),
    "windows-registry-key": (
        {
            **properties(text="key", time="modified_time", whole="number_of_subkeys"),
            "values": many(record(_REGISTRY_VALUE, (), tuple(_REGISTRY_VALUE))),
            "creator_user_ref": link("user-account"),
        },
        "",
        "*",
        (),
    ),
    "x509-certificate": (
        {
            **properties(
                flag="is_self_signed",
                hashes="hashes",
                string="version serial_number signature_algorithm issuer subject subject_public_key_algorithm subject_public_key_modulus",
                time="validity_not_before validity_not_after",
                whole="subject_public_key_exponent",
            ),
            "x509_v3_extensions": record(_X509_V3, (), tuple(_X509_V3)),
        },
        "",
        "*",
        (),
    ),
}
#: Type -> what 2.1 does not have of 2.0 and the other way round: (gone in 2.1, new in 2.1).
_CHANGED: dict[str, tuple[dict[str, Shape], str]] = {
    "artifact": ({}, "encryption_algorithm decryption_key"),
    "directory": (properties(time="created modified accessed"), "ctime mtime atime"),
    "email-message": ({}, "message_id"),
    "file": (
        properties(time="created modified accessed", flag="is_encrypted", string="encryption_algorithm decryption_key"),
        "ctime mtime atime",
    ),
    "process": ({**properties(time="created", string="name", texts="arguments"), "binary_ref": link("file")}, "created_time image_ref"),
    "software": ({}, "swid"),
    "user-account": (properties(time="password_last_changed"), "credential credential_last_changed"),
    "windows-registry-key": (
        {
            **properties(time="modified"),
            "values": many(record(_REGISTRY_VALUE, ("name",))),
        },
        "modified_time",
    ),
}
_REQUIRED_20 = {"user-account": "user_id", "windows-registry-key": "key"}


def _kind(type_: str, *, old: bool) -> Kind:
    own, required, one, rules = _OWN[type_]
    if old:
        more, gone = _CHANGED.get(type_, ({}, ""))
        own = {key: shape for key, shape in {**own, **more}.items() if key not in gone.split()}
        required = f"{required} {_REQUIRED_20.get(type_, '')}"
        rules = (*rules, _encrypted) if type_ == "file" else rules
    known = {name.replace("-", "_"): extension(name, old=old) for name in PREDEFINED.get(type_, ())}
    shapes = {**({} if old else _COMMON), **own, "extensions": extensions(**known)}
    return Kind(
        shapes=shapes,
        required=tuple(required.split()),
        one=(*own, "extensions") if one == "*" else tuple(one.split()),
        rules=rules if old else (selectors_resolve, *rules),
        names=frozenset({"type", "extensions", *own}) if old else _NAMES | frozenset(own),
    )


#: Type -> what each version of the standard says of it; a 2.0 observable stands in a container only.
OBSERVABLES_21: dict[str, Kind] = {type_: _kind(type_, old=False) for type_ in _OWN}
OBSERVABLES_20: dict[str, Kind] = {type_: _kind(type_, old=True) for type_ in _OWN}
#: The properties of the objects inside observables (sections 6.6.2, 6.17.2, 6.18.2).
PARTS = {
    ("email-message", "body_multipart"): frozenset(_MIME_PART),
    ("windows-registry-key", "values"): frozenset(_REGISTRY_VALUE),
    ("x509-certificate", "x509_v3_extensions"): frozenset(_X509_V3),
}
