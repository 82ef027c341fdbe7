"""Operators that move, select or compare values: inputs and output share one scale."""

import numpy as np

from edgekit.converters.graph.builder import Node, Value
from edgekit.converters.graph.data_type import DataType
from edgekit.converters.graph.model import Quantization
from edgekit.converters.quantize.quantizer import Quantizer
from edgekit.converters.quantize.registry import quantizes
from edgekit.converters.quantize.rules.whole_numbers import as_int32, moves_as_int32

_ONE_INPUT = (
    "BATCH_TO_SPACE_ND BROADCAST_TO DEPTH_TO_SPACE EXPAND_DIMS GATHER GATHER_ND "
    "MAX_POOL_2D MIRROR_PAD PAD REDUCE_MAX REDUCE_MIN RESHAPE RESIZE_BILINEAR "
    "RESIZE_NEAREST_NEIGHBOR REVERSE_V2 SLICE SPACE_TO_BATCH_ND SPACE_TO_DEPTH SQUEEZE "
    "STRIDED_SLICE TILE TOPK_V2 TRANSPOSE"
).split()
_NOT_IN_INT16 = frozenset(["DEPTH_TO_SPACE", "SPACE_TO_DEPTH"])


@quantizes(*_ONE_INPUT)
def moves(quantizer: Quantizer, node: Node) -> None:
    """Give the outputs the parameters of the input."""
    if not quantizer.is_int8 and node.kind in _NOT_IN_INT16:
        moves_as_int32(quantizer, node)
        return
    source = quantizer.integer(node.inputs[0])
    assert source.quantization is not None
    for output in node.outputs:
        if output.dtype is DataType.FLOAT32:
            quantizer.become(output, source.quantization)
    quantizer.keep(node, [source, *node.inputs[1:]])


@quantizes("AVERAGE_POOL_2D")
def averages(quantizer: Quantizer, node: Node) -> None:
    """Give the output the parameters of the input; one mean of all may have trained ones instead.

    The kernel of MEAN rescales, with one rounding, which AVERAGE_POOL_2D before a QUANTIZE does
    not.
    """
    source = quantizer.integer(node.inputs[0])
    (output,) = node.outputs
    wanted = quantizer.grid_of(output)
    if wanted is None or wanted == source.quantization or not _is_mean_of_all(node, wanted):
        moves(quantizer, node)
        return
    axes = quantizer.builder.integers([1, 2], "axes")
    quantizer.become(output, wanted)
    quantizer.nodes.append(Node("MEAN", [source, axes], [output], {"keep_dims": True}))


def _is_mean_of_all(node: Node, wanted: Quantization) -> bool:
    """Whether a window lies on the whole input, and its activation is what int8 ends at."""
    given, options = node.inputs[0], node.options
    assert given is not None
    window = (options["filter_height"], options["filter_width"])
    activation = options.get("fused_activation_function", 0)
    ends = activation == 0 or (activation == 1 and wanted.zero_points == (-128,))
    return window == given.shape[1:3] and node.outputs[0].shape[1:3] == (1, 1) and ends


@quantizes("SPLIT")
def split(quantizer: Quantizer, node: Node) -> None:
    """Give the parts the parameters of the whole, which is the second input."""
    source = quantizer.integer(node.inputs[1])
    assert source.quantization is not None
    for output in node.outputs:
        quantizer.become(output, source.quantization)
    quantizer.keep(node, [node.inputs[0], source])


@quantizes("SPLIT_V", "UNPACK")
def split_by_sizes(quantizer: Quantizer, node: Node) -> None:
    """Give the parts the parameters of the whole."""
    moves(quantizer, node)


@quantizes("PADV2")
def pad_with_value(quantizer: Quantizer, node: Node) -> None:
    """Put the filler on the grid of the input; what lies outside of it saturates."""
    source = quantizer.integer(node.inputs[0])
    assert source.quantization is not None
    (output,) = node.outputs
    quantizer.become(output, source.quantization)
    filler = quantizer.integer_as(node.inputs[2], source.quantization)
    quantizer.keep(node, [source, node.inputs[1], filler])


@quantizes("CONCATENATION", "MAXIMUM", "MINIMUM", "PACK")
def joins(quantizer: Quantizer, node: Node) -> None:
    """Give all inputs the parameters of the output, whose range spans theirs."""
    (output,) = node.outputs
    wanted = quantizer.observed(output)
    given = {quantizer.integer(value).quantization for value in node.reads()}
    if len(given) == 1 and node.kind in ("CONCATENATION", "PACK"):
        (only,) = given
        assert only is not None
        wanted = only
    quantizer.become(output, wanted)
    quantizer.keep(node, [quantizer.integer_as(value, wanted) for value in node.inputs])


@quantizes("SELECT_V2")
def select(quantizer: Quantizer, node: Node) -> None:
    """Give both choices the parameters of the output; those of a value that is chosen or zero."""
    (output,) = node.outputs
    wanted = quantizer.observed(output)
    computed = [value for value in node.inputs[1:] if value and value.data is None]
    known = [value.data for value in node.inputs[1:] if value and value.data is not None]
    if len(computed) == 1 and not any(np.any(data) for data in known):
        wanted = _parameters(quantizer.integer(computed[0]))
    quantizer.become(output, wanted)
    choices = [quantizer.integer_as(value, wanted) for value in node.inputs[1:]]
    quantizer.keep(node, [node.inputs[0], *choices])


@quantizes("EQUAL", "GREATER", "GREATER_EQUAL", "LESS", "LESS_EQUAL", "NOT_EQUAL")
def compares(quantizer: Quantizer, node: Node) -> None:
    """Compare integers; the kernels rescale int8 of steps below one, and nothing else.

    Source: `comparisons.cc` of TensorFlow Lite, which ends the process at a step of one or more.
    """
    inputs = [quantizer.integer(value) for value in node.inputs]
    if quantizer.is_int8 and all(_parameters(value).scales[0] < 1.0 for value in inputs):
        quantizer.keep(node, list(inputs))
        return
    seen = [quantizer.range_of(value) for value in node.reads()]
    common = quantizer.activations.parameters(
        min(item.low for item in seen), max(item.high for item in seen)
    )
    same = [quantizer.integer_as(value, common) for value in node.inputs]
    quantizer.keep(node, [as_int32(quantizer, value) for value in same])


@quantizes("ARG_MAX", "ARG_MIN")
def arguments(quantizer: Quantizer, node: Node) -> None:
    """Find the place of an extreme: the order of integers is that of the values."""
    source = quantizer.integer(node.inputs[0])
    if not quantizer.is_int8:
        source = as_int32(quantizer, source)
    quantizer.keep(node, [source, *node.inputs[1:]])


def _parameters(value: Value) -> Quantization:
    assert value.quantization is not None
    return value.quantization
