"""The samples of a PPK2: from four bytes each to amperes, and which of them are missing."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["SAMPLE_BYTES", "SAMPLE_RATE_HZ", "Ppk2Calibration", "amperes", "full_scale", "numbers"]

SAMPLE_RATE_HZ = 100_000
SAMPLE_BYTES = 4
# A sample, from its lowest bit: 14 bits of ADC, 3 of range, 1 unused, 6 of counter, 8 of logic
# inputs (Nordic, pc-nrfconnect-ppk, src/device/serialDevice.ts).
_ADC_BITS, _RANGE_SHIFT, _COUNTER_SHIFT = 14, 14, 18
_COUNTS = 64
_RANGES = 5
# The filter of spikes that follow a change of range, with Nordic's constants.
_ALPHA, _ALPHA_HIGHEST, _FILTERED_SAMPLES = 0.18, 0.06, 3


@dataclass(frozen=True, slots=True)
class Ppk2Calibration:
    """What a PPK2 tells of itself: coefficients of each of its five ranges.

    Attributes:
        resistance_ohm: Shunts (R).
        gain_square: GS.
        gain: GI.
        offset: O, in steps of the ADC.
        slope: S, in A/V.
        intercept: I, in A.
        user_gain: UG.
        step_v: Volts to a step of the ADC.
    """

    resistance_ohm: NDArray[np.float64]
    gain_square: NDArray[np.float64]
    gain: NDArray[np.float64]
    offset: NDArray[np.float64]
    slope: NDArray[np.float64]
    intercept: NDArray[np.float64]
    user_gain: NDArray[np.float64]
    step_v: float

    @classmethod
    def of(cls, modifiers: dict[str, Any], step_v: float) -> "Ppk2Calibration":
        """Take the coefficients from what ppk2-api read of the device."""

        def each(name: str) -> NDArray[np.float64]:
            return np.array([float(modifiers[name][str(index)]) for index in range(_RANGES)])

        return cls(
            each("R"), each("GS"), each("GI"), each("O"), each("S"), each("I"), each("UG"), step_v
        )


def numbers(words: NDArray[np.uint32]) -> NDArray[np.int64]:
    """Return the place of each sample in what the device took: lost ones leave numbers out.

    The device numbers samples modulo 64, so a loss of exactly a multiple of 64 cannot be seen
    here; their total against the time that passed shows it.
    """
    counters = (words >> _COUNTER_SHIFT & (_COUNTS - 1)).astype(np.int64)
    steps = (np.diff(counters) - 1) % _COUNTS + 1
    return np.asarray(np.concatenate(([0], np.cumsum(steps))), np.int64)


def full_scale(words: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Return which samples are at the end of the highest range."""
    at_end = (words & (1 << _ADC_BITS) - 1) == (1 << _ADC_BITS) - 1
    return np.asarray(at_end & (_ranges(words) == _RANGES - 1), np.bool_)


def amperes(
    words: NDArray[np.uint32], calibration: Ppk2Calibration, supply_mv: float
) -> NDArray[np.float64]:
    """Return the current of each sample in A.

    The conversion and the filter after a change of range are those of Nordic's application
    (pc-nrfconnect-ppk, src/device/serialDevice.ts, getAdcResult), computed for all samples at
    once; tests hold them against the package ppk2-api.

    Args:
        words: The samples as they came.
        calibration: Of this very device.
        supply_mv: Supply voltage of the device under test in mV.
    """
    ranges = _ranges(words)
    steps = (words & (1 << _ADC_BITS) - 1).astype(np.float64) * 4
    own = calibration
    plain = (steps - own.offset[ranges]) * (own.step_v / own.resistance_ohm[ranges])
    current = own.user_gain[ranges] * (
        plain * (own.gain_square[ranges] * plain + own.gain[ranges])
        + (own.slope[ranges] * (supply_mv / 1000) + own.intercept[ranges])
    )
    return _filtered(current, ranges)


def _ranges(words: NDArray[np.uint32]) -> NDArray[np.int64]:
    return np.asarray(np.minimum(words >> _RANGE_SHIFT & 0b111, _RANGES - 1), np.int64)


def _filtered(current: NDArray[np.float64], ranges: NDArray[np.int64]) -> NDArray[np.float64]:
    """Replace the samples that follow a change of range by a running average of those before."""
    if current.size == 0 or not np.any(np.diff(ranges)):
        return current
    highest = _RANGES - 1
    values, kinds = current.tolist(), ranges.tolist()
    result = list(values)
    mean = mean_highest = values[0]
    after, run = 0, 0
    for index, (previous, kind) in enumerate(pairwise(kinds), start=1):
        value = values[index]
        before, before_highest = mean, mean_highest
        mean += _ALPHA * (value - mean)
        mean_highest += _ALPHA_HIGHEST * (value - mean_highest)
        changed = previous != kind
        if not changed and after <= 0:
            continue
        after = _FILTERED_SAMPLES if changed else after
        run = 0 if changed else run + 1
        if kind == highest:
            if run < 2:
                mean, mean_highest = before, before_highest
            result[index] = mean_highest
        else:
            result[index] = mean
        after -= 1
    return np.array(result, np.float64)
