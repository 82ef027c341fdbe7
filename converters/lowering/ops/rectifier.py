"""Operators that bend or cut a number line: Relu and its relatives, Clip."""

from edgekit.converters.graph.builder import Value
from edgekit.converters.lowering.broadcasting import align
from edgekit.converters.lowering.context import Lowering
from edgekit.converters.lowering.errors import RefusedError
from edgekit.converters.lowering.formula import LARGEST, Formula, over_elements
from edgekit.converters.lowering.kernels import require_kernel
from edgekit.converters.lowering.registry import lowers
from edgekit.converters.lowering.source_graph import SourceNode


@lowers("Relu")
def relu(context: Lowering, node: SourceNode) -> None:
    """Lower a rectifier, of integers too."""
    over_elements(context, node, _rectified)


@lowers("LeakyRelu")
def leaky_relu(context: Lowering, node: SourceNode) -> None:
    """Lower a rectifier with a slope below zero."""
    alpha = node.number("alpha", 0.01)
    over_elements(context, node, lambda x: x.unary("LEAKY_RELU", alpha=alpha))


@lowers("PRelu")
def prelu(context: Lowering, node: SourceNode) -> None:
    """Lower a rectifier with slopes that broadcast; one slope for all makes it LEAKY_RELU."""
    name, given = node.inputs[:2]
    slope = context.constant(given)
    if slope is not None and slope.size == 1 and context.rank(given) <= context.rank(name):
        alpha = float(slope.reshape(()))
        over_elements(context, node, lambda x: x.unary("LEAKY_RELU", alpha=alpha))
        return
    axes = context.axes(name)
    value = context.get(name, axes)
    require_kernel(node, "PRELU", value.dtype)
    slopes = _unit_axes(context, align(context, given, axes), len(axes))
    context.set(node.outputs[0], context.emit("PRELU", [value, slopes], value.shape), axes)


def _unit_axes(context: Lowering, slopes: Value, rank: int) -> Value:
    """Give slopes all axes but the batch, as other converters do and delegates expect."""
    missing = max(rank - 1 - len(slopes.shape), 0)
    return context.reshape(slopes, (1,) * missing + slopes.shape)


@lowers("ThresholdedRelu")
def thresholded_relu(context: Lowering, node: SourceNode) -> None:
    """Lower what lets pass only what is above a threshold."""
    alpha = node.number("alpha", 1.0)
    over_elements(context, node, lambda x: x.binary("GREATER", alpha).where(x, 0.0))


@lowers("Elu", "Celu", "Selu")
def exponential_unit(context: Lowering, node: SourceNode) -> None:
    """Lower a rectifier that bends exponentially below zero.

    Formulas: ONNX operator specification.
    """
    alpha = node.number("alpha", 1.67326319217681884765625 if node.kind == "Selu" else 1.0)
    gamma = node.number("gamma", 1.05070102214813232421875) if node.kind == "Selu" else 1.0
    if node.kind == "Celu" and alpha <= 0.0:
        raise RefusedError(node, f"alpha is {alpha}", hint="it has to be positive")

    def formula(x: Formula) -> Formula:
        if alpha == gamma == 1.0:
            return x.unary("ELU")
        if node.kind == "Celu":
            return (x * (1.0 / alpha)).unary("ELU") * alpha
        below = x.binary("MINIMUM", 0.0).unary("ELU") * (alpha * gamma)
        above = x.unary("RELU")
        return below + (above if gamma == 1.0 else above * gamma)

    over_elements(context, node, formula)


@lowers("Clip")
def clip_by_attributes(context: Lowering, node: SourceNode) -> None:
    """Lower limits that are attributes, as until opset 10."""
    low, high = node.number("min", -LARGEST), node.number("max", LARGEST)
    over_elements(context, node, lambda x: clipped(x, low, high))


@lowers("Clip", since=11)
def clip(context: Lowering, node: SourceNode) -> None:
    """Lower limits that are inputs, each of which may be absent or computed."""
    limits: list[float | Formula | None] = []
    for position in (1, 2):
        if not node.has(position):
            limits.append(None)
            continue
        data = context.constant(node.inputs[position])
        if data is not None:
            limits.append(data.reshape(()).item())
        else:
            limits.append(Formula(context, context.get(node.inputs[position])))

    def formula(x: Formula) -> Formula:
        low, high = (
            item.cast(x.value.dtype) if isinstance(item, Formula) else item for item in limits
        )
        return clipped(x, low, high)

    over_elements(context, node, formula)


def clipped(x: Formula, low: "float | Formula | None", high: "float | Formula | None") -> Formula:
    """Cut ``x`` off, by operators that other operators can absorb where there are such.

    As the specification has it, where the limits cross, all becomes the upper one.
    """
    is_float = x.value.dtype.is_float
    if is_float and isinstance(low, float | int) and low <= -LARGEST:
        low = None
    if is_float and isinstance(high, float | int) and high >= LARGEST:
        high = None
    if is_float and low == 0.0 and high == 6.0:
        return x.unary("RELU6")
    if low is not None:
        is_zero = not isinstance(low, Formula) and low == 0
        x = _rectified(x) if is_zero else x.binary("MAXIMUM", low)
    return x if high is None else x.binary("MINIMUM", high)


def _rectified(x: Formula) -> Formula:
    return x.unary("RELU") if x.value.dtype.is_float else x.binary("MAXIMUM", 0)
