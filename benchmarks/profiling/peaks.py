"""What the machine can do at best, which operators are held against: arithmetic and memory."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from time import perf_counter_ns
from typing import Any, Self

import numpy as np

from edgekit.benchmarks.measurement import Measurement, Provenance

__all__ = ["BandwidthPeak", "ComputePeak", "MachinePeaks", "measure_bandwidths"]

# Two arrays each: one that a core's second-level cache holds, and one far beyond any cache of
# the processors that this is run on (the largest today have hundreds of MiB: see `name`).
_COPIES = (("cache", 128 * 1024, 2000), ("memory", 128 * 1024 * 1024, 1))
_REPEATS = 9


@dataclass(frozen=True, slots=True)
class ComputePeak:
    """The most multiply-accumulates a second that a model was seen to reach.

    Attributes:
        dtype: Of what is multiplied, ``INT8`` for example.
        model: The operator and shapes that reached it.
        rate: In multiply-accumulates a second.
    """

    dtype: str
    model: str
    rate: Measurement

    def to_json(self) -> dict[str, Any]:
        """Return the peak as plain JSON values."""
        return {**asdict(self), "rate": self.rate.to_json()}

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """Read a peak back.

        Raises:
            KeyError, TypeError: A field is missing or unknown.
        """
        return cls(**{**data, "rate": Measurement.from_json(data["rate"])})


@dataclass(frozen=True, slots=True)
class BandwidthPeak:
    """How many bytes a second one thread moves when it copies an array.

    Attributes:
        name: ``cache`` or ``memory``: where the arrays fit.
        working_set_bytes: Both arrays together.
        rate: Bytes read and bytes written, a second.
    """

    name: str
    working_set_bytes: int
    rate: Measurement

    def to_json(self) -> dict[str, Any]:
        """Return the peak as plain JSON values."""
        return {**asdict(self), "rate": self.rate.to_json()}

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """Read a peak back.

        Raises:
            KeyError, TypeError: A field is missing or unknown.
        """
        return cls(**{**data, "rate": Measurement.from_json(data["rate"])})


@dataclass(frozen=True, slots=True)
class MachinePeaks:
    """The roofs of a roofline.

    Attributes:
        compute: One for each type that the model multiplies.
        bandwidths: From the fastest to the slowest.
    """

    compute: tuple[ComputePeak, ...]
    bandwidths: tuple[BandwidthPeak, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the peaks as plain JSON values."""
        return {
            "compute": [peak.to_json() for peak in self.compute],
            "bandwidths": [peak.to_json() for peak in self.bandwidths],
        }

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """Read peaks back.

        Raises:
            KeyError, TypeError: A field is missing or unknown.
        """
        return cls(
            compute=tuple(map(ComputePeak.from_json, data["compute"])),
            bandwidths=tuple(map(BandwidthPeak.from_json, data["bandwidths"])),
        )


def measure_bandwidths(
    copies: Sequence[tuple[str, int, int]] = _COPIES,
) -> tuple[BandwidthPeak, ...]:
    """Measure how fast one thread copies.

    Method: ``numpy.copyto`` between two arrays; what counts is what is read and what is written,
    not what a processor may fetch before it overwrites it. (As in the Copy kernel of McCalpin's
    STREAM, https://www.cs.virginia.edu/stream/ref.html.) The fastest of several repeats: a peak
    is what can be reached.

    Args:
        copies: Name, bytes of both arrays together, and how many copies one repeat makes.
    """
    return tuple(_bandwidth(*copy) for copy in copies)


def _bandwidth(name: str, working_set_bytes: int, count: int) -> BandwidthPeak:
    source = np.ones(working_set_bytes // 2, np.uint8)
    target = np.zeros_like(source)
    rates = []
    for _ in range(_REPEATS):
        start = perf_counter_ns()
        for _ in range(count):
            np.copyto(target, source)
        rates.append(count * working_set_bytes / ((perf_counter_ns() - start) / 1e9))
    rate = Measurement(
        max(rates),
        "bytes/s",
        Provenance.MEASURED,
        f"fastest of {_REPEATS} repeats of {count} copies between two arrays of NumPy, read and "
        "written bytes",
        samples=tuple(rates),
    )
    return BandwidthPeak(name, working_set_bytes, rate)
