"""What the scheme that was asked for demands, on every device. Docstrings are the messages."""

import math

from edgekit.bundle.manifest import Io, Scheme
from edgekit.converters.contract.base import ContractContext, constraint
from edgekit.converters.contract.weights import weights_of
from edgekit.converters.graph import DataType, Operator, Subgraph, Tensor

_ACTIVATIONS = {
    Scheme.INT8: (DataType.INT8,),
    Scheme.INT16X8: (DataType.INT16,),
    Scheme.MIXED: (DataType.INT8, DataType.INT16),
}
_QUANTIZED = (DataType.INT8, DataType.UINT8, DataType.INT16, DataType.INT4)
_RANGES = {
    DataType.INT8: (-128, 127),
    DataType.UINT8: (0, 255),
    DataType.INT16: (-32768, 32767),
    DataType.INT4: (-8, 7),
}
# https://ai.google.dev/edge/litert/conversion/tensorflow/quantization/quantization_spec
_FIXED_OUTPUTS = {
    "SOFTMAX": (1 / 256, -128),
    "LOG_SOFTMAX": (16 / 256, 127),
    "LOGISTIC": (1 / 256, -128),
    "TANH": (1 / 128, 0),
    "L2_NORMALIZATION": (1 / 128, 0),
}


@constraint("operator", is_float_island=True)
def operator_is_integer(
    operator: Operator, subgraph: Subgraph, context: ContractContext
) -> str | None:
    """A full-integer model computes nothing in float.

    Only the QUANTIZE and DEQUANTIZE operators at a float interface touch float tensors.
    """
    if context.scheme not in _ACTIVATIONS or _is_interface_cast(operator, subgraph, context):
        return None
    floats = [
        tensor.name
        for tensor in (*subgraph.inputs_of(operator), *subgraph.outputs_of(operator))
        if tensor.dtype.is_float
    ]
    return f"float tensor {', '.join(sorted(set(floats)))}" if floats else None


@constraint("operator")
def operator_is_built_in(
    operator: Operator, subgraph: Subgraph, context: ContractContext
) -> str | None:
    """Only operators that are built into the runtimes are used.

    Custom and Flex operators need an interpreter that was compiled for them.
    """
    del subgraph, context
    return f"custom operator {operator.kind}" if operator.is_custom else None


@constraint("tensor")
def activation_has_the_width_asked_for(
    tensor: Tensor, subgraph: Subgraph, context: ContractContext
) -> str | None:
    """Computed tensors of a full-integer model have the width of its scheme.

    That is int8, int16 for int16x8, either for mixed. Only tensors at the interface may have
    its type.
    """
    wanted = _ACTIVATIONS.get(context.scheme)
    if wanted is None or tensor.is_constant or tensor.dtype not in _QUANTIZED:
        return None
    at_interface = tensor.index in (*subgraph.inputs, *subgraph.outputs)
    allowed = {*wanted, *({DataType(context.io.upper())} if at_interface else ())}
    if tensor.dtype in allowed:
        return None
    return f"{tensor.dtype} instead of {' or '.join(wanted)}"


@constraint("operator", is_float_island=True)
def weights_have_the_width_asked_for(
    operator: Operator, subgraph: Subgraph, context: ContractContext
) -> str | None:
    """Weights of convolutions and fully connected layers are stored as the scheme says.

    int8 or int4 for int8, int16x8, mixed and dynamic; float16 for float16.
    """
    weights = weights_of(operator, subgraph)
    if weights is None or context.scheme is Scheme.FLOAT32:
        return None
    if context.scheme is Scheme.FLOAT16:
        stored = _stored(weights, subgraph)
        return None if stored.dtype is DataType.FLOAT16 else f"{stored.name} is {stored.dtype}"
    # TensorFlow leaves small tensors in float under the dynamic scheme (fewer than 1024 values).
    if context.scheme is Scheme.DYNAMIC and math.prod(weights.shape) < 1024:
        return None
    allowed = (DataType.INT8, DataType.INT4)
    computed = not weights.is_constant
    return None if computed or weights.dtype in allowed else f"{weights.name} is {weights.dtype}"


@constraint("tensor")
def interface_has_the_type_asked_for(
    tensor: Tensor, subgraph: Subgraph, context: ContractContext
) -> str | None:
    """Inputs and outputs of the model have the type given by --io.

    Integers and booleans of the source stay what they are.
    """
    if tensor.index not in (*subgraph.inputs, *subgraph.outputs):
        return None
    source_integers = (DataType.INT32, DataType.INT64, DataType.BOOL)
    if tensor.dtype in source_integers or tensor.dtype == context.io.upper():
        return None
    return f"{tensor.dtype} instead of {context.io}"


@constraint("tensor")
def quantization_is_valid(
    tensor: Tensor, subgraph: Subgraph, context: ContractContext
) -> str | None:
    """Scales and zero points are such that integers can stand for real numbers.

    Scales are finite and greater than zero, zero points lie in the range of the type, and a
    per-channel tensor has one scale for each channel.
    """
    del subgraph, context
    quantization = tensor.quantization
    if quantization is None or tensor.dtype not in _RANGES:
        return None
    if not all(math.isfinite(scale) and scale > 0 for scale in quantization.scales):
        return "a scale is zero, negative or not finite"
    low, high = _RANGES[tensor.dtype]
    if not all(low <= point <= high for point in quantization.zero_points):
        return f"a zero point lies outside {low}..{high}"
    if len(quantization.zero_points) != len(quantization.scales):
        return f"{len(quantization.scales)} scales, {len(quantization.zero_points)} zero points"
    if not quantization.is_per_channel:
        return None
    if quantization.axis not in range(len(tensor.shape)):
        return f"a scale for each index along axis {quantization.axis}, which it does not have"
    channels = tensor.shape[quantization.axis]
    if len(quantization.scales) != channels:
        return f"{len(quantization.scales)} scales for {channels} channels"
    return None


@constraint("operator")
def weights_are_symmetric(
    operator: Operator, subgraph: Subgraph, context: ContractContext
) -> str | None:
    """Integer weights of convolutions and fully connected layers have zero point 0.

    The kernels ignore any other.
    """
    del context
    weights = weights_of(operator, subgraph)
    if weights is None or weights.dtype is not DataType.INT8 or weights.quantization is None:
        return None
    bad = [point for point in weights.quantization.zero_points if point != 0]
    return f"{weights.name} has zero point {bad[0]}" if bad and weights.is_constant else None


@constraint("operator")
def bias_scale_is_product(
    operator: Operator, subgraph: Subgraph, context: ContractContext
) -> str | None:
    """A bias has the scale of the input times the scale of the weights.

    The kernels add it to the accumulator as it is.
    """
    del context
    if operator.kind not in ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED"):
        return None
    if len(operator.inputs) < 3 or min(operator.inputs[:3]) < 0:
        return None
    source, weights, bias = (subgraph.tensors[index] for index in operator.inputs[:3])
    if not (source.quantization and weights.quantization and bias.quantization):
        return None
    step = source.quantization.scales[0]
    given = bias.quantization.scales
    wanted = [step * scale for scale in weights.quantization.scales]
    if len(given) != len(wanted):
        return f"{bias.name} has {len(given)} scales, the weights {len(wanted)}"
    wrong = [
        index
        for index, (one, other) in enumerate(zip(given, wanted, strict=True))
        if not math.isclose(one, other, rel_tol=1e-5)
    ]
    return f"{bias.name} differs in channel {wrong[0]}" if wrong else None


@constraint("operator")
def fixed_output_scale(
    operator: Operator, subgraph: Subgraph, context: ContractContext
) -> str | None:
    """Operators with a fixed output range have the output scale of the specification.

    TFLite's 8-bit quantization specification fixes scale and zero point of SOFTMAX,
    LOG_SOFTMAX, LOGISTIC, TANH and L2_NORMALIZATION; the kernels assume them.
    """
    del context
    wanted = _FIXED_OUTPUTS.get(operator.kind)
    if wanted is None or not operator.outputs:
        return None
    output = subgraph.tensors[operator.outputs[0]]
    if output.dtype is not DataType.INT8 or output.quantization is None:
        return None
    given = (output.quantization.scales[0], output.quantization.zero_points[0])
    if math.isclose(given[0], wanted[0], rel_tol=1e-6) and given[1] == wanted[1]:
        return None
    return f"scale {given[0]:.6g}, zero point {given[1]}"


def _is_interface_cast(operator: Operator, subgraph: Subgraph, context: ContractContext) -> bool:
    if context.io is not Io.FLOAT32:
        return False
    if operator.kind == "QUANTIZE":
        return set(operator.inputs) <= set(subgraph.inputs)
    return operator.kind == "DEQUANTIZE" and set(operator.outputs) <= set(subgraph.outputs)


def _stored(tensor: Tensor, subgraph: Subgraph) -> Tensor:
    """Return the constant behind a tensor that a DEQUANTIZE of the model unpacks."""
    for operator in subgraph.operators:
        if operator.kind == "DEQUANTIZE" and tensor.index in operator.outputs:
            return subgraph.tensors[operator.inputs[0]]
    return tensor
