"""What faults and outcomes say, read from the code: the templates that the pages need a counterpart of in every language.

A template is a text as the code has it, each expression in it a field: `{count} is no count`; `{word!r}` where the code writes it quoted.
What a field holds is named after what the expression reads.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from itertools import product
from pathlib import Path
from typing import get_args

import comity
from comity.agree import accession, approval
from comity.intake import redress
from comity.terms.persons import KINDS

ROOT = Path(comity.__file__).parent
#: Modules that the pages are built on, and of whose texts none is read there, each with the reason.
LEFT_OUT = {
    "agree.lint agree.agreement agree.sections agree.reading agree.mapping agree.duration agree.duties agree.guard": "remarks.po has them",
    "agree.accord agree.clauses agree.explain agree.onward agree.weigh agree.life agree.outlook agree.overlay agree.status agree.trial": (
        "facts.po has them"
    ),
    "agree.prose agree.cedar agree.difference agree.fine_print agree.skeleton agree.decide agree.wording release.shifts": (
        "texts of their own, said in English and by the command line"
    ),
    "ledger.audit ledger.export ledger.witness ledger.leaf ledger.merkle ledger.tiles ledger.erasure ledger.proof admin.told": (
        "what is wrong with the bytes of a log: comity fsck and comity log are for that"
    ),
    "forms.parcel forms.dsse forms.http_signature forms.needs forms.tombstone forms.wire_envelope forms.medium": "between nodes",
    "forms.detect forms.field_names forms.list_values match.event_view match.joined match.openfile match.scan match.history": "comity match",
    "match.patterns match.pattern_set match.comparisons terms.pattern_atoms": "comity match",
    "peer.enrol peer.invitation peer.keyring peer.signing peer.book peer.identity peer.certificate": "comity peer",
    "peer.feeds peer.place": "comity feed and comity peer",
    "admin.constituency admin.publishing admin.tokens admin.warninglists terms.warninglist_index config": "the command line",
    "store store.memory store.slack store.sqlite store.sqlite_tx store.merge store.words store.vault": "no person's business",
    "admin.persons admin.throttle terms.person_text terms.person_words terms.warninglists": "names of private records; patterns",
    "doors.auth doors.redressing": "programs with tokens",
    "release.preview release.preview_findings": "comity preview",
    "doors.web.built doors.web.show doors.web.standalone doors.web.entrance doors.web.articles doors.web.diffs": "headers and markup",
}  # fmt: skip


def modules() -> Iterator[tuple[str, ast.Module]]:
    """Every module that the pages reach by imports and that is not left out: its name below `comity`, its syntax tree."""
    left_out = {name for names in LEFT_OUT for name in names.split()}
    pages = (file.relative_to(ROOT).with_suffix("").parts for file in ROOT.joinpath("doors/web").rglob("*.py"))
    todo, seen = [".".join(parts) for parts in pages], dict[str, ast.Module]()
    while todo:
        name = todo.pop()
        if name not in seen and (file := file_of(name)) is not None:
            seen[name] = ast.parse(file.read_text("utf-8"))
            todo += _imports(seen[name])
    for name in sorted(seen):
        if name not in left_out and not name.startswith("doors.web.words"):
            yield name, seen[name]


def file_of(name: str) -> Path | None:
    """The file of a module below `comity`, None where there is none."""
    file = ROOT.joinpath(*name.split("."))
    return next((each for each in (file.with_suffix(".py"), file / "__init__.py") if each.is_file()), None)


def _imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("comity"):
            room = str(node.module).removeprefix("comity").lstrip(".")
            yield room
            yield from (f"{room}.{alias.name}".lstrip(".") for alias in node.names)


# Where texts stand

#: Calls whose texts are said to whoever asked.
_SAYING = re.compile(r"\w*(Fault|Denied|Conflict|NotAuthenticated|NotFound)\Z|ValueError\Z|fault\Z|like\Z|quarantined\Z|became\Z|_?[Rr]ejected\Z|Refused\Z"
                     r"|Gated\Z|Finding\Z|append\Z|_expected\Z|_of_kind\Z|_unexpected\Z|unnamed\Z|_said\Z|_told\Z|__init__\Z|TooLarge\Z|TooSlow\Z|UnknownContent\Z")  # fmt: skip
_WORDS = {"why", "next", "note", "held"}
#: Texts in these places that nobody is told: keys of records, parts of bytes and patterns, titles of what is made.
_NO_TEXT = re.compile(
    r"\[|\(|DHKEM|misp-galaxy|OpeningKey|Receipt\(|NONE SZ|comity agreement act|redress \{|node secrets|questions answered|sign-in links|codes used"
    r"|passkey counts|agreement drafts|Port |at the identity provider|not simple|Nothing leaves|What is left|An object that|\{type\} (ids|rule)"
    r"|a form that|\{text!r\} is not a \{x\}|\{names\} and \{n\} more|(not fetched|link down)\Z|The copy is|.* is a redacted copy| taken back|ISSUBSET is|(sha256|party|agreement|act|on|item) \{|by (notice|consensus)|leave the mode|towards|Comity: |\{party\} \{done\}\{"
)
#: What is said within others, by us and by Python's JSON, and no rule here finds.
_WITHIN = {
    "agree": ("the text", "{place}, line {line}", "{n} more, see `comity agreement lint`", *approval.STATES, *accession.STATES, *approval.ACTS,
        *get_args(accession.Kind)),
    "clock": ("month must be in 1..12", "day is out of range for month", "hour must be in 0..23", "minute must be in 0..59",
        "second must be in 0..59"),
    "intake": ("waiting", "taken", *redress.DECISIONS),
    "forms": (
        "document", "text", "Expecting value", "Expecting ',' delimiter", "Expecting ':' delimiter", "Extra data", "Invalid \\escape",
        "Expecting property name enclosed in double quotes", "Unterminated string starting at", "Invalid control character at",
        "Invalid \\uXXXX escape", "Illegal trailing comma before end of object", "Illegal trailing comma before end of array",
    ),
    "peer": (
        "{why}, though it has confirmed others since: {time} UTC", "ok", "ok, {n} problems", "failed: {fault}", "not yet pulled",
        "the server asks for rest ({status})", "not changed", "taken in", "taken in as far as it could be read",
    ),
    "terms": (
        *KINDS, "{kind} at {where}", "missing", "more", "string", "timestamp", "a CVE id", "a CAPEC id", "a URL (RFC 3986)", "is not an id",
        "names nothing in this container", "is not a language code (RFC 5646)",
    ),
}  # fmt: skip
#: A text, not what joins others: it has words besides its fields.
_WORDY = re.compile(r"[a-z]{2}.*[a-z]{2}", re.DOTALL)
#: Faults that no page words: hidden and absent are one page, and a defect of Comity is told to those who mend it.
_UNSAID = {"OurFault"}


@cache
def templates() -> dict[str, dict[str, str]]:
    """Folder -> template -> the module that has it."""
    found: dict[str, dict[str, str]] = {}
    for name, tree in modules():
        for text in dict.fromkeys(_said(tree, name)):
            if " " in text.strip() and _WORDY.search(re.sub(r"\{[a-z!]+\}", "", text)) and not _NO_TEXT.match(text):
                found.setdefault(name.split(".")[0], {}).setdefault(text, name)
    for folder, words in _WITHIN.items():
        found[folder].update(dict.fromkeys(words, folder))
    return found


def _said(tree: ast.Module, module: str) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in _UNSAID or (name == "NotFound" and module.startswith(("doors", "admin", "ledger"))):
                continue
            if _SAYING.match(name):
                for arg in node.args:
                    yield from _texts(arg)
                for word in node.keywords:
                    if word.arg not in _WORDS:
                        yield from _texts(word.value)
            for word in node.keywords:
                if word.arg in _WORDS:
                    yield from _texts(word.value)
        elif isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and getattr(node.exc.func, "id", "").startswith("_"):
            for arg in node.exc.args:
                yield from _texts(arg)
        elif isinstance(node, ast.Lambda):
            yield from _texts(node.body)
        elif isinstance(node, ast.arguments):
            yield from (text for default in node.defaults for text in _texts(default))
        elif isinstance(node, ast.Return | ast.Yield | ast.YieldFrom | ast.Assign) and node.value is not None:
            yield from _texts(node.value)


def _texts(node: ast.expr) -> Iterator[str]:
    """The templates in an expression: of each branch, of each part of a tuple or list."""
    if isinstance(node, ast.Tuple | ast.List):
        for each in node.elts:
            yield from _texts(each)
    elif isinstance(node, ast.ListComp | ast.GeneratorExp | ast.SetComp):
        yield from _texts(node.elt)
    elif isinstance(node, ast.BoolOp):
        for each in node.values:
            yield from _texts(each)
    elif isinstance(node, ast.IfExp):
        yield from _texts(node.body)
        yield from _texts(node.orelse)
    elif isinstance(node, ast.Constant | ast.JoinedStr | ast.BinOp):
        for pieces in _spelt(node):
            if any(isinstance(piece, str) for piece in pieces):
                yield _template(pieces)


_Pieces = tuple["str | ast.FormattedValue | ast.expr", ...]


def _spelt(node: ast.expr) -> list[_Pieces]:
    """An expression as texts and fields, one list for each way that its choices can go."""
    if isinstance(node, ast.Constant):
        return [(node.value,)] if isinstance(node.value, str) else []
    if isinstance(node, ast.JoinedStr):
        return [_flat(each) for each in product(*(_spelt(part) or [(part,)] for part in node.values))]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _spelt(node.left) or [(node.left,)], _spelt(node.right) or [(node.right,)]
        return [_flat(each) for each in product(left, right)]
    if isinstance(node, ast.FormattedValue):
        inner = node.value
        return _spelt(inner) if isinstance(inner, ast.IfExp) and node.conversion == -1 else [(node,)]
    if isinstance(node, ast.IfExp):
        return (_spelt(node.body) or [(node.body,)]) + (_spelt(node.orelse) or [(node.orelse,)])
    return [(node,)]


def _flat(parts: tuple[_Pieces, ...]) -> _Pieces:
    return tuple(piece for part in parts for piece in part)


def _template(pieces: _Pieces) -> str:
    names: dict[str, str] = {}
    return "".join(piece if isinstance(piece, str) else _field(piece, names) for piece in pieces)


def _field(node: ast.expr, names: dict[str, str]) -> str:
    quoted = isinstance(node, ast.FormattedValue) and node.conversion == ord("r")
    value = node.value if isinstance(node, ast.FormattedValue) else node
    expression, name = ast.unparse(value), _name(value)
    while names.setdefault(name, expression) != expression:
        name += "x"
    return f"{{{name}!r}}" if quoted else f"{{{name}}}"


def _name(node: ast.expr) -> str:
    """What a field is called."""
    if isinstance(node, ast.Call):
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if called in ("len", "sum"):
            return "n"
        if called == "join":
            return "kinds" if ast.unparse(node.args[0]) == "kinds" else "names"
        if called in ("get", "decode", "upper", "strip", "lower") and isinstance(node.func, ast.Attribute):
            return _name(node.func.value)
        return _name(node.args[0]) if node.args else "x"
    if isinstance(node, ast.Subscript):
        return _name(node.value)
    if isinstance(node, ast.BoolOp):
        return _name(node.values[0])
    if isinstance(node, ast.BinOp):
        return "n"
    name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "x")
    return re.sub("[^a-z]", "", name.lower()) or "x"
