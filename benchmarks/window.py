"""One window of measured runs, with its raw samples."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

from edgekit.benchmarks.errors import ResultFormatError
from edgekit.benchmarks.statistics import median, throughput

__all__ = ["MAX_WINDOW_SAMPLES", "Window"]

# Of a model that takes microseconds, ten seconds hold millions of runs. Beyond this, a window
# keeps a random part of them; percentiles of so many do not move any more.
MAX_WINDOW_SAMPLES = 20_000


@dataclass(frozen=True, slots=True)
class Window:
    """Runs back to back.

    Attributes:
        started_s: When it began, in seconds after the first window did.
        seconds: How long it took by the caller's clock, with what lies between the runs.
        runs: How many inferences ran in it.
        total_us: Sum of the latencies of all of them, by the target's clock.
        samples_us: Latencies in the order they ran: of every run, or of a random part of them,
            where there were more than about `MAX_WINDOW_SAMPLES`.
    """

    started_s: float
    seconds: float
    runs: int
    total_us: float
    samples_us: tuple[float, ...]

    @property
    def median_us(self) -> float:
        """The median latency of this window."""
        return median(self.samples_us)

    @property
    def throughput_per_s(self) -> float:
        """Inferences per second of all runs, one after the other."""
        return throughput((self.total_us / self.runs,))

    def to_json(self) -> dict[str, Any]:
        """Return the window as plain JSON values."""
        return {**asdict(self), "samples_us": list(self.samples_us)}

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """Read a window back.

        Raises:
            ResultFormatError: A field is missing, unknown, or of the wrong kind.
        """
        try:
            made = cls(**{**data, "samples_us": tuple(map(float, data["samples_us"]))})
            numbers = (made.started_s, made.seconds, made.total_us)
            _check(made.samples_us, made.runs, all(map(math.isfinite, numbers)))
        except (KeyError, TypeError, ValueError) as error:
            raise ResultFormatError("window of a benchmark", str(error)) from error
        return made


def _check(samples: Sequence[float], runs: int, finite: bool) -> None:
    if not finite:
        raise ValueError("a time is not finite")
    if not samples or not all(math.isfinite(value) and value > 0 for value in samples):
        raise ValueError("a sample is missing or no positive number")
    if runs < len(samples):
        raise ValueError(f"{len(samples)} samples of {runs} runs")
