"""Which version of which agreement is tried."""

from __future__ import annotations

import msgspec
import pytest

from comity.agree.agreement import read
from comity.agree.rules import Rules
from comity.errors import AgreementFault
from tests.agree.treaty import TREATY, day

FIRST = read(TREATY)
SECOND = msgspec.structs.replace(FIRST, version=2, in_force=day(12))


def test_the_governing_version_or_the_first_to_come() -> None:
    rules = Rules((SECOND, FIRST))
    assert rules.tried("sco", day(11)) == (FIRST,)
    assert rules.tried("sco", day(12)) == (SECOND,)
    assert rules.tried("sco", day(1)) == (FIRST,)
    assert rules.tried("cica", day(11)) == ()
    draft = msgspec.structs.replace(FIRST, in_force=None)
    assert Rules((draft, SECOND)).tried("sco", day(1)) == (SECOND,)
    assert Rules((draft,)).tried("sco", day(1)) == (draft,)


def test_a_version_that_moves_to_another_body_governs_there_only() -> None:
    moved = msgspec.structs.replace(SECOND, body="cica")
    rules = Rules((FIRST, moved))
    assert rules.tried("sco", day(12)) == ()
    assert rules.tried("cica", day(12)) == (moved,)


def test_two_texts_may_not_share_a_version() -> None:
    assert Rules((FIRST, FIRST)).tried("sco", day(11)) == (FIRST,)
    with pytest.raises(AgreementFault, match="example-ict@1"):
        Rules((FIRST, msgspec.structs.replace(FIRST, title="Another")))
