"""What a new agreement begins from is sound as it stands."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity import samples
from comity.agree.agreement import check, read
from comity.agree.lint import lint
from comity.agree.skeleton import begun, begun_like
from comity.errors import AgreementFault

DAY = date(2021, 9, 17)
SAMPLES = [name for name in samples.NAMES if name.endswith(".toml")]


def made(like: str | None, id_: str = "ours", body: str = "cica", title: str = "Ours") -> str:
    return begun_like(samples.read(like).decode(), like, id_, body, title, DAY) if like else begun(id_, body, title, DAY)


@pytest.mark.parametrize("like", [None, *SAMPLES])
def test_lint_finds_at_most_things_to_know(like: str | None) -> None:
    text = made(like)
    assert check(text) == []
    assert {finding.level for finding in lint(read(text))} <= {"info"}
    assert lint(read(made(None))) == []


@pytest.mark.parametrize("like", [None, *SAMPLES])
def test_it_is_what_was_asked_for(like: str | None) -> None:
    found = read(made(like))
    assert (found.id, found.version, found.body, found.title, found.illustrative) == ("ours", 1, "cica", "Ours", False)
    assert found.in_force is not None
    assert found.in_force.date() == DAY
    assert {section.role for section in found.parties} == {"centre"}
    if like:
        assert found.clauses
        assert [clause.id for clause in found.clauses] == [clause.id for clause in read(samples.read(like).decode()).clauses]
        assert made(like).startswith(f"# Begun from the sample {like}")


@given(st.text(st.characters(exclude_categories=("Cs",)), min_size=1).filter(str.strip), st.sampled_from([None, *SAMPLES]))
def test_any_title_can_be_given(title: str, like: str | None) -> None:
    assert read(made(like, title=title)).title == title


@pytest.mark.parametrize("change", [{"id_": "Ours"}, {"id_": 'x"\n[agreement]'}, {"body": "SCO!"}, {"title": " "}])
def test_what_cannot_be_is_refused(change: dict[str, str]) -> None:
    with pytest.raises(AgreementFault) as fault:
        made(None, **change)
    assert fault.value.next


def test_a_body_of_any_name_has_a_centre() -> None:
    assert [section.party for section in read(made(None, body="a" * 32)).parties] == ["A" * 25 + "-CENTRE"]
