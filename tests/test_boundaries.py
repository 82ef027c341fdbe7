"""Who may import whom: read from the sources, so that an import inside a function counts too."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("sdk", "converters", "runtime", "benchmarks", "device_profiles")

# What the modules of each part may import of edgekit; the longest prefix of a path counts.
MAY_IMPORT = {
    "sdk/errors.py": (),
    "sdk/files.py": ("errors",),
    "sdk/progress.py": (),
    "sdk/bundle": ("bundle", "errors", "files"),
    "runtime": ("runtime", "bundle", "errors", "files"),
    "device_profiles": ("device_profiles", "errors"),
    "converters": ("converters", "runtime", "device_profiles", "bundle", "errors", "files"),
    "benchmarks": (
        "benchmarks",
        "runtime",
        "device_profiles",
        "bundle",
        "errors",
        "files",
        "progress",
    ),
    "benchmarks/figures": None,  # scripts that measure all of it
    "sdk/cli": None,
}
ANY_BUT_CLI = "the rest of sdk"

# Loaded by the functions that need them, so that a command starts at once and a device needs
# nothing that it does not use.
HEAVY = frozenset(
    [
        "PIL",
        "ai_edge_litert",
        "cryptography",
        "matplotlib",
        "onnx",
        "onnx2tf",
        "onnx_graphsurgeon",
        "onnxruntime",
        "onnxscript",
        "onnxsim",
        "platformdirs",
        "ppk2_api",
        "pyjoulescope_driver",
        "rich",
        "scipy",
        "sklearn",
        "smbus2",
        "sng4onnx",
        "tensorflow",
        "tf_keras",
        "tflite_micro",
        "tflite_runtime",
        "torch",
        "torchao",
    ]
)
SOURCES = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
each_source = pytest.mark.parametrize(
    "source", SOURCES, ids=lambda path: str(path.relative_to(ROOT))
)


def _imports(nodes: Iterator[ast.AST]) -> set[str]:
    """Return the dotted names that are imported, with what is taken from each module."""
    found = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative import"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def _run_when_imported(node: ast.AST) -> Iterator[ast.AST]:
    """Walk what runs when a module is imported: no function bodies, nothing for type checkers."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            continue
        yield child
        yield from _run_when_imported(child)


def _tree(source):
    return ast.parse(source.read_text())


def _allowed(source):
    path = source.relative_to(ROOT)
    for part in (path, *path.parents):
        if str(part) in MAY_IMPORT:
            return MAY_IMPORT[str(part)]
    return ANY_BUT_CLI


@each_source
def test_a_part_imports_only_what_lies_below_it(source):
    allowed = _allowed(source)
    names = {
        name.split(".")[1]
        for name in _imports(ast.walk(_tree(source)))
        if name.startswith("edgekit.")
    }
    if allowed is None:
        return
    wrong = names & {"cli"} if allowed == ANY_BUT_CLI else names - {*allowed}
    assert not wrong


@each_source
def test_heavy_packages_are_imported_where_they_are_needed(source):
    if (ROOT / "benchmarks" / "figures") in source.parents:
        return
    packages = {name.split(".")[0] for name in _imports(_run_when_imported(_tree(source)))}
    assert not packages & HEAVY


@each_source
def test_only_the_command_line_uses_click(source):
    packages = {name.split(".")[0] for name in _imports(ast.walk(_tree(source)))}
    assert "click" not in packages or ROOT / "sdk" / "cli" in source.parents


def test_every_part_is_there():
    for part in MAY_IMPORT:
        assert (ROOT / part).exists(), part
