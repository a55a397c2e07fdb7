"""A visitor to a node with something on it."""

from __future__ import annotations

import pytest

from tests.consortium import indicator
from tests.doors.web.visitor import Visitor, body_that_reads


@pytest.fixture
def busy_visitor() -> Visitor:
    """Signed in at a centre that reads GREEN and holds one item of KZ's."""
    body, kz = body_that_reads()
    kz.submits(indicator(name="seen one"), tlp="green")
    return Visitor(body)
