"""The samples of a comparison: medians of blocks of runs that saw the same loaded models."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from edgekit.benchmarks.errors import ResultFormatError

__all__ = ["BlockGroup"]


@dataclass(frozen=True, slots=True)
class BlockGroup:
    """Blocks of runs, between which nothing was loaded anew.

    Attributes:
        first_us: Median latency of each block of the first model, in the order they ran.
        second_us: The same of the second; where models ran in turns, each at the place of the
            block of the first that ran beside it.
    """

    first_us: tuple[float, ...]
    second_us: tuple[float, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the blocks as plain JSON values."""
        return {"first_us": list(self.first_us), "second_us": list(self.second_us)}

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """Read blocks back.

        Raises:
            ResultFormatError: A field is missing, unknown, or of the wrong kind.
        """
        try:
            made = cls(**{name: tuple(map(float, values)) for name, values in data.items()})
        except (AttributeError, TypeError, ValueError) as error:
            raise ResultFormatError("group of blocks", str(error)) from error
        if not (_positive(made.first_us) and _positive(made.second_us)):
            raise ResultFormatError("group of blocks", "a latency is missing or no positive number")
        return made


def _positive(values: Sequence[float]) -> bool:
    return bool(values) and all(math.isfinite(value) and value > 0 for value in values)
