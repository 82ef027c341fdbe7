"""What a device's runtime demands of a model. Docstrings are the messages."""

from edgekit.converters.contract.base import ContractContext, constraint
from edgekit.converters.contract.weights import weights_of
from edgekit.converters.graph import DataType, Operator, Subgraph, Tensor, peak_activation_bytes
from edgekit.device_profiles import FitVerdict, RuntimeSupport, fit

_TYPE_OF_INPUT = frozenset(
    [
        "ARG_MAX",
        "ARG_MIN",
        "CAST",
        "DEQUANTIZE",
        "EQUAL",
        "GREATER",
        "GREATER_EQUAL",
        "LESS",
        "LESS_EQUAL",
        "NOT_EQUAL",
        "QUANTIZE",
    ]
)


@constraint("operator", per_device=True)
def operator_is_supported(
    operator: Operator, subgraph: Subgraph, context: ContractContext
) -> str | None:
    """The device's runtime has a kernel for every operator."""
    del subgraph
    runtime = _runtime(context)
    if operator.is_custom or operator.kind in runtime.operators.value:
        return None
    return f"{runtime.title} has no {operator.kind}"


@constraint("operator", per_device=True)
def operator_version_is_supported(
    operator: Operator, subgraph: Subgraph, context: ContractContext
) -> str | None:
    """The device's runtime knows the version of every operator."""
    del subgraph
    runtime = _runtime(context)
    known = operator.kind in runtime.operators.value
    if not known or runtime.supports(operator.kind, operator.version):
        return None
    return (
        f"version {operator.version}, {runtime.title} {runtime.release.value} takes up to "
        f"{runtime.max_version(operator.kind)}"
    )


@constraint("operator", per_device=True)
def operator_takes_the_type(
    operator: Operator, subgraph: Subgraph, context: ContractContext
) -> str | None:
    """The kernel of every operator takes the type of its data."""
    runtime = _runtime(context)
    allowed = runtime.dtypes_of(operator.kind)
    data = operator.inputs if operator.kind in _TYPE_OF_INPUT else operator.outputs
    if allowed is None or not data or data[0] < 0:
        return None
    name = subgraph.tensors[data[0]].dtype.value.lower()
    if name in allowed:
        return None
    return f"{operator.kind} on {name}, {runtime.title} takes {', '.join(sorted(allowed))}"


@constraint("tensor", per_device=True)
def tensor_type_is_supported(
    tensor: Tensor, subgraph: Subgraph, context: ContractContext
) -> str | None:
    """The device's runtime knows the type of every tensor."""
    del subgraph
    runtime = _runtime(context)
    name = tensor.dtype.value.lower()
    if tensor.dtype in (DataType.RESOURCE, DataType.VARIANT) or name in runtime.dtypes.value:
        return None
    return f"type {name}"


@constraint("operator", per_device=True)
def fully_connected_is_per_tensor(
    operator: Operator, subgraph: Subgraph, context: ContractContext
) -> str | None:
    """FULLY_CONNECTED weights have one scale where the runtime has no per-channel kernel."""
    if operator.kind != "FULLY_CONNECTED" or _runtime(context).per_channel_fully_connected.value:
        return None
    weights = weights_of(operator, subgraph)
    if not (weights and weights.quantization and weights.quantization.is_per_channel):
        return None
    return f"{weights.name} has {len(weights.quantization.scales)} scales"


@constraint("operator", per_device=True)
def data_and_weights_go_together(
    operator: Operator, subgraph: Subgraph, context: ContractContext
) -> str | None:
    """Float data meet integer weights only where the runtime has kernels for both.

    The scheme dynamic makes such layers.
    """
    runtime, weights = _runtime(context), weights_of(operator, subgraph)
    if weights is None or runtime.hybrid_kernels is None or runtime.hybrid_kernels.value:
        return None
    floats = any(tensor.dtype.is_float for tensor in subgraph.outputs_of(operator))
    if not floats or weights.dtype.is_float:
        return None
    return f"float data with {weights.dtype} weights, which {runtime.title} does not take"


@constraint("operator", per_device=True)
def four_bit_weights_have_a_kernel(
    operator: Operator, subgraph: Subgraph, context: ContractContext
) -> str | None:
    """INT4 weights stand beside int8 data at operators whose kernels take them.

    Some take one scale for all weights, and none for each output channel.
    """
    weights, runtime = weights_of(operator, subgraph), _runtime(context)
    if weights is None or weights.dtype is not DataType.INT4:
        return None
    channels = weights.quantization is not None and weights.quantization.is_per_channel
    known = runtime.int4_weights_per_channel if channels else runtime.int4_weights
    others = {tensor.dtype for tensor in subgraph.outputs_of(operator)} - {DataType.INT8}
    if known is None or (operator.kind in known.value and not others):
        return None
    scales = "a scale a channel" if channels else "one scale"
    data = f" on {others.pop().lower()}" if others else ""
    return f"{weights.name} is INT4 with {scales}{data}, which {runtime.title} does not take"


@constraint("tensor", per_device=True)
def rank_is_supported(tensor: Tensor, subgraph: Subgraph, context: ContractContext) -> str | None:
    """No tensor has more dimensions than the device's runtime can hold."""
    del subgraph
    limit = _runtime(context).max_rank
    if limit is None or len(tensor.shape) <= limit.value:
        return None
    return f"rank {len(tensor.shape)}, at most {limit.value}"


@constraint("graph", per_device=True)
def model_fits_memory(subgraph: Subgraph, context: ContractContext, model_bytes: int) -> str | None:
    """The model fits the memories of the device.

    On a microcontroller its file must fit the flash, and the tensors that are alive together
    the RAM; elsewhere both must fit the RAM.
    """
    assert context.device is not None
    activations = peak_activation_bytes(subgraph)
    report = fit(context.device, model_bytes=model_bytes, activation_bytes=activations)
    if report.verdict is not FitVerdict.DOES_NOT_FIT:
        return None
    found = []
    for name, memory in (("RAM", report.ram), ("flash", report.flash)):
        if memory and memory.margin_bytes is not None and memory.margin_bytes < 0:
            found.append(f"{name} is {-memory.margin_bytes} bytes short")
    return " and ".join(found)


def _runtime(context: ContractContext) -> RuntimeSupport:
    assert context.device is not None
    return context.device.runtime
