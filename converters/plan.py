"""The quantization plan: how each tensor of the final model is stored, and why."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from edgekit.bundle.manifest import Scheme
from edgekit.converters.graph import Subgraph, Tensor

__all__ = ["PlannedTensor", "QuantizationPlan", "ScaleSource", "plan_of"]

_FIXED = frozenset({"SOFTMAX", "LOG_SOFTMAX", "LOGISTIC", "TANH", "L2_NORMALIZATION"})
_SAME_AS_INPUT = frozenset(
    [
        "AVERAGE_POOL_2D",
        "MAX_POOL_2D",
        "RESHAPE",
        "SQUEEZE",
        "EXPAND_DIMS",
        "TRANSPOSE",
        "SLICE",
        "STRIDED_SLICE",
        "PAD",
        "SPLIT",
        "GATHER",
        "RESIZE_NEAREST_NEIGHBOR",
        "SPACE_TO_DEPTH",
        "DEPTH_TO_SPACE",
    ]
)


class ScaleSource(StrEnum):
    """Where the scale of a tensor came from."""

    TRAINED = "trained"  # the source's own, bit for bit
    CALIBRATED = "calibrated"  # from the range seen on calibration samples
    FIXED_BY_OPERATOR = "fixed by operator"  # TFLite's specification sets it
    SAME_AS_INPUT = "same as input"  # the operator only moves or selects values
    WEIGHTS = "weights"  # from the constant values themselves
    NONE = "none"  # not quantized


@dataclass(frozen=True, slots=True)
class PlannedTensor:
    """How one tensor is stored.

    Attributes:
        name: Its name in ``model.tflite``.
        dtype: TFLite's name of its type.
        granularity: ``per tensor``, ``per channel`` or ``none``.
        scale_source: Where the scale came from.
    """

    name: str
    dtype: str
    granularity: str
    scale_source: ScaleSource


@dataclass(frozen=True, slots=True)
class QuantizationPlan:
    """How every tensor is stored.

    Attributes:
        scheme: What was asked for.
        method: How ranges were chosen.
        calibration_origin: Where the samples came from, None without calibration.
        calibration_samples: How many samples set the ranges.
        calibration_sha256: Hash of their content, None without calibration.
        tensors: In the order of the file.
    """

    scheme: Scheme
    method: str
    calibration_origin: str | None
    calibration_samples: int
    calibration_sha256: str | None
    tensors: tuple[PlannedTensor, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the plan as plain JSON values."""
        return {"schema_version": 1, **asdict(self)}


def plan_of(subgraph: Subgraph, trained: Collection[str] = ()) -> tuple[PlannedTensor, ...]:
    """Read from a model how its tensors are stored.

    Args:
        subgraph: Of the model.
        trained: Names of tensors that have the grid that training chose.
    """
    makers = {index: op.kind for op in subgraph.operators for index in op.outputs}
    return tuple(
        PlannedTensor(
            name=tensor.name,
            dtype=tensor.dtype.value,
            granularity=_granularity(tensor),
            scale_source=ScaleSource.TRAINED
            if tensor.name in trained
            else _scale_source(tensor, makers.get(tensor.index)),
        )
        for tensor in subgraph.tensors
    )


def _granularity(tensor: Tensor) -> str:
    if tensor.quantization is None:
        return "none"
    return "per channel" if tensor.quantization.is_per_channel else "per tensor"


def _scale_source(tensor: Tensor, maker: str | None) -> ScaleSource:
    if tensor.quantization is None:
        return ScaleSource.NONE
    if tensor.is_constant:
        return ScaleSource.WEIGHTS
    if maker in _FIXED:
        return ScaleSource.FIXED_BY_OPERATOR
    return ScaleSource.SAME_AS_INPUT if maker in _SAME_AS_INPUT else ScaleSource.CALIBRATED
