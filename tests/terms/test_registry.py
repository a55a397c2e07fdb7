"""Values of a register: frozen, and small where nothing is said."""

from __future__ import annotations

import msgspec
import pytest

from comity.terms.registry import Body, Dispute, Entries, Known, Position


def test_what_is_not_said_is_not_written():
    assert msgspec.to_builtins(Known(party="KZ", title="Kazakhstan")) == {"party": "KZ", "title": "Kazakhstan"}
    assert msgspec.to_builtins(Body(body="sco", title="SCO")) == {"body": "sco", "title": "SCO"}
    assert msgspec.to_builtins(Entries())["standings"] == ()


def test_a_dispute_keeps_every_position():
    dispute = Dispute(about="a list", positions=(Position(source="one", says="7"), Position(source="another", says="8")))
    assert msgspec.convert(msgspec.to_builtins(dispute), Dispute) == dispute
    with pytest.raises(AttributeError):
        dispute.held = "8"
