"""Regular expressions that take time linear in the text, whatever the expression (RE2): for MATCHES, whose expressions are strangers'.

STIX asks for PCRE with DOTALL, for texts with UNICODE too (section 9.6.1). What no linear engine can do (back-references, look-around,
atomic groups) is refused. Of letters that are not of ASCII `\\b`, and `\\W` and `\\S` inside brackets, know nothing here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

import re2

from comity.errors import SenderFault

#: Bytes that one compiled expression and its automata may take.
MEMORY = 8 << 20
#: Characters of one expression.
LENGTH = 10_000
#: What stands in brackets for a class of characters.
_CLASSES = {"w": r"\pL\pN_", "d": r"\p{Nd}", "s": r"\s\x{85}\pZ"}
#: Literal text, what is escaped, a class with a name, where brackets begin (with a bracket that follows, which is in them), and end.
_PIECE = re.compile(r"\\Q.*?(?:\\E|\Z)|\\.|\[:\^?\w+:\]|\[\^?\]?|\]", re.DOTALL)


def _options(binary: bool) -> re2.Options:
    options = re2.Options()
    options.dot_nl, options.log_errors, options.max_mem = True, False, MEMORY
    if binary:
        options.encoding = re2.Options.Encoding.LATIN1
    return options


@lru_cache(maxsize=1_000)
def searcher(expression: str) -> Callable[[str], bool]:
    """Whether a text has a match of the expression anywhere. Raises SenderFault for an expression that is refused."""
    found = _compile(_wide(expression), expression)

    def search(text: str) -> bool:
        # As in PCRE, `$` also stands before a line break that ends the text.
        return bool(found.search(text)) or ("$" in expression and text.endswith("\n") and bool(found.search(text[:-1])))

    return search


@lru_cache(maxsize=1_000)
def byte_searcher(expression: str) -> Callable[[bytes], bool]:
    """The same for bytes, one character each. Raises SenderFault also for an expression with characters beyond U+00FF."""
    try:
        raw = expression.encode("latin-1")
    except UnicodeEncodeError:
        raise SenderFault("the expression has characters that are no bytes") from None
    found = _compile(raw, expression)
    return lambda text: bool(found.search(text))


def _wide(expression: str) -> str:
    """An expression with the classes of characters that UNICODE means, where RE2's are those of ASCII."""
    within = False

    def piece(found: re.Match[str]) -> str:
        nonlocal within
        text = found.group()
        if text[0] == "[":
            within = not within or text[-1] != "]" or text[1:2] == ":"
        elif text == "]":
            within = False
        elif (wide := _CLASSES.get(text[1:])) is not None:
            return wide if within else f"[{wide}]"
        elif text == r"\D":
            return r"\P{Nd}"
        elif not within and (wide := _CLASSES.get(text[1:].lower())) is not None:
            return f"[^{wide}]"
        return text

    return _PIECE.sub(piece, expression)


def _compile(expression: str | bytes, shown: str) -> re2._Regexp:
    if len(expression) > LENGTH:
        raise SenderFault(f"an expression of {len(expression)} characters", next=f"at most {LENGTH}")
    try:
        return re2.compile(expression, options=_options(isinstance(expression, bytes)))
    except (re2.error, UnicodeEncodeError) as error:
        said = error.args[0]
        why = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
        raise SenderFault(f"{shown[:80]!r} cannot be matched in linear time, or is no expression: {why}") from None


def refused(expression: str) -> str:
    """Why an expression is refused; empty if it is not."""
    try:
        searcher(expression)
    except SenderFault as fault:
        return str(fault)
    return ""
