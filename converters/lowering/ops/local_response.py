"""LRN, by an average pool along the channels."""

import math

import numpy as np

from edgekit.converters.lowering.context import Lowering
from edgekit.converters.lowering.formula import Formula
from edgekit.converters.lowering.kernels import require_kernel
from edgekit.converters.lowering.orders import order_ending_with
from edgekit.converters.lowering.registry import lowers
from edgekit.converters.lowering.source_graph import SourceNode
from edgekit.converters.lowering.spatial import emit_pool
from edgekit.converters.lowering.windows import VALID, Window


@lowers("LRN")
def local_response_normalization(context: Lowering, node: SourceNode) -> None:
    """Lower ``x / (bias + alpha * mean of x * x over near channels) ** beta``.

    TFLite's LOCAL_RESPONSE_NORMALIZATION is not used: its reference kernel leaves out the last
    channel of the window, it knows odd windows only, and it has no integer kernel.
    """
    size = node.integer("size", 1)
    before = (size - 1) // 2
    axes = order_ending_with(context, node.inputs[0], 1)
    x = Formula(context, context.get(node.inputs[0], axes))
    require_kernel(node, "AVERAGE_POOL_2D", x.value.dtype)
    shape = x.value.shape
    flat = (1, math.prod(shape[:-1]), shape[-1], 1)
    squares = (x * x).reshape(flat).value
    pads = np.array([(0, 0), (0, 0), (before, size - 1 - before), (0, 0)], np.int32)
    wide = (*flat[:2], flat[2] + size - 1, 1)
    padded = context.emit("PAD", [squares, context.builder.constant(pads, "paddings")], wide)
    window = Window((1, size), (1, 1), (1, 1), ((0, 0), (0, 0)))
    mean = emit_pool(context, "AVERAGE_POOL_2D", padded, window, flat[1:3], VALID)
    base = Formula(context, mean).reshape(shape) * node.number("alpha", 1e-4)
    base += node.number("bias", 1.0)
    result = x * _inverse_power(base, node.number("beta", 0.75))
    context.set(node.outputs[0], result.value, axes)


def _inverse_power(base: Formula, exponent: float) -> Formula:
    """Return ``base ** -exponent``, by square roots for the usual exponents."""
    if exponent == 1.0:
        return 1.0 / base
    if exponent not in (0.5, 0.75):
        return base.binary("POW", -exponent)
    root = base.unary("RSQRT")
    return root if exponent == 0.5 else root * root.unary("SQRT")
