"""ConvTranspose: TRANSPOSE_CONV, or a convolution over the input with zeros put in between."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from edgekit.converters.graph.builder import Value
from edgekit.converters.lowering.context import Lowering
from edgekit.converters.lowering.errors import RefusedError
from edgekit.converters.lowering.ops.convolution import bias_values, emit_convolution
from edgekit.converters.lowering.registry import lowers
from edgekit.converters.lowering.source_graph import SourceNode
from edgekit.converters.lowering.spatial import (
    open_spatial,
    pad_spatial,
    set_spatial,
    slice_spatial,
    spatial_shape,
)
from edgekit.converters.lowering.windows import SAME, VALID, Window, same_pads

__all__ = ["TransposedAxis", "TransposedLayer", "emit_transposed"]


@dataclass(frozen=True, slots=True)
class TransposedAxis:
    """One spatial axis of a transposed convolution.

    Attributes:
        size: Of the input.
        output: Of the output.
        kernel: Taps, without what dilation puts between them.
        stride: Distance of neighbouring inputs in the output.
        dilation: Distance of neighbouring taps in the output.
        crop: Positions dropped in front of the output.
    """

    size: int
    output: int
    kernel: int
    stride: int
    dilation: int
    crop: int

    @property
    def extent(self) -> int:
        """Distance from the first to behind the last tap."""
        return (self.kernel - 1) * self.dilation + 1

    @property
    def full(self) -> int:
        """Positions that any input reaches."""
        return (self.size - 1) * self.stride + self.extent

    @property
    def is_same(self) -> bool:
        """Whether it inverts a convolution with TFLite's SAME padding."""
        inverts = -(-self.output // self.stride) == self.size
        return inverts and self.crop == same_pads(self.output, self.extent, self.stride)[0]


@dataclass(frozen=True, slots=True, eq=False)
class TransposedLayer:
    """A transposed convolution over two axes.

    Attributes:
        name: Its constants are called after it.
        source: The constant that its weights are made from, empty where there is none.
        weights: ``[I, O/groups, kh, kw]``.
        bias: ``[O]``.
        axes: Height and width.
        shape: Of the output, NHWC.
        groups: How many parts the channels have that do not mix.
    """

    name: str
    source: str
    weights: npt.NDArray[np.float32]
    bias: npt.NDArray[np.float32]
    axes: Sequence[TransposedAxis]
    shape: tuple[int, ...]
    groups: int = 1

    @property
    def is_same(self) -> bool:
        """Whether it inverts a convolution with TFLite's SAME padding."""
        return all(axis.is_same for axis in self.axes)

    @property
    def is_direct(self) -> bool:
        """Whether TRANSPOSE_CONV computes it, or more than it."""
        reached = all(axis.crop + axis.output <= axis.full for axis in self.axes)
        return self.groups == 1 and (self.is_same or reached)


@lowers("ConvTranspose")
def transposed_convolution(context: Lowering, node: SourceNode) -> None:
    """Lower a transposed convolution; weights are ``[I, O/groups, *kernel]``."""
    weights = context.required_constant(node, 1).astype(np.float32)
    rank = weights.ndim - 2
    if rank not in (1, 2):
        raise RefusedError(node, f"it has {rank} spatial axes", hint="one or two are supported")
    axes = _axes(context, node, weights.shape[2:])
    if rank == 1:
        weights = weights[:, :, None, :]
        axes = [TransposedAxis(1, 1, 1, 1, 1, 0), *axes]
    groups = node.integer("group", 1)
    bias = bias_values(context, node, weights.shape[1] * groups)
    value = open_spatial(context, node.inputs[0])
    shape = spatial_shape(context, node.outputs[0])
    layer = TransposedLayer(node.name, node.inputs[1], weights, bias, axes, shape, groups)
    set_spatial(context, node.outputs[0], emit_transposed(context, value, layer))


def emit_transposed(context: Lowering, value: Value, layer: TransposedLayer) -> Value:
    """Emit a transposed convolution of an NHWC value."""
    bias = context.builder.constant(layer.bias, f"{layer.name}/bias")
    emit = _scattered if layer.is_direct else _gathered
    return emit(context, value, layer, bias)


def _axes(context: Lowering, node: SourceNode, kernel: tuple[int, ...]) -> list[TransposedAxis]:
    """Read the attributes; the source of the padding rules is ONNX's ConvTranspose."""
    rank = len(kernel)
    ones, zeros = (1,) * rank, (0,) * rank
    strides, dilations = node.integers("strides", ones), node.integers("dilations", ones)
    extra = node.integers("output_padding", zeros)
    outputs = context.shape(node.outputs[0])[2:]
    mode = node.text("auto_pad", "NOTSET")
    derived = mode.startswith("SAME") or "output_shape" in node.attributes
    given = (0,) * (2 * rank) if mode == "VALID" else node.integers("pads", (0,) * (2 * rank))
    axes = []
    for index, size in enumerate(context.shape(node.inputs[0])[2:]):
        axis = TransposedAxis(
            size, outputs[index], kernel[index], strides[index], dilations[index], 0
        )
        total = max(0, axis.full + extra[index] - outputs[index])
        # Where the output's size is given, an odd padding has its larger half behind, unless
        # SAME_UPPER is asked for explicitly the other way round.
        half = total // 2 if mode == "SAME_UPPER" else total - total // 2
        axes.append(replace(axis, crop=half if derived else given[index]))
    return axes


def _scattered(context: Lowering, value: Value, layer: TransposedLayer, bias: Value) -> Value:
    """One group: TRANSPOSE_CONV, more of it than needed where its padding is another."""
    same, axes, shape = layer.is_same, layer.axes, layer.shape
    sizes = [axis.output if same else axis.full for axis in axes]
    full = (shape[0], *sizes, shape[3])
    filters = _dilated(layer.weights, axes).transpose(1, 2, 3, 0)
    inputs = [
        context.builder.integers(full, "output_shape"),
        context.made_of(layer.source, np.ascontiguousarray(filters), f"{layer.name}/weights"),
        value,
        bias,
    ]
    result = context.emit(
        "TRANSPOSE_CONV",
        inputs,
        full,
        dtype=value.dtype,
        padding=SAME if same else VALID,
        stride_h=axes[0].stride,
        stride_w=axes[1].stride,
    )
    if same:
        return result
    return slice_spatial(context, result, [axis.crop for axis in axes], shape[1:3])


def _dilated(
    weights: npt.NDArray[np.float32], axes: Sequence[TransposedAxis]
) -> npt.NDArray[np.float32]:
    """Put zeros between the taps, since TRANSPOSE_CONV has no dilation."""
    spread = np.zeros((*weights.shape[:2], *(axis.extent for axis in axes)), np.float32)
    spread[:, :, :: axes[0].dilation, :: axes[1].dilation] = weights
    return spread


def _gathered(context: Lowering, value: Value, layer: TransposedLayer, bias: Value) -> Value:
    """Any groups: a convolution with the kernel turned round, over a spread input."""
    axes, weights, groups = layer.axes, layer.weights, layer.groups
    value = _spread(context, value, axes)
    # The first output sees the input's first position through tap `crop` of the kernel.
    before = [axis.extent - 1 - axis.crop for axis in axes]
    needed = [axis.output + axis.extent - 1 for axis in axes]
    skipped = [max(0, -item) for item in before]
    left = [
        min(size - skip, need - max(0, item))
        for size, skip, need, item in zip(value.shape[1:3], skipped, needed, before, strict=True)
    ]
    value = slice_spatial(context, value, skipped, left)
    pads = [
        (max(0, item), need - have - max(0, item))
        for item, need, have in zip(before, needed, left, strict=True)
    ]
    if any(map(any, pads)):
        value = pad_spatial(context, value, pads)
    inputs, outputs = weights.shape[:2]
    turned = weights[:, :, ::-1, ::-1].reshape(groups, inputs // groups, *weights.shape[1:])
    turned = turned.swapaxes(1, 2).reshape(groups * outputs, inputs // groups, *weights.shape[2:])
    kernel, dilations = weights.shape[2:], tuple(axis.dilation for axis in axes)
    window = Window((kernel[0], kernel[1]), (1, 1), dilations, ((0, 0), (0, 0)))
    return emit_convolution(context, value, turned, bias, window, VALID, layer.shape, layer.source)


def _spread(context: Lowering, value: Value, axes: Sequence[TransposedAxis]) -> Value:
    """Put ``stride - 1`` zeros behind each position; the last ones do no harm."""
    down, right = (axis.stride for axis in axes)
    if down == right == 1:
        return value
    batch, height, width, channels = value.shape
    rows = context.reshape(value, (batch * height, 1, width, channels))
    if down > 1:
        rows = pad_spatial(context, rows, [(0, down - 1), (0, 0)])
    cells = context.reshape(rows, (batch * height * down * width, 1, 1, channels))
    if right > 1:
        cells = pad_spatial(context, cells, [(0, 0), (0, right - 1)])
    return context.reshape(cells, (batch, height * down, width * right, channels))
