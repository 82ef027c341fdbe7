"""Normalisations by known statistics or by those of the tensor itself, written out."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.converters.lowering.broadcasting import align
from edgekit.converters.lowering.context import Axes, Lowering, identity
from edgekit.converters.lowering.errors import RefusedError
from edgekit.converters.lowering.formula import Formula
from edgekit.converters.lowering.orders import order_ending_with, positions_of
from edgekit.converters.lowering.registry import lowers
from edgekit.converters.lowering.source_graph import SourceNode

_TOKENS = 3  # axes: a batch, positions, and features
_SMALLEST = float(np.finfo(np.float32).tiny)


@lowers("BatchNormalization")
def batch_normalization(context: Lowering, node: SourceNode) -> None:
    """Lower ``(x - mean) / sqrt(variance + epsilon) * scale + bias``, known parts beforehand."""
    if node.integer("training_mode", 0) or any(node.outputs[1:]):
        raise RefusedError(node, "it is in training mode", hint="call model.eval() before export")
    if not node.integer("spatial", 1):
        raise RefusedError(node, "spatial is 0", hint="export it with opset 9 or later")
    epsilon = node.number("epsilon", 1e-5)
    axes = context.axes(node.inputs[0])
    x = Formula(context, context.get(node.inputs[0], axes))
    known = [context.constant(name) for name in node.inputs[1:5]]
    if all(values is not None for values in known):
        scale, bias, mean, variance = (np.asarray(values, np.float64) for values in known)
        factor = scale / np.sqrt(variance + epsilon)
        shift = bias - mean * factor
        result = x * _channels(context, factor, axes) + _channels(context, shift, axes)
    else:
        terms = [_channel_tensor(context, name, axes) for name in node.inputs[1:5]]
        inverse = (terms[3] + epsilon).unary("RSQRT")
        result = (x - terms[2]) * (inverse * terms[0]) + terms[1]
    context.set(node.outputs[0], result.value, axes)


@lowers("InstanceNormalization")
def instance_normalization(context: Lowering, node: SourceNode) -> None:
    """Lower a normalisation over the spatial axes of each sample and channel."""
    axes = context.axes(node.inputs[0])
    x = Formula(context, context.get(node.inputs[0], axes))
    spatial = positions_of(axes, range(2, len(axes)))
    result, _, _ = standardised(x, spatial, node.number("epsilon", 1e-5))
    scale, bias = (_channel_tensor(context, name, axes) for name in node.inputs[1:3])
    context.set(node.outputs[0], (result * scale + bias).value, axes)


@lowers("GroupNormalization", since=21)
def group_normalization(context: Lowering, node: SourceNode) -> None:
    """Lower a normalisation over groups of channels, with scale and bias per channel."""
    name = node.inputs[0]
    groups = node.integer("num_groups", 1)
    shape = context.shape(name)
    axes = context.axes(name)
    channels_last = axes[0] == 0 and axes[-1] == 1
    axes = axes if channels_last else identity(len(shape))
    x = Formula(context, context.get(name, axes))
    batch, channels, area = shape[0], shape[1], math.prod(shape[2:])
    if channels_last:
        split = x.reshape((batch, area, groups, channels // groups))
    else:
        split = x.reshape((batch, groups, channels // groups * area))
    positions = (1, 3) if channels_last else (2,)
    result, _, _ = standardised(split, positions, node.number("epsilon", 1e-5))
    result = result.reshape(x.value.shape)
    scale, bias = (_channel_tensor(context, name, axes) for name in node.inputs[1:3])
    context.set(node.outputs[0], (result * scale + bias).value, axes)


@lowers("LayerNormalization")
def layer_normalization(context: Lowering, node: SourceNode) -> None:
    """Lower a normalisation over the last axes, and its statistics where they are asked for."""
    axes, positions = _last_axes(context, node)
    x = Formula(context, context.get(node.inputs[0], axes))
    result, mean, inverse = standardised(x, positions, node.number("epsilon", 1e-5))
    result *= Formula(context, align(context, node.inputs[1], axes))
    if node.has(2):
        result += Formula(context, align(context, node.inputs[2], axes))
    for name, item in zip(node.outputs, (result, mean, inverse), strict=False):
        if name:
            context.set(name, item.value, axes)


@lowers("RMSNormalization")
def rms_normalization(context: Lowering, node: SourceNode) -> None:
    """Lower a division by the root mean square over the last axes."""
    axes, positions = _last_axes(context, node)
    x = Formula(context, context.get(node.inputs[0], axes))
    power = (x * x).reduce("MEAN", positions) + node.number("epsilon", 1e-5)
    scale = Formula(context, align(context, node.inputs[1], axes))
    context.set(node.outputs[0], (x * power.unary("RSQRT") * scale).value, axes)


@lowers("LpNormalization")
def lp_normalization(context: Lowering, node: SourceNode) -> None:
    """Lower a division by the L1 or L2 norm along an axis; what has norm 0 stays 0."""
    axes = context.axes(node.inputs[0])
    x = Formula(context, context.get(node.inputs[0], axes))
    positions = positions_of(axes, [node.integer("axis", -1) % len(axes)])
    order = node.integer("p", 2)
    if order not in (1, 2):
        raise RefusedError(node, f"p is {order}", hint="1 and 2 are defined")
    total = (x.unary("ABS") if order == 1 else x * x).reduce("SUM", positions)
    norm = total.binary("MAXIMUM", _SMALLEST)
    context.set(node.outputs[0], (x / (norm if order == 1 else norm.unary("SQRT"))).value, axes)


@lowers("MeanVarianceNormalization")
def mean_variance_normalization(context: Lowering, node: SourceNode) -> None:
    """Lower ``(x - mean) / (deviation + 1e-9)``, whose constant the specification fixes."""
    axes = context.axes(node.inputs[0])
    x = Formula(context, context.get(node.inputs[0], axes))
    rank = len(axes)
    positions = positions_of(axes, {axis % rank for axis in node.integers("axes", (0, 2, 3))})
    mean = x.reduce("MEAN", positions)
    variance = x.binary("SQUARED_DIFFERENCE", mean).reduce("MEAN", positions)
    context.set(node.outputs[0], ((x - mean) / (variance.unary("SQRT") + 1e-9)).value, axes)


def standardised(
    x: Formula, positions: Sequence[int], epsilon: float
) -> tuple[Formula, Formula, Formula]:
    """Return ``(x - mean) / sqrt(variance + epsilon)`` over positions, the mean, and the factor."""
    mean = x.reduce("MEAN", positions)
    variance = x.binary("SQUARED_DIFFERENCE", mean).reduce("MEAN", positions)
    inverse = (variance + epsilon).unary("RSQRT")
    return (x - mean) * inverse, mean, inverse


def _last_axes(context: Lowering, node: SourceNode) -> tuple[Axes, tuple[int, ...]]:
    """Return an order, and where the axes from attribute ``axis`` on stand in it.

    The last axis of tokens is brought to the end: what follows is a product with weights, which
    asks for it there, and a residual sum, which keeps the order.
    """
    if node.integer("stash_type", 1) != 1:
        raise RefusedError(node, "stash_type is not float32", hint="export it with stash_type 1")
    axes = context.axes(node.inputs[0])
    first = node.integer("axis", -1) % len(axes)
    if len(axes) == _TOKENS and first == _TOKENS - 1:
        axes = order_ending_with(context, node.inputs[0], first)
    return axes, positions_of(axes, range(first, len(axes)))


def _channels(context: Lowering, values: npt.NDArray[Any], axes: Axes) -> Formula:
    """Return a known number for each channel, to broadcast against tensors in this order."""
    behind = len(axes) - 1 - axes.index(1)
    data = np.asarray(values, np.float32).reshape((-1,) + (1,) * behind)
    return Formula(context, context.builder.constant(data, "channels"))


def _channel_tensor(context: Lowering, name: str, axes: Axes) -> Formula:
    """Return a vector over channels, to broadcast against tensors in this order."""
    behind = len(axes) - 1 - axes.index(1)
    value = context.get(name)
    return Formula(context, context.reshape(value, (*value.shape, *(1,) * behind)))
