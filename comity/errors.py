"""Faults, named by whose fault they are and what to do next.

Every refusal that leaves a function is one of these; HTTP and exit codes are given to them only in `doors/`.
"""

from __future__ import annotations


class Fault(Exception):
    """A refusal: `str(fault)` says what is wrong, `next` says what to do about it (may be empty)."""

    def __init__(self, message: str, *, next: str = "") -> None:
        super().__init__(message)
        self.next = next


class SenderFault(Fault):
    """Whoever sent the input must change it (malformed object, too large, unknown option)."""


class AgreementFault(Fault):
    """The text of an agreement is wrong; `line` is 1-based, 0 where no line applies."""

    def __init__(self, message: str, *, line: int = 0, next: str = "") -> None:
        super().__init__(message, next=next)
        self.line = line


class NotFound(Fault):
    """There is no such thing, or the asker may not see it: deliberately one and the same answer."""


class Denied(Fault):
    """An agreement does not allow it; raised only about things the asker already sees."""


class NotAuthenticated(Fault):
    """No valid credential came with the request."""


class Conflict(Fault):
    """Somebody else changed it first, or the name is taken."""


class PeerFault(Fault):
    """Another node or server did not do what its protocol promises."""


class OperatorFault(Fault):
    """The node's administrator must change a setting, a file or a permission."""


class IntegrityFault(Fault):
    """Stored bytes or a log no longer match what was recorded; the message names what and where."""


class OurFault(Fault):
    """A defect of Comity itself."""
