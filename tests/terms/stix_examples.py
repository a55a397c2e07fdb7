"""One object of every STIX type with every property that the standard gives it, ours from end to end; tests change them from here."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid5

from comity.terms.stix import derived_id, sco_id

U4 = "12345678-1234-4234-8234-123456789012"
T = "2024-03-01T12:00:00.000Z"
LATER = "2024-03-02T12:00:00.000Z"
IDENTITY = f"identity--{U4}"
EXTENSION = f"extension-definition--{U4}"
AMBER = "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82"
SHA256 = "a" * 64
SOURCE = {"source_name": "register", "description": "d", "url": "https://a.example/x", "external_id": "R-1", "hashes": {"SHA-256": SHA256}}
PHASES = [{"kill_chain_name": "example-chain", "phase_name": "first-phase"}]


def common(type_: str, **more: Any) -> dict[str, Any]:
    """A domain object with all common properties (section 3.2)."""
    return {
        "type": type_,
        "spec_version": "2.1",
        "id": f"{type_}--{U4}",
        "created_by_ref": IDENTITY,
        "created": T,
        "modified": T,
        "revoked": False,
        "labels": ["l"],
        "confidence": 70,
        "lang": "en",
        "external_references": [SOURCE],
        "object_marking_refs": [AMBER],
        "granular_markings": [{"marking_ref": AMBER, "selectors": ["labels.[0]"]}],
        "extensions": {EXTENSION: {"extension_type": "property-extension", "rank": 1}},
        **more,
    }


def sco(type_: str, **more: Any) -> dict[str, Any]:
    """An observable under its own id."""
    obj = {"type": type_, "spec_version": "2.1", "object_marking_refs": [AMBER], "defanged": False, **more}
    try:
        obj["id"] = sco_id(obj)
    except ValueError:
        obj["id"] = f"{type_}--{U4}"
    return obj


def _uuid5(type_: str) -> str:
    return f"{type_}--{uuid5(UUID(int=1), type_)}"


def _without(obj: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in obj.items() if name not in names}


DOMAIN: dict[str, dict[str, Any]] = {
    obj["type"]: obj
    for obj in [
        common("attack-pattern", name="n", description="d", aliases=["a"], kill_chain_phases=PHASES),
        common("campaign", name="n", description="d", aliases=["a"], first_seen=T, last_seen=LATER, objective="o"),
        common("course-of-action", name="n", description="d"),
        common("grouping", name="n", description="d", context="unspecified", object_refs=[IDENTITY]),
        common(
            "identity",
            name="n",
            description="d",
            roles=["r"],
            identity_class="group",
            sectors=["energy"],
            contact_information="c@a.example",
        ),
        common("incident", name="n", description="d"),
        common(
            "indicator",
            name="n",
            description="d",
            indicator_types=["malicious-activity"],
            pattern="[url:value = 'http://a.example/']",
            pattern_type="stix",
            pattern_version="2.1",
            valid_from=T,
            valid_until=LATER,
            kill_chain_phases=PHASES,
        ),
        common(
            "infrastructure",
            name="n",
            description="d",
            infrastructure_types=["botnet"],
            aliases=["a"],
            kill_chain_phases=PHASES,
            first_seen=T,
            last_seen=LATER,
        ),
        common(
            "intrusion-set",
            name="n",
            description="d",
            aliases=["a"],
            first_seen=T,
            last_seen=LATER,
            goals=["g"],
            resource_level="club",
            primary_motivation="ideology",
            secondary_motivations=["revenge"],
        ),
        common(
            "location",
            name="n",
            description="d",
            latitude=43.2,
            longitude=76,
            precision=10.5,
            region="central-asia",
            country="KZ",
            administrative_area="a",
            city="c",
            street_address="s",
            postal_code="p",
        ),
        common(
            "malware",
            name="n",
            description="d",
            malware_types=["worm"],
            is_family=True,
            aliases=["a"],
            kill_chain_phases=PHASES,
            first_seen=T,
            last_seen=LATER,
            operating_system_refs=[_uuid5("software")],
            architecture_execution_envs=["x86"],
            implementation_languages=["c"],
            capabilities=["anti-vm"],
            sample_refs=[_uuid5("file")],
        ),
        common(
            "malware-analysis",
            product="p",
            version="1",
            host_vm_ref=_uuid5("software"),
            operating_system_ref=_uuid5("software"),
            installed_software_refs=[_uuid5("software")],
            configuration_version="1",
            modules=["m"],
            analysis_engine_version="1",
            analysis_definition_version="1",
            submitted=T,
            analysis_started=T,
            analysis_ended=LATER,
            result_name="r",
            result="benign",
            analysis_sco_refs=[_uuid5("file")],
            sample_ref=_uuid5("file"),
        ),
        common("note", abstract="a", content="c", authors=["a"], object_refs=[IDENTITY]),
        common("observed-data", first_observed=T, last_observed=LATER, number_observed=3, object_refs=[_uuid5("file")]),
        common("opinion", explanation="e", authors=["a"], opinion="agree", object_refs=[IDENTITY]),
        common("report", name="n", description="d", report_types=["threat-report"], published=T, object_refs=[IDENTITY]),
        common(
            "threat-actor",
            name="n",
            description="d",
            threat_actor_types=["spy"],
            aliases=["a"],
            first_seen=T,
            last_seen=LATER,
            roles=["agent"],
            goals=["g"],
            sophistication="none",
            resource_level="team",
            primary_motivation="revenge",
            secondary_motivations=["ideology"],
            personal_motivations=["coercion"],
        ),
        common("tool", name="n", description="d", tool_types=["exploitation"], aliases=["a"], kill_chain_phases=PHASES, tool_version="1"),
        common("vulnerability", name="n", description="d"),
        common(
            "relationship",
            relationship_type="indicates",
            description="d",
            source_ref=f"indicator--{U4}",
            target_ref=f"malware--{U4}",
            start_time=T,
            stop_time=LATER,
        ),
        common(
            "sighting",
            description="d",
            first_seen=T,
            last_seen=LATER,
            count=3,
            sighting_of_ref=f"indicator--{U4}",
            observed_data_refs=[f"observed-data--{U4}"],
            where_sighted_refs=[IDENTITY, f"location--{U4}"],
            summary=False,
        ),
        _without(
            common(
                "language-content", object_ref=f"campaign--{U4}", object_modified=T, contents={"de": {"name": "n", "aliases": ["", "b"]}}
            ),
            "lang",
        ),
        _without(
            common(
                "extension-definition",
                name="n",
                description="d",
                schema="https://a.example/schema",
                version="1.0.0",
                extension_types=["toplevel-property-extension"],
                extension_properties=["toxicity"],
            ),
            "confidence",
            "lang",
            "extensions",
        ),
    ]
}
STATEMENT = {
    "type": "marking-definition",
    "spec_version": "2.1",
    "id": f"marking-definition--{U4}",
    "created_by_ref": IDENTITY,
    "created": T,
    "name": "n",
    "definition_type": "statement",
    "definition": {"statement": "made up"},
    "external_references": [SOURCE],
    "object_marking_refs": [AMBER],
}
TLP_AMBER = {
    "type": "marking-definition",
    "spec_version": "2.1",
    "id": AMBER,
    "created": "2017-01-20T00:00:00.000Z",
    "name": "TLP:AMBER",
    "definition_type": "tlp",
    "definition": {"tlp": "amber"},
}
_PE = {
    "pe_type": "exe",
    "imphash": "b" * 32,
    "machine_hex": "014c",
    "number_of_sections": 4,
    "time_date_stamp": "2024-03-01T12:00:00Z",
    "pointer_to_symbol_table_hex": "74726144",
    "number_of_symbols": 5,
    "size_of_optional_header": 224,
    "characteristics_hex": "818f",
    "file_header_hashes": {"SHA-256": SHA256},
    "optional_header": {"magic_hex": "010b", "major_linker_version": 2, "size_of_code": 512, "checksum_hex": "00000000"},
    "sections": [{"name": "CODE", "size": 10, "entropy": 0.06, "hashes": {"MD5": "b" * 32}}],
}
OBSERVABLES: dict[str, dict[str, Any]] = {
    obj["type"]: obj
    for obj in [
        sco(
            "artifact",
            mime_type="image/jpeg",
            payload_bin="aGVsbG8=",
            hashes={"SHA-256": SHA256},
            encryption_algorithm="mime-type-indicated",
            decryption_key="k",
        ),
        sco("autonomous-system", number=64496, name="n", rir="r"),
        sco("directory", path="/opt", path_enc="UTF-8", ctime=T, mtime=T, atime=T, contains_refs=[_uuid5("file")]),
        sco("domain-name", value="a.example", resolves_to_refs=[_uuid5("ipv4-addr"), _uuid5("domain-name")]),
        sco("email-addr", value="x@a.example", display_name="X", belongs_to_ref=_uuid5("user-account")),
        sco(
            "email-message",
            is_multipart=True,
            date=T,
            content_type="multipart/mixed",
            from_ref=_uuid5("email-addr"),
            sender_ref=_uuid5("email-addr"),
            to_refs=[_uuid5("email-addr")],
            cc_refs=[_uuid5("email-addr")],
            bcc_refs=[_uuid5("email-addr")],
            message_id="m",
            subject="s",
            received_lines=["r"],
            additional_header_fields={"X-Mailer": ["a", "b"], "Reply-To": "c"},
            body_multipart=[
                {"content_type": "text/plain", "content_disposition": "inline", "body": "b"},
                {"content_type": "image/png", "body_raw_ref": _uuid5("artifact")},
            ],
            raw_email_ref=_uuid5("artifact"),
        ),
        sco(
            "file",
            hashes={"SHA-256": SHA256, "MD5": "b" * 32},
            size=25536,
            name="foo.zip",
            name_enc="windows-1252",
            magic_number_hex="504B0304",
            mime_type="application/zip",
            ctime=T,
            mtime=T,
            atime=T,
            parent_directory_ref=_uuid5("directory"),
            contains_refs=[_uuid5("file")],
            content_ref=_uuid5("artifact"),
            extensions={
                "archive-ext": {"contains_refs": [_uuid5("file")], "comment": "c"},
                "ntfs-ext": {"sid": "1234567", "alternate_data_streams": [{"name": "s", "size": 1, "hashes": {"MD5": "b" * 32}}]},
                "pdf-ext": {
                    "version": "1.7",
                    "is_optimized": True,
                    "document_info_dict": {"Title": "t"},
                    "pdfid0": "DFCE52BD827ECF765649852119D",
                    "pdfid1": "57A1E0F9ED2AE523E313C",
                },
                "raster-image-ext": {
                    "image_height": 1,
                    "image_width": 1,
                    "bits_per_pixel": 8,
                    "exif_tags": {"Make": "m", "XResolution": 4928},
                },
                "windows-pebinary-ext": _PE,
            },
        ),
        sco("ipv4-addr", value="192.0.2.0/24", resolves_to_refs=[_uuid5("mac-addr")], belongs_to_refs=[_uuid5("autonomous-system")]),
        sco("ipv6-addr", value="2001:db8::/32", resolves_to_refs=[_uuid5("mac-addr")], belongs_to_refs=[_uuid5("autonomous-system")]),
        sco("mac-addr", value="d2:fb:49:24:37:18"),
        sco("mutex", name="__CLEANSWEEP__"),
        sco(
            "network-traffic",
            start=T,
            end=LATER,
            is_active=False,
            src_ref=_uuid5("ipv4-addr"),
            dst_ref=_uuid5("domain-name"),
            src_port=1,
            dst_port=65535,
            protocols=["ipv4", "tcp", "http"],
            src_byte_count=1,
            dst_byte_count=1,
            src_packets=1,
            dst_packets=1,
            ipfix={"minimumIpTotalLength": 32},
            src_payload_ref=_uuid5("artifact"),
            dst_payload_ref=_uuid5("artifact"),
            encapsulates_refs=[_uuid5("network-traffic")],
            encapsulated_by_ref=_uuid5("network-traffic"),
            extensions={
                "http-request-ext": {
                    "request_method": "get",
                    "request_value": "/x",
                    "request_version": "http/1.1",
                    "request_header": {"Accept-Encoding": ["gzip", "deflate"]},
                    "message_body_length": 1,
                    "message_body_data_ref": _uuid5("artifact"),
                },
                "icmp-ext": {"icmp_type_hex": "08", "icmp_code_hex": "00"},
                "socket-ext": {
                    "address_family": "AF_INET",
                    "is_blocking": True,
                    "is_listening": True,
                    "options": {"SO_KEEPALIVE": 1},
                    "socket_type": "SOCK_STREAM",
                    "socket_descriptor": 3,
                    "socket_handle": 4,
                },
                "tcp-ext": {"src_flags_hex": "00000002", "dst_flags_hex": "00"},
            },
        ),
        sco(
            "process",
            is_hidden=False,
            pid=1221,
            created_time=T,
            cwd="/",
            command_line="./x -y",
            environment_variables={"LANG": "C"},
            opened_connection_refs=[_uuid5("network-traffic")],
            creator_user_ref=_uuid5("user-account"),
            image_ref=_uuid5("file"),
            parent_ref=f"process--{U4}",
            child_refs=[f"process--{U4}"],
            extensions={
                "windows-process-ext": {
                    "aslr_enabled": True,
                    "dep_enabled": True,
                    "priority": "HIGH_PRIORITY_CLASS",
                    "owner_sid": "S-1-5-21",
                    "window_title": "w",
                    "startup_info": {"lpTitle": "t", "cb": 1},
                    "integrity_level": "low",
                },
                "windows-service-ext": {
                    "service_name": "s",
                    "descriptions": ["d"],
                    "display_name": "d",
                    "group_name": "g",
                    "start_type": "SERVICE_AUTO_START",
                    "service_dll_refs": [_uuid5("file")],
                    "service_type": "SERVICE_WIN32_OWN_PROCESS",
                    "service_status": "SERVICE_RUNNING",
                },
            },
        ),
        sco(
            "software",
            name="Word",
            cpe="cpe:2.3:a:example:word:2000:*:*:*:*:*:*:*",
            swid="s",
            languages=["eng"],
            vendor="Example",
            version="2000",
        ),
        sco("url", value="https://a.example/x?y#z"),
        sco(
            "user-account",
            user_id="1001",
            credential="c",
            account_login="jdoe",
            account_type="unix",
            display_name="J",
            is_service_account=False,
            is_privileged=False,
            can_escalate_privs=True,
            is_disabled=False,
            account_created=T,
            account_expires=LATER,
            credential_last_changed=T,
            account_first_login=T,
            account_last_login=T,
            extensions={"unix-account-ext": {"gid": 1001, "groups": ["wheel"], "home_dir": "/home", "shell": "/bin/sh"}},
        ),
        sco(
            "windows-registry-key",
            key="hkey_local_machine\\system\\bar",
            values=[{"name": "Foo", "data": "qwerty", "data_type": "REG_SZ"}],
            modified_time=T,
            creator_user_ref=_uuid5("user-account"),
            number_of_subkeys=2,
        ),
        sco(
            "x509-certificate",
            is_self_signed=False,
            hashes={"SHA-256": SHA256},
            version="3",
            serial_number="36:f7:d4",
            signature_algorithm="sha256",
            issuer="CN=a.example",
            validity_not_before=T,
            validity_not_after=LATER,
            subject="CN=b.example",
            subject_public_key_algorithm="rsa",
            subject_public_key_modulus="00:c1",
            subject_public_key_exponent=65537,
            x509_v3_extensions={
                "basic_constraints": "critical,CA:TRUE",
                "name_constraints": "permitted;IP:192.0.2.0/255.255.255.0",
                "policy_constraints": "requireExplicitPolicy:3",
                "key_usage": "critical, keyCertSign",
                "extended_key_usage": "critical,codeSigning",
                "subject_key_identifier": "hash",
                "authority_key_identifier": "keyid,issuer",
                "subject_alternative_name": "email:x@a.example",
                "issuer_alternative_name": "issuer:copy",
                "subject_directory_attributes": "a",
                "crl_distribution_points": "URI:http://a.example/c.crl",
                "inhibit_any_policy": "2",
                "private_key_usage_period_not_before": T,
                "private_key_usage_period_not_after": LATER,
                "certificate_policies": "1.2.4.5",
                "policy_mappings": "a",
            },
        ),
    ]
}
EVERY: dict[str, dict[str, Any]] = {**DOMAIN, "marking-definition": STATEMENT, **OBSERVABLES}
CUSTOM = {
    "type": "x-example-thing",
    "spec_version": "2.1",
    "id": derived_id("x-example-thing", "a"),
    "created": T,
    "modified": T,
    "extensions": {EXTENSION: {"extension_type": "new-sdo"}},
    "thing_value": 3,
}
