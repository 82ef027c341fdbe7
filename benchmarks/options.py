"""How a benchmark is to be run."""

import math
from dataclasses import asdict, dataclass
from typing import Any, Self

from edgekit.benchmarks.errors import InvalidOptionError, ResultFormatError
from edgekit.runtime import Kernels

__all__ = ["BenchmarkOptions"]


@dataclass(frozen=True, slots=True)
class BenchmarkOptions:
    """How long and with what to measure.

    Attributes:
        min_seconds: The measured runs take at least this long together.
        min_runs: There are at least so many measured runs.
        warmup_seconds: Runs before them take at least this long together, and are not counted.
        warmup_runs: There are at least so many of those.
        threads: How many threads one inference may use.
        kernels: Which operator implementations to run.
        seed: Of the random inputs, where none are given, and of the bootstrap intervals.

    Raises:
        InvalidOptionError: A value is out of range.
    """

    min_seconds: float = 2.0
    min_runs: int = 30
    warmup_seconds: float = 0.2
    warmup_runs: int = 1
    threads: int = 1
    kernels: Kernels = Kernels.DEFAULT
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("min_seconds", "warmup_seconds"):
            seconds = getattr(self, name)
            if not (math.isfinite(seconds) and seconds >= 0):
                raise InvalidOptionError(name, seconds, "a number of seconds, 0 or more")
        for name, least in (("min_runs", 1), ("warmup_runs", 0), ("threads", 1), ("seed", 0)):
            if getattr(self, name) < least:
                raise InvalidOptionError(name, getattr(self, name), f"{least} or more")

    def to_json(self) -> dict[str, Any]:
        """Return the options as plain JSON values."""
        return {**asdict(self), "kernels": str(self.kernels)}

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """Read options back.

        Raises:
            ResultFormatError: A field is missing, unknown, or of the wrong kind.
        """
        try:
            return cls(**{**data, "kernels": Kernels(data["kernels"])})
        except (KeyError, TypeError, ValueError) as error:
            raise ResultFormatError("set of benchmark options", str(error)) from error
