"""Bias correction: take out of a layer's bias what rounding its weights adds on average.

Rounded weights differ from the true ones by a fixed error, which multiplies an input whose mean
is known from the samples: the expected error of each output channel is known as well.
Source: M. Nagel et al., "Data-Free Quantization Through Weight Equalization and Bias
Correction", ICCV 2019, section 4.2, with means that were observed instead of derived.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.converters.graph.builder import Node, Value

__all__ = ["expected_error"]

_SAME = 0  # the schema's Padding
Floats = npt.NDArray[np.float64]


def expected_error(
    node: Node, source: Value, weights: npt.NDArray[Any], rounded: npt.NDArray[Any], means: Floats
) -> Floats | None:
    """Return by how much rounded weights lower each output channel on average.

    Args:
        node: CONV_2D, DEPTHWISE_CONV_2D or FULLY_CONNECTED.
        source: Its data input.
        weights: As they are, in TFLite's layout.
        rounded: What their integers stand for, in the same shape.
        means: Of the input, by its last axis.

    Returns:
        One value a channel; None where the input's last axis is not the weights'.
    """
    error = weights.astype(np.float64) - rounded
    expected: Floats
    if node.kind == "FULLY_CONNECTED":
        if len(means) != weights.shape[1]:
            return None
        expected = error @ means
        return expected
    error = np.einsum("ohwi,h,w->oi", error, *_shares(node, source, weights.shape))
    if node.kind == "DEPTHWISE_CONV_2D":
        expected = error[0] * np.repeat(means, weights.shape[3] // len(means))
        return expected
    groups = len(means) // weights.shape[3]
    by_group = np.repeat(means.reshape(groups, -1), weights.shape[0] // groups, axis=0)
    expected = np.sum(error * by_group, axis=1)
    return expected


def _shares(node: Node, source: Value, shape: tuple[int, ...]) -> list[Floats]:
    """Return for each row and each column of a kernel how often it lies on the input.

    The others lie on padding, which is zero.
    """
    (output,) = node.outputs
    shares = []
    for axis, side in ((1, "h"), (2, "w")):
        size, kernel, positions = source.shape[axis], shape[axis], output.shape[axis]
        stride = int(node.options[f"stride_{side}"])
        dilation = int(node.options.get(f"dilation_{side}_factor", 1))
        span = (positions - 1) * stride + (kernel - 1) * dilation + 1
        before = max(span - size, 0) // 2 if node.options["padding"] == _SAME else 0
        starts = np.arange(positions) * stride - before
        places = starts[:, None] + np.arange(kernel) * dilation
        shares.append(np.mean((places >= 0) & (places < size), axis=0))
    return shares
