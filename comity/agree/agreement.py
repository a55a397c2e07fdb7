"""Agreements as text: TOML -> Agreement, strictly, each fault with its line (interfaces.md, Agreement file).

The value itself is `accord.Agreement`; it is offered from here too. Tables beside [agreement] and [[clause]] are read in `sections`.
"""

from __future__ import annotations

import re
import tomllib
from typing import Any

from comity.agree import duties, guard
from comity.agree.accord import ENTRIES, KINDS, Agreement, current
from comity.agree.approval import PROCEDURES, WINDOWED, Procedure
from comity.agree.clauses import EFFECTS, ONWARD, Clause, Selector
from comity.agree.findings import Finding, in_order
from comity.agree.life import Signatory
from comity.agree.lines import MOST_NAMES, Lines, Path, overlong
from comity.agree.reading import Notes, Table, nearest, nth, one_of, shaped, unknown
from comity.agree.sections import SECTIONS, budgets, caps, maps, party_code, profiles, signatories
from comity.errors import AgreementFault
from comity.terms import pap, tlp
from comity.terms.item import HANDLING, PURPOSES
from comity.terms.party import STANDINGS
from comity.terms.stix import GROUPS, PUBLIC_TYPES

__all__ = ["Agreement", "Finding", "Signatory", "check", "current", "read"]

#: Longest text that is read, in characters; a treaty's annex of clauses is a few thousand.
LONGEST = 1_000_000

_DOCUMENT = ("agreement", "clause", *SECTIONS)
_AGREEMENT = (
    *("id", "version", "title", "illustrative", "kind", "body", "bodies", "purposes"),
    *("in_force", "until", "entry", "notice", "transition"),
)
_CLAUSE = (
    *("id", "text", "effect", "to", "from", "types", "threat", "tlp_max", "pap_max", "handling", "purposes"),
    *("since", "until", "redact", "approval", "onward", "retain", "duty"),
)
_SELECTOR = ("standing", "party", "role", "body")
_APPROVAL = ("procedure", "window", "sponsors", "lapse")
_TYPE_NAMES = frozenset(GROUPS) | frozenset().union(*GROUPS.values()) | PUBLIC_TYPES | {"*"}
# Words that would be legal agreement ids, and surely are not meant as one.
_NOT_ONWARD = frozenset(
    {
        "all", "any", "anybody", "anyone", "every", "everybody", "everyone", "everything", "false", "forbidden",
        "free", "internal", "member", "members", "never", "no", "no-one", "nobody", "noone", "nothing", "party",
        "partners", "permitted", "public", "true", "unlimited", "yes",
    }
)  # fmt: skip

_id = shaped(r"[a-z0-9][a-z0-9-]{0,63}", "agreement id", "example-ict (lower case, digits, '-')")
_clause_id = shaped(r"[A-Za-z0-9][A-Za-z0-9._()-]{0,63}", "clause id", "art-4.2")
_body = shaped(r"[a-z0-9][a-z0-9-]{0,31}", "body", "sco (lower case, digits, '-')")
_purpose = one_of(PURPOSES, "purpose")


def read(text: str, *, name: str = "agreement") -> Agreement:
    """The agreement that a text states. Raises AgreementFault with the first fault's line; `check` lists them all.

    `name` says what the text is called in messages (a file name).
    """
    agreement, findings = _read(text)
    faults = [finding for finding in in_order(findings) if finding.level == "error"]
    if agreement is None or faults:
        first = faults[0]
        more = f"; {len(faults) - 1} more, see `comity agreement lint`" if len(faults) > 1 else ""
        raise AgreementFault(f"{name}, line {first.line}: {first.message}", line=first.line, next=first.next + more)
    return agreement


def check(text: str) -> list[Finding]:
    """Every fault (`error`) and slip (`warning`) in a text, by line; no error means that `read` succeeds."""
    return in_order(_read(text)[1])


def _read(text: str) -> tuple[Agreement | None, list[Finding]]:
    if len(text) > LONGEST:
        return None, [Finding(line=1, level="error", message=f"longer than {LONGEST} characters", next="split the agreement")]
    source = text.removeprefix("\ufeff")  # some editors begin a file with a byte order mark
    line = overlong(source)
    if line is not None:
        return None, [Finding(line=line, level="error", message=f"more than {MOST_NAMES} names joined by dots", next="shorten the key")]
    try:
        document = tomllib.loads(source)
        notes = Notes(Lines(source))
    except RecursionError:
        return None, [Finding(line=1, level="error", message="lists or tables nested too deeply", next="flatten them")]
    except ValueError as wrong:  # TOMLDecodeError is one; a number of thousands of digits raises another
        return None, [_syntax(source, wrong)]
    agreement = _agreement(notes, document, text)
    return agreement, notes.findings


def _syntax(source: str, wrong: ValueError) -> Finding:
    place = re.search(r" \(at (?:line (?P<line>\d+), column \d+|end of document)\)\Z", str(wrong))
    line = int(place["line"]) if place and place["line"] else max(1, len(source.splitlines())) if place else 1
    message = str(wrong)[: place.start()] if place else str(wrong)
    return Finding(line=line, level="error", message=f"not TOML: {message}", next="see https://toml.io/en/v1.0.0")


def _agreement(notes: Notes, document: dict[str, Any], text: str) -> Agreement:
    for key in document:
        if key not in _DOCUMENT:
            notes.error((key,), *unknown(f"table [{key}]", key, _DOCUMENT))
    if "agreement" not in document:
        notes.error((), "no [agreement] table", "begin with [agreement] and its id, version, title and body")
    head = Table(notes, document.get("agreement", {}), ("agreement",), "[agreement]", _AGREEMENT)
    required = isinstance(document.get("agreement"), dict)  # one fault for a missing table, not five
    found = profiles(notes, document.get("profile", {}))
    clauses = _clauses(notes, document.get("clause", []), head.data.get("purposes"), tuple(each.name for each in found))
    in_force, until = head.period("in_force", "until")
    body, bodies = _bodies(head, required)
    return Agreement(
        id=head.text("id", _id, required=required),
        version=head.whole("version", required=True) if required else 1,
        title=head.text("title", required=required),
        body=body,
        bodies=bodies,
        purposes=head.words("purposes", _purpose),
        illustrative=head.flag("illustrative"),
        in_force=in_force,
        until=until,
        entry=head.text("entry", one_of(ENTRIES, "kind of entry into force"), default="all"),
        notice=head.duration("notice"),
        transition=head.moment("transition"),
        clauses=clauses,
        parties=signatories(notes, document.get("party", {}), tuple(clause.id for clause in clauses)),
        profiles=found,
        caps=caps(notes, document.get("cap", {})),
        budgets=budgets(notes, document.get("budget", [])),
        maps=maps(notes, document.get("map", {}), bodies),
        text=text,
    )


def _bodies(head: Table, required: bool) -> tuple[str, tuple[str, ...]]:
    """The body of an agreement, and none besides; of a protocol the first of its bodies, and all of them."""
    protocol = head.text("kind", one_of(KINDS, "kind of agreement"), default="agreement") == "protocol"
    wrong, right = ("body", "bodies") if protocol else ("bodies", "body")
    if wrong in head.data:
        kind = "a protocol is between bodies" if protocol else "an agreement is of one body, only a protocol is between several"
        head.notes.error((*head.path, wrong), f"{wrong} of {head.name}: {kind}", f"write {right} instead")
    if not protocol:
        return head.text("body", _body, required=required), ()
    bodies = head.words("bodies", _body, required=True)
    if len(bodies) == 1:
        head.notes.error(
            (*head.path, "bodies"), f"bodies of {head.name} names one body", 'a protocol is between two: bodies = ["sco", "cica"]'
        )
    return next(iter(bodies), ""), bodies


def _clauses(notes: Notes, found: Any, purposes: Any, named: tuple[str, ...]) -> tuple[Clause, ...]:
    if not isinstance(found, list):
        notes.error(("clause",), "clause must be a list of tables", "write [[clause]] with two brackets")
        return ()
    clauses: list[Clause] = []
    first: dict[str, int] = {}
    for index, data in enumerate(found):
        clause = _clause(notes, data, ("clause", index), purposes, named)
        if clause.id and clause.id in first:
            message = f"clause id {clause.id!r} is already used on line {first[clause.id]}"
            notes.error(("clause", index, "id"), message, "rename one")
        first.setdefault(clause.id, clause.line)
        clauses.append(clause)
    return tuple(clauses)


def _clause(notes: Notes, data: Any, path: Path, purposes: Any, named: tuple[str, ...]) -> Clause:
    label = _label(notes, data, path)
    table = Table(notes, data, path, label, _CLAUSE)
    effect = table.text("effect", one_of(EFFECTS, "effect"), required=True)
    permit = effect == "permit"
    own = table.words("purposes", _purpose)
    # Compared with the list as written: a slip in [agreement] is one fault, not one per clause.
    for purpose in own:
        if isinstance(purposes, list) and purpose not in purposes:
            notes.error((*path, "purposes"), f"{label}: {purpose!r} is not among the agreement's purposes", "add it there")
    if purposes is None and "purposes" not in table.data:
        notes.error(path, f"{label} has no purposes and the agreement states none", "add purposes to [agreement] or the clause")
    if permit and "to" not in table.data:
        notes.error(path, f"{label} permits, but to nobody: it has no to", 'add to = { standing = ["member"] }')
    since, until = table.period("since", "until")
    return Clause(
        id=table.text("id", _clause_id, required=True),
        text=table.text("text", required=True),
        effect=effect,
        to=_selector(table, "to", ("centre", "party", "producer")),
        from_=_selector(table, "from", ("centre", "party")),
        types=table.words("types", _type, required=permit),
        threat=table.words("threat", _threat),
        tlp_max=table.text("tlp_max", one_of(tlp.LEVELS, "TLP level")) or None,
        pap_max=table.text("pap_max", one_of(pap.LEVELS, "PAP level")) or None,
        handling=table.words("handling", one_of(HANDLING, "handling code")),
        purposes=own,
        since=since,
        until=until,
        redact=table.text("redact", one_of(named, "profile of this agreement, such as [profile.no-source]")),
        approval=_approval(table),
        onward=table.text("onward", _onward, default="none"),
        retain=table.duration("retain"),
        duty=table.words("duty", _duty),
        line=notes.lines.of(path),
    )


def _label(notes: Notes, data: Any, path: Path) -> str:
    """What messages call a clause: by its id, else as a reader counts."""
    named = data.get("id") if isinstance(data, dict) else None
    if isinstance(named, str) and named.strip():
        return f"clause {named}"
    return f"the {nth(int(path[1]))} clause (line {notes.lines.of(path)})"


def _selector(clause: Table, key: str, roles: tuple[str, ...]) -> Selector | None:
    if key not in clause.data:
        return None
    table = clause.inner(key, _SELECTOR)
    if clause.data[key] == {}:
        clause.notes.error(table.path, f"{key} of {clause.name} selects nobody", "name a standing, party, role or body")
    return Selector(
        standing=table.words("standing", one_of(STANDINGS, "standing")),
        party=table.words("party", party_code),
        role=table.words("role", one_of(roles, f"role in {key}")),
        body=table.words("body", _body),
    )


def _approval(clause: Table) -> Procedure | None:
    if "approval" not in clause.data:
        return None
    table = clause.inner("approval", _APPROVAL)
    kind = table.text("procedure", one_of(PROCEDURES, "procedure"), required=True)
    window = table.duration("window")
    if kind in WINDOWED and "window" not in table.data:
        clause.notes.error(table.path, f"{table.name} has no window", 'add how long parties may object: window = "P14D"')
    for key, kinds in (("window", WINDOWED), ("sponsors", {"sponsors"}), ("lapse", set(PROCEDURES) - {"silence"})):
        if kind and key in table.data and kind not in kinds:
            clause.notes.error((*table.path, key), f"{key} of {table.name} means nothing with {kind}", "remove it")
    sponsors = table.whole("sponsors") if "sponsors" in table.data else 2
    if kind in WINDOWED and window is None:
        window = "P1D"  # stands in: without a window the text has an error
    return Procedure(kind=kind or "origin", window=window, sponsors=sponsors, lapse=table.duration("lapse"))


def _type(word: str) -> tuple[str, str] | None:
    # STIX leaves custom types to their authors (2.0 section 7.2); ours and MITRE's are in the groups.
    custom = re.match(r"x-[a-z0-9][a-z0-9-]{0,60}\Z", word, re.ASCII)
    ground = guard.refused(word)
    if word in _TYPE_NAMES or (custom and not ground):
        return None
    return one_of(_TYPE_NAMES, "STIX type or group of types")(word)


def _threat(word: str) -> tuple[str, str] | None:
    ground = guard.refused(word)
    if ground:
        return f"{word!r} is not a technical threat type (guardrail {ground})", nearest(word, guard.THREATS)
    return shaped(r"[a-z0-9][a-z0-9-]{0,63}", "threat type", "malicious-activity")(word)


def _onward(word: str) -> tuple[str, str] | None:
    if word in ONWARD:
        return None
    if word.lower().replace("_", "-") in _NOT_ONWARD:
        return f"{word!r} is not a kind of onward transfer", 'did you mean "parties" or "none"?'
    return _id(word)


def _duty(text: str) -> tuple[str, str] | None:
    try:
        duties.read(text)
    except ValueError as wrong:
        deadline = 'a deadline is written "feedback within P30D" or "feedback by 2022-06-30"'
        return str(wrong), f"{nearest(text.split(' ')[0], guard.DUTIES)}; {deadline}"
    return None
