"""Functions of one int8 tensor without an integer kernel: a table of 256 results.

An int8 tensor has 256 values, so any function of it is a GATHER from a constant: exact up to
the rounding of its result, in any runtime that has CAST, ADD and GATHER.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.converters.graph.builder import Node, Value
from edgekit.converters.graph.data_type import DataType
from edgekit.converters.quantize.parameters import quantize_values
from edgekit.converters.quantize.quantizer import Quantizer
from edgekit.converters.quantize.registry import quantizes
from edgekit.converters.quantize.rules.computing import rescales

Function = Callable[[npt.NDArray[np.float64]], npt.NDArray[Any]]

_FUNCTIONS: dict[str, Function] = {
    "CEIL": np.ceil,
    "COS": np.cos,
    "FLOOR": np.floor,
    "ROUND": np.round,
    "SIGN": np.sign,
    "SIN": np.sin,
    "SQUARE": np.square,
}
_WITH_CONSTANT: dict[str, Callable[..., npt.NDArray[Any]]] = {
    "FLOOR_DIV": np.floor_divide,
    "FLOOR_MOD": np.mod,
    "POW": np.power,
}


@quantizes(*_FUNCTIONS)
def by_table(quantizer: Quantizer, node: Node) -> None:
    """Look the function up; int16 has too many values and stays in float."""
    if quantizer.is_int8:
        look_up(quantizer, node, node.inputs[0], _FUNCTIONS[node.kind])
    else:
        quantizer.island(node)


@quantizes("POW")
def with_constant(quantizer: Quantizer, node: Node) -> None:
    """Look up a function of one tensor and one constant number."""
    second = node.inputs[1]
    if not quantizer.is_int8 or second is None or second.data is None or second.data.size > 1:
        quantizer.island(node)
        return
    constant, function = float(second.data.reshape(-1)[0]), _WITH_CONSTANT[node.kind]
    look_up(quantizer, node, node.inputs[0], lambda values: function(values, constant))


@quantizes("DIV")
def quotient(quantizer: Quantizer, node: Node) -> None:
    """Multiply by the reciprocal: of a constant, or looked up.

    A divisor that comes near zero has no integer form and stays in float.
    """
    divisor = node.inputs[1]
    assert divisor is not None
    inverse = Value(f"{divisor.name}/reciprocal", divisor.shape, DataType.FLOAT32)
    if divisor.data is not None and np.all(divisor.data != 0.0):
        inverse.data = np.divide(1.0, divisor.data, dtype=np.float32)
        _multiply(quantizer, node, quantizer.integer(inverse))
        return
    seen = quantizer.range_of(divisor)
    nearest, farthest = sorted((abs(seen.low), abs(seen.high)))
    bottom, top = quantizer.activations.limits
    if seen.low <= 0.0 <= seen.high or nearest < 2 * farthest / (top - bottom):
        quantizer.island(node)
        return
    if not quantizer.is_int8:
        node.inputs[1] = _apart_from_zero(quantizer, divisor, positive=seen.low > 0.0)
        rescales(quantizer, node)
        return
    quantizer.assume(inverse, *sorted((1.0 / seen.low, 1.0 / seen.high)))
    look_up(quantizer, Node("DIV", [None, divisor], [inverse]), divisor, np.reciprocal)
    _multiply(quantizer, node, inverse)


def _apart_from_zero(quantizer: Quantizer, divisor: Value, *, positive: bool) -> Value:
    """Keep an int16 divisor one step away from zero: the kernel of DIV ends the process there."""
    given = quantizer.integer(divisor)
    assert given.quantization is not None
    (step,) = given.quantization.scales
    limit = np.array([step if positive else -step], np.float32)
    nearest = quantizer.builder.constant(limit, f"{divisor.name}/step")
    result = Value(f"{divisor.name}/apart", divisor.shape, DataType.FLOAT32, origin=divisor.origin)
    quantizer.become(result, given.quantization)
    kind = "MAXIMUM" if positive else "MINIMUM"
    other = quantizer.integer_as(nearest, given.quantization)
    quantizer.nodes.append(Node(kind, [given, other], [result]))
    return result


def _multiply(quantizer: Quantizer, node: Node, factor: Value) -> None:
    """Put a product in the place of a quotient."""
    (output,) = node.outputs
    source = quantizer.integer(node.inputs[0])
    quantizer.become(output, quantizer.observed(output))
    quantizer.nodes.append(Node("MUL", [source, factor], [output], dict(node.options)))


def look_up(quantizer: Quantizer, node: Node, source: Value | None, function: Function) -> None:
    """Replace a node by a look-up in a table of its results.

    The table holds the results over the range of values that the input can take; where the
    output was observed, results beyond what was seen saturate.
    """
    given = quantizer.integer(source)
    assert given.quantization is not None
    (output,) = node.outputs
    integers = np.arange(-128, 128)
    scale, point = given.quantization.scales[0], given.quantization.zero_points[0]
    with np.errstate(all="ignore"):
        results = function((integers - point).astype(np.float64) * scale)
    largest = float(np.finfo(np.float32).max)
    results = np.nan_to_num(results, posinf=largest, neginf=-largest)
    wanted = quantizer.observed(output)
    table = Value(
        f"{output.name}/table",
        (256,),
        DataType.INT8,
        quantize_values(results, wanted, DataType.INT8),
        wanted,
    )
    quantizer.become(output, wanted)
    index = indices_of(quantizer, given, output.name)
    quantizer.nodes.append(Node("GATHER", [table, index], [output], {"axis": 0}))


def indices_of(quantizer: Quantizer, given: Value, name: str) -> Value:
    """Return where each int8 value stands in a table of 256 results."""
    wide = Value(f"{name}/integer", given.shape, DataType.INT32)
    index = Value(f"{name}/index", given.shape, DataType.INT32)
    offset = quantizer.builder.constant(np.array(128, np.int32), "offset")
    int8, int32 = 9, 2  # the schema's TensorType
    quantizer.nodes += [
        Node("CAST", [given], [wide], {"in_data_type": int8, "out_data_type": int32}),
        Node("ADD", [wide, offset], [index]),
    ]
    return index
