"""Axis order of interface tensors: which inputs are pictures or signals, and what moved where."""

import itertools
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from edgekit.bundle.manifest import Layout

if TYPE_CHECKING:
    from edgekit.converters.lowering.source_graph import SourceNode

__all__ = [
    "CHANNELS_LAST_AXES",
    "channels_last_inputs",
    "layout_of",
    "matching_axes",
    "tensors_towards_spatial",
    "values_agree",
]

CHANNELS_LAST_AXES = {3: (0, 2, 1), 4: (0, 2, 3, 1), 5: (0, 2, 3, 4, 1)}
"""Source axes in channels-last order, by rank: NCW, NCHW and NCDHW sources."""

_LAYOUTS = {3: Layout.NWC, 4: Layout.NHWC, 5: Layout.NDHWC}

# Operators whose first input has its channels on axis 1, by the ONNX specification.
_CHANNELS_FIRST = frozenset(
    [
        "AveragePool",
        "BatchNormalization",
        "Conv",
        "ConvInteger",
        "ConvTranspose",
        "DepthToSpace",
        "GlobalAveragePool",
        "GlobalLpPool",
        "GlobalMaxPool",
        "GridSample",
        "GroupNormalization",
        "InstanceNormalization",
        "LRN",
        "LpPool",
        "MaxPool",
        "QLinearConv",
        "SpaceToDepth",
    ]
)
# Operators that keep every axis where it is.
_AXIS_PRESERVING = frozenset(
    [
        "Abs",
        "Add",
        "Cast",
        "Celu",
        "Clip",
        "Concat",
        "DequantizeLinear",
        "Div",
        "Dropout",
        "Elu",
        "Erf",
        "Exp",
        "Gelu",
        "HardSigmoid",
        "HardSwish",
        "Identity",
        "LeakyRelu",
        "Log",
        "Max",
        "Min",
        "Mish",
        "Mul",
        "Neg",
        "PRelu",
        "Pad",
        "Pow",
        "QuantizeLinear",
        "Reciprocal",
        "Relu",
        "Resize",
        "Selu",
        "Sigmoid",
        "Slice",
        "Softplus",
        "Softsign",
        "Split",
        "Sqrt",
        "Sub",
        "Sum",
        "Tanh",
        "Upsample",
        "Where",
    ]
)


def channels_last_inputs(model: Any) -> frozenset[str]:
    """Return the inputs of an ONNX model that carry channels on axis 1.

    An input does when an operator that is defined on channels-first tensors reads it, possibly
    after operators that keep every axis in place. Sizes play no part in it, so H = W = C is
    no special case. All other inputs (tokens, feature vectors, matrices) keep their axes.
    """
    consumers: dict[str, list[Any]] = {}
    for node in model.graph.node:
        for name in node.input:
            consumers.setdefault(name, []).append(node)
    found = set()
    for value in model.graph.input:
        if len(value.type.tensor_type.shape.dim) not in CHANNELS_LAST_AXES:
            continue
        pending, seen = [value.name], {value.name}
        while pending:
            tensor = pending.pop()
            for node in consumers.get(tensor, ()):
                if node.op_type in _CHANNELS_FIRST and node.input[0] == tensor:
                    found.add(value.name)
                elif node.op_type in _AXIS_PRESERVING:
                    new = [name for name in node.output if name not in seen]
                    seen.update(new)
                    pending.extend(new)
    return frozenset(found)


def tensors_towards_spatial(nodes: Iterable["SourceNode"]) -> frozenset[str]:
    """Return the tensors that reach an operator defined on channels-first tensors.

    Possibly through operators that keep every axis in place.

    Args:
        nodes: In the order of computation.
    """
    found: set[str] = set()
    for node in reversed(tuple(nodes)):
        if node.kind in _CHANNELS_FIRST:
            found.add(node.inputs[0])
        elif node.kind in _AXIS_PRESERVING and found.intersection(node.outputs):
            found.update(node.inputs)
    return frozenset(found)


def layout_of(axes: tuple[int, ...]) -> Layout:
    """Name an axis order."""
    if axes == tuple(range(len(axes))):
        return Layout.SOURCE
    if axes == CHANNELS_LAST_AXES.get(len(axes)):
        return _LAYOUTS[len(axes)]
    return Layout.PERMUTED


def matching_axes(
    source: Sequence[npt.NDArray[Any]],
    lowered: Sequence[npt.NDArray[Any]],
    *,
    tolerance: float,
) -> list[tuple[int, ...]]:
    """Return every axis order under which the lowered values are the source's.

    Orders that differ only in where axes of size 1 stand give the same data; of those, only
    the first is returned (the source's own order, then channels last, then the others).

    Args:
        source: Values of one tensor for several samples, in the source's axes.
        lowered: The same tensor after lowering.
        tolerance: Largest allowed difference, relative to the largest finite magnitude. NaN
            and infinities have to stand in the same places.
    """
    rank = source[0].ndim
    if lowered[0].ndim != rank:
        return []
    identity = tuple(range(rank))
    first = [identity, *([CHANNELS_LAST_AXES[rank]] if rank in CHANNELS_LAST_AXES else [])]
    orders = first + [order for order in itertools.permutations(identity) if order not in first]
    found: list[tuple[int, ...]] = []
    moved: set[tuple[int, ...]] = set()
    shape = source[0].shape
    for order in orders:
        if tuple(shape[axis] for axis in order) != lowered[0].shape:
            continue
        essential = tuple(axis for axis in order if shape[axis] != 1)
        if essential in moved:
            continue
        moved.add(essential)
        pairs = zip(source, lowered, strict=True)
        if all(values_agree(np.transpose(a, order), b, tolerance) for a, b in pairs):
            found.append(order)
    return found


def values_agree(expected: npt.NDArray[Any], actual: npt.NDArray[Any], tolerance: float) -> bool:
    """Tell whether two tensors of one shape hold the same values.

    Args:
        expected: What is right.
        actual: What is compared with it.
        tolerance: Largest allowed difference, relative to the largest finite magnitude. NaN
            and infinities have to stand in the same places.
    """
    wide, other = expected.astype(np.float64), actual.astype(np.float64)
    finite = np.isfinite(wide)
    if not np.array_equal(wide[~finite], other[~finite], equal_nan=True):
        return False
    wide, other = wide[finite], other[finite]
    largest = float(np.max(np.abs(wide), initial=0.0)) or 1.0
    difference = np.max(np.abs(wide - other), initial=0.0)
    return bool(difference <= tolerance * largest)
