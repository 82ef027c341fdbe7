"""Findings of trained grids: what people read of a tensor that has one."""

from edgekit.converters.finding import CompressionFinding, FindingKind
from edgekit.converters.trained_grid import TrainedGrid

__all__ = ["described", "described_blocks"]


def described_blocks(tensor: str, dtype: str, size: int) -> CompressionFinding:
    """Return the finding of integers with a scale for each block of them."""
    figures: dict[str, float | int | str] = {"role": "weight", "type": dtype, "block_size": size}
    summary = f"weight in {dtype}, a scale for every {size} values"
    return CompressionFinding(FindingKind.TRAINED_GRID, tensor, summary, figures)


def described(tensor: str, grid: TrainedGrid, role: str) -> CompressionFinding:
    """Return the finding of a grid."""
    count = len(grid.scales)
    figures: dict[str, float | int | str] = {"role": role, "type": grid.dtype, "scales": count}
    if count == 1:
        figures |= {"scale": grid.scales[0], "zero_point": grid.zero_points[0]}
        parameters = f"scale {grid.scales[0]:.6g}, zero point {grid.zero_points[0]}"
    else:
        figures |= {"least_scale": min(grid.scales), "greatest_scale": max(grid.scales)}
        parameters = f"{count} scales, {min(grid.scales):.4g} to {max(grid.scales):.4g}"
    summary = f"{role} in {grid.dtype}, {parameters}"
    return CompressionFinding(FindingKind.TRAINED_GRID, tensor, summary, figures)
