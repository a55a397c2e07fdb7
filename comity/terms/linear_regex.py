"""Regular expressions that take time linear in the text, whatever the expression (RE2): for MATCHES, whose expressions are strangers'.

STIX asks for PCRE with DOTALL (section 9.6.1). What no linear engine can do (back-references, look-around, atomic groups) is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import re2

from comity.errors import SenderFault

#: Bytes that one compiled expression and its automata may take.
MEMORY = 8 << 20
#: Characters of one expression.
LENGTH = 10_000


def _options(binary: bool) -> re2.Options:
    options = re2.Options()
    options.dot_nl, options.log_errors, options.max_mem = True, False, MEMORY
    if binary:
        options.encoding = re2.Options.Encoding.LATIN1
    return options


@lru_cache(maxsize=1_000)
def searcher(expression: str) -> Callable[[str], bool]:
    """Whether a text has a match of the expression anywhere. Raises SenderFault for an expression that is refused."""
    found = _compile(expression, expression)

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
