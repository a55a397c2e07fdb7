"""Passwords: what is taken for one, and what is kept of it (Argon2id, RFC 9106 section 4, the second recommended choice).

Length is asked for, not kinds of characters (OWASP ASVS 5.0, V6.2; NIST SP 800-63B section 3.1.1). Every check costs the same, whether
there is such a person or not, and only so many go on at once: each takes 64 MiB.
"""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Iterable
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from comity.errors import SenderFault

#: Characters of a password, after normalisation.
LEAST, MOST = 15, 256
#: Rows of keys and other runs that nobody has to guess.
_RUNS = ("abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю")
_HASHER = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
_AT_ONCE = threading.BoundedSemaphore(2)
#: Checked for people who are not there, or have no password: made of a password that nobody knows, with the same costs.
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


def check(text: str, words: Iterable[str]) -> None:
    """Refuse what is easily guessed; `words` are what anybody knows of the person. Raises SenderFault."""
    normal = unicodedata.normalize("NFKC", text)
    if not LEAST <= len(normal) <= MOST:
        raise SenderFault(f"a password has {LEAST} to {MOST} characters", next="several words that do not belong together are easy to keep")
    plain = normal.casefold()
    for word in sorted((word.casefold() for word in words if len(word) > 1), key=len, reverse=True):
        plain = plain.replace(word, "")
    if len(set(plain)) < 6 or _left_of_runs(plain) < 8:
        raise SenderFault("that password is easily guessed", next="use several words that do not belong together")


def hashed(text: str) -> str:
    """What is kept of a password: parameters, salt and hash, as text."""
    with _AT_ONCE:
        return _HASHER.hash(_normal(text))


def same(kept: str, text: str) -> bool:
    """Whether a password is the one that `kept` is of; for `kept` = "" it never is, at the same cost."""
    with _AT_ONCE:
        try:
            return _HASHER.verify(kept or _NOBODY, _normal(text[: 4 * MOST])) and bool(kept)
        except (VerificationError, InvalidHashError):
            return False


def _normal(text: str) -> bytes:
    """The bytes of one form of what can be typed in several ways (NFKC; SP 800-63B section 3.1.1.2)."""
    return unicodedata.normalize("NFKC", text).encode("utf-8", "surrogateescape")


def _left_of_runs(text: str) -> int:
    """How many characters do not merely go on from the one before: the same again, the next on a row of keys, or a repeated piece."""
    for size in range(1, len(text) // 2 + 1):
        piece = text[:size]
        if (piece * (len(text) // size + 1))[: len(text)] == text:
            text = piece
            break
    pairs = {run[at : at + 2] for each in _RUNS for run in (each, each[::-1]) for at in range(len(each) - 1)}
    return sum(one != two and one + two not in pairs for one, two in pairwise(text)) + 1
