"""Weighted layers as matrix products: the patches of input that weights are multiplied with."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.converters.graph.model import Operator, Tensor

__all__ = ["KINDS", "Layer"]

KINDS = frozenset(["CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED"])

_SAME = 0  # the schema's Padding
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Layer:
    """One operator of the float graph with constant weights.

    As a product it is ``groups`` matrices: patches ``[groups, positions, taps]`` times weights
    ``[groups, taps, outputs]`` give the accumulators at some positions of the output.

    Attributes:
        operator: CONV_2D, DEPTHWISE_CONV_2D or FULLY_CONNECTED.
        source: Its input, with the channels innermost.
        weights: Its float weights, in TFLite's layout.
        output: Its output.
    """

    operator: Operator
    source: Tensor
    weights: Tensor
    output: Tensor

    @property
    def groups(self) -> int:
        """How many parts of the channels are multiplied by themselves."""
        if self.operator.kind == "FULLY_CONNECTED":
            return 1
        if self.operator.kind == "DEPTHWISE_CONV_2D":
            return self.source.shape[3]
        return self.source.shape[3] // self.weights.shape[3]

    def matrix(self, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return an array in the weights' shape as ``[groups, outputs, taps]``."""
        if self.operator.kind == "DEPTHWISE_CONV_2D":
            taps = values.shape[1] * values.shape[2]
            return values.reshape(taps, self.groups, -1).transpose(1, 2, 0)
        return values.reshape(self.groups, values.shape[0] // self.groups, -1)

    def from_matrix(self, matrix: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return what `matrix` was made of."""
        if self.operator.kind == "DEPTHWISE_CONV_2D":
            return matrix.transpose(2, 0, 1).reshape(self.weights.shape)
        return matrix.reshape(self.weights.shape)

    def positions(self) -> int:
        """Return how many products one sample has for each output channel."""
        if self.operator.kind == "FULLY_CONNECTED":
            return int(np.prod(self.source.shape)) // self.weights.shape[1]
        return int(np.prod(self.output.shape[:3]))

    def patches(self, values: Floats, places: npt.NDArray[np.int64]) -> Floats:
        """Return the input's patches at some positions, ``[groups, positions, taps]``.

        Args:
            values: The input.
            places: Numbers of positions of the output, in row-major order.
        """
        if self.operator.kind == "FULLY_CONNECTED":
            return values.reshape(-1, self.weights.shape[1])[places][None]
        (rows, row_pads), (columns, column_pads) = self._taps(1, "h"), self._taps(2, "w")
        padded = np.pad(values, ((0, 0), row_pads, column_pads, (0, 0)))
        batch, row, column = np.unravel_index(places, self.output.shape[:3])
        taken = padded[
            batch[:, None, None], rows[row][:, :, None], columns[column][:, None, :]
        ]  # [positions, kernel rows, kernel columns, channels]
        count, height, width, _ = taken.shape
        split = taken.reshape(count, height * width, self.groups, -1)
        return np.ascontiguousarray(split.transpose(2, 0, 1, 3)).reshape(self.groups, count, -1)

    def _taps(self, axis: int, side: str) -> tuple[npt.NDArray[np.int64], tuple[int, int]]:
        """Return the padded places that each output place reads along an axis, and the pads."""
        options = self.operator.options
        size, kernel = self.source.shape[axis], self.weights.shape[axis]
        positions = self.output.shape[axis]
        stride = int(options[f"stride_{side}"])
        dilation = int(options.get(f"dilation_{side}_factor", 1))
        span = (positions - 1) * stride + (kernel - 1) * dilation + 1
        lacking = max(span - size, 0) if options["padding"] == _SAME else 0
        places = np.arange(positions)[:, None] * stride + np.arange(kernel) * dilation
        return places, (lacking // 2, lacking - lacking // 2)
