"""How engines are to be compared."""

from dataclasses import asdict, dataclass
from typing import Any, Self

from edgekit.benchmarks.option_checks import require_least, require_seconds

__all__ = ["EngineOptions"]


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """How long and with what to measure.

    Attributes:
        rounds: In each round, every engine runs one block, in an order that is drawn anew.
        block_seconds: About how long a block takes; one run at least, `MAX_BLOCK_RUNS` at most.
        max_seconds: About how long the blocks of one engine may take together, and how long
            loading its model anew for them. One that would need more takes part, or is loaded,
            in every second, third ... round only.
        threads: How many threads one inference may use.
        timeout_seconds: How long an engine may take to load a model, or to run a block.
        seed: Of the random inputs, where none are given, of the order and of the intervals.

    Raises:
        InvalidOptionError: A value is out of range.
    """

    rounds: int = 30
    block_seconds: float = 0.02
    max_seconds: float = 20.0
    threads: int = 1
    timeout_seconds: float = 300.0
    seed: int = 0

    def __post_init__(self) -> None:
        names = ("block_seconds", "max_seconds", "timeout_seconds")
        require_seconds(self, *names, above_zero=True)
        require_least(self, rounds=1, threads=1, seed=0)

    def to_json(self) -> dict[str, Any]:
        """Return the options as plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """Read options back.

        Raises:
            TypeError: A field is unknown or of the wrong kind.
            InvalidOptionError: A value is out of range.
        """
        return cls(**data)
