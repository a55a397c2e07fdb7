"""What the API says of the gate and of redress goes there and back; words that are none are refused."""

from __future__ import annotations

import msgspec
import pytest

from comity.intake import redress
from comity.terms.item import CATEGORIES
from comity.wire_gate import AnswerTicket, Review, State


@pytest.mark.parametrize("category", CATEGORIES)
def test_a_review_is_read(category):
    said = {"category": category, "basis": "Article 6", "expires": "2099-01-01T00:00:00Z"}
    assert msgspec.to_builtins(msgspec.json.decode(msgspec.json.encode(said), type=Review)) == said


@pytest.mark.parametrize("decision", redress.DECISIONS)
def test_tickets_have_the_words_and_the_room_that_they_have_within(decision):
    said = {"decision": decision, "text": "x" * redress.LONGEST}
    assert msgspec.convert(said, AnswerTicket).decision == msgspec.convert(decision, State) == decision
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(said | {"text": said["text"] + "x"}, AnswerTicket)


@pytest.mark.parametrize(
    ("raw", "shape"),
    [
        (b'{"category":"suspect","basis":"b","expires":"2099-01-01T00:00:00Z"}', Review),
        (b'{"category":"victim","basis":"","expires":"2099-01-01T00:00:00Z"}', Review),
        (b'{"category":"victim","basis":"b","expires":"2099-01-01T00:00:00"}', Review),
        (b'{"decision":"deleted","text":"t"}', AnswerTicket),
        (b'{"decision":"kept","text":""}', AnswerTicket),
    ],
)
def test_what_is_none_is_refused(raw, shape):
    with pytest.raises(msgspec.MsgspecError):
        msgspec.json.decode(raw, type=shape)
