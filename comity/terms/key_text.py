"""How keys are written as text: the parts that every kind of key has in common (C2SP signed-note)."""

from __future__ import annotations

import base64
import binascii


def decode_base64(text: str) -> bytes:
    """Standard base64 (RFC 4648 section 4), only in its canonical spelling. Raises ValueError."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as fault:
        raise ValueError(f"not base64: {text[:80]!r}") from fault
    if base64.b64encode(data).decode() != text:
        raise ValueError(f"base64 with stray bits or padding: {text[:80]!r}")
    return data


def valid_name(name: str) -> bool:
    """Whether a key may be called this: not empty, no space of any alphabet, no `+`, no control character (C2SP signed-note)."""
    return bool(name) and not any(c.isspace() or c == "+" or c < " " or "\ud800" <= c <= "\udfff" for c in name)
