"""Make a float graph of a quantized one, and keep what it was quantized with beside it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from edgekit.converters.finding import CompressionFinding
from edgekit.converters.sources.trained.dynamic import Dynamic
from edgekit.converters.sources.trained.errors import TrainedGridError
from edgekit.converters.sources.trained.grids import read_grid
from edgekit.converters.sources.trained.operators import OPERATORS
from edgekit.converters.sources.trained.spreading import MOVING, spread_grids
from edgekit.converters.sources.trained.state import State
from edgekit.converters.trained_grid import TrainedGrid

__all__ = ["TakenGrids", "take_grids"]

_UINT8 = 2  # ONNX's TensorProto.DataType


@dataclass(frozen=True, slots=True)
class TakenGrids:
    """What was taken out of a model.

    Attributes:
        trained: Tensor of the float graph -> its grid.
        findings: One for each tensor that training or calibration gave one.
        notices: What was decided, one sentence each.
    """

    trained: Mapping[str, TrainedGrid] = field(default_factory=dict, repr=False)
    findings: tuple[CompressionFinding, ...] = ()
    notices: tuple[str, ...] = ()


def take_grids(model: Any) -> TakenGrids:
    """Make a quantized model a float one, in place.

    Weights become the numbers that their integers stand for, under the integers' name; pairs of
    QuantizeLinear and DequantizeLinear vanish; operators on integers become those on floats. An
    activation that only a grid's lower end computed is written out again.

    Args:
        model: An ``onnx.ModelProto`` that onnxruntime runs and whose grids were checked.

    Raises:
        TrainedGridError: A node computes on integers in a way that has no float form.
    """
    graph = model.graph
    opsets = [item.version for item in model.opset_import if item.domain in ("", "ai.onnx")]
    state = State(graph, max(opsets, default=1))
    dynamic = Dynamic(state)
    outputs = [value.name for value in graph.output]
    for node in graph.node:
        handle = _HANDLERS.get(node.op_type)
        if handle is not None and node.domain in ("", "ai.onnx", "com.microsoft"):
            handle(state, node)
        elif not dynamic.takes(node):
            dynamic.refuse_open(node)
            _pass_on(state, node)
    _name_outputs(state, outputs)
    _replace(graph, state)
    notices = []
    if state.restored:
        names = ", ".join(f"'{name}'" for name in state.restored[:3])
        more = f" and {len(state.restored) - 3} more" if len(state.restored) > 3 else ""
        notices.append(
            f"the grids of {names}{more} begin at zero: the activation that they are is written "
            "out in the float graph"
        )
    wide = sorted({g.dtype for g in state.grids.values() if g.dtype in ("int16", "uint16")})
    if wide:
        notices.append(
            f"some trained grids are {' and '.join(wide)}: --scheme int16x8 keeps those with a "
            "zero point in the middle"
        )
    return TakenGrids(spread_grids(graph, state.grids), tuple(state.findings), tuple(notices))


def _quantize(state: State, node: Any) -> None:
    name = node.input[0]
    values = state.constants.get(name)
    known = values is not None or state.real(name) in state.initializers
    rank = values.ndim if values is not None else None
    if known and rank is None:
        rank = state.initializers[state.real(name)].ndim
    grid = read_grid(node, state.constants, (1, 2), _type_of(node), rank)
    if known:
        state.quantized_constant(node, name, grid)
    else:
        state.write(node, grid, name, node.output[0])


def _dequantize(state: State, node: Any) -> None:
    state.alias(node.output[0], state.read(node, 0, (1, 2)))


def _type_of(node: Any) -> str:
    """Return the type of the integers where no zero point tells."""
    from onnx import helper

    number = next((item.i for item in node.attribute if item.name == "output_dtype"), 0)
    return helper.tensor_dtype_to_np_dtype(number or _UINT8).name


def _pass_on(state: State, node: Any) -> None:
    """Take a node over that computes on floats, or moves integers."""
    integers = [name for name in node.input if state.is_integer(name)]
    if integers and (node.domain or not (node.op_type in MOVING or _takes_nearest(node))):
        raise TrainedGridError(
            node,
            f"it computes on the integers of '{integers[0]}'",
            hint="quantize the model to pairs of QuantizeLinear and DequantizeLinear around "
            "float operators",
        )
    if (
        len({(state.grid_of(name).scales, state.grid_of(name).zero_points) for name in integers})
        > 1
    ):
        raise TrainedGridError(
            node, "it joins integers of several grids", hint="join floats, or use one grid"
        )
    if _is_moved_constant(state, node):
        return
    _refuse_bodies(state, node)
    copied = type(node)()
    copied.CopyFrom(node)
    copied.input[:] = [
        state.float_of(name) if state.is_integer(name) else state.real(name) for name in node.input
    ]
    state.add(copied)
    if integers:
        state.moved(node, integers[0])


def _refuse_bodies(state: State, node: Any) -> None:
    """Refuse grids in the bodies of If, Loop and Scan, and tensors with grids that they read."""
    inner = [item for attribute in node.attribute for item in attribute.g.node]
    quantized = [item for item in inner if item.op_type in _HANDLERS]
    read = [name for item in inner for name in item.input if name]
    changed = [name for name in read if state.is_integer(name) or state.real(name) != name]
    if quantized or changed:
        what = f"a {quantized[0].op_type}" if quantized else f"'{changed[0]}', which has a grid"
        raise TrainedGridError(
            node,
            f"its body holds {what}",
            hint="take what is quantized out of the body, or quantize the model without it",
        )


def _takes_nearest(node: Any) -> bool:
    """Whether a node enlarges a picture without computing new values."""
    modes = [item.s for item in node.attribute if item.name == "mode"]
    return node.op_type == "Resize" and modes in ([], [b"nearest"])


def _is_moved_constant(state: State, node: Any) -> bool:
    """Take over what only turns or renames weights, so that they keep their grid."""
    if node.op_type not in ("Transpose", "Identity") or node.domain:
        return False
    values = state.initializers.get(state.real(node.input[0]))
    if values is None:
        return False
    order = tuple(range(values.ndim))
    if node.op_type == "Transpose":
        given = next((list(item.ints) for item in node.attribute if item.name == "perm"), None)
        order = tuple(given) if given else order[::-1]
    return state.moved_constant(node.input[0], node.output[0], order)


def _name_outputs(state: State, outputs: list[str]) -> None:
    """Give the model's outputs their names again."""
    from onnx import helper

    made = {name: node for node in state.nodes for name in node.output if name}
    for name in outputs:
        tensor = state.real(name)
        if state.is_integer(name):
            node = made[state.float_of(name)]
            raise TrainedGridError(
                node,
                f"the model's output '{name}' is integers",
                hint="end the model with DequantizeLinear; --io int8 gives integers all the same",
            )
        if tensor == name:
            continue
        if tensor in made and tensor not in outputs:
            for node in state.nodes:
                node.input[:] = [name if item == tensor else item for item in node.input]
                node.output[:] = [name if item == tensor else item for item in node.output]
            state.rename(tensor, name)
            made[name] = made.pop(tensor)
        else:
            node = helper.make_node("Identity", [tensor], [name], name=name)
            state.add(node)
            made[name] = node
            if tensor in state.grids:
                state.grids[name] = state.grids[tensor]


def _replace(graph: Any, state: State) -> None:
    from onnx import numpy_helper

    del graph.node[:]
    graph.node.extend(state.nodes)
    read = {name for node in graph.node for name in node.input}
    for node in graph.node:
        for item in node.attribute:
            for body in (item.g, *item.graphs):
                read.update(name for inner in body.node for name in inner.input)
    kept = [
        item
        for item in graph.initializer
        if item.name in read and item.name not in state.initializers
    ]
    made = {name for node in graph.node for name in node.output}
    del graph.initializer[:]
    graph.initializer.extend(kept)
    graph.initializer.extend(
        numpy_helper.from_array(values, name)
        for name, values in state.initializers.items()
        if name in read and name not in made
    )
    del graph.value_info[:]


_HANDLERS: dict[str, Callable[[State, Any], None]] = {
    "QuantizeLinear": _quantize,
    "DequantizeLinear": _dequantize,
    **OPERATORS,
}
