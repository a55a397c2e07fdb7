"""What people say of an act: it stands in the log and goes with the act to other nodes, where no gate looks at it and nothing erases it."""

from __future__ import annotations

from comity.errors import SenderFault
from comity.terms.person_text import values


def unnamed(text: str, what: str = "the reason") -> str:
    """The text itself. Raises SenderFault where a value in it leads to a person (`terms.person_text`), which is told by its kind alone."""
    kinds = sorted({each.kind for each in values(text)})
    if kinds:
        raise SenderFault(
            f"{what} leads to persons ({', '.join(kinds)}), and it is kept and told to others (G3)",
            next="say it without them; a case number leads to whoever may know",
        )
    return text
