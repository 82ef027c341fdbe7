"""Turn the text of a failed conversion into an error that names operators and source nodes."""

import re
from collections.abc import Sequence
from pathlib import Path

from edgekit.converters.engines.base import EngineError
from edgekit.converters.engines.worker_process import StepFailedError

__all__ = ["Nodes", "explain"]

Nodes = Sequence[tuple[str, str]]
"""Operator and name of each node of a source."""

# How TensorFlow's converter names operators without a TFLite kernel of the wanted type.
_UNSUPPORTED = (
    re.compile(r"'tf\.(\w+)' op is neither a custom op nor a flex op"),
    re.compile(r"TF Select ops: ([\w, ]+)"),
    re.compile(r"Quantization (?:to [\w-]+ )?not yet supported for op: '(\w+)'"),
)
_NO_SPACE = re.compile(r"No space left on device|\d+ requested and \d+ written")


def explain(error: StepFailedError, nodes: Nodes, log: Path) -> EngineError:
    """Return what failed in the words of the source.

    Args:
        error: What the child process answered.
        nodes: Operator and name of each node of the source.
        log: Where the whole text is.
    """
    if _NO_SPACE.search(error.text):
        return EngineError(
            f"the {error.step} step failed: no space left for temporary or cached files",
            log=log,
            hint="free some space, or set TMPDIR and EDGEKIT_CACHE_DIR to folders that have some",
        )
    names = {
        name.strip()
        for pattern in _UNSUPPORTED
        for found in pattern.findall(error.text)
        for name in found.split(",")
    }
    if not names:
        return EngineError(
            f"the {error.step} step failed: {error.first_line}",
            log=log,
            details=_named_nodes(error.text, nodes),
        )
    return EngineError(
        f"TFLite has no built-in operator of the type asked for: {', '.join(sorted(names))}",
        log=log,
        details=tuple(line for name in sorted(names) for line in _likely_nodes(name, nodes)),
        hint="replace the operator in the source",
    )


def _likely_nodes(name: str, nodes: Nodes) -> list[str]:
    """Name the source's nodes whose type is part of TensorFlow's name (Det, MatrixDeterminant)."""
    plain = name.replace("_", "").lower()
    return [f"{name} comes from {kind} '{node}'" for kind, node in nodes if kind.lower() in plain][
        :5
    ]


def _named_nodes(text: str, nodes: Nodes) -> tuple[str, ...]:
    """Name the source's nodes that the text speaks of."""
    return tuple(
        f"it speaks of {kind} '{node}'"
        for kind, node in nodes
        if re.search(rf"(?<![\w/]){re.escape(node)}(?![\w/])", text)
    )[:5]
