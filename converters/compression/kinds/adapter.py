"""Adapters: low-rank branches beside weights, which are merged into them."""

from collections.abc import Iterator
from dataclasses import replace

from edgekit.converters.compression.outcome import Outcome
from edgekit.converters.compression.registry import examines, judges
from edgekit.converters.compression.stored import stored_values
from edgekit.converters.compression.weights import Examined
from edgekit.converters.finding import (
    CompressionFinding,
    Fate,
    Figure,
    FindingKind,
    SettledFinding,
)
from edgekit.converters.graph import read_graph
from edgekit.converters.lowering.low_rank import MergedBranch
from edgekit.converters.parity.metrics import sqnr_db

__all__ = ["find_branches", "judge"]

_FACTORS = ", "


@examines(FindingKind.ADAPTER)
def find_branches(given: Examined) -> Iterator[CompressionFinding]:
    """Yield every weight of the graph that has low-rank branches beside it."""
    for item in given.merged:
        yield CompressionFinding(FindingKind.ADAPTER, item.weights, _summary(item), _figures(item))


def _summary(item: MergedBranch) -> str:
    ranks = " and ".join(str(branch.rank) for branch in item.branches)
    text = f"low-rank branch of rank {ranks} beside {item.node}"
    if item.largest_change == 0:
        return f"{text}, which changes nothing: was it trained, was the right checkpoint loaded?"
    return f"{text}; changes weights by up to {item.largest_change:.1%} of the largest"


def _figures(item: MergedBranch) -> dict[str, Figure]:
    figures: dict[str, Figure] = {
        "rank": sum(branch.rank for branch in item.branches),
        "largest_relative_change": item.largest_change,
        "low_rank_values": item.low_rank_values,
        "merged_tensor": item.merged,
        "low_rank_tensors": _FACTORS.join(
            name for branch in item.branches for name in branch.factors
        ),
    }
    scales = [branch.scale for branch in item.branches if branch.scale is not None]
    if len(scales) == len(item.branches) == 1:
        figures["scale"] = scales[0]
    return figures


@judges(FindingKind.ADAPTER)
def judge(finding: CompressionFinding, outcome: Outcome) -> SettledFinding:
    """Say whether the weights hold the adapter, and nothing of it is left beside them."""
    factors = [name for name in str(finding.figures["low_rank_tensors"]).split(_FACTORS) if name]
    left = [name for name in factors if outcome.constants_from(name)]
    if left:
        proof = f"'{left[0]}' is in the model, computed beside the weights as in the source"
        return SettledFinding(finding, Fate.KEPT, proof)
    merged = str(finding.figures["merged_tensor"])
    stored = outcome.constants_from(merged)
    wanted = replace(outcome, final=read_graph(outcome.lowered.tflite)).constants_from(merged)
    if not stored or not wanted:
        proof = f"no constant of the final model is known to be made of '{merged}'"
        return SettledFinding(finding, Fate.LOST, proof)
    values, given = stored_values(wanted[0]), stored_values(stored[0])
    precision = sqnr_db(values, given) if values.shape == given.shape else float("nan")
    held = "exactly" if precision == float("inf") else f"at {precision:.1f} dB SQNR"
    proof = (
        f"'{stored[0].name}' holds the merged weights in {stored[0].dtype} {held}; "
        f"none of the {finding.figures['low_rank_values']} low-rank values is left"
    )
    return SettledFinding(finding, Fate.MERGED, proof)
