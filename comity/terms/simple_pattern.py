"""The values a simple STIX pattern looks for: what an index can hold instead of evaluating it (STIX 2.1 section 9).

Simple means: a disjunction (OR, inside one observation or between several) of `=`, `IN` or `ISSUBSET` on the value of a
domain, address, URL, e-mail address or file hash. One pass over the text, no regular expressions, no recursion.
"""

from __future__ import annotations

from comity.terms.observable import normal

_PATHS = {
    "domain-name:value": "domain",
    "ipv4-addr:value": "ipv4",
    "ipv6-addr:value": "ipv6",
    "url:value": "url",
    "email-addr:value": "email",
}
_HASHES = {
    "md5": "md5",
    "sha-1": "sha1",
    "sha1": "sha1",
    "sha-256": "sha256",
    "sha256": "sha256",
    "sha-512": "sha512",
    "sha512": "sha512",
}
_WRITE = {
    "domain": "domain-name:value",
    "ipv4": "ipv4-addr:value",
    "ipv6": "ipv6-addr:value",
    "url": "url:value",
    "email": "email-addr:value",
    "md5": "file:hashes.MD5",
    "sha1": "file:hashes.'SHA-1'",
    "sha256": "file:hashes.'SHA-256'",
    "sha512": "file:hashes.'SHA-512'",
}
_WORD_ENDS = frozenset(" \t\r\n[](),='")


def pattern_for(kind: str, value: str) -> str:
    """The STIX pattern that looks for one observable in its normal form. Raises ValueError for an unknown kind."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    if kind == "cidr":
        return f"[{'ipv6' if ':' in value else 'ipv4'}-addr:value ISSUBSET '{escaped}']"
    if kind not in _WRITE:
        raise ValueError(f"there is no pattern for a value of kind {kind!r}")
    return f"[{_WRITE[kind]} = '{escaped}']"


def pattern_value(pattern: str) -> list[tuple[str, str]]:
    """The (kind, normal value) pairs of a simple pattern, without repeats; empty if the pattern is anything else."""
    try:
        found = _read(_tokens(pattern))
    except ValueError:
        return []
    return list(dict.fromkeys(found))


def _tokens(pattern: str) -> list[str]:
    """Tokens; a string literal keeps its opening quote as a mark. Raises ValueError for an unfinished one."""
    tokens: list[str] = []
    at, end = 0, len(pattern)
    while at < end:
        char = pattern[at]
        if char.isspace():
            at += 1
        elif char == "'":
            text, at = _string(pattern, at)
            tokens.append("'" + text)
        elif char in "[](),":
            tokens.append(char)
            at += 1
        elif char == "=":
            at += 2 if pattern[at : at + 2] == "==" else 1
            tokens.append("=")
        else:
            word, at = _word(pattern, at)
            tokens.append(word)
    return tokens


def _string(pattern: str, at: int) -> tuple[str, int]:
    """The literal that opens at `at`, unescaped, and where it ends."""
    parts: list[str] = []
    at += 1
    while True:
        close = pattern.find("'", at)
        slash = pattern.find("\\", at, close if close >= 0 else len(pattern))
        if close < 0 or slash == len(pattern) - 1:
            raise ValueError("a string literal does not end")
        if slash < 0:
            parts.append(pattern[at:close])
            return "".join(parts), close + 1
        parts.append(pattern[at:slash] + pattern[slash + 1])
        at = slash + 2


def _word(pattern: str, at: int) -> tuple[str, int]:
    """A keyword or object path; quoted steps of a path (`file:hashes.'SHA-256'`) belong to it, without their quotes."""
    parts: list[str] = []
    end = len(pattern)
    while at < end:
        start = at
        while at < end and pattern[at] not in _WORD_ENDS:
            at += 1
        parts.append(pattern[start:at])
        if at < end and pattern[at] == "'" and parts[-1].endswith("."):
            step, at = _string(pattern, at)
            parts.append(step)
            if at >= end or pattern[at] != ".":
                break
        else:
            break
    return "".join(parts), at


def _read(tokens: list[str]) -> list[tuple[str, str]]:
    """Check that the tokens are a disjunction of simple comparisons; give their values. Raises ValueError otherwise."""
    found: list[tuple[str, str]] = []
    at, outer, inner, inside, operand = 0, 0, 0, False, True
    while at < len(tokens):
        token = tokens[at]
        if operand and token == "(":
            outer, inner = (outer, inner + 1) if inside else (outer + 1, inner)
        elif operand and token == "[" and not inside:
            inside = True
        elif operand and inside:
            at = _comparison(tokens, at, found)
            operand = False
            continue
        elif not operand and token == ")" and (inner if inside else outer) > 0:
            outer, inner = (outer, inner - 1) if inside else (outer - 1, inner)
        elif not operand and token == "]" and inside and not inner:
            inside = False
        elif not operand and token == "OR":
            operand = True
        else:
            raise ValueError(f"not simple at {token!r}")
        at += 1
    if operand or inside or outer:
        raise ValueError("the pattern does not end")
    return found


def _comparison(tokens: list[str], at: int, found: list[tuple[str, str]]) -> int:
    """Read one comparison into `found`; where the next token is."""
    path, operator, *_ = (*tokens[at : at + 2], "", "")
    kind = _kind(path)
    at += 2
    if operator in ("=", "ISSUBSET"):
        found.append(_value(kind, operator, tokens[at] if at < len(tokens) else ""))
        return at + 1
    if operator != "IN" or tokens[at : at + 1] != ["("]:
        raise ValueError(f"not simple: {operator!r}")
    while True:
        literal, separator, *_ = (*tokens[at + 1 : at + 3], "", "")
        found.append(_value(kind, "=", literal))
        at += 2
        if separator == ")":
            return at + 1
        if separator != ",":
            raise ValueError("a set does not end")


def _kind(path: str) -> str:
    if path in _PATHS:
        return _PATHS[path]
    if path.startswith("file:hashes."):
        kind = _HASHES.get(path[12:].lower())
        if kind:
            return kind
    raise ValueError(f"not simple: {path!r}")


def _value(kind: str, operator: str, literal: str) -> tuple[str, str]:
    if literal[:1] != "'":
        raise ValueError("not a string")
    text = literal[1:]
    if kind in ("ipv4", "ipv6") and "/" in text:
        return "cidr", normal("cidr", text)
    if operator == "ISSUBSET" and kind not in ("ipv4", "ipv6"):
        raise ValueError("ISSUBSET is for addresses")
    return kind, normal(kind, text)
