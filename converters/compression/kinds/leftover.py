"""Leftovers of training: what passes a tensor on as it is, and what was in training mode."""

from collections.abc import Iterator

from edgekit.converters.compression.outcome import Outcome
from edgekit.converters.compression.registry import examines, judges
from edgekit.converters.compression.weights import Examined
from edgekit.converters.finding import CompressionFinding, Fate, FindingKind, SettledFinding
from edgekit.converters.lowering.source_graph import SourceNode

__all__ = ["find_leftovers", "judge"]

_KINDS = ("Dropout", "Identity")
_SEPARATOR = ", "
_RANDOM = ("MULTINOMIAL", "RANDOM_STANDARD_NORMAL", "RANDOM_UNIFORM")


@examines(FindingKind.LEFTOVER)
def find_leftovers(given: Examined) -> Iterator[CompressionFinding]:
    """Yield the operators that do something in training only, one finding a kind.

    What is in training mode is no finding: lowering refuses it.
    """
    for kind in _KINDS:
        nodes = given.given.nodes if given.given is not None else ()
        names = [
            node.name
            for node in nodes
            if node.kind == kind and not node.domain and not _changes_grid(node, given)
        ]
        if names:
            yield CompressionFinding(
                FindingKind.LEFTOVER,
                names[0],
                f"{len(names)} {kind}, which {'passes' if len(names) == 1 else 'pass'} on what "
                f"{'it gets' if len(names) == 1 else 'they get'}",
                {"parts": len(names), "operator": kind, "names": _SEPARATOR.join(names)},
            )


def _changes_grid(node: SourceNode, given: Examined) -> bool:
    """Whether a node is there because what it passes on gets another grid."""
    trained = given.source.trained
    grid = trained.get(node.outputs[0])
    return grid is not None and trained.get(node.inputs[0]) != grid


@judges(FindingKind.LEFTOVER)
def judge(finding: CompressionFinding, outcome: Outcome) -> SettledFinding:
    """Say whether an operator of the final model comes from it."""
    kind, names = finding.figures["operator"], str(finding.figures["names"]).split(_SEPARATOR)
    main = outcome.final.main
    if kind not in _KINDS:  # a part of a torch module
        random = sum(operator.kind in _RANDOM for operator in main.operators)
        proof = (
            f"{random or 'none'} of the final model's {len(main.operators)} operators draws random "
            "numbers, and the float model gives what the source does in evaluation mode"
        )
        return SettledFinding(finding, Fate.LOST if random else Fate.MERGED, proof)
    labels = {f"{kind} '{name}'" for name in names}
    left = [
        operator.kind
        for operator in main.operators
        for tensor in main.outputs_of(operator)
        if outcome.lowered.origins.get(tensor.name) in labels
    ]
    if left:
        proof = f"{len(left)} operators of the final model come from it, {left[0]} the first"
        return SettledFinding(finding, Fate.KEPT, proof)
    proof = (
        f"none of the final model's {len(main.operators)} operators comes from it, and the float "
        "model gives the source's outputs"
    )
    return SettledFinding(finding, Fate.MERGED, proof)
