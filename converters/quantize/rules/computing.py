"""Operators whose kernels rescale: any input scale, the output's from its observed range."""

import math

import numpy as np

from edgekit.converters.graph.builder import Node, Value
from edgekit.converters.graph.data_type import DataType
from edgekit.converters.graph.model import Quantization
from edgekit.converters.quantize.quantizer import Quantizer
from edgekit.converters.quantize.registry import quantizes

_RESCALING = (
    "ABS BATCH_MATMUL EXP HARD_SWISH LEAKY_RELU LOG MEAN MUL PRELU RELU RELU6 SQRT ELU "
    " GELU RELU_0_TO_1"
).split()

# https://ai.google.dev/edge/litert/conversion/tensorflow/quantization/quantization_spec
_FIXED_INT8 = {
    "SOFTMAX": (1 / 256, -128),
    "LOGISTIC": (1 / 256, -128),
    "TANH": (1 / 128, 0),
    "L2_NORMALIZATION": (1 / 128, 0),
    "LOG_SOFTMAX": (16 / 256, 127),
}
_FIXED_INT16 = {
    "SOFTMAX": (1 / 32768, 0),
    "LOGISTIC": (1 / 32768, 0),
    "TANH": (1 / 32768, 0),
}
# The kernel of SOFTMAX checks that its input's scale is above 2^-26, and aborts.
# Source: `PreprocessSoftmaxScaling` of TensorFlow Lite's `quantization_util.cc`.
_FINEST_SOFTMAX = 2.0**-24
_INT16_KERNELS = frozenset(
    "ABS BATCH_MATMUL DIV EXP LEAKY_RELU LOG MEAN MUL RELU RELU6 RSQRT SQRT GELU".split()
)


@quantizes(*_RESCALING)
def rescales(quantizer: Quantizer, node: Node) -> None:
    """Quantize the data inputs; integer inputs (axes) stay what they are."""
    if not quantizer.is_int8 and node.kind not in _INT16_KERNELS:
        quantizer.island(node)
        return
    inputs = [
        quantizer.integer(value)
        if value is not None and (value.dtype is DataType.FLOAT32 or value.quantization is not None)
        else value
        for value in node.inputs
    ]
    (output,) = node.outputs
    quantizer.become(output, quantizer.observed(output))
    quantizer.keep(node, inputs)


@quantizes("RSQRT")
def reciprocal_root(quantizer: Quantizer, node: Node) -> None:
    """Give the output a range up to what a quarter of a step gives, the middle of what is zero.

    Inputs nearer to zero are zero, of which the kernel makes the largest output.
    """
    (output,) = node.outputs
    source = quantizer.integer(node.inputs[0])
    assert source.quantization is not None
    seen = quantizer.range_of(output)
    largest = (source.quantization.scales[0] / 4) ** -0.5
    quantizer.assume(output, seen.low, min(seen.high, largest))
    rescales(quantizer, node)


@quantizes("SUM")
def sums(quantizer: Quantizer, node: Node) -> None:
    """Multiply a mean by the number of its terms: LiteRT's reference kernel of SUM is wrong."""
    source = quantizer.integer(node.inputs[0])
    (output,) = node.outputs
    terms = math.prod(source.shape) // math.prod(output.shape)
    wanted = quantizer.observed(output)
    mean = Value(f"{output.name}/mean", output.shape, DataType.FLOAT32, origin=output.origin)
    quantizer.become(mean, Quantization((wanted.scales[0] / terms,), wanted.zero_points, 0))
    quantizer.become(output, wanted)
    count = quantizer.builder.constant(np.array([terms], np.float32), "terms")
    quantizer.nodes += [
        Node("MEAN", [source, node.inputs[1]], [mean], dict(node.options)),
        Node("MUL", [mean, quantizer.integer(count)], [output]),
    ]


@quantizes("NEG")
def negates(quantizer: Quantizer, node: Node) -> None:
    """Multiply by -1: the kernel of NEG does not rescale, the one of MUL does."""
    node.kind = "MUL"
    node.inputs.append(quantizer.builder.constant(np.array(-1.0, np.float32), "minus_one"))
    rescales(quantizer, node)


@quantizes(*_FIXED_INT8)
def fixed(quantizer: Quantizer, node: Node) -> None:
    """Give the output the parameters that the kernels assume."""
    wanted = fixed_parameters(quantizer, node)
    if wanted is None:
        quantizer.island(node)
        return
    (output,) = node.outputs
    source = quantizer.integer(node.inputs[0])
    assert source.quantization is not None
    if node.kind.endswith("SOFTMAX") and source.quantization.scales[0] < _FINEST_SOFTMAX:
        coarse = Quantization((_FINEST_SOFTMAX,), source.quantization.zero_points, 0)
        source = quantizer.cast(source, coarse)
    quantizer.become(output, wanted)
    quantizer.keep(node, [source])


def fixed_parameters(quantizer: Quantizer, node: Node) -> Quantization | None:
    """Return the output parameters that a kernel assumes; None where it assumes none."""
    table = _FIXED_INT8 if quantizer.is_int8 else _FIXED_INT16
    if node.kind not in table:
        return None
    scale, point = table[node.kind]
    return Quantization((scale,), (point,), 0)
