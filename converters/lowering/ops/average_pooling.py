"""AveragePool and LpPool: sums over windows, with ONNX's own divisors."""

import numpy as np
import numpy.typing as npt

from edgekit.converters.graph.builder import Value
from edgekit.converters.lowering.context import Lowering
from edgekit.converters.lowering.norms import power, root
from edgekit.converters.lowering.ops.convolution import emit_convolution
from edgekit.converters.lowering.planes import pool_planes
from edgekit.converters.lowering.registry import lowers
from edgekit.converters.lowering.source_graph import SourceNode
from edgekit.converters.lowering.spatial import emit_pool, pad_spatial, pad_window, plain_padding
from edgekit.converters.lowering.windows import VALID, Window

_KIND = "AVERAGE_POOL_2D"


@lowers("AveragePool")
def average_pool(context: Lowering, node: SourceNode) -> None:
    """Lower a mean over windows in one, two or three dimensions.

    The divisor is how much of a window lies inside of the input, or inside of input and padding
    with ``count_include_pad``; what ceil mode adds behind never counts.
    Source: ONNX's AveragePool, opset 22.
    """
    padded = node.integer("count_include_pad", 0) == 1

    def pool(value: Value, window: Window, outputs: tuple[int, ...]) -> Value:
        sizes = value.shape[1:3]
        counts = [_counts(window, axis, sizes[axis], outputs[axis], padded) for axis in (0, 1)]
        window = window.clipped(sizes, outputs)
        whole = all(
            np.all(count == taps) for count, taps in zip(counts, window.kernel, strict=True)
        )
        plain = plain_padding(window, sizes, outputs)
        if max(window.dilations) > 1:
            value = _weighted(context, node, value, window, outputs, 1 / np.prod(window.kernel))
        elif plain is not None and (whole if plain == VALID else not padded):
            # TFLite's SAME divides by what lies inside of the input, too.
            return emit_pool(context, _KIND, value, window, outputs, plain)
        else:
            if plain != VALID:
                value = pad_spatial(context, value, window.fitted(sizes, outputs).pads)
            value = emit_pool(context, _KIND, value, window, outputs, VALID)
        if whole:
            return value
        factors = np.multiply.outer(window.kernel[0] / counts[0], window.kernel[1] / counts[1])
        scale = context.builder.constant(
            factors[:, :, None].astype(np.float32), f"{node.name}/divisors"
        )
        return context.emit("MUL", [value, scale], value.shape)

    pool_planes(context, node, pool)


@lowers("LpPool")
def lp_pool(context: Lowering, node: SourceNode) -> None:
    """Lower roots of sums of powers of magnitudes over windows."""
    order = node.integer("p", 2)

    def pool(value: Value, window: Window, outputs: tuple[int, ...]) -> Value:
        return _weighted(context, node, value, window, outputs, 1.0)

    pool_planes(
        context,
        node,
        pool,
        before=lambda value: power(context, value, order),
        after=lambda value: root(context, value, order),
    )


def _counts(
    window: Window,
    axis: int,
    size: int,
    outputs: int,
    padded: bool,
) -> npt.NDArray[np.int64]:
    """Return the divisor of each position along an axis."""
    before, after = window.pads[axis] if padded else (0, 0)
    taps = window.taps(axis, outputs)
    counts: npt.NDArray[np.int64] = np.sum((taps >= -before) & (taps < size + after), axis=1)
    return counts


def _weighted(
    context: Lowering,
    node: SourceNode,
    value: Value,
    window: Window,
    outputs: tuple[int, ...],
    weight: float,
) -> Value:
    """Return weighted sums over windows."""
    value, padding = pad_window(context, value, window, outputs)
    channels = value.shape[3]
    weights = np.full((channels, 1, *window.kernel), weight, np.float32)
    bias = context.builder.constant(np.zeros(channels, np.float32), f"{node.name}/bias")
    shape = (value.shape[0], *outputs, channels)
    return emit_convolution(context, value, weights, bias, window, padding, shape)
