"""Checks of sample values, and warnings about data that cannot represent real use."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.converters.calibration.errors import BadValueError, DeclarationError
from edgekit.converters.calibration.spec import InputDeclaration, InputSpec
from edgekit.errors import UnknownNameError

__all__ = [
    "MIN_SAMPLES",
    "CalibrationWarning",
    "WarningCode",
    "check_declarations",
    "check_values",
    "count_warnings",
    "looks_like_noise",
    "value_warnings",
]

# Below this, measured ranges depend on which samples happened to be chosen.
MIN_SAMPLES = 32

# Inputs with fewer elements a sample say too little for the statistics below.
_MIN_ELEMENTS = 64
# Correlations and distances up to these count as none. Along one axis at least, handwritten
# digits have a neighbour correlation of 0.74 and keyword spectra one of 0.97.
_CORRELATION_TOLERANCE = 0.05
_DISTANCE_TOLERANCE = 0.05
# Samples differ by less than this part of the values' own spread: nearly identical.
_IDENTICAL_TOLERANCE = 0.01
# Enough for all distances above, whatever the size of the data.
_MAX_VALUES = 4096
_MAX_POSITIONS = 64


class WarningCode(StrEnum):
    """What a warning is about."""

    FEW_SAMPLES = "few-samples"
    RANDOM = "random"
    IDENTICAL = "identical"
    CONSTANT = "constant"

    @property
    def unreal(self) -> bool:
        """True when data with this warning do not look like real use."""
        return self is not WarningCode.FEW_SAMPLES


@dataclass(frozen=True, slots=True)
class CalibrationWarning:
    """One thing about the data that the user should hear of.

    Attributes:
        code: What it is about.
        message: One sentence for the user.
    """

    code: WarningCode
    message: str


def check_declarations(
    declarations: Mapping[str, InputDeclaration] | None, inputs: Sequence[InputSpec]
) -> Mapping[str, InputDeclaration]:
    """Return the declarations when each names an input and fits its type.

    Raises:
        UnknownNameError: A declaration for an input that the model does not have.
        DeclarationError: Normalisation for an input that takes integers.
    """
    specs = {spec.name: spec for spec in inputs}
    for name, declaration in (declarations or {}).items():
        if name not in specs:
            raise UnknownNameError("input", name, specs)
        image = declaration.image
        if image is None or specs[name].is_float:
            continue
        if set(image.mean) != {0.0} or set(image.std) != {1.0}:
            raise DeclarationError(
                name,
                f"it takes {specs[name].dtype} pixels, which cannot be normalised",
                hint="leave out --mean/--std for this input",
            )
    return declarations or {}


def check_values(array: NDArray[Any], spec: InputSpec, origin: str) -> None:
    """Check the values of one sample.

    Inputs of type int32 and int64 are token ids or indices, so that none is negative.

    Args:
        array: One sample in the source's layout and dtype.
        spec: Its input.
        origin: What error messages call the sample.

    Raises:
        BadValueError: NaN or infinity; a negative token id.
    """
    if spec.is_float:
        finite = np.isfinite(array)
        if not finite.all():
            kind = "NaN" if np.isnan(array).any() else "infinity"
            count = int(finite.size - np.count_nonzero(finite))
            raise BadValueError(
                spec.name,
                origin,
                f"{count} of {finite.size} values are not finite ({kind}, as {spec.dtype})",
                hint="take the sample out, or mend what produced it",
            )
    elif spec.dtype in {"int32", "int64"} and array.size:
        lowest = int(array.min())
        if lowest < 0:
            raise BadValueError(
                spec.name,
                origin,
                f"{lowest} is negative, but {spec.dtype} inputs are token ids or indices",
                hint="write padding as the tokenizer's own padding id, which is 0 or more",
            )


def count_warnings(count: int) -> tuple[CalibrationWarning, ...]:
    """Return the warning about fewer than `MIN_SAMPLES` samples, if any."""
    if count >= MIN_SAMPLES:
        return ()
    plural = "" if count == 1 else "s"
    return (
        CalibrationWarning(
            WarningCode.FEW_SAMPLES,
            f"only {count} sample{plural}: with fewer than {MIN_SAMPLES} the ranges, and "
            "with them the accuracy, depend on which samples these happen to be",
        ),
    )


def value_warnings(
    stacks: Sequence[tuple[InputSpec, NDArray[Any]]],
) -> tuple[CalibrationWarning, ...]:
    """Return what makes the data look unlike real use.

    Args:
        stacks: For each input its specification and some samples, ``[samples, *shape]``.
    """
    warnings = []
    if all(_nearly_identical(stack) for _, stack in stacks):
        warnings.append(
            CalibrationWarning(WarningCode.IDENTICAL, "all samples are (nearly) identical")
        )
    for spec, stack in stacks:
        if not spec.is_float or math.prod(spec.shape) < _MIN_ELEMENTS:
            continue
        if stack.min() == stack.max():
            message = f"input '{spec.name}' has the same value everywhere ({stack.flat[0]})"
            warnings.append(CalibrationWarning(WarningCode.CONSTANT, message))
        elif looks_like_noise(stack):
            message = f"input '{spec.name}' looks like random numbers, not like real data"
            warnings.append(CalibrationWarning(WarningCode.RANDOM, message))
    return tuple(warnings)


def looks_like_noise(stack: NDArray[Any]) -> bool:
    """Tell whether samples look like independent uniform or normal random numbers.

    Three things must come together, each of which real data rarely show:

    1. neighbouring elements are uncorrelated along every axis of a sample;
    2. elements at different places are uncorrelated over the samples (mean squared
       correlation of pairs within 30 % of ``1 / (samples - 1)``, its expectation for
       independent values), tested with eight samples or more;
    3. the values' distribution is within 0.05 (Kolmogorov-Smirnov distance) of the uniform
       or the normal one with their own range, or mean and spread.

    It recognises ``numpy.random.rand``, ``randn`` and ``randint`` pixels. It does not recognise
    smoothed or otherwise shaped noise, and reports real data that were whitened.

    Args:
        stack: ``[samples, *shape]``, finite, not constant.
    """
    values = stack.astype(np.float64)
    return (
        all(_uncorrelated_neighbours(values, axis) for axis in range(1, values.ndim))
        and _uncorrelated_places(values.reshape(len(values), -1))
        and _plain_distribution(values.ravel())
    )


def _uncorrelated_neighbours(values: NDArray[np.float64], axis: int) -> bool:
    if values.shape[axis] < 2:
        return True
    centred = np.moveaxis(values, axis, -1) - values.mean()
    before, after = centred[..., :-1], centred[..., 1:]
    power = math.sqrt(float(np.sum(before**2)) * float(np.sum(after**2)))
    if power == 0.0:
        return False
    correlation = float(np.sum(before * after)) / power
    # Three standard errors of the correlation of independent values.
    return abs(correlation) <= max(_CORRELATION_TOLERANCE, 3 / math.sqrt(before.size))


def _uncorrelated_places(rows: NDArray[np.float64]) -> bool:
    count = len(rows)
    if count < 8:
        return True
    places = np.linspace(0, rows.shape[1] - 1, min(_MAX_POSITIONS, rows.shape[1])).astype(int)
    columns = rows[:, places] - rows[:, places].mean(axis=0)
    spread = np.sqrt(np.sum(columns**2, axis=0))
    if not spread.all():
        return False
    columns /= spread
    squares = (columns.T @ columns)[np.triu_indices(len(places), k=1)] ** 2
    return float(squares.mean()) * (count - 1) <= 1.3


def _plain_distribution(values: NDArray[np.float64]) -> bool:
    step = max(1, math.ceil(values.size / _MAX_VALUES))
    ordered = np.sort(values[::step])
    count = ordered.size
    low, high = ordered[0], ordered[-1]
    uniform = (ordered - low) / (high - low) if high > low else np.zeros(count)
    scaled = (ordered - ordered.mean()) / max(float(ordered.std()), np.finfo(np.float64).tiny)
    normal = np.array([0.5 * (1 + math.erf(value / math.sqrt(2))) for value in scaled])
    # 1.36 / sqrt(n): the distance that true draws pass 5 % of the time (Smirnov's table).
    tolerance = max(_DISTANCE_TOLERANCE, 1.36 / math.sqrt(count))
    return min(_distance(uniform), _distance(normal)) <= tolerance


def _distance(expected: NDArray[np.float64]) -> float:
    """Return the Kolmogorov-Smirnov distance of sorted values, given their expected CDF."""
    steps = np.arange(expected.size + 1) / expected.size
    return float(max(np.abs(steps[1:] - expected).max(), np.abs(expected - steps[:-1]).max()))


def _nearly_identical(stack: NDArray[Any]) -> bool:
    if len(stack) < 2:
        return False
    if stack.dtype.kind != "f":
        return bool((stack == stack[:1]).all())
    values = stack.astype(np.float64)
    between = float(np.sqrt(np.mean((values - values.mean(axis=0)) ** 2)))
    return between <= _IDENTICAL_TOLERANCE * float(values.std())
