"""Make a float graph integer: inputs, every node by its rule, outputs, versions."""

from collections.abc import Mapping

from edgekit.bundle.manifest import Io
from edgekit.converters.graph.builder import GraphBuilder, Node, Value
from edgekit.converters.graph.data_type import DataType
from edgekit.converters.graph.model import Graph, Quantization
from edgekit.converters.quantize.addresses import settle_addresses
from edgekit.converters.quantize.box_selection import box_selections
from edgekit.converters.quantize.chains import find_formulas
from edgekit.converters.quantize.choices import Choices
from edgekit.converters.quantize.joining import float_tails
from edgekit.converters.quantize.masks import settle_masks
from edgekit.converters.quantize.normalizing import normalize_twice
from edgekit.converters.quantize.observe import Observations
from edgekit.converters.quantize.parameters import ACTIVATIONS
from edgekit.converters.quantize.quantizer import Quantizer
from edgekit.converters.quantize.registry import find_rule
from edgekit.converters.quantize.rules.lookup import look_up
from edgekit.converters.quantize.saturating import end_where_readers_saturate
from edgekit.converters.quantize.trained import NoRangesError, settle_grids
from edgekit.converters.quantize.versions import set_versions
from edgekit.converters.quantize.wide import expand_for_int16
from edgekit.converters.request import QuantizationRequest

__all__ = ["quantize_graph"]


def quantize_graph(
    graph: Graph,
    seen: Observations,
    request: QuantizationRequest,
    origins: Mapping[str, str],
    wide: frozenset[str] = frozenset(),
    choices: Choices | None = None,
) -> Graph:
    """Return the integer graph.

    Operators without an integer form stay in float, between DEQUANTIZE and QUANTIZE; whether
    they may is the contract's to say.

    Args:
        graph: A float graph of one subgraph.
        seen: What calibration samples showed.
        request: What is asked for; its scheme is int8, int16x8 or mixed.
        origins: Tensor name -> source node.
        wide: The source nodes whose operators read and write int16 under mixed.
        choices: Integers of weights, float islands and grids that were decided before.

    Raises:
        NoRangesError: Samples showed nothing, and a tensor has no trained grid.
    """
    choices = choices or Choices()
    builder = GraphBuilder.of(graph, origins)
    names = [value.name for value in builder.inputs], [value.name for value in builder.outputs]
    quantizer = Quantizer(
        builder,
        seen,
        ACTIVATIONS[request.scheme],
        per_channel_dense=request.per_channel_dense,
        wide=wide,
        weights=choices.weights,
        grids=choices.grids,
        four_bits=request.four_bits,
    )
    settle_masks(quantizer)
    if quantizer.is_int8:
        normalize_twice(builder, quantizer)
    expand_for_int16(builder, quantizer)
    formulas = find_formulas(builder, quantizer.grid_of) if quantizer.is_int8 else {}
    in_float = request.float_islands and request.io is Io.FLOAT32
    kept = settle_addresses(builder, quantizer, request.io) | box_selections(builder)
    if in_float:
        kept |= float_tails(builder, quantizer)
    kept |= {node for node in builder.nodes if node.outputs[0].origin in choices.islands}
    end_where_readers_saturate(
        builder, quantizer, kept, {source for source, _ in formulas.values()}
    )
    builder.inputs = [_open(quantizer, value, request.io) for value in builder.inputs]
    for node in builder.nodes:
        quantizer.turn_to(node)
        if node in kept:
            quantizer.island(node)
        elif node in formulas:
            quantizer.turn_to(None)
            look_up(quantizer, node, *formulas[node])
        else:
            _quantize_node(quantizer, node)
    quantizer.turn_to(None)
    builder.outputs = [_close(quantizer, value, request.io) for value in builder.outputs]
    if quantizer.unknown and not seen.ranges:
        raise NoRangesError(list(dict.fromkeys(quantizer.unknown)))
    builder.nodes = quantizer.nodes
    builder.remove_dead()
    set_versions(builder)
    for values, wanted in zip((builder.inputs, builder.outputs), names, strict=True):
        _name(builder, values, wanted)
    return builder.finish(graph.main.name)


def _quantize_node(quantizer: Quantizer, node: Node) -> None:
    touched = [*node.reads(), *node.outputs]
    is_real = any(value.dtype is DataType.FLOAT32 for value in touched)
    if not is_real and all(value.quantization is None for value in touched):
        quantizer.nodes.append(node)
        return
    rule = find_rule(node.kind)
    if rule is None:
        quantizer.island(node)
    else:
        outputs = list(node.outputs)
        rule(quantizer, node)
        settle_grids(quantizer, outputs)


def _open(quantizer: Quantizer, value: Value, io: Io) -> Value:
    """Make an input integer; return what the caller of the model gives."""
    if value.dtype is not DataType.FLOAT32 or value in quantizer.float_inputs:
        return value
    inner = quantizer.observed(value)
    outer = Value(value.name, value.shape, DataType(io.upper()), None, _at(inner, io), value.origin)
    if outer.dtype is quantizer.activations.dtype:
        quantizer.become(value, inner)
        return value
    value.name = f"{value.name}/quantized"
    quantizer.become(value, inner)
    quantizer.nodes.append(Node("QUANTIZE", [outer], [value]))
    return outer


def _close(quantizer: Quantizer, value: Value, io: Io) -> Value:
    """Return what the caller of the model gets for an output."""
    if value.dtype is DataType.FLOAT32:
        if io is Io.FLOAT32:
            return value
        value = quantizer.integer(value)
    if value.quantization is None:
        return value
    if io is Io.FLOAT32:
        return quantizer.real(value)
    value = quantizer.integer(value)
    assert value.quantization is not None
    if DataType(io.upper()) is value.dtype:
        return value
    wanted = _at(value.quantization, io)
    assert wanted is not None
    return quantizer.cast(value, wanted, DataType(io.upper()))


def _at(quantization: Quantization, io: Io) -> Quantization | None:
    """Return the parameters of the same grid in the interface's type."""
    if io is Io.FLOAT32:
        return None
    shift = 128 if io is Io.UINT8 else 0
    points = tuple(point + shift for point in quantization.zero_points)
    return Quantization(quantization.scales, points, 0)


def _name(builder: GraphBuilder, values: list[Value], names: list[str]) -> None:
    others = {value for node in builder.nodes for value in (*node.reads(), *node.outputs)}
    for value, name in zip(values, names, strict=True):
        for other in others:
            if other is not value and other.name == name:
                other.name = f"{name}/inner"
        value.name = name
