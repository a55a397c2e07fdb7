from __future__ import annotations

from comity.terms import stix_kinds as kinds
from comity.terms.stix_shapes import flag, text


def test_properties_are_named_by_their_shapes() -> None:
    assert kinds.properties(text="a b", flag="c") == {"a": text, "b": text, "c": flag}


def test_order_and_needs_and_enumerations() -> None:
    order = kinds.in_order("first", "last")
    assert order({"first": "2024-01-02T00:00:00Z", "last": "2024-01-01T00:00:00Z"}) == [("last", "earlier than first")]
    assert order({"first": "2024-01-01T00:00:00Z", "last": "2024-01-01T00:00:00.000Z"}) is None
    later = kinds.in_order("first", "last", equal=False)
    assert later({"first": "2024-01-01T00:00:00Z", "last": "2024-01-01T00:00:00.000Z"}) == [("last", "not later than first")]
    assert kinds.needs("a", "b", "c")({"a": 1, "c": 1}) == [("b", "missing, a needs it")]
    assert kinds.among("AF_", "INET IRDA")("AF_INET") is None
    assert kinds.among("AF_", "INET IRDA")("INET")
    assert kinds.text_or_whole("a") is kinds.text_or_whole(1) is None
    assert kinds.text_or_whole(1.5)


def test_all_faults_are_gathered_and_rules_asked_last() -> None:
    kind = kinds.Kind(shapes={"a": flag, "b": text}, required=("b", "c"), one=("d", "e"), rules=(lambda obj: [("f", "wrong")],))
    assert kinds.all_faults(kind, {"a": 1, "b": ""}) == [
        ("c", "missing"),
        ("d", "missing, one of these must be there: d, e"),
        ("a", "must be true or false"),
        ("b", "must be a non-empty string"),
    ]
    assert kinds.all_faults(kind, {"b": "x", "c": 1, "e": 1}) == [("f", "wrong")]


def test_external_references_say_where_and_cve_and_capec_are_written_so() -> None:
    shape = kinds.EXTERNAL_REFERENCES
    assert shape([{"source_name": "cve", "external_id": "CVE-2024-1234"}, {"source_name": "capec", "external_id": "CAPEC-1"}]) is None
    assert shape([{"source_name": "x"}]) == [("[0]", "must have description or url or external_id")]
    assert shape([{"source_name": "cve", "external_id": "CVE-24-1"}]) == [("[0].external_id", "must be CVE-YYYY-NNNN for the source cve")]
    assert shape([{"source_name": "capec", "url": "u:u"}]) == [("[0].external_id", "must be CAPEC-NNN for the source capec")]


def test_extensions_are_defined_or_predefined_or_their_makers_business() -> None:
    shape = kinds.extensions(own_ext=kinds.KILL_CHAIN_PHASES)
    id_ = "extension-definition--12345678-1234-4234-8234-123456789012"
    assert shape({id_: {"extension_type": "new-sco"}, "x-other-ext": {"a": 1}}) is None
    assert shape({id_: {"extension_type": "other"}}) == [
        (f".{id_}.extension_type", "must be one of the extension types of section 7.3"),
    ]
    assert shape({id_: {"a": 1}}) == [(f".{id_}.extension_type", "missing")]
    assert shape({"extension-definition--1": {"extension_type": "new-sdo"}})
    assert shape({"x-other-ext": {}}) == [(".x-other-ext", "must be a non-empty object")]
    assert shape({"own-ext": []}) == [(".own-ext", "must be a non-empty list")]


def test_selectors_lead_through_names_and_places() -> None:
    obj = {"labels": ["a"], "b": {"c": [{"d": 1}]}, "granular_markings": [{"selectors": ["labels.[0]", "b.c.[0].d", "id"]}], "id": 1}
    assert kinds.selectors_resolve(obj) is None
    for wrong in ("labels.[1]", "labels.0", "b.[0]", "c", "b.c.[x]", "labels.[0].e", ""):
        found = kinds.selectors_resolve({**obj, "granular_markings": [{"selectors": ["b", wrong]}]})
        assert found == [("granular_markings[0].selectors[1]", f"{wrong!r} selects nothing in this object")]
