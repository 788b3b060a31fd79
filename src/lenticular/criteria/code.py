"""A Python function under construction: written with `ast`, compiled once.

The texts and patterns of a rule are constants of the function, never part of its source.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any, cast


class Code:
    """Collects what expressions need: locals that are worked out once, constants, shared results."""

    def __init__(self) -> None:
        self.prologue: list[ast.stmt] = []
        self.statements: list[ast.stmt] = []
        self.constants: dict[str, Any] = {}
        self.locals: dict[Any, str] = {}

    def once(self, what: Any, value: Callable[[], ast.expr]) -> ast.Name:
        """Return the local that holds a value, which is computed once, before everything else."""
        if what not in self.locals:
            written = value()
            self.locals[what] = local = f"v{len(self.locals)}"
            self.prologue.append(assign(local, written))
        return name(self.locals[what])

    def constant(self, value: Any) -> ast.Name:
        """Return the name of a value that the function carries with it."""
        found = f"k{len(self.constants)}"
        self.constants[found] = value
        return name(found)

    def take(self) -> list[ast.stmt]:
        """Return the statements written since the last call."""
        taken, self.statements = self.statements, []
        return taken

    def function(self, called: str, arguments: list[str], body: list[ast.stmt]) -> Callable[..., Any]:
        """Compile a body into a function over the collected constants."""
        parameters = ast.arguments(
            posonlyargs=[], args=[ast.arg(one) for one in arguments], kwonlyargs=[], kw_defaults=[], defaults=[]
        )
        definition = ast.FunctionDef(called, parameters, body, [])
        if hasattr(definition, "type_params"):
            definition.type_params = []
        module = ast.fix_missing_locations(ast.Module([definition], []))
        scope: dict[str, Any] = dict(self.constants)
        # No text of a rule is in the source: names are ours, values are constants.
        exec(compile(module, "<segments>", "exec"), scope)  # noqa: S102
        return cast(Callable[..., Any], scope[called])


def name(of: str) -> ast.Name:
    """Return the expression of a name."""
    return ast.Name(of, ast.Load())


def call(function: ast.expr, *arguments: ast.expr) -> ast.Call:
    """Return the expression of a call."""
    return ast.Call(function, list(arguments), [])


def attribute(of: ast.expr, called: str) -> ast.Attribute:
    """Return the expression of an attribute."""
    return ast.Attribute(of, called, ast.Load())


def assign(to: str, value: ast.expr) -> ast.Assign:
    """Return the statement that names a value."""
    return ast.Assign([ast.Name(to, ast.Store())], value)


def both(parts: list[ast.expr], operator: ast.boolop) -> ast.expr:
    """Return parts joined by `and` or `or`."""
    return parts[0] if len(parts) == 1 else ast.BoolOp(operator, parts)


class _Fill(ast.NodeTransformer):
    def __init__(self, left: ast.expr, right: ast.expr) -> None:
        self.parts = {"left": left, "right": right}

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.parts.get(node.id, node)


def fill(template: str, left: ast.expr, right: ast.expr) -> ast.expr:
    """Return an operator's Python face with its two sides in place."""
    return cast(ast.expr, _Fill(left, right).visit(ast.parse(template, mode="eval").body))
