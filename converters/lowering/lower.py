"""Lower an ONNX source to the float graph: prepare, lower each node, clean, name the interface."""

from dataclasses import dataclass

from edgekit.converters.graph.builder import GraphBuilder, Value
from edgekit.converters.graph.model import Graph
from edgekit.converters.layout import CHANNELS_LAST_AXES, channels_last_inputs
from edgekit.converters.lowering.context import Axes, Lowering, identity
from edgekit.converters.lowering.control_flow import fold_known
from edgekit.converters.lowering.errors import RefusedError
from edgekit.converters.lowering.infinities import refuse_saturated_outputs
from edgekit.converters.lowering.no_ops import drop_no_ops
from edgekit.converters.lowering.passes import clean_graph
from edgekit.converters.lowering.prepare import prepare
from edgekit.converters.lowering.registry import find_handler
from edgekit.converters.lowering.source_graph import SourceNode, read_source_graph
from edgekit.converters.lowering.source_patterns import recognise_patterns
from edgekit.converters.sources.base import SourceModel, probe_sample
from edgekit.errors import EdgekitError

__all__ = ["LoweredGraph", "lower_source"]


@dataclass(frozen=True, slots=True)
class LoweredGraph:
    """A float graph with the source's interface.

    Attributes:
        graph: The float graph.
        input_axes: Axis order of each input, in the source's order.
        output_axes: Axis order of each output, in the source's order.
        origins: Tensor name -> source node that made it.
    """

    graph: Graph
    input_axes: tuple[Axes, ...]
    output_axes: tuple[Axes, ...]
    origins: dict[str, str]


def lower_source(source: SourceModel) -> LoweredGraph:
    """Lower a source.

    Raises:
        RefusedError: A node cannot be expressed exactly; nothing is approximated.
    """
    import onnx

    model = prepare(onnx.load_from_string(source.content))
    model, values = fold_known(model, probe_sample(source.inputs))
    moved = channels_last_inputs(model)
    graph = recognise_patterns(drop_no_ops(read_source_graph(model, values)))
    refuse_saturated_outputs(graph)
    context = Lowering(graph)
    input_axes = tuple(_open_input(context, name, name in moved) for name in _inputs(source))
    for node in context.source.nodes:
        context.node = node
        _require_elements(context, node)
        find_handler(node)(context, node)
    context.node = None
    output_axes = tuple(_close_output(context, item.name) for item in source.outputs)
    clean_graph(context.builder)
    return LoweredGraph(
        graph=context.builder.finish(source.name),
        input_axes=input_axes,
        output_axes=output_axes,
        origins=_origins(context.builder),
    )


def _require_elements(context: Lowering, node: SourceNode) -> None:
    computed = [name for name in node.inputs if name and context.constant(name) is None]
    for name in (*computed, *filter(None, node.outputs)):
        if 0 not in context.shape(name):
            continue
        sizes = [item for item in computed if context.source.dtypes[item].kind in "bi"]
        if sizes and name in node.outputs:
            raise RefusedError(
                node,
                f"its output's shape depends on '{sizes[-1]}', computed while the model runs",
                hint="export the model with fixed sizes",
            )
        raise RefusedError(node, f"tensor '{name}' of shape {context.shape(name)} is empty")


def _inputs(source: SourceModel) -> list[str]:
    return [item.name for item in source.inputs]


def _open_input(context: Lowering, name: str, channels_last: bool) -> Axes:
    _require_size(context, name)
    rank = context.rank(name)
    axes = CHANNELS_LAST_AXES[rank] if channels_last else identity(rank)
    shape = tuple(context.shape(name)[axis] for axis in axes)
    value = Value(name, shape, context.dtype(name))
    context.builder.inputs.append(value)
    context.set(name, value, axes)
    return axes


def _require_size(context: Lowering, name: str) -> None:
    if 0 in context.shape(name):
        raise EdgekitError(
            f"tensor '{name}' of shape {context.shape(name)} is empty",
            hint="no model for a device takes or gives tensors without elements",
        )


def _close_output(context: Lowering, name: str) -> Axes:
    _require_size(context, name)
    axes = context.axes(name)
    value = context.get(name, axes)
    builder = context.builder
    if value in builder.inputs or value in builder.outputs or value.is_constant:
        # An output must be a tensor of its own.
        target = builder.integers(value.shape, "shape")
        value = builder.emit(
            "RESHAPE", [value, target], value.shape, name=name, new_shape=value.shape
        )
    value.name = name
    builder.outputs.append(value)
    return axes


def _origins(builder: GraphBuilder) -> dict[str, str]:
    return {
        value.name: value.origin for node in builder.nodes for value in node.outputs if value.origin
    }
