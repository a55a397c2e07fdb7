"""How a log would be read, and why, without matching it: `--explain-format`."""

from __future__ import annotations

from contextlib import suppress

import msgspec

from comity.forms import detect
from comity.match.openfile import DAMAGED, damaged, is_packed, opened
from comity.match.recode import encoding_of, ends_of, recoded
from comity.match.scan import reader_for, state_of

_LINES = 500


class Looked(msgspec.Struct, frozen=True, kw_only=True):
    """What was seen at the beginning of a log. `fields` are those that are looked at, with what stands there, as far as they were met;
    `columns` those that the header names."""

    file: str
    format: str
    why: str
    compression: str
    encoding: str
    line_ends: str
    fields: dict[str, tuple[str, ...]]
    columns: tuple[str, ...] = ()
    oddity: str = ""


def look(path: str, format: str = "auto") -> Looked:
    """How a log would be read. Raises NotFound or OperatorFault where it cannot be opened, SenderFault where its beginning is damaged."""
    with opened(path) as file:
        try:
            raw = file.peek(detect.HEAD)[: detect.HEAD]
            text = recoded(file, live=path == "-").peek(detect.HEAD)[: detect.HEAD]
        except DAMAGED as error:
            raise damaged(path, error) from None
    form, why = detect.explained(text) if format == "auto" else (format, "it was chosen by --format")
    reader = reader_for(form)
    fields: dict[str, set[str]] = {}
    for line in text.removeprefix(b"\xef\xbb\xbf").split(b"\n")[:_LINES]:
        for field, role, _ in reader.candidates(line.removesuffix(b"\r")):
            fields.setdefault(field, set()).add(role)
    state = state_of(reader) or ()
    return Looked(
        file=path, format=form, why=why, compression=_compression(path), encoding=encoding_of(raw), line_ends=ends_of(text),
        fields={name: tuple(sorted(roles)) for name, roles in fields.items()},
        columns=next((part for part in state if isinstance(part, tuple)), ()), oddity=detect.oddity(text, form),
    )  # fmt: skip


def _compression(path: str) -> str:
    if path != "-":
        with suppress(OSError):
            return is_packed(path) or "none"
    return "unknown"
