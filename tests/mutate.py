"""Mutation testing of comity/agree: small mistakes are put in, one at a time, and tests/agree has to notice each.

    python tests/mutate.py                        everything; some tens of minutes on two cores
    python tests/mutate.py --only sieve weigh     some modules
    python tests/mutate.py --sample 200 --seed 7  that many, drawn at random

A mistake is a comparison turned, `and` for `or`, a `not` or a branch swapped, a number or truth value changed, a sum for a difference, a returned
value lost. Each runs in a forked child that reads the changed source in place of the file: first the module's own tests, then all of tests/agree.
One that takes more than --seconds of processor time counts as noticed. Texts are left alone: what messages say is not what is measured.
Mistakes that change nothing anybody could observe are listed in `tests/equivalent_mutants.txt`, each with its reason: they count as not
noticed, and are told apart.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterator
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ROOT / "comity" / "agree"
TESTS = ROOT / "tests" / "agree"
EQUIVALENT = ROOT / "tests" / "equivalent_mutants.txt"

COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr, ast.Mult: ast.FloorDiv,
}  # fmt: skip


class Mutant:
    """One mistake: which node of a module's tree (by its place in `ast.walk`), and what is done to it."""

    def __init__(self, path: Path, at: int, line: int, what: str) -> None:
        self.path, self.at, self.line, self.what = path, at, line, what

    def __str__(self) -> str:
        return f"{self.path.name}:{self.line} {self.what}"

    @property
    def key(self) -> tuple[str, str, str]:
        """What it goes by in `EQUIVALENT`: module, mistake, and the line of source as it stands."""
        return self.path.stem, self.what, self.path.read_text("utf-8").splitlines()[self.line - 1].strip()

    def tree(self) -> ast.Module:
        """The module with the mistake in it."""
        tree = ast.parse(self.path.read_text("utf-8"))
        node = list(ast.walk(tree))[self.at]
        mutate(node, self.what)
        return ast.fix_missing_locations(tree)


def mistakes(node: ast.AST) -> list[str]:
    """What can be got wrong about a node."""
    if isinstance(node, ast.Compare):
        return [f"comparison {n}" for n, op in enumerate(node.ops) if type(op) in COMPARISONS]
    if isinstance(node, ast.BoolOp):
        return ["and/or"]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return ["not"]
    if isinstance(node, ast.Constant) and type(node.value) in (bool, int):
        return [f"constant {node.value}"]
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        return ["operator"]
    if isinstance(node, ast.IfExp):
        return ["branches"]
    if isinstance(node, ast.Return) and node.value is not None and not (isinstance(node.value, ast.Constant) and node.value.value is None):
        return ["returned"]
    return []


def mutate(node: ast.AST, what: str) -> None:
    """Put a mistake into a node, in place."""
    if isinstance(node, ast.Compare):
        n = int(what.split()[1])
        node.ops[n] = COMPARISONS[type(node.ops[n])]()
    elif isinstance(node, ast.BoolOp):
        node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    elif isinstance(node, ast.UnaryOp):
        node.op, node.operand = ast.Not(), ast.UnaryOp(op=ast.Not(), operand=node.operand)
    elif isinstance(node, ast.Constant):
        node.value = not node.value if isinstance(node.value, bool) else node.value + 1
    elif isinstance(node, ast.BinOp):
        node.op = OPERATORS[type(node.op)]()
    elif isinstance(node, ast.IfExp):
        node.body, node.orelse = node.orelse, node.body
    elif isinstance(node, ast.Return):
        node.value = ast.Constant(None)


def mutants(path: Path) -> Iterator[Mutant]:
    """Every mistake that can be put into a module. What is declared (annotations, decorators, `frozen=True`) is no step, and is left alone."""
    tree = ast.parse(path.read_text("utf-8"))
    said: set[int] = set()
    for node in ast.walk(tree):
        declared = [getattr(node, "annotation", None), getattr(node, "returns", None), *getattr(node, "decorator_list", ())]
        declared += node.keywords if isinstance(node, ast.ClassDef) else []
        said.update(id(each) for note in declared if note for each in ast.walk(note))
    for at, node in enumerate(ast.walk(tree)):
        if id(node) not in said:
            for what in mistakes(node):
                yield Mutant(path, at, getattr(node, "lineno", 0), what)


class Instead(MetaPathFinder, Loader):
    """Gives one module's changed tree in place of its file."""

    def __init__(self, name: str, mutant: Mutant) -> None:
        self.name, self.mutant = name, mutant

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """The module's spec, if it is this one."""
        return spec_from_loader(name, self, origin=str(self.mutant.path)) if name == self.name else None

    def exec_module(self, module: ModuleType) -> None:
        """Run the changed source as the module."""
        module.__file__ = str(self.mutant.path)
        exec(compile(self.mutant.tree(), str(self.mutant.path), "exec"), module.__dict__)


def run(mutant: Mutant) -> int:
    """In a child: 0 when the tests pass, that is, when the mistake was not noticed."""
    import hypothesis
    import pytest

    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.dup2(null, 2)
    quick = hypothesis.settings(database=None, derandomize=True, phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate])
    hypothesis.settings.register_profile("mutate", quick)
    hypothesis.settings.load_profile("mutate")
    options = ["-x", "-q", "-p", "no:cacheprovider", "--rootdir", str(ROOT)]
    sys.meta_path.insert(0, Instead(f"comity.agree.{mutant.path.stem}", mutant))
    own = [str(TESTS / f"test_{mutant.path.stem}.py")]
    rest = [str(path) for path in sorted(TESTS.glob("test_*.py")) if str(path) not in own]
    # Most mistakes are noticed by the module's own tests: the others are not even read then.
    return int(pytest.main([*options, *own])) or int(pytest.main([*options, *rest]))


def equivalents() -> dict[tuple[str, str, str], str]:
    """(module, mistake, line of source) -> why nobody could notice. Blocks of three lines: `module: mistake`, the source, the reason."""
    blocks = [block.splitlines() for block in EQUIVALENT.read_text("utf-8").split("\n\n") if not block.startswith("#")]
    return {(*said.strip().split(": ", 1), source.strip()): reason.strip() for said, source, reason in blocks}  # type: ignore[misc]


def survivors(every: list[Mutant], jobs: int, seconds: int) -> Iterator[tuple[Mutant, bool, float]]:
    """(mutant, whether it was noticed, how long that took), as they end."""
    waiting, running = list(reversed(every)), dict[int, tuple[Mutant, float]]()
    while waiting or running:
        while waiting and len(running) < jobs:
            mutant = waiting.pop()
            child = os.fork()
            if child == 0:
                code = 2
                resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
                try:
                    code = run(mutant)
                finally:
                    os._exit(1 if code else 0)
            running[child] = (mutant, time.monotonic())
        ended, status = os.waitpid(-1, os.WNOHANG)
        if ended:
            mutant, began = running.pop(ended)
            yield mutant, status != 0, time.monotonic() - began
            continue
        time.sleep(0.05)


def main() -> int:
    """Run and print each mistake that nobody noticed, then the rate."""
    asked = argparse.ArgumentParser(description="Mutation testing of comity/agree.")
    asked.add_argument("--only", nargs="*", help="modules, without .py")
    asked.add_argument("--like", default="", help="those whose name holds this, such as clauses.py:154")
    asked.add_argument("--sample", type=int, help="this many, drawn at random")
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--seconds", type=int, default=120)
    asked.add_argument("--jobs", type=int, default=2)
    options = asked.parse_args()
    sys.path.insert(0, str(ROOT))
    os.chdir(ROOT)
    os.nice(10)
    import cedarpy
    import hypothesis.strategies
    import msgspec
    import pytest

    assert all((cedarpy, hypothesis, msgspec, pytest))  # read once, here, for all children
    modules = [path for path in sorted(SOURCES.glob("*.py")) if not options.only or path.stem in options.only]
    every = [mutant for path in modules for mutant in mutants(path)]
    every = [mutant for mutant in every if options.like in str(mutant)]
    if options.sample and options.sample < len(every):
        every = random.Random(options.seed).sample(every, options.sample)
    noticed, total, known, excused = Counter[str](), Counter[str](), equivalents(), 0
    for mutant, seen, took in survivors(every, options.jobs, options.seconds):
        total[mutant.path.stem] += 1
        noticed[mutant.path.stem] += seen
        if not seen:
            excused += mutant.key in known
            print(f"{'equivalent' if mutant.key in known else 'not noticed'}: {mutant} ({took:.0f} s)", flush=True)
    for name in sorted(total):
        print(f"{name}: {noticed[name]} of {total[name]}")
    print(
        f"{noticed.total()} of {total.total()} noticed: {100 * noticed.total() / max(1, total.total()):.1f} %; {excused} of the rest equivalent"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
