"""How a benchmark is to be run."""

from dataclasses import asdict, dataclass
from typing import Any, Self

from edgekit.benchmarks.errors import ResultFormatError
from edgekit.benchmarks.option_checks import require_least, require_processors, require_seconds
from edgekit.runtime import Kernels

__all__ = ["QUICK_WINDOW_SECONDS", "BenchmarkOptions"]

QUICK_WINDOW_SECONDS = 0.5
_QUICK_WARMUP_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class BenchmarkOptions:
    """How long and with what to measure.

    The defaults are those of MLPerf Tiny's performance mode: five windows of at least ten
    seconds and ten inferences each (Banbury et al., "MLPerf Tiny Benchmark", 2021, section 4).

    Attributes:
        windows: How many windows of measured runs; the figure is the median over them.
        window_seconds: The runs of a window take at least this long together.
        window_runs: A window holds at least so many runs.
        warmup_seconds: Runs before the windows take at least this long together, and are not
            counted.
        warmup_runs: There are at least so many of those.
        threads: How many threads one inference may use.
        kernels: Which operator implementations to run.
        pin: Processors that the target may use, all that it has where empty.
        seed: Of the random inputs, where none are given, and of all that is drawn.

    Raises:
        InvalidOptionError: A value is out of range.
    """

    windows: int = 5
    window_seconds: float = 10.0
    window_runs: int = 10
    warmup_seconds: float = 1.0
    warmup_runs: int = 1
    threads: int = 1
    kernels: Kernels = Kernels.DEFAULT
    pin: tuple[int, ...] = ()
    seed: int = 0

    def __post_init__(self) -> None:
        require_seconds(self, "window_seconds", "warmup_seconds")
        require_least(self, windows=1, window_runs=1, warmup_runs=0, threads=1, seed=0)
        require_processors(self.pin)

    @classmethod
    def quick(cls, **others: Any) -> Self:
        """Return options for a first look: five windows of half a second each.

        Args:
            others: Further attributes, by name.
        """
        times = {"window_seconds": QUICK_WINDOW_SECONDS, "warmup_seconds": _QUICK_WARMUP_SECONDS}
        return cls(**{**times, **others})

    def to_json(self) -> dict[str, Any]:
        """Return the options as plain JSON values."""
        return {**asdict(self), "kernels": str(self.kernels), "pin": list(self.pin)}

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """Read options back.

        Raises:
            ResultFormatError: A field is missing, unknown, or of the wrong kind.
            InvalidOptionError: A value is out of range.
        """
        try:
            kernels, pin = Kernels(data["kernels"]), tuple(map(int, data["pin"]))
            return cls(**{**data, "kernels": kernels, "pin": pin})
        except (KeyError, TypeError, ValueError) as error:
            raise ResultFormatError("set of benchmark options", str(error)) from error
