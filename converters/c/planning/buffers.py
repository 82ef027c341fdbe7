"""What is planned, and the plan: buffers that live for some steps, offsets in one arena."""

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["Buffer", "MemoryPlan", "Overlap"]


@dataclass(frozen=True, slots=True)
class Buffer:
    """Memory that is needed from one step to another.

    Attributes:
        name: What it is, unique in its plan.
        size_bytes: Its size, at least 1.
        first_step: The step that writes it first; a model's inputs exist at step 0.
        last_step: The last step that needs it, the same or later.
        alignment: Its offset is a multiple of this power of two.
    """

    name: str
    size_bytes: int
    first_step: int
    last_step: int
    alignment: int = 16

    def is_alive_at(self, step: int) -> bool:
        """Whether its content matters while ``step`` runs."""
        return self.first_step <= step <= self.last_step


@dataclass(frozen=True, slots=True)
class Overlap:
    """A step that may write its output over an input that dies there.

    Reading and writing proceed upwards together; ``distance_bytes`` is how far writing may run
    ahead of reading at most, measured from the two starts. With
    ``below.offset + distance_bytes <= above.offset``, nothing is overwritten before it was read.
    The distance of an elementwise operator is 0: its output may lie exactly on its input.

    Attributes:
        below: The output, which the step writes.
        above: The input, which no later step needs.
        distance_bytes: At most the output's size, where the two are simply disjoint; negative
            ones allow no more than 0 does.
    """

    below: str
    above: str
    distance_bytes: int


@dataclass(frozen=True, slots=True)
class MemoryPlan:
    """Offsets of all buffers in one arena.

    Attributes:
        offsets: By buffer, in bytes.
        size_bytes: Size of the arena, a multiple of the smallest alignment.
        lower_bound_bytes: No arena in this order of steps can be smaller: the most bytes that
            are alive in one step, less what the overlaps can save there.
        is_optimal: Whether no smaller arena exists, by the bound or by an exhausted search.
        method: How the plan was found, in words.
        buffers: What was planned.
        overlaps: What was allowed to overlap.
    """

    offsets: Mapping[str, int]
    size_bytes: int
    lower_bound_bytes: int
    is_optimal: bool
    method: str
    buffers: tuple[Buffer, ...] = ()
    overlaps: tuple[Overlap, ...] = ()
