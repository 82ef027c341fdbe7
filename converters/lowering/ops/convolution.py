"""Conv: CONV_2D and DEPTHWISE_CONV_2D, in one or two dimensions, any padding, groups."""

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.converters.graph.builder import Value
from edgekit.converters.lowering.context import Lowering
from edgekit.converters.lowering.orders import order_ending_with
from edgekit.converters.lowering.registry import lowers
from edgekit.converters.lowering.source_graph import SourceNode
from edgekit.converters.lowering.spatial import (
    open_spatial,
    pad_window,
    set_spatial,
    spatial_shape,
)
from edgekit.converters.lowering.windows import VALID, Window, window_of

__all__ = ["bias_values", "emit_convolution"]


@lowers("Conv")
def convolution(context: Lowering, node: SourceNode) -> None:
    """Lower a convolution; weights ``[O, I/groups, *kernel]`` become ``[O, kh, kw, I/groups]``."""
    weights = context.required_constant(node, 1).astype(np.float32)
    name = node.inputs[0]
    window = window_of(node, context.shape(name)[2:], weights.shape[2:]).two_dimensional()
    if _is_pointwise(window, context.shape(name)[1], weights):
        _pointwise(context, node, weights)
        return
    if weights.ndim == 3:
        weights = weights[:, :, None, :]
    shape = spatial_shape(context, node.outputs[0])
    value, padding = pad_window(context, open_spatial(context, name), window, shape[1:3])
    bias = _bias(context, node, len(weights))
    result = emit_convolution(context, value, weights, bias, window, padding, shape, node.inputs[1])
    set_spatial(context, node.outputs[0], result)


def _is_pointwise(window: Window, channels: int, weights: npt.NDArray[np.float32]) -> bool:
    alone = all(size == 1 for size in (*window.kernel, *window.strides))
    return alone and not any(map(any, window.pads)) and weights.shape[1] == channels


def _pointwise(context: Lowering, node: SourceNode, weights: npt.NDArray[np.float32]) -> None:
    """Lower a convolution of single pixels, which may stand in any order before the channels."""
    name = node.inputs[0]
    axes = order_ending_with(context, name, 1)
    value = context.get(name, axes)
    shape = (*value.shape[:-1], len(weights))
    batch, *pixels, channels = value.shape
    value = context.reshape(value, (batch, math.prod(pixels[:-1]), pixels[-1], channels))
    filters = weights.reshape(*weights.shape[:2], 1, 1)
    bias = _bias(context, node, len(weights))
    window = Window((1, 1), (1, 1), (1, 1), ((0, 0), (0, 0)))
    flat = (*value.shape[:-1], len(weights))
    result = emit_convolution(context, value, filters, bias, window, VALID, flat, node.inputs[1])
    context.set(node.outputs[0], context.reshape(result, shape), axes)


def emit_convolution(
    context: Lowering,
    value: Value,
    weights: npt.NDArray[np.float32],
    bias: Value,
    window: Window,
    padding: int,
    shape: tuple[int, ...],
    source: str = "",
) -> Value:
    """Emit a convolution with as many groups as the weights tell.

    Args:
        context: The lowering.
        value: NHWC.
        weights: ``[O, I/groups, kh, kw]``.
        bias: ``[O]``.
        window: Its strides and dilations are taken.
        padding: TFLite's.
        shape: Of the output, NHWC.
        source: The constant that the weights are made from, empty where there is none.
    """
    channels, depth = value.shape[3], weights.shape[1]
    depthwise = depth == 1 and channels > 1
    order = weights[:, 0].transpose(1, 2, 0)[None] if depthwise else weights.transpose(0, 2, 3, 1)
    options: dict[str, Any] = {"depth_multiplier": shape[3] // channels} if depthwise else {}
    return context.emit(
        "DEPTHWISE_CONV_2D" if depthwise else "CONV_2D",
        [value, context.made_of(source, order, f"{bias.name}/weights"), bias],
        shape,
        padding=padding,
        stride_h=window.strides[0],
        stride_w=window.strides[1],
        dilation_h_factor=window.dilations[0],
        dilation_w_factor=window.dilations[1],
        **options,
    )


def _bias(context: Lowering, node: SourceNode, count: int) -> Value:
    values = bias_values(context, node, count)
    return context.made_of(node.inputs[2] if node.has(2) else "", values, f"{node.name}/bias")


def bias_values(context: Lowering, node: SourceNode, count: int) -> npt.NDArray[np.float32]:
    """Return the constant third input of a convolution, zeros where it is absent."""
    if not node.has(2):
        return np.zeros(count, np.float32)
    return context.required_constant(node, 2).astype(np.float32)
