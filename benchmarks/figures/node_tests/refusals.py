"""Read from the sources of the lowering what it refuses, in the words of its errors."""

import ast
from collections.abc import Iterator
from pathlib import Path

__all__ = ["refusals_of"]

_ERROR = "RefusedError"


def refusals_of(path: Path) -> list[str]:
    """Return the reasons of a module's RefusedErrors, with ``...`` for what varies."""
    tree = ast.parse(path.read_text())
    return sorted(set(_reasons(tree)))


def _reasons(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == _ERROR and len(node.args) > 1:
            yield from _texts(node.args[1])


def _texts(node: ast.expr) -> Iterator[str]:
    """Yield the texts that an expression can be; nothing for one that is made elsewhere."""
    match node:
        case ast.Constant(value=str() as text):
            yield text
        case ast.JoinedStr(values=parts):
            yield "".join(str(p.value) if isinstance(p, ast.Constant) else "..." for p in parts)
        case ast.IfExp(body=first, orelse=second):
            yield from _texts(first)
            yield from _texts(second)
