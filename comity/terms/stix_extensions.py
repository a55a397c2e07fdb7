"""The predefined extensions of STIX's observables (STIX 2.1 sections 6.7, 6.12, 6.13, 6.16; STIX 2.0 part 4)."""

from __future__ import annotations

from comity.terms.stix_kinds import among, properties, text_or_whole
from comity.terms.stix_shapes import Shape, anything, keyed, like, link, many, one_of, record, string, texts, whole

_PE_OPTIONAL = properties(
    hexes="magic_hex win32_version_value_hex checksum_hex subsystem_hex dll_characteristics_hex loader_flags_hex",
    size="size_of_code size_of_initialized_data size_of_uninitialized_data size_of_image size_of_headers "
    "size_of_stack_reserve size_of_stack_commit size_of_heap_reserve size_of_heap_commit",
    whole="major_linker_version minor_linker_version address_of_entry_point base_of_code base_of_data image_base "
    "section_alignment file_alignment major_os_version minor_os_version major_image_version minor_image_version "
    "major_subsystem_version minor_subsystem_version number_of_rva_and_sizes",
    hashes="hashes",
)
#: Extension name -> its own properties, the required ones, one of these, or "*" for any one of the others (section 6.7 and on).
_EXTENSIONS: dict[str, tuple[dict[str, Shape], str, str]] = {
    "archive-ext": ({"contains_refs": many(link("file", "directory")), **properties(string="comment")}, "contains_refs", ""),
    "ntfs-ext": (
        {
            **properties(string="sid"),
            "alternate_data_streams": many(record(properties(string="name", hashes="hashes", size="size"), ("name",))),
        },
        "",
        "*",
    ),
    "pdf-ext": ({**properties(string="version pdfid0 pdfid1", flag="is_optimized"), "document_info_dict": keyed(string)}, "", "*"),
    "raster-image-ext": ({**properties(whole="image_height image_width bits_per_pixel"), "exif_tags": keyed(text_or_whole)}, "", "*"),
    "windows-pebinary-ext": (
        {
            **properties(
                string="pe_type imphash",
                hexes="machine_hex pointer_to_symbol_table_hex characteristics_hex",
                size="number_of_sections number_of_symbols size_of_optional_header",
                time="time_date_stamp",
                hashes="file_header_hashes",
            ),
            "optional_header": record(_PE_OPTIONAL),
            "sections": many(record(properties(string="name", size="size", number="entropy", hashes="hashes"), ("name",))),
        },
        "pe_type",
        "*",
    ),
    "http-request-ext": (
        {
            **properties(string="request_method request_value request_version", whole="message_body_length"),
            "request_header": keyed(texts),
            "message_body_data_ref": link("artifact"),
        },
        "request_method request_value",
        "",
    ),
    "icmp-ext": (properties(hexes="icmp_type_hex icmp_code_hex"), "icmp_type_hex icmp_code_hex", ""),
    "socket-ext": (
        {
            "address_family": among("AF_", "UNSPEC INET IPX APPLETALK NETBIOS INET6 IRDA BTH"),
            **properties(flag="is_blocking is_listening", size="socket_descriptor", whole="socket_handle"),
            "options": keyed(whole),
            "socket_type": among("SOCK_", "STREAM DGRAM RAW RDM SEQPACKET"),
        },
        "address_family",
        "",
    ),
    "tcp-ext": (properties(hexes="src_flags_hex dst_flags_hex"), "", "*"),
    "windows-process-ext": (
        {
            **properties(flag="aslr_enabled dep_enabled", string="priority owner_sid window_title"),
            "startup_info": keyed(lambda value: None),
            "integrity_level": one_of("low", "medium", "high", "system"),
        },
        "",
        "*",
    ),
    "windows-service-ext": (
        {
            **properties(string="service_name display_name group_name", texts="descriptions"),
            "start_type": among("SERVICE_", "AUTO_START BOOT_START DEMAND_START DISABLED SYSTEM_ALERT"),
            "service_dll_refs": many(link("file")),
            "service_type": among("SERVICE_", "KERNEL_DRIVER FILE_SYSTEM_DRIVER WIN32_OWN_PROCESS WIN32_SHARE_PROCESS"),
            "service_status": among("SERVICE_", "CONTINUE_PENDING PAUSE_PENDING PAUSED RUNNING START_PENDING STOP_PENDING STOPPED"),
        },
        "",
        "*",
    ),
    "unix-account-ext": (properties(whole="gid", texts="groups", string="home_dir shell"), "", "*"),
}
#: Observable type -> its predefined extensions.
PREDEFINED = {
    "file": ("archive-ext", "ntfs-ext", "pdf-ext", "raster-image-ext", "windows-pebinary-ext"),
    "network-traffic": ("http-request-ext", "icmp-ext", "socket-ext", "tcp-ext"),
    "process": ("windows-process-ext", "windows-service-ext"),
    "user-account": ("unix-account-ext",),
}
_EXTENSIONS_20: dict[str, tuple[dict[str, Shape], str]] = {
    "archive-ext": ({"contains_refs": many(link("file")), **properties(string="version")}, ""),
    "raster-image-ext": (properties(string="image_compression_algorithm"), ""),
    "http-request-ext": ({"request_header": keyed(string)}, ""),
    "socket-ext": ({"options": keyed(anything), "protocol_family": like("PF_[A-Z0-9]+", "a protocol family PF_*")}, ""),
    "windows-process-ext": ({}, "integrity_level"),
}
#: What 2.0 requires where it differs.
_REQUIRED_20 = {"windows-pebinary-ext": ("pe_type", ""), "windows-service-ext": ("service_name", "")}


def extension(name: str, *, old: bool) -> Shape:
    """The shape of a predefined extension, in 2.0 if `old`. Raises KeyError for a name that is not one."""
    own, required, one = _EXTENSIONS[name]
    if old:
        gone = _EXTENSIONS_20.get(name, ({}, ""))
        own = {key: shape for key, shape in {**own, **gone[0]}.items() if key not in gone[1].split()}
        required, one = _REQUIRED_20.get(name, (required, one))
    needed = tuple(required.split())
    return record(own, needed, tuple(name for name in own if name not in needed) if one == "*" else ())


def extension_names(type_: str, name: str, *, old: bool = False) -> frozenset[str]:
    """The properties that the standard (2.0 if `old`) gives a predefined extension of a type; empty if it is not one."""
    if name not in PREDEFINED.get(type_, ()):
        return frozenset()
    more, gone = _EXTENSIONS_20.get(name, ({}, "")) if old else ({}, "")
    return (frozenset(_EXTENSIONS[name][0]) | frozenset(more)) - frozenset(gone.split())


#: The properties of the objects inside predefined extensions.
PARTS = {
    ("ntfs-ext", "alternate_data_streams"): frozenset({"name", "hashes", "size"}),
    ("windows-pebinary-ext", "sections"): frozenset({"name", "size", "entropy", "hashes"}),
    ("windows-pebinary-ext", "optional_header"): frozenset(_PE_OPTIONAL),
}
