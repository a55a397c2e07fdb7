"""Who sees an object: each party and each field, by which clause; and who would, if something were otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from comity.agree.agreement import read as read_agreement
from comity.agree.decide import Decision, Reason
from comity.agree.explain import in_the_way
from comity.clock import parse
from comity.doors.web import query
from comity.doors.web.page import Act, Again, Done, File, Form, Given, Page, Visit
from comity.doors.web.subject import ASKED, PLAIN, SEARCHED, subject, told
from comity.errors import Fault, SenderFault
from comity.release.account import Panel, agreements
from comity.release.certified import certified
from comity.release.explain import Moments, Verdict
from comity.release.supposing import Supposition, held, suppose
from comity.terms.item import PURPOSES
from comity.terms.tlp import LEVELS

TEMPLATE = "screens/audience.html"
#: What the rows can be sorted by: name of the parameter's value -> the part of a row.
SORTS = ("party", "standing", "effect", "rule", "change")
_EFFECTS = ("permit", "redact", "approve", "deny")


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked, as the address or a form has it; empty texts ask for what is so."""

    purposes: tuple[str, ...] = ASKED
    on: str = ""
    known: str = ""
    tlp: str = ""
    agreement: str = ""
    text: str = ""

    @property
    def plain(self) -> bool:
        """Whether it is asked how things stand."""
        return self == Asked()


def build(visit: Visit) -> dict[str, Any]:
    """The panel as the address asks for it. Raises NotFound for a hidden or absent object."""
    asked = Asked(
        purposes=tuple(visit.texts("purpose")) or ASKED,
        **{name: visit.text(name) or "" for name in ("on", "known", "tlp", "agreement")},
    )
    return panel(visit, asked)


def panel(visit: Visit, asked: Asked) -> dict[str, Any]:
    """The panel for a question. What is wrong with the question is said on the page, beside how things stand."""
    _, head = subject(visit)
    error: Fault | None = None
    searched = None if visit.one_of("log", ("all",)) else SEARCHED
    before = found = told(visit, searched=searched)
    tried = PLAIN
    try:
        if not asked.plain:
            tried = _tried(visit, asked)
            found = told(visit, _purposes(asked), tried, searched=searched)
    except (Fault, ValueError) as fault:
        error, tried = fault if isinstance(fault, Fault) else SenderFault(str(fault), next="give a date like 2021-11-01"), PLAIN
    rows = rows_of(visit, found, {} if error or asked.plain else {each.party: each for each in before.verdicts})
    shown = _shown(visit, rows)
    return {
        **head,
        "everybody": found.everybody,
        "asked": {**msgspec.to_builtins(asked), "plain": asked.plain},
        "assumed": list(tried.assumed),
        "error": {"said": str(error), "next": error.next} if error else None,
        "audience": shown,
        "all": len(rows),
        "counts": {effect: sum(row["effect"] == effect and not row["has"] for row in rows) for effect in _EFFECTS},
        "groups": groups(rows, each=visit.text("fields") == "each"),
        "view": _view(visit),
        "log": {"first": found.first, "since": found.since} if visit.own else None,
        "choices": {
            "purposes": list(PURPOSES),
            "tlp": [(level, f"TLP:{level.upper()}") for level in LEVELS],
            "agreements": [(each.ref, each.ref) for each in agreements(visit.desk, visit.user.party) if each.body == visit.reader.body],
        },
    }


def _purposes(asked: Asked) -> tuple[str, ...]:
    for name in asked.purposes:
        if name not in PURPOSES:
            raise SenderFault(f"{name!r} is not a purpose", next="one of " + ", ".join(PURPOSES))
    return asked.purposes


def _tried(visit: Visit, asked: Asked) -> Supposition:
    """The suppositions of a question. Raises the fault of whoever asked, ValueError for a malformed date."""
    when = Moments(on=_moment(asked.on), known=_moment(asked.known))
    text = None
    if asked.text:
        text = read_agreement(asked.text, name="the text")
    elif asked.agreement:
        text = held(visit.desk, visit.reader, asked.agreement)
    return suppose(visit.desk, visit.reader, when, tlp=asked.tlp, text=text)


def _moment(text: str) -> datetime | None:
    return parse(text) if text else None


def rows_of(visit: Visit, found: Panel, before: Mapping[str, Verdict]) -> list[dict[str, Any]]:
    """A row for each party: what `comity why` prints, who it is, what would change it, and what is so where something else was asked.

    `has`: it has the object already, as its origin or as this node.
    """
    world = visit.world
    _, rules = world.rulebook.current()
    names, at = rules.register.names(), world.clock()
    return [
        {
            **verdict.as_json(),
            "name": names.get(verdict.party, ""),
            "standing": rules.register.standing(verdict.party, visit.reader.body, at),
            "has": verdict.decision.rule in ("own", "received"),
            "withheld": [name for name, effect in verdict.fields.items() if effect == "redact"],
            "deciding": _deciding(verdict.decision),
            "wishes": [_wish(reason) for reason in in_the_way(verdict.decision)],
            "sentences": verdict.sentences(),
            **_change(before.get(verdict.party), verdict, compared=bool(before)),
        }
        for verdict in found.verdicts
    ]


def _deciding(decision: Decision) -> int:
    """Which of the reasons is shown as the one that decides: of several clauses tried in vain, one that is about this recipient."""
    if decision.rule != "no-clause":
        return 0
    nearest = in_the_way(decision)
    about_it = [reason for reason in nearest if not any(fact.fact.startswith("recipient ") for fact in reason.facts)]
    return decision.reasons.index((about_it or nearest or [decision.reasons[0]])[0])


def _wish(reason: Reason) -> dict[str, Any]:
    facts = [{"fact": fact.fact, "expected": fact.expected, "actual": fact.actual} for fact in reason.facts]
    return {"agreement": reason.agreement, "clause": reason.clause, "effect": reason.effect, "facts": facts}


def _change(before: Verdict | None, after: Verdict, *, compared: bool) -> dict[str, Any]:
    """What is so, and whether it differs from what was asked for: `more`, `less`, or for other reasons alone `other`."""
    if not compared:
        return {"now": None, "change": ""}
    if before is None:
        return {
            "now": {"effect": "deny", "rule": "", "clause": "", "fields": {}},
            "change": "" if after.decision.effect == "deny" else "more",
        }
    clause = before.decision.reasons[0].clause if before.decision.reasons else ""
    now = {"effect": before.decision.effect, "rule": before.decision.rule, "clause": clause, "fields": before.fields}
    if (before.decision.effect, before.fields) != (after.decision.effect, after.fields):
        return {"now": now, "change": "more" if _amount(after) > _amount(before) else "less"}
    same = after.decision.effect == "deny" or _grounds(before) == _grounds(after)
    return {"now": now, "change": "" if same else "other"}


def _amount(verdict: Verdict) -> tuple[int, int]:
    """How much a party gets: more is greater."""
    order = ("deny", "approve", "redact", "permit")
    return order.index(verdict.decision.effect), sum(effect == "permit" for effect in verdict.fields.values())


def _grounds(verdict: Verdict) -> list[tuple[str, str]]:
    return [(reason.ref, reason.clause) for reason in verdict.decision.reasons]


def _view(visit: Visit) -> dict[str, Any]:
    """How the list is shown: filter by effect, order, and whether every field has its own column."""
    return {
        "effect": [query.one_of(visit.words, "effect", effect, _EFFECTS) for effect in visit.texts("effect")],
        "change": visit.one_of("change", ("1",)) == "1",
        "sort": visit.one_of("sort", (*SORTS, *(f"-{key}" for key in SORTS))) or "",
        "fields": visit.one_of("fields", ("each",)) or "",
    }


def _shown(visit: Visit, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows that the address asks for, in its order; without one those who may receive it come first."""
    view = _view(visit)
    kept = [row for row in rows if (not view["effect"] or row["effect"] in view["effect"]) and (row["change"] or not view["change"])]
    sort = view["sort"]
    if not sort:
        return sorted(kept, key=lambda row: (row["has"], _EFFECTS.index(row["effect"]), row["party"]))
    name = sort.removeprefix("-")
    return sorted(kept, key=lambda row: (row[name] or "", row["party"]), reverse=sort.startswith("-"))


def groups(rows: Iterable[Mapping[str, Any]], *, each: bool = False) -> list[list[str]]:
    """The fields in reading order, those together that have the same fate with every party; with `each` every one by itself."""
    rows = list(rows)
    names = list(dict.fromkeys(name for row in rows for name in row["fields"]))
    if each:
        return [[name] for name in names]
    together: dict[tuple[str | None, ...], list[str]] = {}
    for name in names:
        together.setdefault(tuple(row["fields"].get(name) for row in rows), []).append(name)
    return list(together.values())


def simulate(visit: Visit, form: Form) -> Done | Again:
    """The panel under a text that was pasted: it is too long for an address, so the page comes in answer to the form."""
    asked = Asked(
        purposes=tuple(form.texts("purpose")) or ASKED,
        **{name: form.text(name) for name in ("on", "known", "tlp")},
        text=form.needed("text"),
    )
    data = panel(visit, asked)
    return Again(template=TEMPLATE, data=data, status=422 if data["error"] else 200)


def record(visit: Visit) -> Given:
    """The audience as it is decided now, as a record that the log commits to, with its proof."""
    found = told(visit)
    return Given(name="decision.zip", media="application/zip", body=certified(visit.desk, found.verdicts, ASKED, by=visit.user.name))


PAGES = (Page(path="/o/{id}/audience", template=TEMPLATE, build=build, rows="audience"),)
ACTS = (Act(path="/o/{id}/audience", do=simulate),)
FILES = (File(path="/o/{id}/audience/decision.zip", give=record),)
