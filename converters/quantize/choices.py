"""What was decided for single tensors and nodes, instead of what the quantizer does by itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy.typing as npt

from edgekit.converters.graph.model import Quantization
from edgekit.converters.trained_grid import TrainedGrid

__all__ = ["Choices", "ChosenWeights"]


@dataclass(frozen=True, slots=True)
class ChosenWeights:
    """Integers of a weight tensor, on the grid that they were chosen for.

    Attributes:
        codes: int8, in the shape of the weights.
        quantization: The grid. On another one the integers mean nothing, and are not used.
    """

    codes: npt.NDArray[Any]
    quantization: Quantization


@dataclass(frozen=True, slots=True)
class Choices:
    """Choices by name; what is not named is decided by the quantizer.

    Attributes:
        weights: Name of a float weight tensor -> its integers.
        islands: Source nodes whose operators stay in float.
        grids: Name of a float tensor, constant or computed -> the grid that training chose.
    """

    weights: Mapping[str, ChosenWeights] = field(default_factory=dict)
    islands: frozenset[str] = frozenset()
    grids: Mapping[str, TrainedGrid] = field(default_factory=dict)
