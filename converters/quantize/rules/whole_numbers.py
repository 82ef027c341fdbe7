"""Operators that have kernels for int32 but not for int8 or int16: casts around them.

Integers of activations become int32 without loss. Sums of them stay whole numbers of steps,
and QUANTIZE rescales an int32 tensor to the grid of the output.
"""

import numpy as np

from edgekit.converters.graph.builder import Node, Value
from edgekit.converters.graph.data_type import DataType
from edgekit.converters.graph.model import Quantization
from edgekit.converters.quantize.quantizer import Quantizer
from edgekit.converters.quantize.registry import quantizes
from edgekit.converters.quantize.rules.lookup import indices_of

_SCHEMA = {DataType.BOOL: 6, DataType.INT8: 9, DataType.INT16: 7, DataType.INT32: 2}
_SCHEMA |= {DataType.INT64: 4, DataType.UINT8: 3}
_STEPS = Quantization((1.0,), (0,), 0)


@quantizes("REVERSE_SEQUENCE")
def moves_as_int32(quantizer: Quantizer, node: Node) -> None:
    """Move int32 in place of int8 and int16; the output has the parameters of the input."""
    source = quantizer.integer(node.inputs[0])
    (output,) = node.outputs
    assert source.quantization is not None
    moved = Value(f"{output.name}/integer", output.shape, DataType.INT32)
    quantizer.become(output, source.quantization)
    quantizer.nodes += [
        Node(node.kind, [as_int32(quantizer, source), *node.inputs[1:]], [moved], node.options),
        _cast_node(moved, output),
    ]


@quantizes("CUMSUM")
def running_sum(quantizer: Quantizer, node: Node) -> None:
    """Sum whole numbers of the input's steps, then rescale."""
    computes_steps(quantizer, node, 0)


@quantizes("SCATTER_ND")
def scatters(quantizer: Quantizer, node: Node) -> None:
    """Scatter whole numbers of the updates' steps, between which zero is zero, then rescale."""
    computes_steps(quantizer, node, 1)


@quantizes("ONE_HOT")
def one_hot(quantizer: Quantizer, node: Node) -> None:
    """Find the hot ones as booleans and choose between the two values, both exact."""
    indices, depth, hot, cold = node.inputs
    (output,) = node.outputs
    assert hot is not None
    assert cold is not None
    ends = [quantizer.range_of(value) for value in (hot, cold)]
    wanted = quantizer.activations.parameters(
        min(item.low for item in ends), max(item.high for item in ends)
    )
    mask = Value(f"{output.name}/is_hot", output.shape, DataType.BOOL)
    yes, no = (quantizer.builder.constant(np.array(flag), str(flag)) for flag in (True, False))
    quantizer.become(output, wanted)
    choices = [quantizer.integer_as(value, wanted) for value in (hot, cold)]
    quantizer.nodes += [
        Node("ONE_HOT", [indices, depth, yes, no], [mask], node.options, node.version),
        Node("SELECT_V2", [mask, *choices], [output]),
    ]


@quantizes("CAST")
def casts(quantizer: Quantizer, node: Node) -> None:
    """Make numbers of whole numbers, or look up what a real number is without its fraction."""
    (output,) = node.outputs
    source = node.inputs[0]
    assert source is not None
    if output.dtype is DataType.FLOAT32 and source.dtype in _SCHEMA and not source.quantization:
        whole = as_int32(quantizer, source, _STEPS)
        quantizer.become(output, quantizer.observed(output))
        quantizer.nodes.append(Node("QUANTIZE", [whole], [output]))
    elif source.quantization is not None and quantizer.is_int8:
        _truncates(quantizer, quantizer.integer(source), output)
    else:
        quantizer.island(node)


def _truncates(quantizer: Quantizer, source: Value, output: Value) -> None:
    """Look up the whole number (or whether it is any but zero) of each of 256 values."""
    assert source.quantization is not None
    scale, point = source.quantization.scales[0], source.quantization.zero_points[0]
    values = (np.arange(-128, 128) - point) * scale
    values = values != 0 if output.dtype is DataType.BOOL else np.trunc(values)
    table = quantizer.builder.constant(values.astype(np.int32), f"{output.name}/table")
    found = Value(f"{output.name}/integer", output.shape, DataType.INT32)
    wanted = output if output.dtype is DataType.INT32 else found
    quantizer.nodes.append(
        Node("GATHER", [table, indices_of(quantizer, source, output.name)], [wanted], {"axis": 0})
    )
    if wanted is found:
        quantizer.nodes.append(_cast_node(found, output))


def computes_steps(quantizer: Quantizer, node: Node, position: int) -> None:
    """Compute with one input as int32, counted in steps from zero, and rescale the result."""
    given = quantizer.integer(node.inputs[position])
    assert given.quantization is not None
    (output,) = node.outputs
    steps = Quantization(given.quantization.scales, (0,), 0)
    whole = as_int32(quantizer, given, steps)
    point = given.quantization.zero_points[0]
    if point:
        zero = quantizer.builder.constant(np.array(point, np.int32), "zero_point")
        centred = Value(f"{whole.name}/centred", given.shape, DataType.INT32, None, steps)
        quantizer.nodes.append(Node("SUB", [whole, zero], [centred]))
        whole = centred
    result = Value(f"{output.name}/integer", output.shape, DataType.INT32, None, steps)
    inputs = list(node.inputs)
    inputs[position] = whole
    quantizer.become(output, quantizer.observed(output))
    quantizer.nodes += [
        Node(node.kind, inputs, [result], node.options, node.version),
        Node("QUANTIZE", [result], [output]),
    ]


def as_int32(quantizer: Quantizer, value: Value, quantization: Quantization | None = None) -> Value:
    """Emit a cast to int32, with parameters if it stands for numbers."""
    wide = Value(f"{value.name}/integer", value.shape, DataType.INT32, None, quantization)
    quantizer.nodes.append(_cast_node(value, wide))
    return wide


def _cast_node(source: Value, target: Value) -> Node:
    types = {"in_data_type": _SCHEMA[source.dtype], "out_data_type": _SCHEMA[target.dtype]}
    return Node("CAST", [source], [target], types)
