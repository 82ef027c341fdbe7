"""What joining tensors of different ranges demands: parts that an output joins stay readable."""

from collections.abc import Iterator

from edgekit.converters.contract.base import ContractContext, constraint
from edgekit.converters.graph import DataType, Operator, Subgraph, Tensor

_LEAST_STEPS = 16  # of the 256 that a part had: four bits
_NOTHING = 1e-8  # the scale of a part that is zero on every sample
_MOVES = frozenset(
    "CONCATENATION DEPTH_TO_SPACE DEQUANTIZE EXPAND_DIMS GATHER PACK PAD QUANTIZE RESHAPE SLICE "
    "SPLIT SPLIT_V SQUEEZE STRIDED_SLICE TRANSPOSE UNPACK".split()
)


@constraint("operator")
def joined_ranges_fit_one_scale(
    operator: Operator, subgraph: Subgraph, context: ContractContext
) -> str | None:
    """What a join gives out has parts of much the same range.

    The parts of a CONCATENATION or PACK share one scale. Beside box coordinates in pixels,
    scores between 0 and 1 round to zero, so at an output every part has to keep 16 of its 256
    steps. Give the parts as outputs of their own, in the same units, or pass
    --io float32 --allow-float-islands --engine edgekit, which joins them in float.
    """
    del context
    if operator.kind not in ("CONCATENATION", "PACK") or not _leaves(operator, subgraph):
        return None
    joined = next(subgraph.outputs_of(operator), None)
    if joined is None or joined.dtype is not DataType.INT8 or joined.quantization is None:
        return None
    step = joined.quantization.scales[0]
    worst = min(_parts(operator, subgraph), key=_scale, default=None)
    if worst is None or _scale(worst) * 256 / step >= _LEAST_STEPS:
        return None
    return (
        f"{worst.name} with steps of {_scale(worst):.3g} keeps {_scale(worst) * 256 / step:.2g} "
        f"of its 256 steps where it is joined at steps of {step:.3g}: make the parts outputs of "
        "their own, or pass --io float32 --allow-float-islands --engine edgekit, which joins "
        "them in float"
    )


def _parts(operator: Operator, subgraph: Subgraph) -> Iterator[Tensor]:
    """Yield the int8 tensors that a join requantizes."""
    makers = {index: item for item in subgraph.operators for index in item.outputs}
    for index in operator.inputs:
        maker = makers.get(index)
        if maker is None or maker.kind != "QUANTIZE":
            continue
        part = subgraph.tensors[maker.inputs[0]]
        if part.dtype is DataType.INT8 and part.quantization and _scale(part) > _NOTHING:
            yield part


def _scale(tensor: Tensor) -> float:
    return tensor.quantization.scales[0] if tensor.quantization else 0.0


def _leaves(operator: Operator, subgraph: Subgraph) -> bool:
    """Tell whether what an operator gives reaches an output of the model by being moved."""
    reached = set(operator.outputs)
    for item in subgraph.operators[operator.index + 1 :]:
        if item.kind in _MOVES and reached.intersection(item.inputs):
            reached.update(item.outputs)
    return bool(reached.intersection(subgraph.outputs))
