"""Files and functions stay small enough to be read at once."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = ("sdk", "converters", "runtime", "benchmarks", "device_profiles", "examples")
MOST_FUNCTION_LINES = 60
MOST_FILE_LINES = 400

SOURCES = sorted(path for folder in PACKAGES for path in (ROOT / folder).rglob("*.py"))
FILES = sorted([*SOURCES, *(ROOT / "tests").rglob("*.py")])


def _code_lines(function):
    """Return the lines of a function without its docstring, which may be long on purpose."""
    last = function.end_lineno
    has_docstring = ast.get_docstring(function, clean=False) is not None
    docstring = function.body[0] if has_docstring else None
    documented = docstring.end_lineno - docstring.lineno + 1 if docstring else 0
    return last - function.lineno + 1 - documented


def test_no_function_is_too_long():
    long = {
        f"{path.relative_to(ROOT)}: {node.name}": _code_lines(node)
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and _code_lines(node) > MOST_FUNCTION_LINES
    }
    assert not long


def test_no_file_is_too_long():
    lines = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in FILES}
    assert {path: count for path, count in lines.items() if count > MOST_FILE_LINES} == {}


def test_there_are_files():
    assert len(SOURCES) > 100
