"""The ways to change Python, one node at a time, and the SQL that stands in its texts."""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Iterator
from functools import partial

from tests.mutations import sql
from tests.mutations.mutation import Mutation

_SQL = re.compile(r"\b(?:SELECT|INSERT INTO|UPDATE|DELETE FROM|WHERE)\b")

SWAPPED = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE,
    ast.GtE: ast.Gt, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip


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
        case ast.Return(value=value) if value is not None and not _is_empty(value):
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


def _is_empty(node: ast.AST) -> bool:
    """Whether a condition cannot tell a constant from ``None``."""
    return isinstance(node, ast.Constant) and not node.value


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


def mutations_of(path: str, source: str) -> Iterator[Mutation]:
    """Every mutation of one file, of its Python and of its SQL."""
    tree = ast.parse(source)
    lines = source.splitlines()
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for number, (node, runs) in enumerate(numbered(tree)):
        if _is_sql(node) and id(node) not in docstrings:
            for change in sql.changes_of(node.value):
                line = node.lineno + node.value.count("\n", 0, change.start)
                text = partial(_module, tree, number, ast.Constant(change.apply(node.value)))
                yield Mutation(path, line, *change.excerpts(node.value), text, sql=True)
        if not runs:
            continue
        for new in changed(node):
            after = "(removed)" if new is None else _short(new)
            text = partial(_module, tree, number, new)
            before = _short(node)
            if isinstance(node, ast.Constant):  # which says little by itself
                before += f" in {lines[node.lineno - 1].strip()}"
            yield Mutation(path, node.lineno, before, after, text)


def _is_sql(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and _SQL.search(node.value) is not None
    )


def _module(tree: ast.Module, number: int, new: ast.AST | None) -> str:
    """The source of the module with ``new`` in the place of the node of that number."""
    mutant = _Replacer(number, copy.deepcopy(new)).visit(copy.deepcopy(tree))
    return ast.unparse(ast.fix_missing_locations(mutant))


def _short(node: ast.AST) -> str:
    return " ".join(ast.unparse(ast.fix_missing_locations(node)).split())[:90]
