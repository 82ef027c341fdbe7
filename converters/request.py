"""What integers are asked for."""

from dataclasses import dataclass, field
from enum import StrEnum

from edgekit.bundle.manifest import Io, Scheme

__all__ = ["CalibrationMethod", "FourBits", "QuantizationRequest"]


class CalibrationMethod(StrEnum):
    """How the range of a computed tensor is chosen from the values seen on samples."""

    MIN_MAX = "min-max"  # from the least to the greatest value
    PERCENTILE = "percentile"  # what all but the most extreme 0.01 % keep to
    MSE = "mse"  # the least mean squared error of rounding and clipping
    ENTROPY = "entropy"  # the least Kullback-Leibler divergence from what was seen


@dataclass(frozen=True, slots=True)
class FourBits:
    """Operators whose kernels take INT4 weights beside int8 data, on everything that is to run.

    Attributes:
        one_scale: With one scale for all weights.
        per_channel: With a scale for each output channel.
    """

    one_scale: frozenset[str] = frozenset()
    per_channel: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class QuantizationRequest:
    """What integers are asked for.

    Attributes:
        scheme: How weights and activations are stored.
        io: Type of the floating-point inputs and outputs at the interface.
        per_channel_dense: Whether FULLY_CONNECTED weights may have a scale per output; false
            where a device's runtime cannot run them.
        float_islands: Whether operators without an integer kernel may stay in float.
        calibration_method: How ranges are chosen.
        int16: Under mixed, patterns of the source nodes that get int16 activations; those that
            lose most without any.
        four_bits: Whose weights may be INT4, where they lie on a grid of as many bits.
    """

    scheme: Scheme = Scheme.INT8
    io: Io = Io.INT8
    per_channel_dense: bool = True
    float_islands: bool = False
    calibration_method: CalibrationMethod = CalibrationMethod.MIN_MAX
    int16: tuple[str, ...] = ()
    four_bits: FourBits = field(default_factory=FourBits)
