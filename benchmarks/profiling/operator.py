"""One row of a profile: what an operator, or a partition of several, costs."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

from edgekit.benchmarks.measurement import Measurement, Provenance
from edgekit.benchmarks.statistics import median, median_interval

__all__ = ["OperatorProfile", "PartitionProfile", "added_time"]


@dataclass(frozen=True, slots=True)
class OperatorProfile:
    """What one operator costs.

    Attributes:
        index: Its position in the model's order of execution.
        kind: TFLite's name, ``CONV_2D`` for example.
        output: Name of the first tensor that it writes.
        partition: Index of the partition that a delegate runs it in; None where it runs by
            itself.
        macs: Multiply-accumulates of one inference; 0 for kinds that have none.
        moved_bytes: What it has to read and to write at least: every tensor once, weights
            included.
        added_us: In each round, by how much the model takes longer when it ends with this
            operator instead of before it. Single ones may be negative: noise.
    """

    index: int
    kind: str
    output: str
    partition: int | None
    macs: int
    moved_bytes: int
    added_us: tuple[float, ...]

    @property
    def intensity(self) -> float:
        """Arithmetic intensity: multiply-accumulates for each byte that has to be moved."""
        return self.macs / self.moved_bytes if self.moved_bytes else 0.0

    def time(self, *, seed: int) -> Measurement:
        """Return the median of what it adds; see `added_time`."""
        return added_time(self.added_us, seed=seed)

    def to_json(self) -> dict[str, Any]:
        """Return the row as plain JSON values."""
        return {**asdict(self), "added_us": list(self.added_us)}

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """Read a row back.

        Raises:
            KeyError, TypeError, ValueError: A field is missing, unknown, or of the wrong kind.
        """
        return cls(**{**data, "added_us": tuple(map(float, data["added_us"]))})


@dataclass(frozen=True, slots=True)
class PartitionProfile:
    """What a partition costs, which a delegate runs as one.

    Attributes:
        operators: Indices of its operators.
        macs: Multiply-accumulates of one inference.
        moved_bytes: What it has to read from outside and to write for others at least; what
            stays inside of it may never be written to memory.
        added_us: In each round, by how much the model takes longer with it than without.
    """

    operators: tuple[int, ...]
    macs: int
    moved_bytes: int
    added_us: tuple[float, ...]

    @property
    def intensity(self) -> float:
        """Arithmetic intensity: multiply-accumulates for each byte that has to be moved."""
        return self.macs / self.moved_bytes if self.moved_bytes else 0.0

    def time(self, *, seed: int) -> Measurement:
        """Return the median of what it adds; see `added_time`."""
        return added_time(self.added_us, seed=seed)

    def to_json(self) -> dict[str, Any]:
        """Return the row as plain JSON values."""
        lists = {"operators": list(self.operators), "added_us": list(self.added_us)}
        return {**asdict(self), **lists}

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """Read a row back.

        Raises:
            KeyError, TypeError, ValueError: A field is missing, unknown, or of the wrong kind.
        """
        return cls(
            **{
                **data,
                "operators": tuple(map(int, data["operators"])),
                "added_us": tuple(map(float, data["added_us"])),
            }
        )


def added_time(added_us: Sequence[float], *, seed: int) -> Measurement:
    """Return the median of differences, zero where it is negative.

    The interval is a 95 % bootstrap over rounds and is not clipped: where it reaches below
    zero, what was measured cannot be told from nothing.
    """
    value = max(0.0, median(added_us))
    low, high = median_interval(added_us, seed=seed)
    return Measurement(
        value,
        "us",
        Provenance.MEASURED,
        f"median over {len(added_us)} rounds of what the model takes longer with it than "
        "without, 0 where that is negative; 95 % bootstrap interval over rounds",
        (min(low, value), max(high, value)),
        tuple(added_us),
    )
