"""A preview's answers are those of the pages and of `why`, for every item and party."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from comity.release.explain import audience
from comity.release.preview import Item, Party, Subject, in_force, look, summary
from comity.terms.tlp import LEVELS
from tests.consortium import START, Body, indicator, relationship, report, sdo

FOR = ("network-defence",)


def parties(**standings: str) -> list[Party]:
    return [Party(party=code, label=code, standing=standing, submits=code == "KZ", bodies=("sco",)) for code, standing in standings.items()]


def seen(body: Body, columns: list[Party], on=START + timedelta(days=1)) -> list[Item]:
    types = ("indicator", "relationship", "report", "identity", "malware")
    rows = [row for type_ in types for row in body.world.store.by_type(type_)]
    return look(body.desk, [Subject(row=row, file="f", position="p") for row in rows], columns, FOR, on)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(LEVELS), st.sampled_from([None, (), ("UZ",), ("IR", "UZ")])), min_size=1, max_size=6))
def test_answers_equal_what_each_party_reads_and_what_audience_says(marks: list[tuple[str, tuple[str, ...] | None]]) -> None:
    body = Body()
    kz, uz, ir = body.member("KZ"), body.member("UZ"), body.observer("IR")
    made = [indicator() for _ in marks]
    for item, (tlp, to) in zip(made, marks, strict=True):
        kz.submits(item, tlp=tlp, to=to)
    kz.submits(report(*(item["id"] for item in made)), relationship(made[0]["id"], made[-1]["id"]), tlp="clear")
    columns = parties(KZ="member", UZ="member", IR="observer")
    items = seen(body, columns)
    assert len(items) == len(made) + 2
    for item in items:
        verdicts = {verdict.party: verdict.decision.effect for verdict in audience(body.desk, item.id, "sco", FOR)}
        assert {party: answer.effect for party, answer in item.answers.items()} == {p: verdicts[p] for p in ("KZ", "UZ", "IR")}
        for member in (uz, ir):
            assert (item.answers[member.code].effect == "permit") == (item.id in member.reads())


def test_a_deny_names_the_clause_that_is_about_this_recipient() -> None:
    body = Body()
    kz = body.member("KZ")
    body.observer("IR")
    kz.submits(indicator(), tlp="amber")
    (item,) = seen(body, parties(KZ="member", IR="observer"))
    said = item.answers["IR"].as_json()
    assert (said["clause"], said["fact"], said["expected"], said["actual"]) == ("observers", "TLP", "at most green", "amber")
    assert item.answers["KZ"].as_json() == {
        "effect": "permit", "rule": "own", "agreement": "built-in", "clause": "own", "text": "A party always sees its own items.",
    }  # fmt: skip


def test_what_hides_an_object_is_called_by_its_name() -> None:
    body = Body()
    kz = body.member("KZ")
    body.member("UZ")
    hidden, absent = indicator(), indicator()
    kz.submits(hidden, tlp="red")
    kz.submits(report(hidden["id"]), report(absent["id"]), tlp="green")
    items = [item for item in seen(body, parties(KZ="member", UZ="member")) if item.type == "report"]
    actual = {item.answers["UZ"].actual for item in items}
    assert actual == {"hidden or absent: bad[.]example", f"hidden or absent: {absent['id']} (not in the files)"}
    assert {item.answers["UZ"].rule for item in items} == {"references"}


def test_links_are_named_by_what_they_link() -> None:
    body = Body()
    kz = body.member("KZ")
    one, other = indicator(), sdo("malware", name="HERONLOAD")
    kz.submits(one, other, relationship(one["id"], other["id"]))
    names = {item.type: item.label for item in seen(body, parties(KZ="member"))}
    assert names == {"indicator": "bad.example", "malware": "HERONLOAD", "relationship": "bad[.]example indicates HERONLOAD"}


def test_the_date_decides_and_is_said() -> None:
    body = Body()
    body.member("KZ").submits(indicator(), tlp="green")
    body.member("UZ")
    columns = parties(KZ="member", UZ="member")
    early = START - timedelta(days=399)
    assert summary(seen(body, columns), columns)["UZ"] == {"permit": 1, "redact": 0, "approve": 0, "deny": 0}
    assert summary(seen(body, columns, early), columns)["UZ"] == {"permit": 0, "redact": 0, "approve": 0, "deny": 1}
    assert "is not in force" in in_force(body.desk, columns[0], early)[0]
    assert in_force(body.desk, columns[0], START) == []
    stranger = Party(party="ZZ", label="ZZ", standing="", bodies=("sco",))
    assert "ZZ is not bound" in in_force(body.desk, stranger, START)[0]


def test_a_party_of_two_bodies_has_what_either_gives() -> None:
    body = Body()
    body.member("KZ").submits(indicator(), tlp="green")
    body.member("UZ")
    both = Party(party="UZ", label="UZ", standing="member", bodies=("cica", "sco"))
    other = Party(party="UZ", label="UZ", standing="member", bodies=("cica",))
    assert seen(body, [both])[0].answers["UZ"].effect == "permit"
    assert seen(body, [other])[0].answers["UZ"].effect == "deny"
