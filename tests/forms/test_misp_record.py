from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.forms.misp_record import KEPT_ATTRIBUTE, KEPT_OBJECT, attribute_of, essentials, properties, record_of
from comity.terms.stix import MISP_EXTENSION

TEXT = st.text(min_size=1, max_size=20)
ATTRIBUTES = st.fixed_dictionaries(
    {"type": TEXT, "value": TEXT, "comment": st.text(max_size=20), "to_ids": st.booleans(), "disable_correlation": st.booleans()},
    optional={
        **dict.fromkeys(("uuid", "category", "object_relation", "timestamp", "first_seen", "last_seen"), TEXT),
        "Tag": st.lists(TEXT.map(lambda name: {"name": name}), min_size=1, max_size=3, unique_by=lambda tag: tag["name"]),
    },
)


@given(ATTRIBUTES)
def test_an_attribute_comes_back_out_of_its_record(attribute: dict[str, object]) -> None:
    record = essentials(attribute)
    assert attribute_of(record) == attribute
    assert attribute_of(record_of(properties(record))) == attribute


def test_numbers_become_text_and_what_says_nothing_is_left_out() -> None:
    assert essentials({"type": "counter", "value": 5, "comment": "", "to_ids": "0", "first_seen": None, "distribution": 5}) == {
        "type": "counter",
        "value": "5",
    }
    assert essentials({"distribution": 3, "to_ids": 1}) == {"distribution": "3", "to_ids": True}


@pytest.mark.parametrize(
    ("type_", "want"),
    [(KEPT_ATTRIBUTE, "new-sdo"), (KEPT_OBJECT, "new-sdo"), ("indicator", "toplevel-property-extension")],
)
def test_the_extension(type_: str, want: str) -> None:
    made = properties({"type": "text", "why": ""}, of_type=type_)
    assert made == {"extensions": {MISP_EXTENSION: {"extension_type": want}}, "x_misp_type": "text"}
    assert record_of({"type": "indicator", "name": "x"}) == {}
