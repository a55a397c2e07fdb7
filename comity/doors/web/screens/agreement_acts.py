"""What a party does about an agreement, in two steps: what it would change and for whom, then the act, signed by the party's own key.

A node signs for its own party alone. People of other parties hand in what their own node signed.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from comity.agree.accord import Agreement
from comity.agree.acts import ACTS as KINDS
from comity.agree.acts import Act as Kind
from comity.agree.acts import Deed
from comity.agree.outlook import outlook
from comity.agree.steps import check
from comity.clock import parse
from comity.doors.web import articles
from comity.doors.web.articles import moment
from comity.doors.web.page import Act, Again, Done, File, Form, Given, Page, Visit, index
from comity.doors.web.screens.agreements import governs, held
from comity.errors import AgreementFault, Conflict, Denied, Fault, IntegrityFault, NotFound, OperatorFault, SenderFault
from comity.intake import deeds
from comity.release import account

#: Who acts for a party.
ACTORS = ("agreement-officer", "point-of-contact")
_TEMPLATE = "screens/agreement_act.html"


def build(visit: Visit) -> dict[str, Any]:
    """What the person's party can do now; with `act` in the address, what that would change. Raises NotFound."""
    agreement = held(visit, visit.part("ref"))
    asked = {name: visit.text(name) or "" for name in ("act", "on", "in_force", "authority")}
    return _page(visit, agreement, asked, visit.texts("clause"))


def _page(visit: Visit, agreement: Agreement, asked: dict[str, str], clauses: list[str]) -> dict[str, Any]:
    made, wrong, next_ = None, "", ""
    if asked["act"] and _signs(visit):
        try:
            made = _made(visit, agreement, asked, clauses)
            step = _step(visit, made)
        except (SenderFault, AgreementFault, Conflict) as fault:
            made, wrong, next_ = None, str(fault), fault.next
    return {
        **_head(visit, agreement),
        "asked": {**asked, "clauses": clauses},
        "can": _can(visit, agreement) if _signs(visit) else [],
        "clauses": [each.id for each in agreement.clauses],
        "per_party": agreement.entry == "per-party",
        "wrong": wrong,
        "next": next_,
        "step": step if made else None,
        "note": "",
    }


def _head(visit: Visit, agreement: Agreement) -> dict[str, Any]:
    return {
        "agreement": {**articles.head(agreement), "governs": agreement.ref in governs(visit)},
        "acts_for": visit.user.role in ACTORS,
        "signs": _signs(visit),
        "files": [
            {"n": n, "party": deed.party, "act": deed.act, "on": moment(deed.on)}
            for n, (deed, _) in enumerate(_files(visit, agreement))
        ],
    }  # fmt: skip


def _signs(visit: Visit) -> bool:
    """Whether what a person does is signed here: an officer or contact of the node's own party."""
    return visit.user.role in ACTORS and visit.user.party == visit.world.settings.party and visit.signer is not None


def _can(visit: Visit, agreement: Agreement) -> list[Kind]:
    """The acts that the party could do today."""
    found: list[Kind] = []
    for act in KINDS:
        clauses = [each.id for each in agreement.clauses][:1] if act == "reserve" else []
        try:
            check(agreement, _made(visit, agreement, {"act": act, "on": "", "in_force": "", "authority": ""}, clauses))
        except (SenderFault, AgreementFault, Conflict):
            continue
        found.append(act)
    return found


def _made(visit: Visit, agreement: Agreement, asked: dict[str, str], clauses: list[str]) -> Deed:
    """The act that a form describes. Raises SenderFault for what is no act or no moment."""
    act = next((each for each in KINDS if each == asked["act"]), None)
    if act is None:
        raise SenderFault(f"{asked['act'][:20]!r} is no act", next="choose one of the list")
    on = _moment(asked["on"]) or visit.world.clock().replace(microsecond=0)
    made = deeds.deed(
        visit.world, agreement.ref, act, party=visit.user.party, on=on, in_force=_moment(asked["in_force"]) if act == "ratify" else None,
        clauses=tuple(dict.fromkeys(clauses)) if act == "reserve" else (), authority=asked["authority"],
    )  # fmt: skip
    if act == "reserve" and not made.clauses:
        raise SenderFault("a reservation names its clauses", next="choose at least one")
    return made


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        return parse(text).replace(microsecond=0)
    except ValueError:
        raise SenderFault(f"{text[:40]!r} is no date", next="write it like 2021-10-01") from None


def _step(visit: Visit, made: Deed) -> dict[str, Any]:
    """What an act is, exactly, and what follows from it. Raises Conflict or AgreementFault."""
    _, rules = visit.world.rulebook.current()
    found = outlook(rules, made)
    return {
        "act": made.act,
        "party": made.party,
        "ref": made.ref,
        "sha256": made.sha256,
        "on": moment(made.on),
        "in_force": moment(made.in_force),
        "clauses": list(made.clauses),
        "authority": made.authority,
        "at": moment(found.at),
        "turns": [{"ref": each.ref, "party": each.party, "before": each.before, "after": each.after} for each in found.turns],
        "partners": list(found.partners),
        "working": list(found.clauses),
        "mark": found.mark,
    }


def sign(visit: Visit, form: Form) -> Done | Again:
    """The second step: sign and record what was shown. Raises NotFound, Denied, Conflict for a text that is another by now."""
    agreement = held(visit, visit.part("ref"))
    if not _signs(visit) or visit.signer is None:
        raise Denied("an agreement officer or point of contact signs, on the node of their own party", next="ask one of them")
    asked = {name: form.text(name) for name in ("act", "on", "in_force", "authority")}
    if form.text("sha256") != agreement.sha256:
        raise Conflict("the text is another than the one that was shown", next="read it again")
    try:
        made = _made(visit, agreement, {**asked, "on": form.needed("on")}, form.texts("clause"))
        deeds.record(visit.world, made, visit.user.name, visit.signer(), form.needed("mark"))
    except deeds.Overtaken as fault:
        return Again(template=_TEMPLATE, data={**_page(visit, agreement, asked, form.texts("clause")), **_wrong(fault)}, status=409)
    except (SenderFault, AgreementFault) as fault:
        data = _page(visit, agreement, asked, form.texts("clause"))
        return Again(template=_TEMPLATE, data={**data, "step": None, "wrong": str(fault), "next": fault.next})
    return Done(to=f"/agreements/{agreement.ref}#party-{made.party}")


def hand_in(visit: Visit, form: Form) -> Done | Again:
    """Take in an act that a party signed on its own node: shown first, recorded when confirmed.

    Its own people hand it in, or an officer or administrator of the node's own party. Raises NotFound, Denied.
    """
    agreement = held(visit, visit.part("ref"))
    data = (form.text("note") + "\n").encode()
    blank = _page(visit, agreement, dict.fromkeys(("act", "on", "in_force", "authority"), ""), [])
    try:
        made = deeds.opened(data)
        _check_whose(visit, made)
        if made.ref != agreement.ref:
            raise SenderFault(f"the act is about {made.ref}", next=f"hand it in on the page of {made.ref}")
        step = _step(visit, made)
        if form.text("do") == "confirm":
            deeds.take(visit.world, data, visit.user.name, form.needed("mark"))
            return Done(to=f"/agreements/{agreement.ref}#party-{made.party}")
    except deeds.Overtaken as fault:
        return Again(template=_TEMPLATE, data={**blank, **_wrong(fault), "step": _step(visit, made), "note": form.text("note")}, status=409)
    except (SenderFault, AgreementFault, IntegrityFault, OperatorFault, Conflict) as fault:
        return Again(template=_TEMPLATE, data={**blank, **_wrong(fault), "note": form.text("note")})
    return Again(template=_TEMPLATE, data={**blank, "step": step, "note": form.text("note")}, status=200)


def _wrong(fault: Fault) -> dict[str, str]:
    return {"wrong": str(fault), "next": fault.next}


def _check_whose(visit: Visit, made: Deed) -> None:
    """Raise Denied for somebody whose business another party's act is not."""
    own = visit.user.party == visit.world.settings.party and visit.user.role in (*ACTORS, "administrator")
    if not own and not (visit.user.role in ACTORS and visit.user.party == made.party):
        raise Denied("an agreement officer or point of contact of that party hands it in", next="ask one of them")


def _files(visit: Visit, agreement: Agreement) -> list[tuple[Deed, bytes]]:
    """The signed acts of those parties that the person is told of."""
    told = {each.party for each in account.statuses(visit.desk, visit.user.party, agreement)}
    return [(deed, note) for deed, note in deeds.files(visit.world, agreement.ref) if deed.party in told]


def give(visit: Visit) -> Given:
    """A signed act as the file that other nodes take in. Raises NotFound."""
    found = _files(visit, held(visit, visit.part("ref")))
    n = index(visit.part("n"))
    if n >= len(found):
        raise NotFound("there is no such act")
    deed, note = found[n]
    return Given(name=f"{deed.party.lower()}-{deed.act}.act", media="text/plain; charset=utf-8", body=note)


PAGES = (Page(path="/agreements/{ref}/act", template=_TEMPLATE, build=build, rows="files"),)
ACTS = (Act(path="/agreements/{ref}/act", do=sign), Act(path="/agreements/{ref}/act/file", do=hand_in))
FILES = (File(path="/agreements/{ref}/act/{n}.act", give=give),)
