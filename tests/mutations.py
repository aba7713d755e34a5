"""Change the product a little, many times over, and see whether the tests notice.

Run by hand: ``python -m tests.mutations --seed 1 --count 60 marketplace/``. Each mutation is made
in a copy of the tree in a temporary folder, so that the checkout is never touched. First the tests
of the mirrored folder run, then, if they pass, all of ``tests/marketplace``; on SQLite only, each
with a time limit. A mutation that no test notices has survived: look at it, and write the test, or
find that it changes nothing that matters.
"""

from __future__ import annotations

import argparse
import ast
import copy
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
COPIED = ("ledger", "marketplace", "migrations", "static", "templates", "tests")
COPIED_FILES = ("pyproject.toml", "wsgi.py", "README.md")
SKIPPED = ("marketplace/demo/",)
"""Made-up content, whose tests go over the content and not over the code."""

FAST = "not postgresql and not processes and not browser"

SWAPPED = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE,
    ast.GtE: ast.Gt, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mutation:
    """One change: the statement at ``line`` of ``path`` before and after, and the new module."""

    path: str
    line: int
    before: str
    after: str
    module: str


def changed(node: ast.AST) -> Iterator[ast.AST | None]:
    """Each way to change one node; ``None`` removes a statement."""
    match node:
        case ast.Compare(ops=[operator]):
            yield ast.Compare(node.left, [SWAPPED[type(operator)]()], node.comparators)
        case ast.BoolOp():
            other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
            yield ast.BoolOp(other, node.values)
        case ast.UnaryOp(op=ast.Not()):
            yield node.operand
        case ast.If() | ast.IfExp():
            negated = copy.deepcopy(node)
            negated.test = ast.UnaryOp(ast.Not(), node.test)
            yield negated
        case ast.Constant(value=bool()):
            yield ast.Constant(not node.value)
        case ast.Constant(value=int()):
            yield ast.Constant(node.value + 1)
            yield ast.Constant(node.value - 1)
        case ast.Return(value=value) if value is not None and not _is_none(value):
            yield ast.Return(ast.Constant(None))
        case ast.Expr(value=ast.Call()) | ast.Raise():
            yield None
        case ast.Call():
            yield from _changed_calls(node)


def _changed_calls(call: ast.Call) -> Iterator[ast.AST]:
    if isinstance(call.func, ast.Attribute):
        called = call.func
        if called.attr in ("limit", "where", "order_by", "options", "distinct", "strip"):
            yield called.value
        if called.attr == "where" and len(call.args) > 1:
            for number in range(len(call.args)):
                yield ast.Call(called, call.args[:number] + call.args[number + 1 :], call.keywords)
        if called.attr in ("desc", "asc"):
            other = "asc" if called.attr == "desc" else "desc"
            yield ast.Call(ast.Attribute(called.value, other, ast.Load()), [], [])
    for number, keyword in enumerate(call.keywords):
        if _is_none(keyword.value) or isinstance(keyword.value, ast.Constant):
            yield ast.Call(
                call.func, call.args, call.keywords[:number] + call.keywords[number + 1 :]
            )


def _is_none(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


class _Replacer(ast.NodeTransformer):
    """Put ``new`` in the place of the node that is number ``number`` of the module."""

    def __init__(self, number: int, new: ast.AST | None) -> None:
        self._left = number
        self._new = new

    def visit(self, node: ast.AST) -> ast.AST | None:
        """Replace the node or go on below it, in the order of ``numbered``."""
        self._left -= 1
        if self._left == -1:
            if self._new is None:
                return ast.copy_location(ast.Pass(), node)
            return ast.copy_location(self._new, node)
        return self.generic_visit(node)


def numbered(node: ast.AST) -> Iterator[tuple[ast.AST, bool]]:
    """Every node from above to below, and whether it is code that runs in a function."""
    yield from _numbered(node, False)


def _numbered(node: ast.AST, runs: bool) -> Iterator[tuple[ast.AST, bool]]:
    yield node, runs
    for name, value in ast.iter_fields(node):
        inside = runs or (isinstance(node, ast.FunctionDef) and name == "body")
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _numbered(child, inside)


def mutations_of(path: str) -> Iterator[Mutation]:
    """Every mutation of one file."""
    source = (ROOT / path).read_text()
    tree = ast.parse(source)
    for number, (node, runs) in enumerate(numbered(tree)):
        if not runs:
            continue
        for new in changed(node):
            mutant = _Replacer(number, new).visit(copy.deepcopy(tree))
            module = ast.unparse(ast.fix_missing_locations(mutant))
            after = "(removed)" if new is None else _short(new)
            yield Mutation(path, node.lineno, _short(node), after, module)


def _short(node: ast.AST) -> str:
    return " ".join(ast.unparse(ast.fix_missing_locations(node)).split())[:90]


def tree_to_change(folder: Path) -> Path:
    """Copy what the tests need; return the copy."""
    copy_of_root = folder / "tree"
    copy_of_root.mkdir()
    for name in COPIED:
        shutil.copytree(ROOT / name, copy_of_root / name)
    for name in COPIED_FILES:
        shutil.copy(ROOT / name, copy_of_root / name)
    return copy_of_root


def tests_of(path: str) -> list[list[str]]:
    """What runs for a mutation of ``path``: the tests of its feature, then those of the rest."""
    parts = Path(path).parts
    own = Path("tests", *parts[:2])
    everything = ["tests/marketplace", "--ignore=tests/marketplace/demo"]
    if len(parts) > 2 and any((ROOT / own).glob("test_*.py")):
        return [[str(own)], [*everything, f"--ignore={own}"]]
    return [everything]


def noticed(tree: Path, mutation: Mutation, seconds: int) -> str:
    """Run the tests on the mutation; return what noticed it, or nothing."""
    target = tree / mutation.path
    target.write_text(mutation.module)
    try:
        for tests in tests_of(mutation.path):
            command = [sys.executable, "-m", "pytest", "-x", "-q", "-m", FAST]
            command += ["-p", "no:cacheprovider", f"--basetemp={tree.parent / 'base'}", *tests]
            try:
                run = subprocess.run(
                    command, cwd=tree, capture_output=True, text=True, timeout=seconds
                )
            except subprocess.TimeoutExpired:
                return "the time limit"
            if run.returncode not in (0, 5):
                failed = [line for line in run.stdout.splitlines() if line.startswith("FAILED")]
                return failed[0].split()[1] if failed else "an error"
        return ""
    finally:
        shutil.copy(ROOT / mutation.path, target)


def main() -> None:
    """Draw mutations by chance and tell which survive."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("paths", nargs="+", help="files or folders of the product")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--seconds", type=int, default=300, help="for each run of the tests")
    options = parser.parse_args()
    files = [
        str(file.resolve().relative_to(ROOT))
        for path in map(Path, options.paths)
        for file in (sorted(path.rglob("*.py")) if path.is_dir() else [path])
    ]
    drawn = [
        mutation
        for file in files
        if not file.startswith(SKIPPED)
        for mutation in mutations_of(file)
    ]
    random.Random(options.seed).shuffle(drawn)
    survivors = 0
    with tempfile.TemporaryDirectory() as folder:
        tree = tree_to_change(Path(folder))
        for mutation in drawn[: options.count]:
            by = noticed(tree, mutation, options.seconds)
            survivors += not by
            print(  # noqa: T201
                f"{'killed  ' if by else 'SURVIVED'} {mutation.path}:{mutation.line}"
                f"  {mutation.before}  →  {mutation.after}{f'  ({by})' if by else ''}",
                flush=True,
            )
    total = min(options.count, len(drawn))
    print(  # noqa: T201
        f"{total - survivors} of {total} killed, out of {len(drawn)} possible (seed {options.seed})"
    )


if __name__ == "__main__":
    main()
