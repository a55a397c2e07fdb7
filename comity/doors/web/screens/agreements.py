"""The agreements that a person's party may read: which govern, whom they bind, and each as a document."""

from __future__ import annotations

from typing import Any

from comity.agree.accord import Agreement, current
from comity.doors.web import articles
from comity.doors.web.page import File, Given, Page, Visit
from comity.errors import NotFound
from comity.intake import proposals
from comity.intake.proposals import Proposal
from comity.release import account


def build(visit: Visit) -> dict[str, Any]:
    """Every version of every agreement, those of one id together and the newest first; of each, where its parties stand."""
    found = sorted(account.agreements(visit.desk, visit.user.party), key=lambda each: (each.id, -each.version))
    governing = governs(visit)
    life = {each.ref: parties(visit, each) for each in found}
    return {
        "held": [
            {
                **articles.head(each),
                "governs": each.ref in governing,
                "clauses": len(each.clauses),
                "bound": sum(one["bound"] for one in life[each.ref]),
                "parties": len(life[each.ref]),
            }
            for each in found
        ],
        "life": life,
        "waiting": sum(each.state == "waiting" for each in proposed(visit)),
    }


def build_one(visit: Visit) -> dict[str, Any]:
    """One version: the document, where its parties stand, and its other versions. Raises NotFound."""
    agreement = held(visit, visit.part("ref"))
    life = parties(visit, agreement)
    versions = [each for each in account.agreements(visit.desk, visit.user.party) if each.id == agreement.id]
    governing = governs(visit)
    return {
        "agreement": {**articles.head(agreement), **articles.limits(agreement), "governs": agreement.ref in governing},
        "clauses": articles.clauses(agreement),
        "life": life,
        "steps": articles.steps(life),
        "versions": [{**articles.head(each), "governs": each.ref in governing} for each in reversed(versions)],
        "toml": agreement.text,
    }


def text(visit: Visit) -> Given:
    """The text of a version as a file, of which its SHA-256 is. Raises NotFound."""
    agreement = held(visit, visit.part("ref"))
    return Given(name=f"{agreement.ref}.toml", media="application/toml", body=agreement.text.encode())


def held(visit: Visit, ref: str) -> Agreement:
    """The version of a ref, or the newest of an id, as far as the person's party may read it. Raises NotFound."""
    found = [each for each in account.agreements(visit.desk, visit.user.party) if ref in (each.ref, each.id)]
    if not found:
        raise NotFound("there is no such agreement for you")
    return max(found, key=lambda each: each.version)


#: Who of the node's own party takes proposals in, and who else sees all of them.
DECIDERS, READERS = ("administrator", "agreement-officer"), ("auditor",)


def proposed(visit: Visit) -> list[Proposal]:
    """The proposals that a person sees: their own party's, and at the node's own party all for whoever decides or audits."""
    everything = visit.user.party == visit.world.settings.party and visit.user.role in (*DECIDERS, *READERS)
    return [each for each in proposals.proposals(visit.world) if everything or each.by.party == visit.user.party]


def parties(visit: Visit, agreement: Agreement) -> list[dict[str, Any]]:
    """Where the parties of an agreement stand: those that are bound first."""
    found = [articles.life(each) for each in account.statuses(visit.desk, visit.user.party, agreement)]
    return sorted(found, key=lambda each: (not each["bound"], each["role"] != "centre", each["party"]))


def governs(visit: Visit) -> set[str]:
    """The refs of the newest version in force of each agreement."""
    _, rules = visit.world.rulebook.current()
    return {each.ref for each in current(rules.agreements, visit.world.clock())}


PAGES = (
    Page(path="/agreements", template="screens/agreements.html", build=build, rows="held", nav="agreements"),
    Page(path="/agreements/{ref}", template="screens/agreement.html", build=build_one, rows="steps"),
)
FILES = (File(path="/agreements/{ref}/text.toml", give=text),)
