"""A number with its unit and where it comes from: no figure is made or shown without them."""

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from edgekit.benchmarks.errors import MeasurementError, ResultFormatError

__all__ = ["Measurement", "Provenance"]


class Provenance(StrEnum):
    """How a number came about."""

    MEASURED = "measured"  # observed on the device that it speaks of
    EMULATED = "emulated"  # observed on an emulation of the device, exact in what it counts
    ESTIMATED = "estimated"  # computed by a model of the device, within an interval


@dataclass(frozen=True, slots=True)
class Measurement:
    """A value with its unit, provenance and method.

    As text it always shows its provenance: ``str(m)``, or ``f"{m:.2f}"`` with a format of the
    value.

    Attributes:
        value: In ``unit``; finite.
        unit: For example ``us``, ``uJ``, ``bytes`` or ``1/s``.
        provenance: How the number came about.
        method: What was done to get it, in a few words.
        interval: Lowest and highest plausible value, in ``unit``; what it means (for example a
            95 % bootstrap interval) is part of ``method``. Required where ``estimated``.
        samples: The raw values behind ``value``, in ``unit``, in the order of observation.

    Raises:
        MeasurementError: One of these is missing or makes no sense.
    """

    value: float
    unit: str
    provenance: Provenance
    method: str
    interval: tuple[float, float] | None = None
    samples: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if not isinstance(self.provenance, Provenance):
            raise MeasurementError(
                f"its provenance is {self.provenance!r}",
                hint=f"use one of {', '.join(map(repr, Provenance))}",
            )
        if not self.unit or not self.method:
            raise MeasurementError("it has no unit or no method", hint="say what was done")
        if not all(map(math.isfinite, (self.value, *(self.interval or ()), *self.samples))):
            raise MeasurementError("it is not finite", hint="leave out what was not measured")
        if self.interval is None:
            if self.provenance is Provenance.ESTIMATED:
                raise MeasurementError(
                    "it is estimated and has no interval", hint="say how far off it may be"
                )
        elif not self.interval[0] <= self.value <= self.interval[1]:
            raise MeasurementError(
                f"{self.value} {self.unit} lies outside its interval {self.interval}",
                hint="give the lowest value first, then the highest",
            )

    def __format__(self, spec: str) -> str:
        form = spec or ".6g"
        notes = [str(self.provenance)]
        if self.interval is not None:
            low, high = (format(bound, form) for bound in self.interval)
            notes.append(f"{low} to {high}")
        return f"{self.value:{form}} {self.unit} ({', '.join(notes)})"

    def __str__(self) -> str:
        return format(self)

    def to_json(self) -> dict[str, Any]:
        """Return the measurement as plain JSON values."""
        return {
            "value": self.value,
            "unit": self.unit,
            "provenance": str(self.provenance),
            "method": self.method,
            "interval": None if self.interval is None else list(self.interval),
            "samples": list(self.samples),
        }

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """Read a measurement back.

        Raises:
            ResultFormatError: A field is missing, unknown, or of the wrong kind.
            MeasurementError: The fields do not make a measurement.
        """
        try:
            interval = data["interval"]
            if interval is not None:
                low, high = interval
                interval = (float(low), float(high))
            return cls(
                **{
                    **data,
                    "value": float(data["value"]),
                    "provenance": Provenance(data["provenance"]),
                    "interval": interval,
                    "samples": tuple(map(float, data["samples"])),
                }
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ResultFormatError("measurement", str(error)) from error
