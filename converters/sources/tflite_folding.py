"""Make a TFLite graph static: shapes as they are in a run, constants for what no input changes."""

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy.typing as npt

from edgekit.converters.graph import Operator, Subgraph, Tensor
from edgekit.converters.sources.base import SourceError

__all__ = ["fold_known", "refuse_computed_shapes"]

_OF_SHAPES = frozenset(["RANK", "SHAPE"])

# Operator -> inputs whose values decide the shape of the output.
_DECIDING = {
    kind: tuple(int(place) for place in places.split(","))
    for places, kinds in {
        "0": "FILL RANGE TRANSPOSE_CONV CONV_3D_TRANSPOSE SPLIT",
        "1": (
            "BROADCAST_TO EXPAND_DIMS MEAN MIRROR_PAD ONE_HOT PAD PADV2 REDUCE_ALL REDUCE_ANY "
            "REDUCE_MAX REDUCE_MIN REDUCE_PROD RESHAPE RESIZE_BILINEAR RESIZE_NEAREST_NEIGHBOR "
            "SPARSE_TO_DENSE SUM TILE TOPK_V2 TRANSPOSE ARG_MAX ARG_MIN"
        ),
        "2": "SCATTER_ND SLICE",
        "1,2": "BATCH_TO_SPACE_ND SPACE_TO_BATCH_ND SPLIT_V",
        "1,2,3": "STRIDED_SLICE",
    }.items()
    for kind in kinds.split()
}
_OF_DATA = frozenset(["UNIQUE", "WHERE"])


def fold_known(main: Subgraph, values: Mapping[int, npt.NDArray[Any]]) -> Subgraph:
    """Return the graph with the shapes of a run, and without what depends on no input.

    Args:
        main: A float graph; scales on its tensors mean nothing and are dropped.
        values: By tensor index, what a run gave.
    """
    tensors = [_as_in_run(tensor, values.get(tensor.index)) for tensor in main.tensors]
    written = {index for item in main.operators for index in item.outputs}
    given = {*written, *main.inputs}
    known = {
        tensor.index
        for tensor in tensors
        # A tensor without elements has no data in the file, constant or not.
        if tensor.is_constant or (tensor.index not in given and not math.prod(tensor.shape))
    }
    kept = []
    for operator in main.operators:
        reads = [index for index in operator.inputs if index >= 0]
        is_known = operator.kind in _OF_SHAPES or (bool(reads) and known.issuperset(reads))
        if not is_known or any(values[i].size == 0 for i in operator.outputs if i in values):
            kept.append(operator)
            continue
        for index in operator.outputs:
            tensors[index] = replace(tensors[index], data=values[index].tobytes())
            known.add(index)
    operators = tuple(replace(item, index=place) for place, item in enumerate(kept))
    return replace(main, tensors=tuple(tensors), operators=operators)


def refuse_computed_shapes(name: str, main: Subgraph) -> None:
    """Refuse a graph whose shapes depend on the values of its inputs, after folding.

    Raises:
        SourceError: Naming the operator, or an output that is always the same.
    """
    for index in main.outputs:
        if main.tensors[index].is_constant:
            raise SourceError(
                f"output '{main.tensors[index].name}' of {name} depends on no input",
                hint="take it out of the model's outputs",
            )
    for operator in main.operators:
        if operator.kind in _OF_DATA or any(_is_computed(main, operator)):
            raise SourceError(
                f"the shape of '{next(main.outputs_of(operator)).name}' in {name} depends on "
                f"values that {operator.kind} #{operator.index} gets while the model runs",
                hint="export the model with fixed sizes; devices plan their memory beforehand",
            )


def _is_computed(main: Subgraph, operator: Operator) -> list[bool]:
    deciding = _DECIDING.get(operator.kind, ())
    tensors = [
        main.tensors[operator.inputs[place]]
        for place in deciding
        if place < len(operator.inputs) and operator.inputs[place] >= 0
    ]
    return [not tensor.is_constant and math.prod(tensor.shape) > 0 for tensor in tensors]


def _as_in_run(tensor: Tensor, values: npt.NDArray[Any] | None) -> Tensor:
    shape = tensor.shape if values is None else values.shape
    return replace(tensor, shape=shape, quantization=None)
