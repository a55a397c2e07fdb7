"""MISP object templates that STIX has observables for: relation -> where the value stands, and the attribute type it has in MISP.

The names, and the ids of the templates, are MISP's (misp-objects). A path `*` is a value that is an observable of its own, as its
attribute type says. Objects of other templates are read attribute by attribute.
"""

from __future__ import annotations

from comity.forms.misp_paths import HASHES

#: Relation -> (path, MISP attribute type).
Template = dict[str, tuple[str, str]]

_HASHES: Template = {type_: (f"file:hashes.{name}", type_) for name, (type_, _) in HASHES.items()}
_ENDS: Template = {
    "ip-src": ("network-traffic:src_ref", "ip-src"),
    "ip-dst": ("network-traffic:dst_ref", "ip-dst"),
    "hostname-src": ("network-traffic:src_ref", "hostname"),
    "hostname-dst": ("network-traffic:dst_ref", "hostname"),
    "src-port": ("network-traffic:src_port", "port"),
    "dst-port": ("network-traffic:dst_port", "port"),
    "first-packet-seen": ("network-traffic:start", "datetime"),
    "last-packet-seen": ("network-traffic:end", "datetime"),
}
TEMPLATES: dict[str, Template] = {
    "file": {
        "filename": ("file:name", "filename"),
        **_HASHES,
        "size-in-bytes": ("file:size", "size-in-bytes"),
        "mimetype": ("file:mime_type", "mime-type"),
        "path": ("file:parent_directory_ref", "text"),
        "access-time": ("file:atime", "datetime"),
        "creation-time": ("file:ctime", "datetime"),
        "modification-time": ("file:mtime", "datetime"),
        "malware-sample": ("*", "malware-sample"),
    },
    "domain-ip": {"domain": ("*", "domain"), "hostname": ("*", "hostname"), "ip": ("*", "ip-dst")},
    "ip-port": {
        "ip": ("network-traffic:dst_ref", "ip-dst"),
        "ip-src": ("network-traffic:src_ref", "ip-src"),
        "ip-dst": ("network-traffic:dst_ref", "ip-dst"),
        "src-port": ("network-traffic:src_port", "port"),
        "dst-port": ("network-traffic:dst_port", "port"),
        "domain": ("*", "domain"),
        "hostname": ("*", "hostname"),
        "protocol": ("network-traffic:protocols", "text"),
        "first-seen": ("network-traffic:start", "datetime"),
        "last-seen": ("network-traffic:end", "datetime"),
    },
    "network-connection": {
        **_ENDS,
        "layer3-protocol": ("network-traffic:protocols", "text"),
        "layer4-protocol": ("network-traffic:protocols", "text"),
        "layer7-protocol": ("network-traffic:protocols", "text"),
    },
    "network-socket": {**_ENDS, "protocol": ("network-traffic:protocols", "text")},
    "netflow": {**_ENDS, "protocol": ("network-traffic:protocols", "text")},
    "url": {"url": ("*", "url"), "domain": ("*", "domain"), "host": ("*", "hostname"), "ip": ("*", "ip-dst")},
    "email": {
        "from": ("email-message:from_ref", "email-src"),
        "to": ("email-message:to_refs", "email-dst"),
        "cc": ("email-message:cc_refs", "email-dst"),
        "bcc": ("email-message:bcc_refs", "email-dst"),
        "reply-to": ("*", "email-reply-to"),
        "return-path": ("*", "email-src"),
        "subject": ("email-message:subject", "email-subject"),
        "email-body": ("email-message:body", "email-body"),
        "message-id": ("email-message:message_id", "email-message-id"),
        "send-date": ("email-message:date", "datetime"),
        "attachment": ("*", "email-attachment"),
        "ip-src": ("*", "ip-src"),
        "from-domain": ("*", "domain"),
    },
    "x509": {
        "x509-fingerprint-md5": ("x509-certificate:hashes.MD5", "x509-fingerprint-md5"),
        "x509-fingerprint-sha1": ("x509-certificate:hashes.SHA-1", "x509-fingerprint-sha1"),
        "x509-fingerprint-sha256": ("x509-certificate:hashes.SHA-256", "x509-fingerprint-sha256"),
        "serial-number": ("x509-certificate:serial_number", "text"),
        "issuer": ("x509-certificate:issuer", "text"),
        "subject": ("x509-certificate:subject", "text"),
        "version": ("x509-certificate:version", "text"),
        "signature_algorithm": ("x509-certificate:signature_algorithm", "text"),
        "pubkey-info-algorithm": ("x509-certificate:subject_public_key_algorithm", "text"),
        "pubkey-info-modulus": ("x509-certificate:subject_public_key_modulus", "text"),
        "validity-not-before": ("x509-certificate:validity_not_before", "datetime"),
        "validity-not-after": ("x509-certificate:validity_not_after", "datetime"),
        "self_signed": ("x509-certificate:is_self_signed", "boolean"),
    },
    "registry-key": {
        "key": ("windows-registry-key:key", "regkey"),
        "name": ("windows-registry-key:values.name", "text"),
        "data": ("windows-registry-key:values.data", "text"),
        "data-type": ("windows-registry-key:values.data_type", "text"),
        "last-modified": ("windows-registry-key:modified_time", "datetime"),
    },
    "process": {
        "command-line": ("process:command_line", "text"),
        "pid": ("process:pid", "text"),
        "current-directory": ("process:cwd", "text"),
        "creation-time": ("process:created_time", "datetime"),
        "hidden": ("process:is_hidden", "boolean"),
        "image": ("process:image_ref", "filename"),
    },
    "asn": {
        "asn": ("autonomous-system:number", "AS"),
        "description": ("autonomous-system:name", "text"),
        "subnet-announced": ("*", "ip-src"),
    },
    "user-account": {
        "username": ("user-account:account_login", "text"),
        "user-id": ("user-account:user_id", "text"),
        "account-type": ("user-account:account_type", "text"),
        "display-name": ("user-account:display_name", "text"),
        "created": ("user-account:account_created", "datetime"),
        "expires": ("user-account:account_expires", "datetime"),
        "first_login": ("user-account:account_first_login", "datetime"),
        "last_login": ("user-account:account_last_login", "datetime"),
        "disabled": ("user-account:is_disabled", "boolean"),
        "privileged": ("user-account:is_privileged", "boolean"),
    },
    "credential": {"username": ("user-account:account_login", "text")},
    "mutex": {"name": ("mutex:name", "text")},
}
#: STIX type -> (template, its UUID, its version, its category) that an observable of the type goes out as, where it says several things.
OUT: dict[str, tuple[str, str, str, str]] = {
    "file": ("file", "688c46fb-5edb-40a3-8273-1af7923e2215", "25", "file"),
    "network-traffic": ("network-connection", "af16764b-f8e5-4603-9de1-de34d272f80b", "7", "network"),
    "email-message": ("email", "a0c666e0-fc65-4be8-b48f-3423d788b552", "19", "network"),
    "x509-certificate": ("x509", "d1ab756a-26b5-4349-9f43-765630f0911c", "14", "network"),
    "windows-registry-key": ("registry-key", "8b3228ad-6d82-4fe6-b2ae-05426308f1d5", "5", "file"),
    "process": ("process", "02aeef94-ac23-455c-addb-731757ceafb5", "10", "misc"),
    "autonomous-system": ("asn", "4ec55cc6-9e49-4c64-b794-03c25c1a6587", "6", "network"),
    "user-account": ("user-account", "49606b06-22f0-4ac8-8eee-2f12ad46f3d3", "6", "misc"),
}
