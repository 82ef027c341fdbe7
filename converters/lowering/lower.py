"""Lower an ONNX source to the float graph: prepare, lower each node, clean, name the interface."""

from dataclasses import dataclass
from typing import Any

from edgekit.converters.graph.builder import GraphBuilder, Value
from edgekit.converters.graph.model import Graph
from edgekit.converters.interface import Interface, SourceLink
from edgekit.converters.layout import CHANNELS_LAST_AXES, channels_last_inputs
from edgekit.converters.lowering.context import Lowering, identity
from edgekit.converters.lowering.control_flow import fold_known
from edgekit.converters.lowering.errors import RefusedError
from edgekit.converters.lowering.infinities import refuse_saturated_outputs
from edgekit.converters.lowering.low_rank import merge_low_rank
from edgekit.converters.lowering.no_ops import drop_no_ops
from edgekit.converters.lowering.passes import clean_graph
from edgekit.converters.lowering.prepare import COUNTING, prepare
from edgekit.converters.lowering.registry import find_handler
from edgekit.converters.lowering.source_graph import (
    SourceGraph,
    SourceNode,
    read_source_graph,
)
from edgekit.converters.lowering.source_patterns import recognise_patterns
from edgekit.converters.sources.base import SourceModel, probe_sample
from edgekit.errors import EdgekitError

__all__ = ["LoweredGraph", "finished", "folded_source", "lower_source"]


@dataclass(frozen=True, slots=True)
class LoweredGraph:
    """A float graph with the source's interface.

    Attributes:
        graph: The float graph.
        inputs: In the source's order.
        outputs: In the source's order.
        origins: Tensor name -> source node that made it.
        links: Tensor name -> the source's tensor that it stands for or is made from.
    """

    graph: Graph
    inputs: tuple[Interface, ...]
    outputs: tuple[Interface, ...]
    origins: dict[str, str]
    links: dict[str, SourceLink]


def lower_source(source: SourceModel) -> LoweredGraph:
    """Lower a source.

    Raises:
        RefusedError: A node cannot be expressed exactly; nothing is approximated.
    """
    model, folded = _folded(source)
    moved = channels_last_inputs(model)
    pinned = frozenset(source.trained)
    graph, _ = merge_low_rank(drop_no_ops(folded, source.trained), pinned)
    graph = recognise_patterns(graph, pinned)
    refuse_saturated_outputs(graph)
    context = Lowering(graph)
    context.builder.pinned = pinned
    inputs = tuple(_open_input(context, item.name, item.name in moved) for item in source.inputs)
    for node in context.source.nodes:
        context.node = node
        _require_elements(context, node)
        find_handler(node)(context, node)
    context.node = None
    outputs = tuple(_close_output(context, item.name) for item in source.outputs)
    clean_graph(context.builder)
    return finished(context.builder, source.name, inputs, outputs)


def folded_source(source: SourceModel) -> SourceGraph:
    """Return the nodes of an ONNX source with everything folded that is known before it runs.

    Args:
        source: Its format is ONNX.
    """
    return _folded(source)[1]


def _folded(source: SourceModel) -> tuple[Any, SourceGraph]:
    import onnx

    model = prepare(onnx.load_from_string(source.content))
    model, values = fold_known(model, probe_sample(source.inputs))
    return model, read_source_graph(model, values)


def finished(
    builder: GraphBuilder,
    name: str,
    inputs: tuple[Interface, ...],
    outputs: tuple[Interface, ...],
) -> LoweredGraph:
    """Return what was built with what is known of its tensors."""
    _link_reshaped(builder)
    names = builder.tensor_names()
    return LoweredGraph(
        graph=builder.finish(name),
        inputs=inputs,
        outputs=outputs,
        origins={given: value.origin for value, given in names.items() if value.origin},
        links={given: value.link for value, given in names.items() if value.link},
    )


def _link_reshaped(builder: GraphBuilder) -> None:
    """Say of what is reshaped into a linked tensor, or from one, that it holds the same."""
    reshapes = [node for node in builder.nodes if node.kind == "RESHAPE"]
    for node in (*reshapes[::-1], *reshapes):
        before, after = node.inputs[0], node.outputs[0]
        if before is not None and not before.is_constant:
            before.link = before.link or after.link
            after.link = after.link or before.link


def _require_elements(context: Lowering, node: SourceNode) -> None:
    if node.kind in COUNTING and not node.domain:
        return  # their own lowerings say what they are refused for
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


def _open_input(context: Lowering, name: str, channels_last: bool) -> Interface:
    _require_size(context, name)
    rank = context.rank(name)
    axes = CHANNELS_LAST_AXES[rank] if channels_last else identity(rank)
    shape = tuple(context.shape(name)[axis] for axis in axes)
    value = Value(name, shape, context.dtype(name))
    context.builder.inputs.append(value)
    context.set(name, value, axes)
    return Interface(name, axes)


def _require_size(context: Lowering, name: str) -> None:
    if 0 in context.shape(name):
        raise EdgekitError(
            f"tensor '{name}' of shape {context.shape(name)} is empty",
            hint="no model for a device takes or gives tensors without elements",
        )


def _close_output(context: Lowering, name: str) -> Interface:
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
    value.name, value.link = name, SourceLink(name, axes)
    builder.outputs.append(value)
    return Interface(name, axes)
