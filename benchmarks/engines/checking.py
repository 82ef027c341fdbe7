"""How far the outputs of two engines are apart, on the same inputs."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from edgekit.benchmarks.engines.case import EngineCase, real_values
from edgekit.benchmarks.engines.engine import Form
from edgekit.bundle import TensorSpec

__all__ = ["MIN_SQNR_DB", "OutputCheck", "Outputs", "check_outputs"]

# One mapping for each sample, as an engine gave them.
Outputs = Sequence[dict[str, NDArray[Any]]]

# Below these, something else than rounding is likely. Floats differ by the order of their sums.
# Kernels of one integer model round differently, and where its softmax is undecided they come as
# far apart as quantizing moved the model from its source: 20 dB on real networks; a wrong
# operator leaves a few.
MIN_SQNR_DB = {"float": 60.0, "quantized": 10.0}
_LOWEST_DB = -300.0  # stands for minus infinity, which JSON does not have


@dataclass(frozen=True, slots=True)
class OutputCheck:
    """One engine's outputs held against another's.

    Attributes:
        against: The other engine.
        samples: How many inputs were compared.
        sqnr_db: Signal to noise ratio of the worst output over all samples,
            ``10 log10(sum x^2 / sum (x - y)^2)``; None where all values are equal.
        min_sqnr_db: What is to be expected of two such engines.
        top1_percent: In how many samples both have the same best class; None where the model is
            no classifier with one vector of scores.
        differing_percent: How many raw values differ; None unless both ran the same file.
        max_steps: The largest difference of raw integers, in steps of the output's scale; None
            unless both ran the same file and it gives integers.
    """

    against: str
    samples: int
    sqnr_db: float | None
    min_sqnr_db: float
    top1_percent: float | None = None
    differing_percent: float | None = None
    max_steps: int | None = None

    @property
    def agrees(self) -> bool:
        """Whether the two are as near to each other as is to be expected."""
        return self.sqnr_db is None or self.sqnr_db >= self.min_sqnr_db

    def to_json(self) -> dict[str, Any]:
        """Return the check as plain JSON values."""
        return {**asdict(self), "agrees": self.agrees}

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """Read a check back.

        Raises:
            KeyError, TypeError: A field is missing or unknown.
        """
        return cls(**{name: value for name, value in data.items() if name != "agrees"})


def check_outputs(
    case: EngineCase, against: str, forms: tuple[Form, Form], expected: Outputs, actual: Outputs
) -> OutputCheck:
    """Compare the outputs of two engines.

    Args:
        case: What both ran.
        against: Name of the engine that gave ``expected``.
        forms: In which form the two computed, that of ``expected`` first.
        expected: One mapping for each sample.
        actual: As many, in the same order.
    """
    first, second = forms
    same_file = first is second is Form.BUNDLE
    kind = "float" if first is second is Form.FLOAT else "quantized"
    worst: float = min(
        sqnr_db(_real(spec, first, expected), _real(spec, second, actual)) for spec in case.outputs
    )
    scores = _scores(case)
    return OutputCheck(
        against=against,
        samples=len(actual),
        sqnr_db=None if worst == math.inf else worst,
        min_sqnr_db=MIN_SQNR_DB[kind],
        top1_percent=None
        if scores is None
        else _top1_percent(_real(scores, first, expected), _real(scores, second, actual)),
        differing_percent=_differing_percent(case, expected, actual) if same_file else None,
        max_steps=_max_steps(case, expected, actual) if same_file else None,
    )


def sqnr_db(expected: NDArray[Any], actual: NDArray[Any]) -> float:
    """Return the signal to noise ratio in dB; infinite where the arrays are equal."""
    first, second = expected.astype(np.float64).ravel(), actual.astype(np.float64).ravel()
    if np.array_equal(first, second, equal_nan=True):
        return math.inf
    with np.errstate(invalid="ignore"):
        difference = first - second
        noise, signal = float(difference @ difference), float(first @ first)
    if noise == 0.0:
        return math.inf  # they differ by less than float64 can square
    if not (math.isfinite(noise) and math.isfinite(signal)) or signal == 0.0:
        return _LOWEST_DB
    return max(_LOWEST_DB, 10.0 * (math.log10(signal) - math.log10(noise)))


def _real(spec: TensorSpec, form: Form, outputs: Outputs) -> NDArray[Any]:
    """Return an output of all samples as real values in the axes of the source."""
    values = [sample[spec.name] for sample in outputs]
    if form is Form.BUNDLE:
        values = [real_values(spec, value) for value in values]
    return np.stack([value.reshape(spec.source_shape) for value in values])


def _scores(case: EngineCase) -> TensorSpec | None:
    """Return the output of a classifier: one vector that is not a copy of an input's shape."""
    if len(case.outputs) != 1:
        return None
    (spec,) = case.outputs
    count = math.prod(spec.shape)
    if spec.shape[-1:] != (count,) or count < 2:
        return None
    # An autoencoder gives a vector too; its largest element is no class.
    return None if any(math.prod(item.shape) == count for item in case.inputs) else spec


def _top1_percent(expected: NDArray[Any], actual: NDArray[Any]) -> float:
    count = len(expected)
    best, other = (np.argmax(array.reshape(count, -1), axis=1) for array in (expected, actual))
    return 100.0 * float(np.count_nonzero(best == other)) / count


def _raw_pairs(
    case: EngineCase, expected: Outputs, actual: Outputs
) -> list[tuple[NDArray[Any], NDArray[Any]]]:
    return [
        (one[spec.name], other[spec.name])
        for one, other in zip(expected, actual, strict=True)
        for spec in case.outputs
    ]


def _differing_percent(case: EngineCase, expected: Outputs, actual: Outputs) -> float:
    pairs = _raw_pairs(case, expected, actual)
    differing = sum(int(np.count_nonzero(one != other)) for one, other in pairs)
    return 100.0 * differing / sum(one.size for one, _ in pairs)


def _max_steps(case: EngineCase, expected: Outputs, actual: Outputs) -> int | None:
    integers = [pair for pair in _raw_pairs(case, expected, actual) if pair[0].dtype.kind in "iu"]
    if not integers:
        return None
    return max(
        int(np.max(np.abs(one.astype(np.int64) - other.astype(np.int64))))
        for one, other in integers
    )
