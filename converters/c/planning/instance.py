"""A planning problem in whole granules: which buffers conflict, and how far apart they must be."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

from edgekit.converters.c.planning.buffers import Buffer, Overlap
from edgekit.converters.c.planning.errors import PlanningError

__all__ = ["Instance", "make_instance"]


@dataclass(frozen=True, slots=True)
class Instance:
    """Buffers by number; sizes, offsets and distances are multiples of ``granule_bytes``.

    Two buffers that are alive together keep one of two distances: i below j, with
    ``offset[i] + distance[i, j] <= offset[j]``, or j below i. The distance is the size of the
    lower one, or less where an overlap allows it.

    Attributes:
        granule_bytes: The greatest common divisor of all alignments.
        sizes: In granules, rounded up.
        alignments: In granules.
        neighbours: For each buffer i, its conflicts ``(j, distance[i, j], distance[j, i])``.
        sections: The largest sets of buffers that are alive together.
        savings: For each overlap ``(below, above)``, the granules that the two can share.
    """

    granule_bytes: int
    sizes: tuple[int, ...]
    alignments: tuple[int, ...]
    neighbours: tuple[tuple[tuple[int, int, int], ...], ...]
    sections: tuple[tuple[int, ...], ...]
    savings: Mapping[tuple[int, int], int]

    def aligned(self, index: int, offset: int) -> int:
        """Return the next offset from ``offset`` on at which a buffer may start."""
        alignment = self.alignments[index]
        return -(-offset // alignment) * alignment

    def height(self, members: Iterable[int]) -> int:
        """Return a size below which buffers that are alive together cannot be stacked.

        The outputs of a step do not overlap each other, nor do its inputs. So what an output
        shares with inputs is at most its size, what an input shares with outputs at most its,
        and a union is at least the sum less what each two of them share.
        """
        inside = set(members)
        by_output: dict[int, int] = {}
        by_input: dict[int, int] = {}
        for (below, above), saving in self.savings.items():
            if below in inside and above in inside:
                by_output[below] = by_output.get(below, 0) + saving
                by_input[above] = by_input.get(above, 0) + saving
        shared = min(self._at_most_own_size(by_output), self._at_most_own_size(by_input))
        return sum(self.sizes[index] for index in inside) - shared

    def restricted(self, members: Iterable[int]) -> "Instance":
        """Return the problem of some of the buffers: no plan of all is smaller than its best."""
        kept = sorted(set(members))
        number = {index: position for position, index in enumerate(kept)}
        sections = [frozenset(number[i] for i in row if i in number) for row in self.sections]
        return Instance(
            granule_bytes=self.granule_bytes,
            sizes=tuple(self.sizes[index] for index in kept),
            alignments=tuple(self.alignments[index] for index in kept),
            neighbours=tuple(
                tuple(
                    (number[j], up, down) for j, up, down in self.neighbours[index] if j in number
                )
                for index in kept
            ),
            sections=_largest(sections),
            savings={
                (number[below], number[above]): saving
                for (below, above), saving in self.savings.items()
                if below in number and above in number
            },
        )

    def _at_most_own_size(self, shared: Mapping[int, int]) -> int:
        return sum(min(total, self.sizes[index]) for index, total in shared.items())

    @property
    def lower_bound(self) -> int:
        """The highest of the sections, in granules."""
        return max((self.height(section) for section in self.sections), default=0)


def make_instance(buffers: Sequence[Buffer], overlaps: Sequence[Overlap]) -> Instance:
    """Check buffers and overlaps and return them as an instance.

    Raises:
        PlanningError: They contradict themselves.
    """
    _check_buffers(buffers)
    granule = reduce(math.gcd, (buffer.alignment for buffer in buffers), 0) or 1
    sizes = [-(-buffer.size_bytes // granule) for buffer in buffers]
    closer = _closer_distances(buffers, overlaps, granule)
    return Instance(
        granule_bytes=granule,
        sizes=tuple(sizes),
        alignments=tuple(buffer.alignment // granule for buffer in buffers),
        neighbours=tuple(
            tuple(
                (j, closer.get((i, j), sizes[i]), closer.get((j, i), sizes[j]))
                for j, other in enumerate(buffers)
                if i != j
                and other.first_step <= buffer.last_step
                and buffer.first_step <= other.last_step
            )
            for i, buffer in enumerate(buffers)
        ),
        sections=_sections(buffers),
        savings={
            (below, above): min(sizes[above], sizes[below] - distance)
            for (below, above), distance in closer.items()
        },
    )


def _check_buffers(buffers: Sequence[Buffer]) -> None:
    names = [buffer.name for buffer in buffers]
    for buffer in buffers:
        if names.count(buffer.name) > 1:
            raise PlanningError(buffer.name, "its name stands for several buffers")
        if buffer.size_bytes < 1:
            raise PlanningError(buffer.name, f"its size is {buffer.size_bytes} bytes")
        if buffer.last_step < buffer.first_step:
            raise PlanningError(
                buffer.name, f"it dies in step {buffer.last_step}, before {buffer.first_step}"
            )
        if buffer.alignment < 1 or buffer.alignment & (buffer.alignment - 1):
            raise PlanningError(buffer.name, f"alignment {buffer.alignment} is no power of two")


def _closer_distances(
    buffers: Sequence[Buffer], overlaps: Sequence[Overlap], granule: int
) -> dict[tuple[int, int], int]:
    """Return the distances that are shorter than the lower buffer, in granules."""
    index = {buffer.name: number for number, buffer in enumerate(buffers)}
    closer: dict[tuple[int, int], int] = {}
    for overlap in overlaps:
        pair = f"{overlap.below} over {overlap.above}"
        if overlap.below not in index or overlap.above not in index:
            raise PlanningError(pair, "one of them is no buffer of this plan")
        below, above = index[overlap.below], index[overlap.above]
        if buffers[below].first_step != buffers[above].last_step:
            raise PlanningError(pair, "the second does not die in the step that writes the first")
        distance = -(-max(overlap.distance_bytes, 0) // granule)
        if distance < -(-buffers[below].size_bytes // granule):
            closer[below, above] = distance
    written = {below for below, _ in closer}
    for _, above in closer:
        if above in written and buffers[above].first_step == buffers[above].last_step:
            raise PlanningError(
                buffers[above].name, "the step that writes it may not write over it as well"
            )
    return closer


def _sections(buffers: Sequence[Buffer]) -> tuple[tuple[int, ...], ...]:
    """Return the largest sets that are alive in a step; each begins where something is born."""
    steps = sorted({buffer.first_step for buffer in buffers})
    return _largest(
        [
            frozenset(i for i, buffer in enumerate(buffers) if buffer.is_alive_at(step))
            for step in steps
        ]
    )


def _largest(sets: Sequence[frozenset[int]]) -> tuple[tuple[int, ...], ...]:
    """Return the sets that no other one contains, once each."""
    largest = (one for one in sets if not any(one < other for other in sets))
    return tuple(tuple(sorted(one)) for one in dict.fromkeys(largest))
