"""The shape of the source: ranks, rooms, sizes, words. The lists of exemptions may only shrink: one that is needless fails too."""

from __future__ import annotations

import ast
import os
import re
import statistics
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "comity"

#: Ranks (ARCHITECTURE.md): a module may import what is lower, or its own folder. `world` and `rulebook` make one room, and so do the wire's values.
RANKS = {
    "samples": 0, "terms": 0,
    "agree": 1, "forms": 1, "ledger": 1,
    "store": 2, "wire": 2,
    "world": 3, "client": 3,
    "intake": 4, "release": 4, "admin": 4,
    "match": 5, "peer": 5, "share": 5,
    "purging": 6,
    "doors": 7,
    "node": 8,
    "__main__": 9,
}  # fmt: skip
ROOMS = {
    "rulebook": "world",
    "registry": "world",
    "lapsing": "world",
    "retention": "world",
    "wire_constituency": "wire",
    "wire_gate": "wire",
    "wire_links": "wire",
    "wire_register": "wire",
}
#: Open to all; among themselves they import only what stands to their left.
OPEN = ("errors", "clock", "durable", "config")

PURE = ("terms", "agree", "forms")
#: What reads or writes outside the process, or asks it for chance or time.
OUTSIDE = {
    "asyncio", "ftplib", "glob", "http", "httpx", "httpx2", "importlib", "io", "logging", "multiprocessing", "os", "pathlib",
    "pickle", "random", "requests", "secrets", "select", "shutil", "smtplib", "socket", "sqlite3", "ssl", "subprocess", "sys",
    "tempfile", "threading", "time", "urllib",
}  # fmt: skip
#: In memory, whatever module they come from.
INSIDE = {"io.StringIO", "io.BytesIO", "urllib.parse"}
OUTSIDE_CALLS = {"open", "print", "input", "exec", "eval", "__import__", "breakpoint"}

NAMELESS = {"utils", "util", "helpers", "helper", "common", "base", "manager", "misc", "tools"}

#: Source files without a test file of their own name.
UNTESTED = {
    "store/protocol.py",  # declarations; tests/store/test_contract.py is their test
    "store/sqlite_tx.py",  # the writing half of store/sqlite.py, under the same tests
}
#: Functions longer than the cap: tables and declarations, not steps.
LONG: set[str] = set()
MODULE_CAP, MODULE_MEDIAN, FUNCTION_CAP = 500, 150, 60


def sources() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


NAMES = {name_of(path): path for path in sources()}


def _modules(node: ast.AST, path: Path) -> Iterator[str]:
    """The names that one import statement brings in, modules in full."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        assert node.level == 0, f"{path}: a relative import"
        for alias in node.names:
            yield f"{node.module}.{alias.name}"


def imports(path: Path, *, anywhere: bool = True) -> set[str]:
    """Every name imported in a file, full (`comity.clock.now`); at module level only unless `anywhere`."""
    found: set[str] = set()
    waiting: list[ast.AST] = [tree_of(path)]
    while waiting:
        node = waiting.pop()
        found.update(_modules(node, path))
        for child in ast.iter_child_nodes(node):
            if anywhere or not isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
                waiting.append(child)
    return found


def own_module(name: str) -> str | None:
    """The module of this package that an imported name is, or is in."""
    while name and name not in NAMES:
        name = name.rpartition(".")[0]
    return name if name.startswith("comity.") else None


def room(module: str) -> str:
    """The folder (or lone module) right under the package that a module belongs to."""
    top = module.split(".")[1]
    return ROOMS.get(top, top)


# Ranks and rooms


def test_every_room_has_a_rank():
    rooms = {room(name) for name in NAMES if name != "comity"}
    assert rooms == set(RANKS) | set(OPEN)


def test_imports_only_go_downhill():
    uphill = []
    for name, path in NAMES.items():
        if name == "comity":
            continue
        here = room(name)
        for found in imports(path):
            other = own_module(found)
            if other is None or room(other) == here:
                continue
            there = room(other)
            if here in OPEN:
                fine = there in OPEN and OPEN.index(there) < OPEN.index(here)
            else:
                fine = there in OPEN or RANKS[there] < RANKS[here]
            if not fine:
                uphill.append(f"{name} imports {found}")
    assert not uphill


def test_no_module_leads_back_to_itself():
    graph = {name: {own_module(found) for found in imports(path, anywhere=False)} - {None, name} for name, path in NAMES.items()}
    done: set[str] = set()

    def visit(name: str, way: tuple[str, ...]) -> None:
        assert name not in way, " -> ".join((*way[way.index(name) :], name))
        if name not in done:
            for other in sorted(filter(None, graph[name])):
                visit(other, (*way, name))
            done.add(name)

    for name in sorted(graph):
        visit(name, ())


def test_only_the_composition_root_builds_a_world():
    builders = {
        name
        for name, path in NAMES.items()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "World"
    }
    assert builders == {"comity.node"}


def test_no_door_reads_the_store_or_decides():
    """Whatever a door shows comes from `release` (or `admin`: the node's own state); whatever it takes in goes to `intake`."""
    wrong = []
    for name, path in NAMES.items():
        if not name.startswith("comity.doors"):
            continue
        for node in ast.walk(tree_of(path)):
            # Closing is no reading; a setting of this name is a URL.
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute) and node.value.attr == "store":
                wrong += [f"{name}:{node.lineno} uses .store.{node.attr}"] if node.attr != "close" else []
        for found in imports(path):
            # A Row is a plain value: what a page hands out.
            stored = found.startswith("comity.store") and found != "comity.store.protocol.Row"
            if stored or found in ("comity.agree.decide.decide", "comity.agree.sieve.Sieve"):
                wrong.append(f"{name} imports {found}")
    assert not wrong


def test_links_touch_nothing_of_the_store_but_their_own_private_values():
    allowed = {"private", "privates", "write"}
    wrong = []
    for name, path in NAMES.items():
        if not name.startswith(("comity.peer", "comity.match")):
            continue
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute) and node.value.attr == "store":
                wrong += [f"{name}:{node.lineno} uses .store.{node.attr}"] if node.attr not in allowed else []
    assert not wrong


def test_what_is_pure_reaches_nothing_outside():
    wrong = []
    for name, path in NAMES.items():
        if name == "comity" or room(name) not in PURE:
            continue
        for found in imports(path):
            if found.split(".")[0] in OUTSIDE and not any(f"{found}.".startswith(f"{inside}.") for inside in INSIDE):
                wrong.append(f"{name} imports {found}")
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in OUTSIDE_CALLS:
                wrong.append(f"{name}:{node.lineno} calls {node.func.id}")
    assert not wrong


# Sizes


def test_modules_are_small():
    sizes = {str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines()) for path in sources()}
    assert {path: size for path, size in sizes.items() if size > MODULE_CAP} == {}
    assert statistics.median(size for size in sizes.values() if size) <= MODULE_MEDIAN


def test_functions_are_small():
    long = set()
    for path in sources():
        for node in ast.walk(tree_of(path)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and (node.end_lineno or 0) - node.lineno + 1 > FUNCTION_CAP:
                long.add(f"{path.relative_to(ROOT)}:{node.name}")
    assert long == LONG


# Words


def test_no_module_is_named_for_nothing():
    files = [path for folder in (PACKAGE, ROOT / "tests") for path in folder.rglob("*.py")]
    assert [path for path in files if {path.stem, path.parent.name} & NAMELESS] == []


def _contracts() -> set[str]:
    """Names of the methods that some Protocol declares: what they mean stands there."""
    found = set()
    for path in sources():
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.ClassDef) and any(isinstance(base, ast.Name) and base.id == "Protocol" for base in node.bases):
                found |= {each.name for each in node.body if isinstance(each, ast.FunctionDef)}
    return found


@cache
def _classes() -> frozenset[str]:
    return frozenset(each.name for path in sources() for each in ast.walk(tree_of(path)) if isinstance(each, ast.ClassDef))


def _inherits_from_elsewhere(node: ast.ClassDef) -> bool:
    """Whether the class has a base that is not ours, whose methods it may override."""
    ours = _classes()
    plain = [base.value if isinstance(base, ast.Subscript) else base for base in node.bases]
    modules = [base.value.id for base in plain if isinstance(base, ast.Attribute) and isinstance(base.value, ast.Name)]
    names = [base.id for base in plain if isinstance(base, ast.Name)]
    return any(name != "msgspec" for name in modules) or any(name not in ours | {"Protocol", "NamedTuple", "object"} for name in names)


def _undocumented(path: Path, contracts: set[str]) -> Iterator[str]:
    where = path.relative_to(ROOT)
    tree = tree_of(path)
    if tree.body and not ast.get_docstring(tree):
        yield f"{where}: the module"
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and not node.name.startswith("_"):
            if not ast.get_docstring(node):
                yield f"{where}: {node.name}"
            if isinstance(node, ast.ClassDef):
                overrides = _inherits_from_elsewhere(node)
                for method in node.body:
                    if not isinstance(method, (ast.FunctionDef, ast.AsyncFunctionDef)) or method.name.startswith("_"):
                        continue
                    if not ast.get_docstring(method) and method.name not in contracts and not overrides:
                        yield f"{where}: {node.name}.{method.name}"


def test_every_public_name_says_what_it_is():
    contracts = _contracts()
    assert [missing for path in sources() for missing in _undocumented(path, contracts)] == []


def test_every_source_file_has_its_test_file():
    missing = set()
    for path in sources():
        here = path.relative_to(PACKAGE)
        if path.stem == "__init__":
            if not any(isinstance(node, (ast.FunctionDef, ast.ClassDef)) for node in tree_of(path).body):
                continue
            places = [here.parent / f"test_{here.parent.name}.py", here.parent.with_name(f"test_{here.parent.name}.py")]
        else:
            places = [here.with_name(f"test_{path.stem.strip('_')}.py")]
        if not any((ROOT / "tests" / place).is_file() for place in places):
            missing.add(here.as_posix())
    assert missing == UNTESTED


def test_every_test_file_has_its_source_file():
    """A test named after a source file that has gone is a test of nothing. Stories and whole runs are named otherwise, below."""
    stories = {"docs", "layout", "contract", "two_worlds", "truth", "versions", "conformance", "vectors", "schemathesis", "fuzz"}
    stories |= {"expert_cases", "laws", "components", "hostile", "contract_pages", "contract_steps", "cut_off", "deletion"}
    orphans = []
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        here = path.relative_to(ROOT / "tests")
        stem = path.stem.removeprefix("test_")
        source = PACKAGE / here.parent
        found = [source / f"{stem}.py", source / f"__{stem}__.py", source / stem / "__init__.py"]
        found += [source / "__init__.py"] if stem == here.parent.name else []
        if stem not in stories and here.parts[0] != "whole" and "browser" not in here.parts and not any(each.is_file() for each in found):
            orphans.append(here.as_posix())
    assert orphans == []


# What must not stand in the tree


def _texts() -> Iterator[tuple[Path, str]]:
    """Every text file of the project; caches, builds and nodes made by hand are none of its files."""
    made = re.compile(r"\.git|__pycache__|\.?venv|build|dist|\.\w+(_cache)?|.*\.egg-info|comity-.*")
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [name for name in folders if name == ".ci" or not made.fullmatch(name)]
        for name in files:
            path = Path(folder) / name
            try:
                yield path, path.read_text("utf-8")
            except UnicodeDecodeError:
                continue


def _machine_paths() -> list[str]:
    """Absolute paths of one machine or another, put together so that they do not stand here."""
    return ["/" + name + "/" for name in ("wo" + "rk", "ro" + "ot", "ho" + "me", "Us" + "ers")] + ["/tm" + "p/", "C:" + "\\" + "Users"]


#: Files that speak of such paths as data of other machines.
SPEAK_OF_PATHS: set[str] = set()


def test_no_path_of_one_machine_stands_in_the_tree():
    found = set()
    for path, text in _texts():
        for needle in _machine_paths():
            at = text.find(needle)
            # A longer path or a URL that happens to hold the word is no path of a machine.
            while at >= 0 and at > 0 and re.match(r"[\w.~}>\-*]", text[at - 1]):
                at = text.find(needle, at + 1)
            if at >= 0:
                found.add(path.relative_to(ROOT).as_posix())
    assert found == SPEAK_OF_PATHS


def test_no_package_index_but_the_public_one_is_named():
    """Neither the project's files nor its lock name a host to install from."""
    needles = ["index" + "-url", "trusted" + "-host"]
    urls = filter(None, map(os.environ.get, ("PIP_INDEX_URL", "UV_INDEX_URL")))
    hosts = [re.sub(r"^\w+://(?:[^@/]*@)?([^/:]+).*$", r"\1", url) for url in urls]
    needles += [host for host in hosts if host not in ("pypi.org", "localhost", "127.0.0.1")]
    found = [(path.relative_to(ROOT).as_posix(), needle) for path, text in _texts() for needle in needles if needle in text]
    assert found == []


@pytest.mark.parametrize("word", ["TO" + "DO", "FIX" + "ME", "XX" + "X:"])
def test_nothing_is_left_for_later(word):
    assert [path.relative_to(ROOT).as_posix() for path, text in _texts() if path.suffix == ".py" and re.search(rf"\b{word}", text)] == []
