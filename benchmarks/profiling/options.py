"""How a profile is to be measured."""

from dataclasses import asdict, dataclass
from typing import Any, Self

from edgekit.benchmarks.option_checks import require_least, require_seconds
from edgekit.runtime import Kernels

__all__ = ["ProfileOptions"]


@dataclass(frozen=True, slots=True)
class ProfileOptions:
    """How long and with what to measure.

    Attributes:
        rounds: How often the parts of the model are loaded and timed anew.
        turns: How often each part has its turn in a round, in an order that is drawn anew.
        block_seconds: About how long a turn takes; one run at least.
        threads: How many threads one inference may use.
        kernels: Which operator implementations run.
        seed: Of the random inputs, where none are given, of the order and of the intervals.

    Raises:
        InvalidOptionError: A value is out of range.
    """

    rounds: int = 15
    turns: int = 5
    block_seconds: float = 0.003
    threads: int = 1
    kernels: Kernels = Kernels.DEFAULT
    seed: int = 0

    def __post_init__(self) -> None:
        require_seconds(self, "block_seconds", above_zero=True)
        require_least(self, rounds=1, turns=1, threads=1, seed=0)

    def to_json(self) -> dict[str, Any]:
        """Return the options as plain JSON values."""
        return {**asdict(self), "kernels": str(self.kernels)}

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """Read options back.

        Raises:
            KeyError, TypeError, ValueError: A field is missing, unknown, or of the wrong kind.
            InvalidOptionError: A value is out of range.
        """
        return cls(**{**data, "kernels": Kernels(data["kernels"])})
